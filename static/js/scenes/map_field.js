/**
 * The field of the map scene, kept right when the window changes: where the city lies, which corner it leaves to the words at
 * the foot, how much room the answer has beside it, and what stands on it to be read.
 */
import { find, mark } from "../ui/dom.js";

/** @typedef {import("./placement.js").Box} Box */
/** @typedef {import("../map/base_map.js").BaseMap} BaseMap */

/** Length of the ruler in the page, in units of the canvas: how many pixels a unit has. */
const RULER = 1000;

export class MapField {
  #scene;
  #base;
  #foot;
  #unit = 1;
  #beside = Infinity;
  /** @type {{frame: Box, kept: Box[]}} */
  #area = { frame: { x: 0, y: 0, w: 1, h: 1 }, kept: [] };
  /** @type {readonly Box[]} */
  #standing = [];

  /** @param {HTMLElement} scene @param {BaseMap} base */
  constructor(scene, base) {
    this.#scene = scene;
    this.#base = base;
    this.#foot = find(scene, ".map-foot");
    addEventListener("resize", () => this.#measure());
    this.#measure();
  }

  /** @returns {number} px of one unit */
  unit() {
    return this.#unit;
  }

  /** @returns {{frame: Box, kept: Box[]}} kept: the words that stay free */
  area() {
    return this.#area;
  }

  /** @returns {number} units beside the city in which the answer may stand */
  beside() {
    return this.#beside;
  }

  /** @returns {readonly Box[]} all that is read on the map as it was last painted */
  standing() {
    return this.#standing;
  }

  /** @param {readonly Box[]} boxes */
  stand(boxes) {
    this.#standing = boxes;
  }

  #measure() {
    this.#unit = find(this.#scene, ".map-ruler").getBoundingClientRect().width / RULER || 1;
    const frame = this.#fit(this.#boxOf(find(this.#scene, ".map-field")));
    const [question, answer] = [find(this.#scene, ".question"), find(this.#scene, ".answer")];
    this.#beside = freeBeside(this.#boxOf(answer), this.#boxOf(this.#scene), this.#base);
    this.#area = { frame, kept: [question, this.#foot].map((words) => this.#boxOf(words)) };
  }

  /** @param {Box} whole @returns {Box} what of it the city has: where no corner is free the words at the foot stand beneath it */
  #fit(whole) {
    mark(this.#foot, "data-side", "left");
    this.#base.fit(whole, this.#unit);
    const clear = ["narrow", "broad"].some((breadth) => {
      mark(this.#foot, "data-breadth", breadth);
      return standClear(this.#foot, this.#boxOf(this.#foot), this.#boxOf(this.#scene), this.#base);
    });
    if (clear) return whole;
    mark(this.#foot, "data-side", "whole");
    const less = { ...whole, h: Math.min(whole.h, this.#boxOf(this.#foot).y - FOOT_AIR - whole.y) };
    this.#base.fit(less, this.#unit);
    return less;
  }

  /** @param {Element} element @returns {Box} in units, from the scene's corner */
  #boxOf(element) {
    const [outer, inner] = [this.#scene.getBoundingClientRect(), element.getBoundingClientRect()];
    const unit = this.#unit;
    return { x: (inner.x - outer.x) / unit, y: (inner.y - outer.y) / unit, w: inner.width / unit, h: inner.height / unit };
  }
}

/** Units between two places that are asked along the answer, and the air that it keeps from the city. */
const BESIDE = { step: 16, air: 40 };

/** @param {Box} answer @param {Box} scene @param {import("../map/base_map.js").BaseMap} base @returns {number} units from the start of the answer's line to the city on it */
function freeBeside({ x, y }, scene, base) {
  const end = scene.w - x;
  let free = 0;
  while (free < end && ![0, 30, 60].some((down) => base.covers({ x: x + free, y: y + down }))) free += BESIDE.step;
  return free - BESIDE.air;
}

const FOOT_AIR = 16;
/** So many places of the foot are asked whether the city lies there. */
const ASKED = { across: 12, down: 4 };
/** Of these so many may lie on the city: its ground is dark, and words over its edge are read. */
const MOST_COVERED = 9;

/** @param {HTMLElement} foot @param {Box} box of it @param {Box} scene @param {import("../map/base_map.js").BaseMap} base the words at the foot stand in the corner that the city leaves free @returns {boolean} whether it leaves one */
function standClear(foot, { y, w, h }, scene, base) {
  const edge = 80;
  const [left, right] = [edge, scene.w - edge - w].map((x) => {
    const spots = Array.from({ length: ASKED.across * ASKED.down }, (_, i) => ({ x: x + (((i % ASKED.across) + 0.5) / ASKED.across) * w, y: y + ((Math.floor(i / ASKED.across) + 0.5) / ASKED.down) * h }));
    return spots.filter((spot) => base.covers(spot)).length;
  });
  mark(foot, "data-side", (right ?? 0) < (left ?? 0) ? "right" : "left");
  return Math.min(left ?? 0, right ?? 0) <= MOST_COVERED;
}
