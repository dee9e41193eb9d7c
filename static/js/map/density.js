/**
 * The density of open complaints: the land in cells of 300 m, the lighter the more are open there, on one canvas.
 */
import { Cards } from "../feed/cards.js";
import { find, write } from "../ui/dom.js";
import { RecoverableCanvas } from "./incident_layer.js";

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {{lat: number, lon: number}} Point */

// Six-sided cells on the ground, in metres from the middle of the city. The same place is always in the same cell.

/** Metres of one degree of latitude; of longitude it is less by the cosine of the latitude. */
const DEGREE = 111_320;
const HALF_RANGE = 2 ** 15;
/** From one row to the next, by the width of a cell. */
const ROW = Math.sqrt(3) / 2;

export class Hexes {
  /** @param {Point} middle @param {number} metres from one flat side to the other */
  constructor(middle, metres) {
    this.middle = middle;
    this.metres = metres;
    this.perLat = DEGREE / metres;
    this.perLon = this.perLat * Math.cos((middle.lat * Math.PI) / 180);
  }

  /** @param {number} lat @param {number} lon @returns {number} key of the cell whose middle is the nearest */
  at(lat, lon) {
    const [x, y] = [(lon - this.middle.lon) * this.perLon, ((lat - this.middle.lat) * this.perLat) / ROW];
    const low = Math.floor(y);
    let [least, key] = [Infinity, 0];
    for (let row = low; row <= low + 1; row += 1) {
      const shifted = (row & 1) / 2;
      const column = Math.round(x - shifted);
      const far = (x - shifted - column) ** 2 + ((y - row) * ROW) ** 2;
      if (far < least) [least, key] = [far, keyOf(row, column)];
    }
    return key;
  }

  /** @param {number} row @returns {number} latitude of its cells */
  lat(row) {
    return this.middle.lat + (row * ROW) / this.perLat;
  }

  /** @param {number} row @param {number} column @returns {number} longitude of the cell */
  lon(row, column) {
    return this.middle.lon + (column + (row & 1) / 2) / this.perLon;
  }
}

/** @param {number} row @param {number} column @returns {number} */
export function keyOf(row, column) {
  return (row + HALF_RANGE) * 2 * HALF_RANGE + column + HALF_RANGE;
}

/** @param {number} key @returns {{row: number, column: number}} */
export function cellOf(key) {
  return { row: Math.floor(key / (2 * HALF_RANGE)) - HALF_RANGE, column: (key % (2 * HALF_RANGE)) - HALF_RANGE };
}

// A cell is 300 m wide, or the least doubling of that at which an eye can tell cells apart.

const CELL_M = 300;
const LEAST_UNITS = 14;

/** @param {number} unitsPerMetre @returns {number} metres */
export function cellFor(unitsPerMetre) {
  let metres = CELL_M;
  while (metres * unitsPerMetre < LEAST_UNITS && metres < CELL_M * 2 ** 10) metres *= 2;
  return metres;
}

// From so many open complaints on the land is a density, and until so few: it does not change with every one.

const DENSE = { from: 5000, until: 4000 };

/** @param {number} open @param {boolean} before whether it is one now @returns {boolean} */
export function isDense(open, before) {
  return open >= (before ? DENSE.until : DENSE.from);
}

// Who is open in each cell, counted once from all cards in slices and from then on by what changed.

/** So many changes are counted between two looks at the clock. */
const CHECK_EVERY = 500;

export class DensityCount {
  /** @type {Map<number, number>} open complaints by cell */
  counts = new Map();
  /** @type {Set<number>} cells whose count has changed since somebody emptied this */
  touched = new Set();
  #hexes;
  #counted = new Cards();
  /** @type {{of: Cards, changes: Generator<import("../feed/cards.js").Change>} | null} */
  #running = null;

  /** @param {Hexes} hexes */
  constructor(hexes) {
    this.#hexes = hexes;
  }

