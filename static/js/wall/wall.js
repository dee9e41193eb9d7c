/**
 * Entry of the wall: joins the feed, the store and the scenes, and owns the page's clocks.
 */
import { LocalCopy, openShelf } from "../feed/cache.js";
import { mismatches } from "../feed/cards.js";
import { clockAt } from "../feed/clock.js";
import { answers, Figures, getJson, SIGNS_EVERY_MS } from "../feed/http.js";
import { guestsHere } from "../feed/room_notices.js";
import { archiveOf } from "../map/base_map.js";
import { sceneFlashes } from "../screen/flash.js";
import { askedOf, createMeasure, fontReady, frameScreen, measuredCap, moveFrame, readScreen } from "../screen/layout.js";
import { frame, LivePage, mono, rest } from "../screen/live.js";
import { PaintReport } from "../screen/presence.js";
import { answerWatchdog, drawSlot, keepShell, mayRestart, planRestart, stayAwake } from "../screen/reload.js";
import { changedSince, FigureThrottle, SlicedRanking } from "../screen/scheduler.js";
import { attention, countAlarms, SLOTS } from "../ui/alarms.js";
import { cityOf } from "../ui/city.js";
import { quietSources } from "../ui/complaints.js";
import { find, mark, write } from "../ui/dom.js";
import { formatIn, minutesLeft } from "../ui/format.js";
import { mountChip, mountSoundBadge, tellState } from "../ui/picture.js";
import { languageOf, sayIn } from "../ui/language.js";
import { mountBand } from "./alarm_band.js";
import { mountCopyMark, mountDrillFrame, mountHeldMark, mountStaleness, mountVisitMark } from "./marks.js";
import { mountHazardLine } from "./hazard_line.js";
import { mountClock, mountLedger, mountSources } from "./rail.js";
import { heldIn, Stage } from "./rotation.js";
import { mountScenes, pinned, showScenes } from "./scenes/registry.js";
import { mountSignLine } from "./sign_line.js";
import { mountTestPattern } from "./test_pattern.js";

/** @typedef {import("../ui/picture.js").Picture} Picture */

/** At most four pictures a second, and a look at the time ten times a second. */
const PAINT_EVERY_MS = 250;
const TICK_MS = 100;
const PASS_EVERY_MS = 1000;
/** What a desk calls, before the scene's name; and when the wall shows it to the desk again. */
const SCENE_CALL = "scene:";
const PICTURE_AFTER_MS = 1500;
/** Scenes with a mark or row for each alarm, which flashes. */
const MARKED = /** @type {ReadonlySet<string>} */ (new Set(["map", "board", "overdue"]));
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
let pin = pinned(asked.get("scene"));
const slot = drawSlot(Math.random);

const live = new LivePage({
  audience: "wall", every: PAINT_EVERY_MS, paint, tickEvery: TICK_MS, tick,
  took(next, batch) {
    copied = false;
    slicedRanking.note(next.touched);
    if (batch) report.arrived(batch, live.serverNow());
  },
  repaint(next) {
    if (figureThrottle.urgent(next)) live.throttle.now();
    else if (figureThrottle.due(next, mono())) live.throttle.ask();
    else askFresh();
  },
  heard() {
    void considerRestart();
    if (live.whole && !copied) localCopy?.offer(live.state).catch(() => undefined);
  },
});
const figureThrottle = new FigureThrottle(live.state);
let shown = "";
/** @type {readonly import("./scenes/registry.js").Scene[]} */
let up = [];
let freshAsked = false;
let lastPass = -Infinity;
let copied = false;
/** @type {LocalCopy | null} */
let localCopy = null;

const stage = new Stage();
const slicedRanking = new SlicedRanking({ now: mono, rest });
const alerts = live.alert("wall", { look: asked.get("look") ?? "", steady: !mayFlash.band });
const { flash, presence } = alerts;
const report = new PaintReport((lags, received, positions) => presence.painted(lags, received, positions));

for (const name of document.querySelectorAll(".room-name")) write(name, city.room);
mountDrillFrame(document, room);
const rail = [mountChip, mountClock, mountLedger, mountSources, mountBand, mountStaleness, mountHazardLine].map((mount) => mount(document, room));
const scenes = mountScenes(document, room);
const paintCopyMark = mountCopyMark(document, room);
const paintHeldMark = mountHeldMark(document, room);
const paintVisitMark = mountVisitMark(document, room);
const paintSignLine = mountSignLine(document, room);
// A wall speaks only where it is told to; otherwise the desk does.
if (asked.get("sound") === "1" && window === window.top) live.speak(alerts, mountSoundBadge(document, room));
const figures = new Figures({ getJson, now: mono, arrived: () => live.throttle.ask() });
const signs = new Figures({ getJson, now: mono, arrived: () => live.throttle.ask(), every: SIGNS_EVERY_MS });

/** @returns {import("./scenes/registry.js").Scene} up at this moment */
function sceneNow() {
  return pin ?? stage.scene(live.state, live.serverNow());
}

/** @param {string} scene @param {import("../feed/store.js").State} state @returns {Picture} everything of it from one position of the log */
function look(scene, state) {
  const seen = live.picture(city, state);
  const { whole, at, calendar, unacked, flood } = seen;
  const alarms = countAlarms(state.alarms.values()).unacked;
  const ranking = slicedRanking.look(state.cards, { at: at ?? 0, calendar, unacked });
  // An ultra-wide band has one cell more than the map has names.
  const slots = whole ? attention({ state, ranking, at, calendar, own: presence.alarm(), most: shape === "wide" ? SLOTS + 1 : SLOTS }) : [];
  return {
    ...seen, ranking,
    quiet: quietSources(state),
    figure: figures.of(scene, state.epoch),
    attention: slots.slice(0, SLOTS), slots,
    sceneFlashes: flood === null && sceneFlashes(alarms, Math.min(slots.length, alarms), { scenes: up.filter((name) => MARKED.has(name)).length, room: mayFlash.scene }),
    guests: guestsHere(state, live.serverNow(), scene),
    wrong: whole ? mismatches(state.counts, state.tally) : [],
  };
}

