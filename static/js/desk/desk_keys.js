/**
 * The keys of the alarm desk. Letters can be turned off; arrows, Enter and the buttons always work (CR-98).
 */

/** @typedef {"down" | "up" | "acknowledge" | "owner" | "group" | "shelve" | "back" | "out" | "suppress" | "silence" | "freeze" | "scene" | "view" | "list" | "help"} Act */

/** @type {Readonly<Record<string, Act>>} */
const LETTERS = {
  j: "down", k: "up", a: "acknowledge", o: "owner", A: "group", s: "shelve", u: "back", n: "out", r: "suppress",
  d: "silence", f: "freeze", w: "scene", q: "view", l: "list", "?": "help",
};
/** Only in the list itself: elsewhere these keys belong to what has the focus. @type {Readonly<Record<string, Act>>} */
const IN_LIST = { ArrowDown: "down", ArrowUp: "up", Enter: "acknowledge" };

/**
 * @param {{key: string, ctrlKey: boolean, altKey: boolean, metaKey: boolean}} event
 * @param {{letters: boolean, typing: boolean, inList: boolean, dialog: boolean}} where typing: in a field that takes text
 * @returns {Act | null}
 */
export function actOf({ key, ctrlKey, altKey, metaKey }, { letters, typing, inList, dialog }) {
  if (typing || dialog || ctrlKey || altKey || metaKey) return null;
  if (inList && IN_LIST[key]) return IN_LIST[key];
  if (!letters) return null;
  // With caps lock on, a letter alone still means the letter; only Shift+A is its own.
  return LETTERS[key] ?? null;
}
