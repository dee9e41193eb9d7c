/**
 * Entry of the wall: joins the feed, the store and the scenes, and owns the page's clocks.
 */
import { LocalCopy, openShelf } from "../feed/cache.js";
import { mismatches } from "../feed/cards.js";
import { age, clockAt, followCalendar, freshness, hear, NO_CALENDAR, noTime, serverNow } from "../feed/clock.js";
import { Feed, openFeed } from "../feed/connection.js";
import { answers, Figures, getJson, getPieces } from "../feed/http.js";
import { guestsHere } from "../feed/room_notices.js";
import { emptyState, yieldToMain } from "../feed/store.js";
import { archiveOf } from "../map/base_map.js";
import { startFlash, startSound } from "../screen/alertness.js";
import { sceneFlashes } from "../screen/flash.js";
import { askedOf, createMeasure, fontReady, frameScreen, measuredCap, moveFrame, readScreen } from "../screen/layout.js";
import { answerCall, createPresence, PaintReport } from "../screen/presence.js";
import { answerWatchdog, createReload, drawSlot, isLater, keepShell, mayRestart, planRestart, stayAwake } from "../screen/reload.js";
import { changedSince, createPaintThrottle, FigureThrottle, SlicedRanking } from "../screen/scheduler.js";
import { attention, countAlarms, floodIn, SLOTS, unackedComplaints } from "../ui/alarms.js";
import { cityOf } from "../ui/city.js";
import { quietSources } from "../ui/complaints.js";
import { find, mark, write } from "../ui/dom.js";
import { formatIn, minutesLeft } from "../ui/format.js";
import { mountChip, mountSoundBadge, tellState } from "../ui/picture.js";
import { pinned } from "../ui/scenes.js";
import { languageOf, sayIn } from "../ui/language.js";
import { mountBand } from "./alarm_band.js";
import { mountCopyMark, mountDrillFrame, mountHeldMark, mountLostBand, mountVisitMark } from "./marks.js";
import { mountClock, mountLedger, mountSources } from "./rail.js";
import { heldIn, Stage } from "./rotation.js";
import { mountAgencies } from "./scenes/agencies.js";
import { mountBoard } from "./scenes/board.js";
import { mountMap } from "./scenes/map.js";
import { mountOverdue } from "./scenes/overdue.js";
import { mountTrend } from "./scenes/trend.js";
import { mountVisit } from "./scenes/visit.js";
import { mountTestPattern } from "./test_pattern.js";

/** @typedef {import("../ui/picture.js").Picture} Picture */

/** At most four pictures a second, and a look at the time ten times a second. */
const PAINT_EVERY_MS = 250;
const TICK_MS = 100;
const PASS_EVERY_MS = 1000;
/** So long a wall waits for its server before it shows its own copy. */
const COPY_AFTER_MS = 2500;

const page = document.documentElement;
const asked = askedOf(page, location.search);
const lang = languageOf(document);
const city = cityOf(document, lang);
const panel = readScreen(asked);
await fontReady();
const { type, shape, flash: mayFlash } = frameScreen(page, panel);
const room = { city, lang, look: asked.get("look"), panels: panel.panels, type, say: sayIn(lang, "wall", "ui"), format: formatIn(lang, city), width: createMeasure(type) };
const pin = pinned(asked.get("scene"));
const opened = performance.now();
const slot = drawSlot(Math.random);

const later = (/** @type {number} */ ms, /** @type {() => void} */ act) => {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
};
const rest = (ms = 0) => (ms > 0 ? /** @type {Promise<void>} */ (new Promise((go) => setTimeout(go, ms))) : yieldToMain());
const frame = (/** @type {() => void} */ act) => void (document.hidden ? setTimeout(act, 0) : requestAnimationFrame(act));

let state = emptyState();
const figureThrottle = new FigureThrottle(state);
let time = noTime();
let calendar = NO_CALENDAR;
let shown = "";
/** @type {readonly import("../ui/scenes.js").Scene[]} */
let up = [];
let freshAsked = false;
let lastPass = -Infinity;
let copied = false;
/** @type {LocalCopy | null} */
let localCopy = null;

const stage = new Stage();
const slicedRanking = new SlicedRanking({ now: () => performance.now(), rest });
const presence = createPresence("wall", () => ({ time, whole: state.epoch !== "", opened }), asked.get("look") ?? "");
const report = new PaintReport((lags) => presence.painted(lags));

