/**
 * Scheduler of painting: when to paint, which state to show, what changed since, and ranking in slices between frames.
 */
import { consider, emptyRanking, rank, refresh } from "../ui/complaints.js";

/** @typedef {import("../feed/store.js").State} State */
/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("../feed/cards.js").Cards} Cards */
/** @typedef {import("../ui/complaints.js").RankMoment} Moment */
/** @typedef {import("../ui/complaints.js").Ranking} Ranking */

// Throttle of painting: at once after a quiet moment, then at most so often, always in a frame (CR-87).

/**
 * @param {{every: number, now: () => number, later: (ms: number, act: () => void) => void, frame: (act: () => void) => void}} edge
 * @param {() => void} paint
 */
export function createPaintThrottle({ every, now, later, frame }, paint) {
  let last = -Infinity;
  let asked = false;
  let soon = false;
  const run = () => {
    asked = soon = false;
    last = now();
    paint();
  };
  return {
    /** Something changed. */
    ask() {
      if (asked) return;
      asked = true;
      const wait = last + every - now();
      if (wait > 0) later(wait, () => frame(run));
      else frame(run);
    },
    /** A scene changes on its second, and an alarm is shown in the next frame, not when the throttle allows. */
    now() {
      if (!soon) frame(run);
      soon = true;
    },
  };
}

// Throttle of figures: a new state at once after a quiet second, else one a second, so that no figure changes faster and all
// of them are of one position (CR-76, CR-87). What must be seen at once waits for nothing.

const EVERY_MS = 1000;

/** @param {State["lines"]} lines @returns {string} what they say; how far a surge has grown is a figure like any other */
function said(lines) {
  return JSON.stringify(lines.map(({ n: _n, areas: _areas, ...line }) => line));
}

export class FigureThrottle {
  /** @type {State} */
  state;
  #takenAt = -Infinity;

  /** @param {State} state */
  constructor(state) {
    this.state = state;
  }

  /** @param {State} newest @returns {boolean} whether it says what a room must not wait for: alarms, commands, another log, a source */
  urgent(newest) {
    const { state } = this;
    if (newest.epoch !== state.epoch || newest.alarms !== state.alarms || newest.sources !== state.sources) return true;
    return newest.lines !== state.lines && said(newest.lines) !== said(state.lines);
  }

  /** @param {State} newest @param {number} mono ms @returns {boolean} whether it may be shown and is not yet */
  due(newest, mono) {
    return newest !== this.state && (mono - this.#takenAt >= EVERY_MS || this.urgent(newest));
  }

  /** @param {State} newest @param {number} mono ms @returns {State} what to show now */
  take(newest, mono) {
    if (!this.due(newest, mono)) return this.state;
    this.state = newest;
    this.#takenAt = mono;
    return newest;
  }
}

// What changed since the picture on the wall: its figures stand for up to a second (CR-87), its place is known at once.
// Found by comparing two moments of the store, so nothing is remembered that could differ from either.

/** More marks than a map can tell apart. */
const MOST = 400;

/** @param {Card | null} before @param {Card} after @returns {boolean} whether a map would show it otherwise */
function looksOther(before, after) {
  return !before || before.status !== after.status || before.overdue !== after.overdue || before.lat !== after.lat || before.lon !== after.lon;
}

/** @param {State} newest @param {State} shown @returns {Card[]} placed complaints that came or look otherwise, as they are now */
export function changedSince(newest, shown) {
  /** @type {Card[]} */
  const cards = [];
  if (newest === shown || newest.epoch !== shown.epoch) return cards;
  for (const { before, after } of newest.cards.since(shown.cards)) {
    if (cards.length === MOST) break;
    if (after && typeof after.lat === "number" && typeof after.lon === "number" && looksOther(before, after)) cards.push(after);
  }
  return cards;
}

// The ranking kept near: a small city is ranked at every frame, a large one in slices between frames.

/** Up to here a whole pass costs less than a frame. */
const SMALL = 2000;
const SLICE_MS = 6;
const CHECK_EVERY = 64;

export class SlicedRanking {
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
