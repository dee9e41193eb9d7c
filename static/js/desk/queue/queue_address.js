/**
 * The address of the desk's page says what it shows, so that a link shows the same to a colleague. Pure.
 */
import { NO_FILTER, PAGE, VIEWS } from "./queue_list.js";

/** @typedef {import("./queue_list.js").View} View */
/** @typedef {{view: View, filter: import("./queue_list.js").Filter, q: string, map: boolean, open: string | null, most: number}} Place open: the complaint that is open */

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
