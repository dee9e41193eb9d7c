/**
 * The cards of a store: an immutable map by id that shares what did not change.
 * Two levels deep, so that one card among 100,000 copies a short list and a handful of neighbours, as one among 1,000
 * does, and a slow reader keeps its own moment.
 */

/** @typedef {import("./wire.js").Card} Card */
/** @typedef {{before: Card | null, after: Card | null}} Change */

/** @typedef {Map<string, Card>} Bucket */
/** @typedef {(Bucket | undefined)[]} Group */

const GROUPS = 256;
const BUCKETS = 64;

/** @param {string} id the tail of a UUIDv7 is random, so it spreads evenly @returns {number} which of all buckets */
function placeOf(id) {
  let hash = 0;
  for (let i = Math.max(0, id.length - 8); i < id.length; i += 1) {
    hash = (Math.imul(hash, 31) + id.charCodeAt(i)) | 0;
  }
  return (hash ^ (hash >>> 14)) & (GROUPS * BUCKETS - 1);
}

export class Cards {
  /** @type {readonly (Group | undefined)[]} */
  #groups;
  /** @type {number} */
  size;

  /** @param {readonly (Group | undefined)[]} [groups] @param {number} [size] */
  constructor(groups = new Array(GROUPS).fill(undefined), size = 0) {
    this.#groups = groups;
    this.size = size;
  }

  /** @param {string} id @returns {Card | null} */
  get(id) {
    const place = placeOf(id);
    return this.#groups[Math.floor(place / BUCKETS)]?.[place % BUCKETS]?.get(id) ?? null;
  }

  /** @returns {Generator<Card>} */
  *values() {
    for (const group of this.#groups) for (const bucket of group ?? []) if (bucket) yield* bucket.values();
  }

  /** @param {(card: Card) => void} act all of them; for many far cheaper than values() */
  each(act) {
    for (const group of this.#groups) for (const bucket of group ?? []) bucket?.forEach(act);
  }

  /**
   * What differs from another moment of the store, found without looking at what both share.
   * @param {Cards} earlier @returns {Generator<Change>}
   */
  *since(earlier) {
    for (let i = 0; i < GROUPS; i += 1) {
      const [before, after] = [earlier.#groups[i], this.#groups[i]];
      if (before === after) continue;
      for (let j = 0; j < BUCKETS; j += 1) if (before?.[j] !== after?.[j]) yield* between(before?.[j], after?.[j]);
    }
  }

  /**
   * @param {readonly Card[]} cards whole cards, put or replaced
   * @param {readonly string[]} gone ids taken out
   * @returns {{cards: Cards, changes: Change[]}} changes name each touched card before and after
   */
  with(cards, gone) {
    const draft = new Draft(this.#groups.slice(), this.size);
    for (const card of cards) draft.put(card);
    for (const id of gone) draft.drop(id);
    return { cards: draft.seal(), changes: draft.changes };
  }

  /** @returns {Draft} an empty draft, for a snapshot that is filled in slices */
  static draft() {
    return new Draft(new Array(GROUPS).fill(undefined), 0);
  }
}

/** @param {Bucket | undefined} before @param {Bucket | undefined} after @returns {Generator<Change>} */
function* between(before, after) {
  for (const [id, card] of before ?? []) if (after?.get(id) !== card) yield { before: card, after: after?.get(id) ?? null };
  for (const [id, card] of after ?? []) if (!before?.has(id)) yield { before: null, after: card };
}

class Draft {
  #groups;
  #size;
  /** @type {Set<Group | Bucket>} what this draft made and may change */
  #own = new Set();
  /** @type {Change[]} */
  changes = [];

  /** @param {(Group | undefined)[]} groups @param {number} size */
  constructor(groups, size) {
    this.#groups = groups;
    this.#size = size;
  }

  /** @param {string} id @returns {Bucket} of its own */
  #bucket(id) {
    const place = placeOf(id);
    const [i, j] = [Math.floor(place / BUCKETS), place % BUCKETS];
    let group = this.#groups[i];
    if (!group || !this.#own.has(group)) {
      this.#groups[i] = group = group ? group.slice() : new Array(BUCKETS).fill(undefined);
      this.#own.add(group);
    }
    let bucket = group[j];
    if (!bucket || !this.#own.has(bucket)) {
      group[j] = bucket = new Map(bucket);
      this.#own.add(bucket);
    }
    return bucket;
  }

  /** @param {Card} card */
  put(card) {
    const bucket = this.#bucket(card.id);
    const before = bucket.get(card.id) ?? null;
    bucket.set(card.id, card);
    if (!before) this.#size += 1;
    this.changes.push({ before, after: card });
  }

  /** @param {Card} card of a snapshot, which changes nothing that anybody has seen */
  fill(card) {
    const bucket = this.#bucket(card.id);
    const before = bucket.size;
    bucket.set(card.id, card);
    this.#size += bucket.size - before;
  }

  /** @param {string} id */
  drop(id) {
    const bucket = this.#bucket(id);
    const before = bucket.get(id) ?? null;
    bucket.delete(id);
    if (bucket.size === 0) this.#clear(id);
    if (!before) return;
    this.#size -= 1;
    this.changes.push({ before, after: null });
  }

  /** @param {string} id whose bucket is empty: of a room whose cards come and go, all of them would stay for ever */
  #clear(id) {
    const place = placeOf(id);
    const group = this.#groups[Math.floor(place / BUCKETS)];
    if (group) group[place % BUCKETS] = undefined;
  }

  /** @returns {Cards} */
  seal() {
    return new Cards(this.#groups, this.#size);
  }
}
