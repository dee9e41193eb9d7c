/**
 * Time of the room: server time from the beats, the city's zone, working time, and how a card stands with its limit.
 */

/** @typedef {import("./messages.js").Beat} Beat */
/** @typedef {import("./messages.js").Card} Card */

// Room time and age. Ages run on the monotonic clock: the computer's own date and zone change nothing (CR-47).

/** @typedef {"live" | "delayed" | "lost"} Freshness */
/**
 * @typedef {object} Time
 * @property {Beat | null} beat the newest beat that the store could vouch for
 * @property {number} heardAt monotonic ms when it came
 * @property {readonly number[]} offsets server ms minus monotonic ms of the last beats
 */

/** Seconds of age after which data is called delayed, then lost (CR-44). */
const DELAYED_AFTER = 5;
const LOST_AFTER = 15;
const REMEMBERED = 30;
const STEP = 60_000;

/** @returns {Time} */
export function noTime() {
  return { beat: null, heardAt: 0, offsets: [] };
}

/** @param {Time} time @param {Beat} beat @param {number} mono ms @returns {Time} */
export function hear(time, beat, mono) {
  const offset = Date.parse(beat.now) - mono;
  // Where the server's clock was set right, what was heard before is of another time.
  const offsets = [...time.offsets.filter((before) => Math.abs(before - offset) < STEP), offset].slice(-REMEMBERED);
  return { beat, heardAt: mono, offsets };
}

/**
 * Real time of the server. The beat that travelled fastest tells it best, so the largest offset counts.
 * @param {Time} time @param {number} mono ms
 * @returns {number | null} ms since 1970; null before the first beat
 */
export function serverNow(time, mono) {
  return time.offsets.length > 0 ? Math.max(...time.offsets) + mono : null;
}

/** @param {Time} time @returns {number | null} room time of the last beat, ms: the wall's clock stands on it */
export function clockAt(time) {
  return time.beat ? Date.parse(time.beat.at) : null;
}

/** @param {string | null | undefined} later @param {string | null | undefined} earlier @returns {number} seconds */
function secondsBetween(later, earlier) {
  const ms = Date.parse(later ?? "") - Date.parse(earlier ?? "");
  return Number.isFinite(ms) ? ms / 1000 : 0;
}

/** @param {Time} time @param {number} mono ms @returns {number} age of the data, seconds; Infinity before any beat */
export function age(time, mono) {
  const { beat } = time;
  if (!beat) return Infinity;
  // A pulse from ahead of now was written before the room's clock was set back: it proves nothing either.
  const unread = (mono - time.heardAt) / 1000 + Math.abs(secondsBetween(beat.now, beat.as_of));
  const unjudged = secondsBetween(beat.at, beat.due_to) / Math.max(beat.rate ?? 1, 1);
  return Math.max(0, unread, unjudged);
}

/** @param {number} seconds @param {boolean} hasPicture false before the first snapshot @returns {Freshness} */
export function freshness(seconds, hasPicture) {
  if (!hasPicture || seconds > LOST_AFTER) return "lost";
  return seconds > DELAYED_AFTER ? "delayed" : "live";
}

// Moments in the city's zone, for fields of date and time; summer time is the zone's own.

