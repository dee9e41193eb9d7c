/**
 * Notices to all screens of the room: how long each lasts, and what the wall makes of them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { roomNotices } from "../../../static/js/feed/room_notices.js";
import { heldIn, Stage } from "../../../static/js/wall/rotation.js";

const NOW = Date.parse("2026-11-24T05:00:00Z");
const real = (/** @type {number} */ ms) => new Date(NOW + ms).toISOString();
const line = (/** @type {string} */ kind, /** @type {number} */ lasts, more = {}) => ({ id: kind, kind, until_real: real(lasts), ...more });

/** @param {readonly any[]} lines */
function told(lines) {
  const clock = { now: /** @type {number | null} */ (NOW) };
  const notices = roomNotices(() => clock.now);
  notices.take({ lines });
  return { notices, at: (/** @type {number | null} */ ms) => ((clock.now = ms === null ? null : NOW + ms), notices) };
}

test("CR-42 a freeze ends by itself after 10 minutes, CR-19 a silence after 30 s, CR-74 a hold after 15 minutes", () => {
  const { at } = told([line("freeze", 600_000), line("silence", 30_000), line("scene", 900_000)]);
  assert.ok(at(29_999).left("silence") > 0);
  assert.equal(at(30_000).left("silence"), 0);
  assert.ok(at(599_999).left("freeze") > 0);
  assert.equal(at(600_000).left("freeze"), 0);
  assert.ok(at(899_999).left("scene") > 0);
  assert.equal(at(900_000).left("scene"), 0);
});

test("CR-19 CR-42 nothing lasts longer than it may, and nothing holds before the server's time is known", () => {
  const { at } = told([line("silence", 3_600_000), line("freeze", 3_600_000)]);
  assert.equal(at(0).left("silence"), 30_000);
  assert.equal(at(0).left("freeze"), 600_000);
  assert.equal(at(null).left("silence"), 0);
});

test("a line that is gone, or says nothing of an end, holds nothing", () => {
  const { notices } = told([line("silence", 30_000), { id: "freeze", kind: "freeze" }]);
  assert.equal(notices.left("freeze"), 0);
  const first = notices.command("silence");
  notices.take({ lines: [line("silence", 30_001)] });
  assert.notEqual(notices.command("silence"), first, "the same command again is another one");
  notices.take({ lines: [] });
  assert.equal(notices.command("silence"), "");
});

const alarm = (/** @type {string} */ id, /** @type {string} */ kind, /** @type {number} */ priority, /** @type {string} */ at) =>
  [id, { id, kind, priority, state: "unacked", raised_at: at, activated_at: at }];
const room = (/** @type {any[]} */ alarms, /** @type {any[]} */ lines = []) => /** @type {any} */ ({ epoch: "e", alarms: new Map(alarms), lines });
const HELD = line("scene", 900_000, { scene: "trend", since: real(0) });
const OLD = alarm("a", "passed", 2, real(-60_000));
const FIRE = alarm("b", "critical", 1, real(5000));

test("A30 CR-74 a held scene takes the place of the rotation and of what had pulled; then the alarm pulls again", () => {
  const stage = new Stage();
  assert.equal(stage.scene(room([OLD]), NOW - 1000), "overdue");
  assert.equal(stage.scene(room([OLD], [HELD]), NOW), "trend");
  assert.equal(stage.scene(room([OLD], [HELD]), NOW + 899_999), "trend");
  assert.equal(stage.scene(room([OLD], [HELD]), NOW + 900_000), "overdue");
});

test("CR-74 CR-81 the results for guests are held while they are here, and not a moment longer", () => {
  const held = line("scene", 900_000, { scene: "visit", since: real(0) });
  const guests = line("visit", 600_000, { since: real(-60_000) });
  assert.equal(new Stage().scene(room([], [held, guests]), NOW), "visit");
  assert.equal(new Stage().scene(room([], [held, guests]), NOW + 599_999), "visit");
  assert.notEqual(new Stage().scene(room([], [held]), NOW), "visit");
  assert.equal(heldIn({ lines: [held, guests] }, NOW + 600_000), null);
});

test("A30 CR-74 a new alarm is not hidden by a hold, and 10 s after its acknowledgement the held scene is back", () => {
  const stage = new Stage();
  stage.scene(room([OLD], [HELD]), NOW);
  assert.equal(stage.scene(room([OLD, FIRE], [HELD]), NOW + 5000), "map");
  assert.equal(stage.scene(room([OLD], [HELD]), NOW + 20_000), "map");
  assert.equal(stage.scene(room([OLD], [HELD]), NOW + 29_999), "map");
  assert.equal(stage.scene(room([OLD], [HELD]), NOW + 30_000), "trend");
});

test("A30 CR-74 a flood that begins in a hold shows the map; in one from before, the hold stands and nothing hops", () => {
  const flood = (/** @type {number} */ ms) => ({ id: "flood", kind: "flood", since: real(ms) });
  assert.equal(new Stage().scene(room([OLD, FIRE], [HELD, flood(6000)]), NOW + 7000), "map");
  assert.equal(new Stage().scene(room([OLD, FIRE], [HELD, flood(-6000)]), NOW + 7000), "trend");
});
