/**
 * Entry of the page of sources: asks for the list every few seconds, shows one source's quarantine, and orders sources.
 */
import { createSender, readAs } from "../../feed/http.js";
import { cityOf } from "../../ui/city.js";
import { elementWith, find, mark, write } from "../../ui/dom.js";
import { formatIn } from "../../ui/format.js";
import { languageOf, sayIn } from "../../ui/language.js";
import { whoIn } from "../../ui/user.js";
import { ask, mountDialogs } from "../dialogs.js";
import { mountExport, mountSeat, personAt } from "../page.js";
import { dayOf, isSilent, ordered, Rows, squareOf } from "./list.js";
import { Quarantine } from "./quarantine.js";

/** @typedef {import("./list.js").Source} Source */

const EVERY_MS = 5000;
/** In which the page acts while nobody is logged in. */
const ROLE = "supervisor";

const page = document.documentElement;
const lang = languageOf(document);
const say = sayIn(lang, "sources");
const city = cityOf(document, lang);
const format = formatIn(lang, city);
const who = whoIn(document);
const person = personAt(sessionStorage, () => crypto.randomUUID());
const send = createSender(who, () => ({ actor: person.read().actor, role: ROLE }));
let heardAt = performance.now();
/** @type {{chosen: string | null, list: {sources: Source[], guests: boolean, now: string | null} | null}} */
const place = { chosen: null, list: null };

for (const node of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-say]"))) {
  write(node, say(/** @type {import("./list.js").Word} */ (node.dataset.say)));
}
mountDialogs(document);
const somebody = mountSeat(document, { say, person, who });
const now = () => Date.parse(place.list?.now ?? "") + (performance.now() - heardAt);
const rows = new Rows(find(document, ".attention"), find(document, ".others"), { say, format, now }, choose);
const panel = find(document, ".panel");
const quarantine = new Quarantine(panel, { say, format, send, named, somebody, done: look });
const searchField = /** @type {HTMLInputElement} */ (find(document, '[name="find"]'));

/** @param {string} path @returns {string} as this person reads it: what is shown of an entry is noted under a name */
function named(path) {
  const { actor } = person.read();
  const asked = readAs(path, who, ROLE);
  return who || !actor ? asked : `${asked}&actor=${encodeURIComponent(actor)}`;
}

/** @param {string} id */
function choose(id) {
  place.chosen = id;
  write(find(panel, ".said"), "");
  paint();
}

/** @returns {Source | null} */
function chosen() {
  return place.list?.sources.find(({ id }) => id === place.chosen) ?? null;
}

function paint() {
  const list = place.list;
  if (list === null) return;
  page.dataset.guests = String(list.guests);
  const sought = searchField.value.trim().toLowerCase();
  const all = ordered(list.sources);
  const found = all.filter(({ name }) => name.toLowerCase().includes(sought));
  place.chosen ??= all.find(({ open }) => open > 0)?.id ?? null;
  rows.paint(found, place.chosen);
  write(find(document, ".sum"), sumOf(list.sources));
  paintSquares(list.sources);
  const none = find(document, ".none");
  none.hidden = found.length > 0;
  write(none, say(list.sources.length > 0 ? "none_found" : "none"));
  quarantine.show(chosen(), list.guests);
  paintOrders(chosen());
  page.dataset.listed = "true";
}

/** @param {readonly Source[]} sources */
function sumOf(sources) {
  const count = (/** @type {(source: Source) => boolean} */ fits) => sources.filter(fits).length;
  const [silent, rejecting] = [count(isSilent), count(({ open }) => open > 0)];
  const sum = (/** @type {(source: Source) => number} */ of) => format.number(sources.reduce((n, one) => n + of(one), 0));
  return [
    say("sum", { n: format.number(sources.length) }),
    ...(silent > 0 ? [say("sum_silent", { n: format.number(silent) })] : []),
    ...(rejecting > 0 ? [say("sum_rejecting", { n: format.number(rejecting) })] : []),
    say("sum_day", { n: sum(dayOf), q: sum(({ open }) => open) }),
  ].join(" · ");
}

/** @param {readonly Source[]} sources a square each, the busiest first */
function paintSquares(sources) {
  const busiest = [...sources].sort((a, b) => dayOf(b) - dayOf(a) || a.name.localeCompare(b.name));
  write(find(document, ".squares-words"), say("squares", { n: format.number(sources.length) }));
  const box = find(document, ".squares");
  const words = busiest.map((one) => `${one.id} ${squareOf(one)}`).join("\n");
  if (box.dataset.shown === words) return;
  box.dataset.shown = words;
  box.replaceChildren(...busiest.map((one) => {
    const square = elementWith("i", "", { title: one.name, "data-filled": squareOf(one) });
    square.addEventListener("click", () => choose(one.id));
    return square;
  }));
}

/** @param {Source | null} source */
function paintOrders(source) {
  find(panel, ".orders").hidden = source === null;
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (panel.querySelectorAll("[data-order]"))) {
    const order = button.dataset.order;
    button.hidden = source === null || (order === "pause" && source.state === "paused") || (order === "resume" && source.state !== "paused");
  }
}

/** @param {string} order */
async function give(order) {
  const source = chosen();
  if (!source || !(await somebody())) return;
  if (order !== "resume" && !(await ask(document, order, { title: say(/** @type {"pause_title"} */ (`${order}_title`), { name: source.name }) }))) return;
  const answer = await send("POST", `/api/v1/sources/${encodeURIComponent(source.id)}/${order}`, {}).catch(() => null);
  const said = find(panel, ".said");
  if (answer?.status !== 200) return write(said, answer?.status === 403 ? say("role") : String(answer?.body?.message ?? say("no_answer")));
  write(said, say(/** @type {"pause_done"} */ (`${order}_done`)));
  void look();
  if (order === "rotate") await showKey(source.name, String(answer.body.key));
}

/** Shows a new key once. @param {string} name @param {string} key */
async function showKey(name, key) {
  const field = /** @type {HTMLInputElement} */ (find(document, 'dialog[data-dialog="new_key"] [name="key"]'));
  field.value = key;
  const closed = ask(document, "new_key", { title: say("new_key_title", { name }) });
  field.select();
  await closed;
  field.value = "";
}

async function look() {
  try {
    const { status, body } = await send("GET", readAs("/api/v1/sources", who, ROLE));
    if (status === 401 || status === 403) location.reload();
    if (status !== 200) throw new Error(String(status));
    place.list = body;
    heardAt = performance.now();
    paint();
  } catch {
    // The line above says since when; the next look comes by itself.
  }
  const silent = performance.now() - heardAt;
  const lost = find(document, ".lost");
  lost.hidden = silent < 3 * EVERY_MS;
  write(lost, lost.hidden ? "" : say("lost", { span: format.span(silent) }));
}

for (const button of /** @type {NodeListOf<HTMLElement>} */ (panel.querySelectorAll("[data-order]"))) {
  button.addEventListener("click", () => void give(button.dataset.order ?? ""));
}
searchField.addEventListener("input", paint);
mountExport(document, who ? null : () => ({ actor: person.read().actor, role: ROLE }), () => ({ find: searchField.value.trim() }));
mark(page, "data-listed", "false");
async function keepLooking() {
  await look();
  setTimeout(keepLooking, EVERY_MS);
}
void keepLooking();
