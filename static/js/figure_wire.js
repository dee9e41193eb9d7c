/**
 * The answers of GET /feed/figures as types, and the check at the door. Durations are whole seconds.
 */

/** @typedef {"working" | "calendar"} Clock */
/** @typedef {{minutes?: number, hours?: number, days?: number, clock?: Clock}} Target */
/**
 * @typedef {object} Span
 * @property {Clock} clock
 * @property {number} n
 * @property {number | null} p50_s
 * @property {number | null} p90_s null under 20 cases: then the cases themselves are there (CR-88)
 * @property {number[] | null} cases_s
 * @property {number} judged
 * @property {number} within
 * @property {number | null} share
 * @property {Target[] | null} target shortest and longest promise
 */
/**
 * @typedef {object} AgencyRow
 * @property {string | null} agency null: everybody together, or nobody yet
 * @property {number} open
 * @property {number} waiting
 * @property {number} in_process
 * @property {number} overdue
 * @property {number | null} overdue_share
 * @property {number} finished in the window
 * @property {number | null} queue_days in working days
 * @property {number[]} open_then of the last fourteen days
 * @property {{forward: Span[], accept: Span[], finish: Span[]}} stages
 * @property {{s: number, clock: Clock, n: number} | null} median received to done
 * @property {{id: string, received_at: string, age_s: number} | null} oldest
 * @property {{n: number, of: number, share: number | null}} reopened
 */
/** @typedef {{n: number, within: number, share: number | null, target_s: number, target_share: number, met: boolean | null}} Emergencies */
/** @typedef {{window: {from: string, working_days: number}, emergencies: Emergencies, room: AgencyRow, agencies: AgencyRow[]}} AgenciesFigure */
/** @typedef {{p10: number[], p50: number[], p90: number[]}} Usual */
/**
 * @typedef {object} Series
 * @property {number} total
 * @property {number | null} usual_total
 * @property {number | null} change
 * @property {{cumulative: number[], hours: number[], incomplete_hour: number}} today
 * @property {{cumulative: Usual, hours: Usual} | null} usual
 */
/** @typedef {{day: string, quarters?: number, weekday: number, weeks: number, history: "full" | "some" | "none", hour: number, in: Series, done: Series}} TrendFigure */
/** @typedef {{percent: number, key: string, to: {name: string, name_en?: string}[]}} Step */
/** @typedef {{overdue: number, told: Record<string, number>, steps: Step[], rows: {id: string, percent: number, late_s: number}[]}} OverdueFigure */
/**
 * @typedef {object} VisitFigure
 * @property {number} finished
 * @property {number} on_time
 * @property {number} overdue
 * @property {number | null} on_time_share
 * @property {{s: number, clock: Clock, n: number} | null} median
 * @property {string | null} welcome
 * @property {Shown[]} shown
 */
/** @typedef {{complaint: string, category: string, area: string | null, agency: string | null, received_at: string, closed_at: string | null, before: string | null, after: string}} Shown before, after: addresses of pictures */
/** @typedef {{epoch: string, seq: number, at: string, scene: string, working_day_s: number}} Head */
/** @typedef {Head & Partial<AgenciesFigure & Omit<TrendFigure, "in"> & {in: Series} & OverdueFigure & VisitFigure>} Figure */

/** What an answer of each scene cannot be without. */
const NEEDED = {
  overdue: ["steps", "rows", "told"],
  agencies: ["agencies", "room", "window"],
  trend: ["in", "done"],
  visit: ["finished"],
  lead: ["agencies", "window", "asked"],
};

/** @param {unknown} value @param {keyof typeof NEEDED} scene @returns {Figure | null} null when it is not that scene's figure */
export function asFigure(value, scene) {
  if (typeof value !== "object" || value === null) return null;
  const body = /** @type {Record<string, unknown>} */ (value);
  if (typeof body.epoch !== "string" || body.scene !== scene) return null;
  if (NEEDED[scene].some((name) => body[name] === undefined || body[name] === null)) return null;
  return /** @type {Figure} */ (/** @type {unknown} */ (body));
}

/** Less than this rounds to none. */
const LEAST_DAYS = 0.05;

/** @param {{working_days: number}} window @returns {boolean} whether any working time has run in it: before that there is nothing to say of it */
export function hasWorked({ working_days: days }) {
  return days >= LEAST_DAYS;
}

/** @param {import("./figures.js").Kept | null} kept @returns {AgenciesFigure & Head | null} */
export function asAgencies(kept) {
  return /** @type {any} */ (kept?.body ?? null);
}

/** @param {import("./figures.js").Kept | null} kept @returns {TrendFigure & Head | null} */
export function asTrend(kept) {
  return /** @type {any} */ (kept?.body ?? null);
}

/** @param {import("./figures.js").Kept | null} kept @returns {OverdueFigure & Head | null} */
export function asOverdue(kept) {
  return /** @type {any} */ (kept?.body ?? null);
}

/** @param {import("./figures.js").Kept | null} kept @returns {VisitFigure & Head | null} */
export function asVisit(kept) {
  return /** @type {any} */ (kept?.body ?? null);
}
