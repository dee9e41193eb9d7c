/**
 * Which complaints a column of the board shows: unacknowledged, then what runs out next, then overdue in good hands.
 * Never overdue alone: what can still be saved keeps its share of the rows.
 */

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("../ui/complaints.js").Ranking} Ranking */
/** @typedef {{ids: string, order: readonly string[], since: number}} Held */

export const ROWS = 6;
/** So many rows at least are for others than the unacknowledged, and so many at most for what somebody has. */
const OTHERS = 3;
const HANDLED = 2;
/** Rows change places at most this often, ms; a row that comes or goes shows at once. */
const HOLD = 10_000;

/**
 * @param {Ranking} ranking @param {"waiting" | "in_process"} status
 * @param {(card: Card) => boolean} mustAct whether nobody has an overdue complaint yet
 * @returns {Card[]} at most ROWS
 */
export function columnCards({ late, open }, status, mustAct) {
  const overdue = late[status].map(({ card }) => card);
  const [urgent, handled] = [overdue.filter(mustAct), overdue.filter((card) => !mustAct(card))];
  const running = open[status].map(({ card }) => card);
  const first = Math.min(urgent.length, ROWS - Math.min(OTHERS, running.length + handled.length));
  const rest = ROWS - first;
  const last = Math.min(handled.length, Math.max(rest - running.length, Math.min(HANDLED, rest >> 1)));
  return [...urgent.slice(0, first), ...running.slice(0, rest - last), ...handled.slice(0, last)];
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
