/**
 * What the evaluation page works out by itself: periods of the calendar, which rows are ranked, and the scale of the chart.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MEASURES, ranked, rowOf } from "../../../static/js/evaluation/answer.js";
import { FRAME, piecesOf, scaleOf } from "../../../static/js/evaluation/chart.js";
import { isAhead, periodOf, periodsIn, rangeOf, readPeriod, stepped } from "../../../static/js/evaluation/period.js";

const TODAY = "2026-11-24";
const ends = ({ from, to }) => [from, to];
const NOTHING = Object.fromEntries(MEASURES.map((name) => [name, 0]));
const figures = (onTime = 0, late = 0, overdue = 0) => ({
  ...NOTHING, on_time: onTime, late, overdue, due: onTime + late + overdue, share: null, naive: null, small: onTime + late + overdue < 20, finished: onTime + late,
  open: overdue, older: overdue, between: [], finish: { n: 3, median_s: 9, p90_s: null, small: true }, rating: { n: 0, scores: [0, 0, 0, 0, 0], median: null, mean: null, small: true },
});
const row = (value, ...counts) => ({ value, figures: figures(...counts), before: figures(), last_year: figures(), weeks: [] });

test("a period is the calendar's, and so are the one before and after", () => {
  assert.deepEqual(["week", "month", "quarter", "year"].map((unit) => ends(periodOf(unit, TODAY))), [
    ["2026-11-23", "2026-11-29"], ["2026-11-01", "2026-11-30"], ["2026-10-01", "2026-12-31"], ["2026-01-01", "2026-12-31"],
  ]);
  assert.deepEqual(ends(periodOf("week", "2027-01-03")), ["2026-12-28", "2027-01-03"], "a Sunday ends its week");
  assert.deepEqual(ends(stepped(periodOf("month", "2026-03-31"), -1)), ["2026-02-01", "2026-02-28"]);
  assert.deepEqual(ends(stepped(periodOf("quarter", TODAY), 1)), ["2027-01-01", "2027-03-31"]);
  assert.deepEqual(ends(stepped({ unit: "range", from: "2026-11-10", to: "2026-11-12" }, -1)), ["2026-11-07", "2026-11-09"]);
  assert.equal(isAhead(stepped(periodOf("month", TODAY), 1), TODAY), true);
});

test("an address says its period, and one that says none is of this month", () => {
  const read = (search) => readPeriod(new URLSearchParams(search), TODAY);
  assert.equal(read("from=2026-10-01&to=2026-10-31").unit, "month");
  assert.equal(read("from=2026-10-01&to=2026-12-31").unit, "quarter");
  assert.equal(read("from=2026-10-02&to=2026-10-31").unit, "range");
  for (const wrong of ["", "from=2026-10-31&to=2026-10-01", "from=x&to=2026-10-01", "from=2010-01-01&to=2026-10-01"]) assert.deepEqual(read(wrong), periodOf("month", TODAY));
  assert.equal(rangeOf("2026-10-01", "2026-09-30"), null);
});

test("a period is called as the language calls it", () => {
  const say = (key, values) => `${key} ${values.n} ${values.year}`;
  const [id, en] = [periodsIn("id-ID"), periodsIn("en-GB")];
  assert.equal(id.name(periodOf("month", TODAY), say), "November 2026");
  assert.equal(id.name(periodOf("quarter", TODAY), say), "quarter_name 4 2026");
  assert.match(id.days({ from: "2026-10-01", to: "2026-10-31" }), /^1.31 Okt 2026$/);
  assert.match(en.days({ from: "2026-10-01", to: "2026-10-31" }), /^1\s?–\s?31 Oct 2026$/);
});

test("small rows and those of nobody stand together, the others in the server's order", () => {
  const rows = [row("a", 10, 5, 15), row("b", 30, 0, 0), row("c", 1, 1, 0), row(null, 40, 0, 4), row("d")];
  const found = ranked({ rows, by: "agency" });
  assert.deepEqual(found.rows.map(({ value }) => value), ["a", "b"]);
  assert.deepEqual(found.few.map(({ value }) => value), [null, "c"], "what nothing happened to is left out");
  assert.deepEqual([found.sum?.on_time, found.sum?.due, found.sum?.older], [41, 46, 4]);
  assert.ok(Math.abs((found.sum?.share ?? 0) - 41 / 46) < 1e-9);
  assert.equal(found.sum?.finish, null, "the middle of a sum is not the middle of its parts");
  assert.ok(Number.isNaN(found.sum?.ping_pong), "one that went to and fro stands in the rows of several agencies");
  assert.equal(ranked({ rows, by: "category" }).sum?.ping_pong, 0);
  assert.equal(rows[3]?.figures.on_time, 40, "the rows themselves stay as they came");
});

test("hours stand in their own order, all of them", () => {
  const found = ranked({ rows: [row("7", 1, 0, 0), row("8", 30, 0, 0), row("9")], by: "hour" });
  assert.deepEqual([found.rows.map(({ value }) => value), found.few], [["7", "8"], []]);
});

test("the whole city and what has no code are two rows", () => {
  const answer = { city: row(null, 1), rows: [row(null, 2), row("a", 3)] };
  assert.deepEqual([null, "", "a", "b"].map((value) => rowOf(answer, value)?.figures.on_time), [1, 2, 3, undefined]);
});

test("the chart's scale holds both lines with whole steps, and a week of which nothing is known parts them", () => {
  const week = (share, naive) => ({ from: "2026-08-03", share, naive });
  const scale = scaleOf([week(0.71, 0.82), week(0.63, 0.8)]);
  assert.ok(scale.low <= 0.63 && scale.high >= 0.82 && (scale.high - scale.low) / scale.step < 5.01, JSON.stringify(scale));
  assert.deepEqual(scaleOf([week(null, null)]), { low: 0, high: 1, step: 0.2 });
  const whole = scaleOf([week(1, 1)]);
  assert.ok(whole.high === 1 && whole.low < 1, JSON.stringify(whole));
  const pieces = piecesOf([0.7, null, 0.7, 0.8], { low: 0.6, high: 0.8 }, FRAME);
  assert.deepEqual(pieces.map(({ length }) => length), [1, 2]);
  assert.equal(pieces[1]?.at(-1)?.y, FRAME.top, "the highest value lies at the top");
});
