/**
 * The one flash: period, duty, phase and what may flash at all.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Flash, flashAreaLimit, flashRoom, HALF_MS, MOST_FLASHING, phaseAt, sceneFlashes, untilChange } from "../../../static/js/screen/flash.js";
import { SHOWN_SIZE, SIZE } from "../../../static/js/wall/scenes/map_marks.js";

const NOW = Date.parse("2026-11-24T07:00:00.123Z");

/** A clock that runs only when told to. */
function fakeTime() {
  let mono = 1000;
  /** @type {{at: number, act: () => void}[]} */
  let waiting = [];
  return {
    mono: () => mono,
    later: (/** @type {number} */ ms, /** @type {() => void} */ act) => void waiting.push({ at: mono + ms, act }),
    run(/** @type {number} */ ms) {
      const end = mono + ms;
      for (;;) {
        const next = waiting.sort((a, b) => a.at - b.at)[0];
        if (!next || next.at > end) break;
        waiting = waiting.filter((one) => one !== next);
        mono = next.at;
        next.act();
      }
      mono = end;
    },
  };
}

test("CR-34 period 700 ms, half on and half off, over 7 s of samples", () => {
  const samples = Array.from({ length: 350 }, (_, n) => phaseAt(NOW + n * 20));
  const onsets = samples.filter((phase, n) => phase === "on" && samples[n - 1] === "off").length;
  const duty = samples.filter((phase) => phase === "on").length / samples.length;
  assert.ok(onsets >= 9 && onsets <= 11, `${onsets} onsets`);
  assert.ok(duty >= 0.48 && duty <= 0.52, `duty ${duty}`);
});

test("CR-35 at most two onsets in any second", () => {
  for (let start = 0; start < 700; start += 10) {
    const samples = Array.from({ length: 100 }, (_, n) => phaseAt(NOW + start + n * 10));
    assert.ok(samples.filter((phase, n) => phase === "on" && samples[n - 1] === "off").length <= 2);
  }
});

test("CR-36 two screens with the same server time are in phase, whatever their own clocks", () => {
  /** @type {string[][]} */
  const told = [[], []];
  const time = fakeTime();
  for (const [n, own] of [0, 987_654_321].entries()) {
    new Flash({
      mono: () => time.mono() + own, serverNow: (mono) => NOW + (mono - own), still: () => false, later: time.later,
      tell: (phase) => void told[n]?.push(`${phase} ${time.mono()}`),
    });
  }
  time.run(7000);
  assert.deepEqual(told[0], told[1]);
  assert.ok((told[0]?.length ?? 0) >= 20);
});

test("CR-36 the server's time is taken anew every 60 s and when asked", () => {
  const time = fakeTime();
  let asked = 0;
  const flash = new Flash({
    mono: time.mono, serverNow: (mono) => ((asked += 1), NOW + mono), still: () => false, later: time.later, tell: () => {},
  });
  time.run(59_000);
  assert.equal(asked, 1);
  time.run(2_000);
  assert.equal(asked, 2);
  flash.align();
  assert.equal(asked, 3);
});

test("CR-36 the time until the change is never 0", () => {
  for (let n = 0; n < 2 * HALF_MS; n += 1) assert.ok(untilChange(NOW + n) > 0 && untilChange(NOW + n) <= HALF_MS);
});

test("CR-38 the area by the nearest viewer, and ten symbols at most", () => {
  assert.deepEqual([2000, 3000, 8000].map((nearMm) => Math.round(flashAreaLimit({ nearMm, pitchMm: 1.2 }))), [16667, 37500, 266667]);
  assert.equal(sceneFlashes(7, 3), true);
  assert.equal(sceneFlashes(8, 3), false);
  assert.deepEqual([3, 4].map((unacked) => sceneFlashes(unacked, 3, { scenes: 2 })), [true, false], "board and map side by side flash the same complaints");
  assert.deepEqual([2, 3].map((unacked) => sceneFlashes(unacked, 2, { room: 2 })), [true, false]);
});

test("CR-41 what must be still is steady, and flashes again when it need not be", () => {
  const time = fakeTime();
  let still = true;
  /** @type {string[]} */
  const told = [];
  new Flash({ mono: time.mono, serverNow: () => NOW + time.mono(), still: () => still, later: time.later, tell: (phase) => void told.push(phase) });
  time.run(2000);
  assert.deepEqual([...new Set(told)], ["steady"]);
  still = false;
  time.run(1400);
  assert.ok(told.includes("on") && told.includes("off"));
});

test("CR-38 the nearest viewer decides what may flash beside the band, and whether the band may", () => {
  assert.deepEqual(flashRoom({ nearMm: null, pitchMm: 1.2 }, 1), { band: true, scene: MOST_FLASHING });
  assert.deepEqual(flashRoom({ nearMm: 8000, pitchMm: 1.2 }, 1), { band: true, scene: MOST_FLASHING });
  assert.deepEqual(flashRoom({ nearMm: 2000, pitchMm: 1.2 }, 1), { band: true, scene: 0 });
  assert.equal(flashRoom({ nearMm: 1000, pitchMm: 1.2 }, 1).band, false);
  const pitchMm = 1.2;
  // Boxes around the triangles as drawn: of the band's largest symbol, of the mark that is called out, and of the other marks.
  const [band, shown, mark] = [92, SHOWN_SIZE, Math.max(...Object.values(SIZE))].map((high) => (1.14 * high) ** 2);
  for (let nearMm = 1500; nearMm <= 5000; nearMm += 50) {
    const room = flashRoom({ nearMm, pitchMm }, 1);
    const limit = flashAreaLimit({ nearMm, pitchMm });
    if (room.scene > 0) assert.ok(Number(band) + Number(shown) + (room.scene - 1) * Number(mark) <= limit, `${room.scene} at ${nearMm}`);
  }
});
