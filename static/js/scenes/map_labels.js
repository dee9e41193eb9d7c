/**
 * The names beside the marks that the alarm band names too: what it is and how late.
 */
import { SLOTS } from "../ui/alarms.js";
import { timeWords, whatWords } from "../ui/complaints.js";
import { CAPTION } from "./map_names.js";
import { element, mark, moveTo, show, write } from "../ui/dom.js";

/** @typedef {import("../ui/picture.js").Picture} Picture */
/** @typedef {import("./map_marks.js").Alone} Alone */

/** Lines of the caption step, units at the sheet's size of text; longer names are cut by the stylesheet. */
const LINE = 56;
const WIDEST = 560;

/** @param {string} what @param {string} late @param {import("../ui/picture.js").Room} room @returns {import("./placement.js").Size[]} in one line where it can, then in two */
function sizesOf(what, late, { width, type = 1 }) {
  /** @param {readonly string[]} lines @returns {import("./placement.js").Size} */
  const size = (lines) => {
    const widest = Math.max(...[...lines, late].map((line) => width(line, CAPTION, 600)));
    return { w: Math.min(WIDEST * type, Math.ceil(widest) + 4), h: (lines.length + 1) * LINE * type };
  };
  const middle = what.lastIndexOf(" ", Math.ceil(what.length * 0.7));
  const two = middle > 0 ? [size([what.slice(0, middle), what.slice(middle + 1)])] : [];
  const one = size([what]);
  return one.w >= WIDEST * type && two.length > 0 ? two : [one, ...two];
}

export class Labels {
  #room;
  #labels;

  /** @param {HTMLElement} root @param {import("../ui/picture.js").Room} room */
  constructor(root, room) {
    this.#room = room;
    // One more for what a desk calls out.
    this.#labels = Array.from({ length: SLOTS + 1 }, () => {
      const [what, late] = [element("span", "mark-what"), element("span", "mark-late")];
      const node = element("p", "mark-label", what, late);
      root.append(node);
      return { node, what, late };
    });
  }

  /** @param {Alone} entry @param {Picture} picture @returns {import("./placement.js").Size[]} none: it stands without a name */
  measure({ card, named }, picture) {
    return named ? sizesOf(whatWords(card, this.#room), timeWords(card, picture, this.#room), this.#room) : [];
  }

  /** @param {import("./placement.js").Plan} places @param {readonly Alone[]} alone @param {Picture} picture */
  paint(places, alone, picture) {
    const named = places.marks.filter(({ label }) => label !== null);
    for (const [i, { node, what, late }] of this.#labels.entries()) {
      const { label, mark: at } = named[i] ?? {};
      const card = alone.find((entry) => entry.card.id === at?.id)?.card;
      show(node, card !== undefined);
      if (!label || !card) continue;
      moveTo(node, label.x, label.y);
      node.style.width = `calc(${label.w} * var(--u))`;
      const line = LINE * (this.#room.type ?? 1);
      moveTo(late, 0, label.h - line);
      mark(node, "data-side", label.side);
      mark(node, "data-lines", String(Math.round(label.h / line) - 1));
      write(what, whatWords(card, this.#room));
      write(late, timeWords(card, picture, this.#room));
    }
  }
}
