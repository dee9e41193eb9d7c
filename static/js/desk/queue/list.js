/**
 * The list of the duty desk: which complaints, in which groups and filters, found by which search, told by which address.
 */
import { element, find, mark, show, write } from "../../ui/dom.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("./queue.js").Look} Look */
/** @typedef {import("./navigation.js").QueueNavigation} QueueNavigation */
/** @typedef {import("../phrases.js").QueueRoom} QueueRoom */
/** @typedef {import("../../ui/city.js").City} City */

// Groups and order, worst first, out of any number of cards. Pure.

/** @typedef {"work" | "soon" | "late" | "open" | "ended" | "found"} View */
/** @typedef {"unacked" | "soon" | "late" | "returned" | "asked" | "new" | "proof" | "running" | "ended" | "found"} GroupName */
/** @typedef {{category: string, agency: string, district: string, area: string, priority: string, status: string}} Filter "" lets everything through, NOBODY what has none */
/** @typedef {{name: GroupName, n: number, cards: Card[]}} Group n: all of it, cards: those that are shown */
/** @typedef {{groups: Group[], rows: Card[], more: number, counts: Record<View, number>}} List */
/** @typedef {{at: number | null, unacked: ReadonlySet<string>, districtOf: (code: string) => string | null}} Moment at = room time, ms; unacked: complaints with an alarm that nobody has */

const VIEWS = /** @type {const} */ (["work", "soon", "late", "open", "ended"]);
/** Of no agency, place or category at all: a filter of its own. */
export const NOBODY = "-";
/** @type {Filter} */
export const NO_FILTER = Object.freeze({ category: "", agency: "", district: "", area: "", priority: "", status: "" });
/** So many rows are in the page at first, and more each time they are asked for. */
export const PAGE = 120;
const SOON_MS = 2 * 3600e3;
const CLASS = { critical: 0, urgent: 1, normal: 2 };
const ORDER = /** @type {readonly GroupName[]} */ (["unacked", "soon", "late", "returned", "asked", "new", "proof", "running", "ended", "found"]);

/** @param {Card} card @returns {boolean} */
export function isOpen({ status }) {
  return status === "waiting" || status === "in_process";
}

/** @param {Card} card @returns {GroupName | null} what it asks of this desk; null: nothing now */
export function workOf(card) {
  if (!isOpen(card)) return card.answer_by ? "asked" : null;
  if (card.state === "received") return card.returned ? "returned" : "new";
  if (card.answer_by) return "asked";
  if (card.state === "proof_submitted") return "proof";
  const escalated = (card.escalation ?? 0) >= 150;
  return card.overdue && (card.state === "forwarded" || escalated) ? "late" : null;
}

/** @param {Card} card @param {number | null} at @returns {boolean} whether its time runs out within two hours */
function isSoon(card, at) {
  if (!isOpen(card) || card.overdue || card.paused || at === null) return false;
  const due = Date.parse(card.due_at ?? "");
  return !Number.isNaN(due) && due - at <= SOON_MS;
}

/** @param {Card} card @param {View} view @param {Moment} moment @returns {GroupName | null} */
function groupOf(card, view, moment) {
  if (view === "found") return "found";
  if (view === "ended") return isOpen(card) ? null : "ended";
  const work = workOf(card);
  const called = isOpen(card) && moment.unacked.has(card.id);
  switch (view) {
    case "work": return called || work ? urgencyOf(card, work, called, moment) : null;
    case "soon": return isSoon(card, moment.at) ? urgencyOf(card, work, called, moment) : null;
    case "late": return card.overdue && isOpen(card) ? urgencyOf(card, work, called, moment) : null;
    default: return isOpen(card) ? urgencyOf(card, work, called, moment) : null;
  }
}

/**
 * How urgent it is, before what it is: an alarm that nobody has, time that runs out, late in somebody's hands; then by work.
 * @param {Card} card @param {GroupName | null} work @param {boolean} called @param {Moment} moment @returns {GroupName}
 */
function urgencyOf(card, work, called, { at }) {
  if (called) return "unacked";
  // A question of leadership has a time of its own, which is not the complaint's.
  if (work === "asked") return work;
  if (card.overdue) return "late";
  return isSoon(card, at) ? "soon" : (work ?? "running");
}

