/**
 * The map's lay-out: by rule, in the order of what matters, same places whatever the order, and nothing hops.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { stepOf, swept, toneOf } from "../../../static/js/map/land.js";
import { barScale, figureInside, nameSize } from "../../../static/js/wall/scenes/map_marks.js";
import { boxesOf, growthOf, overlap, plan, planKey, scaleTop } from "../../../static/js/wall/scenes/map_placement.js";
import { chance } from "../fake_room.mjs";

const field = { frame: { x: 0, y: 0, w: 2400, h: 1600 }, kept: [{ x: 0, y: 0, w: 900, h: 200 }] };
/** @param {string} code @param {number} x @param {number} y @param {any} [more] @returns {any} with places around its anchor */
const district = (code, x, y, more = {}) => ({
  code, waiting: 5, figure: { w: 148, h: 130 }, pointed: true, name: { w: 200, h: 50 }, bars: { w: 110, h: 30 }, gap: 12,
  spots: [{ x, y }, ...[60, 120, 180, 240].flatMap((away) => [[away, 0], [-away, 0], [0, away], [0, -away]]).map(([right, down]) => ({ x: x + (right ?? 0), y: y + (down ?? 0) }))], ...more,
});
/** @param {string} id @param {number} x @param {number} y @param {any} [more] @returns {any} acknowledged */
const mark = (id, x, y, more = {}) => ({ id, x, y, reach: 60, labels: [], ...more });
/** @param {string} id @param {number} x @param {number} y @returns {any} nobody has acknowledged it: its land around it is lit */
const calling = (id, x, y) => mark(id, x, y, { reach: 87, must: true, beside: { x: x - 50, y: y - 60, w: 100, h: 120 }, labels: [{ w: 300, h: 132 }, { w: 160, h: 198 }] });

const districts = [district("a", 700, 500), district("b", 1100, 800), district("c", 1500, 600), district("d", 1900, 1200), district("e", 500, 1200)];

/** @param {number} seed @returns {any[]} three that call and nine that somebody has, all over the field */
function scattered(seed) {
  const random = chance(seed);
  const place = () => /** @type {const} */ ([100 + random() * 2200, 250 + random() * 1300]);
  return Array.from({ length: 12 }, (_, n) => (n < 3 ? calling(`m${n}`, ...place()) : mark(`m${n}`, ...place())));
}

const ring = (/** @type {any} */ { x, y, mark: { reach } }) => ({ x: x - reach, y: y - reach, w: 2 * reach, h: 2 * reach });
/** @param {ReturnType<typeof plan>} places @param {any[]} those @returns {any[][]} boxes of each thing that is read there */
function things(places, those) {
  const marks = places.marks.flatMap((placed) => [[ring(placed)], ...(placed.label ? [[placed.label]] : [])]);
  const named = those.flatMap((one) => {
    const stands = places.districts.get(one.code);
    if (!stands) return [];
    return [boxesOf(one, stands).figure, ...(stands.name ? [[stands.name]] : []), ...(stands.bars ? [[stands.bars]] : [])];
  });
  return [...marks, ...named];
}

/** @param {any[][]} all */
function assertApart(all) {
  for (const [i, boxes] of all.entries()) {
    for (const others of all.slice(i + 1)) for (const one of boxes) for (const other of others) assert.equal(overlap(one, other), 0);
  }
}

test("nothing stands on anything else, on the question or on a bezel", () => {
  const edges = [{ x: 1174, y: -100, w: 52, h: 2000 }, { x: -100, y: 874, w: 2800, h: 52 }];
  for (let seed = 1; seed <= 40; seed += 1) {
    const all = things(plan(districts, scattered(seed), { ...field, edges }), districts);
    assertApart([field.kept, ...edges.map((edge) => [edge]), ...all].filter((_, i) => i !== 2));
  }
});

