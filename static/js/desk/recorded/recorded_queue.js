/**
 * The queue of a past moment as the desk reads it: the rows of then, and the complaint that is chosen, with what had happened to it until
 * then. Nothing of it can be acted on.
 */
import { ringOf } from "../../ui/alarms.js";
import { owedWords, placeWords, whatWords } from "../../ui/complaints.js";
import { arrange, element, find, mark, show, write } from "../../ui/dom.js";
import { setSymbol, symbol } from "../../ui/symbols.js";
import { mountPlaceMap } from "../../map/place_map.js";
import { rowTime, sourceWords, whoWords } from "../phrases.js";
import { mountHistory } from "../queue/detail.js";
import { isOpen } from "../queue/list.js";
import { NEAR_M, similarTo } from "../queue/questions.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("../phrases.js").QueueRoom & {recorded: import("../../ui/language.js").Say<"recorded">}} PastQueueRoom */
/** @typedef {import("../queue/list.js").View} View */
/** @typedef {import("../../ui/picture.js").Picture & {list: import("../queue/list.js").List, view: View, chosen: Card | null, told: Told}} PastLook */

// What no feed carries, fetched for the complaint that is chosen, and shown as far as it had come by then.

/** @typedef {{state: "none" | "loading" | "there" | "failed", text: string, history: readonly import("../phrases.js").Entry[]}} Told */

const MOST_KEPT = 50;
/** @type {Told} */
const NOTHING = Object.freeze({ state: "none", text: "", history: [] });

export class PastDetails {
  #edge;
  /** @type {Map<string, Told>} */
  #held = new Map();
  /** @type {Map<string, number>} by id, the position of its card of now when it was last looked at */
  #seen = new Map();

  /** @param {{getJson: (url: string) => Promise<any>, changed: () => void}} edge */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @param {string | null} id @param {number} seq position of the moment @param {number} [now] of its card of now, if it has one: what is erased since must not stay here @param {boolean} [opens] whether it may be fetched, which is recorded as access to what somebody wrote @returns {Told} */
  until(id, seq, now, opens = true) {
    if (!id) return NOTHING;
    const was = this.#seen.get(id);
    if (now !== undefined) this.#seen.set(id, now);
    if (now !== undefined && was !== undefined && was !== now) this.#held.delete(id);
    const held = this.#held.get(id);
    if (!held && !opens) return NOTHING;
    if (!held) void this.#fetch(id);
    return { ...(held ?? NOTHING), state: held?.state ?? "loading", history: (held?.history ?? []).filter((entry) => Number(entry.seq) <= seq) };
  }

  /** @param {string} id */
  async #fetch(id) {
    if (this.#held.size >= MOST_KEPT) this.#held.delete(/** @type {string} */ (this.#held.keys().next().value));
    /** @type {Told} */
    const mine = { ...NOTHING, state: "loading" };
    this.#held.set(id, mine);
    // What was asked for before something changed never takes the place of what was asked for after it.
    const hold = (/** @type {Told} */ told) => this.#held.get(id) === mine && this.#held.set(id, told);
    try {
      const said = await this.#edge.getJson(`/api/v1/complaints/${encodeURIComponent(id)}`);
      hold({ state: "there", text: String(said?.text?.description ?? ""), history: Array.isArray(said?.history) ? said.history : [] });
    } catch {
      hold({ ...NOTHING, state: "failed" });
    }
    this.#edge.changed();
  }
}

// The rows: one node a complaint, so that a moment that moves takes no focus.

/** The tabs: what waited for a desk then, all that was open, what had ended on that day. */
export const VIEWS = /** @type {const} */ (["work", "open", "ended"]);
const NAMES = /** @type {const} */ ({ work: "queue_then", open: "open_then", ended: "ended_then" });

