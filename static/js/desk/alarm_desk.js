/**
 * Entry of the alarm desk: joins the feed as a desk, lists the alarms, and sends what the operator decides.
 */
import { floodIn, unackedComplaints } from "../ui/alarms.js";
import { attendFlash, attendSound } from "../screen/attention.js";
import { age, clockAt, followCalendar, freshness, hear, NO_CALENDAR, noTime, serverNow } from "../feed/clock.js";
import { cityOf } from "../ui/city.js";
import { Feed, openFeed } from "../feed/connection.js";
import { formatIn } from "../ui/format.js";
import { createMeasure, fontReady } from "../screen/layout.js";
import { answers, getJson, getPieces } from "../feed/http.js";
import { createPace } from "../screen/scheduler.js";
import { emptyRanking } from "../ui/complaints.js";
import { createReload, isLater } from "../screen/reload.js";
import { mountSoundBadge, tellState } from "../ui/picture.js";
import { answerCall, createStation } from "../screen/presence.js";
import { emptyState } from "../feed/store.js";
import { asLang, sayIn } from "../ui/words.js";
import { mountActs } from "./desk_acts.js";
import { mountAnnounce } from "./desk_announce.js";
import { mountDetail } from "./desk_detail.js";
import { flashingRows } from "./desk_flash.js";
import { mountHeader } from "./desk_header.js";
import { mountGuests } from "./guests.js";
import { keepChosen, listAlarms } from "./desk_list.js";
import { Orders } from "./desk_orders.js";
import { RoomOrders } from "./desk_room_orders.js";
import { keepNames } from "./names.js";
import { Rows } from "./desk_rows.js";
import { mountSheet } from "./desk_sheet.js";
import { deskSayIn } from "./desk_words.js";
import { find } from "../ui/dom.js";
import { workerAt } from "./queue/queue_person.js";

/**
 * @typedef {import("../ui/picture.js").Picture & {
 *   list: import("./desk_list.js").List, view: import("./desk_list.js").View, chosen: string | null, orders: Orders,
 *   flashing: ReadonlySet<string>, roomOrders: RoomOrders, unheard: string, hushed: number | null, supervisor: boolean, fixed: boolean, person: import("./desk_person.js").Person,
 * }} Look what one frame of the desk shows
 */

const PAINT_EVERY_MS = 100;
const TICK_MS = 250;

const page = document.documentElement;
const lang = asLang(new URLSearchParams(location.search).get("lang") ?? page.lang);
const city = cityOf(document, lang);
const desk = deskSayIn(lang);
const room = { lang, city, say: sayIn(lang), desk, format: formatIn(lang, city), width: createMeasure() };
const facts = JSON.parse(find(document, "#desk").textContent ?? "{}");
const newId = () => crypto.randomUUID();
const person = workerAt(document, sessionStorage, newId);
const opened = performance.now();

let state = emptyState();
let time = noTime();
let calendar = NO_CALENDAR;
/** @type {{view: import("./desk_list.js").View, chosen: import("./desk_list.js").Chosen, unheard: string}} */
const place = { view: "open", chosen: { id: null, state: "", at: 0 }, unheard: "" };

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
const [orders, roomOrders] = [new Orders(edge), new RoomOrders(edge)];

/** @returns {Look} */
function look() {
  const mono = performance.now();
  const seconds = age(time, mono);
  const whole = state.epoch !== "";
  const at = clockAt(time) ?? (Date.parse(state.at ?? "") || null);
  const list = listAlarms(state, { at, calendar }, place.view);
  place.chosen = keepChosen(list.rows, place.chosen, document.activeElement?.closest(".alarm-row") !== null && document.hasFocus());
  const flood = whole ? floodIn(state, city) : null;
  return {
    state, whole, mono, at, calendar, flood, list, orders, age: seconds,
    unacked: unackedComplaints(state), ranking: emptyRanking(), attention: [], wrong: [], figure: null, guests: false, sceneFlashes: true,
    waited: (mono - opened) / 1000, sinceBeat: (mono - time.heardAt) / 1000,
    freshness: freshness(seconds, whole), beat: time.beat,
    view: place.view, chosen: place.chosen.id, roomOrders, unheard: place.unheard, hushed: sound.lossLeft(),
    flashing: flashingRows(list, flood !== null),
    person: person.read(), fixed: person.fixed, supervisor: person.read().role === "supervisor",
  };
}

const acts = mountActs(document, room, { look, place, orders, roomOrders, person, ordered: flash.ordered, sound, limits: facts.limits, paint: () => paint() });
const rows = new Rows(find(document, ".alarm-list"), room, acts.hands);
const views = [mountHeader(document, room, flash.ordered), mountDetail(document, room, facts.records), mountAnnounce(document, room)];
acts.rows(rows);
mountSheet(document);
const guests = mountGuests(document, room, {
  lines: () => state.lines, serverNow: () => serverNow(time, performance.now()), supervisor: () => person.read().role === "supervisor",
}, edge);
const pace = createPace({ every: PAINT_EVERY_MS, now: () => performance.now(), later, frame }, paint);

function paint() {
  guests();
  const seen = look();
  rows.paint(seen);
  for (const view of views) view(seen);
  tellState(page, seen, "alarms");
  station.painted([]);
}

const calendarIs = followCalendar({ getJson, later }, (read) => {
  calendar = read;
  pace.ask();
});

/** A desk reloads only when nobody is in the middle of something. */
const considerReload = createReload({ answers: () => answers("/healthz"), rest, wanted: (build) => !acts.busy() && isLater(page.dataset.build ?? "", build) });

const feed = new Feed({ open: () => openFeed("desk"), getPieces, later, random: Math.random, rest }, state, {
  state(next) {
    state = next;
    orders.confirm(next.alarms);
    flash.take(next);
    sound.hear(next);
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
acts.begin();
setInterval(() => (orders.tick(), pace.ask()), TICK_MS);
document.addEventListener("visibilitychange", () => pace.ask());
feed.start();
keepNames({ get: person.get, changed: () => pace.ask() });
station.start(feed.socket, answerCall);