test("what nobody has acknowledged always has a place and a name, beside its land and tied to it; what somebody has stays within 60 or is left out", () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const marks = scattered(seed);
    const places = plan(districts, marks, field);
    for (const { mark: own, x, y, thread, label } of places.marks) {
      const away = Math.hypot(x - own.x, y - own.y);
      if (!own.must) assert.ok(away <= 60.001 && label === null);
      else assert.ok(away >= 99 && thread !== null && label !== null, own.id);
    }
    assert.ok(marks.every(({ id, must }) => !must || places.marks.some((placed) => placed.mark.id === id)));
    assert.ok(places.marks.length + places.folded.length === marks.length);
  }
});

const read = (/** @type {string} */ name) => JSON.parse(readFileSync(new URL(`../../../cities/tangerang/areas/${name}.geojson`, import.meta.url), "utf8")).features;
/** The land's own box in the scene of a wall, units. */
const LAND = { x: 370, y: 200, w: 2090, h: 1400 };

/** The real city as the wall fits it: its districts' anchors with the places on their land, and boxes around its areas. */
function realCity() {
  const [shapes, parts] = [read("districts"), read("areas")];
  const rings = (/** @type {any} */ { geometry: { type, coordinates } }) => /** @type {number[][][]} */ (type === "Polygon" ? coordinates : coordinates.flat());
  const all = shapes.flatMap(rings).flat();
  const [left, right, low, high] = [0, 1].flatMap((i) => [Math.min, Math.max].map((end) => end(...all.map((/** @type {number[]} */ point) => point[i] ?? 0))));
  const per = Math.min(LAND.w / (right - left), LAND.h / (high - low));
  const spot = ([lon = 0, lat = 0]) => ({ x: LAND.x + (LAND.w - (right - left) * per) / 2 + (lon - left) * per, y: LAND.y + (high - lat) * per });
  const holds = (/** @type {any[][]} */ outline, /** @type {any} */ { x, y }) => outline.reduce((odd, ring) => ring.reduce((inner, a, i) => {
    const b = ring[(i + 1) % ring.length];
    return (a.y > y) !== (b.y > y) && x < a.x + ((b.x - a.x) * (y - a.y)) / (b.y - a.y) ? !inner : inner;
  }, odd), false);
  const districts = shapes.map((/** @type {any} */ shape) => {
    const outline = rings(shape).map((ring) => ring.map(spot));
    const anchor = spot(shape.properties.anchor);
    const steps = Array.from({ length: 13 }, (_, i) => (i - 6) * 44);
    const around = steps.flatMap((x) => steps.map((y) => ({ x: anchor.x + x, y: anchor.y + y }))).filter((one) => holds(outline, one));
    const away = (/** @type {any} */ { x, y }) => Math.hypot(x - anchor.x, y - anchor.y);
    return { code: shape.properties.code, spots: [anchor, ...around.sort((a, b) => away(a) - away(b)).slice(0, 47)] };
  });
  const areas = parts.map((/** @type {any} */ part) => {
    const points = rings(part).flat().map(spot);
    const [x, y, end, foot] = [Math.min(...points.map((one) => one.x)), Math.min(...points.map((one) => one.y)), Math.max(...points.map((one) => one.x)), Math.max(...points.map((one) => one.y))];
    return { x, y, w: end - x, h: foot - y };
  });
  return { districts, areas };
}

test("in the real city on an ordinary day no ring covers a count", () => {
  const { districts: real, areas } = realCity();
  for (let seed = 1; seed <= 8; seed += 1) {
    const random = chance(seed);
    const those = real.map((/** @type {any} */ one) => {
      const n = Math.floor(random() * 13);
      const size = n === 0 ? 0 : Math.max(100, growthOf(12) * Math.sqrt(n));
      return district(one.code, 0, 0, { ...one, waiting: n, figure: { w: size * 1.14, h: size } });
    });
    const marks = Array.from({ length: 9 }, (_, n) => {
      const box = areas[Math.floor(random() * areas.length)];
      const at = /** @type {const} */ ([box.x + box.w / 2, box.y + box.h / 2]);
      return n < 3 ? mark(`m${n}`, ...at, { reach: 87, must: true, beside: box, labels: [{ w: 300, h: 132 }, { w: 160, h: 198 }] }) : mark(`m${n}`, ...at);
    });
    const places = plan(those, marks, { frame: { x: 44, y: 140, w: 2472, h: 1520 }, kept: [{ x: 80, y: 80, w: 900, h: 120 }] });
    const figures = those.flatMap((/** @type {any} */ one) => boxesOf(one, /** @type {any} */ (places.districts.get(one.code))).figure);
    for (const placed of places.marks) for (const figure of figures) assert.equal(overlap(ring(placed), figure), 0, `${seed} ${placed.mark.id}`);
    assert.equal(places.marks.filter(({ mark: own }) => own.must).length, 3);
  }
});

