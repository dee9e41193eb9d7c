/**
 * Entry of the wall at a past moment, `/wall?at=…` or `?seq=…`: what was, in a frame that says so, and beneath it what is true now. It
 * keeps nothing for a start without the server, makes no sound, flashes nothing, and goes back to the live wall by itself.
 */
import { toLocalInput } from "../feed/clock.js";
import { answers, getJson, getPieces } from "../feed/http.js";
import { askedMoment, PastDays, PastRoom, searchAt } from "../feed/past.js";
import { guestsHere, leftOf } from "../feed/room_notices.js";
import { askedOf, createMeasure, fontReady, frameScreen, moveFrame, readScreen } from "../screen/layout.js";
import { frame, later, LivePage, mono, rest } from "../screen/live.js";
import { answerWatchdog, dropRecorded, stayAwake } from "../screen/reload.js";
import { SlicedRanking } from "../screen/scheduler.js";
import { alarmLate, alarmWhat, attention, countAlarms, SLOTS } from "../ui/alarms.js";
import { cityOf } from "../ui/city.js";
import { quietSources } from "../ui/complaints.js";
import { find, mark, write } from "../ui/dom.js";
import { formatIn } from "../ui/format.js";
import { languageOf, sayIn } from "../ui/language.js";
import { tellState } from "../ui/picture.js";
import { mountTimeBar } from "../ui/time_bar.js";
import { mountVisitMark } from "./marks.js";
import { mountNowStrip, mountRecordedFrame, Return } from "./now_strip.js";
import { mountClock, mountLedger } from "./rail.js";
import { mountScenes, pinned, showScenes } from "./scenes/registry.js";

/** @typedef {import("../ui/picture.js").Picture} Picture */

/** The strip of now; and while the recording runs the sum of the day, and the scene, which rests so many times as long as it took. */
const NOW_EVERY_MS = 250;
const SUM_EVERY_MS = 100;
const SCENE_EVERY_MS = 500;
const REST = 10;
const TICK_MS = 100;
const AGAIN_MS = 5000;
/** All scenes but the map stand so much smaller beside the time bar, and their text as much larger; as in recorded.css. */
const SMALLER = 0.9;
const MOST_TYPE = 1.34;
const FEW = 20;
/** Of the axis to both sides, and of a bezel, units. */
const [SIDE, BEZEL] = [80, 26];

const page = document.documentElement;
const asked = askedOf(page, location.search);
const moment = askedMoment(location.search) ?? { at: Number.NaN, seq: null, speed: 0 };
const lang = languageOf(document);
const city = cityOf(document, lang);
const panel = readScreen(asked);
await fontReady();
const { type, shape } = frameScreen(page, panel);
const say = sayIn(lang, "recorded", "wall", "ui");
const format = formatIn(lang, city);
/** With less height a coarse map would fall back to every incident, which a television cannot tell apart. */
const mapLook = asked.get("look") ?? (page.dataset["density"] === "coarse" && city.districts.length <= FEW ? "districts" : null);
const roomOf = (/** @type {number} */ size) => ({ city, lang, look: mapLook, panels: panel.panels, type: size, say, format, width: createMeasure(size) });
const room = roomOf(type);
const smaller = Math.min(MOST_TYPE, type / (shape === "portrait" ? 1 : SMALLER));
page.style.setProperty("--smaller-type", smaller.toFixed(4));
const pin = pinned(asked.get("scene")) ?? "map";

const live = new LivePage({ audience: "wall", every: NOW_EVERY_MS, paint: paintNow, tickEvery: TICK_MS, tick, mayReload: () => false });
const past = new PastRoom({ getJson, getPieces, rest: () => rest(), later, head: () => roomNow(), changed: askScene }, "wall");
const days = new PastDays({ getJson, mono, changed: askScene });
const ranking = new SlicedRanking({ now: mono, rest });
const returns = new Return(mono());
live.alert("wall", { look: asked.get("look") ?? "", steady: true, recorded: true });

for (const name of document.querySelectorAll(".room-name")) write(name, city.room);
const paintFrame = mountRecordedFrame(document, room);
const paintStrip = mountNowStrip(document, room);
const paintBar = mountTimeBar(find(document, ".time-bar"), room, { kept: bezels });
const paintVisitMark = mountVisitMark(document, room);
const [paintClock, paintLedger] = [mountClock(document, room), mountLedger(document, room)];
const scenes = mountScenes(document, room, shape === "portrait" ? room : roomOf(smaller));
/** An ultra-wide wall has the board beside the scene, and the map where the board would be. */
const up = shape === "wide" && pin !== "visit" ? /** @type {const} */ ([pin === "board" ? "map" : pin, "board"]) : [pin];
let [summedAt, sceneDue, sceneAsked, leaving, called] = [-Infinity, -Infinity, false, false, ""];

