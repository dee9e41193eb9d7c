/**
 * Clusters of incidents on the map: a grid of the world, and the canvas that draws its cells.
 */
import { Cards } from "../feed/cards.js";
import { drawIncident, RecoverableCanvas } from "./incident_layer.js";

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("./incident_layer.js").Looks} Looks */

// Clusters of incidents on a grid of the world: same data and zoom, same clusters, whatever the order of arrival (CR-86).
// Sums are whole numbers, so they come out the same in any order, and one card's change costs one cell.

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

// Draws every incident of the room: where they would collide a cluster with its counts, the worst leading.
// A cell of the grid is drawn within its own borders, so a change redraws that cell and nothing else (CR-84).

/** @typedef {{looks: Looks, unit: number, number: (n: number) => string}} Style unit = px of one unit of the canvas */

/** A cell, and what stands in it, in units of the canvas. */
const CELL = { w: 400, h: 200 };
const INSET = { x: 62, y: 62 };
const HALF = { w: 196, up: 76, down: 70 };
/** So far a cluster's shape and figure reach from its middle. */
const TAKEN = 120;
/** So far a ring with its badge reaches above the figure's baseline. */
const RINGED_UP = 106;
const SIZES = { least: 34, most: 78 };
const BORDER = { inset: 5, line: 3, round: 8 };
/** From the leading shape to its figure; a ring about it takes more. */
const GAP = { none: 16, ring: 34 };
const FONT = '"IBM Plex Sans Variable"';

/** @param {number} n @returns {number} height of the leading shape */
function sizeOf(n) {
  return Math.min(SIZES.most, SIZES.least + 11 * Math.log2(Math.max(1, n)) * 0.6);
}

export class IncidentField {
  #grid = new IncidentGrid();
  #canvas = new RecoverableCanvas(() => void this.#drawAll());
  /** @type {import("leaflet").Map | null} */
  #map = null;
  /** @type {Style | null} */
  #style = null;
  #drawn = "";
  /** @type {Set<number>} cells with a complaint whose alarm nobody has acknowledged */
  #urgent = new Set();