/** @param {Document} page @param {PastQueueRoom} room @param {{view: (view: View) => void, choose: (id: string) => void}} act @returns {(look: PastLook) => void} */
export function mountPastList(page, room, act) {
  const [list, empty] = [find(page, ".past-list"), find(page, ".list-empty")];
  const tabs = VIEWS.map((view) => {
    const tab = find(page, `[data-list="${view}"]`);
    write(find(tab, ".tab-word"), room.recorded(NAMES[view]));
    tab.addEventListener("click", () => act.view(view));
    return { view, tab };
  });
  write(empty, room.recorded("nothing_then"));
  /** @type {Map<string, {node: HTMLElement, paint: (card: Card, look: PastLook) => void}>} */
  const rows = new Map();
  return (look) => {
    for (const { view, tab } of tabs) {
      mark(tab, "aria-pressed", String(view === look.view));
      write(find(tab, ".tab-count"), room.format.number(look.list.counts[view]));
    }
    show(empty, look.whole && look.list.rows.length === 0);
    const nodes = look.list.groups.flatMap(({ name, n, cards }) => {
      const head = element("li", "group-head", element("h2", "group-name", name === "ended" ? room.recorded("ended_then") : room.queue(`group_${name}`)), element("span", "group-count", room.format.number(n)));
      return [head, ...cards.map((card) => {
        const row = rows.get(card.id) ?? mountPastRow(card.id, room, act.choose);
        rows.set(card.id, row);
        row.paint(card, look);
        return row.node;
      })];
    });
    const listed = new Set(look.list.rows.map(({ id }) => id));
    for (const id of rows.keys()) if (!listed.has(id)) rows.delete(id);
    arrange(list, nodes);
  };
}

/** @param {string} id @param {PastQueueRoom} room @param {(id: string) => void} choose */
function mountPastRow(id, room, choose) {
  const shape = symbol("waiting");
  const [what, place, who, late] = ["what", "place", "who", "late"].map((name) => element("span", `past-${name}`));
  if (!what || !place || !who || !late) throw new Error("a row has four parts");
  const button = element("button", "past-open", what, who, late, place);
  button.prepend(shape);
  mark(button, "type", "button");
  button.addEventListener("click", () => choose(id));
  const node = element("li", "past-row", button);
  const paint = (/** @type {Card} */ card, /** @type {PastLook} */ look) => {
    const chosen = look.chosen?.id === id;
    mark(node, "data-chosen", String(chosen));
    mark(node, "data-unacked", String(look.unacked.has(id)));
    mark(node, "data-overdue", String(card.overdue === true));
    mark(button, "aria-current", String(chosen));
    setSymbol(shape, { status: card.status, ring: ringOf(card, look), flash: false });
    write(what, whatWords(card, room));
    write(place, placeWords(card, room));
    write(who, whoWords(card, room));
    write(late, rowTime(card, look, room));
  };
  return { node, paint };
}

// The complaint that is chosen.

/** @param {Document} page @param {PastQueueRoom} room @returns {(look: PastLook) => void} */
export function mountPastReading(page, room) {
  const { recorded, format } = room;
  const reading = find(page, ".reading");
  const shape = symbol("waiting");
  find(reading, ".reading-symbol").append(shape);
  const part = (/** @type {string} */ name) => find(reading, `.reading-${name}`);
  const [what, where, late, who, text, near, trace] = ["what", "where", "late", "who", "text", "near", "trace"].map(part);
  if (!what || !where || !late || !who || !text || !near || !trace) return () => {};
  write(part("none"), recorded("none_chosen"));
  write(part("report"), recorded("report"));
  const paintMap = mountPlaceMap(page, { city: room.city, queue: room.queue, failed: room.queue("search_far") });
  const paintHistory = mountHistory(find(reading, ".history"), room);
  let mapped = "";
  return (look) => {
    const { chosen: card, told, at } = look;
    mark(reading, "data-empty", String(card === null));
    if (!card) return;
    setSymbol(shape, { status: card.status, ring: ringOf(card, look), flash: false });
    write(what, whatWords(card, room));
    const received = Date.parse(card.received_at ?? "");
    write(where, [placeWords(card, room), [sourceWords(card, room), Number.isNaN(received) ? "" : room.moment(received, at)].filter(Boolean).join(", ")].filter(Boolean).join(" · "));
    write(late, rowTime(card, look, room));
    write(who, isOpen(card) ? owedWords(card, room) : room.states(card.state ?? ""));
    write(text, told.state === "failed" ? recorded("text_away") : told.text);
    const alike = similarTo(card, look.state.cards.values()).filter(({ metres }) => (metres ?? Infinity) <= NEAR_M);
    write(near, alike.length > 0 ? recorded("near", { n: format.number(alike.length), m: NEAR_M }) : "");
    write(trace, at === null ? "" : recorded("trace_until", { time: format.hour(at) }));
    paintHistory(told.history, { at });
    // A map is drawn anew for another complaint, or for one that looks otherwise now.
    const key = `${card.id} ${card.status} ${card.overdue} ${card.lat} ${card.area}`;
    if (key !== mapped) paintMap(card);
    mapped = key;
  };
}
