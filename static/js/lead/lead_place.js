/**
 * Where the page is, all of it in the address, so that a number can be sent to somebody.
 */
import { NOW_LISTS } from "./lead_count.js";

/** @typedef {{agency: string, list: string, why: string, open: string}} Place agency "" for all; list "" for the numbers alone */

export const PAST_LISTS = /** @type {const} */ (["finished", "on_time", "finished_late", "unproved", "reopened", "asked"]);
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
