/**
 * Time of the room: freshness, working time on the example calendar, and moments in a zone over both ends of summer time.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { age, clockAt, freshness, fromLocalInput, hear, NO_CALENDAR, noTime, readCalendar, serverNow, standing, toLocalInput } from "../../../static/js/feed/clock.js";
import { hoursOf } from "../../../static/js/wall/scenes/trend.js";
import { message } from "../messages.js";

// Freshness is the data's: beats that stop, a pulse that stops, a clock that stops judging. All in monotonic time.

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

test("the wall's clock stands on the last beat", () => {
  assert.equal(clockAt(hear(noTime(), beat({ rate: 60 }), 0)), NOW + 3600e3);
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

// Working time on the example calendar: three days, 07.30 to 12.00 and 13.00 to 16.00 in +07.00.

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

// Moments as hands of a clock in a zone, there and back, over both ends of summer time.

const utc = (/** @type {string} */ text) => Date.parse(text);

test("hands are those of the city, whatever the machine's own zone", () => {
  assert.equal(toLocalInput(utc("2026-11-27T09:45:59Z"), "Asia/Jakarta"), "2026-11-27T16:45");
  assert.equal(toLocalInput(utc("2026-11-27T00:00:00Z"), "America/New_York"), "2026-11-26T19:00");
  assert.equal(fromLocalInput("2026-11-27T16:45", "Asia/Jakarta"), utc("2026-11-27T09:45:00Z"));
  assert.ok(Number.isNaN(fromLocalInput("", "Asia/Jakarta")));
});

test("every quarter of an hour of the days on which clocks change comes back as itself", () => {
  for (const [zone, day] of [["Europe/Berlin", "2026-03-29"], ["Europe/Berlin", "2026-10-25"], ["America/New_York", "2026-11-01"], ["Pacific/Auckland", "2026-09-27"]]) {
    for (let ms = utc(`${day}T00:00:00Z`) - 86_400_000; ms < utc(`${day}T00:00:00Z`) + 2 * 86_400_000; ms += 900_000) {
      const back = fromLocalInput(toLocalInput(ms, String(zone)), String(zone));
      assert.equal(toLocalInput(back, String(zone)), toLocalInput(ms, String(zone)));
      assert.ok(back === ms || back === ms - 3_600_000, `${zone} ${new Date(ms).toISOString()}`);
    }
  }
});

test("the hours of a day are the clock's: where it goes back one stands twice, where it goes forward one is left out", () => {
  assert.deepEqual(hoursOf("2026-11-01", 100, "America/New_York").slice(0, 4), [0, 1, 1, 2]);
  assert.equal(hoursOf("2026-11-01", 100, "America/New_York").at(-1), 23);
  assert.deepEqual(hoursOf("2027-03-14", 92, "America/New_York").slice(0, 4), [0, 1, 3, 4]);
  assert.deepEqual(hoursOf("2026-11-24", 96, "Asia/Jakarta"), Array.from({ length: 24 }, (_, hour) => hour));
  assert.equal(hoursOf("", 96, "Asia/Jakarta").length, 24);
});
