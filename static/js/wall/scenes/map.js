/**
 * Scene of the map: where they are waiting. One cluster per district on its fixed anchor, or every incident at its place.
 */
import { byDistrict, NO_PLACE, OUTSIDE } from "../../feed/cards.js";
import { baseMap } from "../../map/base_map.js";
import { IncidentField } from "../../map/clusters.js";
import { createIncidentLayer, paletteOf } from "../../map/incident_layer.js";
import { MOST_FLASHING } from "../../screen/flash.js";
import { liftedDistricts, surgesOf } from "../../ui/alarms.js";
import { isolated } from "../../ui/complaints.js";
import { element, elementWith, find, fit, mark, moveTo, show, write } from "../../ui/dom.js";
import { setSymbol, symbol } from "../../ui/symbols.js";
import { Clusters, Labels, perDistrict, standAlone, toIncident, toMark } from "./map_marks.js";
import { around, freeSpot, inside, overlap, plan } from "./map_placement.js";

/** @typedef {import("../../ui/picture.js").Picture} Picture */
/** @typedef {import("../../ui/picture.js").WallRoom} Room */
/** @typedef {import("../../map/incident_layer.js").Incident} Incident */
/** @typedef {import("./map_placement.js").Box} Box */
/** @typedef {import("./map_placement.js").Spot} Spot */
/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("../../map/base_map.js").BaseMap} BaseMap */

// The words of the map: the answer in one sentence, beside the city and never on it, and what has no place there.

/** Step of the answer's text, as in wall.css and coarse.css. */
const STEP = { fine: 60, coarse: 48 };

/** @param {HTMLElement} scene @param {Room} room @param {() => number} free width beside the city, units @returns {(picture: Picture, rows: Map<string, import("../../feed/cards.js").Row>) => void} */
function mountWords(scene, room, free) {
  const { say, format } = room;
  const step = STEP[scene.ownerDocument.documentElement.dataset.density === "coarse" ? "coarse" : "fine"];
  const answer = find(scene, ".answer");
  const placeless = find(scene, ".map-placeless");
  return (picture, rows) => {
    const sayings = picture.whole ? (surgeWords(picture, room) ?? answerWords(rows, room)) : [""];
    const fits = (/** @type {string} */ words) => fit(room.width(words, step, 400), free());
    const words = sayings.find((one) => fits(one) !== "cut") ?? sayings.at(-1) ?? "";
    write(answer, words);
    mark(answer, "data-fit", fits(words));
    const open = [["no_place", NO_PLACE], ["outside", OUTSIDE]].flatMap(([word, key]) => {
      const row = rows.get(/** @type {string} */ (key));
      const n = row ? row.waiting + row.in_process : 0;
      return n > 0 ? [say(/** @type {"no_place"} */ (word), { n: format.number(n) })] : [];
    });
    write(placeless, open.join(", "));
  };
}

/** @param {Picture} picture @param {Room} room @returns {string[] | null} the newest surge of complaints, said at length and shorter; null: none */
function surgeWords({ state }, { city, say, format }) {
  const surge = surgesOf(state).at(-1);
  if (!surge) return null;
  const names = [...new Set((surge.areas ?? []).map((area) => isolated(city.district(city.districtOf(area) ?? area))))].sort();
  const words = { what: within(city.category(surge.category) ?? say("unknown_category")), n: format.number(surge.n ?? 0) };
  const shorter = [say("surge_many", { ...words, districts: say("districts_n", { n: format.number(names.length) }) }), say("surge_short", words)];
  if (names.length > 2) return shorter;
  return [say(names.length === 2 ? "surge_two" : "surge_one", { ...words, place: names[0] ?? "", other: names[1] ?? "" }), ...shorter];
}

/** @param {string} name @returns {string} as it stands within a line: an abbreviation keeps its capitals */
function within(name) {
  return /^\p{Lu}\p{Ll}/u.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}

/** @param {Map<string, import("../../feed/cards.js").Row>} rows @param {Room} room @returns {string[]} said at length and shorter */
function answerWords(rows, { city, say, format }) {
  const waiting = [...rows].map(([code, row]) => ({ code, n: row.waiting }));
  const placed = waiting.filter(({ code }) => code !== NO_PLACE && code !== OUTSIDE);
  const all = waiting.reduce((total, { n }) => total + n, 0);
  const most = Math.max(0, ...placed.map(({ n }) => n));
  if (all === 0) return [say("map_empty")];
  if (most === 0) return [say("map_answer_nowhere", { n: format.number(all) })];
  const names = placed.filter(({ n }) => n === most).map(({ code }) => isolated(city.district(code))).sort();
  const [place = "", other = ""] = names;
  const n = format.number(most);
  if (names.length === 1) return [say("map_answer", { place, n })];
  const many = say("map_answer_many", { districts: say("districts_n", { n: names.length }), n });
  return names.length === 2 ? [say("map_answer_tie", { place, other, n }), many] : [many];
}

