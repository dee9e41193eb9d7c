/**
 * What the alarm band names: alarms in their order, then the worst overdue complaints that somebody has.
 * The map lifts the same ones, so that both point at one thing.
 */
import { inOrder } from "./alarms.js";
import { worst } from "./rank.js";

/** @typedef {import("./feed/messages.js").Card} Card */
/** @typedef {import("./feed/messages.js").Alarm} Alarm */
/** @typedef {import("./feed/store.js").State} State */
/**
 * @typedef {object} Attention
 * @property {string} id of the complaint, else of the alarm
 * @property {Card | null} card
 * @property {Alarm | null} alarm null: overdue, and somebody follows it up
 * @property {string | null} source that is lost
 * @property {boolean} acted somebody has it already
 */

/** One for each block of the wall. */
export const SLOTS = 3;
/** A pre-warning that somebody has seen asks for less than an overdue complaint in good hands. */
const NAMED_ACKED = 2;

/** @param {State} state @returns {ReadonlySet<string>} complaints whose alarm nobody has acknowledged */
export function unackedComplaints(state) {
  /** @type {Set<string>} */
  const ids = new Set();
  for (const alarm of state.alarms.values()) if (alarm.state === "unacked" && alarm.complaint) ids.add(alarm.complaint);
  return ids;
}

/** @param {Alarm} alarm @returns {boolean} whether the wall names it */
function named({ state, priority }) {
  if (state === "acked") return (priority ?? 3) <= NAMED_ACKED;
  return state === "unacked" || state === "returned";
}

/**
 * @param {{state: State, ranking: import("./rank.js").Ranking} & import("./alarms.js").Moment & {own?: Alarm | null}} seen
 * @returns {Attention[]} at most SLOTS; a complaint once, by its most urgent alarm. The page's own, of a lost feed, takes
 *   what is left: its large entry is the band over the scene, and nothing disappears for it (CR-46)
 */
export function attention({ state, ranking, at, calendar, own = null }) {
  /** @type {Map<string, Attention>} */
  const chosen = new Map();
  for (const alarm of inOrder(state, { at, calendar }).filter(named)) {
    const card = alarm.complaint ? state.cards.get(alarm.complaint) : null;
    const id = card?.id ?? alarm.id;
    const source = card ? null : (alarm.source ?? null);
    if (!chosen.has(id)) chosen.set(id, { id, card, alarm, source, acted: alarm.state !== "unacked" });
  }
  for (const { card } of worst(ranking)) {
    if (!chosen.has(card.id)) chosen.set(card.id, { id: card.id, card, alarm: null, source: null, acted: true });
  }
  const slots = [...chosen.values()].slice(0, SLOTS);
  if (own && slots.length < SLOTS) slots.push({ id: own.id, card: null, alarm: own, source: own.source ?? null, acted: false });
  return slots;
}

/**
 * The ring of a complaint, the same in band, board and map: strong where somebody must act now.
 * @param {Card} card @param {Pick<import("./picture.js").Picture, "unacked">} picture @returns {import("./symbols.js").Ring}
 */
export function ringOf(card, { unacked }) {
  const urgent = unacked.has(card.id);
  if (!card.overdue) return urgent ? "plain" : "none";
  return urgent ? "strong" : "thin";
}

/** By the alarm's own state: its complaint may have another alarm. @param {Attention} chosen @param {import("./picture.js").Picture} picture @returns {import("./symbols.js").Ring} */
export function slotRing({ card, alarm }, picture) {
  if (alarm?.source) return "none";
  if (alarm?.state === "returned") return "dashed";
  if (!alarm) return card ? ringOf(card, picture) : "none";
  if (alarm.state === "unacked") return card?.overdue ? "strong" : "plain";
  return card?.overdue ? "thin" : "none";
}
