/**
 * Names of districts and kelurahan on a map that somebody moves, and how close it is worth going.
 */
import { element, mark } from "../ui/dom.js";
import { archiveOf } from "./base_map.js";

/** From so close on kelurahan are named, and not their districts. */
const NAMED = 13;
/** How close: outlines alone show nothing more than this, and streets end with their tiles. */
const CLOSEST = { outlines: 16, tiles: 19 };

/** @param {import("leaflet").Map} leaflet @param {HTMLElement} box its element @returns {number} the closest zoom: nearer there is nothing to see */
export function closestOf(leaflet, box) {
  let streets = archiveOf(box) !== null;
  leaflet.eachLayer((layer) => (streets ||= /** @type {any} */ (layer)._url !== undefined));
  return streets ? CLOSEST.tiles : CLOSEST.outlines;
}

// Names on the map: districts from afar, kelurahan near by; each as near to its place as no mark and no other name stands.
// What was free stays where it is, so that no name hops when a mark comes elsewhere.

/** Where a name may stand, in px from its place, the best first. @type {readonly (readonly [number, number])[]} */
const SPOTS = [[0, 0], [0, -24], [0, 24], [0, -46], [0, 46], [-60, 0], [60, 0], [-60, -30], [60, -30], [-60, 30], [60, 30]];
/** Half of a name: so wide a letter, so high a line. */
const LETTER = 4.6;
const LINE = 10;

/** @typedef {import("../wall/scenes/map_placement.js").Box} Box */

/** @param {Box} a @param {Box} b */
function meet(a, b) {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/** @param {import("leaflet").Map} leaflet @param {import("../ui/city.js").City} city @param {() => readonly Box[]} marks where something stands @returns {() => void} */
export function mountNames(leaflet, city, marks) {
  const layer = element("div", "map-names");
  mark(layer, "aria-hidden", "true");
  leaflet.getContainer().append(layer);
  /** @type {Map<string, {node: HTMLElement, spot: readonly [number, number]}>} */
  const known = new Map();
  const paint = () => {
    const { x: width, y: height } = leaflet.getSize();
    const taken = [...marks()];
    const shown = (leaflet.getZoom() >= NAMED ? city.areas : city.districts).flatMap(({ code, name, lat, lon }) => {
      const { x, y } = leaflet.latLngToContainerPoint([lat, lon]);
      const half = name.length * LETTER + 4;
      const boxAt = (/** @type {readonly [number, number]} */ [right, down]) => ({ x: x + right - half, y: y + down - LINE, w: 2 * half, h: 2 * LINE });
      const one = known.get(code) ?? { node: element("span", "map-name", name), spot: /** @type {readonly [number, number]} */ ([0, 0]) };
      const spot = [one.spot, ...SPOTS].find((tried) => {
        const box = boxAt(tried);
        return box.x >= 0 && box.y >= 0 && box.x + box.w <= width && box.y + box.h <= height && !taken.some((other) => meet(box, other));
      });
      if (!spot) return [];
      taken.push(boxAt(spot));
      known.set(code, { ...one, spot });
      const place = `translate(-50%, -50%) translate(${(x + spot[0]).toFixed(1)}px, ${(y + spot[1]).toFixed(1)}px)`;
      if (one.node.style.transform !== place) one.node.style.transform = place;
      mark(one.node, "data-area", code);
      return [one.node];
    });
    if (shown.length !== layer.childElementCount || shown.some((node, n) => layer.children[n] !== node)) layer.replaceChildren(...shown);
  };
  leaflet.on("move zoom resize", paint);
  return paint;
}