// Which of its two looks the map has: a readable cluster per district while each has room for one, else every incident
// with clusters where they collide. Pinned by the address or the screen's settings. Pure.

/** @typedef {"districts" | "incidents"} Look */

/** A cluster with its name, units at the sheet's size of text; and how much of the field a city's outline fills. */
const CLUSTER = { w: 240, h: 120 };
const FILLED = 0.6;

/**
 * @param {string | null | undefined} pinned
 * @param {{districts: number, field: {w: number, h: number}, type: number}} seen field of the map, units: a far seat has larger text and so fewer places
 * @returns {Look}
 */
export function lookOf(pinned, { districts, field, type }) {
  if (pinned === "incidents" || pinned === "districts") return pinned;
  const room = (field.w * field.h * FILLED) / Math.max(1, districts);
  return districts > 0 && room >= CLUSTER.w * CLUSTER.h * type ** 2 ? "districts" : "incidents";
}

// The marks of the map that flash stand in the page, above the canvas, so that the one flash of the stylesheet is theirs too.

class FlashMarks {
  #nodes;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#nodes = Array.from({ length: MOST_FLASHING }, () => {
      const node = symbol("waiting");
      node.dataset.shown = "false";
      root.append(node);
      return node;
    });
  }

  /**
   * @param {readonly Incident[]} incidents @param {Pick<import("../../ui/picture.js").Picture, "unacked" | "sceneFlashes" | "freshness">} picture
   * @returns {Incident[]} the same, those that flash marked
   */
  paint(incidents, { unacked, sceneFlashes, freshness }) {
    const flashing = sceneFlashes && freshness !== "lost" ? incidents.filter(({ id }) => unacked.has(id)).slice(0, MOST_FLASHING) : [];
    for (const [i, node] of this.#nodes.entries()) {
      const incident = flashing[i];
      node.dataset.shown = String(incident !== undefined);
      setSymbol(node, incident ? { status: incident.status, ring: incident.ring, flash: true, quiet: incident.quiet === true } : { flash: false });
      if (!incident) continue;
      node.style.setProperty("--z", String(incident.size));
      moveTo(node, incident.at[0], incident.at[1], "middle");
    }
    return incidents.map((incident) => (flashing.includes(incident) ? { ...incident, flashing: true } : incident));
  }
}

// Where fresh marks stand: near their places, off every word, figure and ring of the map. What has no room as a shape is grain near
// its place; where even that has none it lies beneath the words and is not counted as seen. The first of a rush are shapes that do not
// touch, the rest of it is grain, so that many are no outburst.

/** @typedef {Spot & {id: string}} Fresh its own place, units */
/** @typedef {Spot & {size: number, beneath?: boolean}} Stand size: height of its triangle, units; beneath: words lie over it */

/** So many stand as shapes, and how far one may be from its place. */
const SHAPE = { size: 40, most: 16, shifts: [0, 24, 48] };
/** More than this a map cannot tell apart. */
const GRAIN = { size: 16, most: 200, shifts: [0, 24, 48, 72] };
const FARTHEST = Math.max(...GRAIN.shifts);
/** From a mark's middle to its farthest corner with its line, by its size. */
const REACH = 0.75;

/** @param {Spot} stood @param {Spot} own @returns {boolean} whether it may stand there: its complaint or the map may have moved */
function near(stood, own) {
  return Math.hypot(stood.x - own.x, stood.y - own.y) <= FARTHEST + 0.001;
}

/**
 * @param {readonly Fresh[]} fresh in order of arrival
 * @param {{standing: readonly Box[], frame: Box, before: ReadonlyMap<string, Stand>}} map standing: what may not be covered;
 *   before: where they stood in the last frame, for none hops or changes
 * @returns {Map<string, Stand>} by id; who is not in it has no mark
 */
