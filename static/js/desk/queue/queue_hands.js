/**
 * Moving about the desk: which complaint is chosen, which is open, which are selected; and saying so in the address.
 */
import { find } from "../../ui/dom.js";
import { asking } from "../desk_dialogs.js";
import { claimOf } from "./row_words.js";
import { isOpen, nextOf, NO_FILTER, PAGE } from "./queue_list.js";
import { writePlace } from "./queue_address.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("./queue_desk.js").Look} Look */
/** @typedef {import("./queue_desk.js").Desk} Desk */

export class QueueHands {
  /** @type {import("./queue_rows.js").QueueRows | null} */
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

  /** @param {Partial<import("./queue_address.js").Place>} change another list, filter or map */
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
