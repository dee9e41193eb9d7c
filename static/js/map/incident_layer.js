/**
 * Leaflet layer of single incidents: one canvas above the base map that survives the loss of its picture.
 */
import { BADGE, BANG, RING, SHAPES, TICK } from "../ui/symbols.js";

/** @typedef {import("../feed/messages.js").Status} Status */

// A canvas over the map that comes back when the browser loses its picture (CR-106). After two losses, or 10 s without
// a return, another takes its place that is kept in memory and cannot be lost: slower, and always there.

const MOST_LOSSES = 2;
const PATIENCE_MS = 10_000;

export class RecoverableCanvas {
  node = document.createElement("canvas");
  #redraw;
  #losses = 0;
  /** @type {CanvasRenderingContext2DSettings} */
  #kind = {};

  /** @param {() => void} redraw everything that stood on it */
  constructor(redraw) {
    this.#redraw = redraw;
    this.#attend();
  }

  /** @param {number} width @param {number} height CSS px @returns {CanvasRenderingContext2D | null} for CSS px, the picture kept where the size is the same */
  pen(width, height) {
    const { node } = this;
    const [w, h] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
    if (node.width !== w) node.width = w;
    if (node.height !== h) node.height = h;
    const pen = node.getContext("2d", this.#kind);
    pen?.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    return pen;
  }

  #attend() {
    const { node } = this;
    node.className = "incident-canvas";
    node.addEventListener("contextlost", () => this.#lost(node));
    node.addEventListener("contextrestored", () => {
      node.dataset.lost = "false";
      this.#redraw();
    });
  }

  /** @param {HTMLCanvasElement} node */
  #lost(node) {
    this.#losses += 1;
    node.dataset.lost = "true";
    if (this.#losses >= MOST_LOSSES) return this.#replace(node);
    setTimeout(() => node.dataset.lost === "true" && this.#replace(node), PATIENCE_MS);
  }

  /** @param {HTMLCanvasElement} node given up */
  #replace(node) {
    if (node !== this.node || this.#kind.willReadFrequently) return;
    this.#kind = { willReadFrequently: true };
    this.node = document.createElement("canvas");
    this.#attend();
    this.node.dataset.kind = "memory";
    node.replaceWith(this.node);
    this.#redraw();
  }
}

// Draws single incidents on one canvas above folium's base map: shape, ring and badge at their place.
// It redraws only when its marks, the map or the palette change.

/**
 * @typedef {object} Incident
 * @property {string} id
 * @property {[number, number]} latlng
 * @property {[number, number]} shift from that place, in units of the 3840 canvas
 * @property {number} [rise] by which the land of that place stands higher now, same units
 * @property {number} size height of a triangle, same units
 * @property {Status} status
 * @property {import("../ui/symbols.js").Ring} ring
 * @property {[number, number]} at where it stands, units from the map's own corner
 * @property {boolean} [thread] whether a line ties it to its place
 * @property {boolean} [quiet] its source is late or lost: hatched, and nothing else is (CR-48)
 * @property {boolean} [hollow] not counted yet: its outline alone
 * @property {boolean} [flashing] drawn in the page, where it flashes; here only its thread
 */
/** @typedef {Record<"ground" | "line" | "alarm" | "stale" | "text" | "secondary" | Status, string>} Palette */
/** @typedef {{palette: Palette, stale: boolean}} Looks */

/** @param {Element} element @returns {Palette} from the tokens */
export function paletteOf(element) {
  const style = getComputedStyle(element);
  /** @param {string} name */
  const token = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ground: token("ground"), alarm: token("alarm"), stale: token("stale"), secondary: token("secondary"), text: token("text"), line: token("line"),
    waiting: token("waiting"), in_process: token("in-process"), done: token("done"), elsewhere: token("secondary"),
  };
}

/** @param {CanvasRenderingContext2D} pen @param {string} colour @param {number} x @param {number} y @param {number} radius */
function dot(pen, colour, x, y, radius) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}

/** @param {CanvasRenderingContext2D} pen at unit size @param {Incident} incident @param {Looks} looks */
function drawShape(pen, { status, size, hollow }, { palette, stale }) {
  const shape = new Path2D(SHAPES[status]);
  if (hollow) {
    pen.strokeStyle = palette[status];
    pen.lineWidth = 0.11;
    return pen.stroke(shape);
  }
  if (!stale) {
    pen.fillStyle = palette[status];
    pen.fill(shape);
  } else {
    pen.strokeStyle = palette.stale;
    pen.lineWidth = 0.09;
    pen.stroke(shape);
    if (size >= 44) drawHatch(pen, shape);
  }
  if (status !== "done") return;
  pen.strokeStyle = stale ? palette.stale : palette.ground;
  pen.lineWidth = 0.14;
  pen.stroke(new Path2D(TICK));
}

