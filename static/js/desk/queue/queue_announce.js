/**
 * Tells a screen reader what an operator would else have to look for: new complaints together, and what became of an order (CR-101).
 */
import { placeWords, whatWords } from "../../ui/complaints.js";
import { find, write } from "../../ui/dom.js";
import { orderWords } from "./order_words.js";
import { workOf } from "./queue_list.js";

/** @typedef {import("./queue_desk.js").Look} Look */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */
/** @typedef {import("../desk_orders.js").Mark} Mark */

/** New complaints are told together, at most so often. */
const APART_MS = 15_000;
/** Of those that failed and left the list so many are named in one line. */
const AT_ONCE = 3;

/** @param {Document} page @param {QueueRoom} room @param {(words: string) => void} say what no row shows, for eyes too @returns {(look: Look) => void} */
export function mountQueueAnnounce(page, room, say) {
  const status = find(page, ".announce-status");
  const paintOrders = mountOrders(status, room, say);
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

/** @param {HTMLElement} status @param {QueueRoom} room @param {(words: string) => void} say @returns {(look: Look) => void} each failure once */
function mountOrders(status, room, say) {
  const [onRow, onNone] = [once(), once()];
  return (look) => {
    const listed = new Set(look.list.rows.map(({ id }) => id));
    for (const id of listed) {
      const order = look.markOf(id);
      if (order && order.kind !== "sending" && onRow(id, order)) write(status, orderWords(order, look, room));
    }
    // Whoever was faster took its row off this list too, often in the same moment.
    const left = look.failures.filter(([id, order]) => !listed.has(id) && id !== look.chosen && onNone(id, order));
    if (left.length > 0) say(leftWords(left, look, room));
  };
}

/** @returns {(id: string, order: Mark) => boolean} whether that is news */
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
  const words = left.slice(0, AT_ONCE).map(([id, order]) => {
    const card = look.cards(id);
    const which = card ? [whatWords(card, room), placeWords(card, room), card.source_id ? `${queue("number")} ${card.source_id}` : ""] : [];
    return [which.filter(Boolean).join(", "), orderWords(order, look, room)].filter(Boolean).join(": ");
  });
  const more = left.length - words.length;
  return [...words, ...(more > 0 ? [`+${format.number(more)}`] : [])].join("; ");
}
