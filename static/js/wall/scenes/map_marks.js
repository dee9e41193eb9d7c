/**
 * Marks of the map scene: complaints that stand alone with their names, and the clusters of the districts.
 */
import { ZERO } from "../../feed/cards.js";
import { shownIn } from "../../feed/room_notices.js";
import { priorityOf, ringOf, SLOTS } from "../../ui/alarms.js";
import { isQuiet, timeWords, whatWords, worst } from "../../ui/complaints.js";
import { element, mark, moveTo, show, write } from "../../ui/dom.js";
import { setSymbol, symbol } from "../../ui/symbols.js";
import { boxes, NAME, nameRise, scaleTop, triangleSize } from "./map_placement.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("../../ui/picture.js").Picture} Picture */
/** @typedef {import("../../ui/symbols.js").Ring} Ring */
/** @typedef {import("../../feed/cards.js").Row} Row */
/** @typedef {import("./map_placement.js").Cluster} Cluster */

// Which overdue complaints stand alone on the map, and how each becomes a mark, a placed incident, a drawn one.

/** @typedef {{card: Card, lat: number, lon: number, named: boolean, ring: Ring, quiet: boolean, shown: boolean, flooded: boolean}} Alone quiet: its source is late or lost; named: the band names it too; shown: a desk calls it out; flooded: a flood is on, and the counts matter more */

const MOST = 12;
const SIZE = { strong: 62, plain: 62, dashed: 49, thin: 49, none: 49 };
const SHOWN_SIZE = 104;
const REACH = 1.12;
/** @type {ReadonlySet<string>} */
const NOBODY = new Set();

/**
 * In a flood the banner stands for what it counts: of the unacknowledged only the critical ones stand alone (CR-26), the
 * others are counted by their clusters.
 * @param {Picture} picture @param {import("../../ui/city.js").City} city @returns {Alone[]} the band's first, then the worst
 */
export function standAlone(picture, city) {
  const shown = shownCard(picture);
  const flooded = floodedBy(picture);
  const named = [...(shown ? [shown] : []), ...picture.attention.flatMap(({ card }) => card ?? [])].filter(({ id }) => !flooded.has(id) || id === shown?.id);
  const cards = new Map([...named, ...worst(picture.ranking).map(({ card }) => card)].map((card) => [card.id, card]));
  return [...cards.values()].filter((card) => card === shown || !flooded.has(card.id)).flatMap((card) => {
    const place = placeOf(card, city);
    return place ? [{ card, ...place, named: named.includes(card), ring: ringOf(card, picture), quiet: isQuiet(card, picture), shown: card === shown, flooded: picture.flood !== null }] : [];
  }).slice(0, MOST);
}

/** @param {Picture} picture @returns {ReadonlySet<string>} complaints whose alarm the banner of a flood stands for */
function floodedBy({ flood, unacked, state }) {
  if (!flood) return NOBODY;
  const critical = [...state.alarms.values()].filter((alarm) => alarm.state === "unacked" && priorityOf(alarm) === 1).map(({ complaint }) => complaint);
  return new Set([...unacked].filter((id) => !critical.includes(id)));
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
 * @param {Alone} entry @param {import("../../map/base_map.js").BaseMap} base @param {readonly import("./map_placement.js").Size[]} labels
 * @returns {import("./map_placement.js").Mark} what nobody has acknowledged must have a place
 */
export function toMark(entry, base, labels) {
  const must = entry.shown || entry.ring === "strong" || entry.ring === "plain";
  return { id: entry.card.id, ...base.point(entry.lat, entry.lon), reach: looksOf(entry).size * REACH, must, yields: entry.flooded && !must, labels };
}

/** @param {readonly Alone[]} alone @param {import("../../ui/city.js").City} city @returns {Map<string, number>} how many of each district */
export function perDistrict(alone, city) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { card } of alone) {
    const code = city.districtOf(card.area ?? "") ?? "";
    if (card.overdue) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return counts;
}

/** @param {import("./map_placement.js").Placed} placed @param {readonly Alone[]} alone @returns {import("../../map/incident_layer.js").Incident[]} */
export function toIncident({ mark, x, y, tail }, alone) {
  const entry = alone.find(({ card }) => card.id === mark.id);
  if (!entry) return [];
  return [{
    id: mark.id, latlng: [entry.lat, entry.lon], shift: [x - mark.x, y - mark.y],
    ...looksOf(entry), status: entry.card.status, tail: tail && [tail.x - mark.x, tail.y - mark.y], at: [x, y], quiet: entry.quiet,
  }];
}

// How a district's name stands on the map: in one line while it is short, else in two, of which the longer one is as even as can be;
// what is longer still is cut.

