/**
 * The time bar: which happenings stand on it, on which side their words, and how high its bars are.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { barsPath, happeningWords, shareOf, shownHappenings, sidesOf } from "../../../static/js/ui/time_bar.js";
import { sayIn } from "../../../static/js/ui/language.js";
import "../words.mjs";

const DAY_MS = 86_400_000;
/** @param {[number, import("../../../static/js/feed/past.js").Kind, number?][]} happenings hour, kind, minutes late */
const day = (happenings, arrivals = /** @type {number[]} */ ([])) => ({
  date: "d", from: 0, to: DAY_MS, now: DAY_MS, first: null, bucket: 600_000, arrivals,
  happenings: happenings.map(([hour, kind, late = 0]) => ({ at: hour * 3600e3, seq: null, kind, until: null, late: late * 60_000, category: null, complaint: null })),
});

test("of many happenings those next to the moment stand on it, then the rare ones, then the latest", () => {
  const many = day([[1, "handover"], [2, "alarm", 1], [3, "alarm", 9], [4, "alarm", 2], [5, "unheard"], [6, "alarm", 500], [7, "alarm", 3], [9, "drill"]]);
  const shown = shownHappenings(many, 3.5 * 3600e3);
  assert.deepEqual(shown.map(({ at }) => at / 3600e3), [3, 4, 5, 9]);
  assert.deepEqual(shownHappenings(day([]), 5), []);
  assert.equal(shownHappenings(day([[1, "alarm"]]), 3600e3).length, 1, "the one at the moment itself");
});

test("words stand on the free side, never over each other, an end or a bezel; without room the line stands alone", () => {
  const axis = { total: 1000, gap: 4 };
  assert.deepEqual(sidesOf([{ x: 500, w: 100 }, { x: 490, w: 100 }], axis), ["right", "left"]);
  assert.deepEqual(sidesOf([{ x: 500, w: 100, first: "left" }, { x: 480, w: 100 }, { x: 700, w: 50 }], axis), ["left", "none", "right"]);
  assert.deepEqual(sidesOf([{ x: 500, w: 100 }, { x: 550, w: 20 }], axis), ["right", "none"], "a line that would run through words");
  assert.deepEqual(sidesOf([{ x: 980, w: 100 }, { x: 20, w: 100, first: "left" }], axis), ["left", "right"]);
  assert.deepEqual(sidesOf([{ x: 300, w: 50 }], { ...axis, kept: [[320, 340]] }), ["left"]);
});

test("a moment before the day stands at its beginning, one after it at its end", () => {
  const one = day([]);
  assert.deepEqual([-5, 0, DAY_MS / 4, 2 * DAY_MS].map((at) => shareOf(one, at)), [0, 0, 0.25, 1]);
});

test("the fullest ten minutes are as high as the bar, and a time without arrivals, or that has not come, has none", () => {
  const path = barsPath(day([], [4, 0, 2]));
  assert.equal(path.match(/M/g)?.length, 2);
  assert.match(path, /^M0\.00 100V0\.0h/);
  assert.match(path, /V50\.0h/);
  assert.equal(barsPath(day([])), "");
});

test("each happening has its words in each language", () => {
  const city = /** @type {any} */ ({ category: (/** @type {string} */ key) => key });
  const format = /** @type {any} */ ({ span: () => "4 m", late: () => "+6 m" });
  for (const lang of ["id", "en", "es"]) {
    const room = { city, format, say: sayIn(lang, "recorded") };
    for (const kind of /** @type {const} */ (["alarm", "unheard", "handover", "drill"])) {
      assert.ok(happeningWords({ at: 0, seq: null, kind, until: kind === "unheard" ? 240_000 : null, late: 360_000, category: null, complaint: null }, room).length > 3, `${lang} ${kind}`);
    }
  }
});
