/**
 * The freshness chip: how old the data is, in a word and a number.
 */
import { find, mark, write } from "./text.js";

/** @typedef {import("../picture.js").Picture} Picture */

/** Seconds for which a page that has just been opened is joining, not lost. */
export const PATIENCE = 15;

/** @param {Picture} picture @param {import("../picture.js").Room} room @returns {[string, string]} word and age */
function words({ freshness, age, whole, waited }, { say, format }) {
  if (!whole && waited <= PATIENCE) return [say("joining"), ""];
  if (whole && !Number.isFinite(age)) return [say(freshness), ""];
  const shown = format.span((Number.isFinite(age) ? age : waited) * 1000);
  return [say(freshness), freshness === "lost" ? "" : shown];
}

/** @param {ParentNode} page @param {import("../picture.js").Room} room @returns {import("../picture.js").Paint} */
export function mountChip(page, room) {
  const chip = find(page, ".chip");
  const word = find(chip, ".chip-word");
  const age = find(chip, ".chip-age");
  return (picture) => {
    const [name, span] = words(picture, room);
    mark(chip, "data-joining", String(!picture.whole && picture.waited <= PATIENCE));
    write(word, name);
    write(age, span);
  };
}
