/** Moments as hands of a clock in a zone, there and back, over both ends of summer time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { hoursOf } from "../../static/js/wall/scenes/trend.js";
import { handsOf, momentOf } from "../../static/js/feed/clock.js";

const at = (/** @type {string} */ text) => Date.parse(text);

test("hands are those of the city, whatever the machine's own zone", () => {
  assert.equal(handsOf(at("2026-11-27T09:45:59Z"), "Asia/Jakarta"), "2026-11-27T16:45");
  assert.equal(handsOf(at("2026-11-27T00:00:00Z"), "America/New_York"), "2026-11-26T19:00");
  assert.equal(momentOf("2026-11-27T16:45", "Asia/Jakarta"), at("2026-11-27T09:45:00Z"));
  assert.ok(Number.isNaN(momentOf("", "Asia/Jakarta")));
});

test("every quarter of an hour of the days on which clocks change comes back as itself", () => {
  for (const [zone, day] of [["Europe/Berlin", "2026-03-29"], ["Europe/Berlin", "2026-10-25"], ["America/New_York", "2026-11-01"], ["Pacific/Auckland", "2026-09-27"]]) {
    for (let ms = at(`${day}T00:00:00Z`) - 86_400_000; ms < at(`${day}T00:00:00Z`) + 2 * 86_400_000; ms += 900_000) {
      const back = momentOf(handsOf(ms, String(zone)), String(zone));
      assert.equal(handsOf(back, String(zone)), handsOf(ms, String(zone)));
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
