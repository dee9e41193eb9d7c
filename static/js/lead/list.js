/**
 * Lists behind the numbers of leadership's page: their address, their rows, and what is past, fetched page by page.
 */
import { leftWords } from "../agency/detail.js";
import { placeWords, whatWords } from "../ui/complaints.js";
import { arrange, element, find, mark, show, write } from "../ui/dom.js";
import { setSymbol, symbol } from "../ui/symbols.js";
import { listNow, NOBODY, NOW_LISTS, whyOf } from "./numbers.js";

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("../agency/room.js").LeadRoom} LeadRoom */
/** @typedef {import("./numbers.js").NowList} NowList */
/** @typedef {import("../feed/messages.js").ListPage} ListPage */

// Where the page is, all of it in the address, so that a number can be sent to somebody.

/** @typedef {{agency: string, list: string, why: string, open: string}} Place agency "" for all; list "" for the numbers alone */

const PAST_LISTS = /** @type {const} */ (["finished", "on_time", "finished_late", "unproved", "reopened", "asked"]);
const NAMES = /** @type {const} */ (["agency", "list", "why", "open"]);

/** @param {string} search of the address @param {string} own the agency whose page it is, "" for leadership's @returns {Place} */
export function readPlace(search, own) {
  const query = new URLSearchParams(search);
  const said = query.get("list") ?? "";
  const list = /** @type {readonly string[]} */ ([...NOW_LISTS, ...PAST_LISTS]).includes(said) ? said : "";
  return { agency: own || (query.get("agency") ?? ""), list, why: query.get("why") ?? "", open: query.get("open") ?? "" };
}

/** @param {Place} place @param {string} search what else the address says is kept @param {string} own @returns {string} */
export function addressOf(place, search, own) {
  const query = new URLSearchParams(search);
  for (const name of NAMES) {
    if (place[name] && !(own && name === "agency")) query.set(name, place[name]);
    else query.delete(name);
  }
  return `/lead${query.size ? `?${query}` : ""}`;
}

// The list behind a number: what, where, who has it and whether they accepted, how late; a node a complaint.

/** @typedef {{at: number | null, calendar: import("../feed/clock.js").Calendar, open: string, to: (id: string) => string}} RowLook */
/** @typedef {{node: HTMLElement, link: HTMLElement, shape: SVGElement, parts: Record<string, HTMLElement>}} Row */

class LeadRows {
  /** @type {Map<string, Row>} */
  #rows = new Map();
  #list;
  #room;

  /** @param {HTMLElement} list @param {LeadRoom} room */
  constructor(list, room) {
    this.#list = list;
    this.#room = room;
  }

  /** @param {readonly Card[]} cards @param {RowLook} look */
  paint(cards, look) {
    arrange(this.#list, cards.map((card) => {
      const row = this.#rows.get(card.id) ?? makeRow();
      this.#rows.set(card.id, row);
      paintRow(row, card, look, this.#room);
      return row.node;
    }));
    const listed = new Set(cards.map(({ id }) => id));
    for (const id of this.#rows.keys()) if (!listed.has(id)) this.#rows.delete(id);
  }

  /** @param {string} id */
  focus(id) {
    this.#rows.get(id)?.link.focus();
  }
}

/** @returns {Row} */
function makeRow() {
  const shape = symbol("waiting");
  const parts = /** @type {Record<string, HTMLElement>} */ (Object.fromEntries(["what", "where", "left", "asked", "who"].map((name) => [name, element("span", `row-${name}`)])));
  const link = element("a", "row-open", shape, ...Object.values(parts));
  return { node: element("li", "row", link), link, shape, parts };
}

/** @param {Row} row @param {Card} card @param {RowLook} look @param {LeadRoom} room */
function paintRow({ node, link, shape, parts }, card, look, room) {
  const open = card.status === "waiting" || card.status === "in_process";
  const ended = Date.parse(card.closed_at ?? "");
  const words = {
    what: whatWords(card, room), where: placeWords(card, room), who: open ? `${whoWords(card, room)} · ${room.lead(`why_${whyOf(card)}`)}` : whoWords(card, room),
    left: open ? leftWords(card, look, room) : Number.isNaN(ended) ? room.states(card.state ?? "") : room.lead("ended", { t: room.moment(ended, look.at) }),
    asked: answerWords(card, look.at, room),
  };
  for (const [name, said] of Object.entries(words)) write(/** @type {HTMLElement} */ (parts[name]), said);
  setSymbol(shape, { status: card.status, ring: card.overdue ? "strong" : "none" });
  mark(node, "data-id", card.id);
  mark(node, "data-late", String(card.overdue === true));
  mark(link, "href", look.to(card.id));
  mark(link, "aria-current", String(look.open === card.id));
}

