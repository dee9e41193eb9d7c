/**
 * The planned restart: once, in the quietest hour, never while something needs somebody (CR-110).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { drawSlot, mayRestart } from "../../static/js/screen/reload.js";

const QUIET = { second: 3 * 3600 + 600, slot: 500, stood: 20 * 3600e3, unacked: 0, freshness: /** @type {const} */ ("live"), rate: 1 };

test("CR-110 a page that has stood for half a day restarts at its own moment of the quietest hour", () => {
  assert.equal(mayRestart(QUIET), true);
  assert.equal(mayRestart({ ...QUIET, slot: 700 }), false);
  assert.equal(mayRestart({ ...QUIET, second: 4 * 3600 }), false);
  assert.equal(mayRestart({ ...QUIET, second: 2 * 3600 }), false);
});

test("CR-110 not with an alarm, without its data, soon after the last time, or in a drill", () => {
  for (const other of [{ unacked: 1 }, { freshness: /** @type {const} */ ("delayed") }, { stood: 3600e3 }, { rate: 60 }]) {
    assert.equal(mayRestart({ ...QUIET, ...other }), false);
  }
});

test("CR-110 six screens have six moments, all inside the hour", () => {
  const slots = new Set([0, 0.2, 0.4, 0.6, 0.8, 0.9999].map((share) => drawSlot(() => share)));
  assert.equal(slots.size, 6);
  assert.ok(Math.max(...slots) < 3600);
});
