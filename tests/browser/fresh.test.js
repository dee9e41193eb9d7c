/**
 * What the figures do not count yet is known from two moments of the store (CR-76, CR-87).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Cards } from "../../static/js/cards.js";
import { beyond } from "../../static/js/fresh.js";
import { PaintReport } from "../../static/js/report.js";
import { emptyState } from "../../static/js/store.js";

const card = (id, more = {}) => ({ id, seq: 1, status: "waiting", overdue: false, lat: -6.1, lon: 106.6, ...more });
const shown = { ...emptyState(), epoch: "e", seq: 1, cards: new Cards().with([card("a"), card("b"), card("c")], []).cards };
const after = (cards, gone = []) => ({ ...shown, seq: 2, cards: shown.cards.with(cards, gone).cards });
const ids = (state) => beyond(state, shown).map(({ id }) => id).sort();

test("a new complaint and one whose look changed stand out, as they are now", () => {
  const newest = after([card("a", { status: "done" }), card("b", { seq: 9, agency: "dlh" }), card("d")]);
  assert.deepEqual(ids(newest), ["a", "d"]);
  assert.equal(beyond(newest, shown).find(({ id }) => id === "a")?.status, "done");
});

test("what has no place, or has gone, has no mark", () => {
  assert.deepEqual(ids(after([card("d", { lat: null, lon: null })], ["a"])), []);
});

test("the picture's own state and another log have none", () => {
  assert.deepEqual(beyond(shown, shown), []);
  assert.deepEqual(ids({ ...after([card("d")]), epoch: "other" }), []);
});

test("a batch is on the glass when all of it is marked, else when the figures count it", () => {
  const told = [];
  const report = new PaintReport((lags) => told.push(...lags));
  const batch = (to, cards, gone = []) => report.arrived({ epoch: "e", mark: "m", from: to - 1, to, logged_at: new Date(1000 * to).toISOString(), cards, gone });
  batch(2, [card("a"), card("b")]);
  batch(3, [card("c")]);
  batch(4, [], ["d"]);
  report.marked(5000, new Set(["a", "c"]));
  assert.deepEqual(told, [2000]);
  report.painted(9000, 4);
  assert.deepEqual(told, [2000, 7000, 5000]);
});
