/**
 * Navigation of the duty desk: which complaint is chosen, open or selected, and what its keys and buttons do.
 */
import { find, mark } from "../../ui/dom.js";
import { ask, asking, mountDialogs } from "../dialogs.js";
import { mountLetters, mountStatusLine } from "../page.js";
import { claimOf } from "../phrases.js";
import { isDead, keyOf, mountHeld, QueueActions } from "./actions.js";
import { mountHandover } from "./handover.js";
import { emergenciesIn, isOpen, nextOf, NO_FILTER, PAGE, writePlace } from "./list.js";
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
    const { list: { rows } } = this.at.look();
    const gone = [...left, ...this.at.held.all.flatMap(({ ids }) => ids)];
    const emergencies = this.#emergencies().filter((id) => !gone.includes(id));
    here.chosen = nextOf(rows, here.chosen, gone, emergencies);
    if (emergencies.length > 0 && !emergencies.some((id) => rows.some((card) => card.id === id))) this.at.say(this.at.words("urgent_elsewhere"));
    // What was just dealt with needs no letting go: its claim ends with it.
    here.place.open = null;
    this.tell();
    this.at.paint();
    this.focus();
    if (reading) this.open(this.chosen());
  }

  /** @returns {string[]} complaints with a first-priority alarm that nobody has, but those that somebody else has open */
  #emergencies() {
    const { state, at, markOf } = this.at.look();
    const me = this.at.person.read().actor;
    return emergenciesIn(state.alarms.values()).filter((id) => {
      const card = this.at.card(id);
      return card !== null && !isAnswered(markOf, id) && [null, me].includes(claimOf(card, at));
    });
  }

  /** The most urgent of all, whatever the list is narrowed to: an emergency that nobody has, else the head of the work. */
  urgent() {
    const { here } = this.at;
    const plain = () => here.place.view === "work" && here.place.q === "" && Object.values(here.place.filter).every((one) => one === "");
    const [first] = this.#emergencies();
    const listed = () => this.at.look().list.rows;
    if (!plain() && !(first && listed().some(({ id }) => id === first))) this.clear("work");
    const free = listed().filter(({ id }) => this.at.held.of(id) === null);
    const card = free.find(({ id }) => id === first) ?? free[0];
    if (!card) return this.at.say(this.at.words("empty_work"));
    this.choose(card.id);
    this.focus();
  }

  /** Its alarm is somebody's: the next that is nobody's comes, emergencies first; with none left it stays. @param {string} id */
  answered(id) {
    const { here } = this.at;
    const { list: { rows }, unacked, markOf } = this.at.look();
    const calling = rows.filter((card) => card.id !== id && unacked.has(card.id) && !isAnswered(markOf, card.id) && this.at.held.of(card.id) === null);
    const emergencies = this.#emergencies().filter((one) => one !== id);
    const next = calling.find((card) => card.id === emergencies[0]) ?? calling[0];
    if (!next) return this.focus();
    const reading = here.place.open === id;
    this.choose(next.id);
    this.focus();
    if (reading) void this.open(this.chosen());
  }

  /** @param {import("../commands.js").HeldAct} [act] else the last one @returns {boolean} whether there was anything to take back */
  undo(act) {
    const undone = this.at.held.undo(act);
    if (!undone) return false;
    const { ids: [id = ""], stood } = undone;
    for (const one of stood?.selected ?? []) this.at.here.selected.add(one);
    this.at.say(this.at.words("undone"));
    this.choose(stood?.chosen ?? id);
    if (stood?.open) void this.open(this.at.card(stood.open));
    this.at.paint();
    this.focus();
    return true;
  }

  /** The key that takes back, which else puts on hold: pressed a moment too late it does neither. @returns {boolean} whether it was meant for what waits */
  back() {
    if (this.undo()) return true;
    if (!this.at.held.late) return false;
    this.at.say(this.at.words("undo_late"));
    return true;
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

  /** Escape: one step back, whatever stands in front. It takes nothing back: whoever leaves a field or a report does not mean an act that waits. */
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

  /** @param {import("./list.js").View} [view] else the one that stands */
  clear(view = this.at.here.place.view) {
    this.at.search("");
    this.go({ filter: { ...NO_FILTER }, view: view === "found" ? "work" : view });
    this.focus();
  }

  /** The address shows what the page shows. */
  tell() {
    const address = `${location.pathname}${writePlace(this.at.here.place, location.search)}`;
    if (address !== `${location.pathname}${location.search}`) history.replaceState(null, "", address);
  }
}

/** @param {Look["markOf"]} markOf @param {string} id @returns {boolean} whether its alarm is being answered here: a hand may be faster than the feed */
function isAnswered(markOf, id) {
  return markOf(id)?.kind === "sending";
}

// Keys and buttons, brought to the moves and actions that know what they mean.