  /** @param {import("leaflet").Map} map */
  addTo(map) {
    this.#map = map;
    map.getContainer().append(this.#canvas.node);
    map.on("move zoom resize", () => this.#drawAll());
  }

  /**
   * @param {import("../feed/cards.js").Cards} cards @param {Style} style
   * @param {ReadonlySet<string>} [unacked] ids: their cells rank above those where somebody has every alarm (CR-85)
   * @returns {number} how many cells were drawn
   */
  paint(cards, style, unacked = new Set()) {
    const changed = this.#grid.update(cards);
    this.#style = style;
    const level = this.#level();
    const before = this.#urgent;
    this.#urgent = level?.keysOf([...unacked].map((id) => cards.get(id))) ?? new Set();
    if (this.#signature() !== this.#drawn) return this.#drawAll();
    const turned = [...before, ...this.#urgent].filter((key) => before.has(key) !== this.#urgent.has(key));
    const keys = new Set([...((level && changed.get(level)) ?? []), ...turned]);
    for (const key of keys) this.#drawCell(key);
    return keys.size;
  }

  /** @param {boolean} shown what is not shown keeps its picture */
  show(shown) {
    const value = shown ? "" : "hidden";
    if (this.#canvas.node.style.visibility !== value) this.#canvas.node.style.visibility = value;
  }

  /** @returns {import("../wall/scenes/map_placement.js").Box[]} px: where marks and figures stand, which no name may cover */
  get taken() {
    const [level, unit] = [this.#level(), this.#style?.unit ?? 0];
    return [...(level?.cells.values() ?? [])].flatMap((cell) => {
      const box = level && this.#boxOf(cell, level);
      const place = this.#toPx(cell.sx / cell.n, cell.sy / cell.n);
      if (!box || !place) return [];
      const [half, up, down] = (cell.n === 1 ? [INSET.x, INSET.y, INSET.y] : [TAKEN, RINGED_UP, HALF.down]).map((side) => side * unit);
      const x = within(place.x, box.x, box.w, (cell.n === 1 ? INSET.x : HALF.w) * unit);
      const y = within(place.y, box.y, box.h, up ?? 0, down);
      return [{ x: x - (half ?? 0), y: y - (up ?? 0), w: 2 * (half ?? 0), h: (up ?? 0) + (down ?? 0) }];
    });
  }

  /** What a full drawing depends on beside the cards. */
  #signature() {
    const map = this.#map;
    const { looks, unit } = this.#style ?? {};
    const { x, y } = map?.getSize() ?? { x: 0, y: 0 };
    const corner = map?.containerPointToLatLng([0, 0]);
    return [corner?.lat, corner?.lng, map?.getZoom(), x, y, unit, looks?.stale].join(" ");
  }

  #level() {
    const [map, style] = [this.#map, this.#style];
    if (!map || !style) return null;
    return this.#grid.level(map.getZoom(), { w: CELL.w * style.unit, h: CELL.h * style.unit });
  }

  /** @returns {number} */
  #drawAll() {
    const [map, level] = [this.#map, this.#level()];
    if (!map || !level) return 0;
    const { x: width, y: height } = map.getSize();
    this.#pen()?.clearRect(0, 0, width, height);
    this.#drawn = this.#signature();
    let n = 0;
    for (const cell of level.cells.values()) {
      const box = this.#boxOf(cell, level);
      if (!box || box.x > width || box.y > height || box.x + box.w < 0 || box.y + box.h < 0) continue;
      this.#draw(cell, box);
      n += 1;
    }
    return n;
  }

  #pen() {
    const { x, y } = this.#map?.getSize() ?? { x: 1, y: 1 };
    return this.#canvas.pen(x, y);
  }

  /** @param {number} key */
  #drawCell(key) {
    const level = this.#level();
    if (!level) return;
    const rows = 2 ** 22;
    const box = this.#boxOf({ column: Math.floor(key / rows), row: key % rows }, level);
    if (box) this.#pen()?.clearRect(box.x, box.y, box.w, box.h);
    const cell = level.cells.get(key);
    if (cell && box) this.#draw(cell, box);
  }

  /** @param {number} x @param {number} y world steps @returns {{x: number, y: number} | null} px from the map's corner */
  #toPx(x, y) {
    const map = this.#map;
    if (!map) return null;
    const scale = (256 * 2 ** map.getZoom()) / WORLD;
    const origin = map.project(map.containerPointToLatLng([0, 0]), map.getZoom());
    return { x: x * scale - origin.x, y: y * scale - origin.y };
  }

  /** @param {{column: number, row: number}} cell @param {{width: number, height: number}} level @returns {import("../wall/scenes/map_placement.js").Box | null} px */
  #boxOf({ column, row }, { width, height }) {
    const from = this.#toPx(column * width, row * height);
    const to = this.#toPx((column + 1) * width, (row + 1) * height);
    return from && to ? { x: from.x, y: from.y, w: to.x - from.x, h: to.y - from.y } : null;
  }

  /** @param {Cell} cell @param {import("../wall/scenes/map_placement.js").Box} box its borders, px */
  #draw(cell, box) {
    const [pen, style] = [this.#pen(), this.#style];
    const place = this.#toPx(cell.sx / cell.n, cell.sy / cell.n);
    if (!pen || !style || !place) return;
    const { unit } = style;
    const ring = this.#urgent.has(cell.key) ? "strong" : cell.tally.overdue > 0 ? "thin" : "none";
    if (cell.n === 1) {
      const [x, y] = [within(place.x, box.x, box.w, INSET.x * unit), within(place.y, box.y, box.h, INSET.y * unit)];
      return drawAlone(pen, cell, ring, style, x, y);
    }
    drawBorder(pen, box, style);
    const up = ring === "none" ? HALF.up : RINGED_UP;
    const x = within(place.x, box.x, box.w, HALF.w * unit);
    drawCluster(pen, cell, ring, style, x, within(place.y, box.y, box.h, up * unit, HALF.down * unit));
  }
}

/** @param {number} at @param {number} from @param {number} length @param {number} before @param {number} [after] @returns {number} kept so far off both borders */
function within(at, from, length, before, after = before) {
  const [first, last] = [Math.min(before, length / 2), Math.min(after, length / 2)];
  return Math.min(from + length - last, Math.max(from + first, at));
}

/** @param {Cell} cell @param {import("../ui/symbols.js").Ring} ring @param {number} size @returns {import("./incident_layer.js").Incident} */
function incidentOf({ key, tally }, ring, size) {
  return { id: String(key), latlng: [0, 0], shift: [0, 0], size, status: leading(tally), ring, at: [0, 0], thread: false };
}

/** @param {CanvasRenderingContext2D} pen @param {Cell} cell @param {import("../ui/symbols.js").Ring} ring @param {Style} style @param {number} x @param {number} y px */
function drawAlone(pen, cell, ring, { looks, unit }, x, y) {
  drawIncident(pen, incidentOf(cell, ring, 44), looks, { x, y, unit });
}

/** What a cluster counts: all within this border, as quiet as the map's own lines. @param {CanvasRenderingContext2D} pen @param {import("../wall/scenes/map_placement.js").Box} box px @param {Style} style */
function drawBorder(pen, { x, y, w, h }, { looks, unit }) {
  pen.strokeStyle = looks.palette.line;
  pen.lineWidth = BORDER.line * unit;
  pen.beginPath();
  pen.roundRect(x + BORDER.inset * unit, y + BORDER.inset * unit, w - 2 * BORDER.inset * unit, h - 2 * BORDER.inset * unit, BORDER.round * unit);
  pen.stroke();
}

/** @param {CanvasRenderingContext2D} pen @param {Cell} cell @param {import("../ui/symbols.js").Ring} ring @param {Style} style @param {number} x @param {number} y px, its middle */
function drawCluster(pen, cell, ring, style, x, y) {
  const { looks, unit, number } = style;
  const { palette, stale } = looks;
  const lead = leading(cell.tally);
  const size = sizeOf(cell.tally[lead]);
  pen.font = `600 ${72 * unit}px ${FONT}`;
  pen.textBaseline = "alphabetic";
  const words = number(cell.tally[lead]);
  const wide = pen.measureText(words).width / unit;
  const gap = ring === "none" ? GAP.none : GAP.ring;
  const left = x - ((size * 1.14 + gap + wide) / 2) * unit;
  const figure = left + (size * 1.14 + gap) * unit;
  drawIncident(pen, incidentOf(cell, ring, ring === "none" ? size : size * 0.72), looks, { x: left + size * 0.57 * unit, y: y - 24 * unit, unit });
  pen.fillStyle = stale ? palette.secondary : palette.text;
  drawWords(pen, words, { x: figure, y }, { palette, unit });
  drawRest(pen, cell, style, lead, { x: figure, y: y + 54 * unit, free: HALF.w - (figure - x) / unit });
}

/** Of text on land, units beyond its edge. */
const CASING = 10;

/** @param {CanvasRenderingContext2D} pen in the words' colour @param {string} words @param {{x: number, y: number}} at px @param {{palette: import("./incident_layer.js").Palette, unit: number}} looks cased */
function drawWords(pen, words, { x, y }, { palette, unit }) {
  pen.lineJoin = "round";
  pen.lineWidth = 2 * CASING * unit;
  pen.strokeStyle = palette.ground;
  pen.strokeText(words, x, y);
  pen.fillText(words, x, y);
}

/** @param {CanvasRenderingContext2D} pen @param {Cell} cell @param {Style} style @param {string} lead @param {{x: number, y: number, free: number}} at px: under the figure, the small line of the other counts; free: units to the border */
function drawRest(pen, cell, { looks, unit, number }, lead, { x, y, free }) {
  pen.font = `400 ${48 * unit}px ${FONT}`;
  const order = /** @type {const} */ (["waiting", "in_process", "done"]);
  const parts = order.filter((status) => status !== lead && cell.tally[status] > 0)
    .map((status) => ({ status, words: number(cell.tally[status]), wide: 46 + pen.measureText(number(cell.tally[status])).width / unit }));
  const [first, second] = parts;
  const shown = first && second && first.wide + second.wide + 26 <= free ? [first, second] : parts.slice(0, 1);
  const total = shown.reduce((sum, { wide }) => sum + wide, 0) + 26 * (shown.length - 1);
  let at = Math.min(0, free - 12 - total);
  for (const { status, words, wide } of shown) {
    const small = { ...incidentOf(cell, "none", 30), status };
    drawIncident(pen, small, looks, { x: x + (at + 18) * unit, y: y - 15 * unit, unit });
    pen.fillStyle = looks.palette.secondary;
    drawWords(pen, words, { x: x + (at + 46) * unit, y }, { palette: looks.palette, unit });
    at += wide + 26;
  }
}
