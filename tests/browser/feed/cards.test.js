/**
 * The immutable map of cards, against an ordinary Map over many random changes, and the tally of them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { adjust, byDistrict, Cards, count, mismatches, NO_PLACE, OUTSIDE } from "../../../static/js/feed/cards.js";
import { chance } from "../fake_room.mjs";
import { message, stateOf } from "../messages.js";

// The map.

const STATUSES = /** @type {const} */ (["waiting", "in_process", "done", "elsewhere"]);

/** @param {() => number} random @returns {import("../../../static/js/feed/messages.js").Card} */
function randomCard(random) {
  return {
    id: `card-${Math.floor(random() * 300)}`, seq: Math.floor(random() * 1e6),
    status: STATUSES[Math.floor(random() * 4)] ?? "waiting", overdue: random() < 0.2,
    area: random() < 0.1 ? null : `area-${Math.floor(random() * 9)}`, agency: random() < 0.3 ? null : "one",
    received_day: random() < 0.5 ? "2026-11-24" : "2026-11-23", lat: random() < 0.5 ? null : -6,
  };
}

test("after any changes it holds what a Map holds, and the corrected tally is the full count", () => {
  const random = chance(5);
  const plain = new Map();
  let cards = new Cards();
  let tally = count([]);
  for (let step = 0; step < 400; step += 1) {
    const put = Array.from({ length: Math.floor(random() * 5) }, () => randomCard(random));
    const gone = Array.from({ length: Math.floor(random() * 3) }, () => randomCard(random).id);
    const next = cards.with(put, gone);
    for (const card of put) plain.set(card.id, card);
    for (const id of gone) plain.delete(id);
    tally = adjust(tally, next.changes);
    cards = next.cards;
    assert.equal(cards.size, plain.size);
  }
  assert.deepEqual(new Map([...cards.values()].map((card) => [card.id, card])), plain);
  assert.deepEqual(tally, count(plain.values()));
});

test("an older moment stays what it was while a newer one changes", () => {
  const first = new Cards().with([{ id: "a", seq: 1, status: "waiting" }], []).cards;
  const second = first.with([{ id: "a", seq: 2, status: "done" }, { id: "b", seq: 2, status: "waiting" }], []).cards;
  assert.equal(first.get("a")?.status, "waiting");
  assert.equal(first.size, 1);
  assert.equal(second.get("a")?.status, "done");
  assert.equal(second.get("b")?.seq, 2);
});

test("of cards that came and went nothing stays in memory, however many there were", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  let cards = new Cards();
  const used = [1000, 30_000].map((many) => {
    for (let n = 0; n < many; n += 1) cards = cards.with([{ id: `${many}-${n}`, seq: n, status: "waiting" }], [`${many}-${n - 100}`]).cards;
    collect();
    return process.memoryUsage().heapUsed;
  });
  assert.equal(cards.size, 200);
  assert.ok((used[1] ?? 0) - (used[0] ?? 0) < 500_000, String(used));
});

// Breakdowns from the cards, and the sums that must agree with the server's totals.

test("the example snapshot's totals hold, before and after the batch", () => {
  for (const name of ["snapshot", "snapshot_later"]) {
    const { counts, tally } = stateOf(message(name));
    assert.deepEqual(mismatches(counts, tally), []);
  }
});

test("each total that does not hold is named, and nothing is adjusted", () => {
  const { counts, tally } = stateOf(message("snapshot"));
  const wrong = structuredClone(counts);
  wrong.cohort.waiting += 1;
  wrong.stock.overdue = 0;
  assert.deepEqual(mismatches(wrong, tally).sort(), ["in", "overdue", "waiting"]);
  assert.equal(tally.total.waiting, 1);
});

test("only what the server says is compared", () => {
  assert.deepEqual(mismatches(null, count([])), []);
  assert.deepEqual(mismatches({ stock: { open: 0, overdue: 0 } }, count([])), []);
});

test("a cohort without a day is checked as a sum alone", () => {
  const { counts, tally } = stateOf(message("snapshot"));
  assert.deepEqual(mismatches({ ...counts, day: null, cohort: { in: 3, waiting: 1, in_process: 1, done: 1, elsewhere: 0 } }, tally), []);
});

test("cards without a place and outside the city have rows of their own", () => {
  const tally = count([
    { id: "1", seq: 1, status: "waiting", area: "a" }, { id: "2", seq: 1, status: "waiting", area: "elsewhere-land" },
    { id: "3", seq: 1, status: "waiting", area: null, lat: 1, lon: 2 }, { id: "4", seq: 1, status: "in_process" },
  ]);
  const rows = byDistrict(tally, (code) => (code === "a" ? "A" : null));
  assert.equal(rows.get("A")?.waiting, 1);
  assert.equal(rows.get(OUTSIDE)?.waiting, 2);
  assert.equal(rows.get(NO_PLACE)?.in_process, 1);
});

test("a status we do not know is counted nowhere and breaks nothing", () => {
  const tally = count([{ id: "1", seq: 1, status: /** @type {any} */ ("dreaming"), agency: "x" }]);
  assert.deepEqual(tally.total, { waiting: 0, in_process: 0, done: 0, elsewhere: 0, overdue: 0 });
});
