/**
 * The density of the land: cells on the ground, counts that follow the cards, few tones with a scale that can be said.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Cards } from "../../../static/js/feed/cards.js";
import { cellFor, cellOf, DensityCount, densityScale, densityTone, Hexes, isDense, TONES } from "../../../static/js/map/density.js";
import { chance } from "../fake_room.mjs";

const TANGERANG = { lat: -6.18, lon: 106.64 };
const NEW_YORK = { lat: 40.7, lon: -74 };
const never = () => false;

/** @param {number} n @returns {any[]} */
function points(n) {
  const random = chance(19);
  return Array.from({ length: n }, (_, i) => ({
    id: `card-${i}`, seq: i, status: ["waiting", "in_process", "done"][Math.floor(random() * 3)],
    lat: i % 50 === 0 ? null : -6.25 + 0.15 * random(), lon: 106.55 + 0.2 * random(),
  }));
}

/** @param {any[][]} batches @returns {Map<number, number>} */
function countsOf(batches) {
  const count = new DensityCount(new Hexes(TANGERANG, 300));
  let cards = new Cards();
  for (const batch of batches) {
    ({ cards } = cards.with(batch, []));
    count.follow(cards, never);
  }
  return new Map([...count.counts].sort(([a], [b]) => a - b));
}

for (const middle of [TANGERANG, NEW_YORK]) {
  test(`a place is in the cell whose middle is nearest, 300 m wide at latitude ${middle.lat}`, () => {
    const hexes = new Hexes(middle, 300);
    const random = chance(5);
    const [perLat, perLon] = [111_320, 111_320 * Math.cos((middle.lat * Math.PI) / 180)];
    for (let i = 0; i < 500; i += 1) {
      const [lat, lon] = [middle.lat + 0.2 * (random() - 0.5), middle.lon + 0.2 * (random() - 0.5)];
      const key = hexes.at(lat, lon);
      const { row, column } = cellOf(key);
      const away = Math.hypot((hexes.lat(row) - lat) * perLat, (hexes.lon(row, column) - lon) * perLon);
      assert.ok(away <= 300 / Math.sqrt(3) + 0.01, `${away} m from the middle of its cell`);
    }
    assert.ok(Math.abs((hexes.lon(0, 1) - hexes.lon(0, 0)) * perLon - 300) < 0.01);
  });
}

test("CR-86: the same cards give the same cells in any order, in any batches and in slices", () => {
  const list = points(3000);
  const random = chance(4);
  const shuffled = [...list].sort(() => random() - 0.5);
  const once = countsOf([list]);
  assert.deepEqual(countsOf(shuffled.map((card) => [card])), once);
  assert.equal([...once.values()].reduce((total, n) => total + n, 0), list.filter(({ status, lat }) => status !== "done" && lat !== null).length);

  const sliced = new DensityCount(new Hexes(TANGERANG, 300));
  const { cards } = new Cards().with(list, []);
  let slices = 1;
  while (!sliced.follow(cards, () => true)) slices += 1;
  assert.ok(slices > 3);
  assert.deepEqual(new Map([...sliced.counts].sort(([a], [b]) => a - b)), once);
});

test("who changes while the first cards are still being counted is counted where it is now", () => {
  const list = points(3000);
  const { cards } = new Cards().with(list, []);
  const count = new DensityCount(new Hexes(TANGERANG, 300));
  assert.equal(count.follow(cards, () => true), false);
  const finished = list.slice(0, 2000).map((card) => ({ ...card, status: "done" }));
  const after = cards.with(finished, [list[2500].id]).cards;
  assert.equal(count.follow(after, never), true);
  assert.deepEqual(new Map([...count.counts].sort(([a], [b]) => a - b)), countsOf([[...list.slice(2000, 2500), ...list.slice(2501)]]));
});

test("tones begin on round numbers by rank, the lightest is rare, and chance alone is no picture", () => {
  assert.deepEqual(densityScale([]), [1, 2, 3, 5, 7, 10, 15]);
  const counts = Array.from({ length: 1000 }, (_, i) => Math.round(10 * 1.004 ** i));
  const scale = densityScale(counts);
  assert.equal(scale.length, TONES.length - 1);
  assert.deepEqual(scale, [1, 30, 100, 200, 300, 500, 700]);
  assert.ok(counts.filter((n) => densityTone(n, scale) === TONES.length - 1).length <= 20);
  assert.deepEqual([0, 1, 29, 30, 699, 700, 9999].map((n) => densityTone(n, scale)), [0, 1, 1, 2, 6, 7, 7]);
  assert.deepEqual(densityScale([50, 51, 50, 52, 49]).slice(2), [70, 100, 150, 200, 300]);
});

test("a cell is 300 m, and the least doubling that can be seen where the map is small", () => {
  assert.equal(cellFor(0.077), 300);
  assert.equal(cellFor(0.03), 600);
  assert.equal(cellFor(0.001), 19_200);
});

test("it begins with 5,000 open and does not come and go with each of them", () => {
  assert.deepEqual([4999, 5000].map((n) => isDense(n, false)), [false, true]);
  assert.deepEqual([3999, 4000].map((n) => isDense(n, true)), [false, true]);
});
