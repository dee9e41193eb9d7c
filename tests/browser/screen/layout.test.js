/**
 * The screen of a wall: its settings, size of text, density, orbit and light.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { densityOf, lightAt, orbitAt, readScreen, readTile, shapeOf, typeOf } from "../../../static/js/screen/layout.js";

const asked = (query) => readScreen(new URLSearchParams(query));
const PAGE = { cap: 0.698, unit: 1 };

test("CR-61: at 8 m and 1.2 mm the sheet's smallest step is read, so nothing grows", () => {
  assert.deepEqual(typeOf(asked("view_mm=8000&pitch_mm=1.2"), PAGE), { type: 1, enough: true });
});

test("CR-61: on a finer wall every step grows until the smallest is 16 arc-minutes high", () => {
  const { type, enough } = typeOf(asked("view_mm=8000&pitch_mm=0.95"), PAGE);
  assert.ok(enough);
  const arc = (48 * type * 0.698 * 0.95 * 3437.75) / 8000;
  assert.ok(Math.abs(arc - 16) < 0.01, `${arc}`);
});

test("CR-63: where no layout can be large enough the page says so", () => {
  assert.equal(typeOf(asked("view_mm=20000&pitch_mm=0.9"), PAGE).enough, false);
});

test("CR-66: a capital is 16 px high at least, whatever the formula says", () => {
  const { type } = typeOf(asked("view_mm=1000&pitch_mm=1.2"), { cap: 0.698, unit: 0.4 });
  assert.ok(48 * type * 0.4 * 0.698 >= 16 - 0.01);
});

test("CR-66: the floor holds where no distance is given, on a screen that is small for the sheet", () => {
  const { type, enough } = typeOf(asked(""), { cap: 0.698, unit: 0.4 });
  assert.ok(enough && 48 * type * 0.4 * 0.698 >= 16 - 0.01);
  assert.equal(densityOf(asked(""), { cap: 0.698, unit: 0.3 }, "landscape").density, "coarse");
  assert.deepEqual(typeOf(asked(""), { cap: 0.698, unit: 0.5 }), { type: 1, enough: true });
});

test("CR-63: without a distance the sheet's sizes stand", () => {
  assert.deepEqual(typeOf(asked(""), PAGE), { type: 1, enough: true });
  assert.deepEqual(typeOf(asked("view_mm=-3&pitch_mm=none"), PAGE), { type: 1, enough: true });
});

test("CR-67: the picture moves by at most 4 px, one px every three minutes, the same on all screens", () => {
  const steps = Array.from({ length: 600 }, (_, n) => orbitAt(n * 180_000 + 17));
  for (const [i, { x, y }] of steps.entries()) {
    assert.ok(Math.abs(x) <= 4 && Math.abs(y) <= 4);
    const before = steps[i - 1];
    if (before) assert.ok(Math.abs(x - before.x) <= 1 && Math.abs(y - before.y) <= 1, `step ${i}`);
  }
  assert.equal(new Set(steps.map(({ x }) => x)).size, 9);
  assert.equal(new Set(steps.map(({ y }) => y)).size, 9);
  assert.deepEqual(orbitAt(179_999), orbitAt(0));
});

test("CR-70: the light never goes below 0.80 and the night may pass midnight", () => {
  const screen = asked("night=0.3&night_hours=21-5");
  assert.deepEqual([20, 21, 23, 4, 5].map((hour) => lightAt(screen, hour)), [1, 0.8, 0.8, 0.8, 1]);
  assert.equal(lightAt(asked(""), 23), 1);
});

test("CR-71: a panel knows its part of the wall; what makes no sense is the whole wall", () => {
  assert.deepEqual(readTile("2,1/3x2"), { column: 1, row: 0, columns: 3, rows: 2 });
  for (const text of [null, "", "4,1/3x2", "0,1/3x2", "1,1/0x0", "a,b/cxd"]) assert.deepEqual(readTile(text), { column: 0, row: 0, columns: 1, rows: 1 });
});

test("a wall is as its whole is, not as its panel", () => {
  assert.deepEqual([shapeOf(3840, 2160), shapeOf(2160, 3840), shapeOf(5760, 2160), shapeOf(1000, 1000)], ["landscape", "portrait", "wide", "portrait"]);
});

test("CR-61 a television four metres away is laid out coarser, not smaller", () => {
  const tv = asked("view_mm=4000&pitch_mm=0.63");
  const { density, type, enough } = densityOf(tv, { cap: 0.698, unit: 0.5 }, "landscape");
  assert.equal(density, "coarse");
  assert.ok(enough && type * 48 * 0.75 * 0.698 >= (4000 * 16) / (3437.75 * 0.63) - 1e-9);
  for (const shape of /** @type {const} */ (["portrait", "wide"])) assert.deepEqual(densityOf(tv, { cap: 0.698, unit: 0.5 }, shape), { type, enough, density: "coarse" });
  assert.equal(densityOf(asked("view_mm=8000&pitch_mm=1.2"), { cap: 0.698, unit: 1 }, "landscape").density, "fine");
});

test("CR-68 bezels in px, or in mm of a known pitch; panels of a page or of its tile", () => {
  assert.equal(asked("bezel_px=12").bezelPx, 12);
  assert.equal(asked("bezel_mm=6&pitch_mm=0.6").bezelPx, 10);
  assert.equal(asked("bezel_mm=6").bezelPx, 0);
  assert.equal(asked("panels=3x2").panels, 3);
  assert.equal(asked("tile=2,1/4x1").panels, 4);
  assert.equal(asked("panels=many").panels, 1);
});
