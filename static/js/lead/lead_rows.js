/**
 * The list behind a number: what, where, who has it and whether they accepted, how late; a node a complaint.
 */
import { leftWords } from "../agency/detail.js";
import { placeWords, whatWords } from "../ui/complaints.js";
import { setSymbol, symbol } from "../ui/symbols.js";
import { arrange, element, mark, write } from "../ui/dom.js";
import { whyOf } from "./lead_count.js";

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("./lead_room.js").LeadRoom} LeadRoom */
/** @typedef {{at: number | null, calendar: import("../feed/clock.js").Calendar, open: string, to: (id: string) => string}} RowLook */
/** @typedef {{node: HTMLElement, link: HTMLElement, shape: SVGElement, parts: Record<string, HTMLElement>}} Row */

export class LeadRows {
  /** @type {Map<string, Row>} */
  #rows = new Map();
  #list;
  #room;

  /** @param {HTMLElement} list @param {LeadRoom} room */
  constructor(list, room) {
    this.#list = list;
    this.#room = room;
  }

  /** @param {readonly Card[]} cards @param {RowLook} look */
  paint(cards, look) {
    arrange(this.#list, cards.map((card) => {
      const row = this.#rows.get(card.id) ?? makeRow();
      this.#rows.set(card.id, row);
      paintRow(row, card, look, this.#room);
      return row.node;
    }));
    const listed = new Set(cards.map(({ id }) => id));
    for (const id of this.#rows.keys()) if (!listed.has(id)) this.#rows.delete(id);
  }

  /** @param {string} id */
  focus(id) {
    this.#rows.get(id)?.link.focus();
  }
}

/** @returns {Row} */
function makeRow() {
  const shape = symbol("waiting");
  const parts = /** @type {Record<string, HTMLElement>} */ (Object.fromEntries(["what", "where", "left", "asked", "who"].map((name) => [name, element("span", `row-${name}`)])));
  const link = element("a", "row-open", shape, ...Object.values(parts));
  return { node: element("li", "row", link), link, shape, parts };
}

/** @param {Row} row @param {Card} card @param {RowLook} look @param {LeadRoom} room */
function paintRow({ node, link, shape, parts }, card, look, room) {
  const open = card.status === "waiting" || card.status === "in_process";
  const ended = Date.parse(card.closed_at ?? "");
  const words = {
    what: whatWords(card, room), where: placeWords(card, room), who: open ? `${whoWords(card, room)} · ${room.lead(`why_${whyOf(card)}`)}` : whoWords(card, room),
    left: open ? leftWords(card, look, room) : Number.isNaN(ended) ? room.states(card.state ?? "") : room.lead("ended", { t: room.moment(ended, look.at) }),
    asked: answerWords(card, look.at, room),
  };
  for (const [name, said] of Object.entries(words)) write(/** @type {HTMLElement} */ (parts[name]), said);
  setSymbol(shape, { status: card.status, ring: card.overdue ? "strong" : "none" });
  mark(node, "data-id", card.id);
  mark(node, "data-late", String(card.overdue === true));
  mark(link, "href", look.to(card.id));
  mark(link, "aria-current", String(look.open === card.id));
}

/** @param {Card} card @param {LeadRoom} room who has it, and while it is paused whether they accepted it: else the stage says so */
function whoWords({ state, agency, paused }, { lead, city }) {
  const name = city.agency(agency);
  if (state === "received" || !name) return lead("at_desk");
  if (!paused) return name;
  return lead(state === "forwarded" ? "not_accepted" : "accepted_by", { agency: name });
}

/** @param {Card} card @param {number | null} at @param {LeadRoom} room when the first open question on it is to be answered */
export function answerWords({ answer_by: by }, at, { lead, format }) {
  const due = Date.parse(by ?? "");
  if (Number.isNaN(due) || at === null) return "";
  return lead(due < at ? "answer_over" : "answer_left", { span: format.span(Math.abs(due - at)) });
}
