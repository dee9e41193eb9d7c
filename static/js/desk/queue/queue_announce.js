/**
 * Tells a screen reader what an operator would else have to look for: new complaints together, and what became of an order (CR-101).
 */
import { placeWords, whatWords } from "../../complaint_words.js";
import { find, write } from "../../views/text.js";
import { orderWords } from "./order_words.js";
import { workOf } from "./queue_list.js";

/** @typedef {import("./queue_desk.js").Look} Look */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */

/** New complaints are told together, at most so often. */
const APART_MS = 15_000;

/** @param {Document} page @param {QueueRoom} room @returns {(look: Look) => void} */
export function mountQueueAnnounce(page, room) {
  const status = find(page, ".announce-status");
  const paintOrders = mountOrders(status, room);
  /** @type {Set<string>} */
  let fresh = new Set();
  let known = -1;
  let told = -Infinity;
  return (look) => {
    paintOrders(look);
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

/** @param {HTMLElement} status @param {QueueRoom} room @returns {(look: Look) => void} each failure once */
function mountOrders(status, room) {
  /** @type {Map<string, number>} */
  const said = new Map();
  return (look) => {
    for (const { id } of look.list.rows) {
      const order = look.markOf(id);
      if (!order || order.kind === "sending" || said.get(id) === order.since) continue;
      said.set(id, order.since);
      write(status, orderWords(order, look, room));
    }
  };
}
