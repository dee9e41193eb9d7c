/**
 * The rows of the alarm list: one node an alarm for as long as it is listed, so that an update never takes the focus.
 */
import { alarmLate, alarmWhat, alarmWhere, alarmWho, slotRing } from "../ui/alarms.js";
import { setSymbol, symbol } from "../ui/symbols.js";
import { arrange, element, mark, show, write } from "../ui/dom.js";
import { heldWords, markWords } from "./desk_alarm_words.js";
import { nameOf } from "./guests.js";

/** @typedef {import("../feed/messages.js").Alarm} Alarm */
/** @typedef {import("./alarm_desk.js").Look} Look */
/** @typedef {import("./desk_alarm_words.js").DeskRoom} DeskRoom */
/** @typedef {{node: HTMLElement, paint: (alarm: Alarm, look: Look) => void}} Row */
/** @typedef {{choose: (id: string) => void, acknowledge: (id: string) => void, back: (id: string) => void}} Hands */

const ANSWERABLE = ["unacked", "returned"];

export class Rows {
  /** @type {Map<string, Row>} */
  #rows = new Map();
  /** @type {Map<string, {node: HTMLElement, name: HTMLElement, count: HTMLElement}>} */
  #heads = new Map();
  #room;
  #hands;
  #list;

  /** @param {HTMLElement} list @param {DeskRoom} room @param {Hands} hands */
  constructor(list, room, hands) {
    this.#list = list;
    this.#room = room;
    this.#hands = hands;
  }

  /** @param {Look} look */
  paint(look) {
    /** @type {Node[]} */
    const nodes = [];
    for (const { state, alarms, total } of look.list.groups) {
      nodes.push(this.#head(state, alarms.length, total));
      for (const alarm of alarms) {
        const row = this.#rows.get(alarm.id) ?? this.#make(alarm.id);
        row.paint(alarm, look);
        nodes.push(row.node);
      }
    }
    const listed = new Set(look.list.rows.map(({ id }) => id));
    for (const id of this.#rows.keys()) if (!listed.has(id)) this.#rows.delete(id);
    arrange(this.#list, nodes);
  }

  /** @param {string | null} id @returns {HTMLElement | null} what takes the focus for a row */
  focusOf(id) {
    return this.#rows.get(id ?? "")?.node.querySelector(".alarm-open") ?? null;
  }

  /** @param {import("../ui/alarms.js").Standing} state @param {number} shown @param {number} total */
  #head(state, shown, total) {
    let head = this.#heads.get(state);
    if (!head) {
      const [name, count] = [element("h2", "group-name", this.#room.desk(state)), element("span", "group-count")];
      head = { node: element("li", "group-head", name, count), name, count };
      mark(head.node, "data-group", state);
      this.#heads.set(state, head);
    }
    const { desk, format } = this.#room;
    const n = format.number(total);
    write(head.count, shown < total ? desk("shown_of", { shown: format.number(shown), n }) : n);
    return head.node;
  }

  /** @param {string} id @returns {Row} */
  #make(id) {
    const row = mountRow(id, this.#room, this.#hands);
    this.#rows.set(id, row);
    return row;
  }
}

/** @param {string} id @param {DeskRoom} room @param {Hands} hands @returns {Row} */
function mountRow(id, room, hands) {
  const shape = symbol("waiting");
  const part = (/** @type {string} */ name) => element("span", name);
  const [what, where, who, held, late, said, rank] = ["what", "where", "who", "held", "late", "said", "rank"].map((name) => part(`alarm-${name}`));
  const open = element("button", "alarm-open", .../** @type {HTMLElement[]} */ ([rank, what, where, who, held, late, said]));
  const act = element("button", "alarm-act");
  for (const button of [open, act]) mark(button, "type", "button");
  const node = element("li", "alarm-row", shape, open, act);
  mark(node, "data-id", id);
  open.addEventListener("focus", () => hands.choose(id));
  open.addEventListener("click", () => hands.choose(id));
  act.addEventListener("click", () => (node.dataset.group === "open" ? hands.acknowledge(id) : hands.back(id)));
  const texts = /** @type {Record<string, HTMLElement>} */ ({ what, where, who, held, late, said, rank });
  return { node, paint: (alarm, look) => paintRow({ node, shape, open, act, texts }, alarm, look, room) };
}

/** @param {{node: HTMLElement, shape: SVGElement, open: HTMLElement, act: HTMLElement, texts: Record<string, any>}} parts @param {Alarm} alarm @param {Look} look @param {DeskRoom} room */
function paintRow({ node, shape, open, act, texts }, alarm, look, room) {
  const card = alarm.complaint ? look.state.cards.get(alarm.complaint) : null;
  const named = { alarm, card };
  const chosen = alarm.id === look.chosen;
  const order = look.orders.markOf(alarm.id);
  const said = { "data-state": alarm.state, "data-group": look.view, "data-chosen": String(chosen), "data-order": order?.kind ?? "" };
  for (const [name, value] of Object.entries(said)) mark(node, name, value);
  mark(open, "tabindex", chosen ? "0" : "-1");
  mark(open, "aria-current", String(chosen));
  const ring = slotRing({ id: alarm.id, card, alarm, source: alarm.source ?? null, acted: alarm.state !== "unacked" }, look);
  setSymbol(shape, { status: card?.status ?? (alarm.source ? "source" : "waiting"), ring, flash: look.flashing.has(alarm.id) && order?.kind !== "sending" });
  write(texts.rank, `P${alarm.priority ?? 3}`);
  write(texts.what, alarmWhat(named, room));
  write(texts.where, alarmWhere(named, look, room));
  write(texts.who, alarmWho(named, room, nameOf));
  write(texts.held, heldWords(alarm, look.at, room));
  write(texts.late, alarmLate(named, look, room));
  write(texts.said, markWords(order, room));
  const words = look.view === "open" ? (ANSWERABLE.includes(alarm.state) ? room.desk("acknowledge") : "") : backWords(alarm, room);
  write(act, words);
  mark(act, "tabindex", chosen ? "0" : "-1");
  mark(act, "aria-disabled", String(order?.kind === "sending"));
  show(act, words !== "");
}

/** @param {Alarm} alarm @param {DeskRoom} room */
function backWords({ state, rule }, { desk }) {
  if (state === "shelved") return desk("unshelve");
  if (state === "out_of_service") return desk("in_service");
  return rule === "maintenance" ? desk("unsuppress") : "";
}
