/**
 * What stands around a recording on the wall: the frame that says so, beneath it what is true now, and when the wall goes back to it.
 */
import { alarmLate, alarmWhat, alarmWhere, attention, countAlarms, slotRing } from "../ui/alarms.js";
import { find, fit, mark, NARROW, show, write } from "../ui/dom.js";
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
    const said = why === "moment" ? say("no_such_moment") : why === "away" ? say("recording_away") : whole ? "" : say("recording_loads");
    write(fault, said);
    show(fault, said !== "");
  };
}

// The strip of now, of the live feed alone.

/** What a line of a cell may take, units, by shape; its first line's steps. */
const CELL = { landscape: 1120, portrait: 920, wide: 1760, coarse: 1120, coarse_portrait: 600 };

/** @param {Document} page @param {RecordedRoom} room @returns {(picture: Picture, leaves: {left: number, leaving: boolean}) => void} picture: of now */
export function mountNowStrip(page, room) {
  const { say, format } = room;
  const strip = find(page, ".now-strip");
  const [clock, fresh, alarms, worst, waiting, back] = ["clock", "fresh", "alarms", "worst", "waiting", "back"].map((name) => find(strip, `.now-${name}`));
  if (!clock || !fresh || !alarms || !worst || !waiting || !back) return () => {};
  const shape = symbol("waiting");
  find(strip, ".now-symbol").append(shape);
  const { density, shape: form = "landscape" } = page.documentElement.dataset;
  const total = CELL[/** @type {keyof typeof CELL} */ (density === "coarse" ? (form === "portrait" ? "coarse_portrait" : "coarse") : form)];
  const put = (/** @type {HTMLElement} */ node, /** @type {string} */ words, /** @type {number} */ size, /** @type {number} */ weight, space = total) => {
    write(node, words);
    mark(node, "data-fit", fit(room.width(words, size, weight) * (density === "coarse" ? NARROW : 1), space));
  };
  return (picture, { left, leaving }) => {
    const { state, whole, freshness, at } = picture;
    const { unacked } = countAlarms(state.alarms.values());
    const [first] = whole ? attention({ ...picture, most: 1 }) : [];
    const called = first && !first.acted ? first : null;
    mark(strip, "data-freshness", freshness);
    mark(strip, "data-calls", String(unacked > 0));
    show(/** @type {HTMLElement} */ (/** @type {unknown} */ (shape)), called !== null);
    if (called) setSymbol(shape, { status: called.card?.status ?? (called.alarm?.source ? "source" : "waiting"), ring: slotRing(called, picture), flash: false });
    put(clock, say("now_at", { time: at === null ? "––.––.––" : format.clock(at) }), 72, 600, total - 240);
    put(fresh, freshWords(picture, room), 48, 400, total - 240);
    const late = state.counts?.stock?.overdue ?? 0;
    put(alarms, whole ? say("now_alarms", { late: say("overdue_n", { n: format.number(late) }), unacked: say("unacked_short", { n: format.number(unacked) }) }) : "–", 72, 600);
    put(worst, called ? [`${alarmWhat(called, room)} ${alarmLate(called, picture, room)}`.trim(), alarmWhere(called, picture, room)].filter(Boolean).join(", ") : whole ? say("no_alarm") : "", 48, 400);
    put(waiting, say("now_waiting", { n: state.counts?.cohort ? format.number(state.counts.cohort.waiting) : "–" }), 72, 600);
    put(back, leaving ? say("back_soon") : say("back_in", { span: format.span(minutesLeft(left)) }), 48, 400);
  };
}

/** @param {Picture} picture of now @param {RecordedRoom} room @returns {string} how fresh that is, as honestly as the live wall says it */
function freshWords({ freshness, age, waited, whole }, { say, format }) {
  const span = format.span((Number.isFinite(age) ? age : waited) * 1000);
  if (!whole && waited <= 15) return say("joining");
  if (freshness === "live" && !Number.isFinite(age)) return say("now_live");
  return say(freshness === "live" ? "now_live_age" : freshness === "delayed" ? "now_delayed" : "now_lost", { span });
}