/** @param {CanvasRenderingContext2D} pen @param {Path2D} shape */
function drawHatch(pen, shape) {
  pen.save();
  pen.clip(shape);
  pen.lineWidth = 0.07;
  pen.beginPath();
  for (let at = -1.6; at < 1.6; at += 0.24) {
    pen.moveTo(at - 1, 1);
    pen.lineTo(at + 1, -1);
  }
  pen.stroke();
  pen.restore();
}

/** Of shapes and rings, units beyond their edge. */
const CASING = 14;
/** A ring is so wide at least, units: 3 px on a wall of 1920 x 1080 (CR-57). */
const LEAST_RING = 6;

/** @param {CanvasRenderingContext2D} pen at unit size @param {Incident} incident @param {Palette} palette */
function drawCasing(pen, { status, size, hollow }, { ground }) {
  pen.strokeStyle = ground;
  pen.lineJoin = "round";
  pen.lineWidth = (hollow ? 0.11 : 0) + (2 * (hollow ? CASING / 2 : CASING)) / size;
  pen.stroke(new Path2D(SHAPES[status]));
}

/** @param {CanvasRenderingContext2D} pen at unit size @param {Incident} incident @param {Looks} looks ring, gap and badge, each cased */
function drawRing(pen, incident, { palette, stale }) {
  const { ring, size } = incident;
  if (ring === "none") return drawCasing(pen, incident, palette);
  const line = stale ? palette.stale : ring === "thin" ? palette.text : palette.alarm;
  dot(pen, palette.ground, 0, 0, RING.radius + CASING / size);
  pen.strokeStyle = line;
  pen.lineWidth = Math.max(ring === "thin" ? RING.thin : RING.strong, LEAST_RING / size);
  pen.beginPath();
  pen.arc(0, 0, RING.radius, 0, 2 * Math.PI);
  pen.stroke();
  if (ring === "plain") return;
  dot(pen, palette.ground, BADGE.x, BADGE.y, BADGE.radius + BADGE.gap);
  dot(pen, line, BADGE.x, BADGE.y, BADGE.radius);
  pen.save();
  pen.translate(BADGE.x, BADGE.y);
  pen.fillStyle = palette.ground;
  pen.fill(new Path2D(BANG));
  pen.restore();
}

/** What stands on land brings its own dark casing; units. */
const THREAD = { casing: 29, line: 9, dot: 17 };

/** @param {CanvasRenderingContext2D} pen @param {Looks} looks @param {{from: [number, number], to: [number, number], unit: number}} ends from its place, px */
function drawThread(pen, { palette, stale }, { from, to, unit }) {
  for (const [colour, width] of /** @type {const} */ ([[palette.ground, THREAD.casing], [stale ? palette.stale : palette.alarm, THREAD.line]])) {
    pen.strokeStyle = colour;
    pen.lineWidth = width * unit;
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.stroke();
  }
  dot(pen, stale ? palette.stale : palette.ground, ...from, THREAD.dot * unit);
}

/**
 * @param {CanvasRenderingContext2D} pen @param {Incident} incident @param {Looks} looks
 * @param {{x: number, y: number, unit: number}} place of the incident itself, px; unit = px of one canvas unit
 */
export function drawIncident(pen, incident, looks, { x, y, unit }) {
  const [dx, dy] = incident.shift;
  pen.save();
  if (incident.thread) drawThread(pen, looks, { from: [x, y], to: [x + dx * unit, y + dy * unit], unit });
  if (!incident.flashing) {
    pen.translate(x + dx * unit, y + dy * unit);
    pen.scale(incident.size * unit, incident.size * unit);
    const own = { ...looks, stale: looks.stale || incident.quiet === true };
    drawRing(pen, incident, looks);
    drawShape(pen, incident, own);
  }
  pen.restore();
}

/**
 * @typedef {object} IncidentLayer
 * @property {(map: import("leaflet").Map) => void} addTo
 * @property {(incidents: readonly Incident[], looks: Looks, unit: number) => void} paint
 */

/** @returns {IncidentLayer} */
export function createIncidentLayer() {
  /** @type {import("leaflet").Map | null} */
  let map = null;
  /** @type {() => void} */
  let redraw = () => {};
  const canvas = new RecoverableCanvas(() => redraw());
  return {
    addTo(target) {
      map = target;
      map.getContainer().append(canvas.node);
      map.on("move zoom resize", () => redraw());
    },
    paint(incidents, looks, unit) {
      redraw = () => map && drawAll(canvas, map, incidents, looks, unit);
      redraw();
    },
  };
}

/**
 * @param {RecoverableCanvas} canvas @param {import("leaflet").Map} map
 * @param {readonly Incident[]} incidents @param {Looks} looks @param {number} unit
 */
function drawAll(canvas, map, incidents, looks, unit) {
  const { x: width, y: height } = map.getSize();
  const pen = canvas.pen(width, height);
  if (!pen) return;
  pen.clearRect(0, 0, width, height);
  for (const incident of incidents) {
    const { x, y } = map.latLngToContainerPoint(incident.latlng);
    drawIncident(pen, incident, looks, { x, y: y - (incident.rise ?? 0) * unit, unit });
  }
}
