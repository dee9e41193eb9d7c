/**
 * What became of something that leaves no row of its own behind (a shift handed over, a marker called out): one line
 * over the foot for a while, for eyes and for screen readers.
 */
import { find, mark, write } from "../ui/dom.js";

const SHOWN_MS = 8000;

/** @param {Document} page @returns {(words: string) => void} */
export function mountTold(page) {
  const line = find(page, ".desk-told");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let ends;
  return (words) => {
    clearTimeout(ends);
    write(line, words);
    mark(line, "data-shown", "true");
    ends = setTimeout(() => {
      write(line, "");
      mark(line, "data-shown", "false");
    }, SHOWN_MS);
  };
}
