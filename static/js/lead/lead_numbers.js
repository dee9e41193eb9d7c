/**
 * The numbers: what is late and what it waits for, what is asked, today against usual, how it ended. Each is a link down.
 */
import { hasWorked } from "../feed/messages.js";
import { element, find, mark, show, write } from "../ui/dom.js";
import { WHYS } from "./lead_count.js";
import { mountShares } from "./lead_shares.js";

/** @typedef {import("./lead_room.js").LeadRoom} LeadRoom */
/** @typedef {import("../feed/messages.js").LeadFigure} LeadFigure */
/** @typedef {import("../feed/messages.js").LeadRow} LeadRow */
/** @typedef {Partial<import("./lead_place.js").Place>} Go */
/** @typedef {{now: import("./lead_count.js").Now, figure: LeadFigure | null, row: LeadRow | null, agency: string, asked: {n: number, over: number}, late: Map<string, string[]>, known: boolean, to: (go: Go) => string}} Look row: of the agency, or of all */

const ENDS = /** @type {const} */ (["finished", "unproved", "reopened", "median"]);

/** @param {HTMLElement} link @param {string} words @param {Go} go @param {Look} look a number that leads to its list; none leads nowhere */
export function writeLink(link, words, go, look) {
  write(link, words);
  mark(link, "href", look.to(go));
}

/** @param {Document} page @param {LeadRoom} room @returns {(look: Look) => void} */
export function mountNumbers(page, room) {
  const parts = [mountLate, mountAsked, mountToday, mountHow].map((mount) => mount(page, room));
  const shares = mountShares(page, room);
  return (look) => {
    for (const paint of parts) paint(look);
    shares(look);
  };
}

/** @param {Document} page @param {LeadRoom} room @returns {(look: Look) => void} */
function mountLate(page, { lead, format }) {
  const root = find(page, ".late");
  const [figure, open] = [find(root, ".show"), find(root, ".beside")];
  write(find(root, "h2"), lead("late"));
  const rows = WHYS.map((why) => {
    const [n, name, bar] = [element("span", "why-n"), element("span", "why-name", lead(`why_${why}`)), element("span", "why-bar")];
    const link = element("a", "why-link", n, name, bar);
    return { why, n, bar, link, node: element("li", "why", link) };
  });
  find(root, ".whys").append(...rows.map(({ node }) => node));
  return (look) => {
    const { now } = look;
    writeLink(figure, look.known ? format.number(now.late) : "–", { list: "late" }, look);
    writeLink(open, lead("late_of", { n: look.known ? format.number(now.open) : "–" }), { list: "open" }, look);
    for (const { why, n, bar, link, node } of rows) {
      const number = now.whys.get(why) ?? 0;
      show(node, number > 0);
      write(n, format.number(number));
      mark(link, "href", look.to({ list: "late", why }));
      bar.style.transform = `scaleX(${(number / Math.max(1, now.late)).toFixed(3)})`;
    }
  };
}

/** @param {Document} page @param {LeadRoom} room @returns {(look: Look) => void} */
function mountAsked(page, { lead, format }) {
  const root = find(page, ".asked");
  const [figure, words] = [find(root, ".show"), find(root, ".beside")];
  write(find(root, "h2"), lead("asked"));
  return (look) => {
    const { n, over } = look.asked;
    writeLink(figure, look.figure ? format.number(n) : "–", { list: "asked" }, look);
    mark(root, "data-over", String(over > 0));
    write(words, n === 0 ? lead("asked_none") : [lead("asked_open"), ...(over > 0 ? [`${format.number(over)} ${lead("asked_over")}`] : [])].join(" · "));
  };
}

/** @param {Document} page @param {LeadRoom} room @returns {(look: Look) => void} */
function mountToday(page, room) {
  const root = find(page, ".today");
  write(find(root, "h2"), room.lead("today"));
  const series = /** @type {const} */ ([["in", "received"], ["done", "done"]]).map(([list, line]) => {
    const [figure, name, usual] = [element("a", "mid"), element("span", "beside", room.lead(list)), element("p", "note")];
    find(root, ".pair").append(element("div", "pair-part", element("p", "pair-line", figure, name), usual));
    return { list, line, figure, usual };
  });
  return (look) => {
    for (const { list, line, figure, usual } of series) {
      writeLink(figure, look.known ? room.format.number(look.now[list]) : "–", { list }, look);
      write(usual, usualWords(list, line, look, room));
    }
  };
}

/** @param {"in" | "done"} list @param {"received" | "done"} line @param {Look} look @param {LeadRoom} room today is compared for all together; an agency with its own last days */
function usualWords(list, line, { figure, row, agency }, { lead, format }) {
  if (!figure) return "";
  if (agency || !figure.trend) {
    const days = row?.[line].slice(0, -1) ?? [];
    return days.length > 0 ? lead("usual_agency", { n: format.decimal(days.reduce((sum, n) => sum + n, 0) / days.length) }) : "";
  }
  const { weeks, day } = figure.trend;
  const { usual_total: usual, change } = figure.trend[list];
  if (usual === null) return lead("no_usual");
  const words = lead("usual", { n: format.number(usual), weekday: format.weekday(Date.parse(`${day}T12:00:00Z`)), weeks });
  return change === null ? words : `${format.change(change)}, ${words}`;
}

/** @param {Document} page @param {LeadRoom} room @returns {(look: Look) => void} */
function mountHow(page, room) {
  const { lead } = room;
  const root = find(page, ".how");
  write(find(root, "h2"), lead("how"));
  const rows = ENDS.map((name) => {
    const [figure, note] = [element(name === "median" ? "span" : "a", "mid"), element("span", "note")];
    find(root, ".hows").append(element("li", "how-row", figure, element("span", "how-name", lead(name)), note));
    return { name, figure, note };
  });
  return (look) => {
    write(find(root, ".window"), look.figure ? windowWords(look.figure, room) : "");
    for (const { name, figure, note } of rows) {
      const [words, beside] = look.row ? endWords(name, look.row, look, room) : ["–", ""];
      if (name === "median") write(figure, words);
      else writeLink(figure, words, { list: name }, look);
      write(note, beside);
    }
  };
}

/** @param {LeadFigure} figure @param {LeadRoom} room "10 hari kerja terakhir", or that no working time has run yet */
export function windowWords({ window: past }, { lead, format }) {
  return hasWorked(past) ? lead("days", { n: format.decimal(past.working_days) }) : lead("days_none");
}

/** @param {typeof ENDS[number]} name @param {LeadRow} row @param {Look} look @param {LeadRoom} room @returns {[string, string]} the number, and of what it is a part */
function endWords(name, { finished, unproved, reopened, median }, { figure }, { lead, format }) {
  const of = (/** @type {number} */ n) => lead("of_finished", { n: format.number(n) });
  switch (name) {
    case "finished": return [format.number(finished), ""];
    case "unproved": return [format.number(unproved), of(finished)];
    case "reopened": return [format.number(reopened.n), of(reopened.of)];
    default: {
      const options = { working: median?.clock === "working", dayMs: (figure?.working_day_s || 86_400) * 1000 };
      // Before any working time has run whatever was finished took none of it, which says nothing.
      if (median?.clock === "working" && figure && !hasWorked(figure.window)) return ["–", lead("median_n", { n: format.number(median.n) })];
      return median ? [format.span(median.s * 1000, options), lead("median_n", { n: format.number(median.n) })] : ["–", ""];
    }
  }
}
