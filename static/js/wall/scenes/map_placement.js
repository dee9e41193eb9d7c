/**
 * Placement of everything on the map. Clusters stay on their anchors; what stands alone makes room for them, but an alarm that
 * nobody has acknowledged is never left out: names, then splits give way to it. Same input, same places, whatever the order
 * of arrival (CR-86). All in units of the 3840 canvas.
 */

// The thin line from a mark that had to move to the place where it belongs. It never crosses words, figures or another
// ring: it ends before the first of them.

const STEP = 4;
const LINE_AIR = 10;
/** A shorter stump says nothing. */
const LEAST = 44;

/**
 * @param {Spot} from where the mark stands @param {Spot} to where it belongs @param {number} reach of its ring
 * @param {readonly Box[]} taken @returns {Spot | null} end of the line; null: there is no room for one
 */
function leadLine(from, to, reach, taken) {
  const whole = Math.hypot(to.x - from.x, to.y - from.y);
  const [dx, dy] = [(to.x - from.x) / whole, (to.y - from.y) / whole];
  const others = taken.filter((box) => !holds(box, from, 0));
  let length = reach;
  while (length + STEP <= whole && !others.some((box) => holds(box, { x: from.x + dx * (length + STEP), y: from.y + dy * (length + STEP) }, LINE_AIR))) length += STEP;
  return length - reach < LEAST ? null : { x: from.x + dx * length, y: from.y + dy * length };
}

/** @param {Box} box @param {Spot} spot @param {number} air */
function holds({ x, y, w, h }, spot, air) {
  return w > 0 && spot.x > x - air && spot.x < x + w + air && spot.y > y - air && spot.y < y + h + air;
}

// The plan of the map.

/** @typedef {{x: number, y: number, w: number, h: number}} Box left, top, width, height */
/** @typedef {{x: number, y: number}} Spot */
/**
 * @typedef {object} Cluster
 * @property {string} code
 * @property {number} x centre
 * @property {number} y baseline of the count
 * @property {number} size height of its triangle, 0 when nobody waits
 * @property {number} nameWidth
 * @property {number} [nameLines]
 * @property {number} countWidth the triangle with its figure
 * @property {readonly number[]} splitWidths of its first one, two … parts; empty when there is nothing in it
 * @property {number} waiting
 * @property {number} [type] by what its text is larger than the sheet's
 */
/** @typedef {{w: number, h: number}} Size */
/** @typedef {{id: string, x: number, y: number, reach: number, must?: boolean, yields?: boolean, labels: readonly Size[]}} Mark must: it has a place whatever gives way; yields: it stands only where it covers nothing at all; labels: the sizes its name can take, best first */
/** @typedef {{mark: Mark, x: number, y: number, tail: Spot | null, label: (Box & {side: Side}) | null}} Placed tail: where the lead line to its place ends */
/** @typedef {"left" | "right" | "above" | "below"} Side */
/**
 * @typedef {object} Plan
 * @property {Placed[]} marks
 * @property {string[]} folded marks without room: their clusters count them
 * @property {Map<string, number>} splits how many parts of its split each cluster has room for
 * @property {Set<string>} named clusters whose name has room
 * @property {Box[]} standing all that is read on it: words, figures, rings
 */

export const NAME = { height: 48, gap: 22, step: 20 };
const COUNT = { height: 54 };
const SPLIT = { drop: 22, height: 44 };
/** How far a mark may move from its place unseen; beyond that a lead line shows where it belongs. */
const SHIFTS = [0, 20, 40, 60];
const LED = [90, 120, 150, 180];
const LED_FAR = [150, 180, 220, 260, 320, 400];
const AIR = 8;
/** A label that would cover more than this share of itself is left out: the band names it anyway. */
const UNREAD = 0.01;
/** A label may stand this much further out than a mark. */
const MARGIN = 40;
/** So much of a district's name may lie under something else. */
const COVERED = 0.02;

/** @param {Box} a @param {Box} b */
export function overlap(a, b) {
  const w = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const h = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  return w > 0 && h > 0 ? w * h : 0;
}

/** @param {number} size @param {number} [type] @returns {number} height above the count's baseline, in steps so that the name rarely moves */
export function nameRise(size, type = 1) {
  return Math.ceil(Math.max(size, COUNT.height * type) / NAME.step) * NAME.step + NAME.gap * type;
}

