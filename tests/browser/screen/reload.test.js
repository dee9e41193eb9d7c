/**
 * The planned restart (CR-110): once, in the quietest hour, never while something needs somebody, and what the page does with its turn.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { drawSlot, mayRestart, planRestart } from "../../../static/js/screen/reload.js";

// The planned restart: once, in the quietest hour, never while something needs somebody (CR-110).

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

// What the page does with its turn to restart: it says so, and thinks better of it when an alarm comes (CR-110).

/** A page that may restart until second ``alarm`` after its turn, for ``lasts`` seconds not; the room ``told`` it so when it asked. @param {number} alarm @param {number} lasts @param {number} [told] */
function opened(alarm, lasts, told = 204) {
  const seen = { due: 0, reloads: 0, turns: 0, second: -1, marked: false };
  const page = {
    getAttribute: () => (seen.marked ? "due" : null),
    setAttribute: () => (seen.marked = true),
    removeAttribute: () => (seen.marked = false),
  };
  const consider = planRestart(/** @type {any} */ (page), {
    may: () => seen.second < alarm || seen.second >= alarm + lasts,
    answers: async () => true,
    turn: async () => ((seen.turns += 1), (seen.second = 0), told),
    reload: () => void (seen.reloads += 1),
    rest: async (ms) => {
      if (seen.second >= 0) seen.second += ms / 1000;
      seen.due += Number(seen.marked);
    },
  });
  return { seen, consider };
}

test("CR-110 the keeper has twenty seconds to see the mark, then the page loads itself anew, once", async () => {
  const { seen, consider } = opened(Infinity, 0);
  await consider();
  await consider();
  assert.deepEqual(seen, { due: 20, reloads: 1, turns: 1, second: 20, marked: true });
});

test("CR-110 an alarm while it waits takes the mark away within a second; once it is over the page asks again", async () => {
  const { seen, consider } = opened(5, 10);
  await consider();
  assert.deepEqual(seen, { due: 5, reloads: 0, turns: 1, second: 5, marked: false });
  await consider();
  assert.equal(seen.turns, 1);
  seen.second = 100;
  await consider();
  assert.deepEqual([seen.turns, seen.reloads], [2, 0]);
});

test("CR-110 a wall that is no screen of the room asks once and never again; one that must wait asks after a minute", async () => {
  for (const [told, turns, waited] of /** @type {const} */ ([[403, 1, 0], [401, 1, 0], [409, 2, 60], [503, 2, 60], [0, 2, 60]])) {
    const { seen, consider } = opened(Infinity, 0, told);
    await consider();
    assert.ok(seen.second >= waited && seen.second < waited + 1, `${told}: ${seen.second}`);
    await consider();
    assert.deepEqual([seen.turns, seen.reloads, seen.marked], [turns, 0, false], `${told}`);
  }
});
