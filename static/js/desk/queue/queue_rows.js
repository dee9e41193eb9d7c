/**
 * The rows of the queue: one node a complaint for as long as it is listed, so that an update never takes the focus (CR-100).
 */
import { ringOf } from "../../ui/alarms.js";
import { placeWords, whatWords } from "../../ui/complaints.js";
import { setSymbol, symbol } from "../../ui/symbols.js";
import { arrange, element, mark, show, write } from "../../ui/dom.js";
import { orderWords } from "./order_words.js";
import { claimWords, questionWords, rowTime, sourceWords, stageWords, whoWords } from "./row_words.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("./queue_desk.js").Look} Look */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */
/** @typedef {{node: HTMLElement, paint: (card: Card, look: Look) => void}} Row */
/** @typedef {{choose: (id: string) => void, open: (id: string) => void, select: (id: string) => void}} Hands */

const TEXTS = /** @type {const} */ (["what", "where", "state", "who", "claim", "late", "said"]);

export class QueueRows {
  /** @type {Map<string, Row>} */
  #rows = new Map();
  /** @type {Map<string, {node: HTMLElement, count: HTMLElement}>} */
  #heads = new Map();
  #room;
  #hands;
  #list;

  /** @param {HTMLElement} list @param {QueueRoom} room @param {Hands} hands */
  constructor(list, room, hands) {
    this.#list = list;
    this.#room = room;
    this.#hands = hands;
  }

  /** @param {Look} look */
  paint(look) {
    /** @type {Node[]} */
    const nodes = [];
    for (const { name, n, cards } of look.list.groups) {
      nodes.push(this.#head(name, n));
      for (const card of cards) {
        const row = this.#rows.get(card.id) ?? this.#make(card.id);
        row.paint(look.cards(card.id) ?? card, look);
        nodes.push(row.node);
      }
    }
    const listed = new Set(look.list.rows.map(({ id }) => id));
    for (const [id, row] of this.#rows) if (!listed.has(id) && !this.#hold(id, row, nodes, look)) this.#rows.delete(id);
    arrange(this.#list, nodes);
  }

  /** A row that left while it has the focus stays where it stood until the focus goes on (CR-100). @param {string} id @param {Row} row @param {Node[]} nodes @param {Look} look @returns {boolean} */
  #hold(id, row, nodes, look) {
    const card = row.node.contains(document.activeElement) ? look.cards(id) : null;
    if (!card) return false;
    row.paint(card, look);
    nodes.splice([...this.#list.children].indexOf(row.node), 0, row.node);
    return true;
  }

  /** @param {string | null} id @returns {HTMLElement | null} what takes the focus for a row */
  focusOf(id) {
    return this.#rows.get(id ?? "")?.node.querySelector(".row-open") ?? null;
  }

  /** @param {import("./queue_list.js").GroupName} name @param {number} n */
  #head(name, n) {
    let head = this.#heads.get(name);
    if (!head) {
      const count = element("span", "group-count");
      head = { node: element("li", "group-head", element("h2", "group-name", this.#room.queue(`group_${name}`)), count), count };
      this.#heads.set(name, head);
    }
    write(head.count, this.#room.format.number(n));
    return head.node;
  }

  /** @param {string} id @returns {Row} */
  #make(id) {
    const row = mountRow(id, this.#room, this.#hands);
    this.#rows.set(id, row);
    return row;
  }
}

/** @param {string} id @param {QueueRoom} room @param {Hands} hands @returns {Row} */
function mountRow(id, room, hands) {
  const shape = symbol("waiting");
  const texts = /** @type {Record<typeof TEXTS[number], HTMLElement>} */ (Object.fromEntries(TEXTS.map((name) => [name, element("span", `row-${name}`)])));
  const open = element("button", "row-open", ...TEXTS.map((name) => texts[name]));
  const pick = element("button", "row-pick", shape);
  for (const button of [open, pick]) mark(button, "type", "button");
  mark(pick, "tabindex", "-1");
  const node = element("li", "queue-row", pick, open);
  mark(node, "data-id", id);
  open.addEventListener("focus", () => hands.choose(id));
  open.addEventListener("click", () => hands.open(id));
  pick.addEventListener("click", () => hands.select(id));
  return { node, paint: (card, look) => paintRow({ node, shape, open, pick, texts }, card, look, room) };
}

/** @param {{node: HTMLElement, shape: SVGElement, open: HTMLElement, pick: HTMLElement, texts: Record<typeof TEXTS[number], HTMLElement>}} parts @param {Card} card @param {Look} look @param {QueueRoom} room */
function paintRow({ node, shape, open, pick, texts }, card, look, room) {
  const chosen = card.id === look.chosen;
  const order = look.markOf(card.id);
  const selected = look.selected.has(card.id);
  const told = { "data-chosen": chosen, "data-opened": card.id === look.open, "data-selected": selected, "data-order": order?.kind ?? "", "data-overdue": card.overdue === true, "data-priority": card.priority ?? "normal" };
  for (const [name, value] of Object.entries(told)) mark(node, name, String(value));
  mark(open, "tabindex", chosen ? "0" : "-1");
  mark(open, "aria-current", String(chosen));
  mark(pick, "aria-pressed", String(selected));
  const what = whatWords(card, room);
  mark(pick, "aria-label", `${room.queue("choose")}: ${what}, ${placeWords(card, room)}`);
  setSymbol(shape, { status: card.status, ring: ringOf(card, look), flash: look.flashing.has(card.id) && order?.kind !== "sending" });
  const claim = claimWords(card, look.at, look.person.actor, room);
  write(texts.what, card.priority && card.priority !== "normal" ? `${what} · ${room.queue(card.priority)}` : what);
  write(texts.where, [placeWords(card, room), sourceWords(card, room)].filter(Boolean).join(" · "));
  write(texts.state, card.returned && card.state === "received" ? room.queue("came_back") : room.states(card.state ?? ""));
  write(texts.who, whoWords(card, room, look.would(card)));
  write(texts.claim, claim);
  show(texts.claim, claim !== "");
  write(texts.late, rowTime(card, look, room));
  write(texts.said, order ? orderWords(order, look, room) : questionWords(card, look.at, room) || stageWords(card, room));
}