  /** @param {Cards} cards as they are now @param {() => boolean} over whether this slice has taken its time @returns {boolean} whether these very cards are counted */
  follow(cards, over) {
    while (this.#running || this.#counted !== cards) {
      this.#running ??= { of: cards, changes: cards.since(this.#counted) };
      if (!this.#slice(this.#running.changes, over)) return false;
      this.#counted = this.#running.of;
      this.#running = null;
    }
    return true;
  }

  /** @param {Generator<import("../feed/cards.js").Change>} changes @param {() => boolean} over @returns {boolean} whether that was all */
  #slice(changes, over) {
    for (let seen = 1; ; seen += 1) {
      const { value, done } = changes.next();
      if (done) return true;
      this.#add(value.before, -1);
      this.#add(value.after, 1);
      if (seen % CHECK_EVERY === 0 && over()) return false;
    }
  }

  /** @param {Card | null} card @param {1 | -1} sign */
  #add(card, sign) {
    if (!card || (card.status !== "waiting" && card.status !== "in_process")) return;
    if (typeof card.lat !== "number" || typeof card.lon !== "number") return;
    const key = this.#hexes.at(card.lat, card.lon);
    const n = (this.counts.get(key) ?? 0) + sign;
    if (n === 0) this.counts.delete(key);
    else this.counts.set(key, n);
    this.touched.add(key);
  }
}

// How many make a tone: the tones are few and fixed, so that each is told from the next, and the lightest is rare. By rank, for a city
// has a few corners with very many; on round numbers, which keep still, and far enough apart that chance alone makes no picture.

/** Tokens, from nobody to most. */
export const TONES = ["land-0", "land-1", "land-2", "land-3", "land-flooded-2", "land-flooded-3", "text", "alarm"];
/** Of the cells with anybody so many are darker than each tone after the first. */
const RANKS = [0.25, 0.5, 0.7, 0.84, 0.93, 0.98];
const ROUND = [1, 1.5, 2, 3, 5, 7];

/** @param {number} least @returns {number} the round number at or above it: 1, 2, 3, 5, 7, 10, 15, 20 … */
function roundFrom(least) {
  for (let power = 1; ; power *= 10) for (const one of ROUND) if (one * power >= least && Number.isInteger(one * power)) return one * power;
}

/** @param {Iterable<number>} counts of the cells with anybody @returns {number[]} how many each tone begins with; the first has anybody */
export function densityScale(counts) {
  const sorted = [...counts].sort((a, b) => a - b);
  const scale = [1];
  for (const rank of RANKS) scale.push(roundFrom(Math.max((scale.at(-1) ?? 0) + 1, sorted[Math.floor(sorted.length * rank)] ?? 0)));
  return scale;
}

/** @param {number} n @param {readonly number[]} scale @returns {number} which of the tones */
export function densityTone(n, scale) {
  return scale.filter((least) => n >= least).length;
}

// The cells on the land of the map, beneath every mark. Where something lights up or rises the land itself is seen.

/** Units: between two cells, between two districts, about what lights up. */
const [GAP, SEAM, CUT] = [3, 9, 34];
/** Of lost data: from one line of the hatch to the next, and how wide each is; units. */
const HATCH = { every: 22, line: 9 };
/** A slice of counting, and the least between two drawings and two scales, ms: a frame has 16, and a new scale draws every cell. */
const [SLICE_MS, DRAW_EVERY_MS, SCALE_EVERY_MS] = [8, 1000, 10_000];

/** @typedef {{first: number, wide: number, radius: number}} Place px: where the first column begins, and a cell's width and reach */
/** @typedef {{palette: readonly string[], ground: string, now: () => number, later: (ms: number, act: () => void) => void, frame: (act: () => void) => void}} Edge palette: colours of the tones */
/** @typedef {{on: boolean, stale: boolean, cut: readonly string[]}} DensityLook cut: districts and areas that are left out */

export class DensityLayer {
  #base;
  #middle;
  #edge;
  #canvas = new RecoverableCanvas(() => this.#draw());
  /** @type {Hexes | null} */
  #hexes = null;
  /** @type {DensityCount | null} */
  #count = null;
  #cards = new Cards();
  /** @type {DensityLook} */
  #look = { on: false, stale: false, cut: [] };
  #unit = 1;
  #drawn = "";
  #drawnAt = -Infinity;
  #scaledAt = -Infinity;
  #due = false;
  #steps = densityScale([]);

