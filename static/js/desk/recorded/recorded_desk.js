/**
 * Entry of the duty desk at a past moment, `/desk?at=…` or `?seq=…`: the queue of then under a time bar, and above it how many alarms
 * nobody has now. Nothing here gives a command. It does not go back by itself while somebody works with it, for whoever replays a
 * shift must not lose their place to each new alarm; left alone it does, because a desk is where alarms are taken.
 */
import { toLocalInput } from "../../feed/clock.js";
import { answers, getJson, getPieces } from "../../feed/http.js";
import { leftOf } from "../../feed/room_notices.js";
import { askedMoment, PastDays, PastRoom, searchAt } from "../../feed/past.js";
import { createMeasure, fontReady } from "../../screen/layout.js";
import { frame, later, LivePage, mono, rest } from "../../screen/live.js";
import { alarmLate, alarmWhat, countAlarms, inOrder } from "../../ui/alarms.js";
import { cityOf } from "../../ui/city.js";
import { find, mark, show, write } from "../../ui/dom.js";
import { formatIn } from "../../ui/format.js";
import { languageOf, sayIn } from "../../ui/language.js";
import { mountSoundBadge, tellState } from "../../ui/picture.js";
import { mountTimeBar } from "../../ui/time_bar.js";
import { coverNames, keepNames } from "../guests.js";
import { workerAt } from "../page.js";
import { momentIn, queueSayIn, statesIn } from "../phrases.js";
import { listComplaints, NO_FILTER, PAGE } from "../queue/list.js";
import { mountPastList, mountPastReading, PastDetails, VIEWS } from "./recorded_queue.js";
import { mountTimeControls, playOrPause, step } from "./time_controls.js";

/** @typedef {import("./recorded_queue.js").PastLook} PastLook */

const NOW_EVERY_MS = 250;
const TICK_MS = 500;
/** The list while the recording runs: what changes more often nobody reads; it rests so many times as long as it took. */
const LIST_EVERY_MS = 400;
const REST = 10;
const IDLE_MS = 9 * 60_000;
const AGAIN_MS = 5000;
const TOLD_MS = 8000;
const ADDRESS_AFTER_MS = 400;
/** A jump that takes longer is said to be under way: the head has its moment already, the list has not. */
const LOADS_AFTER_MS = 700;

const page = document.documentElement;
const lang = languageOf(document);
const city = cityOf(document, lang);
const raw = JSON.parse(find(document, "#city").textContent ?? "{}");
const format = formatIn(lang, city);
const recorded = sayIn(lang, "recorded");
/** @type {import("./recorded_queue.js").PastQueueRoom} */
const room = {
  lang, city, format, recorded, say: sayIn(lang, "ui"), desk: sayIn(lang, "alarms"), queue: queueSayIn(lang, raw.words), width: createMeasure(),
  states: statesIn(raw.words, lang), moment: momentIn(city.zone, format), told: JSON.parse(find(document, "#desk").textContent ?? "{}").told ?? {},
};
await fontReady();
const asked = askedMoment(location.search) ?? { at: Number.NaN, seq: null, speed: 0 };
const first = new URLSearchParams(location.search);
const here = { view: VIEWS.find((view) => view === first.get("list")) ?? "work", chosen: first.get("id") };
let [listDue, queued, leaving, usedAt, pending, written] = [-Infinity, false, false, mono(), /** @type {number | null} */ (null), ""];
/** The complaint that was read last. */
let shown = "";
/** The position that the address asks for, until somebody goes on from there. */
let position = asked.seq;
let jumpedAt = -Infinity;

const person = workerAt(document, sessionStorage, () => crypto.randomUUID());
const live = new LivePage({ audience: "desk", every: NOW_EVERY_MS, paint: paintNow, tickEvery: TICK_MS, tick, mayReload: () => false });
// What is to be heard is heard here too: a recording hides no alarm of now.
live.speak(live.alert("desk", { steady: true, recorded: true }), mountSoundBadge(document, room));
const past = new PastRoom({ getJson, getPieces, rest: () => rest(), later, head: roomNow, changed }, "desk");
const days = new PastDays({ getJson, mono, changed });
const details = new PastDetails({ getJson: (url) => person.get(url), changed });

