/**
 * What an agency has to do, in the order in which it should be done. Pure.
 */

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {"new" | "back" | "answered" | "working" | "waiting" | "proof" | "ended"} Group */
/** @typedef {"arrived" | "back" | "answer"} What */
/** @typedef {{groups: {name: Group, cards: Card[]}[], fresh: number, open: number, late: number}} Work */

const ORDER = /** @type {readonly Group[]} */ (["new", "back", "answered", "working", "waiting", "proof", "ended"]);
const ENDED = ["done", "elsewhere"];

/** @param {Card} card @returns {boolean} */
export function isEnded({ status }) {
  return ENDED.includes(status);
}

/** @param {Card} card @param {What | undefined} news what came for it and has not been looked at @returns {Group} */
export function groupOf(card, news) {
  if (isEnded(card)) return "ended";
  if (!card.accepted) return "new";
  if (card.state === "proof_submitted") return "proof";
  if (card.paused) return "waiting";
  if (news === "back") return "back";
  return news === "answer" ? "answered" : "working";
}

/** @param {Iterable<Card>} cards @param {ReadonlyMap<string, What>} news @returns {Work} */
export function listWork(cards, news) {
  /** @type {Map<Group, Card[]>} */
  const found = new Map(ORDER.map((name) => [name, []]));
  let [open, late] = [0, 0];
  for (const card of cards) {
    found.get(groupOf(card, news.get(card.id)))?.push(card);
    if (isEnded(card)) continue;
    open += 1;
    if (card.overdue) late += 1;
  }
  for (const [name, list] of found) list.sort(name === "ended" ? lastFirst : mostUrgent);
  const groups = ORDER.map((name) => ({ name, cards: found.get(name) ?? [] })).filter((group) => group.cards.length > 0);
  return { groups, open, late, fresh: found.get("new")?.length ?? 0 };
}

const RANK = { critical: 0, urgent: 1, normal: 2 };

/** @param {Card} a @param {Card} b emergencies first, then by what runs out first */
function mostUrgent(a, b) {
  const by = rank(a) - rank(b) || due(a) - due(b);
  return by || (a.id < b.id ? -1 : 1);
}

/** @param {Card} card */
function rank({ priority }) {
  return priority === "critical" ? RANK.critical : RANK.normal;
}

/** @param {Card} card */
function due({ due_at: at }) {
  const ms = Date.parse(at ?? "");
  return Number.isNaN(ms) ? Infinity : ms;
}

/** @param {Card} a @param {Card} b */
function lastFirst(a, b) {
  return (b.closed_at ?? "").localeCompare(a.closed_at ?? "");
}

/**
 * What is new for the people there between two pictures: work that came, proof that came back, an answer that arrived.
 * @param {Iterable<Card>} cards @param {ReadonlyMap<string, Card>} before @returns {[Card, What][]}
 */
export function newsIn(cards, before) {
  /** @type {[Card, What][]} */
  const news = [];
  for (const card of cards) {
    const was = before.get(card.id);
    if (isEnded(card)) continue;
    if (!card.accepted && (!was || was.accepted || isEnded(was))) news.push([card, "arrived"]);
    else if (was?.state === "proof_submitted" && card.state === "working") news.push([card, "back"]);
    else if (was?.paused === "citizen" && !card.paused) news.push([card, "answer"]);
  }
  return news;
}
