/**
 * Says on every scene of the wall that guests are here: what it shows is masked (CR-81).
 */
import { leftOf } from "../feed/room_notices.js";
import { find, show, write } from "../ui/dom.js";

/** @param {ParentNode} page @param {import("../ui/picture.js").Room} room @returns {(state: import("../feed/store.js").State, serverNow: number | null) => void} */
export function mountVisitMark(page, { say }) {
  const node = find(page, ".visit-mark");
  write(node, say("visit_mark"));
  return ({ lines }, serverNow) => show(node, leftOf(lines, "visit", serverNow) > 0);
}
