/**
 * Once a day, in the quietest hour, a wall's browser is started anew: only while nothing needs anybody, and at a moment of its own,
 * so that the screens of a room do not go together (CR-110). Pure.
 */

/** The hour of the city in which it may, and how long a page must have stood. */
const QUIETEST = 3;
const HOUR_S = 3600;
const STOOD_MS = 12 * HOUR_S * 1000;

/**
 * @param {object} seen
 * @param {number} seen.second of the city's day
 * @param {number} seen.slot second of the quietest hour that is this page's own, drawn when it was opened
 * @param {number} seen.stood ms since the page was opened
 * @param {number} seen.unacked alarms
 * @param {import("./feed/clock.js").Freshness} seen.freshness
 * @param {number} seen.rate of room time: a drill's nights pass in minutes
 * @returns {boolean}
 */
export function mayRestart({ second, slot, stood, unacked, freshness, rate }) {
  const into = second - QUIETEST * HOUR_S;
  return rate === 1 && stood >= STOOD_MS && unacked === 0 && freshness === "live" && into >= slot && into < HOUR_S;
}

/** @param {() => number} random @returns {number} */
export function drawSlot(random) {
  return Math.floor(random() * (HOUR_S - 60));
}
