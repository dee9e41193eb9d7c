/**
 * The map chooses its look by the number of districts, its size and the size of text.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { lookOf } from "../../../static/js/wall/scenes/map.js";

const WALL = { field: { w: 2400, h: 1530 }, type: 1 };

test("thirteen districts are readable clusters on a wall and on a television", () => {
  assert.equal(lookOf(null, { ...WALL, districts: 13 }), "districts");
  assert.equal(lookOf(null, { field: { w: 1160, h: 880 }, type: 1.17, districts: 13 }), "districts");
});

test("too many districts for the size of text, or none, show every incident", () => {
  assert.equal(lookOf(null, { ...WALL, districts: 59 }), "districts");
  assert.equal(lookOf(null, { ...WALL, districts: 59, type: 1.3 }), "incidents");
  assert.equal(lookOf(null, { ...WALL, districts: 200 }), "incidents");
  assert.equal(lookOf(null, { ...WALL, districts: 0 }), "incidents");
});

test("what is pinned stays", () => {
  assert.equal(lookOf("incidents", { ...WALL, districts: 13 }), "incidents");
  assert.equal(lookOf("districts", { ...WALL, districts: 200 }), "districts");
  assert.equal(lookOf("pretty", { ...WALL, districts: 13 }), "districts");
});
