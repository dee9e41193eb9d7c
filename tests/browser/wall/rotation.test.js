/**
 * Takeover and rotation: what pulls a scene forward, and when it goes back (CR-74).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DWELL_MS, sceneAt, SCENES } from "../../../static/js/wall/scenes/registry.js";
import { NO_TURN, sceneOf, turnOn, wanted } from "../../../static/js/wall/rotation.js";

const TURNING = SCENES.slice(0, -1).map(({ name }) => name);
const START = 200 * TURNING.length * DWELL_MS;
const alarm = (id, kind, priority, raised, state = "unacked") => ({ id, kind, priority, state, raised_at: `2026-11-24T07:0${raised}:00Z` });
const [LATE, FIRE] = [alarm("a", "passed", 2, 1), alarm("b", "critical", 1, 2)];

/** @param {[number, import("../../../static/js/wall/scenes/registry.js").Scene | null][]} script second and wish, one after another */
function play(script) {
  let turn = NO_TURN;
  return script.map(([second, want]) => {
    const now = START + second * 1000;
    turn = turnOn(turn, want, now);
    return sceneOf(turn, now);
  });
}

test("CR-72: at the same server time every screen shows the same scene, each for 30 s", () => {
  const scenes = TURNING.map((_, n) => sceneAt(null, START + n * DWELL_MS));
  assert.deepEqual(scenes, TURNING);
  assert.equal(sceneAt(null, START + DWELL_MS - 1), "map");
});

test("CR-74: the most urgent alarm chooses, then the oldest; acknowledged ones and pre-warnings choose nothing", () => {
  assert.equal(wanted([LATE, FIRE], false), "map");
  assert.equal(wanted([FIRE, LATE], false), "map");
  assert.equal(wanted([LATE, alarm("c", "critical", 2, 3)], false), "overdue");
  assert.equal(wanted([alarm("d", "passed", 2, 1, "acked"), alarm("e", "warned", 3, 1)], false), null);
});

test("CR-74: a flood shows the map and hops nowhere", () => {
  assert.equal(wanted([LATE, FIRE], true), "map");
  assert.equal(wanted([LATE], true), "map");
});

test("CR-74: an alarm pulls at once, is pinned past the rotation, and 10 s after the acknowledgement the next scene comes", () => {
  const shown = play([[0, null], [2, "overdue"], [60, "overdue"], [61, null], [70, null], [71.1, null]]);
  assert.deepEqual(shown, ["map", "overdue", "overdue", "overdue", "overdue", "agencies"]);
});

test("CR-74: two pulls stand at least 10 s apart", () => {
  assert.deepEqual(play([[0, "overdue"], [3, "map"], [9.9, "map"], [10, "map"]]), ["overdue", "overdue", "overdue", "map"]);
});

test("CR-74: what follows a takeover lasts to a change of the rotation, so that all screens meet again", () => {
  const shown = play([[0, "overdue"], [5, null], [15, null], [29, null], [30, null]]);
  assert.deepEqual(shown, ["overdue", "overdue", "agencies", "agencies", "board"]);
});

test("CR-74: an alarm that returns within the 10 s keeps its scene", () => {
  assert.deepEqual(play([[0, "overdue"], [5, null], [12, "overdue"], [16, null], [25, null], [26, null]]).slice(-2), ["overdue", "agencies"]);
});
