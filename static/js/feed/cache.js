/**
 * The page's own copy of the last good state (IndexedDB), so that a wall that starts without its server shows it under its age (CR-49).
 * Holds what this audience's feed sent and nothing else.
 */
import { add, Cards, emptyTally } from "./cards.js";
import { emptyState, laterFinished } from "./store.js";

/** @typedef {import("./store.js").State} State */
/** @typedef {import("./messages.js").Card} Card */

// The state as text and back, in slices, so that keeping a copy never holds the page.

/** @typedef {{epoch: string, lines: string[]}} Copy lines: the head, then cards by the slice, each a line of JSON */

const SLICE = 500;
/** More is not kept: a copy of this size is some tens of megabytes. */
const MOST_CARDS = 150_000;

/** @param {State} state whole @param {() => Promise<void>} rest @returns {Promise<Copy>} */
export async function writeCopy(state, rest) {
  const { epoch, seq, mark, at, counts, sources, lines: notices } = state;
  const lines = [JSON.stringify({ epoch, seq, mark, at, counts, sources, lines: notices, alarms: [...state.alarms.values()] })];
  /** @type {Card[]} */
  let slice = [];
  for (const card of state.cards.values()) {
    slice.push(card);
    if (slice.length < SLICE) continue;
    lines.push(JSON.stringify(slice));
    slice = [];
    await rest();
  }
  return { epoch, lines: [...lines, JSON.stringify(slice)] };
}

/** @param {Copy} copy @param {() => Promise<void>} rest @returns {Promise<State>} @throws {SyntaxError} when the copy is damaged */
export async function readCopy({ lines: [head = "{}", ...slices] }, rest) {
  const { alarms, ...known } = JSON.parse(head);
  const draft = Cards.draft();
  const tally = emptyTally();
  /** @type {Card | null} */
  let finished = null;
  for (const line of slices) {
    for (const card of /** @type {Card[]} */ (JSON.parse(line))) {
      if (card.status === "done") finished = laterFinished(finished, card);
      draft.fill(card);
      add(tally, card, 1, true);
    }
    await rest();
  }
  const byId = new Map(/** @type {import("./messages.js").Alarm[]} */ (alarms).map((alarm) => [alarm.id, alarm]));
  return { ...emptyState(), ...known, cards: draft.seal(), tally, finished, alarms: byId, need: null };
}

// Keeping the copy, and offering it at a start without a server.

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
    // What is shown at a start without the server must never be a past moment.
    if (state.recorded) return;
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
