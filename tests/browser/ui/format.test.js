/**
 * How numbers, times and spans read: CR-102 and CR-103, at their boundaries.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatIn } from "../../../static/js/ui/format.js";
import { sayIn } from "../../../static/js/ui/language.js";
import "../words.mjs";

const id = formatIn("id", { zone: "Asia/Jakarta", locale: "id-ID" });
const en = formatIn("en", { zone: "Asia/Jakarta", locale: "id-ID" });
const us = formatIn("en", { zone: "America/New_York", locale: "en-US" });
const S = 1000;
const MIN = 60 * S;
const H = 60 * MIN;

test("CR-102 times are the city's, whatever the computer's zone, with points", () => {
  const moment = Date.parse("2026-11-24T06:30:05Z");
  assert.equal(id.clock(moment), "13.30.05");
  assert.equal(id.hour(moment), "13.30");
  assert.equal(en.clock(moment), "13:30:05");
  assert.equal(id.date(moment), "Selasa, 24 November 2026");
  assert.match(en.date(moment), /^Tuesday,? 24 November 2026$/);
});

test("a city that writes the month first reads so in its own language (CR-102)", () => {
  const moment = Date.parse("2026-11-24T16:30:05Z");
  assert.equal(us.date(moment), "Tuesday, November 24, 2026");
  assert.deepEqual([us.day(moment), en.day(moment), id.day(moment)], ["Nov 24", "24 Nov", "24 Nov"]);
  assert.equal(us.clock(moment), "11:30:05", "a room has twenty-four hours");
});

test("CR-102 the day turns at 17.00 UTC, and midnight is 00", () => {
  assert.equal(id.clock(Date.parse("2026-11-24T17:00:00Z")), "00.00.00");
  assert.equal(id.date(Date.parse("2026-11-24T16:59:59Z")), "Selasa, 24 November 2026");
  assert.equal(id.date(Date.parse("2026-11-24T17:00:00Z")), "Rabu, 25 November 2026");
});

test("CR-103 counters are never shortened below a million", () => {
  assert.deepEqual([0, 1284, 99999, 999999].map(id.number), ["0", "1.284", "99.999", "999.999"]);
  assert.equal(en.number(1234567), "1,234,567");
});

test("CR-103 a span has one unit, whole and rounded down", () => {
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

test("every unit stands behind 0, 1, 2 and 11 as its language wants it, on either clock", () => {
  const spoken = (/** @type {import("../../../static/js/ui/format.js").Format} */ format, /** @type {boolean} */ working) =>
    /** @type {const} */ (["second", "minute", "hour", "day"]).map((unit) => [0, 1, 2, 11].map((n) => format.amount(n, unit, working).join(" ")).join(", "));
  assert.deepEqual(spoken(en, false), ["0 sec, 1 sec, 2 sec, 11 sec", "0 min, 1 min, 2 min, 11 min", "0 h, 1 h, 2 h, 11 h", "0 days, 1 day, 2 days, 11 days"]);
  assert.deepEqual(spoken(en, true).slice(1), ["0 working min, 1 working min, 2 working min, 11 working min", "0 working hours, 1 working hour, 2 working hours, 11 working hours", "0 working days, 1 working day, 2 working days, 11 working days"]);
  assert.deepEqual(spoken(id, false), ["0 dtk, 1 dtk, 2 dtk, 11 dtk", "0 mnt, 1 mnt, 2 mnt, 11 mnt", "0 jam, 1 jam, 2 jam, 11 jam", "0 hari, 1 hari, 2 hari, 11 hari"]);
  assert.deepEqual(spoken(id, true).slice(2), ["0 jam kerja, 1 jam kerja, 2 jam kerja, 11 jam kerja", "0 hari kerja, 1 hari kerja, 2 hari kerja, 11 hari kerja"]);
  const none = { working: true, dayMs: 7.5 * H };
  assert.deepEqual([en.span(0, none), id.span(0, none), en.late(0, none), id.late(999)], ["0 working min", "0 mnt kerja", "just now", "baru lewat"], "no number of a clock that has not moved");
});

test("what counts says one thing and several things in every list of English words", () => {
  const lists = [sayIn("en", "wall", "ui"), sayIn("en", "lead"), sayIn("en", "alarms"), sayIn("en", "desk"), sayIn("en", "outbox"), sayIn("en", "screens")];
  const keys = [["map_answer", "kpi_window", "more_sources"], ["days", "median_n", "sum"], ["again", "limit_days", "group_question"], ["children", "part_stuck", "arrived", "ask_forward_n", "days_more"], ["tries", "hours", "days"], ["sum"]];
  const counted = (/** @type {string} */ n) => lists.flatMap((say, i) => (keys[i] ?? []).map((key) => /** @type {any} */ (say)(key, { n })));
  const plural = /\b(reports|days|channels|cases|questions|alarms|times|hours|screens)\b/;
  assert.deepEqual(counted("1").filter((line) => plural.test(line)), []);
  for (const n of ["0", "2", "11", "1.0"]) assert.deepEqual(counted(n).filter((line) => !plural.test(line)), []);
});

test("English says one report and two reports", () => {
  const say = sayIn("en", "wall", "ui");
  assert.equal(say("map_answer", { place: "Benda", n: "1" }), "Most in Benda, 1 report");
  assert.equal(say("map_answer", { place: "Benda", n: "1,001" }), "Most in Benda, 1,001 reports");
  assert.equal(say("surge_many", { what: "Fire", n: "12", districts: say("districts_n", { n: "1" }) }), "Surge of Fire: 12 reports in 1 district");
});
