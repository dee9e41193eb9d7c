/**
 * Numbers, times and spans as a page writes them: in its language, by the city's locale if that is of this language, always
 * in the city's own zone.
 * One unit for a span (CR-103), a point in the time of day in Indonesian (CR-102).
 */
import { sayIn } from "./language.js";

/** @typedef {{working?: boolean, dayMs?: number}} SpanOptions dayMs = length of a day on the clock that counts */
/** @typedef {"second" | "minute" | "hour" | "day"} Unit */
/**
 * @typedef {object} Format
 * @property {(n: number) => string} number 1.234 or 1,234
 * @property {(n: number) => string} decimal 7,2 or 7.2: one place after the comma
 * @property {(share: number) => string} percent of a share from 0 to 1: 92,3% (CR-103)
 * @property {(share: number) => string} change of a share: +18%, −6%; whole, with its sign
 * @property {(ms: number) => string} weekday Senin or Monday
 * @property {(ms: number) => string} clock 14.05.32 or 14:05:32
 * @property {(ms: number) => string} hour 14.05 or 14:05
 * @property {(ms: number) => string} date Selasa, 24 November 2026; Tuesday, November 24, 2026 where the city writes it so
 * @property {(ms: number) => string} shortDate 24 Nov 2026, Nov 24, 2026
 * @property {(ms: number) => string} day 24 Nov, Nov 24
 * @property {(n: number, unit: Unit, working?: boolean) => [string, string]} amount of one unit: number and name, ["3", "hari kerja"], ["1", "working day"]
 * @property {(ms: number, options?: SpanOptions) => string} span 12 mnt, 3 hari kerja; whole units, rounded down
 * @property {(ms: number, options?: SpanOptions) => string} late the same with a plus, or that it is so just now
 */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @param {string} lang @param {string} own locale of the city @returns {string} by which a page of that language writes */
export function localeIn(lang, own) {
  return own.split("-")[0] === lang ? own : sayIn(lang, "ui")("locale");
}

/** @param {string} lang @param {{zone: string, locale: string}} city IANA name, and how it writes numbers and dates where it speaks the language @returns {Format} */
export function formatIn(lang, { zone, locale: own }) {
  const locale = localeIn(lang, own);
  const numbers = new Intl.NumberFormat(locale);
  const time = { timeZone: zone, hour12: false, hour: "2-digit", minute: "2-digit" };
  const clock = timeFormat(locale, { ...time, second: "2-digit" });
  const hour = timeFormat(locale, time);
  const dates = new Intl.DateTimeFormat(locale, {
    timeZone: zone, weekday: "long", day: "numeric", month: "long", year: "numeric",
  });
  const name = sayIn(lang, "ui.unit");
  /** @type {Format["amount"]} */
  const amount = (n, unit, working = false) => [numbers.format(n), name(working ? `working_${unit}` : unit, { n })];
  /** @type {Format["span"]} */
  const span = (ms, options = {}) => amount(...measured(ms, options), options.working).join(" ");
  return {
    number: (n) => numbers.format(n), clock, hour, span, amount,
    ...sharesIn(locale),
    weekday: timeFormat(locale, { timeZone: zone, weekday: "long" }),
    shortDate: timeFormat(locale, { timeZone: zone, day: "numeric", month: "short", year: "numeric" }),
    day: timeFormat(locale, { timeZone: zone, day: "numeric", month: "short" }),
    date: (ms) => dates.format(ms),
    // Overdue before its clock has moved at all is no number.
    late: (ms, options = {}) => (ms < SECOND ? name("just_over") : `+${span(ms, options)}`),
  };
}

/** @param {string} locale @returns {Pick<Format, "decimal" | "percent" | "change">} */
function sharesIn(locale) {
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

/** @param {number} ms @param {SpanOptions} options @returns {[number, Unit]} whole units, rounded down; no seconds of a working clock that has not moved */
function measured(ms, { working = false, dayMs = DAY }) {
  const length = Math.max(0, ms);
  if (working && length < SECOND) return [0, "minute"];
  const [unit, size] = unitOf(length, working ? dayMs : DAY);
  return [Math.floor(length / size), unit];
}

/** @param {number} ms @param {number} dayMs @returns {[Unit, number]} */
function unitOf(ms, dayMs) {
  if (ms < MINUTE) return ["second", SECOND];
  if (ms < 100 * MINUTE) return ["minute", MINUTE];
  if (ms < 2 * dayMs) return ["hour", HOUR];
  return ["day", dayMs];
}

/** @param {number} left ms @returns {number} ms, whole minutes rounded up: what is left is never said to be nothing */
export function minutesLeft(left) {
  return Math.ceil(left / MINUTE) * MINUTE;
}
