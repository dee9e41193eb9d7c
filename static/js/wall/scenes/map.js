/**
 * Scene of the map: where they are waiting. One cluster per district on its fixed anchor, or every incident at its place.
 */
import { byDistrict, NO_PLACE, OUTSIDE } from "../../feed/cards.js";
import { hazardsNow } from "../../feed/room_notices.js";
import { baseMap } from "../../map/base_map.js";
import { IncidentField } from "../../map/clusters.js";
import { mountDensity, TONES } from "../../map/density.js";
import { HazardLayer } from "../../map/hazard_layer.js";
import { createIncidentLayer, paletteOf } from "../../map/incident_layer.js";
import { RISE, stepOf, toneOf } from "../../map/land.js";
import { frame, later, mono } from "../../screen/live.js";
import { isolated } from "../../ui/complaints.js";
import { element, elementWith, find, fit, mark, moveTo, show, write } from "../../ui/dom.js";
import { setSymbol, symbol } from "../../ui/symbols.js";
import { chartCorners, floodingIn, floodWords, minutesMarkup, mountMinutes, mountSurge, mountSurgeMark, surgePlace, surgeWords } from "./map_flood.js";
import { callingIn, Districts, dropCovering, FlashMarks, Labels, standAlone, toIncident, toMark } from "./map_marks.js";
import { around, freeSpot, inside, overlap, plan, planKey } from "./map_placement.js";
import { arrivalsMarkup, mountQuiet, nobodyWaits, quietWords } from "./map_quiet.js";

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

/** @typedef {import("./map_flood.js").Flooding} Flooding */
/** @typedef {{rows: Map<string, import("../../feed/cards.js").Row>, flooding: Flooding | null, surging: import("./map_flood.js").Surging | null, quiet: import("./map_quiet.js").Standing | null, dense: boolean, step: number, more: number, nowhere: number}} Seen quiet: nobody waits; dense: cells are the picture; step: how many more each tone of the land means; more: unacknowledged alarms without a ring; nowhere: those without a place */

/** @param {HTMLElement} scene @param {Room} room @param {() => number} free width beside the city, units @returns {(picture: Picture, seen: Seen) => void} */
function mountWords(scene, room, free) {
  const { say, format } = room;
  const { density, shape } = scene.ownerDocument.documentElement.dataset;
  const step = STEP[density === "coarse" ? "coarse" : "fine"];
  const [question, answer] = [find(scene, ".question-line"), find(scene, ".answer")];
  const [placeless, tones] = [find(scene, ".map-placeless"), find(scene, ".legend-tones-word")];
  const wraps = shape === "wide" && density !== "coarse";
  write(find(scene, ".legend-in-process"), say("legend_in_process"));
  write(find(scene, ".legend-done"), say("legend_done"));
  write(find(scene, ".legend-waiters-word"), say("waiting"));
  write(find(scene, ".legend-rings-word"), say("legend_rings"));
  const recorded = scene.ownerDocument.documentElement.dataset.freshness === "recorded";
  write(find(scene, ".map-drill"), say(recorded ? "recorded" : "drill"));
  return (picture, { rows, flooding, quiet, step: tone, more, nowhere }) => {
    const flooded = flooding && floodWords(flooding, room);
    const sayings = !picture.whole ? [""] : flooded ? flooded.answers : quiet ? quietWords(picture, room) : (surgeWords(picture, room) ?? answerWords(rows, room));
    const fits = (/** @type {string} */ words) => (wraps ? "whole" : fit(room.width(words, step, 400), free()));
    const words = sayings.find((one) => fits(one) !== "cut") ?? sayings.at(-1) ?? "";
    write(question, flooded ? flooded.question : say(quiet ? "map_empty" : "map_question"));
    write(answer, words);
    mark(answer, "data-fit", fits(words));
    write(tones, toneWords(flooding !== null, flooding ? 1 : tone, room));
    const open = [["no_place", NO_PLACE], ["outside", OUTSIDE]].flatMap(([word, key]) => {
      const row = rows.get(/** @type {string} */ (key));
      const n = row ? row.waiting + row.in_process : 0;
      return n > 0 ? [say(/** @type {"no_place"} */ (word), { n: format.number(n) })] : [];
    });
    const lit = [["map_more", more], ["map_more_nowhere", nowhere]].flatMap(([word, n]) =>
      (Number(n) > 0 && !flooded ? [say(/** @type {"map_more"} */ (word), { n: format.number(Number(n)) })] : []));
    write(placeless, [...lit, ...(flooded ? [] : allDays(picture, rows, room)), ...open].join(", "));
  };
}

