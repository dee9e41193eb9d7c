/**
 * What the figures do not count yet is known from two moments of the store (CR-76, CR-87).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Cards } from "../../../static/js/feed/cards.js";
import { emptyState } from "../../../static/js/feed/store.js";
import { PaintReport } from "../../../static/js/screen/presence.js";
import { changedSince } from "../../../static/js/screen/scheduler.js";
import { freshPlaces } from "../../../static/js/wall/scenes/map.js";
import { overlap } from "../../../static/js/wall/scenes/map_placement.js";

const card = (id, more = {}) => ({ id, seq: 1, status: "waiting", overdue: false, lat: -6.1, lon: 106.6, ...more });
const shown = { ...emptyState(), epoch: "e", seq: 1, cards: new Cards().with([card("a"), card("b"), card("c")], []).cards };
const after = (cards, gone = []) => ({ ...shown, seq: 2, cards: shown.cards.with(cards, gone).cards });
const ids = (state) => changedSince(state, shown).map(({ id }) => id).sort();

test("a new complaint and one whose look changed stand out, as they are now", () => {
  const newest = after([card("a", { status: "done" }), card("b", { seq: 9, agency: "dlh" }), card("d")]);
  assert.deepEqual(ids(newest), ["a", "d"]);
  assert.equal(changedSince(newest, shown).find(({ id }) => id === "a")?.status, "done");
});

test("what has no place, or has gone, has no mark", () => {
  assert.deepEqual(ids(after([card("d", { lat: null, lon: null })], ["a"])), []);
});

test("the picture's own state and another log have none", () => {
  assert.deepEqual(changedSince(shown, shown), []);
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

const FRAME = { x: 0, y: 0, w: 2560, h: 1780 };
const NAME = { x: 900, y: 500, w: 240, h: 48 };
const spots = (fresh, { standing = [NAME], before = new Map() } = {}) => freshPlaces(fresh, { standing, frame: FRAME, before });
const box = ({ x, y, size }) => ({ x: x - size * 0.75, y: y - size * 0.75, w: size * 1.5, h: size * 1.5 });

test("a fresh mark stands beside a name and not on it; without room it is grain beside it, beneath words it is said to be so, and outside the map is nothing", () => {
  const [beside, within, free] = [{ id: "beside", x: 1000, y: 480 }, { id: "within", x: 1020, y: 524 }, { id: "free", x: 300, y: 300 }];
  const places = spots([beside, within, free, { id: "outside", x: -300, y: 300 }]);
  assert.deepEqual([...places.keys()], ["beside", "within", "free"]);
  assert.equal(places.get("within").size, 16);
  assert.equal(overlap(box(places.get("within")), NAME), 0);
  assert.deepEqual(spots([within], { standing: [{ x: 800, y: 300, w: 500, h: 500 }] }).get("within"), { x: 1020, y: 524, size: 16, beneath: true });
  assert.equal(overlap(box(places.get("beside")), NAME), 0);
  assert.ok(Math.hypot(places.get("beside").x - 1000, places.get("beside").y - 480) <= 48.001);
  assert.deepEqual(places.get("free"), { x: 300, y: 300, size: 40 });
});

test("a rush of hundreds is a few shapes that do not touch and grain beside them, and none hops while more come", () => {
  const many = Array.from({ length: 300 }, (_, i) => ({ id: `c${i}`, x: 200 + (i * 37) % 2200, y: 200 + (i * 61) % 1300 }));
  const first = spots(many.slice(0, 9));
  const all = spots([...many].reverse(), { before: first });
  assert.equal([...all.values()].filter(({ size }) => size === 40).length, 16);
  assert.ok(all.size > 100 && all.size <= 200);
  for (const [id, place] of first) assert.deepEqual(all.get(id), place);
  const shapes = [...all.values()].filter(({ size }) => size === 40).map(box);
  for (const one of all.values()) for (const other of [NAME, ...shapes]) assert.ok(overlap(box(one), other) === 0 || (one.size === 40 && other !== NAME));
  for (const [i, one] of shapes.entries()) for (const other of shapes.slice(i + 1)) assert.equal(overlap(one, other), 0);
});

test("a fresh mark goes with its complaint when that moves", () => {
  const before = spots([{ id: "c", x: 300, y: 300 }]);
  assert.deepEqual(spots([{ id: "c", x: 2000, y: 1500 }], { before }).get("c"), { x: 2000, y: 1500, size: 40 });
});
