/**
 * Figures stand for a second, and what a room must not wait for does not (CR-76, CR-87).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyState } from "../../../static/js/feed/store.js";
import { FigureThrottle } from "../../../static/js/screen/scheduler.js";

const state = { ...emptyState(), epoch: "e", seq: 1 };

test("CR-87 a change after a quiet second shows at once, the next ones a second later", () => {
  const throttle = new FigureThrottle(state);
  assert.equal(throttle.take({ ...state, seq: 2 }, 5000).seq, 2);
  assert.equal(throttle.take({ ...state, seq: 3 }, 5100).seq, 2);
  assert.equal(throttle.due({ ...state, seq: 4 }, 5999), false);
  assert.equal(throttle.take({ ...state, seq: 4 }, 6000).seq, 4);
});

for (const [what, changed] of Object.entries({ alarms: new Map(), lines: [{ id: "flood" }], sources: [], epoch: "other" })) {
  test(`CR-87 ${what} wait for nothing`, () => {
    const throttle = new FigureThrottle(state);
    throttle.take({ ...state, seq: 2 }, 5000);
    assert.equal(throttle.take({ ...state, seq: 3, [what]: changed }, 5010).seq, 3);
  });
}

test("CR-87 a surge that grows is a figure: its line waits, a new one does not", () => {
  const [surge, other] = [{ id: "surge:1", kind: "surge", areas: ["1"], n: 12 }, { id: "surge:2", kind: "surge", areas: ["9"], n: 12 }];
  const throttle = new FigureThrottle({ ...state, lines: [surge] });
  assert.equal(throttle.urgent({ ...state, seq: 2, lines: [{ ...surge, areas: ["1", "2"], n: 13 }] }), false);
  assert.equal(throttle.urgent({ ...state, seq: 3, lines: [surge, other] }), true);
});

test("the same state is never due", () => {
  const throttle = new FigureThrottle(state);
  assert.equal(throttle.due(state, 1e9), false);
});
