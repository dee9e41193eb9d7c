/**
 * Keeps the last good state in the browser, so that a wall that starts without its server shows it under its age (CR-49).
 */
import { MOST_CARDS, readCopy, writeCopy } from "./copy_text.js";

/** @typedef {import("./store.js").State} State */
/** @typedef {import("./copy_text.js").Copy} Copy */
/** @typedef {{get: () => Promise<Copy | undefined>, put: (copy: Copy) => Promise<unknown>, clear: () => Promise<unknown>}} Shelf */

const EVERY_MS = 30_000;
/** A large city's copy is made more seldom. */
const LARGE = 20_000;
const LARGE_EVERY_MS = 300_000;

/** @returns {Promise<Shelf>} one place in this browser @throws {Error} where the browser keeps nothing */
export async function openShelf() {
  const { openDB } = await import("idb");
  const database = await openDB("liveroom-wall", 1, { upgrade: (fresh) => void fresh.createObjectStore("copy") });
  return {
    get: () => database.get("copy", "last"),
    put: (copy) => database.put("copy", copy, "last"),
    clear: () => database.clear("copy"),
  };
}

export class LocalCopy {
  #shelf;
  #edge;
  #epoch = "";
  #keptAt = -Infinity;
  #seq = -1;
  #busy = false;

  /** @param {Shelf} shelf @param {{now: () => number, rest: () => Promise<void>}} edge now = monotonic ms */
  constructor(shelf, edge) {
    this.#shelf = shelf;
    this.#edge = edge;
  }

  /** @param {() => boolean} [wanted] whether it will be shown: to read a large one costs half a second @returns {Promise<State | null>} what was kept; a damaged copy is thrown away */
  async last(wanted = () => true) {
    try {
      const copy = await this.#shelf.get();
      if (!copy) return null;
      this.#epoch = copy.epoch;
      return wanted() ? await readCopy(copy, this.#edge.rest) : null;
    } catch {
      await this.#shelf.clear();
      return null;
    }
  }

  /** A whole, live state: kept when the last copy is old enough; a copy of another epoch goes at once. @param {State} state */
  async offer(state) {
    if (state.epoch !== this.#epoch) await this.#forget(state.epoch);
    const every = state.cards.size > LARGE ? LARGE_EVERY_MS : EVERY_MS;
    if (this.#busy || state.seq === this.#seq || state.cards.size > MOST_CARDS || this.#edge.now() - this.#keptAt < every) return;
    this.#busy = true;
    try {
      await this.#shelf.put(await writeCopy(state, this.#edge.rest));
      this.#seq = state.seq;
    } finally {
      this.#keptAt = this.#edge.now();
      this.#busy = false;
    }
  }

  /** @param {string} epoch the audience or the log changed: nothing of the old one stays */
  async #forget(epoch) {
    this.#epoch = epoch;
    this.#keptAt = -Infinity;
    await this.#shelf.clear();
  }
}
