/**
 * What leadership counts, lists and ranks from the cards, and that all of it stands in the address.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { workOf } from "../../../static/js/desk/queue/list.js";
import { addressOf, readPlace } from "../../../static/js/lead/list.js";
import { dialled, seenBy } from "../../../static/js/lead/summary.js";
import { countNow, holderOf, lateOf, listNow, ranked, whyOf, withLate } from "../../../static/js/lead/numbers.js";

const DAY = "2026-11-24";
const card = (id, more) => ({ id, seq: 1, status: "in_process", state: "working", overdue: true, agency: "dishub", received_day: DAY, due_at: `2026-11-2${id}T09:00:00Z`, ...more });
const CARDS = [
  card("3"), card("1", { state: "forwarded", status: "waiting" }), card("2", { paused: "citizen" }),
  card("4", { state: "received", status: "waiting", agency: "dlh" }), card("5", { overdue: false }),
  card("6", { status: "done", state: "done", overdue: false, received_day: "2026-11-23" }),
];

/** A reader of the whole city whom nobody tells anything. */
const ALL = { agency: "", day: DAY, reached: 0, districtOf: (area) => (area.startsWith("A") ? "A" : null) };

test("each late one waits for one thing, a pause before its stage", () => {
  assert.deepEqual(CARDS.slice(0, 4).map(whyOf), ["work", "accept", "citizen", "unsent"]);
  const now = countNow(CARDS, "", DAY);
  assert.deepEqual([now.open, now.waiting, now.in_process, now.late, now.in, now.done], [5, 2, 3, 4, 5, 1]);
  assert.equal([...now.whys.values()].reduce((a, b) => a + b), now.late);
});

test("what was never sent is nobody's, whoever it is meant for", () => {
  assert.deepEqual(CARDS.map(holderOf), ["dishub", "dishub", "dishub", "-", "dishub", "dishub"]);
  assert.equal(countNow(CARDS, "dlh", DAY).open, 0);
  assert.equal(countNow(CARDS, "-", DAY).late, 1);
});

test("a list is as long as its number, the longest due first", () => {
  const ids = (list, why = "", agency = "") => listNow(CARDS, { agency, list, why }, DAY).map(({ id }) => id);
  assert.deepEqual(ids("late"), ["1", "2", "3", "4"]);
  assert.deepEqual(ids("late", "accept"), ["1"]);
  assert.deepEqual(ids("late", "", "dishub"), ["1", "2", "3"]);
  assert.deepEqual(ids("done"), ["6"]);
});

test("few cases are not ranked", () => {
  const row = (agency, share, n) => ({ agency, on_time: { share, n } });
  const { shares, few } = ranked([row("a", 0.9, 40), row("b", null, 3), row("c", 0.2, 20), row("d", null, 0)]);
  assert.deepEqual([shares.map(({ agency }) => agency), few.map(({ agency }) => agency)], [["c", "a"], ["b"]]);
});

test("what is late now counts in a share, whenever the figure was made", () => {
  assert.deepEqual([...lateOf(CARDS)].map(([key, ids]) => [key, ids.length]), [["", 4], ["dishub", 3], ["-", 1]]);
  const told = { within: 18, judged: 18, overdue: 0, n: 18, share: null, target: null, cases: [{ id: "x", open: false, kept: true }, { id: "old", open: true, kept: false }] };
  assert.deepEqual(withLate(told, ["a"]).cases.map(({ id }) => id), ["x", "a"]);
  const { n, share, overdue, cases } = withLate(told, ["a", "b"]);
  assert.deepEqual([n, share, overdue, cases], [20, 0.9, 2, null]);
});

test("a place is read back from its address, and the rest of the address stays", () => {
  const place = { agency: "dishub", list: "late", why: "accept", open: "c1" };
  const address = addressOf(place, "?lang=en&list=open", "");
  assert.match(address, /lang=en/);
  assert.deepEqual(readPlace(address.slice(address.indexOf("?")), ""), place);
  assert.deepEqual(readPlace("?agency=dlh&list=nonsense", "dishub"), { agency: "dishub", list: "", why: "", open: "" });
});

test("a question is work of the desk until it is answered", () => {
  assert.equal(workOf(card("1", { overdue: false, answer_by: "2026-11-24T09:00:00Z" })), "asked");
  assert.equal(workOf(card("1", { overdue: false, answer_by: null })), null);
});

test("what has reached a reader is late, told at their step, and the furthest comes first", () => {
  const cards = [card("1", { escalation: 150 }), card("2", { escalation: 200 }), card("3", { escalation: 300 }), card("4", { escalation: 300, overdue: false }), card("5", { escalation: 200, status: "done" })];
  const ids = (/** @type {any} */ reader) => seenBy(cards, { ...ALL, ...reader }).reached.map(({ id }) => id);
  assert.deepEqual([ids({ agency: "", reached: 200 }), ids({ agency: "dishub", reached: 150 }), ids({ agency: "dlh", reached: 150 }), ids({ agency: "", reached: 0 })], [["3", "2"], ["3", "2", "1"], [], []]);
});

test("land is lit by what waits there, for the agency that was chosen, by area and district", () => {
  const cards = [card("1", { status: "waiting", area: "A1" }), card("2", { status: "waiting", area: "A1", agency: "dlh" }), card("3", { status: "waiting", area: "B1" }), card("4", { status: "in_process", area: "A1" }), card("5", { status: "waiting", area: null })];
  const waiting = (/** @type {string} */ agency) => seenBy(cards, { ...ALL, agency }).waiting;
  assert.deepEqual([...waiting("").areas, ...waiting("").districts], [["A1", 2], ["B1", 1], ["A", 2]]);
  assert.deepEqual([...waiting("dlh").areas], [["A1", 1]]);
});

test("the sum of today is the list of what came in today", () => {
  const { today } = seenBy(CARDS, ALL);
  assert.deepEqual(today, { waiting: 2, in_process: 3, done: 0, elsewhere: 0 });
  assert.equal(today.waiting + today.in_process + today.done + today.elsewhere, listNow(CARDS, { agency: "", list: "in", why: "" }, DAY).length);
});

test("a telephone dials a number, not an extension of an exchange", () => {
  assert.deepEqual(["(021) 5576-4955", "+62 21 5576 4955", "112", "pswt. 101 (contoh)", "ext. 102", "", null].map(dialled), ["tel:02155764955", "tel:+622155764955", "tel:112", null, null, null, null]);
});
