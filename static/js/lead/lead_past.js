/**
 * The lists that the feed does not carry: what was finished, and what is asked, fetched page by page and kept fresh.
 */

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("../feed/messages.js").ListPage} ListPage */
/** @typedef {{cards: readonly Card[], n: number, more: boolean, state: "loading" | "there" | "failed"}} Past */

const AGAIN_MS = 10_000;
/** @type {Past} */
const NOTHING = { cards: [], n: 0, more: false, state: "loading" };

export class PastLists {
  #edge;
  #key = "";
  #askedAt = -Infinity;
  #pages = 1;
  #turn = 0;
  /** @type {Past} */
  #held = NOTHING;

  /** @param {{getJson: (url: string) => Promise<unknown>, mono: () => number, changed: () => void}} edge */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @param {string} what @param {string} agency "" for all @returns {Past} */
  of(what, agency) {
    const key = `${what} ${agency}`;
    if (key !== this.#key) [this.#key, this.#askedAt, this.#pages, this.#held] = [key, -Infinity, 1, NOTHING];
    if (this.#edge.mono() - this.#askedAt > AGAIN_MS) this.#fetch(what, agency);
    return this.#held;
  }

  more() {
    this.#pages += 1;
    this.#askedAt = -Infinity;
    this.#edge.changed();
  }

  /** @param {string} what @param {string} agency */
  async #fetch(what, agency) {
    const turn = (this.#turn += 1);
    const key = this.#key;
    this.#askedAt = this.#edge.mono();
    const held = await this.#read(what, agency).catch(() => null);
    if (turn !== this.#turn || key !== this.#key) return;
    this.#held = held ?? { ...this.#held, state: this.#held.state === "there" ? "there" : "failed" };
    this.#edge.changed();
  }

  /** @param {string} what @param {string} agency @returns {Promise<Past>} */
  async #read(what, agency) {
    /** @type {Map<string, Card>} */
    const cards = new Map();
    /** @type {number | null} */
    let next = 0;
    let n = 0;
    for (let page = 0; page < this.#pages && next !== null; page += 1) {
      const query = new URLSearchParams({ what, after: String(next), ...(agency ? { agency: agency === "-" ? "" : agency } : {}) });
      const body = /** @type {ListPage} */ (await this.#edge.getJson(`/feed/figures/list?${query}`));
      for (const card of body.items) cards.set(card.id, card);
      [n, next] = [body.n, body.next];
    }
    return { cards: [...cards.values()], n, more: next !== null, state: "there" };
  }
}
