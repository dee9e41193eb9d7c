/**
 * What the duty desk lists: which complaints, in which groups, worst first, out of any number of cards. Pure.
 */

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {"work" | "soon" | "late" | "open" | "ended" | "found"} View */
/** @typedef {"new" | "returned" | "asked" | "proof" | "stuck" | "soon" | "late" | "running" | "ended" | "found"} GroupName */
/** @typedef {{category: string, agency: string, district: string, area: string, priority: string, status: string}} Filter "" lets everything through, NOBODY what has none */
/** @typedef {{name: GroupName, n: number, cards: Card[]}} Group n: all of it, cards: those that are shown */
/** @typedef {{groups: Group[], rows: Card[], more: number, counts: Record<View, number>}} List */
/** @typedef {{at: number | null, unacked: ReadonlySet<string>, districtOf: (code: string) => string | null}} Moment at = room time, ms */

export const VIEWS = /** @type {const} */ (["work", "soon", "late", "open", "ended"]);
/** Of no agency, place or category at all: a filter of its own. */
export const NOBODY = "-";
/** @type {Filter} */
export const NO_FILTER = Object.freeze({ category: "", agency: "", district: "", area: "", priority: "", status: "" });
/** So many rows are in the page at first, and more each time they are asked for. */
export const PAGE = 120;
const SOON_MS = 2 * 3600e3;
const CLASS = { critical: 0, urgent: 1, normal: 2 };
const ORDER = /** @type {readonly GroupName[]} */ (["new", "returned", "asked", "proof", "stuck", "late", "soon", "running", "ended", "found"]);

/** @param {Card} card @returns {boolean} */
export function isOpen({ status }) {
  return status === "waiting" || status === "in_process";
}

/** @param {Card} card @returns {GroupName | null} what it asks of this desk; null: nothing now */
export function workOf(card) {
  if (!isOpen(card)) return card.answer_by ? "asked" : null;
  if (card.state === "received") return card.returned ? "returned" : "new";
  if (card.answer_by) return "asked";
  if (card.state === "proof_submitted") return "proof";
  const escalated = (card.escalation ?? 0) >= 150;
  return card.overdue && (card.state === "forwarded" || escalated) ? "stuck" : null;
}

/** @param {Card} card @param {number | null} at @returns {boolean} whether its time runs out within two hours */
function isSoon(card, at) {
  if (!isOpen(card) || card.overdue || card.paused || at === null) return false;
  const due = Date.parse(card.due_at ?? "");
  return !Number.isNaN(due) && due - at <= SOON_MS;
}

/** @param {Card} card @param {View} view @param {Moment} moment @returns {GroupName | null} */
function groupOf(card, view, { at }) {
  switch (view) {
    case "work": return workOf(card);
    case "soon": return isSoon(card, at) ? "soon" : null;
    case "late": return card.overdue && isOpen(card) ? "late" : null;
    case "ended": return isOpen(card) ? null : "ended";
    case "found": return "found";
    default: return isOpen(card) ? (workOf(card) ?? (card.overdue ? "late" : "running")) : null;
  }
}

/** @param {Card} card @param {View} view @param {Filter} filter @param {Moment} moment @returns {boolean} whether a list has it, however long it is */
export function isListed(card, view, filter, moment) {
  return groupOf(card, view, moment) !== null && fits(card, filter, moment);
}

/** @param {string} wanted @param {string | null | undefined} is */
function means(wanted, is) {
  return wanted === "" || (wanted === NOBODY ? !is : is === wanted);
}

/** @param {Card} card @param {Filter} filter @param {Moment} moment @returns {boolean} */
export function fits(card, { category, agency, district, area, priority, status }, { districtOf }) {
  const helps = agency !== "" && card.agencies?.includes(agency) === true;
  if (!helps && !means(agency, card.state === "received" ? null : card.agency)) return false;
  if (!means(category, card.category) || !means(area, card.area) || !means(status, card.status)) return false;
  return means(district, card.area ? districtOf(card.area) : null) && means(priority, card.priority ?? "normal");
}

