/**
 * The list of an agency's work: its order, and a row for each complaint.
 */
import { placeWords, whatWords } from "../ui/complaints.js";
import { arrange, element, mark, write } from "../ui/dom.js";
import { setSymbol, symbol } from "../ui/symbols.js";
import { untilWords } from "./detail.js";

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("./room.js").WorkRoom} WorkRoom */

// Order of the work: what is to be done first. Pure.

/** @typedef {"new" | "back" | "answered" | "working" | "waiting" | "proof" | "ended"} Group */
/** @typedef {"arrived" | "back" | "answer"} What */
/** @typedef {{groups: {name: Group, cards: Card[]}[], fresh: number, open: number, late: number}} Work */

const ORDER = /** @type {readonly Group[]} */ (["new", "back", "answered", "working", "waiting", "proof", "ended"]);
const ENDED = ["done", "elsewhere"];

/** @param {Card} card @returns {boolean} */
function isEnded({ status }) {
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

// Rows: a node a complaint for as long as it is listed, so that an update never takes the focus.

/** @typedef {{at: number | null, calendar: import("../feed/clock.js").Calendar, open: string | null, news: ReadonlyMap<string, unknown>}} RowLook */

export class WorkRows {
  /** @type {Map<string, {node: HTMLElement, paint: (card: Card, look: RowLook) => void}>} */
  #rows = new Map();
  /** @type {Map<string, {node: HTMLElement, title: HTMLElement, count: HTMLElement, list: HTMLElement}>} */
  #groups = new Map();
  #root;
  #room;
  #open;

  /** @param {HTMLElement} root @param {WorkRoom} room @param {(id: string) => void} open */
  constructor(root, room, open) {
    this.#root = root;
    this.#room = room;
    this.#open = open;
  }

  /** @param {Work} work @param {RowLook} look */
  paint({ groups }, look) {
    const listed = new Set();
    const nodes = groups.map(({ name, cards }) => {
      const group = this.#groups.get(name) ?? this.#head(name);
      write(group.count, this.#room.format.number(cards.length));
      arrange(group.list, cards.map((card) => {
        listed.add(card.id);
        const row = this.#rows.get(card.id) ?? this.#make(card.id);
        row.paint(card, look);
        return row.node;
      }));
      return group.node;
    });
    for (const id of this.#rows.keys()) if (!listed.has(id)) this.#rows.delete(id);
    arrange(this.#root, nodes);
  }

  /** @param {string} id */
  focus(id) {
    this.#rows.get(id)?.node.querySelector("button")?.focus();
  }

  /** @param {Group} name */
  #head(name) {
    const [title, count, list] = [element("span", "group-name", this.#room.work(`group_${name}`)), element("span", "group-n"), element("ul", "group-list")];
    const group = { node: element("section", "group", element("h2", "group-head", title, count), list), title, count, list };
    mark(group.node, "data-group", name);
    this.#groups.set(name, group);
    return group;
  }

  /** @param {string} id */
  #make(id) {
    const shape = symbol("waiting");
    const [weight, what, where, left, due] = ["weight", "what", "where", "left", "due"].map((name) => element("span", `row-${name}`));
    const line = element("span", "row-line", .../** @type {HTMLElement[]} */ ([what, weight]));
    const button = element("button", "row-open", shape, line, .../** @type {HTMLElement[]} */ ([where, left, due]));
    mark(button, "type", "button");
    button.addEventListener("click", () => this.#open(id));
    const node = element("li", "row", button);
    mark(node, "data-id", id);
    const parts = /** @type {Record<string, HTMLElement>} */ ({ node, button, weight, what, where, left, due });
    const row = { node, paint: (/** @type {Card} */ card, /** @type {RowLook} */ look) => paintRow(parts, shape, card, look, this.#room) };
    this.#rows.set(id, row);
    return row;
  }
}

/** @param {Record<string, any>} parts @param {SVGElement} shape @param {Card} card @param {RowLook} look @param {WorkRoom} room */
function paintRow(parts, shape, card, look, room) {
  const ended = Date.parse(card.closed_at ?? "");
  const [first, second] = isEnded(card) ? [room.states(card.state ?? ""), Number.isNaN(ended) ? "" : room.moment(ended, look.at)] : untilWords(card, look, room);
  setSymbol(shape, { status: card.status, ring: card.overdue ? "strong" : "none" });
  write(parts.what, whatWords(card, room));
  write(parts.where, placeWords(card, room));
  write(parts.weight, card.priority === "critical" && !isEnded(card) ? room.work("critical") : card.answer_by ? room.work("question") : "");
  write(parts.left, first);
  write(parts.due, second);
  mark(parts.node, "data-late", String(card.overdue === true));
  mark(parts.node, "data-news", String(look.news.has(card.id)));
  mark(parts.button, "aria-current", String(look.open === card.id));
}
