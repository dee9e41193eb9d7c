/**
 * The answer of `/api/v1/evaluation` as the page orders it: the worst row first, small ones in one. Pure; docs/measures.md says
 * what each number is.
 */

/** @typedef {{on_time: number, late: number, overdue: number, due: number, share: number | null, naive: number | null, small: boolean}} Promise_ due = on_time + late + overdue; shares 0 to 1 */
/** @typedef {{n: number, p50_s: number | null, p90_s: number | null, small: boolean}} Took */
/** @typedef {"to_1" | "to_3" | "to_7" | "older"} Age */
/** @typedef {{n: number, scores: readonly number[], mean: number | null, small: boolean}} Rating */
/** @typedef {{n: number, between: readonly {one: string, other: string, n: number}[]}} PingPong */
/** @typedef {"received" | "forwarded" | "accepted" | "finished" | "elsewhere" | "open" | "reopened" | "declined" | "sent_on" | "sent_back"} Plain */
/** @typedef {"on_time" | "late" | "overdue" | "due"} Promised */
/** @typedef {Plain | Promised | Age | "rated" | "ping_pong"} Measure whose complaints can be listed */
/** @typedef {Record<Plain, number> & {promise: Promise_, backlog: Record<Age, number>, forwarding: Took, acceptance: Took, finish: Took | null, overdue_for: Took, rating: Rating, ping_pong: PingPong}} Figures finish null: of a sum of rows, whose middle nobody knows */
/** @typedef {{first: string, last: string, promise: Promise_}} Week */
/** @typedef {{value: string | null, figures: Figures, before: Figures, last_year: Figures, weeks: readonly Week[]}} Row value null: of what has no agency, area, … */
/** @typedef {{kind: string, first: string, last: string, running: boolean, judged_at: string}} Days */
/** @typedef {{seq: number, at: string, by: string, period: Days, before: Days, last_year: Days, first_receipt: string | null, small: number, city: Row, rows: readonly Row[]}} Answer */
/** @typedef {{rows: readonly Row[], few: readonly Row[], sum: Figures | null}} Ranked few: rows with fewer due than can be compared, and their sum */

export const AGES = /** @type {const} */ (["to_1", "to_3", "to_7", "older"]);
const PLAIN = /** @type {const} */ (["received", "forwarded", "accepted", "finished", "elsewhere", "open", "reopened", "declined", "sent_on", "sent_back"]);
const PROMISED = /** @type {const} */ (["on_time", "late", "overdue", "due"]);
/** Hours and weekdays stand in their own order, whatever their shares are. */
const IN_ORDER = ["hour", "weekday"];

/** @param {Figures} figures @param {Measure} what @returns {number} */
export function countOf(figures, what) {
  if (what === "rated") return figures.rating.n;
  if (what === "ping_pong") return figures.ping_pong.n;
  if (what === "on_time" || what === "late" || what === "overdue" || what === "due") return figures.promise[what];
  return what === "to_1" || what === "to_3" || what === "to_7" || what === "older" ? figures.backlog[what] : figures[what];
}

/** @param {number} part @param {number} whole */
function shareOf(part, whole) {
  return whole > 0 ? part / whole : null;
}

/** @param {readonly Row[]} rows @returns {Figures | null} their sum, without times: no middle follows from the middles of parts */
export function sumOf(rows) {
  const [first, ...others] = rows;
  if (!first) return null;
  const sum = structuredClone(first.figures);
  for (const { figures } of others) {
    for (const name of PLAIN) sum[name] += figures[name];
    for (const name of PROMISED) sum.promise[name] += figures.promise[name];
    for (const age of AGES) sum.backlog[age] += figures.backlog[age];
    sum.ping_pong.n += figures.ping_pong.n;
  }
  const { on_time: kept, late, due } = sum.promise;
  Object.assign(sum.promise, { share: shareOf(kept, due), naive: shareOf(kept, kept + late) });
  return { ...sum, finish: null };
}

/** @param {Row} row */
function isEmpty({ figures }) {
  return [...PLAIN, ...PROMISED].every((name) => countOf(figures, name) === 0) && figures.ping_pong.n === 0;
}

/** @param {Pick<Answer, "rows" | "by">} answer @returns {Ranked} the server's order, without what nothing happened to; hours and weekdays all */
export function ranked({ rows, by }) {
  const filled = rows.filter((row) => !isEmpty(row));
  if (IN_ORDER.includes(by)) return { rows: filled, few: [], sum: null };
  const isFew = (/** @type {Row} */ { value, figures }) => value === null || figures.promise.small;
  const few = filled.filter(isFew).sort((a, b) => b.figures.promise.due - a.figures.promise.due || b.figures.open - a.figures.open);
  return { rows: filled.filter((row) => !isFew(row)), few, sum: sumOf(few) };
}

/** @param {Answer} answer @param {string | null} value of the cut, "" for what has none, null for the whole city @returns {Row | null} */
export function rowOf({ city, rows }, value) {
  return value === null ? city : (rows.find((row) => (row.value ?? "") === value) ?? null);
}
