/**
 * Layout of this screen: size of text from the distance it is read at, tile of a larger wall, orbit, light, and widths of words.
 */
import { mark } from "../ui/dom.js";
import { flashRoom } from "./flash.js";

// Widths of words in the wall's own font, in units of the canvas; asked once per word.

const FONT = '"IBM Plex Sans Variable"';
const WEIGHTS = [400, 600];
const MOST_WORDS = 2000;

/** @returns {Promise<unknown>} when the font is there to be measured; a wall does not wait for it for ever */
export function fontReady() {
  const loads = Promise.all(WEIGHTS.map((weight) => document.fonts.load(`${weight} 48px ${FONT}`)));
  return Promise.race([loads.catch(() => undefined), new Promise((go) => setTimeout(go, 3000))]);
}

/**
 * @param {number} [type] by what this wall's steps are larger than the sheet's
 * @returns {(words: string, size: number, weight: number) => number} size = a step of the type scale, units
 */
export function createMeasure(type = 1) {
  const pen = document.createElement("canvas").getContext("2d");
  /** @type {Map<string, number>} */
  const known = new Map();
  return (words, size, weight) => {
    const key = `${weight} ${size} ${words}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    if (pen) pen.font = `${weight} ${size * type}px ${FONT}`;
    const width = pen ? pen.measureText(words).width : words.length * size * type * 0.6;
    if (known.size >= MOST_WORDS) known.clear();
    known.set(key, width);
    return width;
  };
}

// The screen of this wall: from how far it is read, which part of the whole wall it is, how it moves and dims.
// Given in the address: view_mm, near_mm, pitch_mm, tile=COLUMN,ROW/COLUMNSxROWS (from 1),
// panels=COLUMNSxROWS of a page that spans them, bezel_px or bezel_mm between two panels, night=FACTOR, night_hours=18-6.

/** @typedef {"landscape" | "portrait" | "wide"} Shape */
/** @typedef {{column: number, row: number, columns: number, rows: number}} Tile column and row from 0 */
/**
 * @typedef {object} Screen
 * @property {number | null} viewMm the farthest normal seat
 * @property {number | null} nearMm the nearest one
 * @property {number | null} pitchMm of a pixel
 * @property {Tile} tile
 * @property {number} panels columns of panels that the whole wall has; 1: it is seamless
 * @property {number} bezelPx pixels hidden between two panels of one page each
 * @property {number} night factor of the light at night
 * @property {[number, number]} nightHours from, to; in the city's time
 */

/** Minutes of arc of a capital that must be read, and the tangent's short form (control room, appendix). */
const READ = 16;
const ARC = 3437.75;
const LEAST_CAP_PX = 16;
/** The smallest step of the sheet, units; and the most by which steps grow before the layout gives out. */
const CAPTION = 48;
const MOST_TYPE = 1.34;
const ORBIT = { every: 180_000, reach: 4 };
const LEAST_LIGHT = 0.8;
const MOST_BEZEL_PX = 200;
const WHOLE = Object.freeze({ column: 0, row: 0, columns: 1, rows: 1 });

/** @param {HTMLElement} page @param {string} search of the address @returns {URLSearchParams} what is set for this screen stands above what was typed there */
export function askedOf(page, search) {
  const asked = new URLSearchParams(search);
  for (const [name, value] of new URLSearchParams(page.dataset.settings ?? "")) asked.set(name, value);
  return asked;
}

/** @param {URLSearchParams} asked @param {string} name @returns {number | null} a positive number */
function positive(asked, name) {
  const value = Number(asked.get(name) ?? "");
  return value > 0 && Number.isFinite(value) ? value : null;
}

/** @param {string | null} text as in 2,1/3x2 @returns {Tile} the whole wall when it makes no sense */
export function readTile(text) {
  const found = /^(\d+),(\d+)\/(\d+)x(\d+)$/.exec(text ?? "");
  const [column, row, columns, rows] = (found ?? []).slice(1).map(Number);
  if (!column || !row || !columns || !rows || column > columns || row > rows) return WHOLE;
  return { column: column - 1, row: row - 1, columns, rows };
}

/** @param {URLSearchParams} asked @returns {Screen} */
export function readScreen(asked) {
  const pitchMm = positive(asked, "pitch_mm");
  const tile = readTile(asked.get("tile"));
  const bezelMm = positive(asked, "bezel_mm") ?? 0;
  const hours = /^(\d{1,2})-(\d{1,2})$/.exec(asked.get("night_hours") ?? "");
  return {
    viewMm: positive(asked, "view_mm"), nearMm: positive(asked, "near_mm"), pitchMm, tile,
    panels: Math.max(tile.columns, readTile(`1,1/${asked.get("panels") ?? ""}`).columns),
    bezelPx: Math.min(MOST_BEZEL_PX, positive(asked, "bezel_px") ?? (pitchMm === null ? 0 : bezelMm / pitchMm)),
    night: Math.min(1, Math.max(LEAST_LIGHT, positive(asked, "night") ?? 1)),
    nightHours: hours ? [Number(hours[1]), Number(hours[2])] : [18, 6],
  };
}

/** @param {number} width @param {number} height of the whole wall, any unit @returns {Shape} */
export function shapeOf(width, height) {
  if (width <= height) return "portrait";
  return width / height >= 2.3 ? "wide" : "landscape";
}

/**
 * @param {Screen} screen @param {{cap: number, unit: number}} page cap = height of a capital in em, unit = px of one unit
 * @returns {{type: number, enough: boolean}} by what every step grows so that the smallest is read; enough: it is
 */
export function typeOf({ viewMm, pitchMm }, { cap, unit }) {
  const read = viewMm === null || pitchMm === null ? 0 : (viewMm * READ) / (ARC * pitchMm);
  const capPx = Math.max(LEAST_CAP_PX, read);
  const wanted = capPx / cap / (CAPTION * unit);
  return { type: Math.min(MOST_TYPE, Math.max(1, wanted)), enough: wanted <= MOST_TYPE };
}

/** By how much larger the coarse layout is than the sheet: a canvas of 2560x1440 units instead of 3840x2160, upright 1440x2560, ultra-wide 3840x1440. */
const COARSE = 1.5;

/**
 * @param {Screen} screen @param {{cap: number, unit: number}} page of the sheet's layout @param {Shape} shape
 * @returns {{type: number, enough: boolean, density: "fine" | "coarse"}} coarse, with fewer rows and larger, where growing alone would not be read
 */
export function densityOf(screen, { cap, unit }, shape) {
  const fine = typeOf(screen, { cap, unit });
  // Two columns of panels are the two blocks of the coarse layout: no word crosses the bezel between them (CR-68).
  const halves = shape === "landscape" && screen.panels === 2;
  if (fine.enough && !halves) return { ...fine, density: "fine" };
  return { ...typeOf(screen, { cap, unit: unit * COARSE }), density: "coarse" };
}

/** @param {number} n @param {number} reach @returns {number} back and forth between -reach and reach, one a step */
function sway(n, reach) {
  const period = 4 * reach;
  const at = ((n % period) + period) % period;
  return at <= 2 * reach ? at - reach : 3 * reach - at;
}

/** @param {number} serverNow ms @returns {{x: number, y: number}} px, the same on every screen: line by line over the field */
export function orbitAt(serverNow) {
  const step = Math.floor(serverNow / ORBIT.every);
  return { x: sway(step, ORBIT.reach), y: sway(Math.floor(step / (2 * ORBIT.reach)), ORBIT.reach) };
}

/** @param {Screen} screen @param {number | null} hour of the city's day @returns {number} factor of the light, 0.80 to 1 */
export function lightAt({ night, nightHours: [from, to] }, hour) {
  if (hour === null) return 1;
  const dark = from <= to ? hour >= from && hour < to : hour >= from || hour < to;
  return dark ? night : 1;
}

// Puts the screen's measures on the page: shape, tile, size of text, orbit and light. Numbers only; the stylesheets do the rest.

const CANVAS = { landscape: [3840, 2160], portrait: [2160, 3840], wide: [5760, 2160] };

/** @returns {number} height of a capital of the loaded font, em (CR-64) */
export function measuredCap() {
  const pen = document.createElement("canvas").getContext("2d");
  if (!pen) return 0.698;
  pen.font = `600 200px ${FONT}`;
  return pen.measureText("H").actualBoundingBoxAscent / 200 || 0.698;
}

/** @param {HTMLElement} page @param {string} name @param {string | number} value written only when it differs */
function set(page, name, value) {
  if (page.style.getPropertyValue(name) !== String(value)) page.style.setProperty(name, String(value));
}

/**
 * A page within another page is a picture of a wall, not one that is read: it keeps the sheet's sizes.
 * @param {HTMLElement} page @param {Screen} screen
 * @returns {{type: number, shape: Shape, flash: {band: boolean, scene: number}}} flash: what may; kept right when the window changes; type stays for the page's life
 */
export function frameScreen(page, screen) {
  const { tile, bezelPx } = screen;
  for (const [name, value] of Object.entries({ columns: tile.columns, rows: tile.rows, column: tile.column, row: tile.row })) {
    set(page, `--tile-${name}`, value);
  }
  set(page, "--bezel", `${bezelPx}px`);
  mark(page, "data-panels", String(screen.panels));
  const width = () => innerWidth * tile.columns + bezelPx * (tile.columns - 1);
  const height = () => innerHeight * tile.rows + bezelPx * (tile.rows - 1);
  const shapeNow = () => mark(page, "data-shape", shapeOf(width(), height()));
  shapeNow();
  addEventListener("resize", shapeNow);
  const shape = shapeOf(width(), height());
  const [across, down] = CANVAS[shape];
  const unit = Math.min(width() / (across ?? 1), height() / (down ?? 1));
  const embedded = parent !== window && screen.viewMm === null;
  const { type, enough, density } = densityOf(screen, { cap: measuredCap(), unit: embedded ? 1 : unit }, shape);
  set(page, "--type", type.toFixed(4));
  mark(page, "data-type", type > 1.02 ? "large" : "sheet");
  mark(page, "data-density", density);
  mark(page, "data-readable", String(enough));
  return { type, shape, flash: flashRoom(screen, density === "coarse" ? unit * COARSE : unit) };
}

/** @param {HTMLElement} page @param {Screen} screen @param {number | null} serverNow ms @param {number | null} hour */
export function moveFrame(page, screen, serverNow, hour) {
  const { x, y } = serverNow === null ? { x: 0, y: 0 } : orbitAt(serverNow);
  set(page, "--orbit-x", `${x}px`);
  set(page, "--orbit-y", `${y}px`);
  set(page, "--shade", (1 - lightAt(screen, hour)).toFixed(2));
}
