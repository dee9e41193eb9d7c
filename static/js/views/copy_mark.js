/**
 * The watermark over a wall that shows its own copy: of when it is, across the screen (CR-49).
 */
import { find, mark, write } from "../ui/dom.js";

/** @param {Document} page @param {import("../ui/picture.js").Room} room @returns {(copied: boolean, at: number | null) => void} */
export function mountCopyMark(page, { say, format, city }) {
  const words = find(page, ".copy-mark");
  return (copied, at) => {
    mark(page.documentElement, "data-copy", String(copied));
    write(words, copied && at !== null ? say("copy", { time: format.clock(at), zone: city.zoneLabel }) : "");
  };
}