/** @param {Card} card @param {Moment} moment @returns {[number, number, number, string]} smaller comes first: alarm nobody has, class, over, due */
function keyOf(card, { unacked }) {
  return [unacked.has(card.id) ? 0 : 1, CLASS[card.priority ?? "normal"] ?? 2, card.overdue ? 0 : 1, card.paused ? "~" : (card.due_at ?? "~")];
}

/** @param {Iterable<Card>} cards @param {Moment} moment @returns {Card[]} */
function inOrder(cards, moment) {
  const keyed = [...cards].map((card) => ({ card, key: keyOf(card, moment) }));
  return keyed.sort((a, b) => compare(a.key, b.key) || (a.card.id < b.card.id ? -1 : 1)).map(({ card }) => card);
}

/** @param {readonly (number | string)[]} a @param {readonly (number | string)[]} b */
function compare(a, b) {
  const at = a.findIndex((value, i) => value !== b[i]);
  if (at < 0) return 0;
  return /** @type {any} */ (a[at]) < /** @type {any} */ (b[at]) ? -1 : 1;
}

/** @param {Card[]} cards newest first */
function byEnd(cards) {
  return cards.sort((a, b) => ((a.closed_at ?? "") > (b.closed_at ?? "") ? -1 : 1));
}

/**
 * @param {Iterable<Card>} cards of the store @param {{view: View, filter: Filter, most: number}} place
 * @param {Moment} moment @param {readonly Card[]} [found] what a search brought, in its own order
 * @returns {List}
 */
export function listComplaints(cards, { view, filter, most }, moment, found = []) {
  const counts = { work: 0, soon: 0, late: 0, open: 0, ended: 0, found: found.length };
  /** @type {Map<GroupName, Card[]>} */
  const groups = new Map();
  const put = (/** @type {Card} */ card) => {
    const name = groupOf(card, view, moment);
    if (name) groups.set(name, groups.get(name) ?? []).get(name)?.push(card);
  };
  for (const card of cards) {
    if (!fits(card, filter, moment)) continue;
    for (const one of VIEWS) if (groupOf(card, one, moment)) counts[one] += 1;
    if (view !== "found") put(card);
  }
  if (view === "found") for (const card of found) if (fits(card, filter, moment)) put(card);
  return { ...cut(groups, most, moment), counts };
}

/** @param {Map<GroupName, Card[]>} groups @param {number} most @param {Moment} moment @returns {Omit<List, "counts">} */
function cut(groups, most, moment) {
  /** @type {Group[]} */
  const shown = [];
  let left = most;
  let more = 0;
  for (const name of ORDER) {
    const cards = groups.get(name);
    if (!cards) continue;
    const ordered = name === "found" ? cards : name === "ended" ? byEnd(cards) : inOrder(cards, moment);
    const taken = ordered.slice(0, left);
    left -= taken.length;
    more += ordered.length - taken.length;
    if (taken.length > 0) shown.push({ name, n: ordered.length, cards: taken });
  }
  return { groups: shown, rows: shown.flatMap((group) => group.cards), more };
}

/** @typedef {{id: string | null, at: number}} Chosen the row and where it stood */

/**
 * The chosen row stays chosen wherever it moves in the list; when it left, the one that took its place is, unless the
 * complaint is open in front of somebody: that one stays.
 * @param {readonly Card[]} rows @param {Chosen} chosen @param {boolean} held @returns {Chosen}
 */
export function keepChosen(rows, { id, at }, held) {
  const now = rows.findIndex((card) => card.id === id);
  if (now >= 0) return { id, at: now };
  if (held && id !== null) return { id, at };
  const kept = Math.min(Math.max(0, at), rows.length - 1);
  return { id: rows[kept]?.id ?? null, at: Math.max(0, kept) };
}

/** @param {readonly Card[]} rows @param {Chosen} chosen @param {readonly string[]} left ids just dealt with @returns {Chosen} the next one */
export function nextOf(rows, { id, at }, left) {
  const stands = rows.findIndex((card) => card.id === id);
  const from = stands >= 0 ? stands : at - 1;
  const after = rows.findIndex((card, i) => i > from && !left.includes(card.id));
  const found = after >= 0 ? after : rows.findLastIndex((card, i) => i <= from && !left.includes(card.id));
  return { id: rows[found]?.id ?? null, at: Math.max(0, found) };
}
