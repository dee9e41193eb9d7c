/**
 * Keys and buttons of the duty desk, brought to the hands and acts that know what they mean.
 */
import { find, mark } from "../../ui/dom.js";
import { ask, asking, mountDialogs } from "../desk_dialogs.js";
import { mountLetters } from "../desk_letters.js";
import { mountTold } from "../desk_told.js";
import { mountHandover } from "./handover.js";
import { mountNewComplaint } from "./new_complaint.js";
import { Overview } from "./overview.js";
import { QueueActs } from "./queue_acts.js";
import { QueueHands } from "./queue_hands.js";
import { keyOf } from "./queue_keys.js";
import { PAGE } from "./queue_list.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("./queue_desk.js").Desk} Desk */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */
/**
 * @typedef {Pick<Desk, "look" | "here" | "paint" | "orders" | "alarmOrders" | "chooser" | "drafts" | "details" | "person" | "handles" | "lists" | "card"> & {
 *   post: (url: string, body: unknown) => Promise<import("../desk_orders.js").Reply>, getJson: (url: string) => Promise<unknown>, newId: () => string,
 *   sound: import("../../screen/attention.js").Sound, find: (q: string) => void,
 * }} Edge
 */

/** @param {Document} page @param {QueueRoom} room @param {Edge} edge */
export function mountDoing(page, room, edge) {
  const say = mountTold(page);
  const desk = deskOf(page, room, edge, say);
  const hands = new QueueHands(page, desk);
  desk.toList = () => hands.focus();
  desk.search = (q) => searchFor(q, hands, edge);
  const acts = new QueueActs(room, desk, hands);
  const { paintOverview, ...pages } = dialogs(page, room, edge, desk, hands, say);
  mountDialogs(page);
  const act = (/** @type {import("./acts_table.js").ActName} */ name) => void acts.do(name);
  const does = /** @type {Record<string, () => unknown>} */ ({
    down: () => hands.move(1), up: () => hands.move(-1), open: () => hands.open(hands.chosen()), leave: () => hands.leave(),
    select: () => hands.select(hands.chosen()?.id ?? ""), select_all: () => hands.selectAll(), unselect: () => (edge.here.selected.clear(), edge.paint()),
    hush: () => desk.hush() && edge.paint(), search: () => /** @type {HTMLInputElement} */ (find(page, ".search")).select(), list: () => hands.focus(), clear: () => hands.clear(),
    map: () => hands.turn(), more: () => ((edge.here.place.most += PAGE), edge.paint()), ...pages,
  });
  const press = (/** @type {string} */ name) => (does[name] ? does[name]?.() : act(/** @type {any} */ (name)));
  mountKeys(page, { press, number: (n) => void acts.number(n), asking: () => edge.chooser.asking });
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-do]"))) button.addEventListener("click", () => press(button.dataset.do ?? ""));
  return { desk, hands, act, say, paintOverview, number: (/** @type {number} */ n) => void acts.number(n), begin: () => hands.focus() };
}

/** @param {string} q @param {QueueHands} hands @param {Edge} edge */
function searchFor(q, hands, edge) {
  const { place } = edge.here;
  if (q === place.q) return;
  edge.find(q);
  hands.go({ q, view: q ? "found" : place.view === "found" ? "work" : place.view });
}

/** @param {Document} page @param {QueueRoom} room @param {Edge} edge @param {(words: string) => void} say @returns {Desk} */
function deskOf(page, room, edge, say) {
  const { person, post, newId } = edge;
  const named = async () => {
    if (person.read().actor) return true;
    await sit(page, edge);
    return person.read().actor !== "";
  };
  const send = (/** @type {string} */ url, /** @type {Record<string, unknown>} */ fields) => post(url, { command_id: newId(), ...fields }).catch(() => null);
  return {
    ...edge, named, toList() {}, search() {}, hush: () => edge.sound.hushLoss(),
    otherCategories: (card) => edge.look().suggested.categories.filter(({ key }) => key !== card.category),
    // A courtesy: that it did not go through harms nobody.
    claim: (card) => void send(`/api/v1/complaints/${encodeURIComponent(card.id)}/claim`, { seen_seq: card.seq }),
    release: (card) => void send(`/api/v1/complaints/${encodeURIComponent(card.id)}/release`, { seen_seq: card.seq }),
    async show(card) {
      const reply = await send("/api/v1/room/show", { complaint: card.id });
      say(room.queue(reply?.status === 200 ? "shown" : "show_failed"));
    },
  };
}

/** @param {Document} page @param {Edge} edge */
async function sit(page, { person, details, paint }) {
  const answer = await ask(page, "person");
  if (answer?.actor?.trim()) {
    person.sit(answer.actor, answer.role ?? "duty");
    // What may be done was told to somebody else.
    details.forget();
  }
  paint();
}

/** @param {Document} page @param {QueueRoom} room @param {Edge} edge @param {Desk} desk @param {QueueHands} hands @param {(words: string) => void} say */
function dialogs(page, room, edge, desk, hands, say) {
  const { post, newId, lists, getJson, drafts } = edge;
  const saved = (/** @type {string} */ id) => {
    say(room.queue("saved"));
    edge.here.place.open = id;
    edge.here.chosen = { id, at: 0 };
    edge.paint();
    hands.focus();
  };
  const openNew = mountNewComplaint(page, room, { lists, post, newId, say, saved, drafts });
  const overview = new Overview(page, room, (change) => (hands.go(change), hands.focus()));
  const openHandover = mountHandover(page, room, { getJson, post, newId, say, look: edge.look, drafts });
  return {
    new: async () => (await desk.named()) && openNew(), handover: async () => (await desk.named()) && openHandover(),
    help: () => ask(page, "help"), person: () => sit(page, edge), overview: () => overview.open(), paintOverview: (/** @type {import("./queue_desk.js").Look} */ look) => overview.look(look),
  };
}

/** @param {Document} page @param {{press: (name: string) => unknown, number: (n: number) => void, asking: () => boolean}} hands */
function mountKeys(page, { press, number, asking: choosing }) {
  const letters = mountLetters(page);
  page.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const typing = target.matches("input:not([type=checkbox]), textarea, select");
    const inList = target.matches(".row-open, .queue-list");
    const name = keyOf(event, { letters: letters(), typing, inList, dialog: asking(page) });
    if (!name || (event.repeat && name !== "down" && name !== "up") || (choosing() && name !== "leave")) return;
    event.preventDefault();
    if (name === "number") number(Number(event.key));
    else press(name);
  });
  mark(page.documentElement, "data-ready", "true");
}