/** @param {number} ms @param {string} zone IANA name @returns {string} `2026-11-25T14:05`, as an input of date and time has it */
export function toLocalInput(ms, zone) {
  const options = /** @type {const} */ ({ timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-US", options).formatToParts(ms).map(({ type, value }) => [type, value]));
  return `${(parts.year ?? "").padStart(4, "0")}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

/**
 * @param {string} text as toLocalInput makes it @param {string} zone @returns {number} ms, NaN for what is none; of an hour that the zone has twice the
 * first, of one that it leaves out as if the clock had not been put forward
 */
export function fromLocalInput(text, zone) {
  const plain = Date.parse(`${text}Z`);
  if (Number.isNaN(plain)) return Number.NaN;
  const away = (/** @type {number} */ ms) => Date.parse(`${toLocalInput(ms, zone)}Z`) - Math.floor(ms / 60_000) * 60_000;
  const tries = [plain - away(plain - 86_400_000), plain - away(plain + 86_400_000)];
  return tries.find((ms) => toLocalInput(ms, zone) === text) ?? /** @type {number} */ (tries[0]);
}

// Working time: the intervals in which offices work, and arithmetic on them. Where no calendar is at hand the plain clock
// counts, and `known` says so.

/** @typedef {readonly (readonly [number, number])[]} Intervals start and end, UTC ms, ascending, apart */

/** Offices close for the night longer than for lunch: what lies closer belongs to one working day. */
const NIGHT = 5 * 3600e3;

export class Calendar {
  /** @type {Intervals} */
  #intervals;
  /** @type {number[]} */
  #before = [];
  /** @type {number} ms of work in an ordinary day */
  dayMs;

  /** @param {Intervals} intervals */
  constructor(intervals) {
    this.#intervals = intervals;
    let total = 0;
    for (const [start, end] of intervals) {
      this.#before.push(total);
      total += end - start;
    }
    this.dayMs = ordinaryDay(intervals);
  }

  get known() {
    return this.#intervals.length > 0;
  }

  /** @param {number} moment ms @returns {number} ms of work from the first interval to the moment */
  #worked(moment) {
    let low = 0;
    let high = this.#intervals.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#intervals[middle]?.[0] ?? Infinity) <= moment) low = middle + 1;
      else high = middle;
    }
    const interval = this.#intervals[low - 1];
    if (!interval) return 0;
    return (this.#before[low - 1] ?? 0) + Math.min(moment, interval[1]) - interval[0];
  }

  /** @param {number} from ms @param {number} to ms @returns {number} ms of work between; negative when to is earlier */
  work(from, to) {
    return this.known ? this.#worked(to) - this.#worked(from) : to - from;
  }
}

/** @param {Intervals} intervals @returns {number} the median of the days' working time, ms */
function ordinaryDay(intervals) {
  /** @type {number[]} */
  const days = [];
  let last = -Infinity;
  for (const [start, end] of intervals) {
    if (start - last > NIGHT) days.push(0);
    days[days.length - 1] = (days[days.length - 1] ?? 0) + end - start;
    last = end;
  }
  return days.sort((a, b) => a - b)[days.length >> 1] ?? 24 * 3600e3;
}

/** @param {unknown} body what GET /feed/calendar/HASH answered @returns {Calendar} empty when it is not one */
export function readCalendar(body) {
  const list = /** @type {{intervals?: unknown} | null} */ (body)?.intervals;
  if (!Array.isArray(list)) return new Calendar([]);
  return new Calendar(list.filter((pair) => Array.isArray(pair) && pair[0] < pair[1]));
}

/** Before one has come: the plain clock. */
export const NO_CALENDAR = new Calendar([]);

// The calendar that the room counts with now: fetched once for each that a beat names, again if it did not come.

const AGAIN_MS = 5000;

/**
 * @param {{getJson: (url: string) => Promise<any>, later: (ms: number, act: () => void) => unknown}} edge
 * @param {(calendar: Calendar) => void} arrived
 * @returns {(hash: string | null | undefined) => Promise<void>} told by each beat
 */
export function followCalendar({ getJson, later }, arrived) {
  let followed = "";
  return async (hash) => {
    if (!hash || hash === followed) return;
    followed = hash;
    try {
      arrived(readCalendar(await getJson(`/feed/calendar/${encodeURIComponent(hash)}`)));
    } catch {
      later(AGAIN_MS, () => (followed = ""));
    }
  };
}

// A card's limit: what is left, how far it is over, which share is used. Pure; the room's time is an argument.

/**
 * @typedef {object} Standing
 * @property {number} left ms until due on the card's own clock, negative when over
 * @property {number | null} used share of the allowed time, 1 = due, 0 for one that came in by a clock that was ahead; null when the card does not say since when
 * @property {boolean} working counted in working time
 */

/** @param {Card} card @param {number} at room time, ms @param {Calendar} calendar @returns {Standing | null} null: no deadline runs */
export function standing(card, at, calendar) {
  const due = Date.parse(card.due_at ?? "");
  if (Number.isNaN(due)) return null;
  const working = card.stage_clock === "working" && calendar.known;
  /** @param {number} a @param {number} b */
  const between = (a, b) => (working ? calendar.work(a, b) : b - a);
  const from = Date.parse(card.stage_from ?? "");
  const allowed = between(from, due);
  return { left: between(at, due), used: allowed > 0 ? Math.max(0, between(from, at) / allowed) : null, working };
}