const drill = page.dataset.drill === "true";
const [head, then, now, fault] = [".recorded-head-at", ".recorded-then", ".recorded-now", ".recorded-fault"].map((name) => find(document, name));
const hands = { look: timeLook, jump: (/** @type {number} */ at) => jump(at), play, back: goBack, tell };
const paintBar = mountTimeBar(find(document, ".time-bar"), { city, format, say: recorded });
const paintControls = mountTimeControls(document, { city, format, say: recorded }, hands);
const paintList = mountPastList(document, room, { view: (view) => (Object.assign(here, { view }), changed()), choose });
const paintReading = mountPastReading(document, room);

/** @returns {number | null} room time of now, ms, run on from the last beat */
function roomNow() {
  const { beat, heardAt } = live.time;
  return beat ? Date.parse(beat.at) + (mono() - heardAt) * (beat.rate ?? 1) : null;
}

/** @returns {import("./time_controls.js").TimeLook} */
function timeLook() {
  const at = pending ?? past.at;
  return { at, seq: position, speed: past.speed, day: at === null ? null : days.of(toLocalInput(at, city.zone).slice(0, 10)), now: roomNow() };
}

/** @param {number} at ms */
function jump(at) {
  if (pending === null) {
    jumpedAt = mono();
    later(LOADS_AFTER_MS, changed);
  }
  [pending, position] = [at, null];
  void past.jump({ at });
  changed();
}

/** @param {number} speed */
function play(speed) {
  const stood = past.speed === 0;
  if (speed > 0) position = null;
  past.tick(mono());
  past.play(speed);
  if (stood && speed > 0) requestAnimationFrame(run);
}

/** Every frame, as long as it runs. */
function run() {
  if (past.speed === 0) return;
  if (past.tick(mono())) paintMoment();
  if (mono() >= listDue) paint();
  requestAnimationFrame(run);
}

/** @param {string} id */
function choose(id) {
  here.chosen = id;
  changed();
}

/** In the next frame. */
function changed() {
  if (!queued) frame(paint);
  queued = true;
}

/** @returns {PastLook} of that moment */
function look() {
  const { state, at } = past;
  const picture = live.picture(city, state);
  const list = listComplaints(state.cards.values(), { view: here.view, filter: NO_FILTER, most: PAGE }, { at, unacked: picture.unacked, districtOf: city.districtOf });
  // Whoever chooses nothing reads what was most urgent; while it runs that stays as long as it is listed.
  const stays = past.speed > 0 ? list.rows.find(({ id }) => id === shown) : null;
  const chosen = (here.chosen ? state.cards.get(here.chosen) : null) ?? stays ?? list.rows[0] ?? null;
  shown = chosen?.id ?? "";
  // A recording that runs opens nothing by itself.
  const opens = past.speed === 0 || chosen?.id === here.chosen;
  return { ...picture, at, age: 0, waited: 0, sinceBeat: 0, freshness: "recorded", list, view: here.view, chosen, told: details.until(chosen?.id ?? null, state.seq, live.state.cards.get(shown)?.seq, opens) };
}

function paint() {
  queued = false;
  const begun = mono();
  if (!past.busy) pending = null;
  past.touched.clear();
  const seen = look();
  const cohort = seen.state.counts?.cohort;
  const n = (/** @type {"in" | "waiting" | "in_process" | "done" | "elsewhere"} */ name) => format.number(cohort?.[name] ?? 0);
  write(/** @type {HTMLElement} */ (then), cohort ? recorded("then", { waiting: n("waiting"), in_process: n("in_process"), done: n("done"), elsewhere: n("elsewhere"), in: n("in") }) : recorded("then_unknown"));
  const loads = pending !== null && mono() - jumpedAt >= LOADS_AFTER_MS;
  const said = past.fault === "moment" ? recorded("no_such_moment") : past.fault === "closed" ? recorded("recording_closed") : past.fault === "away" ? recorded("recording_away") : past.whole && !loads ? "" : recorded("recording_loads");
  write(/** @type {HTMLElement} */ (fault), said);
  show(/** @type {HTMLElement} */ (fault), said !== "");
  paintList(seen);
  paintReading(seen);
  tellState(page, seen, here.view);
  paintMoment();
  listDue = mono() + Math.max(LIST_EVERY_MS, REST * (mono() - begun));
  later(ADDRESS_AFTER_MS, writeAddress);
}

