/**
 * A recorded drill day at any second: what its counts, areas and alarms are there.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import { arrivalsOf, clockOf, momentOf, ringsOf } from "../../../static/js/drill/day.js";

const place = (/** @type {string} */ code) => ({ code, name: code, path: "", at: /** @type {[number, number]} */ ([0, 0]), district: 0 });
const DAY = {
  seconds: 86400, last: 50000, kinds: ["critical", "warned"], priorities: [1, 3], agencies: [], width: 1000, height: 900, areas: [place("a"), place("b")], districts: [place("d")],
  categories: ["lamp"], locale: "id-ID", words: {},
  // Open since before; received and done; received and late.
  complaints: [[0, 0, 1, 0, 0, 0], [600, 1, 0, 0, 0, 0], [1200, 2, 0, 0, 1, 0], [40000, 1, 2, 0, 0, 0], [50000, 2, 0, 1, 1, 0]],
  alarms: [[0, 9, 1, 0, 0, 0], [1200, 7, 2, 0, 1, 0], [1300, 7, 2, 0, 1, 0], [2000, 7, 1, 0, 1, 0], [2500, 8, 2, 1, 0, 0], [3000, 7, 2, 0, 1, 0], [4000, 7, 0, 0, 1, 0]],
};

test("what is there at a second is what had happened by then", () => {
  assert.deepEqual(momentOf(DAY, 0).counts, { received: 0, waiting: 0, in_process: 1, done: 0, overdue: 0 });
  assert.deepEqual(momentOf(DAY, 1200).counts, { received: 2, waiting: 2, in_process: 1, done: 0, overdue: 0 });
  assert.deepEqual(momentOf(DAY, 86399).counts, { received: 2, waiting: 1, in_process: 1, done: 1, overdue: 1 });
  assert.deepEqual(momentOf(DAY, 40000).areas, [{ waiting: 0, in_process: 1, done: 1 }, { waiting: 1, in_process: 0, done: 0 }]);
});

test("an alarm rings from when it began to until somebody acknowledges it", () => {
  assert.deepEqual([1199, 1200, 1999, 2000, 3500, 4000].map((at) => momentOf(DAY, at).ringing.map(({ since }) => since)), [[], [1200], [1200], [], [3000, 2500], [2500]]);
  assert.deepEqual(ringsOf(DAY), [1200, 3000]);
});

test("arrivals leave out what was open before", () => {
  const bars = arrivalsOf(DAY);
  assert.equal(bars.length, 144);
  assert.deepEqual([bars[0], bars[1], bars[2], bars.reduce((sum, n) => sum + n)], [0, 1, 1, 2]);
});

test("the clock is that of the day", () => assert.deepEqual([0, 50700, 86399].map(clockOf), ["00.00", "14.05", "23.59"]));
