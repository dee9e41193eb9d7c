/**
 * How numbers, times and spans read: CR-102 and CR-103, at their boundaries.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sayIn } from "../../static/js/words.js";
import { formatIn } from "../../static/js/format.js";

const id = formatIn("id", "Asia/Jakarta");
const en = formatIn("en", "Asia/Jakarta");
const S = 1000;
const MIN = 60 * S;
const H = 60 * MIN;

test("times are the city's, whatever the computer's zone, with points", () => {
  const moment = Date.parse("2026-11-24T06:30:05Z");
  assert.equal(id.clock(moment), "13.30.05");
  assert.equal(id.hour(moment), "13.30");
  assert.equal(en.clock(moment), "13:30:05");
  assert.equal(id.date(moment), "Selasa, 24 November 2026");
  assert.match(en.date(moment), /^Tuesday,? 24 November 2026$/);
});

test("the day turns at 17.00 UTC, and midnight is 00", () => {
  assert.equal(id.clock(Date.parse("2026-11-24T17:00:00Z")), "00.00.00");
  assert.equal(id.date(Date.parse("2026-11-24T16:59:59Z")), "Selasa, 24 November 2026");
  assert.equal(id.date(Date.parse("2026-11-24T17:00:00Z")), "Rabu, 25 November 2026");
});

test("counters are never shortened below a million", () => {
  assert.deepEqual([0, 1284, 99999, 999999].map(id.number), ["0", "1.284", "99.999", "999.999"]);
  assert.equal(en.number(1234567), "1,234,567");
});

test("a span has one unit, whole and rounded down", () => {
  const rows = [
    [0, "0 dtk"], [59.999 * S, "59 dtk"], [MIN, "1 mnt"], [100 * MIN - 1, "99 mnt"], [100 * MIN, "1 jam"],
    [48 * H - 1, "47 jam"], [48 * H, "2 hari"], [1000 * 24 * H, "1.000 hari"], [-5 * S, "0 dtk"],
  ];
  for (const [ms, words] of rows) assert.equal(id.span(Number(ms)), words);
});

test("on the working clock a day is a working day, and the word says so", () => {
  const work = { working: true, dayMs: 7.5 * H };
  assert.equal(id.span(52 * MIN, work), "52 mnt kerja");
  assert.equal(id.span(15 * H - 1, work), "14 jam kerja");
  assert.equal(id.span(15 * H, work), "2 hari kerja");
  assert.equal(id.late(45 * H, work), "+6 hari kerja");
});

test("English has its own units", () => {
  assert.deepEqual([en.span(30 * S), en.span(12 * MIN), en.span(3 * H), en.span(72 * H)], ["30 sec", "12 min", "3 h", "3 days"]);
  assert.equal(en.span(15 * H, { working: true, dayMs: 7.5 * H }), "2 working days");
});

test("English says one report and two reports", () => {
  const say = sayIn("en");
  assert.equal(say("map_answer", { place: "Benda", n: "1" }), "Most in Benda, 1 report");
  assert.equal(say("map_answer", { place: "Benda", n: "1,001" }), "Most in Benda, 1,001 reports");
  assert.equal(say("surge_many", { what: "Fire", n: "12", places: "1" }), "Surge of Fire: 12 reports in 1 district");
});
