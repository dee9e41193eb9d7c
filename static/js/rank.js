/**
 * Who comes first: the worst overdue complaints and those that run out next, out of any number of cards.
 * A pass over all cards picks candidates; between passes the lists are rebuilt from candidates and what changed.
 */
import { standing } from "./feed/clock.js";

/** @typedef {import("./feed/messages.js").Card} Card */
/** @typedef {import("./feed/cards.js").Cards} Cards */
/** @typedef {{at: number, calendar: import("./feed/clock.js").Calendar, unacked: ReadonlySet<string>}} Moment */
/** @typedef {{card: Card, key: readonly number[]}} Ranked */
/** @typedef {{waiting: Ranked[], in_process: Ranked[]}} Columns */
/** @typedef {{late: Columns, open: Columns, soon: number}} Ranking */

/** More than any scene shows, so that a few changes do not run a list dry before the next pass. */
const KEPT = 40;
const SOON = 2 * 3600e3;
const CLASS = { critical: 0, urgent: 1, normal: 2 };

/** @returns {Ranking} */
export function emptyRanking() {
  return { late: { waiting: [], in_process: [] }, open: { waiting: [], in_process: [] }, soon: 0 };
}

/** @param {readonly number[]} a @param {readonly number[]} b */
function before(a, b) {
  for (let i = 0; i < a.length; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** @param {Ranked[]} list kept sorted @param {Card} card @param {readonly number[]} key smaller comes first */
function place(list, card, key) {
  const last = list[KEPT - 1];
  if (last && !before(key, last.key)) return;
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = list[middle];
    if (entry && before(key, entry.key)) high = middle;
    else low = middle + 1;
  }
  list.splice(low, 0, { card, key });
  if (list.length > KEPT) list.pop();
}

/** @param {Card} card @param {Moment} moment unacknowledged, then class, then percent of the limit */
function lateKey(card, { at, calendar, unacked }) {
  const used = standing(card, at, calendar)?.used ?? 1;
  return [unacked.has(card.id) ? 0 : 1, CLASS[card.priority ?? "normal"] ?? 2, -Math.round(used * 1e4), card.seq];
}

/** @param {Ranking} ranking changed in place @param {Card} card @param {Moment} moment */
export function consider(ranking, card, moment) {
  if (card.status !== "waiting" && card.status !== "in_process") return;
  if (card.overdue) {
    place(ranking.late[card.status], card, lateKey(card, moment));
    return;
  }
  const due = Date.parse(card.due_at ?? "");
  const runs = !card.paused && !Number.isNaN(due);
  if (runs && due - moment.at <= SOON) ranking.soon += 1;
  place(ranking.open[card.status], card, [runs ? 0 : 1, runs ? due : 0, card.seq]);
}

/** @param {Iterable<Card>} cards @param {Moment} moment @returns {Ranking} */
export function rank(cards, moment) {
  const ranking = emptyRanking();
  for (const card of cards) consider(ranking, card, moment);
  return ranking;
}

/** @param {Ranking} ranking @returns {Ranked[]} both colours in one order */
export function worst(ranking) {
  return [...ranking.late.waiting, ...ranking.late.in_process].sort((a, b) => (before(a.key, b.key) ? -1 : 1));
}

/** @param {Ranking} ranking @returns {string[]} */
export function candidates(ranking) {
  const { late, open } = ranking;
  return [late.waiting, late.in_process, open.waiting, open.in_process].flat().map(({ card }) => card.id);
}

/**
 * @param {Ranking} old
 * @param {Cards} cards as they are now
 * @param {Iterable<string>} touched ids changed since the pass that made `old`
 * @param {Moment} moment
 * @returns {Ranking}
 */
export function refresh(old, cards, touched, moment) {
  const ranking = emptyRanking();
  for (const id of new Set([...candidates(old), ...touched])) {
    const card = cards.get(id);
    if (card) consider(ranking, card, moment);
  }
  return { ...ranking, soon: old.soon };
}