  /** @param {import("./base_map.js").BaseMap} base with its Leaflet map @param {Point} middle of the city @param {Edge} edge */
  constructor(base, middle, edge) {
    this.#base = base;
    this.#middle = middle;
    this.#edge = edge;
    base.leaflet?.getContainer().prepend(this.#canvas.node);
    // In the next frame the outlines are drawn for the new place too, and a map moves more than once until it fits.
    base.leaflet?.on("moveend zoomend resize", () => this.#again((act) => edge.frame(act)));
  }

  /** @returns {{metres: number, steps: readonly number[]}} what a cell and each tone mean */
  get scale() {
    return { metres: this.#hexes?.metres ?? CELL_M, steps: this.#steps };
  }

  /** @param {Cards} cards @param {DensityLook} look @param {number} unit px of one unit */
  paint(cards, look, unit) {
    [this.#cards, this.#look, this.#unit] = [cards, look, unit];
    if (look.on) return this.#go();
    if (this.#drawn !== "") this.#pen()?.clearRect(0, 0, 1e5, 1e5);
    [this.#drawn, this.#count] = ["", null];
  }

  /** One slice of counting; what is whole is drawn, and of what stands already only the cells that changed, once a second. */
  #go() {
    if (!this.#look.on) return;
    this.#choose();
    const now = this.#edge.now();
    if (!this.#count?.follow(this.#cards, () => this.#edge.now() >= now + SLICE_MS)) return this.#again((act) => this.#edge.frame(act));
    if (this.#signature() !== this.#drawn || (now - this.#scaledAt >= SCALE_EVERY_MS && `${densityScale(this.#count.counts.values())}` !== `${this.#steps}`)) return this.#draw();
    if (this.#count.touched.size === 0) return;
    const early = DRAW_EVERY_MS - (now - this.#drawnAt);
    if (early > 0) return this.#again((act) => this.#edge.later(early, act));
    this.#drawTouched();
  }

  /** @param {(act: () => void) => void} when */
  #again(when) {
    if (this.#due) return;
    this.#due = true;
    when(() => {
      this.#due = false;
      this.#go();
    });
  }

  /** The cells that this size of map has. */
  #choose() {
    const { lat, lon } = this.#middle;
    const metres = cellFor(Math.abs(this.#px(lat + 0.1, lon).y - this.#px(lat, lon).y) / this.#unit / (0.1 * DEGREE));
    if (this.#count && metres === this.#hexes?.metres) return;
    this.#hexes = new Hexes(this.#middle, metres);
    this.#count = new DensityCount(this.#hexes);
  }

  /** @returns {string} what a drawing depends on beside the counts */
  #signature() {
    const { x, y } = this.#base.leaflet?.getSize() ?? { x: 0, y: 0 };
    const corner = this.#px(this.#middle.lat, this.#middle.lon);
    return `${x} ${y} ${corner.x} ${corner.y} ${this.#unit} ${JSON.stringify(this.#base.land?.boxes()[0])} ${this.#look.stale} ${[...this.#look.cut].sort()}`;
  }

  #pen() {
    const { x, y } = this.#base.leaflet?.getSize() ?? { x: 1, y: 1 };
    return this.#canvas.pen(x, y);
  }

  /** @param {number} lat @param {number} lon @returns {{x: number, y: number}} px from the map's corner, not rounded */
  #px(lat, lon) {
    const map = this.#base.leaflet;
    if (!map) return { x: 0, y: 0 };
    const [place, origin] = [map.project([lat, lon], map.getZoom()), map.project(map.containerPointToLatLng([0, 0]), map.getZoom())];
    return { x: place.x - origin.x, y: place.y - origin.y };
  }

  #draw() {
    const [pen, land, place] = [this.#pen(), this.#base.land, this.#place()];
    if (!pen || !land || !this.#count || !place || !this.#look.on) return;
    const { x: width, y: height } = this.#base.leaflet?.getSize() ?? { x: 0, y: 0 };
    this.#drawn = this.#signature();
    this.#drawnAt = this.#scaledAt = this.#edge.now();
    this.#steps = densityScale(this.#count.counts.values());
    this.#count.touched.clear();
    pen.globalCompositeOperation = "source-over";
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = this.#edge.ground;
    pen.fillRect(0, 0, width, height);
    for (const [tone, cells] of this.#shapes(place).entries()) {
      pen.fillStyle = this.#edge.palette[tone] ?? this.#edge.ground;
      pen.fill(cells);
    }
    if (this.#look.stale) this.#hatch(pen, width, height);
    // Where nothing is drawn the land's own seams are seen, and what lights up.
    const outline = land.outlineOf();
    pen.globalCompositeOperation = "destination-in";
    pen.fill(outline);
    pen.globalCompositeOperation = "destination-out";
    pen.lineJoin = "round";
    pen.lineWidth = SEAM * this.#unit;
    pen.stroke(outline);
    if (this.#look.cut.length === 0) return;
    const lit = land.outlineOf(this.#look.cut);
    pen.lineWidth = CUT * this.#unit;
    pen.fill(lit);
    pen.stroke(lit);
  }

  /** Over what stands already, so that neither seams nor what lights up are covered. */
  #drawTouched() {
    const [pen, place, count] = [this.#pen(), this.#place(), this.#count];
    if (!pen || !place || !count) return;
    this.#drawnAt = this.#edge.now();
    pen.globalCompositeOperation = "source-atop";
    for (const key of count.touched) {
      const { row, column } = cellOf(key);
      const { x, y } = this.#middleOf(row, column, place);
      const tone = densityTone(count.counts.get(key) ?? 0, this.#steps);
      for (const [colour, radius] of /** @type {const} */ ([[this.#edge.ground, place.radius + this.#unit], [this.#edge.palette[tone] ?? this.#edge.ground, place.radius]])) {
        const cell = new Path2D();
        hexagon(cell, x, y, radius);
        pen.fillStyle = colour;
        pen.fill(cell);
      }
    }
    count.touched.clear();
  }

  /** @returns {Place | null} */
  #place() {
    const hexes = this.#hexes;
    if (!hexes) return null;
    const [first, second] = [this.#px(hexes.lat(0), hexes.lon(0, 0)).x, this.#px(hexes.lat(0), hexes.lon(0, 1)).x];
    const wide = second - first;
    return { first, wide, radius: Math.max(wide / Math.sqrt(3) - (GAP * this.#unit) / 2, wide / 2) };
  }

  /** @param {number} row @param {number} column @param {Place} place @returns {{x: number, y: number}} px */
  #middleOf(row, column, { first, wide }) {
    return { x: first + (column + (row & 1) / 2) * wide, y: this.#px(this.#hexes?.lat(row) ?? 0, this.#middle.lon).y };
  }

  /** @param {Place} place @returns {Path2D[]} the cells of each tone */
  #shapes({ first, wide, radius }) {
    const [hexes, count] = [this.#hexes, this.#count];
    const shapes = TONES.map(() => new Path2D());
    if (!hexes || !count) return shapes;
    const { left, right, south, north } = this.#extent();
    const rowAt = (/** @type {number} */ lat) => Math.round(((lat - hexes.middle.lat) * hexes.perLat) / ROW);
    const [from, to] = [Math.floor((left - first) / wide) - 1, Math.ceil((right - first) / wide) + 1];
    for (let row = rowAt(south) - 1; row <= rowAt(north) + 1; row += 1) {
      const { y } = this.#middleOf(row, 0, { first, wide, radius });
      for (let column = from; column <= to; column += 1) {
        const tone = densityTone(count.counts.get(keyOf(row, column)) ?? 0, this.#steps);
        hexagon(shapes[tone], first + (column + (row & 1) / 2) * wide, y, radius);
      }
    }
    return shapes;
  }

  /** @returns {{left: number, right: number, south: number, north: number}} where the land is, px across and degrees up */
  #extent() {
    const [map, land] = [this.#base.leaflet, this.#base.land];
    const boxes = land?.boxes() ?? [];
    const [top, bottom] = [Math.min(...boxes.map(({ y }) => y)), Math.max(...boxes.map(({ y, h }) => y + h))].map((y) => map?.containerPointToLatLng([0, y * this.#unit]).lat ?? 0);
    const [left, right] = [Math.min(...boxes.map(({ x }) => x)), Math.max(...boxes.map(({ x, w }) => x + w))].map((x) => x * this.#unit);
    return { left: left ?? 0, right: right ?? 0, south: bottom ?? 0, north: top ?? 0 };
  }

  /** @param {CanvasRenderingContext2D} pen @param {number} width @param {number} height px */
  #hatch(pen, width, height) {
    pen.strokeStyle = this.#edge.ground;
    pen.lineWidth = HATCH.line * this.#unit;
    pen.beginPath();
    for (let at = -height; at < width; at += HATCH.every * this.#unit) {
      pen.moveTo(at, height);
      pen.lineTo(at + height, 0);
    }
    pen.stroke();
  }
}

/** @param {Path2D | undefined} path @param {number} x @param {number} y @param {number} radius px */
function hexagon(path, x, y, radius) {
  if (!path) return;
  const half = (radius * Math.sqrt(3)) / 2;
  path.moveTo(x, y - radius);
  path.lineTo(x + half, y - radius / 2);
  path.lineTo(x + half, y + radius / 2);
  path.lineTo(x, y + radius);
  path.lineTo(x - half, y + radius / 2);
  path.lineTo(x - half, y - radius / 2);
  path.closePath();
}

// The density in a scene: when it is one, and what its legend says.

/**
 * @param {HTMLElement} scene with the legend @param {import("./base_map.js").BaseMap} base
 * @param {{city: import("../ui/city.js").City, say: (key: "legend_cell" | "legend_sparse" | "legend_dense", values?: Record<string, string>) => string, format: import("../ui/format.js").Format, look?: string | null}} room
 * @param {Omit<Edge, "palette" | "ground"> & {unit: () => number}} edge
 * @returns {(picture: import("../ui/picture.js").Picture, look: {may: boolean, cut: readonly string[]}) => boolean} whether the land is a density: it may, and too many are open
 */
export function mountDensity(scene, base, { city, look, say, format }, { unit, ...clocks }) {
  if (!base.leaflet || !base.land || !city.bounds || city.districts.length === 0 || look === "districts") return () => false;
  const [[south, west], [north, east]] = city.bounds;
  const style = getComputedStyle(scene);
  const [ground = "", ...palette] = ["ground", ...TONES].map((token) => style.getPropertyValue(`--${token}`).trim());
  const [cell, sparse, half, most] = ["cell-word", "sparse", "half", "dense"].map((name) => find(scene, `.legend-${name}`));
  if (!cell || !sparse || !half || !most) return () => false;
  /** @type {DensityLayer | null} */
  let layer = null;
  let dense = false;
  return ({ state, whole, freshness }, { may, cut }) => {
    const { waiting, in_process: open } = state.tally.total;
    dense = whole && isDense(waiting + open, dense);
    if (dense) layer ??= new DensityLayer(base, { lat: (south + north) / 2, lon: (west + east) / 2 }, { palette, ground, ...clocks });
    layer?.paint(state.cards, { on: dense && may, stale: freshness === "lost", cut }, unit());
    if (!layer || !dense) return false;
    const { metres, steps } = layer.scale;
    const [middle = 0, many = 0] = [steps[Math.floor(steps.length / 2)], steps.at(-1)];
    write(cell, say("legend_cell", { m: format.number(metres) }));
    write(sparse, say("legend_sparse"));
    write(half, `${format.number(middle)}+`);
    write(most, say("legend_dense", { n: format.number(many) }));
    return may;
  };
}
