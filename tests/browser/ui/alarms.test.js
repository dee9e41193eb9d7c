/**
 * What the band names, and that band, board and map give a complaint the same ring.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_CALENDAR } from "../../../static/js/feed/clock.js";
import { attention, countAlarms, inOrder, ringOf, unackedComplaints } from "../../../static/js/ui/alarms.js";
import { rank } from "../../../static/js/ui/complaints.js";
import { fit } from "../../../static/js/ui/dom.js";
import { standAlone } from "../../../static/js/wall/scenes/map_marks.js";
import { stateOf } from "../messages.js";

const AT = Date.parse("2026-11-24T07:00:00Z");
const stamp = (/** @type {number} */ minutes) => new Date(AT + minutes * 60e3).toISOString();
const late = (/** @type {string} */ id, /** @type {number} */ minutes, /** @type {any} */ more = {}) => ({
  id, seq: 1, status: "waiting", overdue: true, area: "A", lat: 1, lon: 2, stage_clock: "calendar", priority: "normal",
  stage_from: stamp(-1000), due_at: stamp(-minutes), ...more,
});

/** @param {any[]} cards @param {any[]} [alarms] @returns {any} as far as these views look */
function picture(cards, alarms = []) {
  const names = Object.keys(cards[0] ?? {});
  const state = stateOf({ epoch: "e", seq: 1, mark: "m", alarms, cards: Object.fromEntries(names.map((name) => [name, cards.map((card) => card[name] ?? null)])) });
  const unacked = unackedComplaints(state);
  const ranking = rank(state.cards.values(), { at: AT, calendar: NO_CALENDAR, unacked });
  return { state, unacked, ranking, attention: attention({ state, ranking, at: AT, calendar: NO_CALENDAR }) };
}

const named = (/** @type {any} */ seen) => seen.attention.map((/** @type {any} */ one) => one.card?.id ?? one.source);
const five = [50, 40, 30, 20, 10].map((minutes, n) => late(`late-${n}`, minutes));

test("CR-31 overdue without an alarm has an owner: named after the alarms, steady", () => {
  const seen = picture(five);
  assert.deepEqual(named(seen), ["late-0", "late-1", "late-2"]);
  assert.deepEqual(five.map((card) => ringOf(/** @type {any} */ (card), seen)), ["thin", "thin", "thin", "thin", "thin"]);
  assert.ok(seen.attention.every((/** @type {any} */ one) => one.acted && one.alarm === null));
});

test("unacknowledged alarms come first, by priority, then percent of the limit; what somebody has is steady", () => {
  const alarm = (/** @type {string} */ id, /** @type {any} */ more) => ({ id, state: "unacked", kind: "passed", priority: 2, raised_at: stamp(0), ...more });
  const seen = picture([...five, late("soon", -5, { overdue: false })], [
    alarm("1", { complaint: "late-4", raised_at: stamp(-5) }), alarm("2", { complaint: "soon", priority: 1 }),
    alarm("3", { source: "lapor", kind: "lost", raised_at: stamp(-9) }), alarm("4", { complaint: "late-0", state: "acked" }), alarm("5", { complaint: "late-1", state: "shelved" }),
  ]);
  assert.deepEqual(named(seen), ["soon", "late-4", "lapor"]);
  assert.deepEqual(["soon", "late-4", "late-0"].map((id) => ringOf(seen.state.cards.get(id), seen)), ["plain", "strong", "thin"]);
  assert.deepEqual(countAlarms(seen.state.alarms.values()), { unacked: 3, acked: 1, returned: 0, shelved: 1, suppressed: 0, out_of_service: 0 });
  assert.deepEqual(inOrder(seen.state, { at: AT, calendar: NO_CALENDAR }).map(({ id }) => id), ["2", "1", "3", "4", "5"]);
});

test("an acknowledged one that the band still names has the ring of one that somebody has", () => {
  const seen = picture(five, [{ id: "1", state: "acked", complaint: "late-0" }]);
  assert.deepEqual(seen.attention.map(({ card, acted }) => [card?.id, acted]), [["late-0", true], ["late-1", true], ["late-2", true]]);
  assert.equal(ringOf(/** @type {any} */ (five[0]), seen), "thin");
});

test("nothing overdue, nothing to name", () => {
  assert.deepEqual(named(picture([late("fine", -5, { overdue: false })])), []);
});

const city = /** @type {any} */ ({
  area: (/** @type {string} */ code) => (code === "A" ? { code: "A", district: "D" } : null), districts: [{ code: "D", name: "D", lat: 8, lon: 9 }],
});

test("at most twelve stand alone, the band's among them; one without a point stands on its district, one outside nowhere", () => {
  const many = Array.from({ length: 20 }, (_, n) => late(`m-${n}`, 100 - n));
  const seen = picture([...many.slice(0, 19), late("far", 500, { area: "elsewhere" }), late("placeless", 400, { lat: null, lon: null })]);
  const alone = standAlone(seen, city);
  assert.equal(alone.length, 12);
  assert.deepEqual(alone.filter((one) => one.named).map(({ card }) => card.id), ["placeless", "m-0"]);
  assert.deepEqual([alone[0]?.lat, alone[0]?.lon], [8, 9]);
});

test("a name stands as it is, narrower, or is cut", () => {
  assert.deepEqual([fit(100, 100), fit(104, 100), fit(110, 100)], ["whole", "narrow", "cut"]);
});
