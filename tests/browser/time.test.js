/**
 * Freshness is the data's: beats that stop, a pulse that stops, a clock that stops judging. All in monotonic time.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { age, clockAt, freshness, hear, noTime, roomNow, serverNow } from "../../static/js/feed/clock.js";

const NOW = Date.parse("2026-11-24T06:30:05Z");

/** @param {Record<string, any>} [fields] seconds of as_of before now, of due_to before at; rate @returns {any} */
function beat({ as_of = 0, due_to = 0, rate = 1, now = NOW } = {}) {
  const text = (/** @type {number} */ ms) => new Date(ms).toISOString();
  return { epoch: "e", seq: 1, now: text(now), at: text(now + 3600e3), rate, as_of: text(now - as_of * 1000), due_to: text(now + 3600e3 - due_to * 1000) };
}

/** @param {number} seconds since the beat @param {any} told */
const after = (seconds, told = beat()) => freshness(age(hear(noTime(), told, 1000), 1000 + seconds * 1000), true);

test("live up to 5 s without a beat, delayed above, lost above 15 s", () => {
  assert.deepEqual([0, 4.5, 5, 5.5, 15, 15.5].map((s) => after(s)), ["live", "live", "live", "delayed", "delayed", "lost"]);
});

test("lost before the first snapshot, and before the first beat", () => {
  assert.equal(freshness(0, false), "lost");
  assert.equal(freshness(age(noTime(), 0), true), "lost");
});

test("beats that arrive while the pulse stands still are old all the same", () => {
  assert.equal(after(0, beat({ as_of: 6 })), "delayed");
  assert.equal(after(1, beat({ as_of: 4.5 })), "delayed");
  assert.equal(after(0, beat({ as_of: 16 })), "lost");
});

test("a pulse from ahead of now, written before the room's clock was set back, is no proof of life", () => {
  assert.equal(after(0, beat({ as_of: -6 })), "delayed");
  assert.equal(after(20, beat({ as_of: -3600 })), "lost");
});

test("a clock that no longer judges deadlines makes the data old, measured in real seconds", () => {
  assert.equal(after(0, beat({ due_to: 6 })), "delayed");
  assert.equal(after(0, beat({ due_to: 60, rate: 60 })), "live");
  assert.equal(after(0, beat({ due_to: 360, rate: 60 })), "delayed");
  assert.equal(after(0, beat({ due_to: 6, rate: 0 })), "delayed");
});

test("a beat without a pulse counts by its arrival alone", () => {
  assert.equal(after(1, { ...beat(), as_of: null, due_to: null }), "live");
});

test("the wall's clock stands on the last beat; room time runs on at the room's rate", () => {
  const time = hear(noTime(), beat({ rate: 60 }), 0);
  assert.equal(clockAt(time), NOW + 3600e3);
  assert.equal(roomNow(time, 2000), NOW + 3600e3 + 120e3);
  assert.equal(roomNow(hear(noTime(), beat({ rate: 0 }), 0), 9000), NOW + 3600e3);
});

test("server time comes from the beat that travelled fastest, and one slow beat does not shift it", () => {
  let time = hear(noTime(), beat(), 40);
  time = hear(time, beat({ now: NOW + 1000 }), 1010);
  time = hear(time, beat({ now: NOW + 2000 }), 2900);
  assert.equal(serverNow(time, 3000), NOW + 2990);
});

test("a server whose clock was set right is believed at once", () => {
  const time = hear(hear(noTime(), beat({ now: NOW + 26 * 3600e3 }), 0), beat({ now: NOW }), 1000);
  assert.equal(serverNow(time, 1000), NOW);
});
