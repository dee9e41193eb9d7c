/**
 * Which complaints a column of the board shows: the worst overdue, then what runs out next.
 * Never overdue alone: what can still be saved keeps half of the rows.
 */

/** @typedef {import("../wire.js").Card} Card */
/** @typedef {import("../rank.js").Ranking} Ranking */
/** @typedef {{ids: string, order: readonly string[], since: number}} Held */

export const ROWS = 6;
const LATE_FIRST = 3;
/** Rows change places at most this often, ms; a row that comes or goes shows at once. */
const HOLD = 10_000;

/** @param {Ranking} ranking @param {"waiting" | "in_process"} status @returns {Card[]} at most ROWS */
export function columnCards({ late, open }, status) {
  const lateRows = Math.max(LATE_FIRST, ROWS - open[status].length);
  const rows = late[status].slice(0, Math.min(lateRows, ROWS));
  return [...rows, ...open[status].slice(0, ROWS - rows.length)].map(({ card }) => card);
}

/**
 * @param {Held | null} held the order shown so far
 * @param {readonly Card[]} cards in their right order now
 * @param {number} mono ms
 * @returns {{held: Held, cards: Card[]}} the old order while it is young and holds the same cards
 */
export function holdOrder(held, cards, mono) {
  const order = cards.map((card) => card.id);
  const ids = [...order].sort().join(" ");
  const keep = held !== null && held.ids === ids && mono - held.since < HOLD;
  if (!keep) {
    const same = held !== null && held.order.join(" ") === order.join(" ");
    return { held: { ids, order, since: same ? held.since : mono }, cards: [...cards] };
  }
  const byId = new Map(cards.map((card) => [card.id, card]));
  return { held, cards: held.order.flatMap((id) => byId.get(id) ?? []) };
}
