/**
 * Periods of an evaluation: weeks, months, quarters, years and any range of days, and what each is called. Pure.
 *
 * A day is text, `2026-10-31`; both ends of a period belong to it.
 */

/** @typedef {"week" | "month" | "quarter" | "year" | "range"} Unit */
/** @typedef {{unit: Unit, from: string, to: string}} Period */
/** @typedef {import("../ui/language.js").Say<"evaluation_page">} Say */

export const UNITS = /** @type {const} */ (["week", "month", "quarter", "year"]);
const DAY_MS = 86_400_000;
const MONTHS = { month: 1, quarter: 3, year: 12 };
/** The longest range that is asked for: ten years. */
const LONGEST_DAYS = 3653;

/** @param {string} day @returns {number} ms of its beginning in UTC; NaN for what is no day */
export function msOf(day) {
  return /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN;
}

/** @param {number} ms @returns {string} */
function dayOf(ms) {
  return new Date(ms).toISOString().slice(0, 10);
}

/** @param {Exclude<Unit, "range">} unit @param {string} day @returns {Period} the period of that kind in which the day lies; weeks begin on Monday */
export function periodOf(unit, day) {
  const ms = msOf(day);
  if (unit === "week") {
    const monday = ms - ((new Date(ms).getUTCDay() + 6) % 7) * DAY_MS;
    return { unit, from: dayOf(monday), to: dayOf(monday + 6 * DAY_MS) };
  }
  const [date, size] = [new Date(ms), MONTHS[unit]];
  const first = Math.floor(date.getUTCMonth() / size) * size;
  return { unit, from: dayOf(Date.UTC(date.getUTCFullYear(), first, 1)), to: dayOf(Date.UTC(date.getUTCFullYear(), first + size, 0)) };
}

/** @param {Period} period @param {-1 | 1} by @returns {Period} the one before or after it, as long as it is */
export function stepped(period, by) {
  const { unit, from, to } = period;
  if (unit !== "range") return periodOf(unit, dayOf(by < 0 ? msOf(from) - DAY_MS : msOf(to) + DAY_MS));
  const length = msOf(to) - msOf(from) + DAY_MS;
  return { unit, from: dayOf(msOf(from) + by * length), to: dayOf(msOf(to) + by * length) };
}

/** @param {string} from @param {string} to @returns {Period | null} any range of days, null for none */
export function rangeOf(from, to) {
  const days = (msOf(to) - msOf(from)) / DAY_MS;
  return days >= 0 && days < LONGEST_DAYS ? { unit: "range", from, to } : null;
}

/** @param {URLSearchParams} said an address @param {string} today @returns {Period} what it says, else this month */
export function readPeriod(said, today) {
  const [from, to] = [said.get("from") ?? "", said.get("to") ?? ""];
  const whole = rangeOf(from, to);
  if (whole === null) return periodOf("month", today);
  return UNITS.map((unit) => periodOf(unit, from)).find((one) => one.from === from && one.to === to) ?? whole;
}

/** @param {Period} period @param {string} day @returns {boolean} whether it has not begun by that day */
export function isAhead({ from }, day) {
  return msOf(from) > msOf(day);
}

/** @param {string} locale @returns {{days: (period: {from: string, to: string}) => string, name: (period: Period, say: Say) => string, day: (day: string) => string}} days: 1–31 Okt 2026; name: Oktober 2026 */
export function periodsIn(locale) {
  const utc = /** @type {const} */ ({ timeZone: "UTC" });
  const days = new Intl.DateTimeFormat(locale, { ...utc, day: "numeric", month: "short", year: "numeric" });
  const short = new Intl.DateTimeFormat(locale, { ...utc, day: "numeric", month: "short" });
  const month = new Intl.DateTimeFormat(locale, { ...utc, month: "long", year: "numeric" });
  const rangeIn = (/** @type {{from: string, to: string}} */ { from, to }) => days.formatRange(msOf(from), msOf(to));
  return {
    days: rangeIn,
    day: (day) => short.format(msOf(day)),
    name(period, say) {
      const date = new Date(msOf(period.from));
      const year = String(date.getUTCFullYear());
      if (period.unit === "month") return month.format(date);
      if (period.unit === "quarter") return say("quarter_name", { n: Math.floor(date.getUTCMonth() / 3) + 1, year });
      return period.unit === "year" ? year : rangeIn(period);
    },
  };
}
