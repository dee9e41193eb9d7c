/**
 * Which state a wall shows: a new one at once after a quiet second, else one a second, so that no figure changes faster
 * and all of them are of one position (CR-76, CR-87). What must be seen at once waits for nothing.
 */

/** @typedef {import("./feed/store.js").State} State */

export const EVERY_MS = 1000;

/** @param {State["lines"]} lines @returns {string} what they say; how far a surge has grown is a figure like any other */
function said(lines) {
  return JSON.stringify(lines.map(({ n: _n, areas: _areas, ...line }) => line));
}

export class Calm {
  /** @type {State} */
  state;
  #takenAt = -Infinity;

  /** @param {State} state */
  constructor(state) {
    this.state = state;
  }

  /** @param {State} newest @returns {boolean} whether it says what a room must not wait for: alarms, orders, another log, a source */
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
