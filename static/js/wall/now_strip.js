/**
 * What stands around a recording on the wall: the frame that says so, beneath it what is true now, and when the wall goes back to it.
 */
import { alarmLate, alarmWhat, alarmWhere, attention, countAlarms, slotRing } from "../ui/alarms.js";
import { find, fit, mark, show, write } from "../ui/dom.js";
import { minutesLeft } from "../ui/format.js";
import { setSymbol, symbol } from "../ui/symbols.js";

/** @typedef {import("../ui/picture.js").Picture} Picture */
/** @typedef {import("../feed/messages.js").Alarm} Alarm */
/** @typedef {import("../ui/language.js").Below<import("../ui/language.js").Key, "wall" | "recorded" | "ui">} RecordedKey */
/** @typedef {import("../ui/picture.js").Room & {say: (key: RecordedKey, values?: import("../ui/language.js").Values) => string}} RecordedRoom it says what is only a recording's too */

// When a wall goes back by itself. Pure.

/** Nobody comes back to a wall: so long it may show what was. */
export const LONGEST_MS = 9 * 60_000;

export class Return {
  #openedAt;
  /** @type {ReadonlySet<string> | null} lives of alarms that nobody has, null until the room of now is known */
  #known = null;

  /** @param {number} openedAt monotonic ms */
  constructor(openedAt) {
    this.#openedAt = openedAt;
  }

