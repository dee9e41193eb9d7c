/**
 * The figure of leadership and its lists as types, docs/figures.md.
 */

/** @typedef {{id: string, open: boolean, kept: boolean}} Case */
/** @typedef {{within: number, judged: number, overdue: number, n: number, share: number | null, target: import("../figure_wire.js").Target[] | null, cases: Case[] | null}} OnTime cases: under 20 the cases themselves (CR-88) */
/**
 * @typedef {object} LeadRow
 * @property {string | null} agency null: everybody together, or nobody yet
 * @property {number} finished in the window
 * @property {OnTime} on_time
 * @property {{s: number, clock: "working" | "calendar", n: number} | null} median
 * @property {number} unproved
 * @property {{n: number, of: number, share: number | null}} reopened
 * @property {number[]} received of each of the last fourteen days
 * @property {number[]} done
 */
/** @typedef {{total: number, usual_total: number | null, change: number | null}} Against */
/**
 * @typedef {object} LeadFigure
 * @property {number} working_day_s
 * @property {{from: string, working_days: number}} window
 * @property {{day: string, weeks: number, in: Against, done: Against} | null} trend null for an agency
 * @property {LeadRow | null} room null for an agency
 * @property {LeadRow[]} agencies
 * @property {{n: number, rows: {id: string, n: number, at: string, until: string}[]}} asked what is to be answered first, first
 */
/** @typedef {{n: number, items: import("../wire.js").Card[], next: number | null}} ListPage */

/** @param {import("../figures.js").Kept | null} kept @returns {LeadFigure | null} */
export function asLead(kept) {
  return /** @type {any} */ (kept?.body ?? null);
}

/** @param {LeadFigure | null} figure @param {string} agency "" for all, NOBODY for none @returns {LeadRow | null} */
export function rowOf(figure, agency) {
  if (!figure) return null;
  return agency ? (figure.agencies.find((row) => (row.agency ?? "-") === agency) ?? null) : figure.room;
}