/** The longest line, units at the sheet's size of text. */
const LONGEST = { fine: 440, coarse: 300 };
/** Type of the caption step, units. */
const CAPTION = 48;
/** What rounding may take of a line. */
const AIR = 4;

/** @typedef {{w: number, lines: 1 | 2}} NameSize */

/**
 * @param {string} name @param {"fine" | "coarse"} density
 * @param {{width: (words: string, size: number, weight: number) => number, type?: number}} room @returns {NameSize}
 */
export function nameSize(name, density, { width, type = 1 }) {
  const most = LONGEST[density] * type;
  const whole = width(name, CAPTION, 400);
  const words = name.split(" ");
  if (whole <= most || words.length === 1) return { w: Math.min(whole, most), lines: 1 };
  const splits = words.slice(1).map((_, i) => [words.slice(0, i + 1), words.slice(i + 1)].map((line) => width(line.join(" "), CAPTION, 400)));
  return { w: Math.min(most, Math.ceil(Math.min(...splits.map((lines) => Math.max(...lines)))) + AIR), lines: 2 };
}

// The names beside the marks that the alarm band names too: what it is and how late.

/** Lines of the caption step, units at the sheet's size of text; longer names are cut by the stylesheet. */
const LINE = 56;
const WIDEST = 560;

/** @param {string} what @param {string} late @param {import("../../ui/picture.js").WallRoom} room @returns {import("./map_placement.js").Size[]} in one line where it can, then in two */
function sizesOf(what, late, { width, type = 1 }) {
  /** @param {readonly string[]} lines @returns {import("./map_placement.js").Size} */
  const size = (lines) => {
    const widest = Math.max(...[...lines, late].map((line) => width(line, CAPTION, 600)));
    return { w: Math.min(WIDEST * type, Math.ceil(widest) + 4), h: (lines.length + 1) * LINE * type };
  };
  const middle = what.lastIndexOf(" ", Math.ceil(what.length * 0.7));
  const two = middle > 0 ? [size([what.slice(0, middle), what.slice(middle + 1)])] : [];
  const one = size([what]);
  return one.w >= WIDEST * type && two.length > 0 ? two : [one, ...two];
}

export class Labels {
  #room;
  #labels;

  /** @param {HTMLElement} root @param {import("../../ui/picture.js").WallRoom} room */
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