/**
 * @typedef {Pick<Desk, "look" | "here" | "paint" | "commands" | "alarmCommands" | "held" | "mass" | "chooser" | "drafts" | "details" | "person" | "handles" | "lists" | "card"> & {
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
    down: () => navigation.move(1), up: () => navigation.move(-1), urgent: () => navigation.urgent(), open: () => navigation.open(navigation.chosen()), leave: () => navigation.leave(),
    select: () => navigation.select(navigation.chosen()?.id ?? ""), select_all: () => navigation.selectAll(), unselect: () => (edge.here.selected.clear(), edge.paint()),
    mute: () => desk.mute() && edge.paint(), search: () => /** @type {HTMLInputElement} */ (find(page, ".search")).select(), list: () => navigation.focus(), clear: () => navigation.clear(),
    map: () => navigation.turn(), more: () => ((edge.here.place.most += PAGE), edge.paint()), ...pages,
  });
  const press = (/** @type {string} */ name) => (does[name] ? does[name]?.() : act(/** @type {any} */ (name)));
  // While something can be taken back its key does that, and holds nothing else.
  const key = (/** @type {string} */ name) => (BACK.includes(name) && navigation.back() ? undefined : press(name));
  mountKeys(page, { press: key, number: (n) => void acts.number(n), unknown: (one) => say(room.queue("dead_key", { key: one })), asking: () => edge.chooser.asking });
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-do]"))) button.addEventListener("click", () => press(button.dataset.do ?? ""));
  endHeld(page, edge);
  const paintHeld = mountHeld(page, room, desk, (one) => navigation.undo(one));
  return { desk, navigation, act, say, paintOverview, paintHeld, number: (/** @type {number} */ n) => void acts.number(n), begin: () => navigation.focus() };
}

const BACK = ["hold", "resume"];
/** A log-out waits so long for what it would else leave undone. */
const LOG_OUT_MS = 2000;

/** What waits is done at once when nobody is there to take it back: the page closes or is hidden, the log-in ends. @param {Document} page @param {Pick<Edge, "held" | "mass">} edge */
function endHeld(page, { held, mass }) {
  addEventListener("pagehide", () => {
    mass.flush();
    void held.flush(true);
  });
  page.addEventListener("visibilitychange", () => page.hidden && void held.flush(true));
  const warning = /** @type {HTMLElement | null} */ (page.querySelector(".session-warning"));
  if (warning) new MutationObserver(() => !warning.hidden && void held.flush()).observe(warning, { attributes: true });
  page.querySelector(".desk-bar form")?.addEventListener("submit", (event) => {
    if (held.all.length === 0) return;
    const form = /** @type {HTMLFormElement} */ (event.target);
    event.preventDefault();
    void Promise.race([held.flush(true), new Promise((go) => void setTimeout(go, LOG_OUT_MS))]).then(() => form.submit());
  });
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
    ...edge, named, say, words: room.queue, toList() {}, search() {}, mute: () => edge.sound.muteFeedLoss(),
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
async function sit(page, { person, details, held, mass, paint }) {
  const answer = await ask(page, "person");
  if (answer?.actor?.trim()) {
    // What waits was decided by whoever sat here before, and nobody else takes it back.
    void held.flush();
    person.sit(answer.actor, answer.role ?? "duty");
    // What may be done was told to somebody else.
    details.forget();
    mass.resume();
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
    export: () => ask(page, "export", { what: exportWords(edge.look(), room) }), help: () => ask(page, "help"), person: () => sit(page, edge), overview: () => overview.open(), paintOverview: (/** @type {import("./queue.js").Look} */ look) => overview.look(look),
  };
}

/** @param {import("./queue.js").Look} look @param {QueueRoom} room @returns {string} what the file will hold */
function exportWords({ place, list }, { queue, format }) {
  return queue("export_what", { list: queue(`view_${place.view}`), n: format.number(list.counts[place.view]) });
}

/** @param {Document} page @param {{press: (name: string) => unknown, number: (n: number) => void, unknown: (key: string) => void, asking: () => boolean}} handlers */
function mountKeys(page, { press, number, unknown, asking: choosing }) {
  const letters = mountLetters(page);
  page.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const typing = target.matches("input:not([type=checkbox]), textarea, select");
    const inList = target.matches(".row-open, .queue-list");
    const where = { letters: letters(), typing, inList, dialog: asking(page) };
    const name = keyOf(event, where);
    if (!name && !choosing() && !event.repeat && isDead(event, where)) return unknown(event.key.toUpperCase());
    if (!name || (event.repeat && name !== "down" && name !== "up") || (choosing() && name !== "leave")) return;
    event.preventDefault();
    if (name === "number") number(Number(event.key));
    else press(name);
  });
  mark(page.documentElement, "data-ready", "true");
}