/** What moves with every frame of a recording that runs. */
function paintMoment() {
  const seen = timeLook();
  const { at } = seen;
  const when = at === null ? { day: "–", time: "––.––.––" } : { day: format.day(at), time: format.clock(at) };
  write(/** @type {HTMLElement} */ (head), recorded(drill ? "head_drill" : "head", when));
  paintControls(seen);
  paintBar({ ...seen, called: calledThen() });
}

/** @returns {string} the first alarm that nobody had taken then */
function calledThen() {
  const { state, at } = past;
  const moment = { at, calendar: live.calendar };
  const alarm = inOrder(state, moment).find((one) => one.state === "unacked");
  if (!alarm) return "";
  const named = { alarm, card: alarm.complaint ? state.cards.get(alarm.complaint) : null };
  return `${alarmWhat(named, room)} ${alarmLate(named, { ...moment, state, beat: null, sinceBeat: 0 }, room)}`.trim();
}

/** What is true now, of the live feed alone, and how honest that is. */
function paintNow() {
  const { state, whole, freshness, at, age, waited } = live.moment();
  const { unacked } = countAlarms(state.alarms.values());
  coverNames(document, leftOf(state.lines, "visit", live.serverNow()) > 0, room.say("officer"));
  const joining = !whole && waited <= 15;
  const lost = freshness === "lost" && !joining;
  const words = joining ? recorded("joining_now") : lost ? recorded("unheard_now", { span: format.span((Number.isFinite(age) ? age : waited) * 1000) })
    : recorded("unacked_now", { time: at === null ? "–" : format.clock(at), n: format.number(unacked) });
  write(/** @type {HTMLElement} */ (now), words);
  mark(/** @type {HTMLElement} */ (now), "data-calls", String(lost || unacked > 0));
}

function tick() {
  if (mono() - usedAt > IDLE_MS) void goBack();
  live.throttle.ask();
  if (past.speed === 0 && past.whole) paintMoment();
}

/** The address says the moment, so that a link shows the same to a colleague with the same right. */
function writeAddress() {
  const search = searchAt(location.search, { at: past.at, seq: position });
  if (past.at === null || past.speed > 0 || search === written) return;
  written = search;
  history.replaceState(null, "", location.pathname + search);
}

/** @param {string} words for a while over the foot */
function tell(words) {
  const line = find(document, ".desk-told");
  write(line, words);
  show(line, true);
  later(TOLD_MS, () => show(line, false));
}

async function goBack() {
  if (leaving) return;
  leaving = true;
  while (!(await answers("/healthz"))) await rest(AGAIN_MS);
  location.replace(location.pathname + searchAt(location.search));
}

/** @param {1 | -1} way */
function move(way) {
  const { list, chosen } = look();
  const at = list.rows.findIndex(({ id }) => id === chosen?.id);
  const next = list.rows[Math.min(list.rows.length - 1, Math.max(0, at + way))];
  if (next) choose(next.id);
}

/** @type {Readonly<Record<string, (event: KeyboardEvent) => unknown>>} */
const KEYS = {
  ArrowLeft: ({ shiftKey }) => step(hands, -1, shiftKey ? "alarm" : undefined), ArrowRight: ({ shiftKey }) => step(hands, 1, shiftKey ? "alarm" : undefined),
  ArrowUp: () => move(-1), ArrowDown: () => move(1), k: () => move(-1), j: () => move(1), " ": () => playOrPause(hands), Escape: () => goBack(),
};
document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  const act = KEYS[event.key];
  // In a field of date and time the keys are the field's own; on a button the space bar is the button's.
  if (!act || event.ctrlKey || event.metaKey || event.altKey || target.matches("input") || (event.key === " " && target.matches("button, a"))) return;
  event.preventDefault();
  act(event);
});
for (const kind of ["pointerdown", "pointermove", "keydown", "wheel"]) addEventListener(kind, () => (usedAt = mono()), { passive: true, capture: true });
find(document, '[data-do="back"]').addEventListener("click", () => void goBack());

keepNames({ get: (url) => person.get(url), changed });
live.start();
paint();
mark(page, "data-ready", "true");
await past.jump(asked);
if (asked.speed > 0 && past.whole) play(asked.speed);