test("a plan is asked for anew when room or rank changes, not when a figure does", () => {
  const key = (/** @type {any[]} */ those, marks = [calling("m", 500, 500)]) => planKey(those, marks, field.kept);
  const [a, b] = [district("a", 1, 1), district("b", 2, 2, { waiting: 9 })];
  assert.equal(key([a, { ...b, waiting: 8, number: "8" }]), key([b, a]));
  for (const other of [{ ...b, waiting: 4 }, { ...b, figure: { w: 170, h: 150 } }, { ...b, bars: { w: 0, h: 0 } }]) assert.notEqual(key([a, other]), key([a, b]));
  assert.notEqual(key([a, b], [calling("m", 520, 500)]), key([a, b]));
});

test("where room is scarce bars go first, then names, then a triangle steps aside; no figure is left out", () => {
  const close = [[400, 400], [620, 400], [400, 600], [620, 600], [400, 500], [620, 500]].map(([x, y], n) => district(`c${n}`, Number(x), Number(y), { waiting: 9 - n, name: { w: 400, h: 50 } }));
  const tight = { frame: { x: 220, y: 150, w: 600, h: 640 }, kept: [] };
  const places = plan(close, [calling("m", 520, 480), mark("n", 520, 560)], tight);
  const { districts: stand, marks } = places;
  for (const [code, { name, bars }] of stand) {
    const others = close.filter((one) => one.code !== code).flatMap((one) => boxesOf(one, /** @type {any} */ (stand.get(one.code))).figure);
    for (const words of [name, bars]) for (const figure of words ? others : []) assert.equal(overlap(/** @type {any} */ (words), figure), 0);
  }
  assert.equal(stand.size, 6);
  assert.ok([...stand.values()].some(({ name }) => name === null));
  assert.deepEqual(marks.map((placed) => placed.mark.id), ["m"]);
  assert.ok(plan(close, [], tight).districts.get("c0")?.name, "the one with most keeps its name longest");
});

test("lit land is seen: a triangle whose anchor lies on it stands elsewhere on its own land", () => {
  const lit = calling("m", 1100, 760);
  assert.deepEqual([plan(districts, [], field).districts.get("b")?.y, plan(districts, [], field).districts.get("b")?.x], [800, 1100]);
  const moved = plan(districts, [lit], field).districts.get("b");
  assert.ok(moved && Math.hypot(moved.x - 1100, moved.y - 800) >= 60);
});

test("same data, same places, whatever the order of arrival", () => {
  const random = chance(9);
  const marks = scattered(3);
  const first = plan(districts, marks, field);
  for (let n = 0; n < 20; n += 1) {
    const again = plan([...districts].sort(() => random() - 0.5), [...marks].sort(() => random() - 0.5), field);
    assert.deepEqual(again.marks, first.marks);
    assert.deepEqual(new Map([...again.districts].sort()), new Map([...first.districts].sort()));
  }
});

