/**
 * The shapes of the wall, drawn once as paths: for SVG in the page and for the canvas on the map.
 * Unit size: z = 1 is the height of the triangle, the optical centre lies at 0,0.
 */

/** @typedef {import("../feed/messages.js").Status | "source"} Kind a silent source is no complaint and has its own shape */
/** @typedef {"none" | "plain" | "dashed" | "thin" | "strong"} Ring thin: someone has it; strong: someone must act; plain: ring without badge; dashed: over before anybody answered */

export const SHAPES = {
  waiting: "M0-.667 .57 .333H-.57Z",
  in_process: "M0-.58 .58 0 0 .58-.58 0Z",
  done: "M.53 0A.53.53 0 1 1-.53 0A.53.53 0 1 1 .53 0Z",
  elsewhere: "M-.4-.09H.4V.09H-.4Z",
  source: "M-.45-.45H.45V.45H-.45Z",
};
export const TICK = "M-.25 .02-.07 .2 .26-.17";
export const BANG = "M-.062-.23H.062L.042 .05H-.042ZM0 .1A.062.062 0 1 1 0 .224A.062.062 0 1 1 0 .1Z";
/** Widths as in symbols.css: 3 px at least where a mark is 56 units high on a wall of 1920 x 1080 (CR-57). */
export const RING = { radius: 0.98, strong: 0.15, thin: 0.11 };
export const BADGE = { x: 0.74, y: -0.74, radius: 0.36, gap: 0.09 };
/** Half the side of the box that holds a symbol with ring and badge, in z. */
const REACH = 1.25;

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} name @param {Record<string, string | number>} attributes */
function node(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/**
 * One symbol as SVG. Colours, ring and staleness come from its data attributes through the stylesheet.
 * @param {Kind} status
 */
export function symbol(status) {
  const box = `${-REACH} ${-REACH} ${2 * REACH} ${2 * REACH}`;
  const svg = node("svg", { class: "symbol", viewBox: box, "aria-hidden": "true" });
  svg.append(
    node("circle", { class: "hollow", r: RING.radius }),
    node("circle", { class: "ring", r: RING.radius }),
    node("path", { class: "shape", d: SHAPES[status] }),
    node("path", { class: "tick", d: TICK }),
    node("circle", { class: "badge-gap", cx: BADGE.x, cy: BADGE.y, r: BADGE.radius + BADGE.gap }),
    node("circle", { class: "badge", cx: BADGE.x, cy: BADGE.y, r: BADGE.radius }),
    node("path", { class: "bang", d: BANG, transform: `translate(${BADGE.x} ${BADGE.y})` }),
  );
  setSymbol(svg, { status, ring: "none" });
  return svg;
}

/** Two arrows against each other: from hand to hand. One line, in the colour of the words beside it. @returns {Element} */
export function toAndFro() {
  const svg = node("svg", { class: "to-and-fro", viewBox: "0 0 24 24", "aria-hidden": "true" });
  svg.append(node("path", { d: "M3 8.5H19M14.5 4 19 8.5 14.5 13M21 16.5H5M9.5 12 5 16.5 9.5 21" }));
  return svg;
}

/** @param {Element} element @param {string} name @param {string} value written only when it differs */
function put(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/**
 * @param {Element} svg made by symbol()
 * @param {{status?: Kind, ring?: Ring, zero?: boolean, flash?: boolean, quiet?: boolean}} looks quiet: its source is late or lost; what is left out stays as it is
 */
export function setSymbol(svg, { status, ring, zero, flash, quiet }) {
  if (status !== undefined) {
    put(svg, "data-status", status);
    put(/** @type {Element} */ (svg.querySelector(".shape")), "d", SHAPES[status]);
  }
  if (ring !== undefined) put(svg, "data-ring", ring);
  if (zero !== undefined) put(svg, "data-zero", String(zero));
  if (flash !== undefined) put(svg, "data-flash", String(flash));
  if (quiet !== undefined) put(svg, "data-quiet", String(quiet));
}
