/**
 * Small rules with a number: rotation, painting pace, paint report, reload, chosen sources, what the wall tells.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PaintReport } from "../../static/js/screen/presence.js";
import { isLater, reloadWhenHealthy } from "../../static/js/screen/reload.js";
import { createPaintThrottle } from "../../static/js/screen/scheduler.js";
import { tellState } from "../../static/js/ui/picture.js";
import { pinned, sceneAt, SCENES } from "../../static/js/wall/scenes/registry.js";
import { chooseSources } from "../../static/js/wall/rail.js";
import { message, stateOf } from "./messages.js";

test("scenes rotate by server time, the same everywhere; a pin holds; an unknown pin is none", () => {
  assert.deepEqual([0, 29_999, 30_000, 30_000 * (SCENES.length - 1)].map((now) => sceneAt(null, now)), ["map", "map", "board", "map"]);
  assert.equal(sceneAt(pinned("board"), 0), "board");
  assert.deepEqual([pinned("nothing"), pinned(null), sceneAt(null, null)], [null, null, "map"]);
});

test("painting: at once after a quiet moment, then four times a second, and the last change is never lost", () => {
  let clock = 0;
  /** @type {{at: number, act: () => void}[]} */
  const timers = [];
  /** @type {number[]} */
  const painted = [];
  const edge = { every: 250, now: () => clock, later: (/** @type {number} */ ms, /** @type {() => void} */ act) => timers.push({ at: clock + ms, act }), frame: (/** @type {() => void} */ act) => act() };
  const throttle = createPaintThrottle(edge, () => painted.push(clock));
  for (clock = 0; clock <= 1000; clock += 10) {
    for (const { act } of timers.splice(0, timers.length).filter((timer) => timer.at <= clock || !timers.push(timer))) act();
    if (clock <= 900) throttle.ask();
  }
  assert.deepEqual(painted, [0, 250, 500, 750, 1000]);
});

test("each batch's lag is told with the frame that shows it, once, never below zero", () => {
  /** @type {(readonly number[])[]} */
  const told = [];
  const report = new PaintReport((lags) => void told.push(lags));
  const now = Date.parse("2026-11-24T07:00:00Z");
  const batch = (/** @type {number} */ ago, /** @type {number} */ to) => /** @type {any} */ ({ logged_at: new Date(now - ago).toISOString(), to });
  report.arrived(batch(40, 11));
  report.arrived(batch(-3, 12));
  report.arrived(batch(5, 13));
  report.painted(now, 12);
  report.painted(now, 13);
  report.arrived(batch(7, 14));
  report.painted(null, 14);
  report.painted(now, 14);
  assert.deepEqual(told, [[40, 0], [5], [], []]);
});

test("how long each batch was on its way is told once, with the next frame", () => {
  /** @type {(readonly number[])[]} */
  const told = [];
  const report = new PaintReport((_, received) => void told.push(received));
  const now = Date.parse("2026-11-24T07:00:00Z");
  const batch = (/** @type {number} */ to) => /** @type {any} */ ({ logged_at: new Date(now).toISOString(), to });
  report.arrived(batch(11), now + 7);
  report.arrived(batch(12), now - 2);
  report.arrived(batch(13), null);
  report.painted(now + 50, 12);
  report.painted(now + 60, 13);
  assert.deepEqual(told, [[7, 0], []]);
});

test("CR-110 a page that may restart waits for its turn", async () => {
  for (const granted of [true, false]) {
    let reloaded = false;
    const edge = { answers: async () => true, rest: async () => {}, random: () => 0, turn: async () => granted, reload: () => (reloaded = true) };
    assert.equal(await reloadWhenHealthy(edge), granted);
    assert.equal(reloaded, granted);
  }
});

test("a page reloads only to a later build, and only when the server answered twice", async () => {
  assert.deepEqual([isLater("2", "3"), isLater("3", "2"), isLater("2", "2"), isLater("", "3"), isLater("2", null)], [true, false, false, false, false]);
  for (const [answers, expected] of /** @type {[boolean[], boolean][]} */ ([[[true, true], true], [[false], false], [[true, false], false]])) {
    let reloaded = false;
    const edge = { answers: async () => answers.shift() ?? false, rest: async () => {}, random: () => 0, reload: () => (reloaded = true) };
    await reloadWhenHealthy(edge);
    assert.equal(reloaded, expected);
  }
});

test("six sources fit; of more, none that is lost or late makes room for one that is well", () => {
  const sources = Array.from({ length: 9 }, (_, n) => ({ id: `s${n}`, state: n === 8 ? "lost" : n === 7 ? "late" : "ok" }));
  assert.deepEqual(chooseSources(sources.slice(0, 6)).more, 0);
  const { shown, more } = chooseSources(sources);
  assert.deepEqual(shown.map(({ id }) => id), ["s0", "s1", "s2", "s7", "s8"]);
  assert.equal(more, 4);
});

test("the wall tells what it has painted", () => {
  /** @type {Record<string, string>} */
  const told = {};
  const root = /** @type {any} */ ({ getAttribute: (/** @type {string} */ name) => told[name] ?? null, setAttribute: (/** @type {string} */ name, /** @type {string} */ value) => (told[name] = value) });
  tellState(root, /** @type {any} */ ({ state: stateOf(message("snapshot")), freshness: "live", whole: true }), "board");
  assert.deepEqual(told, {
    "data-epoch": "7f3a-1-c0ffee-wall", "data-seq": "10", "data-freshness": "live", "data-scene": "board", "data-waiting": "1",
    "data-in-process": "2", "data-done": "1", "data-overdue": "1", "data-alarms": "1",
  });
});
