/**
 * Navigation of the duty desk: which complaint is chosen, open or selected, and what its keys and buttons do.
 */
import { find, mark } from "../../ui/dom.js";
import { ask, asking, mountDialogs } from "../dialogs.js";
import { mountLetters, mountStatusLine } from "../page.js";
import { claimOf } from "../phrases.js";
import { keyOf, QueueActions } from "./actions.js";
import { mountHandover } from "./handover.js";
import { isOpen, nextOf, NO_FILTER, PAGE, writePlace } from "./list.js";
import { mountNewComplaint } from "./new_complaint.js";
import { Overview } from "./overview.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("./queue.js").Look} Look */
/** @typedef {import("./queue.js").Desk} Desk */
/** @typedef {import("../phrases.js").QueueRoom} QueueRoom */

// Moving about: which complaint is chosen, which is open, which are selected; and saying so in the address.

export class QueueNavigation {
  /** @type {import("./rows.js").QueueRows | null} */
  list = null;

  /** @param {Document} page @param {Desk} desk */
  constructor(page, desk) {
    this.page = page;
    this.at = desk;
  }

  /** @returns {Card | null} */
  chosen() {
    const { id } = this.at.here.chosen;
    return id === null ? null : this.at.card(id);
  }

  /** @returns {boolean} whether a question or dialog is in the way */
  busy() {
    return asking(this.page) || this.at.chooser.asking;
  }

  /** @param {string} id */
  choose(id) {
    const { here } = this.at;
    if (here.chosen.id === id) return;
    here.chosen = { id, at: this.at.look().list.rows.findIndex((card) => card.id === id) };
    if (here.place.open !== id) this.close();
    this.at.paint();
  }

  /** @param {number} by */
  move(by) {
    const { rows } = this.at.look().list;
    const { chosen } = this.at.here;
    const stands = rows.findIndex(({ id }) => id === chosen.id);
    // Where the chosen one has left, its place is between two rows.
    const at = stands >= 0 ? stands + by : by > 0 ? chosen.at + by - 1 : chosen.at + by;
    const card = rows[Math.min(rows.length - 1, Math.max(0, at))];
    if (card) this.choose(card.id);
    this.focus();
  }

  focus() {
    const target = this.list?.focusOf(this.at.here.chosen.id) ?? find(this.page, ".queue-list");
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "nearest" });
  }

  /** Opens the chosen one, with a name on it that others see. @param {Card | null} card */
  async open(card) {
    if (!card || !(await this.at.named())) return;
    const { here, details } = this.at;
    here.chosen = { id: card.id, at: this.at.look().list.rows.findIndex(({ id }) => id === card.id) };
    here.place.open = card.id;
    details.follow(card);
    this.tell();
    this.at.paint();
    if (isOpen(card) && claimOf(card, this.at.look().at) === null) this.at.claim(card);
  }

  close() {
    const { open } = this.at.here.place;
    if (open === null) return;
    const card = this.at.card(open);
    if (card && claimOf(card, this.at.look().at) === this.at.person.read().actor) this.at.release(card);
    this.at.here.place.open = null;
    this.tell();
  }

  /** Somebody is still reading: the name on it holds on. */
  hold() {
    const { open } = this.at.here.place;
    const card = open === null ? null : this.at.card(open);
    if (card && !document.hidden && claimOf(card, this.at.look().at) === this.at.person.read().actor) this.at.claim(card);
  }

  /** Goes on to the next when these are dealt with; it opens where the last one was open. @param {readonly string[]} left */
  goOn(left) {
    const { here } = this.at;
    if (!left.includes(here.chosen.id ?? "")) return this.focus();
    const reading = here.place.open !== null;
    here.chosen = nextOf(this.at.look().list.rows, here.chosen, left);
    // What was just dealt with needs no letting go: its claim ends with it.
    here.place.open = null;
    this.tell();
    this.at.paint();
    this.focus();
    if (reading) this.open(this.chosen());
  }

  /** @param {string} id */
  select(id) {
    const { selected } = this.at.here;
    if (!selected.delete(id)) selected.add(id);
    this.at.paint();
  }

  selectAll() {
    const { selected } = this.at.here;
    for (const { id } of this.at.look().list.rows) selected.add(id);
    this.at.paint();
  }

  /** Escape: one step back, whatever stands in front. */
  leave() {
    const { here, chooser } = this.at;
    if (chooser.asking) chooser.leave();
    else if (here.place.open !== null) this.close();
    else if (here.selected.size > 0) here.selected.clear();
    else if (here.place.q) this.at.search("");
    this.at.paint();
    this.focus();
  }

  /** @param {Partial<import("./list.js").Place>} change another list, filter or map */
  go(change) {
    const { here } = this.at;
    Object.assign(here.place, { most: PAGE }, change);
    if (!("open" in change)) here.place.open = null;
    here.chosen = { id: here.place.open, at: 0 };
    here.selected.clear();
    this.tell();
    this.at.paint();
  }

  /** Map instead of half the list, and back: what is chosen stays so. */
  turn() {
    const { place } = this.at.here;
    place.map = !place.map;
    this.tell();
    this.at.paint();
    this.focus();
  }

  clear() {
    this.at.search("");
    this.go({ filter: { ...NO_FILTER }, view: this.at.here.place.view === "found" ? "work" : this.at.here.place.view });
    this.focus();
  }

  /** The address shows what the page shows. */
  tell() {
    const address = `${location.pathname}${writePlace(this.at.here.place, location.search)}`;
    if (address !== `${location.pathname}${location.search}`) history.replaceState(null, "", address);
  }
}