/** @param {Picture} picture @param {Seen["rows"]} rows @param {Room} room @returns {string[]} how many wait of any day, where the sum beside it, of today, is another */
function allDays({ state }, rows, { say, format }) {
  const all = [...rows.values()].reduce((total, { waiting }) => total + waiting, 0);
  const today = state.counts?.cohort?.waiting ?? all;
  return all === today ? [] : [say("map_all_days", { n: format.number(all) })];
}

/** @param {boolean} flooded @param {number} step @param {Room} room @returns {string} what the tones of the land mean */
function toneWords(flooded, step, { say, format }) {
  const [b, c, d] = [1, 2, 3].map((n) => format.number(n * step));
  const steps = step === 1 ? `0, ${b}, ${c}, ${d}+` : `<${b}, ${b}+, ${c}+, ${d}+`;
  return say(flooded ? "legend_alarms" : "legend_waiting", { steps });
}

/** @param {Map<string, import("../../feed/cards.js").Row>} rows @param {Room} room @returns {string[]} said at length and shorter */
function answerWords(rows, { city, say, format }) {
  const waiting = [...rows].map(([code, row]) => ({ code, n: row.waiting }));
  const placed = waiting.filter(({ code }) => code !== NO_PLACE && code !== OUTSIDE);
  const all = waiting.reduce((total, { n }) => total + n, 0);
  const most = Math.max(0, ...placed.map(({ n }) => n));
  if (most === 0) return [say("map_answer_nowhere", { n: format.number(all) })];
  const names = placed.filter(({ n }) => n === most).map(({ code }) => isolated(city.district(code))).sort();
  const [place = "", other = ""] = names;
  const n = format.number(most);
  if (names.length === 1) return [say("map_answer", { place, n })];
  const districts = say("districts_n", { n: names.length });
  const many = [say("map_answer_many", { districts, n }), say("map_answer_short", { districts, n })];
  return names.length === 2 ? [say("map_answer_tie", { place, other, n }), ...many] : many;
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

// Where fresh marks stand: near their places, off every word, figure and ring of the map. What has no room as a shape is grain near
// its place; where even that has none it lies beneath the words and is not counted as seen. The first of a rush are shapes that do not
// touch, the rest of it is grain, so that many are no outburst.

/** @typedef {Spot & {id: string}} Fresh its own place, units */
/** @typedef {Spot & {size: number, beneath?: boolean}} Stand size: height of its triangle, units; beneath: words lie over it */

/** So many stand as shapes, and how far one may be from its place. */
const SHAPE = { size: 40, most: 16, shifts: [0, 24, 48] };
/** More than this a map cannot tell apart. */
const GRAIN = { size: 16, most: 200, shifts: [0, 24, 48, 72, 108, 144, 192] };
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
    const spot = freeSpot({ ...one, reach: size * REACH }, shifts, taken, frame);
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
    const rises = new Map(cards.map(({ id, area }) => [id, base.land?.riseOf(area ?? "") ?? 0]));
    const own = new Map(cards.map((card) => {
      const { x, y } = base.point(Number(card.lat), Number(card.lon));
      return [card.id, { x, y: y - (rises.get(card.id) ?? 0) }];
    }));
    const places = freshPlaces([...own].map(([id, spot]) => ({ id, ...spot })), { standing: field.standing(), frame: field.area().frame, before });
    before = places;
    layer.paint(cards.flatMap((card) => toFresh(card, own.get(card.id), places.get(card.id)).map((one) => ({ ...one, rise: rises.get(card.id) ?? 0 }))), looks, field.unit());
    return new Set([...places].flatMap(([id, { beneath }]) => (beneath ? [] : [id])));
  };
}

