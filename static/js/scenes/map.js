/**
 * The map: where they are waiting. One cluster per district on its fixed anchor; the worst overdue stand alone.
 */
import { baseMap } from "../map/base_map.js";
import { byDistrict } from "../feed/cards.js";
import { createIncidentLayer, paletteOf } from "../map/incident_layer.js";
import { find, show, write } from "../ui/dom.js";
import { liftedDistricts } from "../ui/alarms.js";
import { Clusters } from "./map_clusters.js";
import { MapField } from "./map_field.js";
import { FlashMarks } from "./map_flash.js";
import { mountFresh } from "./map_fresh.js";
import { mountIncidents } from "./map_incidents.js";
import { Labels } from "./map_labels.js";
import { lookOf } from "./map_look.js";
import { mountWords } from "./map_words.js";
import { perDistrict, standAlone, toIncident, toMark } from "./map_marks.js";
import { plan } from "./placement.js";

/** @typedef {import("../ui/picture.js").Picture} Picture */
/** @typedef {import("../ui/picture.js").Room} Room */

/** @param {Document} page @param {Room} room @returns {{paint: import("../ui/picture.js").Paint, fresh: ReturnType<typeof mountFresh>}} */
export function mountMap(page, room) {
  const scene = find(page, ".scene-map");
  const base = baseMap(scene.dataset.map ?? "", room.city.bounds);
  show(find(scene, ".map-failed"), base.leaflet === null);
  write(find(scene, ".map-failed"), room.say("map_failed"));
  write(find(scene, ".question-line"), room.say("map_question"));
  write(find(scene, ".map-attribution"), room.city.attribution);
  const field = new MapField(scene, base);
  const paintWords = mountWords(scene, room, () => field.beside());
  const seen = { districts: room.city.districts.length, field: field.area().frame, type: room.type ?? 1 };
  const fresh = mountFresh(scene, base, field);
  const mount = lookOf(room.look, seen) === "incidents" ? mountIncidents : mountMarks;
  const paintMarks = mount(scene, base, field, room);
  /** @param {Picture} picture */
  const paint = (picture) => {
    const rows = byDistrict(picture.state.tally, room.city.districtOf);
    paintWords(picture, rows);
    paintMarks(picture, rows);
  };
  return { paint, fresh };
}

/** @param {HTMLElement} scene @param {import("../map/base_map.js").BaseMap} base @param {MapField} field @param {Room} room clusters, marks and their names, laid out together */
function mountMarks(scene, base, field, room) {
  const { city } = room;
  const layer = createIncidentLayer();
  if (base.leaflet) layer.addTo(base.leaflet);
  const clusters = new Clusters(find(scene, ".map-marks"), room);
  const labels = new Labels(find(scene, ".map-marks"), room);
  const flashing = new FlashMarks(find(scene, ".map-marks"));
  const palette = paletteOf(scene);
  /** @param {Picture} picture @param {Map<string, import("../feed/cards.js").Row>} rows */
  return (picture, rows) => {
    const alone = base.leaflet ? standAlone(picture, city) : [];
    const laid = clusters.measure(rows, base, perDistrict(alone, city));
    const places = plan(laid, alone.map((entry) => toMark(entry, base, labels.measure(entry, picture))), field.area());
    const apart = alone.filter(({ card }) => !places.folded.includes(card.id));
    clusters.paint(rows, laid, places, perDistrict(apart, city));
    labels.paint(places, alone, picture);
    field.stand(places.standing);
    const lifted = liftedDistricts(picture.state, city, picture.flood);
    base.lift((code) => lifted.has(city.districtOf(code) ?? ""));
    const incidents = flashing.paint(places.marks.flatMap((place) => toIncident(place, alone)), picture);
    layer.paint(incidents, { palette, stale: picture.freshness === "lost" }, field.unit());
  };
}
