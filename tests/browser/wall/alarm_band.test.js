/**
 * What the band of alarms counts and whom it inverts, and on which step the rail's headline stands.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sayIn } from "../../../static/js/ui/language.js";
import { bandSum, mainKind, sumWords } from "../../../static/js/wall/alarm_band.js";
import { besideLine, bestIn, bestPair, isEmergency, isSwapped, standingsOf } from "../../../static/js/wall/alarm_slot.js";
import { lateBy } from "../../../static/js/wall/scenes/agencies.js";
import { headlineOf, lengthOf } from "../../../static/js/wall/rail.js";
import "../words.mjs";

/** @param {object[]} alarms @param {{late?: string[], known?: string[], stock?: number}} [room] late: complaints that are; known: that are not @returns {any} */
function stateOf(alarms, { late = [], known = [], stock = late.length } = {}) {
  const cards = new Map([...late.map((id) => [id, { id, overdue: true }]), ...known.map((id) => [id, { id, overdue: false }])]);
  return { alarms: new Map(alarms.map((/** @type {any} */ one) => [one.id, one])), cards, counts: { stock: { overdue: stock } }, tally: { total: { overdue: late.length } } };
}
const passed = (/** @type {string} */ complaint, state = "unacked") => ({ id: `passed:${complaint}`, kind: "passed", priority: 2, state, complaint });

test("CR-22 of who is late are counted who nobody has, who somebody has, and who is set aside; of others nothing is said", () => {
  const late = ["a", "b", "c", "d", "e", "f"];
  const sum = bandSum(stateOf([passed("a"), passed("b", "acked"), passed("c", "shelved"), { ...passed("a"), id: "critical:a", kind: "critical" }, passed("d", "returned"), passed("e", "acked"), { ...passed("e", "acked"), id: "warned:e", kind: "warned" }], { late }));
  assert.deepEqual(sum, { late: 6, untaken: 1, aside: 1, taken: 2, bare: 1, other: 0, returned: 1 });
  assert.deepEqual(bandSum(stateOf(late.map((id) => passed(id, "acked")), { late })).taken, 6);
});

test("what is an alarm without being late is counted apart: emergencies, sources, pre-warnings", () => {
  const others = [
    { id: "critical:n", kind: "critical", priority: 1, state: "unacked", complaint: "n" },
    { id: "lost:laksa", kind: "lost", source: "laksa", state: "unacked", complaint: null },
    { id: "warned:m", kind: "warned", priority: 3, state: "unacked", complaint: "m" },
    { id: "passed:x", kind: "passed", state: "returned", complaint: "m" },
  ];
  const { late, untaken, taken, other, returned } = bandSum(stateOf([passed("a"), ...others], { late: ["a", "b"], known: ["n", "m"] }));
  assert.deepEqual([late, untaken, taken, other, returned], [2, 1, 0, 3, 1]);
});

test("an alarm for many complaints of an agency counts as many, and parts that are more than the whole say nothing of the rest", () => {
  const many = { id: "group:dlh", kind: "passed", state: "unacked", complaint: null, agency: "dlh", count: 12 };
  assert.equal(bandSum(stateOf([many], { stock: 20 })).untaken, 12);
  assert.equal(bandSum(stateOf([many], { stock: 20 })).taken, 0);
  assert.equal(bandSum(stateOf([{ ...many, state: "acked" }], { stock: 20 })).taken, 12);
  assert.equal(bandSum(stateOf([many], { stock: 9 })).taken, null);
});

test("while nothing is late an alarm that still stands is said, as a late one's or another's", () => {
  const room = /** @type {any} */ ({ say: (/** @type {string} */ key, /** @type {any} */ { n } = {}) => `${key} ${n}`, format: { number: String } });
  const words = (/** @type {object[]} */ alarms, /** @type {any} */ of = {}) => sumWords(bandSum(stateOf(alarms, of)), room);
  const pre = { id: "warned:m", kind: "warned", priority: 3, state: "unacked", complaint: "m" };
  assert.equal(words([passed("gone")]).unacked[0], "unacked_n 1");
  assert.equal(words([passed("gone"), pre], { known: ["m"] }).unacked[0], "unacked_n 2");
  assert.deepEqual(words([passed("a"), pre], { late: ["a"], known: ["m"] }), { unacked: ["unacked_n 1", "unacked_short 1"], rest: [], others: "other_n 1", calm: false });
});

test("what the band says of acknowledged alarms counts the others of those that are late, and stands with them where it is all there is to say", () => {
  const room = /** @type {any} */ ({ say: sayIn("id", "wall"), format: { number: String } });
  const words = (/** @type {object[]} */ alarms) => sumWords(bandSum(stateOf(alarms, { late: ["a", "b", "c"] })), room);
  assert.deepEqual(words([passed("a"), passed("b", "acked")]), { unacked: ["1 alarm belum diakui", "1 belum diakui"], rest: ["2 lainnya: 1 alarm diakui, 1 tanpa alarm", "2 lainnya: 1 alarm diakui"], others: "", calm: false });
  assert.deepEqual(words([passed("a"), passed("b", "acked"), passed("c", "acked")]).rest, ["2 lainnya: semua alarm diakui"]);
  assert.deepEqual(words([passed("b", "acked"), passed("c", "shelved")]), { unacked: ["1 alarm diakui, 1 disisihkan"], rest: [], others: "", calm: true });
});

