/**
 * The keys of the duty desk. Letters and numbers can be turned off; arrows, Enter, Escape and the buttons always work (CR-98).
 */
import { ACTS } from "./acts_table.js";

/** @typedef {"down" | "up" | "open" | "leave" | "select" | "select_all" | "search" | "list" | "map" | "new" | "handover" | "overview" | "help" | "number" | import("./acts_table.js").ActName} Key */
/** @typedef {{key: string, ctrlKey: boolean, altKey: boolean, metaKey: boolean}} Press */

/** @type {Readonly<Record<string, Key>>} */
const LETTERS = {
  j: "down", k: "up", x: "select", X: "select_all", "/": "search", l: "list", g: "map", n: "new", h: "handover", i: "overview", "?": "help",
  ...Object.fromEntries(ACTS.map(({ key, name }) => [key, name])),
};
/** Only in the list itself: elsewhere these keys belong to what has the focus. @type {Readonly<Record<string, Key>>} */
const IN_LIST = { ArrowDown: "down", ArrowUp: "up", Enter: "open" };

/**
 * @param {Press} press
 * @param {{letters: boolean, typing: boolean, inList: boolean, dialog: boolean}} where typing: in a field that takes text
 * @returns {Key | null}
 */
export function keyOf({ key, ctrlKey, altKey, metaKey }, { letters, typing, inList, dialog }) {
  if (dialog || ctrlKey || altKey || metaKey) return null;
  if (key === "Escape") return "leave";
  if (typing) return null;
  if (inList && IN_LIST[key]) return IN_LIST[key];
  if (!letters) return null;
  return /^[1-9]$/.test(key) ? "number" : (LETTERS[key] ?? null);
}
