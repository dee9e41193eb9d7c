/**
 * Entry of the outbox's page: asks for the list every two seconds, moves by keys, and sends what a supervisor orders.
 */
import { cityOf } from "../../city.js";
import { formatIn } from "../../format.js";
import { getJson } from "../../origin.js";
import { createSender, whoIn } from "../../send.js";
import { element, find, mark, write } from "../../views/text.js";
import { asLang } from "../../words.js";
import { asking, mountDialogs } from "../desk_dialogs.js";
import { personAt } from "../desk_person.js";
import { mountHands } from "./outbox_hands.js";
import { Rows } from "./outbox_rows.js";
import { outboxSayIn } from "./outbox_words.js";

/** @typedef {{items: import("./outbox_rows.js").Row[], next: string | null, now: string, waiting: number, held_since: string | null, stuck: {to: string, n: number, since: string}[]}} List */

const EVERY_MS = 2000;

const page = document.documentElement;
const lang = asLang(new URLSearchParams(location.search).get("lang") ?? page.lang);
const say = outboxSayIn(lang);
const city = cityOf(document, lang);
const format = formatIn(lang, city);
const who = whoIn(document);
const person = personAt(sessionStorage, () => crypto.randomUUID());
const send = createSender(who, () => ({ actor: person.read().actor, role: "supervisor" }));
let heardAt = performance.now();
/** @type {{view: "waiting" | "all", chosen: string | null, list: List | null}} */
const place = { view: "waiting", chosen: null, list: null };

for (const node of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-say]"))) {
  write(node, say(/** @type {import("./outbox_words.js").Word} */ (node.dataset.say)));
}
mountDialogs(document);
const now = () => Date.parse(place.list?.now ?? "") + (performance.now() - heardAt);
const hands = mountHands(document, { say, send, person, who, look, now });
const rows = new Rows(find(document, ".deliveries"), { say, format }, {
  choose: (id) => choose(place.chosen === id ? null : id), hand: (row, act) => void hands.give(row, act, rows),
});

/** @param {string | null} id */
function choose(id) {
  place.chosen = id;
  if (place.list) paint(place.list);
  if (id) rows.focus(id);
}

/** @param {List} list */
function paint(list) {
  rows.paint(list.items, Date.parse(list.now), place.chosen);
  write(find(document, ".sum"), list.waiting > 0 ? say("sum", { n: format.number(list.waiting) }) : say("sum_none"));
  const none = find(document, ".none");
  none.hidden = list.items.length > 0;
  write(none, say(place.view === "waiting" ? "none_waiting" : "none_all"));
  find(document, ".more").hidden = list.next === null;
  const held = find(document, ".held");
  held.hidden = list.held_since === null;
  write(find(held, ".held-words"), list.held_since ? say("held", { time: format.hour(Date.parse(list.held_since)) }) : "");
  find(document, ".stuck").replaceChildren(...list.stuck.map(({ to, n, since }) => {
    const words = { name: city.agency(to) ?? to, n: format.number(n), time: format.hour(Date.parse(since)) };
    return element("li", "", say("stuck", words));
  }));
  page.dataset.listed = "true";
  page.dataset.stuck = String(list.stuck.length);
}

async function look() {
  try {
    place.list = /** @type {List} */ (await getJson(`/api/v1/outbox${place.view === "waiting" ? "?state=waiting" : ""}`));
    heardAt = performance.now();
    paint(place.list);
  } catch {
    // The line above says since when; the next look comes by itself.
  }
  const silent = performance.now() - heardAt;
  const lost = find(document, ".lost");
  lost.hidden = silent < 3 * EVERY_MS;
  write(lost, lost.hidden ? "" : say("lost", { span: format.span(silent) }));
}

/** @param {"waiting" | "all"} view */
function show(view) {
  place.view = view;
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-view]"))) mark(button, "aria-pressed", String(button.dataset.view === view));
  void look();
}

/** @param {number} by */
function step(by) {
  const items = place.list?.items ?? [];
  const at = items.findIndex(({ id }) => id === place.chosen);
  const next = items[Math.min(items.length - 1, Math.max(0, at + by))];
  if (next) choose(next.id);
}

/** @param {import("./outbox_rows.js").Act} act */
function give(act) {
  const row = place.list?.items.find(({ id }) => id === place.chosen);
  if (row && !(act === "know" && row.state === "sent")) void hands.give(row, act, rows);
}

/** @type {Record<string, () => void>} */
const KEYS = { ArrowDown: () => step(1), ArrowUp: () => step(-1), r: () => give("resend"), k: () => give("know"), 1: () => show("waiting"), 2: () => show("all") };

document.addEventListener("keydown", (event) => {
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey || asking(document)) return;
  event.preventDefault();
  act();
});
for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-view]"))) {
  button.addEventListener("click", () => show(/** @type {"waiting" | "all"} */ (button.dataset.view)));
}
async function keepLooking() {
  await look();
  setTimeout(keepLooking, EVERY_MS);
}
void keepLooking();
