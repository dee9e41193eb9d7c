/**
 * Entry of the duty desk: joins the feed as a desk, lists what waits for it, and sends what the officer decides.
 */
import { attendFlash, attendSound } from "../../screen/attention.js";
import { floodIn, unackedComplaints } from "../../ui/alarms.js";
import { age, clockAt, followCalendar, freshness, hear, NO_CALENDAR, noTime, serverNow } from "../../feed/clock.js";
import { Cards } from "../../feed/cards.js";
import { cityOf } from "../../ui/city.js";
import { Drafts } from "../../ui/user.js";
import { Feed, openFeed } from "../../feed/connection.js";
import { formatIn } from "../../ui/format.js";
import { createMeasure, fontReady } from "../../screen/layout.js";
import { answers, getJson, getPieces } from "../../feed/http.js";
import { createPace } from "../../screen/scheduler.js";
import { emptyRanking } from "../../ui/complaints.js";
import { createReload, isLater } from "../../screen/reload.js";
import { mountSoundBadge, tellState } from "../../ui/picture.js";
import { answerCall, createStation } from "../../screen/presence.js";
import { emptyState } from "../../feed/store.js";
import { find } from "../../ui/dom.js";
import { asLang, sayIn } from "../../ui/words.js";
import { mountAnnounce } from "../desk_announce.js";
import { Orders } from "../desk_orders.js";
import { mountGuests } from "../guests.js";
import { keepNames } from "../names.js";
import { deskSayIn } from "../desk_words.js";
import { readLists } from "./act_options.js";
import { mountActsView } from "./acts_view.js";
import { Chooser } from "./chooser.js";
import { ComplaintOrders } from "./complaint_orders.js";
import { momentIn } from "./deadline_words.js";
import { mountDeskMap } from "./desk_map.js";
import { mountDetail } from "./detail_view.js";
import { Details, timeOfEvent } from "./details.js";
import { similarNow } from "./near.js";
import { readPlace } from "./queue_address.js";
import { mountQueueAnnounce } from "./queue_announce.js";
import { mountDoing } from "./queue_doing.js";
import { mountFilters } from "./queue_filters.js";
import { mountHead } from "./queue_head.js";
import { isListed, keepChosen, listComplaints } from "./queue_list.js";
import { workerAt } from "./queue_person.js";
import { QueueRows } from "./queue_rows.js";
import { mountScroll } from "./queue_scroll.js";
import { queueSayIn } from "./queue_words.js";
import { statesIn } from "./row_words.js";
import { Search } from "./search.js";
import { mountSide } from "./side_view.js";
import { otherCategories, suggestedAgency, suggestedArea } from "./suggest.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {{place: import("./queue_address.js").Place, chosen: import("./queue_list.js").Chosen, selected: Set<string>, seen: Map<string, Card>}} Here seen: how a complaint looked when it was acted on */
/**
 * @typedef {import("../../ui/picture.js").Picture & {
 *   list: import("./queue_list.js").List, place: import("./queue_address.js").Place, chosen: string | null, open: string | null,
 *   card: Card | null, cards: (id: string) => Card | null, would: (card: Card) => string | null, selected: ReadonlySet<string>, seen: ReadonlyMap<string, Card>, failures: readonly [string, import("../desk_orders.js").Mark][], markOf: (id: string) => import("../desk_orders.js").Mark | null, flashing: ReadonlySet<string>,
 *   held: import("./details.js").Held, agency: import("./details.js").AgencyNow | null, similar: import("./details.js").Similar[], mapped: Cards,
 *   suggested: {agency: string | null, categories: import("./details.js").Suggested[], area: string | null}, searchFailed: boolean,
 *   supervisor: boolean, person: import("../desk_person.js").Person, fixed: boolean, hushed: number | null, timeOf: (told: any) => string | null,
 * }} Look what one frame of the desk shows
 */
/**
 * @typedef {object} Desk what the hands of the desk work with
 * @property {() => Look} look @property {Here} here @property {() => void} paint
 * @property {ComplaintOrders} orders @property {Orders} alarmOrders @property {Chooser} chooser @property {Drafts} drafts @property {Details} details
 * @property {ReturnType<typeof workerAt>} person @property {import("./suggest.js").WhoHandles} handles @property {import("./act_options.js").Lists} lists
 * @property {(id: string) => Card | null} card @property {() => Promise<boolean>} named @property {(card: Card) => void} claim @property {(card: Card) => void} release @property {(card: Card) => void} show @property {() => boolean} hush false while the feed is not lost
 * @property {(q: string) => void} search @property {() => void} toList @property {(card: Card) => import("./details.js").Suggested[]} otherCategories
 */

const PAINT_EVERY_MS = 100;
const TICK_MS = 250;
/** The list is made anew at most so often when nobody acts, and rests ten times as long as it took. */
const LIST_EVERY_MS = 300;
const REST = 10;
const FLASHING = 8;
/** An alarm of a complaint is called by kind and complaint. */
const ALARMS = ["critical", "passed", "warned"];
/** An open complaint keeps the officer's name on it; the room logs that only now and then. */
const HOLD_EVERY_MS = 45_000;

