/**
 * Entry of the outbox page: asks for the list every two seconds, moves by keys, and sends what a supervisor commands.
 */
import { fromLocalInput, toLocalInput } from "../../feed/clock.js";
import { createSender, getJson, readAs } from "../../feed/http.js";
import { wayName } from "../../ui/alarms.js";
import { cityOf } from "../../ui/city.js";
import { element, find, mark, write } from "../../ui/dom.js";
import { formatIn } from "../../ui/format.js";
import { whoIn } from "../../ui/user.js";
import { languageOf, sayIn } from "../../ui/language.js";
import { ask, asking, mountDialogs } from "../dialogs.js";
import { mountExport, mountSeat, personAt } from "../page.js";
import { placeOf, questionOf, Rows, searchOf, VIEWS } from "./list.js";

/** @typedef {import("./list.js").Row} Row */
/** @typedef {import("./list.js").Place} Place */

// Actions of a supervisor: each asks for what it needs and says what came of it.

/** @typedef {{say: import("../../ui/language.js").Say<"outbox">, send: import("../../feed/http.js").Send, person: ReturnType<typeof import("../page.js").personAt>, who: import("../../feed/http.js").Who | null, look: () => Promise<void>, now: () => number, longest: () => number, zone: string, format: import("../../ui/format.js").Format}} Desk now: room time, ms; longest: how far ahead a failure may be noted as known, ms */

const HOUR = 3_600_000;
const SPANS = /** @type {const} */ ([["hours", 2], ["hours", 8], ["tomorrow", 24], ["days", 72], ["days", 168]]);

/** @param {Document} page @param {Desk} desk */
function mountActions(page, desk) {
  const { say } = desk;
  const somebody = mountSeat(page, desk);
  mountSpans(page, desk);
  find(page, '[data-act="release"]').addEventListener("click", async () => (await somebody()) && asked(page, desk, "release", null));
  return {
    /** @param {Row} row @param {import("./list.js").Act} act @param {import("./list.js").Rows} rows */
    async give(row, act, rows) {
      if (!(await somebody())) return;
      if (act === "know") return asked(page, desk, "know", row);
      const no = await post(desk, `/api/v1/outbox/${row.id}/resend`, {});
      rows.tell(row.id, no === null ? say("asked") : say("failed", { why: no }));
      await desk.look();
    },
  };
}

/** The usual spans, each a button that fills in its moment. @param {Document} page @param {Desk} desk */
function mountSpans(page, desk) {
  const { say, now } = desk;
  find(page, ".spans").replaceChildren(...SPANS.map(([word, hours]) => {
    const button = element("button", "", say(word, { n: word === "days" ? hours / 24 : hours }));
    mark(button, "type", "button");
    button.addEventListener("click", () => setUntil(page, desk, now() + hours * HOUR));
    return button;
  }));
  untilIn(page).addEventListener("input", () => sayUntil(page, desk));
}

/** @param {Document} page @returns {HTMLInputElement} */
function untilIn(page) {
  return /** @type {HTMLInputElement} */ (/** @type {unknown} */ (find(page, '[name="until"]')));
}

/** @param {Document} page @param {Desk} desk */
function fillUntil(page, desk) {
  const { now, longest, zone } = desk;
  const until = untilIn(page);
  until.min = toLocalInput(now(), zone);
  until.max = toLocalInput(now() + longest(), zone);
  setUntil(page, desk, now() + SPANS[0][1] * HOUR);
}

/** @param {Document} page @param {Desk} desk @param {number} ms */
function setUntil(page, desk, ms) {
  untilIn(page).value = toLocalInput(ms, desk.zone);
  sayUntil(page, desk);
}

/** In words beside the field, whose order of day and month is the browser's. @param {Document} page @param {Desk} desk */
function sayUntil(page, { zone, format }) {
  const ms = fromLocalInput(untilIn(page).value, zone);
  write(find(page, ".until-words"), Number.isNaN(ms) ? "" : `${format.date(ms)}, ${format.hour(ms)}`);
}