for (const name of document.querySelectorAll(".room-name")) write(name, city.room);
mountDrillFrame(document, room);
const rail = [mountChip, mountClock, mountLedger, mountSources, mountBand, mountLostBand].map((mount) => mount(document, room));
const map = mountMap(document, room);
const scenes = {
  map: map.paint, board: mountBoard(document, room), overdue: mountOverdue(document, room),
  agencies: mountAgencies(document, room), trend: mountTrend(document, room), visit: mountVisit(document, room),
};
const paintCopyMark = mountCopyMark(document, room);
const paintHeldMark = mountHeldMark(document, room);
const paintVisitMark = mountVisitMark(document, room);
const flash = startFlash(page, (mono) => serverNow(time, mono), !mayFlash.band);
// A wall speaks only where it is told to; otherwise the desk does.
const sound = asked.get("sound") === "1" ? startSound({ ordered: flash.ordered, badge: mountSoundBadge(document, room), presence }) : null;
const figures = new Figures({ getJson, now: () => performance.now(), arrived: () => throttle.ask() });
const throttle = createPaintThrottle({ every: PAINT_EVERY_MS, now: () => performance.now(), later, frame }, paint);

/** @returns {import("../ui/scenes.js").Scene} up at this moment */
function sceneNow() {
  return pin ?? stage.scene(state, serverNow(time, performance.now()));
}

/** @param {string} scene @param {import("../feed/store.js").State} state @returns {Picture} everything of it from one position of the log */
function look(scene, state) {
  const mono = performance.now();
  const seconds = age(time, mono);
  const whole = state.epoch !== "";
  const at = clockAt(time) ?? (Date.parse(state.at ?? "") || null);
  const unacked = unackedComplaints(state);
  const flood = whole ? floodIn(state, city) : null;
  const alarms = countAlarms(state.alarms.values()).unacked;
  const ranking = slicedRanking.look(state.cards, { at: at ?? 0, calendar, unacked });
  return {
    state, whole, mono, at, calendar, unacked, ranking, flood,
    age: seconds,
    waited: (mono - opened) / 1000,
    sinceBeat: (mono - time.heardAt) / 1000,
    freshness: freshness(seconds, whole),
    beat: time.beat,
    quiet: quietSources(state),
    figure: figures.of(scene, state.epoch),
    attention: whole ? attention({ state, ranking, at, calendar, own: presence.alarm() }) : [],
    sceneFlashes: flood === null && sceneFlashes(alarms, Math.min(SLOTS, alarms), mayFlash.scene),
    guests: guestsHere(state, serverNow(time, mono), scene),
    wrong: whole ? mismatches(state.counts, state.tally) : [],
  };
}

function paint() {
  const scene = sceneNow();
  figures.want(scene, state.epoch);
  const picture = look(scene, figureThrottle.take(state, performance.now()));
  up = shape === "wide" ? beside(scene) : [scene];
  for (const name of up) scenes[name](picture);
  moveFrame(page, panel, serverNow(time, picture.mono), picture.at === null ? null : Number(room.format.hour(picture.at).slice(0, 2)));
  mark(page, "data-guests", picture.whole ? String(picture.guests) : "unknown");
  for (const view of rail) view(picture);
  paintCopyMark(copied, picture.at);
  paintVisitMark(state, serverNow(time, picture.mono));
  paintHeldMark({ state, held: pin ? null : heldIn(state, serverNow(time, picture.mono)), frozen: flash.frozen(), freshness: picture.freshness, serverNow: serverNow(time, picture.mono) });
  tellState(page, picture, scene);
  shown = signature();
  setTimeout(() => report.painted(serverNow(time, performance.now()), picture.state.seq), 0);
  showFresh();
  surveyLater(picture);
}

/** What the figures do not count yet stands on the map as marks of its own. */
function showFresh() {
  freshAsked = false;
  const cards = up.includes("map") && page.dataset.freshness !== "lost" ? changedSince(state, figureThrottle.state) : [];
  const ids = map.fresh(cards);
  mark(page, "data-fresh", String(ids.size));
  if (ids.size === 0) return;
  setTimeout(() => report.marked(serverNow(time, performance.now()), ids), 0);
}

