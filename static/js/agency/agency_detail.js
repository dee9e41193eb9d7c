/**
 * What the feed never carries, fetched for the complaint that is open, and again when its card is newer.
 */

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("../desk/queue/detail.js").Detail} Detail */
/** @typedef {{detail: Detail | null, state: "none" | "loading" | "there" | "failed"}} Held */

const AGAIN_MS = 4000;

export class Detailed {
  #edge;
  #id = "";
  #asked = -1;
  #failedAt = -Infinity;
  /** @type {Held} */
  #held = { detail: null, state: "none" };

  /** @param {{get: (path: string) => Promise<Detail>, mono: () => number, changed: () => void}} edge */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @param {Card | null} card the one that is open @returns {Held} */
  of(card) {
    if (!card) return { detail: null, state: "none" };
    if (card.id !== this.#id) {
      [this.#id, this.#asked, this.#failedAt] = [card.id, -1, -Infinity];
      this.#held = { detail: null, state: "loading" };
    }
    const again = this.#held.state === "failed" && this.#edge.mono() - this.#failedAt > AGAIN_MS;
    if (card.seq > this.#asked || again) this.#fetch(card);
    return this.#held;
  }

  /** @param {Card} card what may be done with this very card @returns {readonly string[] | null} null: not known yet */
  allowed(card) {
    const { detail } = this.#held;
    return detail?.card?.id === card.id && detail.card.seq >= card.seq ? (detail.allowed ?? null) : null;
  }

  /** @param {Card} card */
  async #fetch({ id, seq }) {
    this.#asked = seq;
    try {
      const detail = await this.#edge.get(`/api/v1/complaints/${encodeURIComponent(id)}`);
      if (id === this.#id) this.#held = { detail, state: "there" };
    } catch {
      if (id !== this.#id) return;
      this.#failedAt = this.#edge.mono();
      this.#held = { ...this.#held, state: "failed" };
    }
    this.#edge.changed();
  }
}
