/**
 * Says on the wall that a desk holds its scene, and for how long yet (CR-74), or which complaint a desk calls out.
 */
import { whatWords } from "../complaint_words.js";
import { shownIn } from "../room_lines.js";
import { heldIn } from "../scenes/stage.js";
import { find, show, write } from "./text.js";

const MINUTE_MS = 60_000;

/** @param {number} left ms @returns {number} ms, whole minutes rounded up: what is left is never said to be nothing */
export function minutesLeft(left) {
  return Math.ceil(left / MINUTE_MS) * MINUTE_MS;
}

/** @param {ParentNode} page @param {import("../picture.js").Room} room @returns {(state: import("../store.js").State, serverNow: number | null) => void} */
export function mountHeldMark(page, room) {
  const { say, format } = room;
  const node = find(page, ".held-mark");
  return (state, serverNow) => {
    const held = heldIn(state, serverNow);
    const id = shownIn(state.lines, serverNow);
    const card = id ? state.cards.get(id) : null;
    show(node, held !== null);
    if (!held) return;
    if (id) write(node, card ? say("shown", { what: whatWords(card, room) }) : say("shown_gone"));
    else write(node, say("held", { span: format.span(minutesLeft(held.left)) }));
  };
}
