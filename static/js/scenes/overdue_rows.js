/**
 * Which overdue complaints the scene shows, and how far each is beyond its limit. One percent scale for minutes and days.
 */
import { standing } from "../deadline.js";
import { worst } from "../rank.js";

/** @typedef {import("../wire.js").Card} Card */
/** @typedef {import("../picture.js").Picture} Picture */
/** @typedef {{card: Card, percent: number}} Late percent of the allowed time: 100 is the limit */

export const ROWS = 9;
/** So many places at most are kept for the unacknowledged that are not among the worst. */
const UNACKED = 6;
/** The scale ends where the last person is told. */
export const SCALE = { from: 100, to: 300 };

/** @param {Card} card @param {Picture} picture @param {number} known percent by the server, 0 when it says none @returns {number} */
function percentOf(card, { at, calendar }, known) {
  const used = at === null ? null : (standing(card, at, calendar)?.used ?? null);
  return used === null ? Math.max(100, known) : Math.max(100, Math.floor(used * 100));
}

/**
 * @param {Picture} picture
 * @param {readonly {id: string, percent: number}[]} figure the server's worst, of every overdue complaint
 * @returns {Late[]} furthest beyond the limit first, at most ROWS
 */
export function overdueRows(picture, figure) {
  const known = new Map(figure.map(({ id, percent }) => [id, percent]));
  const ids = new Set([...worst(picture.ranking).map(({ card }) => card.id), ...known.keys()]);
  const rows = [...ids].flatMap((id) => {
    const card = picture.state.cards.get(id);
    return card?.overdue ? [{ card, percent: percentOf(card, picture, known.get(id) ?? 0) }] : [];
  }).sort(byPercent);
  const unacked = rows.filter(({ card }) => picture.unacked.has(card.id)).slice(0, UNACKED);
  const rest = rows.filter((row) => !unacked.includes(row)).slice(0, ROWS - unacked.length);
  return [...unacked, ...rest].sort(byPercent);
}

/** @param {Late} a @param {Late} b */
function byPercent(a, b) {
  return b.percent - a.percent || (a.card.id < b.card.id ? -1 : 1);
}

/** @param {number} percent @returns {number} 0 to 1 along the scale */
export function along(percent) {
  return Math.min(1, Math.max(0, (percent - SCALE.from) / (SCALE.to - SCALE.from)));
}