/** @returns {number | null} room time of now, ms, run on from the last beat */
function roomNow() {
  const { beat, heardAt } = live.time;
  return beat ? Date.parse(beat.at) + (mono() - heardAt) * (beat.rate ?? 1) : null;
}

/** @param {number} width of the axis, px @returns {[number, number][]} where a bezel runs */
function bezels(width) {
  const whole = shape === "portrait" ? 2160 : shape === "wide" ? 5760 : 3840;
  const unit = width / (whole - 2 * SIDE);
  return Array.from({ length: panel.panels - 1 }, (_, i) => {
    const at = (whole * (i + 1)) / panel.panels - SIDE;
    return [(at - BEZEL) * unit, (at + BEZEL) * unit];
  });
}

/** @returns {Picture} of that moment: nothing in it is of now but who may see it */
function look() {
  const { state } = past;
  const now = live.picture(city, state);
  const at = past.at;
  const ranked = ranking.look(state.cards, { at: at ?? 0, calendar: now.calendar, unacked: now.unacked });
  const slots = past.whole ? attention({ state, ranking: ranked, at, calendar: now.calendar, most: SLOTS + 1 }) : [];
  return {
    ...now, at, age: 0, waited: 0, sinceBeat: 0, freshness: "recorded", ranking: ranked, slots, attention: slots.slice(0, SLOTS), quiet: quietSources(state),
    beat: at === null ? null : { epoch: state.epoch, seq: state.seq, now: new Date(at).toISOString(), at: new Date(at).toISOString() },
    figure: null, sceneFlashes: false, guests: guestsHere(live.state, live.serverNow(), pin), wrong: [],
  };
}

/** In the next frame. */
function askScene() {
  if (!sceneAsked) frame(paintScene);
  sceneAsked = true;
}

function paintScene() {
  sceneAsked = false;
  const begun = mono();
  ranking.note(past.touched);
  past.touched.clear();
  const picture = look();
  const [first] = picture.attention;
  called = first && !first.acted ? `${alarmWhat(first, room)} ${alarmLate(first, picture, room)}` : "";
  paintSum();
  for (const name of up) scenes[name](picture);
  showScenes(document, up);
  mark(page, "data-guests", picture.whole ? String(picture.guests) : "unknown");
  tellState(page, picture, pin);
  paintMoment();
  sceneDue = mono() + Math.max(SCENE_EVERY_MS, REST * (mono() - begun));
  void ranking.pass(past.state.cards, { at: past.at ?? 0, calendar: picture.calendar, unacked: picture.unacked });
}

function paintSum() {
  summedAt = mono();
  paintLedger({ ...live.picture(city, past.state), at: past.at, guests: true, wrong: [] });
}

/** What moves with every frame of a recording that runs. */
function paintMoment() {
  const { at } = past;
  paintFrame(past);
  paintClock({ ...live.picture(city, past.state), at });
  paintBar({ day: at === null ? null : days.of(toLocalInput(at, city.zone).slice(0, 10)), at, now: roomNow(), called });
}

/** Every frame, as long as it runs. */
function run() {
  if (past.speed === 0) return;
  if (past.tick(mono())) paintMoment();
  if (mono() >= sceneDue) paintScene();
  else if (mono() - summedAt >= SUM_EVERY_MS) paintSum();
  // What was has become what is.
  if (past.speed === 0) return void goBack();
  requestAnimationFrame(run);
}

function paintNow() {
  const picture = { ...live.picture(city), guests: false };
  const now = live.serverNow();
  paintStrip(picture, { left: returns.left(mono()), leaving });
  paintVisitMark(live.state, now);
  // Until the room of now is known the scene is as for guests: who stands still would stay so.
  if (past.whole && page.dataset["guests"] !== String(guestsHere(live.state, now, pin))) askScene();
  moveFrame(page, panel, now, picture.at === null ? null : Number(format.hour(picture.at).slice(0, 2)));
}

function tick() {
  const unacked = countAlarms(live.state.alarms.values()).unacked;
  // What was is for those who work here: with guests in the room it goes at once (CR-81).
  const guests = leftOf(live.state.lines, "visit", live.serverNow()) > 0;
  if (guests || returns.due(unacked > 0 ? live.state.alarms.values() : [], live.feed.current, mono())) void goBack();
  live.throttle.ask();
}

/** A browser that finds no server would show its own page in place of the wall: it goes once there is one. */
async function goBack() {
  if (leaving) return;
  leaving = true;
  while (!(await answers("/healthz"))) await rest(AGAIN_MS);
  location.replace(location.pathname + searchAt(location.search));
}

live.start();
live.feed.socket.on("call", (/** @type {{what?: string}} */ { what = "" }) => what.startsWith("scene:") && void goBack());
paintScene();
await past.jump(moment);
if (moment.speed > 0 && past.whole) {
  past.tick(mono());
  past.play(moment.speed);
  requestAnimationFrame(run);
}
void dropRecorded();
stayAwake();
answerWatchdog();
