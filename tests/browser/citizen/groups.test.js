/**
 * Squares of the public map in groups: the same squares and zoom, the same groups.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { grouped, square } from "../../../static/js/citizen/groups.js";

/** @param {number} row @param {number} column @param {number} n */
const at = (row, column, n) => square([row, column, row, [0, n, 0, 1, 0]]);

test("marks never meet, and nothing is lost or counted twice", () => {
  const squares = Array.from({ length: 400 }, (_, index) => at(Math.floor(index / 20), index % 20, (index * 7) % 5));
  const groups = [...grouped(squares, 4, 5).values()];
  for (const one of groups) for (const other of groups) assert.ok(one === other || Math.abs(one.at.column - other.at.column) >= 4 || Math.abs(one.at.row - other.at.row) >= 5);
  const whole = (/** @type {"waiting" | "done"} */ status) => groups.reduce((sum, { tally }) => sum + tally[status], 0);
  assert.equal(whole("waiting"), squares.reduce((sum, one) => sum + (one.matters.get(0)?.waiting ?? 0), 0));
  assert.equal(whole("done"), 400);
});

test("the same squares in another order are the same groups", () => {
  const squares = [at(0, 0, 3), at(0, 2, 3), at(9, 9, 1), at(1, 1, 2)];
  const shown = (/** @type {ReturnType<typeof at>[]} */ some) => [...grouped(some, 3, 3)].map(([key, { tally }]) => [key, tally.waiting]);
  assert.deepEqual(shown(squares), shown([...squares].reverse()));
  assert.deepEqual(shown(squares), [["0:0:3", 8], ["9:9:3", 1]]);
});
