/**
 * The rows of the duty desk, what stands round them, and what a screen reader is told of them.
 */
import { ringOf } from "../../ui/alarms.js";
import { movesWords, placeWords, whatWords } from "../../ui/complaints.js";
import { arrange, element, elementWith, find, mark, show, write } from "../../ui/dom.js";
import { setSymbol, symbol, toAndFro } from "../../ui/symbols.js";
import { claimWords, commandWords, questionWords, rowTime, sourceWords, stageWords, whoWords } from "../phrases.js";
import { PAGE, workOf } from "./list.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("./queue.js").Look} Look */
/** @typedef {import("../phrases.js").QueueRoom} QueueRoom */
/** @typedef {import("../commands.js").Mark} Mark */

// The rows of the queue: one node a complaint for as long as it is listed, so that an update never takes the focus (CR-100).

/** @typedef {{node: HTMLElement, paint: (card: Card, look: Look) => void}} Row */
/** @typedef {{choose: (id: string) => void, open: (id: string) => void, select: (id: string) => void}} Handlers */

const TEXTS = /** @type {const} */ (["what", "class", "place", "source", "moves", "state", "who", "claim", "late", "said"]);

export class QueueRows {
  /** @type {Map<string, Row>} */
  #rows = new Map();
  /** @type {Map<string, {node: HTMLElement, count: HTMLElement}>} */
  #heads = new Map();
  #room;
  #handlers;
  #list;

