/**
 * The hours of a day as the city's clock shows them, one after another: where it changes, one is there twice or not at all. Pure.
 */
import { handsOf, momentOf } from "../feed/clock.js";

const HOUR_MS = 3_600_000;
const IN_AN_HOUR = 4;
/** @type {{key: string, hours: number[]}} */
let kept = { key: "", hours: [] };

/** @param {string} day as in 2026-11-24 @param {number} quarters of it @param {string} zone IANA name @returns {number[]} */
export function hoursOf(day, quarters, zone) {
  const key = `${day} ${quarters} ${zone}`;
  if (kept.key !== key) kept = { key, hours: counted(day, Math.ceil(quarters / IN_AN_HOUR), zone) };
  return kept.hours;
}

/** @param {string} day @param {number} n @param {string} zone */
function counted(day, n, zone) {
  const first = momentOf(`${day}T00:00`, zone);
  if (n === 24 || Number.isNaN(first)) return Array.from({ length: Math.max(2, n) }, (_, hour) => hour);
  return Array.from({ length: n }, (_, hour) => Number(handsOf(first + hour * HOUR_MS, zone).slice(11, 13)));
}
