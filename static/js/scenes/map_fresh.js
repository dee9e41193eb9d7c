/**
 * Marks of what the figures do not count yet: the outline of its shape at its place, until the next picture (CR-76, CR-87).
 */
import { createIncidentLayer, paletteOf } from "../layers/incident_layer.js";

/** @typedef {import("../wire.js").Card} Card */

const SIZE = 40;

/**
 * Beneath what is counted: a figure is never covered by what it lacks.
 * @param {HTMLElement} scene @param {import("../base_map.js").BaseMap} base @param {() => number} unit px
 * @returns {(cards: readonly Card[]) => void} draws these and no others
 */
export function mountFresh(scene, base, unit) {
  const layer = createIncidentLayer();
  if (base.leaflet) layer.addTo(base.leaflet);
  const looks = { palette: paletteOf(scene), stale: false };
  let stand = false;
  return (cards) => {
    if (!stand && cards.length === 0) return;
    stand = cards.length > 0;
    layer.paint(cards.map(toFresh), looks, unit());
  };
}

/** @param {Card} card placed @returns {import("../layers/incident_layer.js").Incident} */
function toFresh({ id, lat, lon, status }) {
  return { id, latlng: [Number(lat), Number(lon)], shift: [0, 0], size: SIZE, status, ring: "none", at: [0, 0], tail: null, hollow: true };
}
