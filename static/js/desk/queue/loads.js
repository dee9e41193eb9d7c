/**
 * How much lies where: open complaints by agency, district, area or category, counted from the desk's own cards. Pure.
 */
import { isOpen } from "./queue_list.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {"agency" | "district" | "area" | "category"} By */
/** @typedef {{key: string, open: number, waiting: number, in_process: number, overdue: number, oldest: string}} Load key "": of none */

export const BY = /** @type {const} */ (["agency", "district", "area", "category"]);

/** @param {Card} card @param {By} by @param {(code: string) => string | null} districtOf @returns {string} */
function keyOf(card, by, districtOf) {
  // An agency that is only intended has nothing to do yet.
  if (by === "agency") return card.state === "received" ? "" : (card.agency ?? "");
  if (by === "district") return card.area ? (districtOf(card.area) ?? "") : "";
  return (by === "area" ? card.area : card.category) ?? "";
}

/** @param {Iterable<Card>} cards @param {By} by @param {(code: string) => string | null} districtOf @returns {Load[]} most overdue first, then most open */
export function loadsBy(cards, by, districtOf) {
  /** @type {Map<string, Load>} */
  const loads = new Map();
  for (const card of cards) {
    if (!isOpen(card)) continue;
    const key = keyOf(card, by, districtOf);
    const load = loads.get(key) ?? { key, open: 0, waiting: 0, in_process: 0, overdue: 0, oldest: "~" };
    load.open += 1;
    load[card.status === "waiting" ? "waiting" : "in_process"] += 1;
    if (card.overdue) load.overdue += 1;
    if ((card.received_at ?? "~") < load.oldest) load.oldest = card.received_at ?? "~";
    loads.set(key, load);
  }
  return [...loads.values()].sort((a, b) => b.overdue - a.overdue || b.open - a.open || (a.key < b.key ? -1 : 1));
}
