/**
 * The map's lay-out: nothing over a name or a count, small shifts, same places whatever the order.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { nameSize } from "../../../static/js/wall/scenes/map_marks.js";
import { boxes, overlap, plan, scaleTop, triangleSize } from "../../../static/js/wall/scenes/map_placement.js";
import { chance } from "../fake_room.mjs";

const field = { frame: { x: 0, y: 0, w: 2400, h: 1600 }, kept: [{ x: 0, y: 0, w: 900, h: 200 }] };
const cluster = (/** @type {string} */ code, /** @type {number} */ x, /** @type {number} */ y, /** @type {any} */ more = {}) =>
  ({ code, x, y, size: 80, nameWidth: 200, countWidth: 160, splitWidths: [90, 210], waiting: 5, ...more });
const mark = (/** @type {string} */ id, /** @type {number} */ x, /** @type {number} */ y, /** @type {any[]} */ labels = []) => ({ id, x, y, reach: 60, labels });

/** @param {number} seed @returns {any[]} marks all over the field */
function scattered(seed) {
  const random = chance(seed);
  return Array.from({ length: 12 }, (_, n) => mark(`m${n}`, 100 + random() * 2200, 250 + random() * 1300, n < 3 ? [{ w: 300, h: 112 }] : []));
}

const clusters = [cluster("a", 700, 500), cluster("b", 1100, 800), cluster("c", 1500, 600), cluster("d", 1900, 1200), cluster("e", 500, 1200)];

test("no mark lies on a name, a count, the question or another mark", () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const { marks } = plan(clusters, scattered(seed), field);
    const hard = [...field.kept, ...clusters.flatMap((one) => [boxes(one).name, boxes(one).count])];
    const rings = marks.map(({ x, y }) => ({ x: x - 60, y: y - 60, w: 120, h: 120 }));
    for (const [i, ring] of rings.entries()) {
      for (const other of [...hard, ...rings.slice(i + 1)]) assert.equal(overlap(ring, other), 0);
    }
  }
});

test("a mark moves at most 60 unseen; further away a lead line shows its place", () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    for (const { mark: { x, y }, x: left, y: top, tail } of plan(clusters, scattered(seed), field).marks) {
      if (Math.hypot(left - x, top - y) <= 60.001) assert.equal(tail, null);
    }
  }
});

test("a lead line never crosses words, a figure or another mark: it ends before them", () => {
  let drawn = 0;
  for (let seed = 1; seed <= 40; seed += 1) {
    const { marks, named } = plan(clusters, scattered(seed), field);
    const rings = marks.map(({ x, y }) => ({ x: x - 60, y: y - 60, w: 120, h: 120 }));
    const words = clusters.flatMap((one) => [...(named.has(one.code) ? [boxes(one).name] : []), boxes(one).count]);
    for (const [i, { x, y, tail, mark: { reach } }] of marks.entries()) {
      if (!tail) continue;
      drawn += 1;
      const length = Math.hypot(tail.x - x, tail.y - y);
      for (let at = reach; at <= length; at += 2) {
        const spot = { x: x + ((tail.x - x) / length) * at, y: y + ((tail.y - y) / length) * at, w: 0.1, h: 0.1 };
        for (const box of [...words, ...rings.filter((_, other) => other !== i)]) assert.equal(overlap(spot, box), 0);
      }
    }
  }
  assert.ok(drawn > 0);
});

test("what nobody has acknowledged always has a place: names and splits give way to it, counts never", () => {
  const close = [[400, 400], [640, 400], [400, 640], [640, 640]].map(([x, y], n) => cluster(`c${n}`, Number(x), Number(y)));
  const small = { frame: { x: 300, y: 250, w: 440, h: 440 }, kept: [] };
  const asked = { ...mark("m", 520, 480), must: true };
  assert.deepEqual(plan(close, [mark("m", 520, 480)], small).folded, ["m"]);
  const { marks, folded, named } = plan(close, [asked], small);
  assert.deepEqual(folded, []);
  assert.ok(named.size < close.length, "a name made room");
  const ring = { x: (marks[0]?.x ?? 0) - 60, y: (marks[0]?.y ?? 0) - 60, w: 120, h: 120 };
  for (const one of close) assert.equal(overlap(ring, boxes(one).count), 0);
});

test("same data, same places, whatever the order of arrival", () => {
  const random = chance(9);
  const marks = scattered(3);
  const first = plan(clusters, marks, field);
  for (let n = 0; n < 20; n += 1) {
    const shuffled = [...marks].sort(() => random() - 0.5);
    const again = plan([...clusters].sort(() => random() - 0.5), shuffled, field);
    assert.deepEqual(again.marks, first.marks);
    assert.deepEqual(new Map([...again.splits].sort()), new Map([...first.splits].sort()));
  }
});

test("clusters never move, and on conflict the end of the split goes first", () => {
  const close = [cluster("big", 700, 500, { waiting: 9 }), cluster("small", 900, 505)];
  const { splits } = plan(close, [], field);
  assert.equal(splits.get("big"), 2);
  assert.equal(splits.get("small"), 1);
});

test("a mark without any room is folded into its cluster", () => {
  const walls = { frame: { x: 0, y: 0, w: 130, h: 130 }, kept: [{ x: 0, y: 0, w: 130, h: 130 }] };
  assert.deepEqual(plan([], [mark("m", 60, 60)], walls).folded, ["m"]);
});

test("a label takes the side with room, breaks before it covers a count, and is left out rather than cover one", () => {
  const wide = [{ w: 300, h: 112 }, { w: 160, h: 168 }];
  const free = plan([], [mark("m", 1200, 800, wide)], field).marks[0]?.label;
  assert.equal(free?.side, "left");
  const atEdge = plan([], [mark("m", 100, 800, wide)], field).marks[0]?.label;
  assert.equal(atEdge?.side, "right");
  const crowd = [[1000, 850], [1400, 850], [1200, 740], [1200, 1010]].map(([x, y], n) => cluster(`c${n}`, Number(x), Number(y), { size: 110, countWidth: 240, splitWidths: [] }));
  assert.equal(plan(crowd, [mark("m", 1200, 820, wide)], field).marks[0]?.label ?? null, null);
});

test("triangles: area in proportion, sizes stand still while the largest grows a little", () => {
  const sizes = { least: 10, most: 100 };
  assert.equal(triangleSize(0, 10, sizes), 0);
  assert.ok(Math.abs((triangleSize(40, 50, sizes) / triangleSize(10, 50, sizes)) - 2) < 0.03);
  assert.deepEqual([0, 3, 10, 11, 12, 21, 50, 51, 941].map(scaleTop), [10, 10, 10, 20, 20, 50, 50, 100, 1000]);
});

test("a long name of a district takes two even lines, one that is longer still is no wider; both stand above the count", () => {
  const room = { width: (/** @type {string} */ words) => words.length * 24, type: 1 };
  assert.deepEqual(nameSize("Cipondoh", "fine", room), { w: 192, lines: 1 });
  assert.deepEqual(nameSize("Karang Tengah Utara Raya", "fine", room), { w: 13 * 24 + 4, lines: 2 });
  for (const name of ["Sarantaekklisionkaianopolisnotiasdytikis", "Ano Poli ke Saranta Ekklisies Notias Dytikis"]) assert.ok(nameSize(name, "fine", room).w <= 440);
  const [one, two] = [1, 2].map((nameLines) => boxes(cluster("a", 700, 500, { nameLines })).name);
  assert.equal((one?.y ?? 0) + (one?.h ?? 0), (two?.y ?? 0) + (two?.h ?? 0));
});