/** @param {Card} card placed @param {Spot | undefined} own @param {Stand | undefined} place @returns {import("../../map/incident_layer.js").Incident[]} */
function toFresh({ id, lat, lon, status }, own, place) {
  if (!own || !place) return [];
  const shift = /** @type {[number, number]} */ ([place.x - own.x, place.y - own.y]);
  return [{ id, latlng: [Number(lat), Number(lon)], shift, size: place.size, status, ring: "none", at: [place.x, place.y], thread: false, hollow: true }];
}

// The other look: every incident at its place, clusters where they would collide; asked for with ?look=incidents.

/**
 * @param {HTMLElement} scene @param {BaseMap} base @param {MapField} field
 * @param {import("../../ui/picture.js").WallRoom} room @returns {(picture: Picture, seen: Seen) => number}
 */
function mountIncidents(scene, base, field, room) {
  const { city, format } = room;
  const [every, above] = [new IncidentField(), createIncidentLayer()];
  if (base.leaflet) {
    every.addTo(base.leaflet);
    above.addTo(base.leaflet);
  }
  const flashing = new FlashMarks(find(scene, ".map-marks"));
  const palette = paletteOf(scene);
  /** @type {ReturnType<typeof mountMarks> | null} the districts' figures on a density */
  let figures = null;
  mark(scene, "data-look", "incidents");
  return (picture, seen) => {
    every.show(!seen.dense);
    if (seen.dense) {
      above.paint(flashing.paint([], picture), { palette, stale: false }, field.unit());
      figures ??= mountMarks(scene, base, field, room);
      return figures(picture, seen);
    }
    figures?.(picture, null);
    const looks = { palette, stale: picture.freshness === "lost" };
    every.paint(picture.state.cards, { looks, unit: field.unit(), number: format.number }, picture.unacked);
    const urgent = standAlone(picture, city).filter(({ card }) => picture.unacked.has(card.id));
    const [area, chart] = [field.area(), seen.surging && field.chartBeside([])];
    const { marks, standing } = plan([], urgent.map((entry) => toMark(entry, base, [])), { ...area, kept: [...area.kept, ...(chart ? [chart] : [])] });
    field.stand(standing);
    above.paint(flashing.paint(marks.flatMap((place) => toIncident(place, urgent)), picture), looks, field.unit());
    return urgent.length;
  };
}

// The field of the map scene, kept right when the window changes: where the city lies, which corner it leaves to the words at
// the foot, how much room the answer has beside it, and what stands on it to be read.

/** Length of the ruler in the page, in units of the canvas: how many pixels a unit has. */
const RULER = 1000;
/** Units: the slab's edge below the land, air about the land and beneath the question, sides of the scene, a drill's frame, half of a bezel's strip. */
const [SLAB, LAND_AIR, HEAD_AIR, SIDE, FRAME, BEZEL] = [34, 60, 24, 44, 76, 26];
/** What says over a scene that its data are late or lost. */
const STRIPS = ".lost-band, .delayed-strip";
/** A district's places: so far apart, at most so far from its anchor, and so many. */
const SPOTS = { step: 44, reach: 300, most: 48 };

/** @param {string} code @param {Spot} anchor @param {BaseMap} base @returns {Spot[]} */
function districtSpots(code, anchor, base) {
  const { step, reach, most } = SPOTS;
  const across = Math.floor(reach / step);
  const steps = Array.from({ length: 2 * across + 1 }, (_, i) => (i - across) * step);
  const away = (/** @type {Spot} */ { x, y }) => Math.hypot(x - anchor.x, y - anchor.y);
  const spots = steps.flatMap((x) => steps.map((y) => ({ x: anchor.x + x, y: anchor.y + y }))).filter((spot) => away(spot) <= reach && away(spot) > 1);
  return [anchor, ...spots.sort((a, b) => away(a) - away(b) || a.x - b.x || a.y - b.y).filter((spot) => base.land?.holds(spot, code)).slice(0, most - 1)];
}

class MapField {
  #scene;
  #base;
  #foot;
  #unit = 1;
  #beside = Infinity;
  /** @type {import("./map_placement.js").Field} */
  #area = { frame: { x: 0, y: 0, w: 1, h: 1 }, kept: [] };
  #districts;
  /** @type {Map<string, Spot[]>} */
  #spots = new Map();
  #version = 0;
  #room = " ";
  #words = "";
  #down = 0;
  /** @type {{key: string, box: Box | null}} */
  #charted = { key: "", box: null };
  /** @type {readonly Box[]} */
  #standing = [];

