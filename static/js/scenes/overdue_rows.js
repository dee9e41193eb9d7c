/**
 * Which overdue complaints the scene shows, and how far each is beyond its limit. One percent scale for minutes and days.
 */
import { standing } from "../feed/clock.js";
import { worst } from "../ui/complaints.js";

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("../ui/picture.js").Picture} Picture */
/** @typedef {{card: Card, percent: number, others: readonly Card[], next?: boolean}} Late percent of the allowed time: 100 is the limit; others: of a flood, for whom this row stands too; next: not late yet */

/** So many rows there are, and so many of them at most are kept for the unacknowledged that are not among the worst. */
export const ROWS = { fine: { all: 9, unacked: 6 }, coarse: { all: 5, unacked: 3 } };
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
 * @param {{all: number, unacked: number}} room for rows
 * @returns {Late[]} furthest beyond the limit first
 */
export function overdueRows(picture, figure, room) {
  const known = new Map(figure.map(({ id, percent }) => [id, percent]));
  const ids = new Set([...worst(picture.ranking).map(({ card }) => card.id), ...known.keys(), ...(picture.flood ? picture.unacked : [])]);
  const rows = [...ids].flatMap((id) => {
    const card = picture.state.cards.get(id);
    return card?.overdue ? [{ card, percent: percentOf(card, picture, known.get(id) ?? 0), others: [] }] : [];
  }).sort(byPercent);
  const open = rows.filter(({ card }) => picture.unacked.has(card.id));
  const unacked = (picture.flood ? folded(open) : open).slice(0, room.unacked);
  const rest = rows.filter((row) => !unacked.some(({ card }) => card === row.card) && !(picture.flood && open.includes(row)));
  return [...unacked, ...rest.slice(0, room.all - unacked.length)].sort(byPercent);
}

/** @param {Picture} picture while nobody is late @param {number} most @returns {Late[]} whose time runs out next, the soonest first */
export function nextRows({ ranking: { open }, at, calendar }, most) {
  if (at === null) return [];
  const cards = [...open.waiting, ...open.in_process].sort((a, b) => Date.parse(a.card.due_at ?? "") - Date.parse(b.card.due_at ?? ""));
  return cards.flatMap(({ card }) => {
    const stands = card.paused ? null : standing(card, at, calendar);
    return stands ? [{ card, percent: Math.min(100, Math.floor((stands.used ?? 0) * 100)), others: [], next: true }] : [];
  }).slice(0, most);
}

/** @param {readonly Late[]} rows the worst first @returns {Late[]} in a flood: one row for what one agency owes of one kind */
function folded(rows) {
  /** @type {Map<string, Late>} */
  const groups = new Map();
  for (const row of rows) {
    const key = `${row.card.agency ?? ""} ${row.card.category ?? ""}`;
    const group = groups.get(key);
    groups.set(key, group ? { ...group, others: [...group.others, row.card] } : row);
  }
  return [...groups.values()];
}

/** @param {Late} a @param {Late} b */
function byPercent(a, b) {
  return b.percent - a.percent || b.others.length - a.others.length || (a.card.id < b.card.id ? -1 : 1);
}

/** @param {number} percent @returns {number} 0 to 1 along the scale */
export function along(percent) {
  return Math.min(1, Math.max(0, (percent - SCALE.from) / (SCALE.to - SCALE.from)));
}