test("the late ones of an agency ask for somebody by an alarm of theirs, or by one for many, and by no other", () => {
  const late = { waiting: [], in_process: [] };
  const state = (/** @type {any[]} */ alarms) => {
    const one = stateOf(alarms.map((alarm) => ({ agency: "dlh", state: "unacked", ...alarm })), { late: ["a"], known: ["m"] });
    one.cards.get("a").status = "in_process";
    one.cards.get("m").status = "waiting";
    return /** @type {any} */ ({ state: one, ranking: { late: { ...late, in_process: [{ card: { id: "a", agency: "dlh", status: "in_process" } }] } } });
  };
  const of = (/** @type {any[]} */ ...alarms) => lateBy(state(alarms)).get("dlh");
  assert.deepEqual(of({ id: "group:dlh", kind: "passed", complaint: null, count: 12 }), { strong: true, status: "in_process" });
  assert.deepEqual(of(passed("a")), { strong: true, status: "in_process" });
  assert.deepEqual(of({ id: "c", kind: "critical", complaint: "m" }, { id: "w", kind: "warned", complaint: "m" }, passed("a", "acked")), { strong: false, status: "in_process" });
  assert.equal(of({ id: "group:dlh", kind: "warned", complaint: null, count: 3 })?.strong, false);
});

test("a flood is named after what most of it is about, and after nothing where it is of many things", () => {
  const of = (/** @type {string} */ category, i = 0) => ({ id: `${category}${i}`, state: "unacked", category });
  const alarms = [0, 1, 2, 3].map((i) => of("banjir", i));
  assert.deepEqual(mainKind(/** @type {any} */ ([...alarms, of("sampah")])), { category: "banjir", n: 4 });
  assert.equal(mainKind(/** @type {any} */ ([...alarms, of("a"), of("b"), of("c")])), null);
  assert.equal(mainKind([]), null);
});

test("CR-69 an emergency is white for five minutes, dark for five, in turns; a lost feed is none", () => {
  const chosen = /** @type {any} */ ({ alarm: { priority: 1, state: "unacked" }, acted: false });
  assert.deepEqual([0, 4.9, 5.1, 9.9, 10.1].map((minutes) => isSwapped(7000, 7000 + minutes * 60e3)), [false, false, true, true, false]);
  assert.equal(isEmergency(chosen), true);
  assert.equal(isEmergency({ ...chosen, acted: true }), false);
  assert.equal(isEmergency({ ...chosen, alarm: { ...chosen.alarm, source: "feed" } }), false);
  assert.equal(isEmergency({ ...chosen, alarm: { ...chosen.alarm, priority: 2 } }), false);
});

test("CR-62, 66 the headline steps down before its figure has no room, and longer sums take room from their words", () => {
  assert.deepEqual([0, 99, 100, 9999, 10_000].map(headlineOf), ["finale", "finale", "show", "show", "figure"]);
  assert.deepEqual([lengthOf(412, 87), lengthOf(9999, 1000), lengthOf(10_000, 5), lengthOf(100_000, 5)], ["no", "wide", "wide", "huge"]);
});

// A slot of the band: a size for each width a letter of one unit by step.

const letters = (/** @type {string} */ words, /** @type {number} */ size) => words.length * size;
const ways = (/** @type {string[]} */ sayings, steps = [60, 48]) => standingsOf({ sayings, steps, weight: 400 }, letters);

test("CR-66 a line of a slot grows smaller and narrower before it is shortened, and says less before it is cut", () => {
  const place = ways(["abcdefghij, klm", "abcdefghij"]);
  const shown = (/** @type {number} */ space) => {
    const best = bestIn(place, space);
    return best && [best.words.length, best.size, best.stretch];
  };
  assert.deepEqual([920, 870, 740, 680, 650, 610, 400].map(shown), [
    [15, 60, "whole"], [15, 60, "narrow"], [15, 48, "whole"], [15, 48, "narrowest"], [10, 60, "whole"], [10, 60, "whole"], null,
  ]);
});

test("CR-66 both ends of a line give way to each other, the worse of them as little as can be", () => {
  const [left, right] = /** @type {[any, any]} */ (bestPair(ways(["abcdefghijkl"], [72, 60]), ways(["+45 working"], [72, 60]), 1430));
  assert.deepEqual([left.size, right.size], [60, 60], "neither is cut for the other to stay large");
  assert.equal(bestPair(ways(["abcdefghijkl"]), ways(["+45"]), 300), null);
});

test("CR-66 the word of an emergency stands beside the line that loses least by it, whatever is long in a language", () => {
  const room = { total: 1000, tagged: 400 };
  const beside = (/** @type {Record<string, string>} */ lines) => besideLine(Object.fromEntries(Object.entries(lines).map(([name, words]) => [name, ways([words])])), ["late", "what", "where"], room);
  assert.equal(beside({ late: "+12 min", what: "abcdefghijkl", where: "abcdefghijkl" }), "late");
  assert.equal(beside({ late: "+8 working days", what: "Fire", where: "abcdefghijkl" }), "what");
  assert.equal(beside({ late: "+8 working days", what: "abcdefghijklmn", where: "Kreo" }), "where");
  assert.equal(beside({ late: "+8 working days", what: "abcdefghijklmn", where: "abcdefghijklmn" }), null, "none is cut: it has a line of its own");
});