  /** @param {Alone} entry @param {Picture} picture @returns {import("./map_placement.js").Size[]} none: it stands without a name */
  measure({ card, named }, picture) {
    return named ? sizesOf(whatWords(card, this.#room), timeWords(card, picture, this.#room), this.#room) : [];
  }

  /** @param {import("./map_placement.js").Plan} places @param {readonly Alone[]} alone @param {Picture} picture */
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

// The small line under a cluster's figure: overdue that do not stand alone, in process, done today.
// In order of weight, so that what finds no room is what matters least.

/** @typedef {"late" | "in_process" | "done"} PartName */
/** @typedef {{name: PartName, n: number}} Part */

const NAMES = /** @type {const} */ (["late", "in_process", "done"]);
const SYMBOL = 36;
const BESIDE = 10;
const BETWEEN = 26;

/** @param {import("../../feed/cards.js").Row} row @param {number} alone overdue that stand alone on the map @returns {Part[]} none that is zero */
function splitParts({ overdue, in_process, done }, alone) {
  const counts = { late: Math.max(0, overdue - alone), in_process, done };
  return NAMES.map((name) => ({ name, n: counts[name] })).filter(({ n }) => n > 0);
}

/** @param {Part[]} parts @param {import("../../ui/picture.js").WallRoom} room @returns {number[]} width of the first one, of the first two … */
function splitWidths(parts, { format, width }) {
  let total = -BETWEEN;
  return parts.map(({ n }) => (total += BETWEEN + SYMBOL + BESIDE + width(format.number(n), CAPTION, 400)));
}

/** @param {import("../../ui/picture.js").WallRoom} room */
function mountSplit(room) {
  const parts = NAMES.map((name) => {
    const shape = name === "late" ? lateBadge() : symbol(name);
    const figure = element("span", "split-count");
    return { name, figure, part: element("span", "split-part", shape, figure) };
  });
  const node = element("p", "cluster-split", ...parts.map(({ part }) => part));
  return {
    node,
    /** @param {Part[]} shown */
    paint(shown) {
      const widths = splitWidths(shown, room);
      const whole = widths.at(-1) ?? 0;
      for (const { name, figure, part } of parts) {
        const place = shown.findIndex((one) => one.name === name);
        mark(part, "data-empty", String(place < 0));
        if (place < 0) continue;
        write(figure, room.format.number(shown[place]?.n ?? 0));
        moveTo(part, (place > 0 ? (widths[place - 1] ?? 0) + BETWEEN : 0) - whole / 2, 0);
      }
    },
  };
}

/** The badge of the overdue ring alone, as on the marks. */
function lateBadge() {
  const badge = symbol("waiting");
  setSymbol(badge, { ring: "strong" });
  badge.classList.add("badge-only");
  return badge;
}

// The clusters of the map: a district's name, its waiting as a triangle with a figure, the rest small below.
// One node each, made once; only what changed is written.

const SIZES = { fine: { least: 40, most: 118 }, coarse: { least: 34, most: 90 } };
const TRIANGLE = 1.14;
const GAP = 16;
/** Step of the counts, as in map.css and coarse.css. */
const FIGURE = { fine: 72, coarse: 60 };

export class Clusters {
  #room;
  /** @type {"fine" | "coarse"} */
  #density;
  #names;
  #nodes;

  /** @param {HTMLElement} root @param {import("../../ui/picture.js").WallRoom} room */
  constructor(root, room) {
    this.#room = room;
    this.#density = root.ownerDocument.documentElement.dataset.density === "coarse" ? "coarse" : "fine";
    this.#names = new Map(room.city.districts.map(({ code, name }) => [code, nameSize(name, this.#density, room)]));
    this.#nodes = new Map(room.city.districts.map(({ code, name }) => [code, mountCluster(root, name, room)]));
  }

  /**
   * @param {Map<string, Row>} rows @param {import("../../map/base_map.js").BaseMap} base
   * @param {Map<string, number>} alone how many overdue of each district stand alone
   * @returns {Cluster[]}
   */
  measure(rows, base, alone) {
    const { city, format, width } = this.#room;
    const names = this.#names;
    const top = scaleTop(Math.max(0, ...city.districts.map(({ code }) => rows.get(code)?.waiting ?? 0)));
    return city.districts.map(({ code, lat, lon }) => {
      const row = rows.get(code) ?? ZERO;
      const size = triangleSize(row.waiting, top, SIZES[this.#density]);
      return {
        code, ...base.point(lat, lon), size, waiting: row.waiting, type: this.#room.type ?? 1,
        nameWidth: names.get(code)?.w ?? 0, nameLines: names.get(code)?.lines ?? 1,
        countWidth: size * TRIANGLE + GAP + width(format.number(row.waiting), FIGURE[this.#density], 600),
        splitWidths: splitWidths(splitParts(row, alone.get(code) ?? 0), this.#room),
      };
    });
  }

  /** @param {Map<string, Row>} rows @param {Cluster[]} laid @param {import("./map_placement.js").Plan} plan @param {Map<string, number>} alone */
  paint(rows, laid, { splits, named }, alone) {
    for (const cluster of laid) {
      const row = rows.get(cluster.code) ?? ZERO;
      const parts = splitParts(row, alone.get(cluster.code) ?? 0).slice(0, splits.get(cluster.code) ?? 0);
      this.#nodes.get(cluster.code)?.(cluster, row, parts, named.has(cluster.code));
    }
  }
}

/**
 * @param {HTMLElement} root @param {string} words @param {import("../../ui/picture.js").WallRoom} room
 * @returns {(cluster: Cluster, row: Row, parts: Part[], named: boolean) => void}
 */
function mountCluster(root, words, room) {
  const [name, count] = [element("p", "cluster-name", words), element("p", "cluster-count")];
  const triangle = symbol("waiting");
  const split = mountSplit(room);
  const node = element("div", "cluster", name, triangle, count, split.node);
  root.append(node);
  return (cluster, row, parts, named) => {
    const { x, y, size, nameWidth, nameLines = 1, countWidth, type } = cluster;
    moveTo(node, x, y);
    mark(name, "data-lines", String(nameLines));
    name.style.width = `calc(${nameWidth.toFixed(1)} * var(--u) + 1px)`;
    moveTo(name, -nameWidth / 2, -nameRise(size, type) - (nameLines - 1) * NAME.height * (type ?? 1));
    moveTo(triangle, (size * TRIANGLE - countWidth) / 2, -size / 3, "middle");
    moveTo(count, size * TRIANGLE + GAP - countWidth / 2, 0);
    moveTo(split.node, 0, boxes(cluster).split.y - y);
    triangle.style.setProperty("--z", String(size));
    write(count, room.format.number(row.waiting));
    mark(node, "data-waiting", String(row.waiting));
    show(name, named);
    split.paint(parts);
  };
}
