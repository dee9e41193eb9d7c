/**
 * Working time on the example calendar: three days, 07.30 to 12.00 and 13.00 to 16.00 in +07.00.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_CALENDAR, readCalendar, standing } from "../../static/js/feed/clock.js";
import { message } from "./messages.js";

const H = 3600e3;
const calendar = readCalendar(message("calendar"));
const at = (/** @type {string} */ text) => Date.parse(`2026-11-${text}:00+07:00`);

test("only the hours in which offices work count", () => {
  const rows = [
    ["24T07:30", "24T12:00", 4.5], ["24T07:30", "24T13:00", 4.5], ["24T12:10", "24T12:50", 0], ["24T11:00", "24T14:00", 2],
    ["24T15:00", "25T08:30", 2], ["24T16:00", "25T07:30", 0], ["24T00:00", "27T00:00", 22.5],
  ];
  for (const [from, to, hours] of rows) assert.equal(calendar.work(at(String(from)), at(String(to))), Number(hours) * H);
});

test("backwards is negative", () => {
  assert.equal(calendar.work(at("25T08:30"), at("24T15:00")), -2 * H);
});

test("before the first and after the last interval nothing is added", () => {
  assert.equal(calendar.work(at("01T08:00"), at("24T07:30")), 0);
  assert.equal(calendar.work(at("26T16:00"), at("30T16:00")), 0);
});

test("an ordinary day is seven and a half hours, lunch not counted", () => {
  assert.equal(calendar.dayMs, 7.5 * H);
});

test("without a calendar the plain clock counts and says that it does", () => {
  assert.equal(NO_CALENDAR.known, false);
  assert.equal(NO_CALENDAR.work(0, 5000), 5000);
  for (const wrong of [null, {}, { intervals: "x" }, { intervals: [[2, 1]] }]) assert.equal(readCalendar(wrong).known, false);
});

test("share used and time left on the card's own clock", () => {
  const card = /** @type {any} */ ({ stage_from: new Date(at("24T15:00")).toISOString(), due_at: new Date(at("25T16:00")).toISOString(), stage_clock: "working" });
  const stands = standing(card, at("25T08:30"), calendar);
  assert.equal(stands?.left, 6.5 * H);
  assert.equal(stands?.used, 2 / 8.5);
  assert.equal(standing({ ...card, stage_clock: "calendar" }, at("25T08:30"), calendar)?.left, 7.5 * H);
  assert.equal(standing({ ...card, stage_clock: "calendar" }, at("25T08:30"), calendar)?.working, false);
});

test("what came in by a clock that was ahead has used nothing of its time", () => {
  const card = /** @type {any} */ ({ stage_from: "2026-11-26T09:00:00Z", due_at: "2026-11-26T11:00:00Z", stage_clock: "calendar" });
  assert.equal(standing(card, Date.parse("2026-11-25T09:00:00Z"), calendar)?.used, 0);
});

test("no deadline, no standing; no beginning, no share", () => {
  assert.equal(standing(/** @type {any} */ ({ due_at: null }), 0, calendar), null);
  assert.equal(standing(/** @type {any} */ ({ due_at: "2026-11-25T09:00:00Z", stage_clock: "calendar" }), 0, calendar)?.used, null);
});
