/**
 * Breakdowns from the cards, and the sums that must agree with the server's totals.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { byDistrict, count, mismatches, NO_PLACE, OUTSIDE } from "../../static/js/feed/cards.js";
import { message, stateOf } from "./messages.js";

test("the example snapshot's totals hold, before and after the batch", () => {
  for (const name of ["snapshot", "snapshot_later"]) {
    const { counts, tally } = stateOf(message(name));
    assert.deepEqual(mismatches(counts, tally), []);
  }
});

test("each total that does not hold is named, and nothing is adjusted", () => {
  const { counts, tally } = stateOf(message("snapshot"));
  const wrong = structuredClone(counts);
  wrong.cohort.waiting += 1;
  wrong.stock.overdue = 0;
  assert.deepEqual(mismatches(wrong, tally).sort(), ["in", "overdue", "waiting"]);
  assert.equal(tally.total.waiting, 1);
});

test("only what the server says is compared", () => {
  assert.deepEqual(mismatches(null, count([])), []);
  assert.deepEqual(mismatches({ stock: { open: 0, overdue: 0 } }, count([])), []);
});

test("a cohort without a day is checked as a sum alone", () => {
  const { counts, tally } = stateOf(message("snapshot"));
  assert.deepEqual(mismatches({ ...counts, day: null, cohort: { in: 3, waiting: 1, in_process: 1, done: 1, elsewhere: 0 } }, tally), []);
});

test("cards without a place and outside the city have rows of their own", () => {
  const tally = count([
    { id: "1", seq: 1, status: "waiting", area: "a" }, { id: "2", seq: 1, status: "waiting", area: "elsewhere-land" },
    { id: "3", seq: 1, status: "waiting", area: null, lat: 1, lon: 2 }, { id: "4", seq: 1, status: "in_process" },
  ]);
  const rows = byDistrict(tally, (code) => (code === "a" ? "A" : null));
  assert.equal(rows.get("A")?.waiting, 1);
  assert.equal(rows.get(OUTSIDE)?.waiting, 2);
  assert.equal(rows.get(NO_PLACE)?.in_process, 1);
});

test("a status we do not know is counted nowhere and breaks nothing", () => {
  const tally = count([{ id: "1", seq: 1, status: /** @type {any} */ ("dreaming"), agency: "x" }]);
  assert.deepEqual(tally.total, { waiting: 0, in_process: 0, done: 0, elsewhere: 0, overdue: 0 });
});
