/**
 * Marks of the map scene: complaints that stand alone with their rings and names, and each district's triangle, name and bars.
 */
import { ZERO } from "../../feed/cards.js";
import { shownIn } from "../../feed/room_notices.js";
import { MOST_FLASHING } from "../../screen/flash.js";
import { priorityOf, ringOf, SLOTS } from "../../ui/alarms.js";
import { isQuiet, timeWords, whatWords, worst } from "../../ui/complaints.js";
import { element, mark, moveTo, NARROW, show, write } from "../../ui/dom.js";
import { setSymbol, SHAPES, symbol } from "../../ui/symbols.js";
import { boxesOf, growthOf, overlap, scaleTop } from "./map_placement.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("../../ui/picture.js").Picture} Picture */
/** @typedef {import("../../ui/picture.js").WallRoom} Room */
/** @typedef {import("../../ui/symbols.js").Ring} Ring */
/** @typedef {import("../../feed/cards.js").Row} Row */
/** @typedef {import("../../map/incident_layer.js").Incident} Incident */
/** @typedef {import("./map_placement.js").District} District */
/** @typedef {import("./map_placement.js").Plan} Plan */
/** @typedef {import("./map_placement.js").Size} Size */

// Which complaints stand alone on the map, and how each becomes a mark, a placed incident, a drawn one.

/** @typedef {{card: Card, lat: number, lon: number, named: boolean, ring: Ring, quiet: boolean, shown: boolean, urgent: boolean}} Alone quiet: its source is late or lost; named: the band names it too; shown: a desk calls it out; urgent: nobody has acknowledged its alarm */

const MOST = 12;
export const SIZE = { strong: 74, plain: 74, dashed: 62, thin: 62, none: 50 };
export const SHOWN_SIZE = 104;
/** Of a ring with its casing, and the badge at its upper right. */
const REACH = 1.18;
/** @type {ReadonlySet<string>} */
const NOBODY = new Set();

/**
 * At most as many unacknowledged ones as the band names, for more rings than that nobody reads: their land is lit all the same.
 * In a flood the banner stands for what it counts: of the unacknowledged only the critical ones stand alone (CR-26).
 * @param {Picture} picture @param {import("../../ui/city.js").City} city @returns {Alone[]} the band's first, then the worst
 */
export function standAlone(picture, city) {
  const shown = shownCard(picture);
  const flooded = floodedBy(picture);
  const named = [...(shown ? [shown] : []), ...picture.attention.flatMap(({ card }) => card ?? [])].filter(({ id }) => !flooded.has(id) || id === shown?.id);
  const rest = picture.flood ? [] : worst(picture.ranking).map(({ card }) => card).filter(({ id }) => !picture.unacked.has(id));
  const cards = new Map([...named, ...rest].map((card) => [card.id, card]));
  return [...cards.values()].flatMap((card) => {
    const place = placeOf(card, city);
    const urgent = picture.unacked.has(card.id);
    return place ? [{ card, ...place, urgent, named: named.includes(card), ring: ringOf(card, picture), quiet: !urgent && isQuiet(card, picture), shown: card === shown }] : [];
  }).slice(0, MOST);
}

/** @param {Picture} picture @returns {ReadonlySet<string>} complaints whose alarm the banner of a flood stands for */
function floodedBy({ flood, unacked, state }) {
  if (!flood) return NOBODY;
  const critical = new Set([...state.alarms.values()].filter((alarm) => alarm.state === "unacked" && priorityOf(alarm) === 1).map(({ complaint }) => complaint));
  return new Set([...unacked].filter((id) => !critical.has(id)));
}

/**
 * @param {Picture} picture @param {import("../../ui/city.js").City} city
 * @returns {{areas: Set<string>, n: number, nowhere: number}} where nobody has taken an alarm yet, of how many complaints, and of how many more that no land lights up for; a flood lights its districts instead
 */
export function callingIn(picture, city) {
  const flooded = floodedBy(picture);
  const calling = [...picture.unacked].filter((id) => !flooded.has(id));
  const areas = calling.flatMap((id) => city.area(picture.state.cards.get(id)?.area)?.code ?? []);
  return { areas: new Set(areas), n: areas.length, nowhere: calling.length - areas.length };
}

