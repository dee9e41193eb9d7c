/**
 * Keeps the ranking near: a small city is ranked at every frame, a large one in slices between frames.
 */
import { consider, emptyRanking, rank, refresh } from "./rank.js";

/** @typedef {import("./feed/cards.js").Cards} Cards */
/** @typedef {import("./rank.js").Moment} Moment */
/** @typedef {import("./rank.js").Ranking} Ranking */

/** Up to here a whole pass costs less than a frame. */
const SMALL = 2000;
const SLICE_MS = 6;
const CHECK_EVERY = 64;

export class Survey {
  #edge;
  #ranking = emptyRanking();
  /** @type {Set<string>} ids changed since the pass that is shown began */
  #touched = new Set();
  /** @type {Set<string>} ids changed since the running pass began */
  #fresh = new Set();
  #busy = false;

  /** @param {{now: () => number, rest: () => Promise<void>}} edge */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @param {Iterable<string>} ids changed by a batch */
  note(ids) {
    for (const id of ids) {
      this.#touched.add(id);
      this.#fresh.add(id);
    }
  }

  /** @param {Cards} cards @param {Moment} moment @returns {Ranking} of these very cards */
  look(cards, moment) {
    if (cards.size > SMALL) return refresh(this.#ranking, cards, this.#touched, moment);
    this.#touched.clear();
    this.#ranking = rank(cards.values(), moment);
    return this.#ranking;
  }

  /** One pass over a large city; does nothing while one runs. @param {Cards} cards @param {Moment} moment */
  async pass(cards, moment) {
    if (this.#busy || cards.size <= SMALL) return;
    this.#busy = true;
    this.#fresh.clear();
    this.#ranking = await this.#walk(cards, moment);
    this.#touched = new Set(this.#fresh);
    this.#busy = false;
  }

  /** @param {Cards} cards an unchanging moment of the store @param {Moment} moment */
  async #walk(cards, moment) {
    const ranking = emptyRanking();
    let until = this.#edge.now() + SLICE_MS;
    let seen = 0;
    for (const card of cards.values()) {
      consider(ranking, card, moment);
      seen += 1;
      if (seen % CHECK_EVERY !== 0 || this.#edge.now() < until) continue;
      await this.#edge.rest();
      until = this.#edge.now() + SLICE_MS;
    }
    return ranking;
  }
}
