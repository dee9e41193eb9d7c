/**
 * The names beside the marks that the alarm band names too: what it is and how late.
 */
import { SLOTS } from "../attention.js";
import { timeWords, whatWords } from "../complaint_words.js";
import { element, mark, show, write } from "../views/text.js";
import { moveTo } from "./map_clusters.js";

/** @typedef {import("../picture.js").Picture} Picture */
/** @typedef {import("./map_marks.js").Alone} Alone */

/** Width of a letter and height of a line of the caption step, units; longer names are cut by the stylesheet. */
const LETTER = 26;
const LINE = 56;
const WIDEST = 560;

/** @param {HTMLElement} root @param {import("../picture.js").Room} room */
export function mountLabels(root, room) {
  const labels = Array.from({ length: SLOTS }, () => {
    const [what, late] = [element("span", "mark-what"), element("span", "mark-late")];
    const node = element("p", "mark-label", what, late);
    root.append(node);
    return { node, what, late };
  });
  return {
    /** @param {Alone} entry @param {Picture} picture @returns {{w: number, h: number} | null} null: it stands without a name */
    measure({ card, named }, picture) {
      if (!named) return null;
      const letters = Math.max(whatWords(card, room).length, timeWords(card, picture, room).length);
      return { w: Math.min(WIDEST, letters * LETTER), h: 2 * LINE };
    },
    /** @param {import("./placement.js").Plan} places @param {readonly Alone[]} alone @param {Picture} picture */
    paint(places, alone, picture) {
      const named = places.marks.filter(({ label }) => label !== null);
      for (const [i, { node, what, late }] of labels.entries()) {
        const place = named[i];
        const card = alone.find((entry) => entry.card.id === place?.mark.id)?.card;
        show(node, card !== undefined);
        if (!place?.label || !place.mark.label || !card) continue;
        moveTo(node, place.label.x, place.label.y);
        node.style.width = `calc(${place.mark.label.w} * var(--u))`;
        mark(node, "data-side", place.label.side);
        write(what, whatWords(card, room));
        write(late, timeWords(card, picture, room));
      }
    },
  };
}