/** @param {Picture} picture @returns {Card | null} what a desk calls out on all walls now */
function shownCard({ state, beat, sinceBeat }) {
  const now = beat ? Date.parse(beat.now) + sinceBeat * 1000 : null;
  const id = shownIn(state.lines, now);
  return id ? state.cards.get(id) : null;
}

/** @param {Alone} entry @returns {{ring: Ring, size: number}} what is called out is larger and never without a ring */
function looksOf({ ring, shown }) {
  if (!shown) return { ring, size: SIZE[ring] };
  return { ring: ring === "none" ? "plain" : ring, size: SHOWN_SIZE };
}

/** @param {Card} card @param {import("../../ui/city.js").City} city @returns {import("../../ui/city.js").Point | null} its own, else its district's; null outside */
function placeOf({ area: code, lat, lon }, city) {
  const area = city.area(code);
  if (!area) return null;
  if (typeof lat === "number" && typeof lon === "number") return { lat, lon };
  const district = city.districts.find((one) => one.code === area.district);
  return district ? { lat: district.lat, lon: district.lon } : null;
}

/**
 * @param {Alone} entry @param {import("../../map/base_map.js").BaseMap} base @param {readonly Size[]} labels
 * @returns {import("./map_placement.js").Mark} what nobody has acknowledged must have a place, beside the land that it lights
 */
export function toMark(entry, base, labels) {
  const must = entry.shown || entry.urgent;
  const rise = base.land?.riseOf(entry.card.area ?? "") ?? 0;
  const [{ x, y }, box] = [base.point(entry.lat, entry.lon), entry.urgent ? base.land?.boxOf(entry.card.area ?? "") : null];
  const beside = box ? { ...box, y: box.y - rise } : null;
  return { id: entry.card.id, x, y: y - rise, rise, reach: looksOf(entry).size * REACH, must, beside, labels };
}

/** @param {import("./map_placement.js").Placed} placed @param {readonly Alone[]} alone @returns {Incident[]} */
export function toIncident({ mark, x, y, thread }, alone) {
  const entry = alone.find(({ card }) => card.id === mark.id);
  if (!entry) return [];
  return [{
    id: mark.id, latlng: [entry.lat, entry.lon], shift: [x - mark.x, y - mark.y], rise: mark.rise ?? 0, thread: thread !== null,
    ...looksOf(entry), status: entry.card.status, at: [x, y], quiet: entry.quiet,
  }];
}

// The marks of the map that flash stand in the page, above the canvas, so that the one flash of the stylesheet is theirs too.

export class FlashMarks {
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
   * @param {readonly Incident[]} incidents @param {Pick<Picture, "unacked" | "sceneFlashes" | "freshness">} picture
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

// How a district's name stands on the map: in one line while it is short, else in two, of which the longer one is as even as can be;
// what is longer still is cut.

/** The longest line, units at the sheet's size of text. */
const LONGEST = { fine: 440, coarse: 300 };
/** Types of the caption step and of the line step, units. */
const [CAPTION, LINE_STEP] = [48, 60];
/** What rounding may take of a line. */
const AIR = 4;

/** @typedef {{w: number, lines: 1 | 2}} NameSize */

/**
 * @param {string} name @param {"fine" | "coarse"} density
 * @param {{width: (words: string, size: number, weight: number) => number, type?: number}} room
 * @param {number} [step] of its text @returns {NameSize}
 */
export function nameSize(name, density, { width, type = 1 }, step = CAPTION) {
  const most = LONGEST[density] * type;
  const wide = (/** @type {string} */ line) => width(line, step, 600) * NARROW;
  const whole = wide(name);
  const words = name.split(" ");
  if (whole <= most || words.length === 1) return { w: Math.min(whole, most), lines: 1 };
  const splits = words.slice(1).map((_, i) => [words.slice(0, i + 1), words.slice(i + 1)].map((line) => wide(line.join(" "))));
  return { w: Math.min(most, Math.ceil(Math.min(...splits.map((lines) => Math.max(...lines)))) + AIR), lines: 2 };
}

// The names beside the marks that the alarm band names too: what it is and how late.

/** Lines of the line step, units at the sheet's size of text; longer names are cut by the stylesheet. */
const LINE = 66;
const WIDEST = 640;

/** @param {string} what @param {string} late @param {Room} room @returns {Size[]} in one line where it can, then in two */
function sizesOf(what, late, { width, type = 1 }) {
  /** @param {readonly string[]} lines @returns {Size} */
  const size = (lines) => {
    const widest = Math.max(...[...lines, late].map((line) => width(line, LINE_STEP, 600)));
    return { w: Math.min(WIDEST * type, Math.ceil(widest) + AIR), h: (lines.length + 1) * LINE * type };
  };
  const middle = what.lastIndexOf(" ", Math.ceil(what.length * 0.7));
  const two = middle > 0 ? [size([what.slice(0, middle), what.slice(middle + 1)])] : [];
  const one = size([what]);
  return one.w >= WIDEST * type && two.length > 0 ? two : [one, ...two];
}

export class Labels {
  #room;
  #labels;

