/**
 * What leadership counts and lists from the cards: what is open, what is late, and what it waits for. Pure.
 */

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {"unsent" | "accept" | "start" | "work" | "proof" | "citizen" | "held"} Why */
/** @typedef {"open" | "waiting" | "in_process" | "late" | "in" | "done"} NowList lists of what the feed carries */
/** @typedef {{open: number, waiting: number, in_process: number, late: number, in: number, done: number, whys: Map<Why, number>}} Now */

export const WHYS = /** @type {const} */ (["unsent", "accept", "start", "work", "proof", "citizen", "held"]);
export const NOW_LISTS = /** @type {const} */ (["open", "waiting", "in_process", "late", "in", "done"]);
/** In an address: of no agency. */
export const NOBODY = "-";
/** Below this a share is one case's luck: the cases are shown (CR-88). */
export const FEW = 20;
const BY_STATE = /** @type {Record<string, Why>} */ ({ received: "unsent", forwarded: "accept", accepted: "start", working: "work", proof_submitted: "proof" });

/** @param {Card} card @returns {Why} what it waits for: a pause before the stage it would be in */
export function whyOf({ paused, state }) {
  if (paused === "citizen") return "citizen";
  if (paused === "hold") return "held";
  return BY_STATE[state ?? ""] ?? "work";
}

/** @param {Card} card @returns {string} who has it: its lead agency once it was sent, else nobody */
export function holderOf({ state, agency }) {
  return state === "received" ? NOBODY : (agency ?? NOBODY);
}

/** @param {Card} card @param {NowList} list @param {string | null} day the city's, today @returns {boolean} */
function isIn(card, list, day) {
  const open = card.status === "waiting" || card.status === "in_process";
  switch (list) {
    case "open": return open;
    case "late": return open && card.overdue === true;
    case "in": return day !== null && card.received_day === day;
    case "done": return card.status === "done";
    default: return card.status === list;
  }
}

/** @param {Iterable<Card>} cards @param {string} agency "" for all @param {string | null} day @returns {Now} */
export function countNow(cards, agency, day) {
  /** @type {Now} */
  const now = { open: 0, waiting: 0, in_process: 0, late: 0, in: 0, done: 0, whys: new Map() };
  for (const card of cards) {
    if (agency && holderOf(card) !== agency) continue;
    for (const list of NOW_LISTS) if (isIn(card, list, day)) now[list] += 1;
    if (!isIn(card, "late", day)) continue;
    const why = whyOf(card);
    now.whys.set(why, (now.whys.get(why) ?? 0) + 1);
  }
  return now;
}

/** @param {Iterable<Card>} cards @param {{agency: string, list: NowList, why: string}} place @param {string | null} day @returns {Card[]} longest due first; what ended, last first */
export function listNow(cards, { agency, list, why }, day) {
  const found = [];
  for (const card of cards) {
    if (!isIn(card, list, day) || (agency && holderOf(card) !== agency)) continue;
    if (!why || whyOf(card) === why) found.push(card);
  }
  const key = list === "done" ? "closed_at" : list === "in" ? "received_at" : "due_at";
  const down = key === "due_at" ? 1 : -1;
  const value = (/** @type {Card} */ card) => card[key] ?? (key === "due_at" ? "~" : "");
  return found.sort((a, b) => (value(a) === value(b) ? (a.id < b.id ? -1 : 1) : value(a) < value(b) ? -down : down));
}

/** @param {Iterable<Card>} cards @returns {Map<string, string[]>} ids of what is late, by who has it; "" has all */
export function lateOf(cards) {
  /** @type {Map<string, string[]>} */
  const found = new Map([["", []]]);
  for (const card of cards) {
    if (!isIn(card, "late", null)) continue;
    for (const key of ["", holderOf(card)]) found.set(key, [...(found.get(key) ?? []), card.id]);
  }
  return found;
}

/** @param {import("../feed/messages.js").OnTime} told @param {readonly string[]} late what is late now, which the cards know better @returns {import("../feed/messages.js").OnTime} */
export function withLate(told, late) {
  const n = told.judged + late.length;
  const few = n < FEW && told.cases !== null;
  const closed = (told.cases ?? []).filter(({ open }) => !open);
  const cases = few ? [...closed, ...late.map((id) => ({ id, open: true, kept: false }))] : null;
  return { ...told, overdue: late.length, n, share: few || n === 0 ? null : told.within / n, cases };
}

/** @template {{agency: string | null, on_time: {n: number, share: number | null}}} R @param {readonly R[]} rows @returns {{shares: R[], few: R[]}} lowest share first; those of too few cases for one, by number */
export function ranked(rows) {
  const shares = rows.filter(({ on_time: { share } }) => share !== null);
  const few = rows.filter(({ on_time: { share, n } }) => share === null && n > 0);
  const by = (/** @type {R} */ a, /** @type {R} */ b) => (a.on_time.share ?? 0) - (b.on_time.share ?? 0) || b.on_time.n - a.on_time.n;
  return { shares: shares.sort(by), few: few.sort((a, b) => b.on_time.n - a.on_time.n) };
}
