/**
 * Tells the time of the room from the beats, and how old what we show is.
 * Ages run on the monotonic clock: the computer's own date and zone change nothing (CR-47).
 */

/** @typedef {import("./wire.js").Beat} Beat */
/** @typedef {"live" | "delayed" | "lost"} Freshness */
/**
 * @typedef {object} Time
 * @property {Beat | null} beat the newest beat that the store could vouch for
 * @property {number} heardAt monotonic ms when it came
 * @property {readonly number[]} offsets server ms minus monotonic ms of the last beats
 */

/** Seconds of age after which data is called delayed, then lost (CR-44). */
export const DELAYED_AFTER = 5;
export const LOST_AFTER = 15;
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

/** @param {Time} time @param {number} mono ms @returns {number | null} room time run on since the beat, ms */
export function roomNow(time, mono) {
  if (!time.beat) return null;
  return Date.parse(time.beat.at) + (time.beat.rate ?? 1) * (mono - time.heardAt);
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