  /** @param {HTMLElement} root @param {Room} room */
  constructor(root, room) {
    this.#room = room;
    // One more for what a desk calls out.
    this.#labels = Array.from({ length: SLOTS + 1 }, () => {
      const [what, late] = [element("span", "mark-what"), element("span", "mark-late")];
      const node = element("p", "mark-label", what, late);
      root.append(node);
      return { node, what, late };
    });
  }

  /** @param {Alone} entry @param {Picture} picture @returns {Size[]} none: it stands without a name, as what somebody has acknowledged does */
  measure({ card, urgent, shown }, picture) {
    return urgent || shown ? sizesOf(whatWords(card, this.#room), timeWords(card, picture, this.#room), this.#room) : [];
  }

  /** @param {Plan} places @param {readonly Alone[]} alone @param {Picture} picture */
  paint(places, alone, picture) {
    const named = places.marks.filter(({ label }) => label !== null);
    for (const [i, { node, what, late }] of this.#labels.entries()) {
      const { label, mark: at } = named[i] ?? {};
      const card = alone.find((entry) => entry.card.id === at?.id)?.card;
      show(node, card !== undefined);
      if (!label || !card) continue;
      moveTo(node, label.x, label.y);
      node.style.width = `calc(${label.w} * var(--u))`;
      const line = LINE * (this.#room.type ?? 1);
      moveTo(late, 0, label.h - line);
      mark(node, "data-side", label.side);
      mark(node, "data-lines", String(Math.round(label.h / line) - 1));
      write(what, whatWords(card, this.#room));
      write(late, timeWords(card, picture, this.#room));
    }
  }
}

// A district's triangle with its figure inside, by size; beside a small triangle where it does not fit, and in a flood.

/** Width of a triangle of height 1; its figure's baseline above its base; a capital's height, em. */
const [TRIANGLE, RAISED, CAP] = [1.14, 0.12, 0.7];
/** From so high on a triangle has a figure of that step. */
const STEPS = [{ step: 96, from: 185 }, { step: 72, from: 140 }, { step: 60, from: 0 }];
const LEAST = { fine: 100, coarse: 76 };
const GROWTH = { fine: 58, coarse: 45, portrait: 54 };
/** The smallest figure that a triangle holds, and how long it may be. */
const [INSIDE, MOST_DIGITS] = [60, 3];
/** A triangle with its figure beside it: its height, the figure's step, the gap between. */
const BESIDE = { size: 62, step: 72, gap: 18 };
/** Of a flooded district, the worst and the others, and every one where the layout is coarse. */
const FLOODED = { worst: 224, other: 168, coarse: 72 };
/** Who waits there, under its name: a small triangle with the figure beside it, as its neighbours have it. A coarse layout has no room under names: there it stands beside the figure of the alarms, after so much air. */
const WAITERS_AIR = 16;
const WAITING = { fine: { size: 46, step: 60, gap: 14, high: 58 }, coarse: { size: 40, step: 48, gap: 12, high: 48 } };

/** @typedef {"inside" | "beside" | "flooded" | "none"} Form */
/** @typedef {{form: Form, size: number, step: number, w: number, h: number, count?: number}} Figure size: height of its triangle; w, h: of the whole; count: width of the number alone, where who waits stands beside it */
/** @typedef {{width: (words: string, size: number, weight: number) => number, type?: number}} Measured */

/**
 * @param {number} n @param {string} words the number as it is written @param {number} size height by its root @param {Measured} room
 * @returns {Figure} in its triangle, which is as high as its figure needs
 */
export function figureInside(n, words, size, { width, type = 1 }) {
  if (n === 0) return { form: "none", size: 0, step: 0, w: 0, h: 0 };
  // At the top of its figure a triangle is as wide as the figure.
  const needs = (/** @type {number} */ step) => (width(words, step, 600) / TRIANGLE + CAP * step * type) / (1 - RAISED);
  const high = Math.round(Math.max(size, needs(INSIDE)));
  const step = STEPS.find((one) => high >= one.from * type && high >= needs(one.step))?.step ?? INSIDE;
  return { form: "inside", size: high, step, w: high * TRIANGLE, h: high };
}

/** @param {number} n @param {string} words @param {Measured} room @returns {Figure} */
function figureBeside(n, words, { width, type = 1 }) {
  if (n === 0) return { form: "none", size: 0, step: 0, w: 0, h: 0 };
  const size = BESIDE.size * type;
  return { form: "beside", size, step: BESIDE.step, w: size * TRIANGLE + BESIDE.gap + width(words, BESIDE.step, 600), h: size };
}

/** @param {string} words @param {number} step @param {Measured} room @returns {Figure} the large steps do not grow */
function figureFlooded(words, step, { width, type = 1 }) {
  const grown = step === FLOODED.coarse ? type : 1;
  return { form: "flooded", size: 0, step, w: (width(words, step, 600) / type) * grown, h: step * 0.74 * grown };
}

/** @param {string} words the number as it is written @param {"fine" | "coarse"} density @param {Measured} room @returns {Size} who waits in a flooded district */
function waitingSize(words, density, { width, type = 1 }) {
  const { size, step, gap, high } = WAITING[density];
  return { w: (size * TRIANGLE + gap) * type + width(words, step, 600), h: high * type };
}

// The bars under a name: in process, then done, on one scale for all districts.

const BAR = { per: 5, most: 260, height: 14, gap: 6, pad: 8 };

/** @param {number} most of both of one district @returns {number} units a report, so that the longest keeps within bounds */
export function barScale(most) {
  return Math.min(BAR.per, BAR.most / scaleTop(most));
}

/** @param {Row} row @param {number} scale @returns {{parts: [number, number], size: Size}} */
function barsOf({ in_process, done }, scale) {
  const parts = /** @type {[number, number]} */ ([in_process, done].map((n) => (n > 0 ? Math.max(2, Math.round(n * scale)) : 0)));
  const w = parts[0] + parts[1];
  return { parts, size: w > 0 ? { w: w + BAR.gap + 2 * BAR.pad, h: BAR.height + 2 * BAR.pad } : { w: 0, h: 0 } };
}

// The districts of the map. One node each, made once; only what changed is written.

/** Between a triangle, its name and its bars; and the height of a line of a name, by its step. */
const [GAP, NAME_LINE] = [12, 1.06];
/** So many districts have a mark where the layout is coarse. */
const FEW = 5;
/** And where cells are the picture: a province has more districts than a map has room for figures. */
const MOST_DENSE = 40;

/** @typedef {District & {number: string, shape: Figure, named: NameSize, nameStep: number, parts: [number, number], waits: string, hidden: boolean}} Measure waits: how many, in place of the bars, where the figure counts alarms */

export class Districts {
  #room;
  /** @type {"fine" | "coarse"} */
  #density;
  #growth;
  #nodes;

  /** @param {HTMLElement} root @param {Room} room */
  constructor(root, room) {
    const { density, shape } = root.ownerDocument.documentElement.dataset;
    this.#room = room;
    this.#density = density === "coarse" ? "coarse" : "fine";
    this.#growth = GROWTH[this.#density === "coarse" ? "coarse" : shape === "portrait" ? "portrait" : "fine"];
    this.#nodes = new Map(room.city.districts.map(({ code, name }) => [code, mountDistrict(root, name)]));
  }

  /**
   * @param {Map<string, Row>} rows @param {import("./map_flood.js").Surging} apart what of those waits elsewhere
   * @returns {number} height of a triangle by the root of its number
   */
  growth(rows, { districts }) {
    return growthOf(Math.max(0, ...[...rows].map(([code, { waiting }]) => besides(waiting, districts.get(code)))), this.#growth);
  }

  /**
   * @param {Map<string, Row>} rows
   * @param {{flood: import("./map_flood.js").Flooding | null, apart: Map<string, number> | null, dense?: boolean, bars?: boolean}} seen flood: its districts count its alarms, not who waits; apart: of a surge, counted beside the city; dense: its cells are the picture; bars: whether they stand
   * @param {(code: string) => import("./map_placement.js").Spot[]} spotsOf @returns {Measure[]}
   */
  measure(rows, { flood, apart, dense = false, bars: barred = true }, spotsOf) {
    const { city, format, type = 1 } = this.#room;
    const room = this.#room;
    const coarse = this.#density === "coarse";
    const waiting = city.districts.map(({ code }) => ({ code, n: flood?.districts.get(code) ?? besides(rows.get(code)?.waiting ?? 0, apart?.get(code)) }));
    const most = Math.max(0, ...waiting.map(({ n }) => n));
    const growth = growthOf(most, this.#growth);
    const scale = barScale(Math.max(0, ...city.districts.map(({ code }) => (rows.get(code)?.in_process ?? 0) + (rows.get(code)?.done ?? 0))));
    const order = [...waiting].sort((a, b) => b.n - a.n || (a.code < b.code ? -1 : 1)).map(({ code }) => code);
    const worst = flood ? [...flood.districts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0] : null;
    return waiting.map(({ code, n }) => {
      const [row, words, flooded] = [rows.get(code) ?? ZERO, format.number(n), flood?.districts.has(code) === true];
      const waits = flooded && row.waiting > 0 ? format.number(row.waiting) : "";
      const waiters = waits ? waitingSize(waits, this.#density, room) : null;
      const figure = flooded
        ? figureFlooded(words, coarse ? FLOODED.coarse : code === worst ? FLOODED.worst : FLOODED.other, room)
        : flood || dense || String(most).length > MOST_DIGITS
          ? figureBeside(n, words, room)
          : figureInside(n, words, Math.max(LEAST[this.#density], growth * Math.sqrt(n)), room);
      const shape = coarse && waiters ? { ...figure, count: figure.w, w: figure.w + WAITERS_AIR * type + waiters.w } : figure;
      const nameStep = flooded && !coarse ? LINE_STEP : CAPTION;
      const named = nameSize(city.district(code), this.#density, room, nameStep);
      const bars = coarse || flood || dense || !barred ? { parts: /** @type {[number, number]} */ ([0, 0]), size: { w: 0, h: 0 } } : barsOf(row, scale);
      const place = order.indexOf(code);
      const hidden = !flooded && ((coarse && (flood !== null || place >= FEW || n === 0)) || (dense && place >= MOST_DENSE));
      const unnamed = coarse && !flooded && place > 0;
      return {
        code, waiting: n, number: words, spots: spotsOf(code), shape, hidden, named, nameStep, parts: bars.parts, waits,
        figure: { w: shape.w, h: shape.h }, pointed: shape.form === "inside", over: shape.count !== undefined, bars: coarse ? { w: 0, h: 0 } : (waiters ?? bars.size), gap: GAP * type,
        name: unnamed ? { w: 0, h: 0 } : { w: named.w, h: nameStep * NAME_LINE * named.lines * type },
      };
    });
  }

  /** @param {readonly Measure[]} measured @param {Plan} places */
  paint(measured, places) {
    for (const one of measured) this.#nodes.get(one.code)?.(one, places.districts.get(one.code) ?? null, { type: this.#room.type ?? 1, density: this.#density });
  }
}

/** @param {readonly Measure[]} measured @param {Plan} places changed in place: a figure that would cover that of a district where more wait is not there */
export function dropCovering(measured, places) {
  /** @type {import("./map_placement.js").Box[]} */
  const taken = [];
  for (const one of [...measured].sort((a, b) => b.waiting - a.waiting || (a.code < b.code ? -1 : 1))) {
    const stands = places.districts.get(one.code);
    const { figure } = stands ? boxesOf(one, stands) : { figure: [] };
    if (figure.some((box) => taken.some((other) => overlap(box, other) > 0))) places.districts.delete(one.code);
    else taken.push(...figure);
  }
}

/** @param {number} waiting @param {number} [apart] @returns {number} the rest; never below zero, for it has a root and a size */
export function besides(waiting, apart = 0) {
  return Math.max(0, waiting - apart);
}

/** @param {HTMLElement} root @param {string} words @returns {(measure: Measure, stands: import("./map_placement.js").Standing | null, look: {type: number, density: "fine" | "coarse"}) => void} */
function mountDistrict(root, words) {
  const [name, count] = [element("p", "cluster-name", words), element("p", "cluster-count")];
  const parts = [element("span", "cluster-bar cluster-bar-in-process"), element("span", "cluster-bar cluster-bar-done")];
  const bars = element("p", "cluster-bars", ...parts);
  const triangle = cased();
  const [small, waitingCount] = [cased(), element("span", "cluster-waiting")];
  const waiters = element("p", "cluster-waiters", waitingCount);
  waiters.prepend(small);
  const node = element("div", "cluster", triangle, count, name, bars, waiters);
  root.append(node);
  return ({ shape, number, named, nameStep, parts: widths, waits, waiting, name: { w } }, stands, look) => {
    show(node, stands !== null);
    mark(node, "data-waiting", String(waiting));
    mark(node, "data-form", shape.form);
    write(count, shape.form === "none" ? "0" : number);
    if (!stands) return;
    moveTo(node, stands.x, stands.y);
    placeFigure(triangle, count, shape);
    show(name, stands.name !== null && w > 0);
    mark(name, "data-lines", String(named.lines));
    mark(name, "data-step", String(nameStep));
    name.style.width = `calc(${named.w.toFixed(1)} * var(--u) + 1px)`;
    if (stands.name) moveTo(name, stands.name.x - stands.x, stands.name.y - stands.y);
    show(bars, stands.bars !== null && !waits);
    show(waiters, waits !== "" && (stands.bars !== null || shape.count !== undefined));
    write(waitingCount, waits);
    if (stands.bars) moveTo(waits ? waiters : bars, stands.bars.x - stands.x, stands.bars.y - stands.y);
    const baseline = placeWaiting(small, waitingCount, look);
    if (shape.count !== undefined) moveTo(waiters, shape.count + WAITERS_AIR * look.type - shape.w / 2, -baseline);
    for (const [i, part] of parts.entries()) part.style.width = `calc(${widths[i] ?? 0} * var(--u))`;
  };
}

/** @param {SVGElement} triangle @param {HTMLElement} count @param {Figure} shape */
function placeFigure(triangle, count, { form, size, step, w, count: alone = w }) {
  mark(count, "data-step", String(step));
  count.style.width = form === "beside" ? "max-content" : `calc(${alone.toFixed(1)} * var(--u))`;
  triangle.style.setProperty("--z", String(size));
  if (form === "beside") {
    moveTo(triangle, -w / 2 + (size * TRIANGLE) / 2, -size / 3, "middle");
    return moveTo(count, -w / 2 + size * TRIANGLE + BESIDE.gap, -size * 0.06);
  }
  moveTo(triangle, 0, -size / 3, "middle");
  moveTo(count, -w / 2, form === "inside" ? -size * RAISED : 0);
}

/** @param {SVGElement} triangle @param {HTMLElement} count @param {{type: number, density: "fine" | "coarse"}} look @returns {number} how far its baseline is below its corner */
function placeWaiting(triangle, count, { type, density }) {
  const { gap, ...high } = WAITING[density];
  const [size, line] = [high.size * type, high.high * type];
  triangle.style.setProperty("--z", String(size));
  moveTo(triangle, (size * TRIANGLE) / 2, line - size / 3 - 4 * type, "middle");
  moveTo(count, size * TRIANGLE + gap * type, line - 4 * type);
  return line - 4 * type;
}

/** A triangle on a casing of its own shape. */
function cased() {
  const svg = symbol("waiting");
  const casing = document.createElementNS("http://www.w3.org/2000/svg", "path");
  casing.setAttribute("class", "casing");
  casing.setAttribute("d", SHAPES.waiting);
  svg.prepend(casing);
  return svg;
}
