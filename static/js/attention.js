/**
 * What the alarm band names: unacknowledged alarms first, then the worst overdue complaints.
 * The map lifts the same ones, so that both point at one thing.
 */
import { worst } from "./rank.js";

/** @typedef {import("./wire.js").Card} Card */
/** @typedef {import("./wire.js").Alarm} Alarm */
/** @typedef {import("./store.js").State} State */
/** @typedef {{card: Card | null, source: string | null, acted: boolean}} Attention acted: somebody has it already */

/** One for each block of the wall. */
export const SLOTS = 3;

/** @param {State} state @returns {ReadonlySet<string>} complaints whose alarm nobody has acknowledged */
export function unackedComplaints(state) {
  /** @type {Set<string>} */
  const ids = new Set();
  for (const alarm of state.alarms.values()) if (alarm.state === "unacked" && alarm.complaint) ids.add(alarm.complaint);
  return ids;
}

/** @param {State} state @returns {{unacked: number, acked: number, shelved: number}} */
export function alarmCounts(state) {
  const counts = { unacked: 0, acked: 0, shelved: 0 };
  for (const { state: name } of state.alarms.values()) {
    if (name === "unacked" || name === "acked" || name === "shelved") counts[name] += 1;
  }
  return counts;
}

/** @param {Alarm} a @param {Alarm} b */
function byPriority(a, b) {
  return (a.priority ?? 3) - (b.priority ?? 3) || (a.raised_at ?? "").localeCompare(b.raised_at ?? "");
}

/**
 * @param {{state: State, ranking: import("./rank.js").Ranking, unacked: ReadonlySet<string>}} seen
 * @returns {Attention[]} at most SLOTS
 */
export function attention({ state, ranking, unacked }) {
  /** @type {Map<string, Attention>} */
  const chosen = new Map();
  const open = [...state.alarms.values()].filter((alarm) => alarm.state === "unacked").sort(byPriority);
  for (const { complaint, source, id } of open) {
    const card = complaint ? state.cards.get(complaint) : null;
    if (card) chosen.set(card.id, { card, source: null, acted: false });
    else if (source) chosen.set(id, { card: null, source, acted: false });
  }
  const handled = state.alarms.size > 0;
  for (const { card } of worst(ranking)) {
    if (!chosen.has(card.id)) chosen.set(card.id, { card, source: null, acted: handled && !unacked.has(card.id) });
  }
  return [...chosen.values()].slice(0, SLOTS);
}

/**
 * The ring of a complaint, the same in band, board and map: strong where somebody must act now.
 * @param {Card} card @param {import("./picture.js").Picture} picture @returns {import("./symbols.js").Ring}
 */
export function ringOf(card, { attention: chosen, unacked }) {
  const urgent = unacked.has(card.id) || chosen.some((one) => one.card?.id === card.id && !one.acted);
  if (!card.overdue) return urgent ? "plain" : "none";
  return urgent ? "strong" : "thin";
}
