/**
 * The other look of the map: every incident at its place, clusters where they would collide; asked for with ?look=incidents.
 */
import { IncidentField } from "../map/clusters.js";
import { createIncidentLayer, paletteOf } from "../map/incident_layer.js";
import { find } from "../ui/dom.js";
import { FlashMarks } from "./map_flash.js";
import { standAlone, toIncident, toMark } from "./map_marks.js";
import { plan } from "./placement.js";

/** @typedef {import("../ui/picture.js").Picture} Picture */
/** @typedef {{area: () => {frame: import("./placement.js").Box, kept: import("./placement.js").Box[]}, unit: () => number, stand: (boxes: readonly import("./placement.js").Box[]) => void}} Field */

/**
 * @param {HTMLElement} scene @param {import("../map/base_map.js").BaseMap} base @param {Field} field
 * @param {import("../ui/picture.js").Room} room @returns {(picture: Picture) => void}
 */
export function mountIncidents(scene, base, field, { city, format }) {
  const [every, above] = [new IncidentField(), createIncidentLayer()];
  if (base.leaflet) {
    every.addTo(base.leaflet);
    above.addTo(base.leaflet);
  }
  const flashing = new FlashMarks(find(scene, ".map-marks"));
  const palette = paletteOf(scene);
  return (picture) => {
    const looks = { palette, stale: picture.freshness === "lost" };
    every.paint(picture.state.cards, { looks, unit: field.unit(), number: format.number }, picture.unacked);
    const urgent = standAlone(picture, city).filter(({ card }) => picture.unacked.has(card.id));
    const { marks, standing } = plan([], urgent.map((entry) => toMark(entry, base, [])), field.area());
    field.stand(standing);
    above.paint(flashing.paint(marks.flatMap((place) => toIncident(place, urgent)), picture), looks, field.unit());
  };
}