export function freshPlaces(fresh, { standing, frame, before }) {
  const taken = [...standing];
  /** @type {Map<string, Stand>} */
  const places = new Map();
  for (const one of [...fresh].sort((a, b) => Number(before.has(b.id)) - Number(before.has(a.id)))) {
    if (places.size === GRAIN.most) break;
    const stood = before.get(one.id);
    const still = stood && !stood.beneath && near(stood, one) && !taken.some((box) => overlap(around(stood, stood.size * REACH), box) > 0);
    const kinds = places.size < SHAPE.most ? [SHAPE, GRAIN] : [GRAIN];
    const place = still ? stood : freeStand(one, kinds, taken, frame) ?? { x: one.x, y: one.y, size: GRAIN.size, beneath: true };
    if (place.beneath && !inside(around(place, place.size * REACH), frame)) continue;
    places.set(one.id, place);
    if (place.size === SHAPE.size) taken.push(around(place, place.size * REACH));
  }
  return places;
}

/** @param {Fresh} one @param {readonly {size: number, shifts: readonly number[]}[]} kinds best first @param {readonly Box[]} taken @param {Box} frame @returns {Stand | null} where nothing lies over it */
function freeStand(one, kinds, taken, frame) {
  for (const { size, shifts } of kinds) {
    const spot = freeSpot({ ...one, reach: size * REACH, labels: [] }, shifts, taken, frame);
    if (spot) return { ...spot, size };
  }
  return null;
}

// Marks of what the figures do not count yet: the outline of its shape near its place, until the next picture (CR-76, CR-87).

/**
 * Beneath what is counted, and never on a word or figure of it.
 * @param {HTMLElement} scene @param {import("../../map/base_map.js").BaseMap} base
 * @param {{unit: () => number, area: () => {frame: Box}, standing: () => readonly Box[]}} field
 * @returns {(cards: readonly Card[]) => ReadonlySet<string>} draws them; gives the ids of those that no word lies over
 */
function mountFresh(scene, base, field) {
  const layer = createIncidentLayer();
  if (base.leaflet) layer.addTo(base.leaflet);
  const looks = { palette: paletteOf(scene), stale: false };
  /** @type {Map<string, Stand>} */
  let before = new Map();
  return (cards) => {
    if (before.size === 0 && cards.length === 0) return new Set();
    const own = new Map(cards.map((card) => [card.id, base.point(Number(card.lat), Number(card.lon))]));
    const places = freshPlaces([...own].map(([id, spot]) => ({ id, ...spot })), { standing: field.standing(), frame: field.area().frame, before });
    before = places;
    layer.paint(cards.flatMap((card) => toFresh(card, own.get(card.id), places.get(card.id))), looks, field.unit());
    return new Set([...places].flatMap(([id, { beneath }]) => (beneath ? [] : [id])));
  };
}

/** @param {Card} card placed @param {Spot | undefined} own @param {Stand | undefined} place @returns {import("../../map/incident_layer.js").Incident[]} */
function toFresh({ id, lat, lon, status }, own, place) {
  if (!own || !place) return [];
  const shift = /** @type {[number, number]} */ ([place.x - own.x, place.y - own.y]);
  return [{ id, latlng: [Number(lat), Number(lon)], shift, size: place.size, status, ring: "none", at: [place.x, place.y], tail: null, hollow: true }];
}

// The other look: every incident at its place, clusters where they would collide; asked for with ?look=incidents.

/** @typedef {{area: () => {frame: import("./map_placement.js").Box, kept: import("./map_placement.js").Box[]}, unit: () => number, stand: (boxes: readonly import("./map_placement.js").Box[]) => void}} Field */

/**
 * @param {HTMLElement} scene @param {import("../../map/base_map.js").BaseMap} base @param {Field} field
 * @param {import("../../ui/picture.js").WallRoom} room @returns {(picture: Picture) => void}
 */
