/**
 * Entry of leadership's page: the numbers, live; the list behind each; the complaint behind each row; a question about it.
 */
import { Detailed, mountReading } from "../agency/detail.js";
import { age, clockAt, followCalendar, freshness, hear, NO_CALENDAR, noTime } from "../feed/clock.js";
import { ComplaintOrders } from "../desk/orders.js";
import { orderWords } from "../desk/phrases.js";
import { Drafts, whoIn } from "../ui/user.js";
import { Feed, openFeed } from "../feed/connection.js";
import { ageWords, answers, createSender, Figures, getJson, getPieces } from "../feed/http.js";
import { fontReady } from "../screen/layout.js";
import { createPace } from "../screen/scheduler.js";
import { createReload, isLater } from "../screen/reload.js";
import { tellState } from "../ui/picture.js";
import { emptyState } from "../feed/store.js";
import { element, find, mark, write } from "../ui/dom.js";
import { mountAsk } from "./lead_ask.js";
import { mountCompare } from "./lead_compare.js";
import { countNow, lateOf } from "./lead_count.js";
import { mountHead } from "./lead_head.js";
import { LeadList, mountList } from "./lead_list.js";
import { mountNumbers } from "./lead_numbers.js";
import { PastLists } from "./lead_past.js";
import { addressOf, readPlace } from "./lead_place.js";
import { leadRoomOf } from "./lead_room.js";
import { asLead, rowOf } from "../feed/messages.js";

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("./lead_place.js").Place} Place */

const PAINT_EVERY_MS = 250;
const TICK_MS = 1000;
const SAID_MS = 8000;
const WIDE = matchMedia("(min-width: 900px)");

const page = document.documentElement;
const { room, facts } = leadRoomOf(document);
const who = whoIn(document);
const signed = { actor: facts.actor, role: facts.role, ...(facts.agency ? { actor_agency: facts.agency } : {}) };
const send = createSender(who, () => signed);
const mono = () => performance.now();
const opened = mono();

let state = emptyState();
let time = noTime();
let calendar = NO_CALENDAR;
let place = readPlace(location.search, facts.agency);
/** @type {{words: string, until: number}} */
let said = { words: "", until: 0 };

const later = (/** @type {number} */ ms, /** @type {() => void} */ act) => {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
};
const rest = (ms = 0) => /** @type {Promise<void>} */ (new Promise((go) => setTimeout(go, ms)));
const frame = (/** @type {() => void} */ act) => void (document.hidden ? setTimeout(act, 0) : requestAnimationFrame(act));
const pace = createPace({ every: PAINT_EVERY_MS, now: mono, later, frame }, () => paint());
const changed = () => pace.ask();
const asMine = (/** @type {string} */ url) => getJson(`${url}&audience=${encodeURIComponent(facts.audience)}`);
const orders = new ComplaintOrders({ post: (url, body) => send("POST", url, body), mono, newId: () => crypto.randomUUID(), person: () => ({}), changed });
const detailed = new Detailed({ get: readDetail, mono, changed });
const figures = new Figures({ getJson: asMine, now: mono, arrived: changed });
const past = new PastLists({ getJson: asMine, mono, changed });
const list = mountList(document, room, new LeadList(past), changed);
const numbers = mountNumbers(document, room);
const reading = mountReading(document, room);
const compare = mountCompare(comparing(), room);
const head = mountHead(document, room, facts, (agency) => go({ ...place, agency, why: "" }));
const ask = mountAsk(document, room, () => clockAt(time), put, { drafts: new Drafts(() => facts.actor), open: () => place.open });

/** @returns {HTMLElement} where before and after stand, in place of one picture after the other */
function comparing() {
  const box = element("div", "compare");
  find(document, ".pictures").after(box);
  return box;
}

/** @param {string} path @returns {Promise<import("../desk/queue/detail.js").Detail>} as leadership reads it, whoever asks */
async function readDetail(path) {
  const own = path.replace("/api/v1/", "/api/v1/lead/");
  const { status, body } = await send("GET", facts.agency && !who ? `${own}?as=${encodeURIComponent(facts.agency)}` : own);
  if (status !== 200) throw new Error(`${status} for ${path}`);
  return body;
}

/** @param {Partial<Place>} next @returns {string} the address of a list or a complaint from here */
function to(next) {
  const base = "open" in next ? place : { ...place, why: "", open: "" };
  return addressOf({ ...base, ...next }, location.search, facts.agency);
}

/** @param {Place} next */
function go(next) {
  history.pushState({ here: true }, "", addressOf(next, location.search, facts.agency));
  turn();
}

function turn() {
  const before = place;
  place = readPlace(location.search, facts.agency);
  ask.turnTo(place.open);
  paint();
  if (place.open && place.open !== before.open) find(document, ".reading-what").focus({ preventScroll: true });
  else if (before.open && !place.open) list.rows.focus(before.open);
  else if (place.list !== before.list || place.why !== before.why) find(document, ".list-title").focus({ preventScroll: true });
  if (!WIDE.matches) scrollTo(0, 0);
}

function back() {
  if (history.state?.here) history.back();
  else go({ ...place, ...(place.open ? { open: "" } : { list: "", why: "" }) });
}

