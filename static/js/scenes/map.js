/**
 * The map: where they are waiting. One cluster per district on its fixed anchor; the worst overdue stand alone.
 */
import { baseMap } from "../base_map.js";
import { byDistrict, NO_PLACE, OUTSIDE } from "../count.js";
import { createIncidentLayer, paletteOf } from "../layers/incident_layer.js";
import { find, show, write } from "../views/text.js";
import { mountClusters } from "./map_clusters.js";
import { mountLabels } from "./map_labels.js";
import { standAlone, toIncident, toMark } from "./map_marks.js";
import { plan } from "./placement.js";

/** @typedef {import("../picture.js").Picture} Picture */
/** @typedef {import("../picture.js").Room} Room */

/** Length of the ruler in the page, in units of the canvas: how many pixels a unit has. */
const RULER = 1000;

/** @param {Document} page @param {Room} room @returns {import("../picture.js").Paint} */
export function mountMap(page, room) {
  const scene = find(page, ".scene-map");
  const base = baseMap(scene.dataset.map ?? "", room.city.bounds);
  const layer = createIncidentLayer();
  if (base.leaflet) layer.addTo(base.leaflet);
  show(find(scene, ".map-failed"), base.leaflet === null);
  write(find(scene, ".map-failed"), room.say("map_failed"));
  write(find(scene, ".question-line"), room.say("map_question"));
  const field = mountField(scene, base);
  const clusters = mountClusters(find(scene, ".map-marks"), room);
  const labels = mountLabels(find(scene, ".map-marks"), room);
  const paintWords = mountWords(scene, room);
  const palette = paletteOf(scene);
  return (picture) => {
    const rows = byDistrict(picture.state.tally, room.city.districtOf);
    paintWords(picture, rows);
    const alone = base.leaflet ? standAlone(picture, room.city) : [];
    const laid = clusters.measure(rows, base);
    const marks = alone.map((entry) => toMark(entry, base, labels.measure(entry, picture)));
    const places = plan(laid, marks, field.area());
    const shown = places.marks.flatMap((place) => toIncident(place, alone));
    clusters.paint(rows, laid, places, alone.filter(({ card }) => !places.folded.includes(card.id)));
    labels.paint(places, alone, picture);
    layer.paint(shown, { palette, stale: picture.freshness === "lost" }, field.unit());
  };
}

/** @param {HTMLElement} scene @param {import("../base_map.js").BaseMap} base the field of the scene, kept right when the window changes */
function mountField(scene, base) {
  const frame = find(scene, ".map-field");
  const kept = [find(scene, ".question"), find(scene, ".map-foot")];
  let unit = 1;
  /** @param {Element} element @returns {import("./placement.js").Box} in units, from the scene's corner */
  const boxOf = (element) => {
    const [outer, inner] = [scene.getBoundingClientRect(), element.getBoundingClientRect()];
    return {
      x: (inner.x - outer.x) / unit, y: (inner.y - outer.y) / unit, w: inner.width / unit, h: inner.height / unit,
    };
  };
  const measure = () => {
    unit = find(scene, ".map-ruler").getBoundingClientRect().width / RULER || 1;
    base.fit(boxOf(frame), unit);
  };
  addEventListener("resize", measure);
  measure();
  return { unit: () => unit, area: () => ({ frame: boxOf(frame), kept: kept.map(boxOf) }) };
}

/** @param {HTMLElement} scene @param {Room} room the answer in one sentence, and what has no place on the map */
function mountWords(scene, { city, say, format }) {
  const answer = find(scene, ".answer");
  const placeless = find(scene, ".map-placeless");
  write(find(scene, ".map-attribution"), city.attribution);
  /** @param {Picture} picture @param {Map<string, import("../count.js").Row>} rows */
  return (picture, rows) => {
    write(answer, picture.whole ? answerWords(rows, { city, say, format }) : "");
    const open = [["no_place", NO_PLACE], ["outside", OUTSIDE]].flatMap(([word, key]) => {
      const row = rows.get(/** @type {string} */ (key));
      const n = row ? row.waiting + row.in_process : 0;
      return n > 0 ? [say(/** @type {"no_place"} */ (word), { n: format.number(n) })] : [];
    });
    write(placeless, open.join(", "));
  };
}

/** @param {Map<string, import("../count.js").Row>} rows @param {Room} room */
function answerWords(rows, { city, say, format }) {
  const waiting = [...rows].map(([code, row]) => ({ code, n: row.waiting }));
  const placed = waiting.filter(({ code }) => code !== NO_PLACE && code !== OUTSIDE);
  const all = waiting.reduce((total, { n }) => total + n, 0);
  const most = Math.max(0, ...placed.map(({ n }) => n));
  if (all === 0) return say("map_empty");
  if (most === 0) return say("map_answer_nowhere", { n: format.number(all) });
  const names = placed.filter(({ n }) => n === most).map(({ code }) => city.district(code)).sort();
  const [place = "", other = ""] = names;
  const n = format.number(most);
  if (names.length === 1) return say("map_answer", { place, n });
  return names.length === 2 ? say("map_answer_tie", { place, other, n }) : say("map_answer_many", { places: names.length, n });
}
