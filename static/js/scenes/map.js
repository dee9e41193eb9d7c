/**
 * The map: where they are waiting. One cluster per district on its fixed anchor; the worst overdue stand alone.
 */
import { baseMap } from "../base_map.js";
import { byDistrict, NO_PLACE, OUTSIDE } from "../count.js";
import { createIncidentLayer, paletteOf } from "../layers/incident_layer.js";
import { find, show, write } from "../views/text.js";
import { surgesOf } from "../alarms.js";
import { liftedDistricts } from "../flood.js";
import { Clusters } from "./map_clusters.js";
import { FlashMarks } from "./map_flash.js";
import { mountFresh } from "./map_fresh.js";
import { mountIncidents } from "./map_incidents.js";
import { Labels } from "./map_labels.js";
import { lookOf } from "./map_look.js";
import { perDistrict, standAlone, toIncident, toMark } from "./map_marks.js";
import { plan } from "./placement.js";

/** @typedef {import("../picture.js").Picture} Picture */
/** @typedef {import("../picture.js").Room} Room */

/** Length of the ruler in the page, in units of the canvas: how many pixels a unit has. */
const RULER = 1000;

/** @param {Document} page @param {Room} room @returns {{paint: import("../picture.js").Paint, fresh: (cards: readonly import("../wire.js").Card[]) => void}} */
export function mountMap(page, room) {
  const scene = find(page, ".scene-map");
  const base = baseMap(scene.dataset.map ?? "", room.city.bounds);
  show(find(scene, ".map-failed"), base.leaflet === null);
  write(find(scene, ".map-failed"), room.say("map_failed"));
  write(find(scene, ".question-line"), room.say("map_question"));
  const paintWords = mountWords(scene, room);
  const field = mountField(scene, base);
  const seen = { districts: room.city.districts.length, field: field.area().frame, type: room.type ?? 1 };
  const fresh = mountFresh(scene, base, field.unit);
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

/** @param {HTMLElement} scene @param {import("../base_map.js").BaseMap} base @param {ReturnType<typeof mountField>} field @param {Room} room clusters, marks and their names, laid out together */
function mountMarks(scene, base, field, room) {
  const { city } = room;
  const layer = createIncidentLayer();
  if (base.leaflet) layer.addTo(base.leaflet);
  const clusters = new Clusters(find(scene, ".map-marks"), room);
  const labels = new Labels(find(scene, ".map-marks"), room);
  const flashing = new FlashMarks(find(scene, ".map-marks"));
  const palette = paletteOf(scene);
  /** @param {Picture} picture @param {Map<string, import("../count.js").Row>} rows */
  return (picture, rows) => {
    const alone = base.leaflet ? standAlone(picture, city) : [];
    const laid = clusters.measure(rows, base, perDistrict(alone, city));
    const places = plan(laid, alone.map((entry) => toMark(entry, base, labels.measure(entry, picture))), field.area());
    const apart = alone.filter(({ card }) => !places.folded.includes(card.id));
    clusters.paint(rows, laid, places.splits, perDistrict(apart, city));
    labels.paint(places, alone, picture);
    const lifted = liftedDistricts(picture.state, city, picture.flood);
    base.lift((code) => lifted.has(city.districtOf(code) ?? ""));
    const incidents = flashing.paint(places.marks.flatMap((place) => toIncident(place, alone)), picture);
    layer.paint(incidents, { palette, stale: picture.freshness === "lost" }, field.unit());
  };
}

/** @param {HTMLElement} scene @param {import("../base_map.js").BaseMap} base the field of the scene, kept right when the window changes */
function mountField(scene, base) {
  const frame = find(scene, ".map-field");
  const kept = [find(scene, ".question"), find(scene, ".map-foot")];
  let unit = 1;
  /** @type {{frame: import("./placement.js").Box, kept: import("./placement.js").Box[]}} */
  let area = { frame: { x: 0, y: 0, w: 1, h: 1 }, kept: [] };
  /** @param {Element} element @returns {import("./placement.js").Box} in units, from the scene's corner */
  const boxOf = (element) => {
    const [outer, inner] = [scene.getBoundingClientRect(), element.getBoundingClientRect()];
    return {
      x: (inner.x - outer.x) / unit, y: (inner.y - outer.y) / unit, w: inner.width / unit, h: inner.height / unit,
    };
  };
  const measure = () => {
    unit = find(scene, ".map-ruler").getBoundingClientRect().width / RULER || 1;
    area = { frame: boxOf(frame), kept: kept.map(boxOf) };
    base.fit(area.frame, unit);
  };
  addEventListener("resize", measure);
  measure();
  return { unit: () => unit, area: () => area };
}

/** @param {HTMLElement} scene @param {Room} room the answer in one sentence, and what has no place on the map */
function mountWords(scene, room) {
  const { city, say, format } = room;
  const answer = find(scene, ".answer");
  const placeless = find(scene, ".map-placeless");
  write(find(scene, ".map-attribution"), city.attribution);
  /** @param {Picture} picture @param {Map<string, import("../count.js").Row>} rows */
  return (picture, rows) => {
    write(answer, picture.whole ? (surgeWords(picture, room) ?? answerWords(rows, room)) : "");
    const open = [["no_place", NO_PLACE], ["outside", OUTSIDE]].flatMap(([word, key]) => {
      const row = rows.get(/** @type {string} */ (key));
      const n = row ? row.waiting + row.in_process : 0;
      return n > 0 ? [say(/** @type {"no_place"} */ (word), { n: format.number(n) })] : [];
    });
    write(placeless, open.join(", "));
  };
}

/** @param {Picture} picture @param {Room} room @returns {string | null} the newest surge of complaints; null: none */
function surgeWords({ state }, { city, say, format }) {
  const surge = surgesOf(state).at(-1);
  if (!surge) return null;
  const names = [...new Set((surge.areas ?? []).map((area) => city.district(city.districtOf(area) ?? area)))].sort();
  const words = { what: city.category(surge.category) ?? say("unknown_category"), n: format.number(surge.n ?? 0) };
  if (names.length > 2) return say("surge_many", { ...words, places: format.number(names.length) });
  return say(names.length === 2 ? "surge_two" : "surge_one", { ...words, place: names[0] ?? "", other: names[1] ?? "" });
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
