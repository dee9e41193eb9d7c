/**
 * Which overdue complaints stand alone on the map, and how each becomes a mark, a placed incident, a drawn one.
 */
import { ringOf } from "../attention.js";
import { isQuiet } from "../quiet_sources.js";
import { worst } from "../rank.js";

/** @typedef {import("../wire.js").Card} Card */
/** @typedef {import("../picture.js").Picture} Picture */
/** @typedef {import("../symbols.js").Ring} Ring */
/** @typedef {{card: Card, lat: number, lon: number, named: boolean, ring: Ring, quiet: boolean}} Alone quiet: its source is late or lost; named: the band names it too */

const MOST = 12;
const SIZE = { strong: 62, plain: 62, dashed: 49, thin: 49, none: 49 };
const REACH = 1.12;

/** @param {Picture} picture @param {import("../city.js").City} city @returns {Alone[]} the band's first, then the worst */
export function standAlone(picture, city) {
  const named = picture.attention.flatMap(({ card }) => card ?? []);
  const cards = new Map([...named, ...worst(picture.ranking).map(({ card }) => card)].map((card) => [card.id, card]));
  return [...cards.values()].flatMap((card) => {
    const place = placeOf(card, city);
    return place ? [{ card, ...place, named: named.includes(card), ring: ringOf(card, picture), quiet: isQuiet(card, picture) }] : [];
  }).slice(0, MOST);
}

/** @param {Card} card @param {import("../city.js").City} city @returns {import("../city.js").Point | null} its own, else its district's; null outside */
function placeOf({ area: code, lat, lon }, city) {
  const area = city.area(code);
  if (!area) return null;
  if (typeof lat === "number" && typeof lon === "number") return { lat, lon };
  const district = city.districts.find((one) => one.code === area.district);
  return district ? { lat: district.lat, lon: district.lon } : null;
}

/**
 * @param {Alone} entry @param {import("../base_map.js").BaseMap} base @param {readonly import("./placement.js").Size[]} labels
 * @returns {import("./placement.js").Mark}
 */
export function toMark({ card, lat, lon, ring }, base, labels) {
  return { id: card.id, ...base.point(lat, lon), reach: SIZE[ring] * REACH, labels };
}

/** @param {readonly Alone[]} alone @param {import("../city.js").City} city @returns {Map<string, number>} how many of each district */
export function perDistrict(alone, city) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { card } of alone) {
    const code = city.districtOf(card.area ?? "") ?? "";
    if (card.overdue) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return counts;
}

/** @param {import("./placement.js").Placed} placed @param {readonly Alone[]} alone @returns {import("../layers/incident_layer.js").Incident[]} */
export function toIncident({ mark, x, y, led }, alone) {
  const entry = alone.find(({ card }) => card.id === mark.id);
  if (!entry) return [];
  return [{
    id: mark.id, latlng: [entry.lat, entry.lon], shift: [x - mark.x, y - mark.y],
    size: SIZE[entry.ring], status: entry.card.status, ring: entry.ring, led, at: [x, y], quiet: entry.quiet,
  }];
}