/** In the next frame; the throttle is that of the figures. */
function askFresh() {
  if (!freshAsked) frame(showFresh);
  freshAsked = true;
}

/** @param {import("../ui/scenes.js").Scene} scene @returns {import("../ui/scenes.js").Scene[]} an ultra-wide wall has the board beside the scene, and the map where the board would be */
function beside(scene) {
  return [scene === "board" ? "map" : scene, "board"];
}

/** @param {Picture} picture a large city is looked through between the frames */
async function surveyLater({ state: { cards }, at, mono, unacked }) {
  if (mono - lastPass < PASS_EVERY_MS) return;
  lastPass = mono;
  await slicedRanking.pass(cards, { at: at ?? 0, calendar, unacked });
  lastPass = performance.now();
}

/** @returns {string} what may change without a message: the second, the freshness, what a desk holds, the scene */
function signature() {
  const mono = performance.now();
  const seconds = age(time, mono);
  const waited = time.beat ? 0 : Math.floor((mono - opened) / 1000);
  const held = minutesLeft(heldIn(state, serverNow(time, mono))?.left ?? 0);
  return [Math.floor(seconds), waited, freshness(seconds, state.epoch !== ""), held, minutesLeft(flash.frozen()), sceneNow()].join(" ");
}

function tick() {
  const now = signature();
  if (now === shown) return figureThrottle.due(state, performance.now()) ? throttle.ask() : undefined;
  if (now.split(" ").pop() === page.dataset.scene) throttle.ask();
  else throttle.now();
}

const calendarIs = followCalendar({ getJson, later }, (read) => {
  calendar = read;
  throttle.ask();
});

/** Without its server the wall shows what it kept, and keeps what it is told once it is told. */
async function startCopy() {
  try {
    const copy = new LocalCopy(await openShelf(), { now: () => performance.now(), rest });
    // Until then the page is busy enough with what the server says.
    await rest(COPY_AFTER_MS);
    const last = await copy.last(() => state.epoch === "");
    localCopy = copy;
    if (state.epoch !== "" || !last) return;
    state = last;
    copied = true;
    throttle.ask();
  } catch {
    localCopy = null;
  }
}

const considerReload = createReload({ answers: () => answers("/healthz"), rest, wanted: (build) => isLater(page.dataset.build ?? "", build) });
const considerRestart = planRestart(page, { may: () => mayRestart(quietNow()), answers: () => answers("/healthz"), rest });

/** What decides whether the planned restart may be now. */
function quietNow() {
  const [mono, at] = [performance.now(), clockAt(time)];
  const [hour = 0, minute = 0, second = 0] = at === null ? [] : room.format.clock(at).split(/[.:]/).map(Number);
  return {
    second: (hour * 60 + minute) * 60 + second, slot, stood: mono - opened, unacked: countAlarms(state.alarms.values()).unacked,
    freshness: freshness(age(time, mono), state.epoch !== ""), rate: time.beat?.rate ?? 1,
  };
}

const feed = new Feed(
  { open: openFeed, getPieces, later, random: Math.random, rest },
  state,
  {
    state(next, batch) {
      state = next;
      copied = false;
      slicedRanking.note(next.touched);
      flash.take(next);
      sound?.hear(next);
      if (batch) report.arrived(batch);
      if (figureThrottle.urgent(next)) throttle.now();
      else if (figureThrottle.due(next, performance.now())) throttle.ask();
      else askFresh();
    },
    beat(beat) {
      time = hear(time, beat, performance.now());
      void calendarIs(beat.calendar);
      void considerReload(beat.build);
      void considerRestart();
      if (state.epoch !== "" && !copied) localCopy?.offer(state).catch(() => undefined);
      throttle.ask();
    },
  },
);

paint();
if (asked.get("test") === "pattern") mountTestPattern(document, panel, measuredCap());
setInterval(tick, TICK_MS);
document.addEventListener("visibilitychange", () => throttle.ask());
feed.start();
presence.start(feed.socket, answerCall);
feed.socket.on("frozen", (/** @type {{until_real?: string | null}} */ said) => flash.freeze(said?.until_real ?? null));
startCopy();
keepShell(archiveOf(find(document, ".base-map"))?.address ?? "");
stayAwake();
answerWatchdog();
