/**
 * What has changed since the picture on the wall: its figures stand for up to a second (CR-87), its place is known at once.
 * Found by comparing two moments of the store, so nothing is remembered that could differ from either.
 */

/** @typedef {import("./feed/messages.js").Card} Card */
/** @typedef {import("./feed/store.js").State} State */

/** More marks than a map can tell apart. */
const MOST = 400;

/** @param {Card | null} before @param {Card} after @returns {boolean} whether a map would show it otherwise */
function looksOther(before, after) {
  return !before || before.status !== after.status || before.overdue !== after.overdue || before.lat !== after.lat || before.lon !== after.lon;
}

/** @param {State} newest @param {State} shown @returns {Card[]} placed complaints that came or look otherwise, as they are now */
export function beyond(newest, shown) {
  /** @type {Card[]} */
  const cards = [];
  if (newest === shown || newest.epoch !== shown.epoch) return cards;
  for (const { before, after } of newest.cards.since(shown.cards)) {
    if (cards.length === MOST) break;
    if (after && typeof after.lat === "number" && typeof after.lon === "number" && looksOther(before, after)) cards.push(after);
  }
  return cards;
}
