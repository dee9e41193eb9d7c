/**
 * What a wall says of what a desk holds on it, and of data that is delayed or lost: never that it is live when it is not.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatIn } from "../../../static/js/ui/format.js";
import { sayIn } from "../../../static/js/ui/language.js";
import { heldWords, rulerOf, Staleness } from "../../../static/js/wall/marks.js";
import "../words.mjs";

const room = /** @type {any} */ ({ say: sayIn("id", "wall", "ui"), format: formatIn("id", { zone: "Asia/Jakarta", locale: "id-ID" }) });
const holding = (/** @type {object} */ more) => /** @type {any} */ ({ state: { lines: [], cards: new Map() }, held: null, frozen: 0, freshness: "live", serverNow: 0, ...more });
const held = { scene: "board", left: 840_001, since: 0, order: "x" };

test("CR-42 a frozen flash is told with the minutes left, and that the data goes on only while it does", () => {
  assert.equal(heldWords(holding({}), room), "");
  assert.equal(heldWords(holding({ frozen: 540_001 }), room), "KEDIP BEKU 10 mnt, DATA LANGSUNG");
  assert.equal(heldWords(holding({ frozen: 1, freshness: "delayed" }), room), "KEDIP BEKU 1 mnt");
  assert.equal(heldWords(holding({ frozen: 1, freshness: "lost" }), room), "KEDIP BEKU 1 mnt");
});

test("CR-74 beside a held scene both are said", () => {
  assert.equal(heldWords(holding({ held }), room), "DITAHAN 15 mnt");
  assert.equal(heldWords(holding({ held, frozen: 60_000 }), room), "KEDIP BEKU 1 mnt · DITAHAN 15 mnt");
});

test("CR-44, 45 the strip comes at once and goes after three seconds of steady data", () => {
  const strip = new Staleness();
  const look = (/** @type {number} */ s, /** @type {import("../../../static/js/feed/clock.js").Freshness} */ freshness) => strip.look({ freshness, whole: true, waited: s, mono: s * 1000 });
  assert.equal(look(1, "live"), "none");
  assert.deepEqual([look(6, "delayed"), look(16, "lost")], ["delayed", "lost"]);
  assert.deepEqual([look(20, "live"), look(22.9, "live"), look(23, "live")], ["delayed", "delayed", "none"]);
  assert.deepEqual([look(30, "delayed"), look(31, "live"), look(33, "delayed"), look(34, "live"), look(36.9, "live"), look(37, "live")], ["delayed", "delayed", "delayed", "delayed", "delayed", "none"]);
});

test("a page that has just been opened is joining, not lost, and its first data needs no strip", () => {
  const strip = new Staleness();
  assert.equal(strip.look({ freshness: "lost", whole: false, waited: 3, mono: 3000 }), "none");
  assert.equal(strip.look({ freshness: "lost", whole: false, waited: 16, mono: 16_000 }), "lost");
  assert.equal(strip.look({ freshness: "live", whole: true, waited: 17, mono: 17_000 }), "none");
});

test("the ruler of lost data has one tick a second for three minutes, one a minute for three hours, then one an hour", () => {
  assert.deepEqual([0, 17.9, 179, 180, 10_799, 10_800, 1e7].map(rulerOf), [
    { ticks: 0, each: 1 }, { ticks: 17, each: 1 }, { ticks: 179, each: 1 }, { ticks: 3, each: 60 }, { ticks: 179, each: 60 }, { ticks: 3, each: 3600 }, { ticks: 180, each: 3600 },
  ]);
});
