/**
 * The answer of `/api/v1/evaluation` as the page orders it: the worst row first, small ones in one. Pure; docs/measures.md says
 * what each number is.
 */

/** @typedef {{on_time: number, late: number, overdue: number, due: number, share: number | null, naive: number | null, small: boolean}} OnTime due = on_time + late + overdue; shares 0 to 1 */
/** @typedef {{n: number, median_s: number | null, p90_s: number | null, small: boolean}} Took */
/** @typedef {"to_1" | "to_3" | "to_7" | "older"} Age */
/** @typedef {{n: number, scores: readonly number[], median: number | null, mean: number | null, small: boolean}} Rating */
/** @typedef {"received" | "forwarded" | "accepted" | "finished" | "elsewhere" | "open" | "reopened" | "declined" | "sent_on" | "sent_back"} Plain */
/** @typedef {"on_time" | "late" | "overdue" | "due"} Promised */
/** @typedef {Plain | Promised | Age | "rated" | "ping_pong"} Measure whose complaints can be listed */
/** @typedef {Record<Measure, number> & OnTime & {between: readonly {one: string, other: string, n: number}[], finish: Took | null, rating: Rating}} Figures finish null: of a sum of rows, whose middle nobody knows */
/** @typedef {OnTime & {from: string, to: string}} Week */
/** @typedef {{value: string | null, figures: Figures, before: Figures, last_year: Figures, weeks: readonly Week[]}} Row value null: of what has no agency, area, … */
/** @typedef {{kind: string, from: string, to: string, running: boolean, judged_at: string}} Days */
/** @typedef {{seq: number, at: string, by: string, period: Days, before: Days, last_year: Days, first_receipt: string | null, small: number, city: Row, rows: readonly Row[]}} Answer */
/** @typedef {{rows: readonly Row[], few: readonly Row[], sum: Figures | null}} Ranked few: rows with fewer due than can be compared, and their sum */

export const AGES = /** @type {const} */ (["to_1", "to_3", "to_7", "older"]);
export const MEASURES = /** @type {const} */ ([
  "received", "forwarded", "accepted", "finished", "elsewhere", "open", "reopened", "declined", "sent_on", "sent_back", "on_time", "late", "overdue", "due",
  "rated", "ping_pong", ...AGES,
]);
/** Hours and weekdays stand in their own order, whatever their shares are. */
const IN_ORDER = ["hour", "weekday"];

/** @param {number} part @param {number} whole */
function shareOf(part, whole) {
  return whole > 0 ? part / whole : null;
}

/** @param {readonly Row[]} rows @param {string} by @returns {Figures | null} their sum, without times: no middle follows from the middles of parts */
export function sumOf(rows, by) {
  const [first] = rows;
  if (!first) return null;
  const sum = { ...first.figures, finish: null, between: [] };
  for (const name of MEASURES) sum[name] = rows.reduce((n, { figures }) => n + figures[name], 0);
  // What went to and fro stands in the row of each of its agencies: how many complaints that were is not known.
  if (by === "agency") sum.ping_pong = NaN;
  const { on_time: kept, late, due } = sum;
  return { ...sum, share: shareOf(kept, due), naive: shareOf(kept, kept + late) };
}

/** @param {Pick<Answer, "rows" | "by">} answer @returns {Ranked} the server's order, without what nothing happened to; hours and weekdays all */
export function ranked({ rows, by }) {
  const filled = rows.filter(({ figures }) => MEASURES.some((name) => figures[name] > 0));
  if (IN_ORDER.includes(by)) return { rows: filled, few: [], sum: null };
  const isFew = (/** @type {Row} */ { value, figures }) => value === null || figures.small;
  const few = filled.filter(isFew).sort((a, b) => b.figures.due - a.figures.due || b.figures.open - a.figures.open);
  return { rows: filled.filter((row) => !isFew(row)), few, sum: sumOf(few, by) };
}

/** @param {Answer} answer @param {string | null} value of the cut, "" for what has none, null for the whole city @returns {Row | null} */
export function rowOf({ city, rows }, value) {
  return value === null ? city : (rows.find((row) => (row.value ?? "") === value) ?? null);
}