/** @param {{text: string, answer_by: string}} fields of a question @param {string} id of the complaint @returns {Promise<boolean>} whether the room took it */
async function put(fields, id) {
  const card = state.cards.get(id) ?? (longAgo?.id === id ? longAgo : null);
  if (!card) return false;
  const reply = await orders.one(card, "comment", fields);
  if (reply?.status === 200) said = { words: room.lead("asked_said", { t: room.moment(Date.parse(fields.answer_by), clockAt(time)) }), until: mono() + SAID_MS };
  paint();
  return reply?.status === 200;
}

/** @returns {Card | null} from the feed, else as its detail tells it: long finished ones are in no feed */
function openCard() {
  if (!place.open) return null;
  return state.cards.get(place.open) ?? (longAgo?.id === place.open ? longAgo : null);
}

/** @type {Card | null} */
let longAgo = null;

function paint() {
  const now = mono();
  const [seconds, whole] = [age(time, now), state.epoch !== ""];
  const fresh = freshness(seconds, whole);
  const at = clockAt(time) ?? (Date.parse(state.at ?? "") || null);
  figures.want("lead", state.epoch);
  const kept = figures.of("lead", state.epoch);
  const [figure, day] = [asLead(kept), state.counts?.day ?? null];
  const counted = countNow(state.cards.values(), place.agency, day);
  const asked = askedNow(figure, at);
  const shown = whole ? room.lead("sum", { open: room.format.number(counted.open), late: room.format.number(counted.late), asked: room.format.number(asked.n) }) : "";
  head({ freshness: fresh, whole, age: seconds, waited: (now - opened) / 1000, agency: place.agency, open: counted.open, late: counted.late, asked: asked.n, numbers: shown });
  numbers({ now: counted, figure, row: rowOf(figure, place.agency), agency: place.agency, asked, late: lateOf(state.cards.values()), known: whole, to });
  write(find(document, ".numbers-old"), figure ? ageWords(kept, now, room) : room.lead("numbers_wait"));
  const listed = place.list === "" && WIDE.matches && !place.open ? { ...place, list: "late" } : place;
  list.paint({ place: listed, cards: state.cards, day, known: whole, at, calendar, open: place.open, to: (id) => to({ list: listed.list, open: id }) });
  paintReading(at, now);
  mark(page, "data-view", place.open ? "reading" : place.list ? "list" : "numbers");
  tellState(page, /** @type {any} */ ({ state, freshness: fresh, whole }), "lead");
}

/** @param {import("../feed/messages.js").LeadFigure | null} figure @param {number | null} at @returns {{n: number, over: number}} open questions here: of the feed's cards, and of those that it does not carry */
function askedNow(figure, at) {
  const rows = figure?.asked.rows.filter(({ id }) => !place.agency || state.cards.get(id)?.agency === place.agency) ?? [];
  return { n: place.agency ? rows.length : (figure?.asked.n ?? 0), over: rows.filter(({ until }) => at !== null && Date.parse(until) < at).length };
}

/** @param {number | null} at @param {number} now */
function paintReading(at, now) {
  const card = openCard();
  // A complaint that is in no feed is read once by its id; its detail brings the card.
  const held = detailed.of(card ?? (place.open ? /** @type {Card} */ ({ id: place.open, seq: 0, status: "done" }) : null));
  if (!card && held.detail?.card?.id === place.open) longAgo = held.detail.card;
  const shown = openCard();
  const mine = orders.markOf(place.open);
  const words = mine ? orderWords(mine, { at }, room) : said.until > now ? said.words : "";
  reading({ card: shown, detail: held.detail, state: held.state, at, calendar, said: words });
  compare(shown ? held.detail : null);
  mark(find(document, ".acts-bar"), "data-shown", String(detailed.allowed(shown ?? /** @type {any} */ ({ id: "", seq: 0 }))?.includes("comment") === true));
}

const calendarIs = followCalendar({ getJson, later }, (read) => {
  calendar = read;
  changed();
});

/** Never under somebody's hands. */
const considerReload = createReload({ answers: () => answers("/healthz"), rest, wanted: (build) => !ask.open() && isLater(page.dataset.build ?? "", build) });

const feed = new Feed({ open: () => openFeed(facts.audience), getPieces, later, random: Math.random, rest }, state, {
  state(next) {
    state = next;
    orders.confirm(next.cards);
    changed();
  },
  beat(beat) {
    time = hear(time, beat, mono());
    void calendarIs(beat.calendar);
    void considerReload(beat.build);
    changed();
  },
});

for (const button of document.querySelectorAll(".back")) {
  write(button, room.lead("back"));
  button.addEventListener("click", back);
}
write(find(document, ".reading-none"), room.lead("choose"));
document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest("a");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || !link.getAttribute("href")?.startsWith("/lead")) return;
  if (link.closest(".desk-bar")) return;
  event.preventDefault();
  go(readPlace(new URL(link.href, location.href).search, facts.agency));
});
addEventListener("popstate", turn);
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && (place.open || place.list) && !ask.open()) back();
});
await fontReady();
paint();
setInterval(() => (orders.tick(), changed()), TICK_MS);
document.addEventListener("visibilitychange", changed);
feed.start();