const page = document.documentElement;
const lang = asLang(new URLSearchParams(location.search).get("lang") ?? page.lang);
const city = cityOf(document, lang);
const raw = JSON.parse(find(document, "#city").textContent ?? "{}");
const format = formatIn(lang, city);
const facts = JSON.parse(find(document, "#desk").textContent ?? "{}");
/** @type {import("./row_words.js").QueueRoom} */
const room = {
  lang, city, format, say: sayIn(lang), desk: deskSayIn(lang), queue: queueSayIn(lang, raw.words), width: createMeasure(),
  states: statesIn(raw.words, lang), moment: momentIn(city.zone, format), told: facts.told ?? {},
};
/** @type {import("./suggest.js").WhoHandles} */
const handles = facts;
const newId = () => crypto.randomUUID();
const person = workerAt(document, sessionStorage, newId);
const opened = performance.now();

let state = emptyState();
let time = noTime();
let calendar = NO_CALENDAR;
const first = readPlace(location.search);
/** @type {Here} */
const here = { place: first, chosen: { id: first.open, at: 0 }, selected: new Set(), seen: new Map() };

page.lang = lang;
const flash = attendFlash(page, (mono) => serverNow(time, mono));
const station = createStation("desk", () => ({ time, whole: state.epoch !== "", opened }));
const sound = attendSound({ ordered: flash.ordered, badge: mountSoundBadge(document, room), station });
const later = (/** @type {number} */ ms, /** @type {() => void} */ act) => {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
};
const rest = (ms = 0) => /** @type {Promise<void>} */ (new Promise((go) => setTimeout(go, ms)));
const frame = (/** @type {() => void} */ act) => void (document.hidden ? setTimeout(act, 0) : requestAnimationFrame(act));
const edge = { post: person.post, mono: () => performance.now(), newId, person: person.screen, changed: () => paint() };
const [orders, alarmOrders] = [new ComplaintOrders(edge), new Orders(edge)];
const pace = createPace({ every: PAINT_EVERY_MS, now: () => performance.now(), later, frame }, () => paint());
const details = new Details({ getJson: person.get, mono: edge.mono, changed: () => pace.ask() });
const search = new Search({ getJson: person.get, changed: () => pace.ask() });
const drafts = new Drafts(() => person.read().actor);
const chooser = new Chooser(document, room, drafts);
/** @type {{list: import("./queue_list.js").List, key: string, cards: Cards | null, at: number, rest: number}} */
let listed = { list: listComplaints([], first, { at: null, unacked: new Set(), districtOf: city.districtOf }), key: "", cards: null, at: -Infinity, rest: 0 };
/** @type {QueueRows | null} */
let rows = null;
/** @type {{from: Cards | null, key: string, cards: Cards}} */
let mapped = { from: null, key: "", cards: new Cards() };

/** @param {import("./queue_list.js").Moment} moment @param {number} mono @returns {import("./queue_list.js").List} made anew when what it depends on did */
function listNow(moment, mono) {
  const key = `${JSON.stringify(here.place)} ${search.q} ${search.far.length} ${[...moment.unacked].length}`;
  const due = listed.cards !== state.cards || mono - listed.at > 5000;
  if (key === listed.key && (!due || mono - listed.at < listed.rest)) return listed.list;
  const found = here.place.view === "found" || here.place.q ? search.found(state.cards, city) : [];
  const list = listComplaints(state.cards.values(), here.place, moment, found);
  listed = { list, key, cards: state.cards, at: mono, rest: Math.max(LIST_EVERY_MS, REST * (performance.now() - mono)) };
  return listed.list;
}

/** @param {import("./queue_list.js").Moment} moment @returns {Cards} what the large map shows: all of the list, however long it is */
function mappedNow(moment) {
  const { filter, map, view } = here.place;
  const key = `${view} ${JSON.stringify(filter)}`;
  if (!map || (mapped.from === state.cards && mapped.key === key)) return mapped.cards;
  const all = view === "found" ? search.found(state.cards, city) : [...state.cards.values()];
  mapped = { from: state.cards, key, cards: new Cards().with(all.filter((card) => isListed(card, view, filter, moment)), []).cards };
  return mapped.cards;
}

/** @param {string} id @returns {Card | null} */
function cardOf(id) {
  return state.cards.get(id) ?? search.far.find((card) => card.id === id) ?? details.of(id).detail?.card ?? null;
}

/** @param {string} id of a complaint @returns {import("../desk_orders.js").Mark | null} of the order on it, else on one of its alarms */
function markOf(id) {
  return orders.markOf(id) ?? ALARMS.map((kind) => alarmOrders.markOf(`${kind}:${id}`)).find((one) => one !== null) ?? null;
}

