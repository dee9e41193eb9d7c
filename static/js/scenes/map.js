/**
 * The map: where they are waiting. One cluster per district on its fixed anchor; the worst overdue stand alone.
 */
import { baseMap } from "../base_map.js";
import { byDistrict } from "../count.js";
import { createIncidentLayer, paletteOf } from "../layers/incident_layer.js";
import { find, mark, show, write } from "../views/text.js";
import { liftedDistricts } from "../flood.js";
import { Clusters } from "./map_clusters.js";
import { FlashMarks } from "./map_flash.js";
import { mountFresh } from "./map_fresh.js";
import { mountIncidents } from "./map_incidents.js";
import { Labels } from "./map_labels.js";
import { lookOf } from "./map_look.js";
import { mountWords } from "./map_words.js";
import { perDistrict, standAlone, toIncident, toMark } from "./map_marks.js";
import { plan } from "./placement.js";

/** @typedef {import("../picture.js").Picture} Picture */
/** @typedef {import("../picture.js").Room} Room */
/** @typedef {import("./placement.js").Box} Box */

/** Length of the ruler in the page, in units of the canvas: how many pixels a unit has. */
const RULER = 1000;

/** @param {Document} page @param {Room} room @returns {{paint: import("../picture.js").Paint, fresh: ReturnType<typeof mountFresh>}} */
export function mountMap(page, room) {
  const scene = find(page, ".scene-map");
  const base = baseMap(scene.dataset.map ?? "", room.city.bounds);
  show(find(scene, ".map-failed"), base.leaflet === null);
  write(find(scene, ".map-failed"), room.say("map_failed"));
  write(find(scene, ".question-line"), room.say("map_question"));
  write(find(scene, ".map-attribution"), room.city.attribution);
  const field = mountField(scene, base);
  const paintWords = mountWords(scene, room, field.beside);
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
    clusters.paint(rows, laid, places, perDistrict(apart, city));
    labels.paint(places, alone, picture);
    field.stand(places.standing);
    const lifted = liftedDistricts(picture.state, city, picture.flood);
    base.lift((code) => lifted.has(city.districtOf(code) ?? ""));
    const incidents = flashing.paint(places.marks.flatMap((place) => toIncident(place, alone)), picture);
    layer.paint(incidents, { palette, stale: picture.freshness === "lost" }, field.unit());
  };
}

/** @param {HTMLElement} scene @param {import("../base_map.js").BaseMap} base the field of the scene, kept right when the window changes */
function mountField(scene, base) {
  const frame = find(scene, ".map-field");
  const [question, foot] = [find(scene, ".question"), find(scene, ".map-foot")];
  const answer = find(scene, ".answer");
  let [unit, beside] = [1, Infinity];
  /** @type {{frame: Box, kept: Box[]}} */
  let area = { frame: { x: 0, y: 0, w: 1, h: 1 }, kept: [] };
  /** @param {Element} element @returns {Box} in units, from the scene's corner */
  const boxOf = (element) => {
    const [outer, inner] = [scene.getBoundingClientRect(), element.getBoundingClientRect()];
    return {
      x: (inner.x - outer.x) / unit, y: (inner.y - outer.y) / unit, w: inner.width / unit, h: inner.height / unit,
    };
  };
  const measure = () => {
    unit = find(scene, ".map-ruler").getBoundingClientRect().width / RULER || 1;
    const whole = boxOf(frame);
    mark(foot, "data-side", "left");
    base.fit(whole, unit);
    const clear = ["narrow", "broad"].some((breadth) => {
      mark(foot, "data-breadth", breadth);
      return standClear(foot, boxOf(foot), boxOf(scene), base);
    });
    // No corner is free: the words stand beneath the city, which makes room for them.
    if (!clear) mark(foot, "data-side", "whole");
    const fitted = clear ? whole : { ...whole, h: Math.min(whole.h, boxOf(foot).y - FOOT_AIR - whole.y) };
    if (!clear) base.fit(fitted, unit);
    beside = freeBeside(boxOf(answer), boxOf(scene), base);
    area = { frame: fitted, kept: [question, foot].map(boxOf) };
  };
  addEventListener("resize", measure);
  measure();
  /** @type {readonly Box[]} */
  let standing = [];
  return {
    unit: () => unit, area: () => area, beside: () => beside, standing: () => standing,
    /** @param {readonly Box[]} boxes all that is read on the map as it was last painted */
    stand: (boxes) => void (standing = boxes),
  };
}

/** Units between two places that are asked along the answer, and the air that it keeps from the city. */
const BESIDE = { step: 16, air: 40 };

/** @param {Box} answer @param {Box} scene @param {import("../base_map.js").BaseMap} base @returns {number} units from the start of the answer's line to the city on it */
function freeBeside({ x, y }, scene, base) {
  const end = scene.w - x;
  let free = 0;
  while (free < end && ![0, 30, 60].some((down) => base.covers({ x: x + free, y: y + down }))) free += BESIDE.step;
  return free - BESIDE.air;
}

const FOOT_AIR = 16;
/** So many places of the foot are asked whether the city lies there. */
const ASKED = { across: 12, down: 4 };
/** Of these so many may lie on the city: its ground is dark, and words over its edge are read. */
const MOST_COVERED = 9;

/** @param {HTMLElement} foot @param {Box} box of it @param {Box} scene @param {import("../base_map.js").BaseMap} base the words at the foot stand in the corner that the city leaves free @returns {boolean} whether it leaves one */
function standClear(foot, { y, w, h }, scene, base) {
  const edge = 80;
  const [left, right] = [edge, scene.w - edge - w].map((x) => {
    const spots = Array.from({ length: ASKED.across * ASKED.down }, (_, i) => ({ x: x + (((i % ASKED.across) + 0.5) / ASKED.across) * w, y: y + ((Math.floor(i / ASKED.across) + 0.5) / ASKED.down) * h }));
    return spots.filter((spot) => base.covers(spot)).length;
  });
  mark(foot, "data-side", (right ?? 0) < (left ?? 0) ? "right" : "left");
  return Math.min(left ?? 0, right ?? 0) <= MOST_COVERED;
}