function mountIncidents(scene, base, field, { city, format }) {
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

// The field of the map scene, kept right when the window changes: where the city lies, which corner it leaves to the words at
// the foot, how much room the answer has beside it, and what stands on it to be read.

/** Length of the ruler in the page, in units of the canvas: how many pixels a unit has. */
const RULER = 1000;

class MapField {
  #scene;
  #base;
  #foot;
  #unit = 1;
  #beside = Infinity;
  /** @type {{frame: Box, kept: Box[]}} */
  #area = { frame: { x: 0, y: 0, w: 1, h: 1 }, kept: [] };
  /** @type {readonly Box[]} */
  #standing = [];

  /** @param {HTMLElement} scene @param {BaseMap} base */
  constructor(scene, base) {
    this.#scene = scene;
    this.#base = base;
    this.#foot = find(scene, ".map-foot");
    addEventListener("resize", () => this.#measure());
    this.#measure();
  }

  /** @returns {number} px of one unit */
  unit() {
    return this.#unit;
  }

  /** @returns {{frame: Box, kept: Box[]}} kept: the words that stay free */
  area() {
    return this.#area;
  }

  /** @returns {number} units beside the city in which the answer may stand */
  beside() {
    return this.#beside;
  }

  /** @returns {readonly Box[]} all that is read on the map as it was last painted */
  standing() {
    return this.#standing;
  }

  /** @param {readonly Box[]} boxes */
  stand(boxes) {
    this.#standing = boxes;
  }

  #measure() {
    this.#unit = find(this.#scene, ".map-ruler").getBoundingClientRect().width / RULER || 1;
    const frame = this.#fit(this.#boxOf(find(this.#scene, ".map-field")));
    const [question, answer] = [find(this.#scene, ".question"), find(this.#scene, ".answer")];
    this.#beside = freeBeside(this.#boxOf(answer), this.#boxOf(this.#scene), this.#base);
    this.#area = { frame, kept: [question, this.#foot].map((words) => this.#boxOf(words)) };
  }

  /** @param {Box} whole @returns {Box} what of it the city has: where no corner is free the words at the foot stand beneath it */
  #fit(whole) {
    mark(this.#foot, "data-side", "left");
    this.#base.fit(whole, this.#unit);
    const clear = ["narrow", "broad"].some((breadth) => {
      mark(this.#foot, "data-breadth", breadth);
      return standClear(this.#foot, this.#boxOf(this.#foot), this.#boxOf(this.#scene), this.#base);
    });
    if (clear) return whole;
    mark(this.#foot, "data-side", "whole");
    const less = { ...whole, h: Math.min(whole.h, this.#boxOf(this.#foot).y - FOOT_AIR - whole.y) };
    this.#base.fit(less, this.#unit);
    return less;
  }

  /** @param {Element} element @returns {Box} in units, from the scene's corner */
  #boxOf(element) {
    const [outer, inner] = [this.#scene.getBoundingClientRect(), element.getBoundingClientRect()];
    const unit = this.#unit;
    return { x: (inner.x - outer.x) / unit, y: (inner.y - outer.y) / unit, w: inner.width / unit, h: inner.height / unit };
  }
}

/** Units between two places that are asked along the answer, and the air that it keeps from the city. */
const BESIDE = { step: 16, air: 40 };

/** @param {Box} answer @param {Box} scene @param {import("../../map/base_map.js").BaseMap} base @returns {number} units from the start of the answer's line to the city on it */
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

/** @param {HTMLElement} foot @param {Box} box of it @param {Box} scene @param {import("../../map/base_map.js").BaseMap} base the words at the foot stand in the corner that the city leaves free @returns {boolean} whether it leaves one */
function standClear(foot, { y, w, h }, scene, base) {
  const edge = 80;
  const [left, right] = [edge, scene.w - edge - w].map((x) => {
    const spots = Array.from({ length: ASKED.across * ASKED.down }, (_, i) => ({ x: x + (((i % ASKED.across) + 0.5) / ASKED.across) * w, y: y + ((Math.floor(i / ASKED.across) + 0.5) / ASKED.down) * h }));
    return spots.filter((spot) => base.covers(spot)).length;
  });
  mark(foot, "data-side", (right ?? 0) < (left ?? 0) ? "right" : "left");
  return Math.min(left ?? 0, right ?? 0) <= MOST_COVERED;
}

// The scene.

export const map = { name: /** @type {const} */ ("map"), markup, mount };

/** @param {HTMLElement} question its head; the base map below stands in the page already, for its own script drew it there */
function markup(question) {
  return [
    element("div", "map-ruler"), element("div", "map-field"), element("div", "map-marks"), question,
    elementWith("p", "map-failed", { "data-shown": "false" }),
    element("footer", "map-foot", element("p", "map-placeless"), element("p", "map-attribution")),
  ];
}

/** @param {HTMLElement} scene @param {Room} room @returns {import("./registry.js").Painted} fresh: what no figure counts yet */
function mount(scene, room) {
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
  return Object.assign(paint, { fresh });
}

/** @param {HTMLElement} scene @param {import("../../map/base_map.js").BaseMap} base @param {MapField} field @param {Room} room clusters, marks and their names, laid out together */
function mountMarks(scene, base, field, room) {
  const { city } = room;
  const layer = createIncidentLayer();
  if (base.leaflet) layer.addTo(base.leaflet);
  const clusters = new Clusters(find(scene, ".map-marks"), room);
  const labels = new Labels(find(scene, ".map-marks"), room);
  const flashing = new FlashMarks(find(scene, ".map-marks"));
  const palette = paletteOf(scene);
  /** @param {Picture} picture @param {Map<string, import("../../feed/cards.js").Row>} rows */
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
