/**
 * How a card stands with its time: what is left, how far it is over, which share is used.
 * Pure; the room's time is an argument.
 */

/** @typedef {import("./wire.js").Card} Card */
/** @typedef {import("./calendar.js").Calendar} Calendar */
/**
 * @typedef {object} Standing
 * @property {number} left ms until due on the card's own clock, negative when over
 * @property {number | null} used share of the allowed time, 1 = due, 0 for one that came in by a clock that was ahead; null when the card does not say since when
 * @property {boolean} working counted in working time
 */

/** @param {Card} card @param {number} at room time, ms @param {Calendar} calendar @returns {Standing | null} null: no deadline runs */
export function standing(card, at, calendar) {
  const due = Date.parse(card.due_at ?? "");
  if (Number.isNaN(due)) return null;
  const working = card.stage_clock === "working" && calendar.known;
  /** @param {number} a @param {number} b */
  const between = (a, b) => (working ? calendar.work(a, b) : b - a);
  const from = Date.parse(card.stage_from ?? "");
  const allowed = between(from, due);
  return { left: between(at, due), used: allowed > 0 ? Math.max(0, between(from, at) / allowed) : null, working };
}
