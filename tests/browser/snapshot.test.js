/**
 * A snapshot's columns become cards with the fields that came, no more, and others get their turn meanwhile.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { breath, slicing } from "../../static/js/breath.js";
import { count } from "../../static/js/count.js";
import { unfoldAll, unfoldSlowly } from "../../static/js/snapshot.js";
import { message } from "./messages.js";

/** @param {(columns: Record<string, unknown[]>) => void} change @returns {any} the example snapshot, changed */
function changed(change) {
  const body = structuredClone(message("snapshot"));
  change(body.cards);
  return body;
}

/** @param {any} body @returns {Record<string, unknown>[]} its cards, one field after the other */
function plain({ cards }) {
  const names = Object.keys(cards);
  return cards.id.map((/** @type {string} */ _, /** @type {number} */ row) => Object.fromEntries(names.map((name) => [name, cards[name][row]])));
}

/** @param {any} body */
function unfolded(body) {
  const byId = (/** @type {any} */ one, /** @type {any} */ other) => (one.id < other.id ? -1 : 1);
  return [[...unfoldAll(body).cards.values()].sort(byId), plain(body).sort(byId)];
}

for (const [what, change] of /** @type {[string, (columns: Record<string, unknown[]>) => void][]} */ ([
  ["the example's", () => {}],
  ["with one we do not know", (columns) => void (columns.new_field = columns.id?.map((id) => `${id}!`) ?? [])],
  ["without one we know", (columns) => void delete columns.escalation],
])) {
  test(`columns ${what}: each card has its fields and no others`, () => {
    const [found, expected] = unfolded(changed(change));
    assert.deepEqual(found, expected);
  });
}

test("a snapshot's tally is that of its cards, and the empty one stays empty", () => {
  const { cards, tally } = unfoldAll(message("snapshot"));
  assert.deepEqual(tally, count(cards.values()));
  assert.deepEqual(Object.values(count([]).total), [0, 0, 0, 0, 0]);
});

test("while a large snapshot is unfolded, what waits gets its turn", async () => {
  let turns = 0;
  const large = changed((columns) => {
    for (const name of Object.keys(columns)) columns[name] = Array.from({ length: 60_000 }, (_, row) => columns[name]?.[row % 5]);
    columns.id = Array.from({ length: 60_000 }, (_, row) => `card-${row}`);
  });
  const beside = setInterval(() => void (turns += 1), 0);
  const { cards } = await unfoldSlowly(large, breath);
  clearInterval(beside);
  assert.equal(cards.size, 60_000);
  assert.ok(turns > 0);
});

test("a slice ends when its time is over, and the next begins after the rest", async () => {
  let [now, rested] = [0, 0];
  const pause = slicing(async () => void (rested += 1), () => now);
  now = 7;
  assert.equal(pause(), null);
  now = 8;
  await pause();
  now = 15;
  assert.equal(pause(), null);
  assert.equal(rested, 1);
});
