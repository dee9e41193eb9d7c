/**
 * Which other open reports may be about the same thing: same category, near in place and time. Pure; the room's own answer is better.
 */

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("./details.js").Similar} Similar */

const METRES = 500;
const MINUTES = 24 * 60;
const MOST = 5;
const PER_DEGREE = 111_195;

/** @param {Card} a @param {Card} b @returns {number} metres; Infinity where one has no place */
export function metresBetween(a, b) {
  const [lat, lon, to, at] = [a.lat, a.lon, b.lat, b.lon];
  if (typeof lat !== "number" || typeof lon !== "number" || typeof to !== "number" || typeof at !== "number") return Infinity;
  const narrowing = Math.cos((((lat + to) / 2) * Math.PI) / 180);
  return PER_DEGREE * Math.hypot(lat - to, (lon - at) * narrowing);
}

/** @param {Card} card @param {Iterable<Card>} cards @returns {Similar[]} nearest first */
export function similarTo(card, cards) {
  /** @type {Similar[]} */
  const found = [];
  for (const other of cards) {
    if (other.id === card.id || other.category !== card.category || (other.status !== "waiting" && other.status !== "in_process")) continue;
    const metres = metresBetween(card, other);
    const minutes = Math.abs(Date.parse(card.received_at ?? "") - Date.parse(other.received_at ?? "")) / 60_000;
    if (metres <= METRES && minutes <= MINUTES) found.push({ id: other.id, card: other, metres, minutes });
  }
  return found.sort((a, b) => (a.metres ?? 0) - (b.metres ?? 0)).slice(0, MOST);
}

/** @param {Card} card @param {Iterable<Card>} cards @param {import("./details.js").Suggestions | null} suggestions the room's answer, where it has come @returns {Similar[]} */
export function similarNow(card, cards, suggestions) {
  // What the room finds unlikely to be one thing is not offered for merging.
  return suggestions?.similar?.filter((one) => one?.card && one.id !== card.id && one.merge !== false) ?? similarTo(card, cards);
}
