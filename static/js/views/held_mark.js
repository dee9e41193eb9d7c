/**
 * Says on the wall that a desk holds its scene, and for how long yet (CR-74).
 */
import { heldIn } from "../scenes/stage.js";
import { find, show, write } from "./text.js";

const MINUTE_MS = 60_000;

/** @param {number} left ms @returns {number} ms, whole minutes rounded up: what is left is never said to be nothing */
export function minutesLeft(left) {
  return Math.ceil(left / MINUTE_MS) * MINUTE_MS;
}

/** @param {ParentNode} page @param {import("../picture.js").Room} room @returns {(state: import("../store.js").State, serverNow: number | null) => void} */
export function mountHeldMark(page, { say, format }) {
  const node = find(page, ".held-mark");
  return (state, serverNow) => {
    const held = heldIn(state, serverNow);
    show(node, held !== null);
    write(node, held ? say("held", { span: format.span(minutesLeft(held.left)) }) : "");
  };
}
