/**
 * When a wall goes back from a recording: after nine minutes at most, and as soon as an alarm comes that was not there before.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LONGEST_MS, Return } from "../../../static/js/wall/now_strip.js";

/** @param {string} id @param {string} [state] @param {string} [at] */
const alarm = (id, state = "unacked", at = "2026-11-24T07:00:00Z") => /** @type {any} */ ({ id, state, activated_at: at });

test("it stays for nine minutes and no longer, whether the room of now is known or not", () => {
  for (const joined of [true, false]) {
    const returns = new Return(1000);
    assert.deepEqual([returns.left(1000), returns.due([], joined, 1000 + LONGEST_MS - 1), returns.due([], joined, 1000 + LONGEST_MS)], [540_000, false, true]);
  }
});

test("alarms that were there when it was opened do not call it back; a new one, or one that came again, does", () => {
  const returns = new Return(0);
  assert.equal(returns.due([alarm("a"), alarm("b", "acked")], true, 10), false);
  assert.equal(returns.due([alarm("a", "acked")], true, 20), false);
  assert.equal(returns.due([alarm("a"), alarm("c")], true, 30), true);
  assert.equal(returns.due([alarm("a", "unacked", "2026-11-24T08:00:00Z")], true, 40), true);
});

test("before the room of now is known nothing is new; an alarm that comes while the feed is away is, once it is back", () => {
  const returns = new Return(0);
  assert.equal(returns.due([alarm("a")], false, 10), false);
  assert.equal(returns.due([], true, 20), false);
  assert.equal(returns.due([alarm("a")], false, 30), false);
  assert.equal(returns.due([alarm("a")], true, 40), true);
});
