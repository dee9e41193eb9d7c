/**
 * Clusters of incidents on a grid of the world: same data and zoom, same clusters, whatever the order of arrival (CR-86).
 * Sums are whole numbers, so they come out the same in any order, and one card's change costs one cell.
 */
import { Cards } from "../feed/cards.js";

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {{waiting: number, in_process: number, done: number, elsewhere: number, overdue: number}} Tally */
/** @typedef {{key: number, column: number, row: number, n: number, sx: number, sy: number, tally: Tally}} Cell sums of world positions */
/** @typedef {{x: number, y: number}} World 0 to WORLD, from the north-west */

/** The world's side in whole steps: under 4 cm on the ground. */
export const WORLD = 2 ** 30;
const ROWS = 2 ** 22;
const TILE = 256;
/** Levels kept ready: the shown one and the last two. */
const KEPT = 3;

/** @param {number} lat @param {number} lon degrees @returns {World} Web Mercator, whole steps */
export function toWorld(lat, lon) {
  const sin = Math.min(0.9999, Math.max(-0.9999, Math.sin((lat * Math.PI) / 180)));
  return {
    x: Math.round((lon / 360 + 0.5) * WORLD),
    y: Math.round((0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * WORLD),
  };
}

/** @param {Card} card @returns {World | null} null without a place */
function placeOf({ lat, lon }) {
  return typeof lat === "number" && typeof lon === "number" ? toWorld(lat, lon) : null;
}

/** @param {number} key @param {number} column @param {number} row @returns {Cell} */
function emptyCell(key, column, row) {
  return { key, column, row, n: 0, sx: 0, sy: 0, tally: { waiting: 0, in_process: 0, done: 0, elsewhere: 0, overdue: 0 } };
}

class Level {
  /** @type {Map<number, Cell>} */
  cells = new Map();

  /** @param {number} width @param {number} height of a cell, world steps */
  constructor(width, height) {
    this.width = width;
    this.height = height;
  }

  /** @param {World} place @returns {{column: number, row: number, key: number}} its cell */
  at({ x, y }) {
    const [column, row] = [Math.floor(x / this.width), Math.floor(y / this.height)];
    return { column, row, key: column * ROWS + row };
  }

  /** @param {Iterable<Card | null>} cards @returns {Set<number>} keys of their cells */
  keysOf(cards) {
    /** @type {Set<number>} */
    const keys = new Set();
    for (const card of cards) {
      const place = card && placeOf(card);
      if (place) keys.add(this.at(place).key);
    }
    return keys;
  }

  /** @param {Card} card @param {World} place @param {1 | -1} sign @returns {number} key of the cell */
  add(card, place, sign) {
    const { x, y } = place;
    const [column, row] = [Math.floor(x / this.width), Math.floor(y / this.height)];
    const key = column * ROWS + row;
    let cell = this.cells.get(key);
    if (!cell) this.cells.set(key, (cell = emptyCell(key, column, row)));
    cell.n += sign;
    cell.sx += sign * x;
    cell.sy += sign * y;
    if (Object.hasOwn(cell.tally, card.status)) cell.tally[card.status] += sign;
    if (card.overdue) cell.tally.overdue += sign;
    if (cell.n === 0) this.cells.delete(key);
    return key;
  }
}

export class IncidentGrid {
  #cards = new Cards();
  /** @type {Map<string, Level>} */
  #levels = new Map();

  /** @param {Cards} cards as they are now @returns {Map<Level, Set<number>>} the cells that changed, by level */
  update(cards) {
    /** @type {Map<Level, Set<number>>} */
    const changed = new Map([...this.#levels.values()].map((level) => [level, new Set()]));
    if (changed.size > 0) this.#follow(cards, changed);
    this.#cards = cards;
    return changed;
  }

  /** @param {Cards} cards @param {Map<Level, Set<number>>} changed filled */
  #follow(cards, changed) {
    for (const { before, after } of cards.since(this.#cards)) {
      const [from, to] = [before && placeOf(before), after && placeOf(after)];
      for (const [level, keys] of changed) {
        if (before && from) keys.add(level.add(before, from, -1));
        if (after && to) keys.add(level.add(after, to, 1));
      }
    }
  }

  /** @param {number} zoom @param {{w: number, h: number}} size of a cell, px at the whole zoom @returns {Level} built once, then kept */
  level(zoom, { w, h }) {
    const whole = Math.round(zoom);
    const name = `${whole} ${w.toFixed(1)} ${h.toFixed(1)}`;
    const found = this.#levels.get(name);
    if (found) return found;
    const perPx = WORLD / (TILE * 2 ** whole);
    const level = new Level(w * perPx, h * perPx);
    this.#cards.each((card) => {
      const place = placeOf(card);
      if (place) level.add(card, place, 1);
    });
    this.#levels.set(name, level);
    const [oldest] = this.#levels.keys();
    if (this.#levels.size > KEPT && oldest !== undefined) this.#levels.delete(oldest);
    return level;
  }
}

/** @param {Tally} tally @returns {import("../feed/messages.js").Status} the worst there is leads (CR-85) */
export function leading(tally) {
  if (tally.waiting > 0) return "waiting";
  if (tally.in_process > 0) return "in_process";
  return tally.done > 0 ? "done" : "elsewhere";
}
