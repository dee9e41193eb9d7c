/**
 * The list of an agency's work: a node a complaint for as long as it is listed, so that an update never takes the focus.
 */
import { placeWords, whatWords } from "../ui/complaints.js";
import { setSymbol, symbol } from "../ui/symbols.js";
import { arrange, element, mark, write } from "../ui/dom.js";
import { isEnded } from "./agency_list.js";
import { leftWords } from "./agency_reading.js";

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("./agency_room.js").WorkRoom} WorkRoom */
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

  /** @param {import("./agency_list.js").Work} work @param {RowLook} look */
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

  /** @param {import("./agency_list.js").Group} name */
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
  const due = Date.parse((isEnded(card) ? card.closed_at : card.due_at) ?? "");
  setSymbol(shape, { status: card.status, ring: card.overdue ? "strong" : "none" });
  write(parts.what, whatWords(card, room));
  write(parts.where, placeWords(card, room));
  write(parts.weight, card.priority === "critical" && !isEnded(card) ? room.work("critical") : card.answer_by ? room.work("question") : "");
  write(parts.left, isEnded(card) ? room.states(card.state ?? "") : leftWords(card, look, room));
  write(parts.due, Number.isNaN(due) || card.paused ? "" : room.moment(due, look.at));
  mark(parts.node, "data-late", String(card.overdue === true));
  mark(parts.node, "data-news", String(look.news.has(card.id)));
  mark(parts.button, "aria-current", String(look.open === card.id));
}