/** @param {Desk} desk @param {string} path @param {Record<string, unknown>} body @returns {Promise<string | null>} why not */
async function post({ send, say }, path, body) {
  try {
    const answer = await send("POST", path, { command_id: crypto.randomUUID(), ...body });
    if (answer.status === 200) return null;
    return answer.status === 403 ? say("role") : String(answer.body?.message ?? answer.status);
  } catch {
    return say("no_answer");
  }
}

/**
 * Asks by a dialog until the command is taken or the dialog is left; a fault is said in it and what was typed stays.
 * @param {Document} page @param {Desk} desk @param {"know" | "release"} act @param {Row | null} row
 */
async function asked(page, desk, act, row) {
  const { say, zone } = desk;
  const fault = find(page, `dialog[data-dialog="${act}"] .fault`);
  write(fault, "");
  if (row) fillUntil(page, desk);
  for (;;) {
    const given = await ask(page, act, row ? { title: say("know_title", { name: row.name, number: row.number ?? row.to }) } : {});
    if (given === null) return;
    const until = row ? new Date(fromLocalInput(given.until ?? "", zone)).toISOString() : "";
    const no = await post(desk, `/api/v1/outbox/${row ? `${row.id}/` : ""}${act}`, row ? { reason: given.reason, until } : {});
    if (no === null) return desk.look();
    write(fault, say("fault", { why: no }));
  }
}

// The page.

/** @typedef {{items: import("./list.js").Row[], next: string | null, now: string, waiting: number, held_since: string | null, guests: boolean, allowed: readonly string[], known_days: number, stuck: {to: string, n: number, since: string}[]}} List */

const EVERY_MS = 2000;
/** In which the page acts while nobody is logged in. */
const ROLE = "supervisor";

const page = document.documentElement;
const lang = languageOf(document);
const say = sayIn(lang, "outbox");
const city = cityOf(document, lang);
const format = formatIn(lang, city);
const who = whoIn(document);
const person = personAt(sessionStorage, () => crypto.randomUUID());
const send = createSender(who, () => ({ actor: person.read().actor, role: ROLE }));
let heardAt = performance.now();
let shown = placeOf(location.search);
/** @type {{chosen: string | null, list: List | null}} */
const place = { chosen: null, list: null };

for (const node of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-say]"))) {
  write(node, say(/** @type {import("./list.js").Word} */ (node.dataset.say)));
}
mountDialogs(document);
const now = () => Date.parse(place.list?.now ?? "") + (performance.now() - heardAt);
const actions = mountActions(document, { say, send, person, who, look, now, longest: () => (place.list?.known_days ?? 0) * 24 * HOUR, zone: city.zone, format });
const rows = new Rows(find(document, ".deliveries"), { say, format }, {
  choose: (id) => choose(place.chosen === id ? null : id), hand: (row, act) => void actions.give(row, act, rows),
});

/** @param {string | null} id */
function choose(id) {
  place.chosen = id;
  if (place.list) paint(place.list);
  if (id) rows.focus(id);
}

/** @param {List} list */
function paint(list) {
  page.dataset.guests = String(list.guests);
  rows.paint(list.items, Date.parse(list.now), place.chosen);
  write(find(document, ".sum"), list.waiting > 0 ? say("sum", { n: format.number(list.waiting) }) : say("sum_none"));
  const none = find(document, ".none");
  none.hidden = list.items.length > 0;
  write(none, say(noneOf()));
  find(document, '[data-page="next"]').hidden = list.next === null;
  find(document, '[data-page="first"]').hidden = shown.cursor === "";
  const held = find(document, ".held");
  held.hidden = list.held_since === null;
  find(held, '[data-act="release"]').hidden = !list.allowed.includes("release");
  write(find(held, ".held-words"), list.held_since ? say("held", { time: format.hour(Date.parse(list.held_since)) }) : "");
  paintStuck(list.stuck);
  page.dataset.listed = "true";
  page.dataset.stuck = String(list.stuck.length);
}

