/**
 * What the band of alarms counts and whom it inverts, and on which step the rail's headline stands.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bandSum, isEmergency, isSwapped, mainKind } from "../../../static/js/wall/alarm_band.js";
import { headlineOf, lengthOf } from "../../../static/js/wall/rail.js";

/** @param {object[]} alarms @param {{late?: string[], known?: string[], stock?: number}} [room] late: complaints that are; known: that are not @returns {any} */
function stateOf(alarms, { late = [], known = [], stock = late.length } = {}) {
  const cards = new Map([...late.map((id) => [id, { id, overdue: true }]), ...known.map((id) => [id, { id, overdue: false }])]);
  return { alarms: new Map(alarms.map((/** @type {any} */ one) => [one.id, one])), cards, counts: { stock: { overdue: stock } }, tally: { total: { overdue: late.length } } };
}
const passed = (/** @type {string} */ complaint, state = "unacked") => ({ id: `passed:${complaint}`, kind: "passed", priority: 2, state, complaint });

test("CR-22, 75 who is late is the sum of who nobody has, who somebody has, and who is set aside", () => {
  const late = ["a", "b", "c", "d", "e", "f"];
  const sum = bandSum(stateOf([passed("a"), passed("b", "acked"), passed("c", "shelved"), { ...passed("a"), id: "critical:a", kind: "critical" }], { late }));
  assert.deepEqual(sum, { late: 6, untaken: 1, aside: 1, taken: 4, other: 0, returned: 0 });
  assert.equal(sum.late, sum.untaken + sum.aside + (sum.taken ?? 0));
});

test("what is an alarm without being late is counted apart: emergencies, sources, pre-warnings", () => {
  const others = [
    { id: "critical:n", kind: "critical", priority: 1, state: "unacked", complaint: "n" },
    { id: "lost:laksa", kind: "lost", source: "laksa", state: "unacked", complaint: null },
    { id: "warned:m", kind: "warned", priority: 3, state: "unacked", complaint: "m" },
    { id: "passed:x", kind: "passed", state: "returned", complaint: "m" },
  ];
  const { late, untaken, taken, other, returned } = bandSum(stateOf([passed("a"), ...others], { late: ["a", "b"], known: ["n", "m"] }));
  assert.deepEqual([late, untaken, taken, other, returned], [2, 1, 1, 3, 1]);
});

test("an alarm for many complaints of an agency counts as many, and parts that are more than the whole say nothing of the rest", () => {
  const many = { id: "group:dlh", kind: "passed", state: "unacked", complaint: null, agency: "dlh", count: 12 };
  assert.equal(bandSum(stateOf([many], { stock: 20 })).untaken, 12);
  assert.equal(bandSum(stateOf([many], { stock: 20 })).taken, 8);
  assert.equal(bandSum(stateOf([many], { stock: 9 })).taken, null);
});

test("a flood is named after what most of it is about, and after nothing where it is of many things", () => {
  const of = (/** @type {string} */ category, i = 0) => ({ id: `${category}${i}`, state: "unacked", category });
  const alarms = [0, 1, 2, 3].map((i) => of("banjir", i));
  assert.deepEqual(mainKind(/** @type {any} */ ([...alarms, of("sampah")])), { category: "banjir", n: 4 });
  assert.equal(mainKind(/** @type {any} */ ([...alarms, of("a"), of("b"), of("c")])), null);
  assert.equal(mainKind([]), null);
});

test("CR-69 an emergency is white for five minutes, dark for five, by the room's clock and its rate; a lost feed is none", () => {
  const since = Date.parse("2026-11-24T07:00:00Z");
  const chosen = /** @type {any} */ ({ alarm: { priority: 1, state: "unacked", activated_at: new Date(since).toISOString() }, acted: false });
  const swapped = (/** @type {number} */ minutes, rate = 1) => isSwapped(chosen, /** @type {any} */ ({ at: since + minutes * 60e3, beat: { rate } }));
  assert.deepEqual([0, 4.9, 5.1, 9.9, 10.1].map((minutes) => swapped(minutes)), [false, false, true, true, false]);
  assert.equal(swapped(6, 60), false);
  assert.equal(isEmergency(chosen), true);
  assert.equal(isEmergency({ ...chosen, acted: true }), false);
  assert.equal(isEmergency({ ...chosen, alarm: { ...chosen.alarm, source: "feed" } }), false);
  assert.equal(isEmergency({ ...chosen, alarm: { ...chosen.alarm, priority: 2 } }), false);
});

test("CR-62, 66 the headline steps down before its figure has no room, and longer sums take room from their words", () => {
  assert.deepEqual([0, 99, 100, 9999, 10_000].map(headlineOf), ["finale", "finale", "show", "show", "figure"]);
  assert.deepEqual([lengthOf(412, 87), lengthOf(9999, 1000), lengthOf(10_000, 5), lengthOf(100_000, 5)], ["no", "wide", "wide", "huge"]);
});
