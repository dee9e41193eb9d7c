/**
 * Whether single letters are keys at this desk: a box at its foot, remembered by the browser (CR-98, WCAG 2.1.4).
 */
import { find } from "../ui/dom.js";

const LETTERS = "liveroom.letters";

/** @param {Document} page @returns {() => boolean} whether single letters are keys here (CR-98) */
export function mountLetters(page) {
  const box = /** @type {HTMLInputElement} */ (/** @type {unknown} */ (find(page, ".letters-on")));
  box.checked = localStorage.getItem(LETTERS) !== "off";
  box.addEventListener("change", () => localStorage.setItem(LETTERS, box.checked ? "on" : "off"));
  return () => box.checked;
}