/** @param {Cluster} cluster @returns {{name: Box, count: Box, split: Box}} */
export function boxes({ x, y, size, nameWidth, nameLines = 1, countWidth, splitWidths, type = 1 }) {
  const splitWidth = splitWidths.at(-1) ?? 0;
  const [height, high] = [NAME.height * type, Math.max(size, COUNT.height * type)];
  const bottom = size > 0 ? y + SPLIT.drop : y - SPLIT.height * type;
  return {
    name: { x: x - nameWidth / 2, y: y - nameRise(size, type) - height * (nameLines - 0.2), w: nameWidth, h: height * nameLines },
    count: { x: x - countWidth / 2, y: y - high, w: size > 0 ? countWidth : 0, h: high },
    split: { x: x - splitWidth / 2, y: bottom, w: splitWidth, h: SPLIT.height * type },
  };
}

/** @param {Spot} spot @param {number} reach @returns {Box} */
export function around({ x, y }, reach) {
  return { x: x - reach, y: y - reach, w: 2 * reach, h: 2 * reach };
}

/** @param {Box} box @param {readonly Box[]} taken */
function covered(box, taken) {
  return taken.reduce((total, other) => total + overlap(box, other), 0);
}

/** @param {Box} inner @param {Box} outer */
export function inside(inner, outer) {
  return overlap(inner, outer) >= inner.w * inner.h - 1e-6;
}

/** @param {Mark} mark @param {readonly number[]} distances @param {readonly Box[]} taken @param {Box} frame @returns {Spot | null} */
export function freeSpot(mark, distances, taken, frame) {
  for (const distance of distances) {
    for (let turn = 0; turn < 16; turn += 1) {
      const angle = (turn * Math.PI) / 8;
      const spot = { x: mark.x + distance * Math.cos(angle), y: mark.y + distance * Math.sin(angle) };
      const box = around(spot, mark.reach + AIR);
      if (inside(box, frame) && covered(box, taken) === 0) return spot;
    }
  }
  return null;
}

/** @typedef {Record<"fixed" | "names" | "splits", Box[]>} Taken fixed: nothing may cover it */

/**
 * Near its place and off everything; else near and over a split; else led, further away. What must have a place is led
 * less far, then goes over a name, then further still.
 * @param {Mark} mark @param {Taken} taken @param {Box} frame @returns {Spot | null}
 */
function spotFor(mark, { fixed, names, splits }, frame) {
  const firm = [...fixed, ...names];
  const free = freeSpot(mark, SHIFTS, [...firm, ...splits], frame);
  if (free || mark.yields) return free;
  const spot = freeSpot(mark, SHIFTS, firm, frame) ?? freeSpot(mark, mark.must ? LED.slice(0, 2) : LED, firm, frame);
  if (spot || !mark.must) return spot;
  return freeSpot(mark, SHIFTS, fixed, frame) ?? freeSpot(mark, LED_FAR, firm, frame) ?? freeSpot(mark, LED_FAR, fixed, frame);
}

/** @param {Placed} placed @param {Size} size @returns {Array<Box & {side: Side}>} where its label may stand, best first */
function labelSpots({ mark: { reach }, x, y }, { w, h }) {
  const away = reach + 14;
  /** @type {Array<[Side, number, number]>} */
  const sides = [];
  for (const slide of [0, 0.3, -0.3]) {
    sides.push(["left", x - away - w, y - h / 2 + slide * h], ["right", x + away, y - h / 2 + slide * h]);
  }
  for (const slide of [0, 0.25, -0.25, 0.5, -0.5, 0.12, -0.12]) {
    const reachable = slide * Math.max(0, w - 2 * reach);
    sides.push(["above", x - w / 2 + reachable, y - away - h], ["below", x - w / 2 + reachable, y + away]);
  }
  return sides.map(([side, left, top]) => ({ side, x: left, y: top, w, h }));
}

/** @param {Placed} placed @param {Box[]} hard @param {Box[]} soft @param {Box} frame where it covers least; nowhere when that is too much */
function placeLabel(placed, hard, soft, frame) {
  const outer = { ...frame, x: frame.x - MARGIN, w: frame.w + 2 * MARGIN };
  const spots = placed.mark.labels.flatMap((size) => labelSpots(placed, size)).filter((spot) => inside(spot, outer));
  const costs = spots.map((spot) => 10 * covered(spot, hard) + covered(spot, soft));
  const least = Math.min(...costs);
  const best = spots[costs.indexOf(least)];
  if (!best || covered(best, hard) > UNREAD * best.w * best.h) return;
  placed.label = best;
  hard.push(best);
}

