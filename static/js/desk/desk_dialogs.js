/**
 * The desk's questions, each a dialog of the page: opened by a key, answered by Enter, left by Escape.
 */
import { element, find, mark, write } from "../ui/dom.js";

/** @typedef {import("./desk_words.js").DeskSay} DeskSay */
/** @typedef {Record<string, string>} Answers */

/** @param {Document} page @param {string} name @returns {HTMLDialogElement} */
function dialogOf(page, name) {
  return find(page, `dialog[data-dialog="${name}"]`);
}

/** @param {Document} page @returns {boolean} whether one is open: keys are its own then */
export function asking(page) {
  return page.querySelector("dialog[open]") !== null;
}

/**
 * Asks, and gives the fields of its form; null when it was left.
 * @param {Document} page @param {string} name @param {{[name: string]: string}} [texts] words of `.ask-NAME` in it
 * @returns {Promise<Answers | null>}
 */
export function ask(page, name, texts = {}) {
  const dialog = dialogOf(page, name);
  const form = find(dialog, "form");
  const before = /** @type {HTMLElement | null} */ (page.activeElement);
  for (const [part, words] of Object.entries(texts)) write(find(dialog, `.ask-${part}`), words);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => {
      const fields = new FormData(/** @type {HTMLFormElement} */ (/** @type {unknown} */ (form)));
      const given = Object.fromEntries([...fields].map(([key, value]) => [key, String(value)]));
      before?.focus();
      answer(dialog.returnValue === "" || dialog.returnValue === "cancel" ? null : { ...given, button: dialog.returnValue });
    }, { once: true });
  });
}

/** @param {Document} page @param {readonly {key: string, name: string}[]} agencies @param {string | null} first the default */
export function fillOwners(page, agencies, first) {
  const select = find(dialogOf(page, "owner"), "select");
  const ordered = [...agencies].sort((a, b) => Number(b.key === first) - Number(a.key === first) || a.name.localeCompare(b.name));
  select.replaceChildren(...ordered.map(({ key, name }) => {
    const option = element("option", "", name);
    mark(option, "value", key);
    return option;
  }));
}

/** @param {Document} page @param {boolean} here guests are: only then the walls can be held at the results for them */
export function offerGuests(page, here) {
  const option = /** @type {HTMLOptionElement} */ (/** @type {unknown} */ (find(dialogOf(page, "scene"), 'option[value="visit"]')));
  option.hidden = option.disabled = !here;
  if (!here && option.selected) option.selected = false;
}

/** @param {Document} page @param {string} name @param {{most: number, value: number}} limit of the number it asks for */
export function limitNumber(page, name, { most, value }) {
  const input = /** @type {HTMLInputElement} */ (/** @type {unknown} */ (find(dialogOf(page, name), 'input[type="number"]')));
  input.max = String(most);
  input.value = String(Math.min(most, value));
}

/** Buttons that leave a dialog without answering it, also while its fields are empty. @param {Document} page */
export function mountDialogs(page) {
  for (const button of page.querySelectorAll("dialog [data-leave]")) {
    button.addEventListener("click", () => /** @type {HTMLDialogElement} */ (button.closest("dialog")).close("cancel"));
  }
}