/** @param {Card} card @param {LeadRoom} room who has it, and while it is paused whether they accepted it: else the stage says so */
export function whoWords({ state, agency, paused }, { lead, city }) {
  const name = city.agency(agency);
  if (state === "received" || !name) return lead("at_desk");
  if (!paused) return name;
  return lead(state === "forwarded" ? "not_accepted" : "accepted_by", { agency: name });
}

/** @param {Card} card @param {number | null} at @param {LeadRoom} room when the first open question on it is to be answered */
function answerWords({ answer_by: by }, at, { lead, format }) {
  const due = Date.parse(by ?? "");
  if (Number.isNaN(due) || at === null) return "";
  return lead(due < at ? "answer_over" : "answer_left", { span: format.span(Math.abs(due - at)) });
}

// One list: of the feed's cards, live, or of what is past, asked for; its title, its number, its rows.

/** @typedef {RowLook & {place: Place, cards: import("../feed/cards.js").Cards, day: string | null, known: boolean}} ListLook */
/** @typedef {{cards: readonly Card[], n: number, more: boolean, state: "loading" | "there" | "failed"}} Listed */

/** So many rows are in the page at first, and more each time they are asked for. */
const PAGE = 60;

/** The list of a place: from the cards as they are, or page by page from the past. */
export class LeadList {
  #key = "";
  #most = PAGE;
  #now = false;
  #past;

  /** @param {PastLists} past */
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
function isNow(list) {
  return /** @type {readonly string[]} */ (NOW_LISTS).includes(list);
}

/** @param {Place} place @param {LeadRoom} room */
function titleWords({ list, agency, why }, { lead, city }) {
  const name = agency === NOBODY ? lead("nobody") : (city.agency(agency) ?? "");
  const words = [lead(/** @type {"list_late"} */ (`list_${list}`)), why ? lead(/** @type {"why_work"} */ (`why_${why}`)) : "", name];
  return words.filter(Boolean).join(" · ");
}

// The lists that the feed does not carry: what was finished, and what is asked, fetched page by page and kept fresh.

/** @typedef {{cards: readonly Card[], n: number, more: boolean, state: "loading" | "there" | "failed"}} Past */

const AGAIN_MS = 10_000;
/** @type {Past} */
const NOTHING = { cards: [], n: 0, more: false, state: "loading" };

export class PastLists {
  #edge;
  #key = "";
  #askedAt = -Infinity;
  #pages = 1;
  #turn = 0;
  /** @type {Past} */
  #held = NOTHING;

  /** @param {{getJson: (url: string) => Promise<unknown>, mono: () => number, changed: () => void}} edge */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @param {string} what @param {string} agency "" for all @returns {Past} */
  of(what, agency) {
    const key = `${what} ${agency}`;
    if (key !== this.#key) [this.#key, this.#askedAt, this.#pages, this.#held] = [key, -Infinity, 1, NOTHING];
    if (this.#edge.mono() - this.#askedAt > AGAIN_MS) this.#fetch(what, agency);
    return this.#held;
  }

  more() {
    this.#pages += 1;
    this.#askedAt = -Infinity;
    this.#edge.changed();
  }

  /** @param {string} what @param {string} agency */
  async #fetch(what, agency) {
    const turn = (this.#turn += 1);
    const key = this.#key;
    this.#askedAt = this.#edge.mono();
    const held = await this.#read(what, agency).catch(() => null);
    if (turn !== this.#turn || key !== this.#key) return;
    this.#held = held ?? { ...this.#held, state: this.#held.state === "there" ? "there" : "failed" };
    this.#edge.changed();
  }

  /** @param {string} what @param {string} agency @returns {Promise<Past>} */
  async #read(what, agency) {
    /** @type {Map<string, Card>} */
    const cards = new Map();
    /** @type {number | null} */
    let next = 0;
    let n = 0;
    for (let page = 0; page < this.#pages && next !== null; page += 1) {
      const query = new URLSearchParams({ what, after: String(next), ...(agency ? { agency: agency === "-" ? "" : agency } : {}) });
      const body = /** @type {ListPage} */ (await this.#edge.getJson(`/feed/figures/list?${query}`));
      for (const card of body.items) cards.set(card.id, card);
      [n, next] = [body.n, body.next];
    }
    return { cards: [...cards.values()], n, more: next !== null, state: "there" };
  }
}