/**
 * @param {readonly Cluster[]} clusters
 * @param {readonly Mark[]} marks
 * @param {{frame: Box, kept: readonly Box[]}} field frame = the scene; kept = what must stay free (the question)
 * @returns {Plan}
 */
export function plan(clusters, marks, { frame, kept }) {
  const laid = clusters.map(boxes);
  /** @type {Taken} */
  const taken = { fixed: [...kept, ...laid.map(({ count }) => count)], names: laid.map(({ name }) => name), splits: laid.map(({ split }) => split) };
  /** @type {Placed[]} */
  const placed = [];
  /** @type {string[]} */
  const folded = [];
  for (const mark of [...marks].sort(byUrgencyThenId)) {
    const spot = spotFor(mark, taken, frame);
    if (!spot) folded.push(mark.id);
    else placed.push({ mark, ...spot, tail: null, label: null });
    if (spot) taken.fixed.push(around(spot, mark.reach));
  }
  const named = namedOf(clusters, taken.fixed);
  const hard = [...taken.fixed, ...clusters.filter(({ code }) => named.has(code)).map((cluster) => boxes(cluster).name)];
  for (const entry of placed) placeLabel(entry, hard, taken.splits, frame);
  for (const entry of placed) entry.tail = tailOf(entry, hard);
  const splits = fitSplits(clusters, hard);
  const parts = clusters.map((cluster) => boxes({ ...cluster, splitWidths: cluster.splitWidths.slice(0, splits.get(cluster.code) ?? 0) }).split);
  return { marks: placed, folded, splits, named, standing: [...hard, ...parts] };
}

/** @param {Placed} placed @param {readonly Box[]} hard @returns {Spot | null} null: it stands near enough, or its line would only cross words */
function tailOf({ mark, x, y }, hard) {
  if (Math.hypot(x - mark.x, y - mark.y) <= (SHIFTS.at(-1) ?? 0) + 0.001) return null;
  return leadLine({ x, y }, mark, mark.reach, hard);
}

/** @param {readonly Cluster[]} clusters @param {readonly Box[]} fixed counts and rings among them @returns {Set<string>} where two names collide, the one with more waiting keeps its */
function namedOf(clusters, fixed) {
  const order = [...clusters].sort((a, b) => b.waiting - a.waiting || (a.code < b.code ? -1 : 1));
  const taken = [...fixed];
  return new Set(order.flatMap((cluster) => {
    const { name } = boxes(cluster);
    if (taken.some((box) => overlap(name, box) > name.w * name.h * COVERED)) return [];
    taken.push(name);
    return [cluster.code];
  }));
}

/** @param {Mark} a @param {Mark} b what must have a place chooses first, then what is named; then the id, which no arrival changes */
function byUrgencyThenId(a, b) {
  return Number(b.must ?? false) - Number(a.must ?? false) || b.labels.length - a.labels.length || (a.id < b.id ? -1 : 1);
}

/** @param {readonly Cluster[]} clusters @param {readonly Box[]} hard @returns {Map<string, number>} on conflict the split goes first, from its end */
function fitSplits(clusters, hard) {
  /** @type {Map<string, number>} */
  const parts = new Map();
  const taken = [...hard];
  for (const cluster of [...clusters].sort((a, b) => b.waiting - a.waiting || (a.code < b.code ? -1 : 1))) {
    let n = cluster.splitWidths.length;
    /** @returns {Box} */
    const box = () => boxes({ ...cluster, splitWidths: cluster.splitWidths.slice(0, n) }).split;
    while (n > 0 && covered(box(), taken) > 0) n -= 1;
    if (n > 0) taken.push(box());
    parts.set(cluster.code, n);
  }
  return parts;
}

/** @param {number} most the largest count of any cluster @returns {number} the 1-2-5 step at or above it: sizes keep still */
export function scaleTop(most) {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 1)));
  return Math.max(10, [1, 2, 5, 10].map((n) => n * power).find((n) => n >= most) ?? most);
}

/** @param {number} n @param {number} top @param {{least: number, most: number}} sizes @returns {number} area in proportion to n */
export function triangleSize(n, top, { least, most }) {
  return n <= 0 ? 0 : Math.round(Math.max(least, most * Math.sqrt(n / top)));
}
