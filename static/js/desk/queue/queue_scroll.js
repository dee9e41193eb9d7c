/**
 * What stands round the rows: nothing to do, more to show, what is selected.
 */
import { find, show, write } from "../../ui/dom.js";
import { PAGE } from "./queue_list.js";

/** @param {Document} page @param {import("./row_words.js").QueueRoom} room @returns {(look: import("./queue_desk.js").Look) => void} */
export function mountScroll(page, { queue, format }) {
  const [empty, more, selection, n] = [".list-empty", ".more", ".selection", ".selection-n"].map((name) => /** @type {HTMLElement} */ (find(page, name)));
  if (!empty || !more || !selection || !n) return () => {};
  return ({ whole, list, place, selected }) => {
    const nothing = whole && list.rows.length === 0;
    const plain = place.view === "work" && Object.values(place.filter).every((one) => one === "");
    show(empty, nothing);
    write(empty, nothing ? queue(plain ? "empty_work" : "empty_any") : "");
    show(more, list.more > 0);
    write(more, list.more > 0 ? queue("more", { n: format.number(Math.min(PAGE, list.more)) }) : "");
    show(selection, selected.size > 0);
    write(n, queue("selected", { n: format.number(selected.size) }));
  };
}