/** @param {Card} card @param {View} view @param {Filter} filter @param {Moment} moment @returns {boolean} whether a list has it, however long it is */
export function isListed(card, view, filter, moment) {
  return groupOf(card, view, moment) !== null && fits(card, filter, moment);
}

/** @param {string} wanted @param {string | null | undefined} is */
function means(wanted, is) {
  return wanted === "" || (wanted === NOBODY ? !is : is === wanted);
}

/** @param {Card} card @param {Filter} filter @param {Moment} moment @returns {boolean} */
function fits(card, { category, agency, district, area, priority, status }, { districtOf }) {
  const helps = agency !== "" && card.agencies?.includes(agency) === true;
  if (!helps && !means(agency, card.state === "received" ? null : card.agency)) return false;
  if (!means(category, card.category) || !means(area, card.area) || !means(status, card.status)) return false;
  return means(district, card.area ? districtOf(card.area) : null) && means(priority, card.priority ?? "normal");
}

/** @param {Card} card @param {Moment} moment @returns {[number, number, number, string]} smaller comes first: alarm nobody has, class, over, due */
function keyOf(card, { unacked }) {
  return [unacked.has(card.id) ? 0 : 1, CLASS[card.priority ?? "normal"] ?? 2, card.overdue ? 0 : 1, card.paused ? "~" : (card.due_at ?? "~")];
}

/** @param {Iterable<Card>} cards @param {Moment} moment @returns {Card[]} */
function inOrder(cards, moment) {
  const keyed = [...cards].map((card) => ({ card, key: keyOf(card, moment) }));
  return keyed.sort((a, b) => compare(a.key, b.key) || (a.card.id < b.card.id ? -1 : 1)).map(({ card }) => card);
}

/** @param {readonly (number | string)[]} a @param {readonly (number | string)[]} b */
function compare(a, b) {
  const at = a.findIndex((value, i) => value !== b[i]);
  if (at < 0) return 0;
  return /** @type {any} */ (a[at]) < /** @type {any} */ (b[at]) ? -1 : 1;
}

/** @param {Card[]} cards newest first */
function byEnd(cards) {
  return cards.sort((a, b) => ((a.closed_at ?? "") > (b.closed_at ?? "") ? -1 : 1));
}

/**
 * @param {Iterable<Card>} cards of the store @param {{view: View, filter: Filter, most: number}} place
 * @param {Moment} moment @param {readonly Card[]} [found] what a search brought, in its own order
 * @returns {List}
 */
export function listComplaints(cards, { view, filter, most }, moment, found = []) {
  const counts = { work: 0, soon: 0, late: 0, open: 0, ended: 0, found: found.length };
  /** @type {Map<GroupName, Card[]>} */
  const groups = new Map();
  const put = (/** @type {Card} */ card) => {
    const name = groupOf(card, view, moment);
    if (name) groups.set(name, groups.get(name) ?? []).get(name)?.push(card);
  };
  for (const card of cards) {
    if (!fits(card, filter, moment)) continue;
    for (const one of VIEWS) if (groupOf(card, one, moment)) counts[one] += 1;
    if (view !== "found") put(card);
  }
  if (view === "found") for (const card of found) if (fits(card, filter, moment)) put(card);
  return { ...cut(groups, most, moment), counts };
}

/** @param {Map<GroupName, Card[]>} groups @param {number} most @param {Moment} moment @returns {Omit<List, "counts">} */
function cut(groups, most, moment) {
  /** @type {Group[]} */
  const shown = [];
  let left = most;
  let more = 0;
  for (const name of ORDER) {
    const cards = groups.get(name);
    if (!cards) continue;
    const ordered = name === "found" ? cards : name === "ended" ? byEnd(cards) : inOrder(cards, moment);
    const taken = ordered.slice(0, left);
    left -= taken.length;
    more += ordered.length - taken.length;
    if (taken.length > 0) shown.push({ name, n: ordered.length, cards: taken });
  }
  return { groups: shown, rows: shown.flatMap((group) => group.cards), more };
}

/** @typedef {{id: string | null, at: number}} Chosen the row and where it stood */

