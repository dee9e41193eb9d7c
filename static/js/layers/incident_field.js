/**
 * Draws every incident of the room: where they would collide a cluster with its counts, the worst leading.
 * A cell of the grid is drawn within its own borders, so a change redraws that cell and nothing else (CR-84).
 */
import { drawIncident } from "./incident_layer.js";
import { IncidentGrid, leading, WORLD } from "./incident_grid.js";
import { KeptCanvas } from "./kept_canvas.js";

/** @typedef {import("./incident_grid.js").Cell} Cell */
/** @typedef {import("./incident_layer.js").Looks} Looks */
/** @typedef {{looks: Looks, unit: number, number: (n: number) => string}} Style unit = px of one unit of the canvas */

/** A cell, and what stands in it, in units of the canvas. */
const CELL = { w: 400, h: 200 };
const INSET = { x: 62, y: 62 };
const HALF = { w: 196, up: 76, down: 70 };
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
  #canvas = new KeptCanvas(() => void this.#drawAll());
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

  /** @param {{column: number, row: number}} cell @param {{width: number, height: number}} level @returns {import("../scenes/placement.js").Box | null} px */
  #boxOf({ column, row }, { width, height }) {
    const from = this.#toPx(column * width, row * height);
    const to = this.#toPx((column + 1) * width, (row + 1) * height);
    return from && to ? { x: from.x, y: from.y, w: to.x - from.x, h: to.y - from.y } : null;
  }

  /** @param {Cell} cell @param {import("../scenes/placement.js").Box} box its borders, px */
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
  return { id: String(key), latlng: [0, 0], shift: [0, 0], size, status: leading(tally), ring, at: [0, 0], tail: null };
}

/** @param {CanvasRenderingContext2D} pen @param {Cell} cell @param {import("../ui/symbols.js").Ring} ring @param {Style} style @param {number} x @param {number} y px */
function drawAlone(pen, cell, ring, { looks, unit }, x, y) {
  drawIncident(pen, incidentOf(cell, ring, 44), looks, { x, y, unit });
}

/** What a cluster counts: all within this border, as quiet as the map's own lines. @param {CanvasRenderingContext2D} pen @param {import("../scenes/placement.js").Box} box px @param {Style} style */
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
  pen.fillText(words, figure, y);
  drawRest(pen, cell, style, lead, { x: figure, y: y + 54 * unit, free: HALF.w - (figure - x) / unit });
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
    pen.fillText(words, x + (at + 46) * unit, y);
    at += wide + 26;
  }
}