test("nothing hops when one mark comes or goes: what still has its place free keeps it", () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const marks = scattered(seed);
    const before = plan(districts, marks, field);
    const fewer = plan(districts, marks.slice(0, -1), field, before);
    for (const placed of fewer.marks) {
      const stood = before.marks.find((one) => one.mark.id === placed.mark.id);
      if (stood) assert.deepEqual([placed.x, placed.y], [stood.x, stood.y]);
    }
    for (const [code, { x, y }] of fewer.districts) assert.deepEqual({ x, y }, { x: before.districts.get(code)?.x, y: before.districts.get(code)?.y });
    assert.deepEqual(plan(districts, marks.slice(0, -1), field, fewer), fewer);
    // An alarm that comes moves only what stood where it must stand.
    const more = plan(districts, [...marks, calling("new", 1300, 1300)], field, before);
    const ring = more.marks.find((one) => one.mark.id === "new");
    const moved = [...more.districts].filter(([code, { x, y }]) => x !== before.districts.get(code)?.x || y !== before.districts.get(code)?.y);
    assert.ok(ring && moved.length === 0, `${moved.map(([code]) => code)}`);
  }
});

test("a label takes the side with room, and breaks before it covers a figure", () => {
  assert.equal(plan([], [calling("m", 100, 800)], field).marks[0]?.label?.side, "right");
  assert.ok((plan([], [calling("m", 2350, 800)], field).marks[0]?.label?.x ?? 0) < 2350);
});

test("a triangle's area is its number from three on, its figure stands inside and is never small; sizes stand still while the largest grows a little", () => {
  const room = { width: (/** @type {string} */ words, /** @type {number} */ size) => words.length * size * 0.6, type: 1 };
  const high = (/** @type {number} */ n) => figureInside(n, String(n), Math.max(100, growthOf(12) * Math.sqrt(n)), room);
  assert.deepEqual([0, 1, 3, 5, 12].map((n) => high(n).size), [0, 100, 100, 130, 201]);
  assert.ok(Math.abs((high(12).size / high(3).size) ** 2 - 4) < 0.1);
  assert.deepEqual([1, 6, 12].map((n) => high(n).step), [60, 72, 96]);
  for (const n of [8, 42, 640]) {
    const { w, h, step, size } = figureInside(n, String(n), 100, room);
    assert.ok(step >= 60 && w >= room.width(String(n), step) && h === size);
  }
  assert.ok(growthOf(500) * Math.sqrt(500) <= 260);
  assert.deepEqual([0, 3, 10, 11, 12, 21, 50, 51, 941].map(scaleTop), [10, 10, 10, 20, 20, 50, 50, 100, 1000]);
  assert.deepEqual([barScale(20), barScale(50)], [5, 5]);
  assert.ok(barScale(4000) * 4000 <= 260);
});

test("the land has four tones, and steps that leave half of it darker than the lightest", () => {
  assert.deepEqual([0, 1, 2, 3, 40].map((n) => toneOf(n, 1)), [0, 1, 2, 3, 3]);
  assert.equal(stepOf([0, 0, 1, 2, 9]), 1);
  assert.equal(stepOf([140, 160, 150, 120]), 100);
  assert.deepEqual([99, 100, 320].map((n) => toneOf(n, 100)), [0, 1, 3]);
  assert.equal(stepOf([]), 1);
});

test("a slab's edge is what the outline sweeps, and all of it turns one way", () => {
  const parts = swept("M0 0L10 0L10 10z", 0, 4).split("M").slice(1);
  assert.equal(parts.length, 2, "an edge straight down sweeps nothing");
  for (const part of parts) {
    const points = [...part.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
    const area = points.reduce((sum, [x = 0, y = 0], i) => sum + x * (points[(i + 1) % points.length]?.[1] ?? 0) - (points[(i + 1) % points.length]?.[0] ?? 0) * y, 0);
    assert.ok(area > 0);
  }
});

test("a long name of a district takes two even lines, one that is longer still is no wider", () => {
  const room = { width: (/** @type {string} */ words) => words.length * 24, type: 1 };
  assert.deepEqual(nameSize("Cipondoh", "fine", room), { w: 8 * 24 * 0.94, lines: 1 });
  assert.deepEqual(nameSize("Karang Tengah Utara Raya", "fine", room), { w: Math.ceil(13 * 24 * 0.94) + 4, lines: 2 });
  for (const name of ["Sarantaekklisionkaianopolisnotiasdytikis", "Ano Poli ke Saranta Ekklisies Notias Dytikis"]) assert.ok(nameSize(name, "fine", room).w <= 440);
});