/** @returns {Look} */
function look() {
  const mono = performance.now();
  const seconds = age(time, mono);
  const whole = state.epoch !== "";
  const at = clockAt(time) ?? (Date.parse(state.at ?? "") || null);
  const unacked = unackedComplaints(state);
  const moment = { at, unacked, districtOf: city.districtOf };
  const list = listNow(moment, mono);
  const open = here.place.open;
  here.chosen = keepChosen(list.rows, here.chosen, here.chosen.id !== null && (here.chosen.id === open || chooser.asking || rows?.focusOf(here.chosen.id) === document.activeElement));
  const flood = whole ? floodIn(state, city) : null;
  return {
    state, whole, mono, at, calendar, unacked, list, flood, markOf, failures: orders.failures(), age: seconds, ranking: emptyRanking(), attention: [], wrong: [], figure: null, guests: false, sceneFlashes: true,
    waited: (mono - opened) / 1000, sinceBeat: (mono - time.heardAt) / 1000, freshness: freshness(seconds, whole), beat: time.beat,
    place: here.place, chosen: here.chosen.id, open, cards: cardOf, would: (card) => suggestedAgency(card, null, handles), selected: here.selected, seen: here.seen,
    flashing: new Set(flood ? [] : list.rows.filter(({ id }) => unacked.has(id)).slice(0, FLASHING).map(({ id }) => id)),
    person: person.read(), fixed: person.fixed, supervisor: person.read().role === "supervisor", mapped: mappedNow(moment), searchFailed: search.failed, hushed: sound.lossLeft(), ...reading(),
  };
}

/** @returns {Pick<Look, "card" | "held" | "agency" | "similar" | "suggested" | "timeOf">} what is known of the chosen one */
function reading() {
  const card = here.chosen.id === null ? null : cardOf(here.chosen.id);
  const held = details.of(card?.id ?? null);
  if (!card) return { card, held, agency: null, similar: [], suggested: { agency: null, categories: [], area: null }, timeOf: () => null };
  const isOpen = here.place.open === card.id;
  if (isOpen && held.state !== "failed") details.follow(card);
  const agency = suggestedAgency(card, held.suggestions, handles);
  return {
    card, held, agency: isOpen ? details.agency(card.agency ?? agency) : null,
    similar: isOpen ? similarNow(card, state.cards.values(), held.suggestions) : [],
    suggested: { agency, categories: otherCategories(card, held.suggestions), area: suggestedArea(card, held.suggestions) },
    timeOf: (told) => (told.card?.id === card.id ? timeOfEvent(held.detail, told) : null),
  };
}

const doing = mountDoing(document, room, {
  look, here, orders, alarmOrders, chooser, drafts, details, person, handles, card: cardOf, post: person.post, getJson: person.get, newId, sound,
  lists: readLists(raw), paint: () => paint(), find: (q) => search.ask(q),
});
const { hands } = doing;
rows = new QueueRows(find(document, ".queue-list"), room, { choose: (id) => hands.choose(id), open: (id) => void hands.open(cardOf(id)), select: (id) => hands.select(id) });
hands.list = rows;
const guests = mountGuests(document, room, {
  lines: () => state.lines, serverNow: () => serverNow(time, performance.now()), supervisor: () => person.read().role === "supervisor",
}, edge);
const views = [
  mountHead(document, room), mountFilters(document, room, doing.desk, hands), mountScroll(document, room), mountDetail(document, room),
  mountSide(document, room, { suggest: doing.number, act: doing.act, open: (id) => void hands.open(cardOf(id)) }),
  mountActsView(document, room, doing.act), mountDeskMap(document, room, (id) => void hands.open(cardOf(id))), mountAnnounce(document, room), mountQueueAnnounce(document, room, doing.say), doing.paintOverview,
];

function paint() {
  guests();
  const seen = look();
  page.dataset.view = here.place.map ? "map" : "list";
  rows?.paint(seen);
  for (const view of views) view(seen);
  tellState(page, seen, "desk");
  station.painted([]);
}

const calendarIs = followCalendar({ getJson, later }, (read) => {
  calendar = read;
  pace.ask();
});

/** A desk reloads only when nobody is in the middle of something. */
const considerReload = createReload({ answers: () => answers("/healthz"), rest, wanted: (build) => !hands.busy() && here.place.open === null && isLater(page.dataset.build ?? "", build) });

const feed = new Feed({ open: () => openFeed("desk"), getPieces, later, random: Math.random, rest }, state, {
  state(next) {
    state = next;
    orders.confirm(next.cards);
    alarmOrders.confirm(next.alarms);
    flash.take(next);
    sound.hear(next);
    if (document.activeElement === document.body) requestAnimationFrame(doing.begin);
    pace.ask();
  },
  beat(beat) {
    time = hear(time, beat, performance.now());
    void calendarIs(beat.calendar);
    void considerReload(beat.build);
    pace.ask();
  },
});

await fontReady();
paint();
doing.begin();
if (first.q) search.ask(first.q);
setInterval(() => hands.hold(), HOLD_EVERY_MS);
setInterval(() => (orders.tick(), alarmOrders.tick(), pace.ask()), TICK_MS);
document.addEventListener("visibilitychange", () => pace.ask());
feed.start();
keepNames({ get: person.get, changed: () => pace.ask() });
station.start(feed.socket, answerCall);