function paint() {
  const { state } = live;
  const scene = sceneNow();
  figures.want(scene, state.epoch);
  signs.want("signs", state.epoch);
  up = shape === "wide" ? beside(scene) : [scene];
  const picture = look(scene, figureThrottle.take(state, mono()));
  presence.sums(picture.wrong);
  const now = live.serverNow();
  for (const name of up) scenes[name](picture);
  showScenes(document, up);
  moveFrame(page, panel, now, picture.at === null ? null : Number(room.format.hour(picture.at).slice(0, 2)));
  mark(page, "data-guests", picture.whole ? String(picture.guests) : "unknown");
  for (const view of rail) view(picture);
  paintSignLine(picture, signs.of("signs", state.epoch));
  paintCopyMark(copied, picture.at);
  paintVisitMark(state, now);
  paintHeldMark({ state, held: pin ? null : heldIn(state, now), frozen: flash.frozen(), freshness: picture.freshness, serverNow: now });
  tellState(page, picture, scene);
  shown = signature();
  setTimeout(() => report.painted(live.serverNow(), picture.state.seq), 0);
  showFresh();
  surveyLater(picture);
}

/** What the figures do not count yet stands on the map as marks of its own. */
function showFresh() {
  freshAsked = false;
  const cards = up.includes("map") && page.dataset.freshness !== "lost" ? changedSince(live.state, figureThrottle.state) : [];
  const ids = scenes.map.fresh?.(cards);
  mark(page, "data-fresh", String(ids?.size ?? 0));
  if (!ids?.size) return;
  setTimeout(() => report.marked(live.serverNow(), ids), 0);
}

/** In the next frame; the throttle is that of the figures. */
function askFresh() {
  if (!freshAsked) frame(showFresh);
  freshAsked = true;
}

/** @param {import("./scenes/registry.js").Scene} scene @returns {import("./scenes/registry.js").Scene[]} an ultra-wide wall has the board beside the scene, and the map where the board would be; guests see the results alone (CR-81) */
function beside(scene) {
  if (scene === "visit") return [scene];
  return [scene === "board" ? "map" : scene, "board"];
}

/** @param {Picture} picture a large city is looked through between the frames */
async function surveyLater({ state: { cards }, at, mono: now, calendar, unacked }) {
  if (now - lastPass < PASS_EVERY_MS) return;
  lastPass = now;
  await slicedRanking.pass(cards, { at: at ?? 0, calendar, unacked });
  lastPass = mono();
}

/** @returns {string} what may change without a message: the second, the freshness, what a desk holds, the scene */
function signature() {
  const { age: seconds, beat, waited, freshness: fresh } = live.moment();
  const held = minutesLeft(heldIn(live.state, live.serverNow())?.left ?? 0);
  return [Math.floor(seconds), beat ? 0 : Math.floor(waited), fresh, held, minutesLeft(flash.frozen()), sceneNow()].join(" ");
}

function tick() {
  const now = signature();
  if (now === shown) return void (figureThrottle.due(live.state, mono()) && live.throttle.ask());
  if (now.split(" ").pop() === page.dataset.scene) live.throttle.ask();
  else live.throttle.now();
}

/** Without its server the wall shows what it kept, and keeps what it is told once it is told. */
async function startCopy() {
  try {
    const copy = new LocalCopy(await openShelf(), { now: mono, rest });
    // Until then the page is busy enough with what the server says.
    await rest(COPY_AFTER_MS);
    const last = await copy.last(() => !live.whole);
    localCopy = copy;
    if (live.whole || !last) return;
    live.state = last;
    copied = true;
    live.throttle.ask();
  } catch {
    localCopy = null;
  }
}

const considerRestart = planRestart(page, { may: () => mayRestart(quietNow()), answers: () => answers("/healthz"), rest });

/** What decides whether the planned restart may be now. */
function quietNow() {
  const at = clockAt(live.time);
  const [hour = 0, minute = 0, second = 0] = at === null ? [] : room.format.clock(at).split(/[.:]/).map(Number);
  return {
    second: (hour * 60 + minute) * 60 + second, slot, stood: mono() - live.opened, unacked: countAlarms(live.state.alarms.values()).unacked,
    freshness: live.moment().freshness, rate: live.time.beat?.rate ?? 1,
  };
}

live.start();
if (asked.get("test") === "pattern") mountTestPattern(document, panel, measuredCap());
// Another scene alone needs no other page: one that loads anew would be without data for a moment.
live.feed.socket.on("call", (/** @type {{what?: string}} */ { what = "" }) => {
  if (!what.startsWith(SCENE_CALL)) return;
  pin = pinned(what.slice(SCENE_CALL.length) || new URLSearchParams(location.search).get("scene"));
  live.throttle.now();
  setTimeout(() => presence.askPicture(), PICTURE_AFTER_MS);
});
live.feed.socket.on("frozen", (/** @type {{until_real?: string | null}} */ said) => flash.freeze(said?.until_real ?? null));
startCopy();
keepShell(archiveOf(find(document, ".base-map"))?.address ?? "");
stayAwake();
answerWatchdog();
