/**
 * One list: of the feed's cards, live, or of what is past, asked for; its title, its number, its rows.
 */
import { find, mark, show, write } from "../ui/dom.js";
import { listNow, NOBODY, NOW_LISTS } from "./lead_count.js";
import { LeadRows } from "./lead_rows.js";

/** @typedef {import("./lead_place.js").Place} Place */
/** @typedef {import("./lead_count.js").NowList} NowList */
/** @typedef {import("./lead_room.js").LeadRoom} LeadRoom */
/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("./lead_rows.js").RowLook & {place: Place, cards: import("../feed/cards.js").Cards, day: string | null, known: boolean}} ListLook */
/** @typedef {{cards: readonly Card[], n: number, more: boolean, state: "loading" | "there" | "failed"}} Listed */

/** So many rows are in the page at first, and more each time they are asked for. */
const PAGE = 60;

/** The list of a place: from the cards as they are, or page by page from the past. */
export class LeadList {
  #key = "";
  #most = PAGE;
  #now = false;
  #past;

  /** @param {import("./lead_past.js").PastLists} past */
  constructor(past) {
    this.#past = past;
  }

  /** @param {ListLook} look @returns {Listed} */
  of({ place: { list, agency, why }, cards, day, known }) {
    const key = `${list} ${agency} ${why}`;
    if (key !== this.#key) [this.#key, this.#most, this.#now] = [key, PAGE, isNow(list)];
    if (!isNow(list)) return this.#past.of(list, agency);
    const found = listNow(cards.values(), { agency, list, why }, day);
    return { cards: found.slice(0, this.#most), n: found.length, more: found.length > this.#most, state: known ? "there" : "loading" };
  }

  more() {
    if (this.#now) this.#most += PAGE;
    else this.#past.more();
  }
}

/** @param {Document} page @param {LeadRoom} room @param {LeadList} list @param {() => void} changed */
export function mountList(page, room, list, changed) {
  const root = find(page, ".lead-list");
  const rows = new LeadRows(find(root, ".rows"), room);
  const more = find(root, ".more");
  write(more, room.lead("more"));
  more.addEventListener("click", () => (list.more(), changed()));
  /** @param {ListLook} look */
  const paint = (look) => {
    mark(root, "data-shown", String(look.place.list !== ""));
    if (look.place.list === "") return;
    const found = list.of(look);
    write(find(root, ".list-title"), titleWords(look.place, room));
    write(find(root, ".list-n"), found.state === "there" ? room.format.number(found.n) : "");
    // What the feed carries is newer than what was asked for.
    rows.paint(found.cards.map((card) => look.cards.get(card.id) ?? card), look);
    show(more, found.more);
    const said = found.state !== "there" ? found.state : found.cards.length === 0 ? "empty" : null;
    show(find(root, ".list-said"), said !== null);
    write(find(root, ".list-said"), said ? room.lead(said) : "");
  };
  return { rows, paint };
}

/** @param {string} list @returns {list is NowList} */
export function isNow(list) {
  return /** @type {readonly string[]} */ (NOW_LISTS).includes(list);
}

/** @param {Place} place @param {LeadRoom} room */
function titleWords({ list, agency, why }, { lead, city }) {
  const name = agency === NOBODY ? lead("nobody") : (city.agency(agency) ?? "");
  const words = [lead(/** @type {"list_late"} */ (`list_${list}`)), why ? lead(/** @type {"why_work"} */ (`why_${why}`)) : "", name];
  return words.filter(Boolean).join(" · ");
}
