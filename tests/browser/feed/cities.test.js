/**
 * How fresh each followed city is, and what may be added: by the age that the last beat said, and what passed since.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { citiesAt, sumOf, takeCities } from "../../../static/js/feed/cities.js";

const figures = (/** @type {object} */ more = {}) => ({ city: "Kota", drill: false, in: 9, waiting: 4, districts: [["A", 3], ["B", 1]], alarm: null, ...more });
const message = { cities: [
  { name: "A", version: 2, phone: "110", wall: "https://a.example/wall", block: figures() },
  { name: "B", version: 2, block: figures({ waiting: 7 }) },
  { name: "C", version: 2, block: figures({ waiting: 90, drill: true }) },
  { name: "D", version: 0, block: null },
] };
const ages = (/** @type {Record<string, [number | null, string | null]>} */ said) => ({ cities: Object.entries(said).map(([name, [age_s, fault]]) => ({ name, age_s, fault, at: "2026-12-02T01:00:00Z" })) });
const LIVE = /** @type {const} */ ({ sinceBeat: 1, freshness: "live" });

test("each city is as old as the beat says, and as what passed since; one never heard has no age", () => {
  const cities = citiesAt(takeCities(new Map(), message), ages({ A: [1, null], B: [13, null], C: [20, null], D: [null, "key"] }), LIVE);
  assert.deepEqual(cities.map(({ name, hearing, age }) => [name, hearing, age]), [["A", "live", 2], ["B", "delayed", 14], ["C", "lost", 21], ["D", "never", null]]);
  const [first, , third] = cities;
  assert.equal(first?.at, Date.parse("2026-12-02T01:00:01Z"));
  assert.equal(third?.at, Date.parse("2026-12-02T01:00:00Z"), "a lost city's time stands");
});

test("one that may not be believed is lost at once, one that is only away when it is old", () => {
  const blocks = takeCities(new Map(), message);
  const hearings = (/** @type {string} */ fault) => citiesAt(blocks, ages({ A: [1, fault] }), LIVE)[0]?.hearing;
  assert.deepEqual(["away", "key", "clock", "garbage"].map(hearings), ["live", "lost", "lost", "lost"]);
});

test("when the screen itself is lost, or its beats stop, so is every city", () => {
  const blocks = takeCities(new Map(), message);
  const said = ages({ A: [1, null], B: [1, null], C: [1, null], D: [1, null] });
  for (const own of [{ sinceBeat: 1, freshness: /** @type {const} */ ("lost") }, { sinceBeat: 20, freshness: /** @type {const} */ ("live") }]) {
    const cities = citiesAt(blocks, said, own);
    assert.deepEqual(cities.map(({ hearing }) => hearing), ["lost", "lost", "lost", "never"]);
    assert.ok(cities.every(({ cut }) => cut === (own.freshness === "lost")), "and no city is to be called for that");
  }
});

test("only real cities that are heard are added", () => {
  const cities = citiesAt(takeCities(new Map(), message), ages({ A: [1, null], B: [60, null], C: [1, null] }), LIVE);
  const sum = sumOf(cities);
  assert.equal(sum.waiting, 4);
  assert.deepEqual([sum.heard, sum.silent, sum.drills].map((some) => some.map(({ name }) => name)), [["A"], ["B", "D"], ["C"]]);
});

test("what was read before does not take the place of what is newer, and an order is the settings'", () => {
  const blocks = takeCities(new Map(), message);
  const older = takeCities(blocks, { cities: [{ name: "B", version: 1, block: figures({ waiting: 1 }) }, { name: "A", version: 3, block: figures({ waiting: 5 }) }] });
  assert.deepEqual([...older.values()].map(({ name, block }) => [name, block?.waiting]), [["B", 7], ["A", 5]]);
});

test("what is not of its type is as if it were not there", () => {
  const hostile = { name: "A", version: "9", phone: {}, wall: "javascript:alert(1)", block: { ...figures(), waiting: -4, overdue: "1e9", districts: [["<b>", 1], 3, [{}, Infinity]], alarm: { status: "evil", priority: -1 } } };
  const [block] = takeCities(new Map(), { cities: [hostile, null, 4, { name: "" }] }).values();
  assert.deepEqual([block?.version, block?.phone, block?.wall, block?.block?.waiting, block?.block?.overdue], [0, null, null, 0, 0]);
  assert.deepEqual(block?.block?.districts, [["<b>", 1], ["–", 0]]);
  assert.deepEqual([block?.block?.alarm?.status, block?.block?.alarm?.priority], [null, 3]);
  assert.deepEqual(takeCities(new Map(), "no message").size, 0);
});
