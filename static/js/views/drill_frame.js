/**
 * The frame of a drill: the words once per block. It uses margins only, so nothing moves.
 */
import { write } from "../ui/dom.js";

/** @param {Document} page @param {import("../ui/picture.js").Room} room */
export function mountDrillFrame(page, { say }) {
  for (const words of page.querySelectorAll(".drill-words")) write(words, say("drill_line"));
  for (const tag of page.querySelectorAll(".drill-tag")) write(tag, say("drill"));
}
