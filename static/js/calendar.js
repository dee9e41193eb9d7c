/**
 * Working time: the intervals in which offices work, and arithmetic on them.
 * Where no calendar is at hand the plain clock counts, and `known` says so.
 */

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
