/**
 * Tabs, filters and the search box over the queue. Every one of them is in the address, so that a link can be shared.
 */
import { element, find, mark, show, write } from "../../ui/dom.js";
import { NOBODY, VIEWS } from "./queue_list.js";

/** @typedef {import("./queue_desk.js").Look} Look */
/** @typedef {import("./queue_hands.js").QueueHands} QueueHands */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */
/** @typedef {{key: string, name: string}} Choice */

const FILTERS = /** @type {const} */ (["category", "agency", "district"]);
const TYPED_MS = 250;

/** @param {Document} page @param {QueueRoom} room @param {import("./queue_desk.js").Desk} desk @param {QueueHands} hands @returns {(look: Look) => void} */
export function mountFilters(page, room, desk, hands) {
  const paintTabs = mountTabs(page, room, hands);
  const selects = FILTERS.map((name) => ({ name, select: mountSelect(page, name, choicesOf(name, room, desk), desk, hands) }));
  const search = mountSearch(page, room, desk);
  const clear = find(page, ".clear");
  return (look) => {
    paintTabs(look);
    const { filter, q, map } = look.place;
    for (const { name, select } of selects) if (select.value !== filter[name]) select.value = filter[name];
    for (const { name, select } of selects) mark(select, "data-set", String(filter[name] !== ""));
    if (document.activeElement !== search && search.value !== q) search.value = q;
    show(clear, q !== "" || Object.values(filter).some(Boolean));
    mark(find(page, '[data-do="map"]'), "aria-pressed", String(map));
    write(find(page, ".map-word"), room.queue("map"));
    write(find(page, ".search-note"), look.searchFailed ? room.queue("search_far") : "");
  };
}

/** @param {Document} page @param {QueueRoom} room @param {QueueHands} hands @returns {(look: Look) => void} */
function mountTabs(page, { format }, hands) {
  const tabs = /** @type {const} */ ([...VIEWS, "found"]).map((view) => ({ view, tab: find(page, `[data-list="${view}"]`) }));
  for (const { view, tab } of tabs) {
    tab.addEventListener("click", () => {
      hands.go({ view });
      hands.focus();
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

/** @param {typeof FILTERS[number]} name @param {QueueRoom} room @param {import("./queue_desk.js").Desk} desk @returns {Choice[]} */
function choicesOf(name, { city, queue }, { lists, handles }) {
  const byName = (/** @type {Choice} */ a, /** @type {Choice} */ b) => a.name.localeCompare(b.name);
  if (name === "category") return [{ key: "", name: queue("all_categories") }, ...lists.categories.map((key) => ({ key, name: city.category(key) ?? key })).sort(byName)];
  if (name === "district") return [{ key: "", name: queue("all_districts") }, ...city.districts.map(({ code, name: words }) => ({ key: code, name: words })).sort(byName)];
  const agencies = handles.agencies.map((key) => ({ key, name: city.agency(key) ?? key })).sort(byName);
  return [{ key: "", name: queue("all_agencies") }, { key: NOBODY, name: queue("no_agency_yet") }, ...agencies];
}

/** @param {Document} page @param {typeof FILTERS[number]} name @param {readonly Choice[]} choices @param {import("./queue_desk.js").Desk} desk @param {QueueHands} hands */
function mountSelect(page, name, choices, desk, hands) {
  const select = /** @type {HTMLSelectElement} */ (find(page, `.filters select[name="${name}"]`));
  mark(select, "aria-label", choices[0]?.name ?? name);
  fillSelect(select, choices);
  select.addEventListener("change", () => hands.go({ filter: { ...desk.here.place.filter, [name]: select.value } }));
  return select;
}

/** @param {HTMLSelectElement} select @param {readonly Choice[]} choices */
export function fillSelect(select, choices) {
  select.replaceChildren(...choices.map(({ key, name }) => {
    const option = element("option", "", name);
    mark(option, "value", key);
    return option;
  }));
}

/** @param {Document} page @param {QueueRoom} room @param {import("./queue_desk.js").Desk} desk @returns {HTMLInputElement} */
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