/**
 * The chosen row stays chosen wherever it moves in the list; when it left, the one that took its place is, unless the
 * complaint is open in front of somebody: that one stays.
 * @param {readonly Card[]} rows @param {Chosen} chosen @param {boolean} held @returns {Chosen}
 */
export function keepChosen(rows, { id, at }, held) {
  const now = rows.findIndex((card) => card.id === id);
  if (now >= 0) return { id, at: now };
  if (held && id !== null) return { id, at };
  const kept = Math.min(Math.max(0, at), rows.length - 1);
  return { id: rows[kept]?.id ?? null, at: Math.max(0, kept) };
}

/** @param {Iterable<import("../../feed/messages.js").Alarm>} alarms @returns {string[]} complaints whose first-priority alarm nobody has, the oldest first */
export function emergenciesIn(alarms) {
  const open = [...alarms].filter(({ state, priority, complaint }) => state === "unacked" && priority === 1 && complaint);
  const since = (/** @type {import("../../feed/messages.js").Alarm} */ { activated_at: at, raised_at: raised }) => at ?? raised ?? "";
  return open.sort((a, b) => (since(a) < since(b) ? -1 : 1)).map(({ complaint }) => String(complaint));
}

/**
 * What comes after an act: an emergency that nobody has, wherever it stands in the list; else the row below.
 * @param {readonly Card[]} rows @param {Chosen} chosen @param {readonly string[]} left ids just dealt with
 * @param {readonly string[]} [emergencies] ids, the oldest first @returns {Chosen}
 */
export function nextOf(rows, { id, at }, left, emergencies = []) {
  const calls = emergencies.filter((one) => !left.includes(one)).map((one) => rows.findIndex((card) => card.id === one)).find((i) => i >= 0);
  if (calls !== undefined) return { id: rows[calls]?.id ?? null, at: calls };
  const stands = rows.findIndex((card) => card.id === id);
  const from = stands >= 0 ? stands : at - 1;
  const after = rows.findIndex((card, i) => i > from && !left.includes(card.id));
  const found = after >= 0 ? after : rows.findLastIndex((card, i) => i <= from && !left.includes(card.id));
  return { id: rows[found]?.id ?? null, at: Math.max(0, found) };
}

// Tabs, filters and the search box. Every one of them is in the address, so that a link can be shared.

/** @typedef {{key: string, name: string}} Choice */

const FILTERS = /** @type {const} */ (["category", "agency", "district"]);
/** What each filter is called; a city may have words of its own for some. */
const NAMED = /** @type {const} */ ({ category: "category", agency: "agency", district: "all_districts", area: "area", priority: "priority", status: "status" });
const TYPED_MS = 250;

/** @param {Document} page @param {QueueRoom} room @param {import("./queue.js").Desk} desk @param {QueueNavigation} navigation @returns {(look: Look) => void} */
export function mountFilters(page, room, desk, navigation) {
  const paintTabs = mountTabs(page, room, navigation);
  const selects = FILTERS.map((name) => ({ name, select: mountSelect(page, name, choicesOf(name, room, desk), desk, navigation) }));
  const search = mountSearch(page, room, desk);
  const paintSet = mountSet(page, room, desk, navigation);
  return (look) => {
    paintTabs(look);
    const { filter, q, map } = look.place;
    for (const { name, select } of selects) if (select.value !== filter[name]) select.value = filter[name];
    for (const { name, select } of selects) mark(select, "data-set", String(filter[name] !== ""));
    if (document.activeElement !== search && search.value !== q) search.value = q;
    paintSet(look);
    mark(find(page, '[data-do="map"]'), "aria-pressed", String(map));
    write(find(page, ".map-word"), room.queue("map"));
    write(find(page, ".search-note"), look.searchFailed ? room.queue("search_far") : "");
  };
}

/** @param {Document} page @param {QueueRoom} room @param {QueueNavigation} navigation @returns {(look: Look) => void} */
function mountTabs(page, { format }, navigation) {
  const tabs = /** @type {const} */ ([...VIEWS, "found"]).map((view) => ({ view, tab: find(page, `[data-list="${view}"]`) }));
  for (const { view, tab } of tabs) {
    tab.addEventListener("click", () => {
      navigation.go({ view });
      navigation.focus();
    });
  }
  return (look) => {
    for (const { view, tab } of tabs) {
      mark(tab, "aria-pressed", String(view === look.place.view));
      write(find(tab, ".tab-count"), format.number(look.list.counts[view]));
      if (view === "found") show(tab, look.place.q !== "");
    }
  };
}

