/**
 * Numbers, times and spans as the wall writes them: id-ID or English, always in the city's own zone.
 * One unit for a span (CR-103), a point in the time of day in Indonesian (CR-102).
 */
import { sayIn } from "./words.js";

/** @typedef {import("./words.js").Lang} Lang */
/** @typedef {{working?: boolean, dayMs?: number}} SpanOptions dayMs = length of a day on the clock that counts */
/**
 * @typedef {object} Format
 * @property {(n: number) => string} number 1.234 or 1,234
 * @property {(n: number) => string} decimal 7,2 or 7.2: one place after the comma
 * @property {(share: number) => string} percent of a share from 0 to 1: 92,3% (CR-103)
 * @property {(share: number) => string} change of a share: +18%, −6%; whole, with its sign
 * @property {(ms: number) => string} weekday Senin or Monday
 * @property {(ms: number) => string} clock 14.05.32 or 14:05:32
 * @property {(ms: number) => string} hour 14.05 or 14:05
 * @property {(ms: number) => string} date Selasa, 24 November 2026
 * @property {(ms: number, options?: SpanOptions) => string} span 12 mnt, 3 hari kerja; whole units, rounded down
 * @property {(ms: number, options?: SpanOptions) => string} late the same with a plus
 */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @param {Lang} lang @param {string} zone IANA name @returns {Format} */
export function formatIn(lang, zone) {
  const locale = lang === "en" ? "en-GB" : "id-ID";
  const numbers = new Intl.NumberFormat(lang === "en" ? "en-US" : "id-ID");
  const time = { timeZone: zone, hour12: false, hour: "2-digit", minute: "2-digit" };
  const clock = timeFormat(locale, { ...time, second: "2-digit" });
  const hour = timeFormat(locale, time);
  const dates = new Intl.DateTimeFormat(locale, {
    timeZone: zone, weekday: "long", day: "numeric", month: "long", year: "numeric",
  });
  /** @type {Format["span"]} */
  const span = (ms, options = {}) => spanIn(lang, numbers, ms, options);
  return {
    number: (n) => numbers.format(n), clock, hour, span,
    ...sharesIn(lang),
    weekday: timeFormat(locale, { timeZone: zone, weekday: "long" }),
    date: (ms) => dates.format(ms),
    // Overdue before the working clock has moved at all is no number of seconds.
    late: (ms, options = {}) => `+${ms < SECOND ? [numbers.format(0), span(MINUTE, options).slice(2)].join(" ") : span(ms, options)}`,
  };
}

/** @param {Lang} lang @returns {Pick<Format, "decimal" | "percent" | "change">} */
function sharesIn(lang) {
  const locale = lang === "en" ? "en-US" : "id-ID";
  const places = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  const decimals = new Intl.NumberFormat(locale, places);
  const percents = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const changes = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0, signDisplay: "exceptZero" });
  return {
    decimal: (n) => decimals.format(n),
    percent: (share) => percents.format(share),
    change: (share) => changes.format(share).replace("-", "\u2212"),
  };
}

/** @param {string} locale @param {Record<string, unknown>} options @returns {(ms: number) => string} */
function timeFormat(locale, options) {
  const format = new Intl.DateTimeFormat(locale, { ...options, hourCycle: "h23", hour12: undefined });
  return (ms) => format.format(ms);
}

/** @param {Lang} lang @param {Intl.NumberFormat} numbers @param {number} ms @param {SpanOptions} options */
function spanIn(lang, numbers, ms, { working = false, dayMs = DAY }) {
  const say = sayIn(lang);
  const length = Math.max(0, ms);
  const [unit, size] = unitOf(length, working ? dayMs : DAY);
  const n = Math.floor(length / size);
  const name = lang === "en" && unit === "day" && n === 1 ? "day" : say(unit);
  const words = lang === "en" && working ? [say("working"), name] : [name, working ? say("working") : ""];
  return [numbers.format(n), ...words].filter(Boolean).join(" ");
}

/** @param {number} ms @param {number} dayMs @returns {["second" | "minute" | "hour" | "day", number]} */
function unitOf(ms, dayMs) {
  if (ms < MINUTE) return ["second", SECOND];
  if (ms < 100 * MINUTE) return ["minute", MINUTE];
  if (ms < 2 * dayMs) return ["hour", HOUR];
  return ["day", dayMs];
}
