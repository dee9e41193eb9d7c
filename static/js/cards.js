/**
 * The cards of a store: an immutable map by id that shares what did not change.
 * A batch of ten among 100,000 copies ten small buckets, and a slow reader keeps its own moment.
 */

/** @typedef {import("./wire.js").Card} Card */
/** @typedef {{before: Card | null, after: Card | null}} Change */

const BUCKETS = 1024;

/** @param {string} id the tail of a UUIDv7 is random, so it spreads evenly */
function bucketOf(id) {
  let hash = 0;
  for (let i = Math.max(0, id.length - 8); i < id.length; i += 1) {
    hash = (Math.imul(hash, 31) + id.charCodeAt(i)) | 0;
  }
  return hash & (BUCKETS - 1);
}

export class Cards {
  /** @type {(Map<string, Card> | undefined)[]} */
  #buckets;
  /** @type {number} */
  size;

  /** @param {(Map<string, Card> | undefined)[]} [buckets] @param {number} [size] */
  constructor(buckets = new Array(BUCKETS).fill(undefined), size = 0) {
    this.#buckets = buckets;
    this.size = size;
  }

  /** @param {string} id @returns {Card | null} */
  get(id) {
    return this.#buckets[bucketOf(id)]?.get(id) ?? null;
  }

  /** @returns {Generator<Card>} */
  *values() {
    for (const bucket of this.#buckets) if (bucket) yield* bucket.values();
  }

  /**
   * What differs from another moment of the store, found without looking at what both share.
   * @param {Cards} earlier @returns {Generator<Change>}
   */
  *since(earlier) {
    for (let i = 0; i < BUCKETS; i += 1) {
      const [before, after] = [earlier.#buckets[i], this.#buckets[i]];
      if (before === after) continue;
      for (const [id, card] of before ?? []) if (after?.get(id) !== card) yield { before: card, after: after?.get(id) ?? null };
      for (const [id, card] of after ?? []) if (!before?.has(id)) yield { before: null, after: card };
    }
  }

  /**
   * @param {readonly Card[]} cards whole cards, put or replaced
   * @param {readonly string[]} gone ids taken out
   * @returns {{cards: Cards, changes: Change[]}} changes name each touched card before and after
   */
  with(cards, gone) {
    const draft = new Draft(this.#buckets.slice(), this.size);
    for (const card of cards) draft.put(card);
    for (const id of gone) draft.drop(id);
    return { cards: draft.seal(), changes: draft.changes };
  }

  /** @returns {Draft} an empty draft, for a snapshot that is filled in slices */
  static draft() {
    return new Draft(new Array(BUCKETS).fill(undefined), 0);
  }
}

class Draft {
  #buckets;
  #size;
  /** @type {Set<number>} */
  #own = new Set();
  /** @type {Change[]} */
  changes = [];

  /** @param {(Map<string, Card> | undefined)[]} buckets @param {number} size */
  constructor(buckets, size) {
    this.#buckets = buckets;
    this.#size = size;
  }

  /** @param {string} id */
  #bucket(id) {
    const place = bucketOf(id);
    if (!this.#own.has(place)) {
      this.#own.add(place);
      this.#buckets[place] = new Map(this.#buckets[place]);
    }
    return /** @type {Map<string, Card>} */ (this.#buckets[place]);
  }

  /** @param {Card} card */
  put(card) {
    const bucket = this.#bucket(card.id);
    const before = bucket.get(card.id) ?? null;
    bucket.set(card.id, card);
    if (!before) this.#size += 1;
    this.changes.push({ before, after: card });
  }

  /** @param {string} id */
  drop(id) {
    const before = this.#bucket(id).get(id) ?? null;
    if (!before) return;
    this.#bucket(id).delete(id);
    this.#size -= 1;
    this.changes.push({ before, after: null });
  }

  /** @returns {Cards} */
  seal() {
    return new Cards(this.#buckets, this.#size);
  }
}
