/**
 * The reports that were made and sent, each a link to its PDF: those of the whole room, or of the reader's own agency.
 */
import { getJson } from "../feed/http.js";
import { element, find, mark, write } from "../ui/dom.js";

/** @typedef {import("../agency/room.js").LeadRoom} LeadRoom */
/** @typedef {{report: "daily" | "weekly" | "monthly", first: string, last: string, agency: string | null, late: boolean, file: string, readers: number, reached: number}} Report */

const SHOWN = 12;
const EVERY_MS = 600_000;
const NOON_MS = 12 * 3600e3;

/** @param {Document} page @param {LeadRoom} room @param {string} asked the reader's own part of the address, on a trusted machine */
export function mountReports(page, room, asked) {
  const box = find(page, ".printed");
  write(find(box, "h2"), room.lead("reports"));
  const look = async () => {
    const answer = /** @type {{items: Report[]} | null} */ (await getJson(`/api/v1/reports?limit=${SHOWN}${asked}`).catch(() => null));
    const items = answer?.items ?? [];
    mark(box, "data-shown", String(items.length > 0));
    find(box, "ul").replaceChildren(...items.map((one) => rowOf(one, room)));
  };
  look();
  setInterval(look, EVERY_MS);
}

/** @param {Report} one @param {LeadRoom} room */
function rowOf(one, room) {
  const row = element("li", "printed-row");
  const link = element("a", "", room.lead(`report_${one.report}`, { days: daysOf(one, room) }));
  mark(link, "href", one.file);
  const of = one.agency === null ? "" : (room.city.agency(one.agency) ?? one.agency);
  const sent = one.readers === 0 ? "" : room.lead("report_sent", { n: room.format.number(one.reached), of: room.format.number(one.readers) });
  row.append(link, element("span", "note", [of, sent, one.late ? room.lead("report_late") : ""].filter(Boolean).join(", ")));
  return row;
}

/** @param {Report} one @param {LeadRoom} room a date of the city has no zone: it is shown as it stands, read at its noon */
function daysOf({ first, last }, room) {
  const said = [first, last].map((day) => room.format.day(Date.parse(`${day}T00:00:00Z`) + NOON_MS));
  return first === last ? (said[0] ?? first) : said.join(" – ");
}