/** @param {typeof FILTERS[number]} name @param {QueueRoom} room @param {import("./queue.js").Desk} desk @returns {Choice[]} */
function choicesOf(name, { city, queue }, { lists, handles }) {
  const byName = (/** @type {Choice} */ a, /** @type {Choice} */ b) => a.name.localeCompare(b.name);
  if (name === "category") return [{ key: "", name: queue("all_categories") }, ...lists.categories.map((key) => ({ key, name: city.category(key) ?? key })).sort(byName)];
  if (name === "district") return [{ key: "", name: queue("all_districts") }, ...city.districts.map(({ code, name: words }) => ({ key: code, name: words })).sort(byName)];
  const agencies = handles.agencies.map((key) => ({ key, name: city.agency(key) ?? key })).sort(byName);
  return [{ key: "", name: queue("all_agencies") }, { key: NOBODY, name: queue("no_agency_yet") }, ...agencies];
}

/** @param {Document} page @param {typeof FILTERS[number]} name @param {readonly Choice[]} choices @param {import("./queue.js").Desk} desk @param {QueueNavigation} navigation */
function mountSelect(page, name, choices, desk, navigation) {
  const select = /** @type {HTMLSelectElement} */ (find(page, `.filters select[name="${name}"]`));
  mark(select, "aria-label", choices[0]?.name ?? name);
  fillSelect(select, choices);
  select.addEventListener("change", () => navigation.go({ filter: { ...desk.here.place.filter, [name]: select.value } }));
  return select;
}

/**
 * What the list is narrowed to, each with its whole value and a way out of it; also those that no box above stands for.
 * @param {Document} page @param {QueueRoom} room @param {import("./queue.js").Desk} desk @param {QueueNavigation} navigation @returns {(look: Look) => void} made anew only when they differ
 */
function mountSet(page, room, desk, navigation) {
  const box = find(page, ".filters-set");
  const clear = find(page, ".clear");
  let shown = "";
  return ({ place: { filter, q } }) => {
    const set = NAMES.filter((name) => filter[name] !== "");
    const now = JSON.stringify([filter, q]);
    if (now === shown) return;
    shown = now;
    show(box, set.length > 0 || q !== "");
    const chips = set.map((name) => {
      const words = `${room.queue(NAMED[name])}: ${valueWords(name, filter[name], room)}`;
      const button = element("button", "filter-chip", words, " ", element("span", "filter-off", "×"));
      for (const [key, value] of Object.entries({ type: "button", "aria-label": room.queue("filter_off", { what: words }) })) mark(button, key, value);
      button.addEventListener("click", () => (navigation.go({ filter: { ...desk.here.place.filter, [name]: "" } }), navigation.focus()));
      return button;
    });
    box.replaceChildren(...chips, clear);
  };
}

/** @param {keyof Filter} name @param {string} value @param {QueueRoom} room @returns {string} as a person calls it */
function valueWords(name, value, { city, queue, say }) {
  if (value === NOBODY) return queue(name === "agency" ? "no_agency_yet" : "nothing_named");
  const known = {
    category: () => city.category(value), agency: () => city.agency(value), district: () => city.district(value), area: () => city.area(value)?.name,
    priority: () => (value === "critical" || value === "urgent" || value === "normal" ? queue(value) : null),
    status: () => (value === "waiting" || value === "in_process" || value === "done" || value === "elsewhere" ? say(value) : null),
  }[name]();
  return known ?? value;
}

/** @param {HTMLSelectElement} select @param {readonly Choice[]} choices */
export function fillSelect(select, choices) {
  select.replaceChildren(...choices.map(({ key, name }) => {
    const option = element("option", "", name);
    mark(option, "value", key);
    return option;
  }));
}