  /** @param {number} mono ms @returns {number} ms until it goes back at the latest */
  left(mono) {
    return Math.max(0, this.#openedAt + LONGEST_MS - mono);
  }

  /**
   * @param {Iterable<Alarm>} alarms of now @param {boolean} joined whether they are all that there are now
   * @param {number} mono ms @returns {boolean} whether it goes back: its time is over, or an alarm came that was not there when it was opened
   */
  due(alarms, joined, mono) {
    if (this.left(mono) === 0) return true;
    if (!joined) return false;
    const lives = [...alarms].filter(({ state }) => state === "unacked").map(({ id, activated_at: at, raised_at: raised }) => `${id} ${at ?? raised ?? ""}`);
    this.#known ??= new Set(lives);
    return lives.some((life) => !this.#known?.has(life));
  }
}

// The frame: its words once a block, and its name at large in a corner that is free.

/** @param {Document} page @param {RecordedRoom} room @returns {(past: {at: number | null, fault: import("../feed/past.js").Fault | null, whole: boolean}) => void} */
export function mountRecordedFrame(page, { say, format }) {
  const drill = page.documentElement.dataset.drill === "true";
  const words = [...page.querySelectorAll(".recorded-words")];
  const fault = find(page, ".recorded-fault");
  write(find(page, ".recorded-name"), say("recorded"));
  return ({ at, fault: why, whole }) => {
    const line = at === null ? say("recorded") : say(drill ? "drill_line_at" : "line_at", { day: format.day(at), time: format.hour(at) });
    for (const one of words) write(one, line);
    const said = why === "moment" ? say("no_such_moment") : why === "closed" ? say("recording_closed") : why === "away" ? say("recording_away") : whole ? "" : say("recording_loads");
    write(fault, said);
    show(fault, said !== "");
  };
}

// The strip of now, of the live feed alone.

/** What a line of each cell may take, units, by layout; and the steps of its two lines. */
const CELLS = /** @type {Record<string, readonly [number, number, number]>} */ ({
  landscape: [880, 1120, 1120], portrait: [760, 2000, 920], wide: [1440, 1680, 1680], coarse: [620, 900, 720], coarse_halves: [990, 1120, 720], coarse_portrait: [560, 1280, 560], coarse_wide: [1000, 1120, 1120],
});
const STEPS = { fine: [72, 48], coarse: [60, 48] };

/** @param {DOMStringMap} look of the page */
function cellsOf({ density, shape = "landscape", panels }) {
  if (density !== "coarse") return CELLS[shape];
  return CELLS[shape === "landscape" ? (panels === "2" ? "coarse_halves" : "coarse") : `coarse_${shape}`];
}

/** @param {Document} page @param {RecordedRoom} room @returns {(picture: Picture, leaves: {left: number, leaving: boolean}) => void} picture: of now */
export function mountNowStrip(page, room) {
  const { say, format } = room;
  const strip = find(page, ".now-strip");
  const [clock, fresh, alarms, worst, waiting, back] = ["clock", "fresh", "alarms", "worst", "waiting", "back"].map((name) => find(strip, `.now-${name}`));
  if (!clock || !fresh || !alarms || !worst || !waiting || !back) return () => {};
  const shape = symbol("waiting");
  find(strip, ".now-symbol").append(shape);
  const look = page.documentElement.dataset;
  const [large = 0, small = 0] = STEPS[look.density === "coarse" ? "coarse" : "fine"];
  const [first = 0, second = 0, third = 0] = cellsOf(look) ?? [];
  /** @param {HTMLElement} node @param {readonly string[]} sayings at length first, then shorter @param {number} size @param {number} total */
  const put = (node, sayings, size, total) => {
    const fits = (/** @type {string} */ words) => fit(room.width(words, size, size === large ? 600 : 400), total);
    const words = sayings.find((one) => fits(one) !== "cut") ?? sayings.at(-1) ?? "";
    write(node, words);
    mark(node, "data-fit", fits(words));
  };
  return (picture, { left, leaving }) => {
    const { state, whole, freshness, at } = picture;
    const { unacked } = countAlarms(state.alarms.values());
    const [called] = whole ? attention({ ...picture, most: 1 }).filter(({ acted }) => !acted) : [];
    const n = (/** @type {number | undefined} */ count) => (count === undefined ? "–" : format.number(count));
    const span = format.span(minutesLeft(left));
    mark(strip, "data-freshness", freshness);
    mark(strip, "data-calls", String(unacked > 0));
    mark(shape, "data-shown", String(called !== undefined));
    if (called) setSymbol(shape, { status: called.card?.status ?? (called.alarm?.source ? "source" : "waiting"), ring: slotRing(called, picture), flash: false });
    const late = say("overdue_n", { n: n(state.counts?.stock?.overdue) });
    put(clock, at === null ? [say("now_at", { time: "–" })] : [format.clock(at), format.hour(at)].map((time) => say("now_at", { time })), large, first);
    put(fresh, [freshWords(picture, room)], small, first);
    put(alarms, whole ? [say("now_alarms", { late, unacked: say("unacked_short", { n: n(unacked) }) }), say("unacked_short", { n: n(unacked) })] : ["–"], large, second);
    // That there is none nobody knows without data.
    put(worst, called ? calledWords(called, picture, room) : [whole && freshness !== "lost" ? say("no_alarm") : ""], small, second);
    put(waiting, [say("now_waiting", { n: n(state.counts?.cohort?.waiting) })], large, third);
    put(back, leaving ? [say("back_soon")] : [say("back_in", { span }), say("back_short", { span })], small, third);
  };
}

/** @param {import("../ui/alarms.js").Attention} called @param {Picture} picture @param {RecordedRoom} room @returns {string[]} what it is, how late, where, at length and shorter */
function calledWords(called, picture, room) {
  const what = `${alarmWhat(called, room)} ${alarmLate(called, picture, room)}`.trim();
  const where = alarmWhere(called, picture, room);
  return [where, where.split(", ")[0] ?? ""].filter(Boolean).map((place) => `${what}, ${place}`).concat(what);
}

/** @param {Picture} picture of now @param {RecordedRoom} room @returns {string} how fresh that is, as honestly as the live wall says it */
function freshWords({ freshness, age, waited, whole }, { say, format }) {
  const span = format.span((Number.isFinite(age) ? age : waited) * 1000);
  if (!whole && waited <= 15) return say("joining");
  if (freshness === "live" && !Number.isFinite(age)) return say("now_live");
  return say(freshness === "live" ? "now_live_age" : freshness === "delayed" ? "now_delayed" : "now_lost", { span });
}
