/**
 * Where fresh marks stand: near their places, off every word, figure and ring of the map. What has no room as a shape is grain near
 * its place; where even that has none it lies beneath the words and is not counted as seen. The first of a rush are shapes that do not
 * touch, the rest of it is grain, so that many are no outburst.
 */
import { around, freeSpot, inside, overlap } from "./placement.js";

/** @typedef {import("./placement.js").Box} Box */
/** @typedef {import("./placement.js").Spot} Spot */
/** @typedef {Spot & {id: string}} Fresh its own place, units */
/** @typedef {Spot & {size: number, beneath?: boolean}} Stand size: height of its triangle, units; beneath: words lie over it */

/** So many stand as shapes, and how far one may be from its place. */
const SHAPE = { size: 40, most: 16, shifts: [0, 24, 48] };
/** More than this a map cannot tell apart. */
const GRAIN = { size: 16, most: 200, shifts: [0, 24, 48, 72] };
const FARTHEST = Math.max(...GRAIN.shifts);
/** From a mark's middle to its farthest corner with its line, by its size. */
const REACH = 0.75;

/** @param {Spot} stood @param {Spot} own @returns {boolean} whether it may stand there: its complaint or the map may have moved */
function near(stood, own) {
  return Math.hypot(stood.x - own.x, stood.y - own.y) <= FARTHEST + 0.001;
}

/**
 * @param {readonly Fresh[]} fresh in order of arrival
 * @param {{standing: readonly Box[], frame: Box, before: ReadonlyMap<string, Stand>}} map standing: what may not be covered;
 *   before: where they stood in the last frame, for none hops or changes
 * @returns {Map<string, Stand>} by id; who is not in it has no mark
 */
export function freshPlaces(fresh, { standing, frame, before }) {
  const taken = [...standing];
  /** @type {Map<string, Stand>} */
  const places = new Map();
  for (const one of [...fresh].sort((a, b) => Number(before.has(b.id)) - Number(before.has(a.id)))) {
    if (places.size === GRAIN.most) break;
    const stood = before.get(one.id);
    const still = stood && !stood.beneath && near(stood, one) && !taken.some((box) => overlap(around(stood, stood.size * REACH), box) > 0);
    const kinds = places.size < SHAPE.most ? [SHAPE, GRAIN] : [GRAIN];
    const place = still ? stood : freeStand(one, kinds, taken, frame) ?? { x: one.x, y: one.y, size: GRAIN.size, beneath: true };
    if (place.beneath && !inside(around(place, place.size * REACH), frame)) continue;
    places.set(one.id, place);
    if (place.size === SHAPE.size) taken.push(around(place, place.size * REACH));
  }
  return places;
}

/** @param {Fresh} one @param {readonly {size: number, shifts: readonly number[]}[]} kinds best first @param {readonly Box[]} taken @param {Box} frame @returns {Stand | null} where nothing lies over it */
function freeStand(one, kinds, taken, frame) {
  for (const { size, shifts } of kinds) {
    const spot = freeSpot({ ...one, reach: size * REACH, labels: [] }, shifts, taken, frame);
    if (spot) return { ...spot, size };
  }
  return null;
}