  /** @param {HTMLElement} list @param {QueueRoom} room @param {Handlers} handlers */
  constructor(list, room, handlers) {
    this.#list = list;
    this.#room = room;
    this.#handlers = handlers;
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

  /** @param {import("./list.js").GroupName} name @param {number} n */
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
    const row = mountRow(id, this.#room, this.#handlers);
    this.#rows.set(id, row);
    return row;
  }
}

/** @param {string} id @param {QueueRoom} room @param {Handlers} handlers @returns {Row} */
function mountRow(id, room, handlers) {
  const shape = symbol("waiting");
  const texts = /** @type {Record<typeof TEXTS[number], HTMLElement>} */ (Object.fromEntries(TEXTS.map((name) => [name, element("span", `row-${name}`)])));
  const { what, class: rank, place, source, moves, ...rest } = texts;
  const hands = elementWith("span", "row-hands", { "data-shown": "false" }, toAndFro(), moves);
  const open = element("button", "row-open", element("span", "row-head", what, " ", rank), element("span", "row-where", place, " ", source, " ", hands), ...Object.values(rest));
  const pick = element("button", "row-pick", shape);
  for (const button of [open, pick]) mark(button, "type", "button");
  mark(pick, "tabindex", "-1");
  const node = element("li", "queue-row", pick, open);
  mark(node, "data-id", id);
  open.addEventListener("focus", () => handlers.choose(id));
  open.addEventListener("click", () => handlers.open(id));
  pick.addEventListener("click", () => handlers.select(id));
  return { node, paint: (card, look) => paintRow({ node, shape, open, pick, hands, texts }, card, look, room) };
}

/** @param {{node: HTMLElement, shape: SVGElement, open: HTMLElement, pick: HTMLElement, hands: HTMLElement, texts: Record<typeof TEXTS[number], HTMLElement>}} parts @param {Card} card @param {Look} look @param {QueueRoom} room */
function paintRow({ node, shape, open, pick, hands, texts }, card, look, room) {
  const chosen = card.id === look.chosen;
  const command = look.markOf(card.id);
  const waits = look.waits(card.id);
  const selected = look.selected.has(card.id);
  const told = { "data-chosen": chosen, "data-opened": card.id === look.open, "data-selected": selected, "data-waits": waits !== null, "data-returned": card.returned === true && card.state === "received", "data-unacked": look.unacked.has(card.id), "data-command": command?.kind ?? "", "data-overdue": card.overdue === true, "data-priority": card.priority ?? "normal" };
  for (const [name, value] of Object.entries(told)) mark(node, name, String(value));
  mark(open, "tabindex", chosen ? "0" : "-1");
  mark(open, "aria-current", String(chosen));
  mark(pick, "aria-pressed", String(selected));
  const what = whatWords(card, room);
  mark(pick, "aria-label", `${room.queue("choose")}: ${what}, ${placeWords(card, room)}`);
  setSymbol(shape, { status: card.status, ring: ringOf(card, look), flash: look.flashing.has(card.id) && command?.kind !== "sending" });
  const claim = claimWords(card, look.at, look.person.actor, room);
  write(texts.what, what);
  write(texts.class, card.priority && card.priority !== "normal" ? room.queue(card.priority) : "");
  write(texts.place, placeWords(card, room));
  write(texts.source, sourceWords(card, room));
  const moves = movesWords(card, room);
  show(hands, moves !== "");
  write(texts.moves, moves);
  write(texts.state, card.returned && card.state === "received" ? room.queue("came_back") : room.states(card.state ?? ""));
  write(texts.who, whoWords(card, room, look.would(card)));
  write(texts.claim, claim);
  show(texts.claim, claim !== "");
  write(texts.late, rowTime(card, look, room));
  write(texts.said, waits ? room.queue("waits", { act: room.queue(/** @type {"act_reject"} */ (`act_${waits.name}`)) }) : command ? commandWords(command, look, room) : questionWords(card, look.at, room) || stageWords(card, room));
}

// What stands round the rows: nothing to do, more to show, what is selected.

/** @param {Document} page @param {import("../phrases.js").QueueRoom} room @returns {(look: import("./queue.js").Look) => void} */
export function mountScroll(page, { queue, format }) {
  const [empty, more, selection, n] = [".list-empty", ".more", ".selection", ".selection-n"].map((name) => /** @type {HTMLElement} */ (find(page, name)));
  if (!empty || !more || !selection || !n) return () => {};
  return ({ whole, list, place, selected }) => {
    const nothing = whole && list.rows.length === 0;
    const plain = place.view === "work" && Object.values(place.filter).every((one) => one === "");
    show(empty, nothing);
    write(empty, nothing ? queue(plain ? "empty_work" : "empty_any") : "");
    show(more, list.more > 0);
    write(more, list.more > 0 ? queue("more", { n: format.number(Math.min(PAGE, list.more)) }) : "");
    show(selection, selected.size > 0);
    write(n, queue("selected", { n: format.number(selected.size) }));
  };
}

// Tells a screen reader what an operator would else have to look for: new complaints together, and what became of a command (CR-101).

/** New complaints are told together, at most so often. */
const APART_MS = 15_000;
/** Of those that failed and left the list so many are named in one line. */
const AT_ONCE = 3;

/** @param {Document} page @param {QueueRoom} room @param {(words: string) => void} say what no row shows, for eyes too @returns {(look: Look) => void} */
export function mountQueueAnnounce(page, room, say) {
  const status = find(page, ".announce-status");
  const paintCommands = mountCommands(status, room, say);
  /** @type {Set<string>} */
  let fresh = new Set();
  let known = -1;
  let told = -Infinity;
  return (look) => {
    paintCommands(look);
    if (known < 0 && look.whole) known = look.state.seq;
    if (look.state.seq > known && known >= 0) for (const id of look.state.touched) if (isNew(id, look)) fresh.add(id);
    known = Math.max(known, look.whole ? look.state.seq : -1);
    if (fresh.size === 0 || look.mono - told < APART_MS) return;
    told = look.mono;
    const [only] = [...fresh].map((id) => look.state.cards.get(id));
    const one = fresh.size === 1 && only ? room.queue("now_new", { what: whatWords(only, room), where: placeWords(only, room) }) : "";
    write(status, one || room.queue("arrived", { n: room.format.number(fresh.size) }));
    fresh = new Set();
  };
}

/** @param {string} id @param {Look} look @returns {boolean} */
function isNew(id, { state, at }) {
  const card = state.cards.get(id);
  return card !== null && workOf(card) === "new" && at !== null && at - Date.parse(card.received_at ?? "") < 10 * 60_000 && card.claimed_by === null;
}

/** @param {HTMLElement} status @param {QueueRoom} room @param {(words: string) => void} say @returns {(look: Look) => void} each failure once */
function mountCommands(status, room, say) {
  const [onRow, onNone] = [once(), once()];
  return (look) => {
    const listed = new Set(look.list.rows.map(({ id }) => id));
    for (const id of listed) {
      const command = look.markOf(id);
      if (command && command.kind !== "sending" && onRow(id, command)) write(status, commandWords(command, look, room));
    }
    // Whoever was faster took its row off this list too, often in the same moment.
    const left = look.failures.filter(([id, command]) => !listed.has(id) && id !== look.chosen && onNone(id, command));
    if (left.length > 0) say(leftWords(left, look, room));
  };
}

/** @returns {(id: string, command: Mark) => boolean} whether that is news */
function once() {
  /** @type {Map<string, number>} */
  const said = new Map();
  return (id, { since }) => {
    const news = said.get(id) !== since;
    said.set(id, since);
    return news;
  };
}

/** @param {readonly (readonly [string, Mark])[]} left those that failed once they had no row here any more @param {Look} look @param {QueueRoom} room */
function leftWords(left, look, room) {
  const { queue, format } = room;
  const words = left.slice(0, AT_ONCE).map(([id, command]) => {
    const card = look.cards(id);
    const which = card ? [whatWords(card, room), placeWords(card, room), card.source_id ? `${queue("number")} ${card.source_id}` : ""] : [];
    return [which.filter(Boolean).join(", "), commandWords(command, look, room)].filter(Boolean).join(": ");
  });
  const more = left.length - words.length;
  return [...words, ...(more > 0 ? [`+${format.number(more)}`] : [])].join("; ");
}
