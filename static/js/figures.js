/**
 * What a scene needs beyond its cards, asked only while it shows: kept for ten seconds, asked anew when it appears.
 * An answer of another epoch is of another audience or another log, and is dropped.
 */
import { asFigure } from "./figure_wire.js";

/** @typedef {"overdue" | "agencies" | "trend" | "visit" | "lead"} FigureScene */
/** @typedef {{body: import("./figure_wire.js").Figure, heardAt: number}} Kept heardAt = monotonic ms */
/** @typedef {{getJson: (url: string) => Promise<unknown>, now: () => number, arrived: () => void}} Edge */

const EVERY_MS = 10_000;
const AGAIN_MS = 5000;
/** Older than this a figure says its age. */
export const OLD_MS = 45_000;

export class Figures {
  #edge;
  /** @type {Map<string, Kept>} */
  #kept = new Map();
  /** @type {Map<string, number>} when a scene may be asked for again, monotonic ms */
  #again = new Map();

  /** @param {Edge} edge */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @param {string} scene @param {string} epoch of the store @returns {Kept | null} */
  of(scene, epoch) {
    const kept = this.#kept.get(scene);
    return kept && kept.body.epoch === epoch ? kept : null;
  }

  /** The scene shows now: ask unless what is there is young. @param {string} scene @param {string} epoch "" before the first snapshot */
  want(scene, epoch) {
    if (epoch === "" || !isFigureScene(scene)) return;
    const now = this.#edge.now();
    const stale = this.#kept.get(scene)?.body.epoch !== epoch;
    const again = this.#again.get(scene) ?? -Infinity;
    if (now < again && !(stale && again - now > AGAIN_MS)) return;
    this.#again.set(scene, now + EVERY_MS);
    this.#ask(scene);
  }

  /** @param {FigureScene} scene */
  async #ask(scene) {
    try {
      const body = asFigure(await this.#edge.getJson(`/feed/figures?scene=${scene}`), scene);
      if (!body) return;
      this.#kept.set(scene, { body, heardAt: this.#edge.now() });
      this.#edge.arrived();
    } catch {
      this.#again.set(scene, this.#edge.now() + AGAIN_MS);
    }
  }
}

/** @param {string} scene @returns {scene is FigureScene} */
function isFigureScene(scene) {
  return scene === "overdue" || scene === "agencies" || scene === "trend" || scene === "visit" || scene === "lead";
}

/** @param {Kept | null} kept @param {number} mono ms @param {import("./picture.js").Room} room @returns {string} its age, said when it is old */
export function ageWords(kept, mono, { say, format }) {
  const age = kept ? mono - kept.heardAt : 0;
  return age > OLD_MS ? say("figures_old", { span: format.span(age) }) : "";
}
