/**
 * On a phone the chosen alarm lies over the list once its row is pressed, until it is left; a wide page shows both anyway.
 */
import { find, mark } from "../ui/dom.js";

/** @param {Document} page */
export function mountSheet(page) {
  const root = page.documentElement;
  const back = find(page, ".detail-back");
  const leave = () => {
    if (root.dataset.reading !== "true") return;
    mark(root, "data-reading", "false");
    /** @type {HTMLElement | null} */ (page.querySelector('.alarm-row[data-chosen="true"] .alarm-open'))?.focus();
  };
  find(page, ".alarm-list").addEventListener("click", (event) => {
    if (!(/** @type {HTMLElement} */ (event.target).closest(".alarm-open"))) return;
    mark(root, "data-reading", "true");
    if (back.checkVisibility()) back.focus();
  });
  back.addEventListener("click", leave);
  page.addEventListener("keydown", ({ key }) => void (key === "Escape" && leave()));
}