  /** @param {HTMLElement} scene @param {BaseMap} base @param {readonly import("../../ui/city.js").District[]} districts */
  constructor(scene, base, districts) {
    this.#scene = scene;
    this.#base = base;
    this.#districts = districts;
    this.#foot = find(scene, ".map-foot");
    addEventListener("resize", () => this.#measure());
    this.#measure();
  }

  /** @returns {number} px of one unit */
  unit() {
    return this.#unit;
  }

  /** @returns {import("./map_placement.js").Field} kept: the words that stay free */
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

  /** @param {string} code of a district @returns {Spot[]} where its mark may stand: on its anchor, else elsewhere on its land, the nearest first */
  spotsOf(code) {
    const spots = this.#spots.get(code) ?? [];
    const rise = this.#base.land?.riseOf(code) ?? 0;
    return rise === 0 ? spots : spots.map(({ x, y }) => ({ x, y: y - rise }));
  }

  /** @param {import("./map_flood.js").Surging} surging @param {number} growth @param {Room} room @returns {import("./map_flood.js").SurgePlace | null} beside the city beneath the question; null: there is no room for it */
  surgeBeside(surging, growth, room) {
    const [question] = this.#area.kept;
    const corner = { x: question?.x ?? 0, y: Math.max(FRAME, (question?.y ?? 0) + (question?.h ?? 0)) + HEAD_AIR };
    const place = surgePlace(surging, growth, corner, room);
    const over = [place.triangle, place.words].some(({ x, y, w, h }) => Array.from({ length: 30 }, (_, i) => ({ x: x + ((i % 6) / 5) * w, y: y + (Math.floor(i / 6) / 4) * h })).some((spot) => this.#base.covers(spot)));
    return over ? null : place;
  }

  /** @param {readonly Box[]} taken beside the city @returns {Box | null} where the arrivals of a surge stand whole, and they go there; null: no corner is free, or this wall has none */
  chartBeside(taken) {
    const chart = find(this.#scene, ".surge-minutes");
    const [scene, { w, h }] = [this.#boxOf(this.#scene), this.#boxOf(chart)];
    const now = `${this.#version} ${w.toFixed()} ${h.toFixed()} ${planKey([], [], taken)}`;
    if (now !== this.#charted.key) {
      const { kept: [question = scene, foot = scene], edges = [] } = this.#area;
      const lines = this.#footLines();
      const words = { scene, question, foot: { ...foot, y: Math.min(foot.y + foot.h, ...lines.map(({ y }) => y)) }, right: this.#foot.dataset.side === "right" };
      const free = (/** @type {Box} */ box) => inside(box, scene) && ![...taken, question, ...lines, ...edges].some((one) => overlap(one, box) > 0) && coveredIn({ ...box, y: box.y - SLAB, h: box.h + SLAB }, this.#base) === 0;
      this.#charted = { key: now, box: w > 0 ? (chartCorners({ w, h }, words).find(free) ?? null) : null };
    }
    const { box } = this.#charted;
    show(chart, box !== null);
    if (box) moveTo(chart, box.x, box.y);
    return box;
  }

  /** @param {import("./map_flood.js").Surging} surging @returns {Spot | null} in the middle of the area with most; without outlines the anchor of the district with most */
  homeOf({ areas, districts }) {
    const most = (/** @type {ReadonlyMap<string, number>} */ counts) => [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0];
    const box = this.#base.land?.boxOf(most(areas) ?? "");
    if (box) return { x: box.x + box.w / 2, y: box.y + box.h / 2 };
    const home = this.#districts.find(({ code }) => code === most(districts));
    return home ? this.#base.point(home.lat, home.lon) : null;
  }

  /** @returns {number} another one for each place of the land in the scene */
  version() {
    return this.#version;
  }

  /**
   * The land makes room for what lies over the scene or rises above its upper edge.
   * @param {readonly string[]} raised districts @param {string} state of the land: its legend takes room too
   */
  makeRoom(raised, state) {
    const band = [...this.#scene.ownerDocument.querySelectorAll(STRIPS)].find((one) => one.checkVisibility({ visibilityProperty: true }));
    const line = find(this.#scene, ".question-line");
    const now = `${band?.className ?? ""} ${state} ${[...raised].sort()} ${raised.length > 0 ? Math.round(this.#boxOf(line).w) : ""}`;
    if (now === this.#room) return;
    this.#room = now;
    this.#down = 0;
    this.#measure();
    const field = this.#boxOf(find(this.#scene, ".map-field"));
    const over = band && this.#boxOf(band);
    const lifted = raised.flatMap((code) => this.#base.land?.boxOf(code) ?? []).map((box) => ({ ...box, y: box.y - RISE }));
    const head = this.#boxOf(line);
    const under = lifted.filter((box) => overlap(box, head) > 0).map(({ y }) => head.y + head.h + HEAD_AIR - y);
    this.#down = Math.max(0, ...under, over ? over.y + over.h + LAND_AIR - field.y : FRAME - Math.min(...lifted.map(({ y }) => y)));
    if (this.#down > 0) this.#measure();
  }

  /** @returns {boolean} whether places have changed, for the words of the head or the foot are others now and need more room */
  wordsGrown() {
    const head = find(this.#scene, ".question");
    const words = `${head.textContent} ${this.#foot.textContent}`.replace(/\p{Nd}/gu, "0");
    if (words === this.#words) return false;
    this.#words = words;
    const [kept] = this.#area.kept;
    const fits = kept !== undefined && inside(this.#boxOf(head), kept);
    if (fits && this.#foot.dataset.side !== "whole" && coveredIn(this.#boxOf(this.#foot), this.#base, this.#footLines()) <= MOST_COVERED) return false;
    this.#measure();
    return true;
  }

  #measure() {
    this.#unit = find(this.#scene, ".map-ruler").getBoundingClientRect().width / RULER || 1;
    const field = this.#boxOf(find(this.#scene, ".map-field"));
    const frame = this.#fit({ ...field, y: field.y + this.#down, h: field.h - this.#down });
    const [question, answer] = [find(this.#scene, ".question"), find(this.#scene, ".answer")];
    this.#beside = freeBeside(this.#boxOf(answer), this.#boxOf(this.#scene), this.#base);
    this.#area = { frame: this.#around(frame), kept: [question, this.#foot].map((words) => this.#boxOf(words)), edges: this.#edges() };
    this.#spots = new Map(this.#districts.map(({ code, lat, lon }) => [code, districtSpots(code, this.#base.point(lat, lon), this.#base)]));
    this.#version += 1;
  }

  /** @param {Box} frame of the land @returns {Box} in which marks may stand: the scene, from the land's own top on */
  #around(frame) {
    const { w, h } = this.#boxOf(this.#scene);
    const [top, bottom] = [Math.max(FRAME, frame.y - LAND_AIR), Math.min(h, frame.y + frame.h + LAND_AIR)];
    return { x: SIDE, y: top, w: w - 2 * SIDE, h: bottom - top };
  }

  /** @returns {Box[]} the bezels between the panels of the whole wall, on which nothing is set (CR-68) */
  #edges() {
    const { dataset } = this.#scene.ownerDocument.documentElement;
    const columns = Number(dataset.panels ?? 1);
    const rows = columns === 1 ? 1 : dataset.shape === "wide" ? 2 : columns;
    const wall = this.#boxOf(this.#scene.parentElement ?? this.#scene);
    const part = (/** @type {number} */ whole, /** @type {number} */ n) => Array.from({ length: n - 1 }, (_, i) => (whole * (i + 1)) / n);
    return [
      ...part(wall.w, columns).map((x) => ({ x: wall.x + x - BEZEL, y: wall.y, w: 2 * BEZEL, h: wall.h })),
      ...part(wall.h, rows).map((y) => ({ x: wall.x, y: wall.y + y - BEZEL, w: wall.w, h: 2 * BEZEL })),
    ];
  }

  /** @param {Box} whole @returns {Box} what of it the city has: less where it would lie under the question, or leaves no corner to the words at the foot */
  #fit(whole) {
    const line = this.#boxOf(find(this.#scene, ".question-line"));
    this.#lay(whole);
    const upper = this.#under(line) ? { ...whole, y: line.y + line.h + HEAD_AIR, h: whole.y + whole.h - line.y - line.h - HEAD_AIR } : whole;
    mark(this.#foot, "data-side", "left");
    this.#lay(upper);
    const clear = FOOT_FORMS.some(({ breadth, more }) => {
      mark(this.#foot, "data-breadth", breadth);
      mark(this.#foot, "data-more", more);
      return standClear(this.#foot, this.#boxOf(this.#foot), this.#boxOf(this.#scene), this.#base, this.#footLines());
    });
    if (clear) return upper;
    mark(this.#foot, "data-side", "whole");
    const less = { ...upper, h: Math.min(upper.h, this.#boxOf(this.#foot).y - FOOT_AIR - upper.y) };
    this.#lay(less);
    return less;
  }

  /** @returns {Box[]} what stands at the foot, line by line */
  #footLines() {
    return [...this.#foot.querySelectorAll(":scope p")].map((one) => this.#boxOf(one)).filter(({ w, h }) => w * h > 0);
  }

  /** @param {Box} field @returns {void} the slab's edge is part of the land */
  #lay(field) {
    this.#base.fit({ ...field, h: field.h - SLAB }, this.#unit);
  }

  /** @param {Box} line @returns {boolean} whether the city lies there; its width is that of its widest words */
  #under({ x, y, w, h }) {
    return Array.from({ length: 24 }, (_, i) => x + ((i % 12) / 11) * w).some((left, i) => this.#base.covers({ x: left, y: y + (i < 12 ? 0 : h) }));
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
/** How the foot may stand, best first: what a ring is goes before the city has to make room. */
const FOOT_FORMS = ["rings", "none"].flatMap((more) => ["narrow", "broad"].map((breadth) => ({ breadth, more })));
/** So many places of the foot are asked whether the city lies there. */
const ASKED = { across: 12, down: 4 };
/** Of these so many may lie on the city: its ground is dark, and words over its edge are read. */
const MOST_COVERED = 2;

/** @param {Box} box @param {import("../../map/base_map.js").BaseMap} base @param {readonly Box[]} [lines] all that stands in it @returns {number} how many of the places asked there lie on the city */
function coveredIn({ x, y, w, h }, base, lines = [{ x, y, w, h }]) {
  const spots = Array.from({ length: ASKED.across * ASKED.down }, (_, i) => ({ x: x + (((i % ASKED.across) + 0.5) / ASKED.across) * w, y: y + ((Math.floor(i / ASKED.across) + 0.5) / ASKED.down) * h }));
  return spots.filter((spot) => lines.some((line) => overlap(around(spot, 1), line) > 0) && base.covers(spot)).length;
}

/** @param {HTMLElement} foot @param {Box} box of it @param {Box} scene @param {import("../../map/base_map.js").BaseMap} base @param {readonly Box[]} lines of it: the words at the foot stand in the corner that the city leaves free @returns {boolean} whether it leaves one */
function standClear(foot, { y, w, h }, scene, base, lines) {
  const edge = 80;
  const [left, right] = [edge, scene.w - edge - w].map((x) => coveredIn({ x, y, w, h }, base, x === edge ? lines : undefined));
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
    element("footer", "map-foot", element("p", "map-placeless"), legend(), element("p", "map-drill"), element("p", "map-attribution")),
    minutesMarkup(),
  ];
}

/** @returns {HTMLElement} what the tones of the land and the bars mean */
function legend() {
  const tones = ["0", "1", "2", "3"].map((tone) => elementWith("span", "legend-tone", { "data-tone": tone }));
  const bars = /** @type {const} */ (["in_process", "done"]).flatMap((status) => {
    const name = status.replace("_", "-");
    return [symbol(status), element("span", `cluster-bar cluster-bar-${name}`), element("span", `legend-${name}`)];
  });
  const line = element("p", "legend-bars");
  line.append(...bars);
  const waiters = element("p", "legend-waiters", element("span", "legend-waiters-word"));
  waiters.prepend(symbol("waiting"));
  const [ring, rings] = [symbol("waiting"), element("p", "legend-rings", element("span", "legend-rings-word"))];
  setSymbol(ring, { ring: "thin" });
  rings.prepend(ring);
  return element("div", "map-legend", element("p", "legend-tones", ...tones, element("span", "legend-tones-word")), line, rings, waiters, ...otherLegends());
}

/** @returns {HTMLElement[]} of a density, and of the points while nobody waits */
function otherLegends() {
  const cells = TONES.map((tone) => elementWith("span", "legend-cell", { "data-tone": tone }));
  const ends = element("p", "legend-ends", ...["sparse", "half", "dense"].map((name) => element("span", `legend-${name}`)));
  const density = element("div", "legend-density", element("p", "legend-cell-word"), element("p", "legend-cells", ...cells), ends);
  return [density, arrivalsMarkup(), element("p", "legend-lights", element("i", "legend-light"), element("span", "legend-lights-word"))];
}

/** @param {HTMLElement} scene @param {Room} room @returns {import("./registry.js").Painted} fresh: what no figure counts yet */
function mount(scene, room) {
  const { city } = room;
  const base = baseMap(scene.dataset.map ?? "", city.bounds, city.districtOf);
  show(find(scene, ".map-failed"), base.leaflet === null);
  write(find(scene, ".map-failed"), room.say("map_failed"));
  write(find(scene, ".question-line"), room.say("map_question"));
  write(find(scene, ".map-attribution"), city.attribution);
  const field = new MapField(scene, base, city.districts);
  const paintWords = mountWords(scene, room, () => field.beside());
  const seen = { districts: city.districts.length, field: field.area().frame, type: room.type ?? 1 };
  const fresh = mountFresh(scene, base, field);
  const paintDensity = mountDensity(scene, base, room, { unit: () => field.unit(), now: mono, later, frame });
  const hazards = base.leaflet && base.land ? new HazardLayer(base.leaflet, base.land) : null;
  const paintQuiet = mountQuiet(scene, base, field, room);
  const surgeIn = mountSurge(city);
  const paintMinutes = mountMinutes(scene, room);
  // Every incident at its place: its clusters belong to no district, so none of them may leave them behind.
  const flat = lookOf(room.look, seen) === "incidents";
  const mountThem = flat ? mountIncidents : mountMarks;
  const paintMarks = mountThem(scene, base, field, room);
  /** @param {Picture} picture @param {boolean} [again] */
  const paint = (picture, again = false) => {
    const rows = byDistrict(picture.state.tally, city.districtOf);
    const flooding = floodingIn(picture, city);
    const surging = flooding ? null : surgeIn(picture);
    const calling = callingIn(picture, city);
    const step = stepOf(city.areas.map(({ code }) => picture.state.tally.areas.get(code)?.waiting ?? 0));
    const dense = paintDensity(picture, { may: !flooding, cut: [...calling.areas, ...(surging?.districts.keys() ?? [])] });
    const still = !dense && nobodyWaits(picture);
    const quiet = paintQuiet(picture, still);
    const land = flooding ? "flood" : dense ? "dense" : still ? "quiet" : "calm";
    mark(scene, "data-land", land);
    mark(scene, "data-bars", String(quiet.bars));
    paintMinutes(surging);
    field.makeRoom([...(flat ? [] : flooding?.districts.keys() ?? [])], land);
    base.land?.paint({ ...landOf(picture, { flooding, surging, calling: calling.areas, step: still ? null : step }, city), flat });
    // A flood lifts the land: there the line on the wall says it alone.
    hazards?.paint(flooding ? [] : hazardsNow(picture.state.hazards, picture), field.unit());
    const seen = { rows, flooding, surging, quiet: still ? quiet : null, dense, step, nowhere: calling.nowhere };
    const drawn = paintMarks(picture, { ...seen, more: calling.n });
    paintWords(picture, { ...seen, more: Math.max(0, calling.n - drawn) });
    // Its words are known last, and say what was drawn.
    if (!again && field.wordsGrown()) paint(picture, true);
  };
  return Object.assign((/** @type {Picture} */ picture) => paint(picture), { fresh });
}

/**
 * @param {Picture} picture
 * @param {{flooding: Flooding | null, surging: import("./map_flood.js").Surging | null, calling: ReadonlySet<string>, step: number | null}} seen step: null while nobody waits, and then the tones tell districts apart and nothing else
 * @param {import("../../ui/city.js").City} city
 * @returns {import("../../map/land.js").LandLook}
 */
function landOf({ state }, { flooding, surging, calling, step }, city) {
  if (step === null) {
    const order = city.districts.map(({ code }) => code).sort();
    return { state: "calm", calling, raised: new Set(), tone: (area) => `quiet-${order.indexOf(city.districtOf(area) ?? "") % 2 === 0 ? 0 : 1}` };
  }
  if (flooding) return { state: "flood", calling, raised: new Set(flooding.districts.keys()), tone: (area) => toneOf(flooding.areas.get(area) ?? 0, 1) };
  const waiting = (/** @type {string} */ area) => toneOf(state.tally.areas.get(area)?.waiting ?? 0, step);
  if (!surging) return { state: "calm", calling, raised: new Set(), tone: waiting };
  return { state: "surge", calling, raised: new Set(surging.districts.keys()), tone: waiting };
}

/** @param {HTMLElement} scene @param {BaseMap} base @param {MapField} field @param {Room} room @returns {(picture: Picture, seen: Seen | null) => number} marks and their names, laid out together; none of them for null; gives how many unacknowledged alarms have a ring */
function mountMarks(scene, base, field, room) {
  const { city } = room;
  const layer = createIncidentLayer();
  if (base.leaflet) layer.addTo(base.leaflet);
  const root = find(scene, ".map-marks");
  const [districts, labels, flashing] = [new Districts(root, room), new Labels(root, room), new FlashMarks(root)];
  const coarse = scene.ownerDocument.documentElement.dataset.density === "coarse";
  const palette = paletteOf(scene);
  /** @type {import("./map_placement.js").Plan | null} */
  let before = null;
  let [version, answered] = ["", ""];
  const paintSurge = mountSurgeMark(root, room);
  /** @param {Picture} picture @returns {number} */
  function clear(picture) {
    labels.paint({ districts: new Map(), marks: [], folded: [], standing: [] }, [], picture);
    paintSurge(null, null, { x: 0, y: 0 });
    layer.paint(flashing.paint([], picture), { palette, stale: false }, field.unit());
    return 0;
  }
  return (picture, seen) => {
    if (!seen) return clear(picture);
    const { rows, flooding, surging, quiet, dense } = seen;
    const alone = base.leaflet ? standAlone(picture, city).filter(({ urgent, shown }) => !(coarse || dense) || urgent || shown) : [];
    const outside = surging && !coarse ? field.surgeBeside(surging, districts.growth(rows, surging), room) : null;
    const measured = districts.measure(rows, { flood: flooding, apart: outside && surging ? surging.districts : null, dense, bars: quiet?.bars ?? true }, (code) => field.spotsOf(code));
    const now = `${field.version()} ${[...(flooding?.districts.keys() ?? [])].sort()}`;
    if (now !== version) before = null;
    version = now;
    const marks = alone.map((entry) => toMark(entry, base, coarse ? [] : labels.measure(entry, picture)));
    const area = field.area();
    const standing = measured.filter(({ hidden }) => !hidden);
    const beside = outside ? [outside.triangle, outside.words] : [];
    const chart = surging && field.chartBeside(beside);
    const kept = [...area.kept, ...(quiet?.boxes ?? []), ...beside, ...(chart ? [chart] : [])];
    // Most pictures change no place.
    const asked = `${version} ${planKey(standing, marks, kept)}`;
    if (asked !== answered || !before) before = plan(standing, marks, { ...area, kept }, before);
    answered = asked;
    const places = before;
    if (dense) dropCovering(measured, places);
    paintSurge(surging, outside, surging && field.homeOf(surging));
    districts.paint(measured, places);
    labels.paint(places, alone, picture);
    field.stand(places.standing);
    const incidents = flashing.paint(places.marks.flatMap((place) => toIncident(place, alone)), picture);
    layer.paint(incidents, { palette, stale: picture.freshness === "lost" }, field.unit());
    return alone.filter(({ urgent }) => urgent).length;
  };
}