/** @param {List["stuck"]} stuck each leads to its own list; left alone while nothing changes, for somebody may be on one */
function paintStuck(stuck) {
  const box = find(document, ".stuck");
  const words = stuck.map(({ to, n, since }) => say("stuck", { name: wayName(to, city, sayIn(lang, "ui")), n: format.number(n), time: format.hour(Date.parse(since)) }));
  if (words.join("\n") === [...box.children].map((one) => one.textContent).join("\n")) return;
  box.replaceChildren(...stuck.map(({ to }, place) => {
    const link = element("a", "", words[place] ?? "");
    mark(link, "href", `${location.pathname}${searchOf({ view: "stuck", to, cursor: "" }, location.search)}`);
    return element("li", "", link);
  }));
}

/** @returns {import("./list.js").Word} why nothing is listed */
function noneOf() {
  if (shown.cursor) return "none_more";
  if (shown.to || !["waiting", "all"].includes(shown.view)) return "none_such";
  return shown.view === "all" ? "none_all" : "none_waiting";
}

async function look() {
  const asked = shown;
  try {
    const list = /** @type {List} */ (await getJson(readAs(questionOf(asked), who, ROLE)));
    if (asked !== shown) return;
    place.list = list;
    heardAt = performance.now();
    paint(list);
  } catch {
    // The line above says since when; the next look comes by itself.
  }
  const silent = performance.now() - heardAt;
  const lost = find(document, ".lost");
  lost.hidden = silent < 3 * EVERY_MS;
  write(lost, lost.hidden ? "" : say("lost", { span: format.span(silent) }));
}

/** @param {Partial<Place>} change one that goes to another page of the list says its cursor */
function show(change) {
  const next = { ...shown, cursor: "", ...change };
  history.pushState(null, "", `${location.pathname}${searchOf(next, location.search)}`);
  shown = next;
  arrive();
}

/** Says on the page where it is, and asks for what belongs there. */
function arrive() {
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-view]"))) mark(button, "aria-pressed", String(button.dataset.view === shown.view));
  const select = /** @type {HTMLSelectElement} */ (/** @type {unknown} */ (find(document, '[name="to"]')));
  if (shown.to && ![...select.options].some(({ value }) => value === shown.to)) select.add(new Option(shown.to, shown.to));
  select.value = shown.to;
  void look();
}

/** @param {number} by */
function step(by) {
  const items = place.list?.items ?? [];
  const at = items.findIndex(({ id }) => id === place.chosen);
  const next = items[Math.min(items.length - 1, Math.max(0, at + by))];
  if (next) choose(next.id);
}

/** @param {import("./list.js").Act} act */
function give(act) {
  const row = place.list?.items.find(({ id }) => id === place.chosen);
  if (row?.allowed.includes(act)) void actions.give(row, act, rows);
}

/** @type {Record<string, () => void>} */
const KEYS = {
  ArrowDown: () => step(1), ArrowUp: () => step(-1), r: () => give("resend"), k: () => give("know"),
  ...Object.fromEntries(VIEWS.map((view, n) => [String(n + 1), () => show({ view })])),
};

document.addEventListener("keydown", (event) => {
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey || asking(document) || event.target instanceof HTMLSelectElement) return;
  event.preventDefault();
  act();
});
find(document, ".views").replaceChildren(...VIEWS.map((view, n) => {
  const button = element("button", "", say(`view_${view}`), " ", element("kbd", "", String(n + 1)));
  mark(button, "type", "button");
  mark(button, "data-view", view);
  button.addEventListener("click", () => show({ view }));
  return button;
}));
const receivers = /** @type {HTMLSelectElement} */ (/** @type {unknown} */ (find(document, '[name="to"]')));
write(/** @type {Element} */ (receivers.options[0]), say("everybody"));
receivers.addEventListener("change", () => show({ to: receivers.value }));
find(document, '[data-page="next"]').addEventListener("click", () => place.list?.next && show({ cursor: place.list.next }));
find(document, '[data-page="first"]').addEventListener("click", () => show({}));
mountExport(document, who ? null : () => ({ actor: person.read().actor, role: ROLE }), () => ({ state: shown.view === "all" ? "" : shown.view, to: shown.to }));
addEventListener("popstate", () => {
  shown = placeOf(location.search);
  arrive();
});
async function keepLooking() {
  await look();
  setTimeout(keepLooking, EVERY_MS);
}
arrive();
void keepLooking();
