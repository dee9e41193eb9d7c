/**
 * The line on the wall that says which warning of a public service holds: the worst, and how many more. It stands in the upper
 * margin of every scene, moves nothing, does not flash, and is no alarm.
 */
import { hazardsNow } from "../feed/room_notices.js";
import { BETWEEN, find, fit, mark, show, write } from "../ui/dom.js";
import { hazardWords } from "../ui/hazard_words.js";

/** @typedef {import("../ui/picture.js").WallRoom} Room */

/** Units: the margin at both sides, the swatch with its air, the sheet's size of the words. */
const [EDGE, SWATCH] = [80, 92];
export const SIZE = 48;
/** @param {Document} page @param {Room} room @returns {import("../ui/picture.js").Paint} */
export function mountHazardLine(page, room) {
  const root = page.documentElement;
  const line = find(page, ".hazard-line");
  const words = find(line, ".hazard-words");
  return (picture) => {
    const sayings = hazardWords(hazardsNow(picture.state.hazards, picture), picture.at ?? 0, room);
    show(line, sayings.length > 0);
    mark(root, "data-hazard", String(sayings.length > 0));
    if (sayings.length === 0) return;
    const free = freeWidth(root, room.panels ?? 1);
    const chosen = sayings.find((one) => fit(room.width(one, SIZE, 400), free) !== "cut") ?? sayings.at(-1) ?? "";
    write(words, chosen);
    mark(line, "data-fit", fit(room.width(chosen, SIZE, 400), free));
    lineSpace(line, free);
  };
}

/** @param {HTMLElement} line in the upper margin @param {number} free units for its words */
export function lineSpace(line, free) {
  const space = `calc(${free + SWATCH + BETWEEN} * var(--u))`;
  if (line.style.maxWidth !== space) line.style.maxWidth = space;
}

/** @param {HTMLElement} root @param {number} panels columns of the whole wall @returns {number} units: the width of the wall, or of its first block where a bezel, a drill's frame, the strip of late data or the accents of a large question end that */
export function freeWidth(root, panels) {
  const { shape, density, strip, drill, type } = root.dataset;
  const wall = Number(getComputedStyle(root).getPropertyValue("--wall-width")) || 3840;
  const upright = shape === "portrait";
  const blocks = upright ? 1 : density === "coarse" && shape !== "wide" ? 2 : 3;
  const over = !upright && (strip === "delayed" || strip === "lost" || type === "large");
  return wall / Math.max(panels, over ? blocks : 1, drill === "true" ? (upright ? 2 : blocks) : 1) - 2 * EDGE - SWATCH - BETWEEN;
}