// Keys and buttons, brought to the moves and actions that know what they mean.

/**
 * @typedef {Pick<Desk, "look" | "here" | "paint" | "commands" | "alarmCommands" | "chooser" | "drafts" | "details" | "person" | "handles" | "lists" | "card"> & {
 *   post: (url: string, body: unknown) => Promise<import("../commands.js").Reply>, getJson: (url: string) => Promise<unknown>, newId: () => string,
 *   sound: import("../../screen/alertness.js").Sound, find: (q: string) => void,
 * }} Edge
 */

/** @param {Document} page @param {QueueRoom} room @param {Edge} edge */
export function mountQueueInput(page, room, edge) {
  const say = mountStatusLine(page);
  const desk = deskOf(page, room, edge, say);
  const navigation = new QueueNavigation(page, desk);
  desk.toList = () => navigation.focus();
  desk.search = (q) => searchFor(q, navigation, edge);
  const acts = new QueueActions(room, desk, navigation);
  const { paintOverview, ...pages } = dialogs(page, room, edge, desk, navigation, say);
  mountDialogs(page);
  const act = (/** @type {import("./actions.js").ActionName} */ name) => void acts.do(name);
  const does = /** @type {Record<string, () => unknown>} */ ({
    down: () => navigation.move(1), up: () => navigation.move(-1), open: () => navigation.open(navigation.chosen()), leave: () => navigation.leave(),
    select: () => navigation.select(navigation.chosen()?.id ?? ""), select_all: () => navigation.selectAll(), unselect: () => (edge.here.selected.clear(), edge.paint()),
    mute: () => desk.mute() && edge.paint(), search: () => /** @type {HTMLInputElement} */ (find(page, ".search")).select(), list: () => navigation.focus(), clear: () => navigation.clear(),
    map: () => navigation.turn(), more: () => ((edge.here.place.most += PAGE), edge.paint()), ...pages,
  });
  const press = (/** @type {string} */ name) => (does[name] ? does[name]?.() : act(/** @type {any} */ (name)));
  mountKeys(page, { press, number: (n) => void acts.number(n), asking: () => edge.chooser.asking });
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-do]"))) button.addEventListener("click", () => press(button.dataset.do ?? ""));
  return { desk, navigation, act, say, paintOverview, number: (/** @type {number} */ n) => void acts.number(n), begin: () => navigation.focus() };
}

/** @param {string} q @param {QueueNavigation} navigation @param {Edge} edge */
function searchFor(q, navigation, edge) {
  const { place } = edge.here;
  if (q === place.q) return;
  edge.find(q);
  navigation.go({ q, view: q ? "found" : place.view === "found" ? "work" : place.view });
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
    ...edge, named, toList() {}, search() {}, mute: () => edge.sound.muteFeedLoss(),
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

/** @param {Document} page @param {QueueRoom} room @param {Edge} edge @param {Desk} desk @param {QueueNavigation} navigation @param {(words: string) => void} say */
function dialogs(page, room, edge, desk, navigation, say) {
  const { post, newId, lists, getJson, drafts } = edge;
  const saved = (/** @type {string} */ id) => {
    say(room.queue("saved"));
    edge.here.place.open = id;
    edge.here.chosen = { id, at: 0 };
    edge.paint();
    navigation.focus();
  };
  const openNew = mountNewComplaint(page, room, { lists, post, newId, say, saved, drafts });
  const overview = new Overview(page, room, (change) => (navigation.go(change), navigation.focus()));
  const openHandover = mountHandover(page, room, { getJson, post, newId, say, look: edge.look, drafts });
  return {
    new: async () => (await desk.named()) && openNew(), handover: async () => (await desk.named()) && openHandover(),
    help: () => ask(page, "help"), person: () => sit(page, edge), overview: () => overview.open(), paintOverview: (/** @type {import("./queue.js").Look} */ look) => overview.look(look),
  };
}

/** @param {Document} page @param {{press: (name: string) => unknown, number: (n: number) => void, asking: () => boolean}} handlers */
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
