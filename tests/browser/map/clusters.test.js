/**
 * Clusters on the grid: the same whatever the order of arrival (CR-86), and the worst leads (CR-85).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Cards } from "../../../static/js/feed/cards.js";
import { IncidentGrid, leading, toWorld } from "../../../static/js/map/clusters.js";
import { chance } from "../fake_room.mjs";

const SIZE = { w: 160, h: 95 };

/** @param {number} n @returns {any[]} */
function points(n) {
  const random = chance(19);
  return Array.from({ length: n }, (_, i) => ({
    id: `card-${i}`, seq: i, status: ["waiting", "in_process", "done"][Math.floor(random() * 3)], overdue: random() < 0.1,
    lat: -6.25 + 0.15 * random(), lon: 106.55 + 0.2 * random(),
  }));
}

/** @param {any[]} list @param {(list: any[]) => any[][]} batches how they arrive @returns {any[]} cells of zoom 12, in one order */
function cellsOf(list, batches) {
  const grid = new IncidentGrid();
  let cards = new Cards();
  grid.level(12, SIZE);
  for (const batch of batches(list)) {
    ({ cards } = cards.with(batch, []));
    grid.update(cards);
  }
  return [...grid.level(12, SIZE).cells.values()].sort((a, b) => a.key - b.key);
}

test("A25, CR-86: the same 1,000 points give the same clusters in any order and in any batches", () => {
  const list = points(1000);
  const random = chance(4);
  const shuffled = [...list].sort(() => random() - 0.5);
  const once = cellsOf(list, (all) => [all]);
  assert.deepEqual(cellsOf(shuffled, (all) => all.map((card) => [card])), once);
  assert.equal(once.reduce((total, { n }) => total + n, 0), 1000);
});

test("A25, CR-85: a cluster counts by status and the worst leads", () => {
  const tally = { waiting: 0, in_process: 2, done: 9, elsewhere: 0, overdue: 0 };
  assert.deepEqual([leading(tally), leading({ ...tally, waiting: 1 }), leading({ ...tally, in_process: 0 })], ["in_process", "waiting", "done"]);
  const [cell] = cellsOf([{ id: "a", status: "waiting", lat: -6.2, lon: 106.6, overdue: true }, { id: "b", status: "done", lat: -6.2, lon: 106.6 }], (all) => [all]);
  assert.deepEqual(cell.tally, { waiting: 1, in_process: 0, done: 1, elsewhere: 0, overdue: 1 });
});

test("CR-84: one card's change touches its own cell alone, however many there are", () => {
  const grid = new IncidentGrid();
  let { cards } = new Cards().with(points(5000), []);
  grid.update(cards);
  const level = grid.level(12, SIZE);
  const [first] = points(1);
  ({ cards } = cards.with([{ ...first, status: "done" }], []));
  assert.equal(grid.update(cards).get(level)?.size, 1);
  assert.equal(grid.update(cards).get(level)?.size, 0);
});

test("what leaves, moves or has no place leaves no trace in its old cell", () => {
  const list = points(200);
  const grid = new IncidentGrid();
  let { cards } = new Cards().with(list, []);
  grid.update(cards);
  const level = grid.level(12, SIZE);
  ({ cards } = cards.with(list.slice(100).map((card) => ({ ...card, lat: null, lon: null })), list.slice(0, 100).map(({ id }) => id)));
  grid.update(cards);
  assert.equal(level.cells.size, 0);
});

test("a place is where Web Mercator puts it", () => {
  assert.deepEqual(toWorld(0, 0), { x: 2 ** 29, y: 2 ** 29 });
  assert.ok(toWorld(-6.2, 106.6).y > 2 ** 29);
});
