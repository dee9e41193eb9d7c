/**
 * Marks of what the figures do not count yet: the outline of its shape near its place, until the next picture (CR-76, CR-87).
 */
import { createIncidentLayer, paletteOf } from "../map/incident_layer.js";
import { freshPlaces } from "./fresh_places.js";

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("./fresh_places.js").Stand} Stand */
/** @typedef {import("./placement.js").Spot} Spot */
/** @typedef {import("./placement.js").Box} Box */

/**
 * Beneath what is counted, and never on a word or figure of it.
 * @param {HTMLElement} scene @param {import("../map/base_map.js").BaseMap} base
 * @param {{unit: () => number, area: () => {frame: Box}, standing: () => readonly Box[]}} field
 * @returns {(cards: readonly Card[]) => ReadonlySet<string>} draws them; gives the ids of those that no word lies over
 */
export function mountFresh(scene, base, field) {
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

/** @param {Card} card placed @param {Spot | undefined} own @param {Stand | undefined} place @returns {import("../map/incident_layer.js").Incident[]} */
function toFresh({ id, lat, lon, status }, own, place) {
  if (!own || !place) return [];
  const shift = /** @type {[number, number]} */ ([place.x - own.x, place.y - own.y]);
  return [{ id, latlng: [Number(lat), Number(lon)], shift, size: place.size, status, ring: "none", at: [place.x, place.y], tail: null, hollow: true }];
}