/** @param {Document} page @param {QueueRoom} room @param {import("./queue.js").Desk} desk @returns {HTMLInputElement} */
function mountSearch(page, { queue }, desk) {
  const input = /** @type {HTMLInputElement} */ (find(page, ".search"));
  mark(input, "aria-label", queue("search"));
  mark(input, "placeholder", `${queue("search_short")}  /`);
  mark(input, "title", queue("search"));
  let timer = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => desk.search(input.value.trim()), TYPED_MS);
  });
  find(page, ".filters").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    desk.search(input.value.trim());
    desk.toList();
  });
  return input;
}

// The address says what the page shows, so that a link shows the same to a colleague. Pure.

/** @typedef {{view: View, filter: Filter, q: string, map: boolean, open: string | null, most: number}} Place open: the complaint that is open */

const NAMES = /** @type {const} */ (["category", "agency", "district", "area", "priority", "status"]);
const LONGEST = 200;

/** @param {string} search of an address @returns {Place} what it does not say or says wrongly is as at first */
export function readPlace(search) {
  const said = new URLSearchParams(search);
  const text = (/** @type {string} */ name) => (said.get(name) ?? "").slice(0, LONGEST);
  const filter = { ...NO_FILTER };
  for (const name of NAMES) filter[name] = text(name);
  const list = VIEWS.find((one) => one === said.get("list")) ?? "work";
  return { view: text("q") ? "found" : list, filter, q: text("q"), map: said.get("view") === "map", open: text("id") || null, most: PAGE };
}

/** @param {Place} place @param {string} search as it is now: what is not ours (the language) stays @returns {string} "" or ?… */
export function writePlace({ view, filter, q, map, open }, search) {
  const said = new URLSearchParams(search);
  const put = (/** @type {string} */ name, /** @type {string} */ value) => (value ? said.set(name, value) : said.delete(name));
  for (const name of NAMES) put(name, filter[name]);
  put("list", view === "work" || view === "found" ? "" : view);
  put("q", q);
  put("view", map ? "map" : "");
  put("id", open ?? "");
  const text = said.toString();
  return text ? `?${text}` : "";
}

// Search: at once among what this desk holds, then by the room, which also knows texts, places and older ones.

const MOST = 100;

/** @param {Card} card @param {City} city @returns {string} by what it is found here */
function wordsOf(card, city) {
  const area = city.area(card.area);
  const words = [card.id.slice(0, 8), card.source_id, city.category(card.category), area?.name, area ? city.district(area.district) : "", city.agency(card.agency)];
  return words.filter(Boolean).join(" ").toLowerCase();
}

/** @param {Iterable<Card>} cards @param {string} q @param {City} city @returns {Card[]} those that hold every word, at most MOST */
export function findHere(cards, q, city) {
  const sought = q.toLowerCase().split(/\s+/).filter(Boolean);
  /** @type {Card[]} */
  const found = [];
  if (sought.length === 0) return found;
  for (const card of cards) {
    const words = wordsOf(card, city);
    if (sought.every((word) => words.includes(word) || card.id.startsWith(word))) found.push(card);
    if (found.length >= MOST) break;
  }
  return found;
}

export class Search {
  #edge;
  #turn = 0;
  q = "";
  /** What the room found. @type {Card[]} */
  far = [];
  failed = false;

  /** @param {{getJson: (url: string) => Promise<unknown>, changed: () => void}} edge */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @param {string} q */
  async ask(q) {
    const turn = (this.#turn += 1);
    Object.assign(this, { q, far: [], failed: false });
    if (q === "") return;
    try {
      const answer = /** @type {{items?: {card?: Card}[]} | null} */ (await this.#edge.getJson(`/api/v1/complaints?q=${encodeURIComponent(q)}&limit=${MOST}`));
      if (turn === this.#turn) this.far = (answer?.items ?? []).flatMap(({ card }) => (card ? [card] : []));
    } catch {
      if (turn === this.#turn) this.failed = true;
    }
    if (turn === this.#turn) this.#edge.changed();
  }

  /** @param {import("../../feed/cards.js").Cards} cards of the store: they are the newer ones @param {City} city @returns {Card[]} the room's order first */
  found(cards, city) {
    if (this.q === "") return [];
    const all = new Map(this.far.map((card) => [card.id, cards.get(card.id) ?? card]));
    for (const card of findHere(cards.values(), this.q, city)) all.set(card.id, card);
    return [...all.values()].slice(0, MOST);
  }
}
