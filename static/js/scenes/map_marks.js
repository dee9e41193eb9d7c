/**
 * Which overdue complaints stand alone on the map, and how each becomes a mark, a placed incident, a drawn one.
 */
import { priorityOf, ringOf } from "../ui/alarms.js";
import { isQuiet, worst } from "../ui/complaints.js";
import { shownIn } from "../feed/room_notices.js";

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("../ui/picture.js").Picture} Picture */
/** @typedef {import("../ui/symbols.js").Ring} Ring */
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
 * @param {Picture} picture @param {import("../ui/city.js").City} city @returns {Alone[]} the band's first, then the worst
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

/** @param {Card} card @param {import("../ui/city.js").City} city @returns {import("../ui/city.js").Point | null} its own, else its district's; null outside */
function placeOf({ area: code, lat, lon }, city) {
  const area = city.area(code);
  if (!area) return null;
  if (typeof lat === "number" && typeof lon === "number") return { lat, lon };
  const district = city.districts.find((one) => one.code === area.district);
  return district ? { lat: district.lat, lon: district.lon } : null;
}

/**
 * @param {Alone} entry @param {import("../map/base_map.js").BaseMap} base @param {readonly import("./placement.js").Size[]} labels
 * @returns {import("./placement.js").Mark} what nobody has acknowledged must have a place
 */
export function toMark(entry, base, labels) {
  const must = entry.shown || entry.ring === "strong" || entry.ring === "plain";
  return { id: entry.card.id, ...base.point(entry.lat, entry.lon), reach: looksOf(entry).size * REACH, must, yields: entry.flooded && !must, labels };
}

/** @param {readonly Alone[]} alone @param {import("../ui/city.js").City} city @returns {Map<string, number>} how many of each district */
export function perDistrict(alone, city) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { card } of alone) {
    const code = city.districtOf(card.area ?? "") ?? "";
    if (card.overdue) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return counts;
}

/** @param {import("./placement.js").Placed} placed @param {readonly Alone[]} alone @returns {import("../map/incident_layer.js").Incident[]} */
export function toIncident({ mark, x, y, tail }, alone) {
  const entry = alone.find(({ card }) => card.id === mark.id);
  if (!entry) return [];
  return [{
    id: mark.id, latlng: [entry.lat, entry.lon], shift: [x - mark.x, y - mark.y],
    ...looksOf(entry), status: entry.card.status, tail: tail && [tail.x - mark.x, tail.y - mark.y], at: [x, y], quiet: entry.quiet,
  }];
}
