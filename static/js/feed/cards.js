/**
 * The cards of a store as an immutable map, and the tally of them by area, agency, day of receipt and source.
 */

/** @typedef {import("./messages.js").Card} Card */
/** @typedef {import("./messages.js").Counts} Counts */

// The cards: an immutable map by id that shares what did not change. Two levels deep, so that one card among 100,000
// copies a short list and a handful of neighbours, as one among 1,000 does, and a slow reader keeps its own moment.

/** @typedef {{before: Card | null, after: Card | null}} Change */

/** @typedef {Map<string, Card>} Bucket */
/** @typedef {(Bucket | undefined)[]} Group */

const GROUPS = 256;
const BUCKETS = 64;

/** @param {string} id the tail of a UUIDv7 is random, so it spreads evenly @returns {number} which of all buckets */
function slotOf(id) {
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
    const place = slotOf(id);
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
    const place = slotOf(id);
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
    const place = slotOf(id);
    const group = this.#groups[Math.floor(place / BUCKETS)];
    if (group) group[place % BUCKETS] = undefined;
  }

  /** @returns {Cards} */
  seal() {
    return new Cards(this.#groups, this.#size);
  }
}

// The tally. One rule counts a card; a full count and a batch's correction both use it, so they cannot disagree.

/** @typedef {{waiting: number, in_process: number, done: number, elsewhere: number, overdue: number}} Row */
/**
 * @typedef {object} Tally
 * @property {Row} total
 * @property {Map<string, Row>} areas keyed by area code, NO_PLACE or OUTSIDE
 * @property {Map<string, Row>} agencies keyed by lead agency, "" while nobody has it
 * @property {Map<string, Row>} days keyed by day of receipt
 * @property {Map<string, Row>} sources keyed by the source that told it
 */

/** Cards that say no place at all. */
export const NO_PLACE = "";
/** Cards with a point that lies in no area of the city. */
export const OUTSIDE = "*";

/** @type {Row} */
export const ZERO = Object.freeze({ waiting: 0, in_process: 0, done: 0, elsewhere: 0, overdue: 0 });

/** @returns {Tally} */
export function emptyTally() {
  return { total: ZERO, areas: new Map(), agencies: new Map(), days: new Map(), sources: new Map() };
}

/** @param {Row} row @param {Row} other @returns {Row} */
function sum(row, other) {
  return {
    waiting: row.waiting + other.waiting,
    in_process: row.in_process + other.in_process,
    done: row.done + other.done,
    elsewhere: row.elsewhere + other.elsewhere,
    overdue: row.overdue + other.overdue,
  };
}

/** @param {Row} row changed in place @param {Card} card @param {1 | -1} sign @returns {Row} a status we do not know counts nowhere */
function weigh(row, card, sign) {
  if (Object.hasOwn(ZERO, card.status)) row[card.status] += sign;
  if (card.overdue === true) row.overdue += sign;
  return row;
}

/** @param {Row} row */
function isZero({ waiting, in_process, done, elsewhere, overdue }) {
  return waiting === 0 && in_process === 0 && done === 0 && elsewhere === 0 && overdue === 0;
}

/** @param {Card} card */
function placeOf(card) {
  if (card.area) return card.area;
  return card.lat === null || card.lat === undefined ? NO_PLACE : OUTSIDE;
}

/** @param {Map<string, Row>} rows @param {string} key @param {Card} card @param {1 | -1} sign @param {boolean} own */
function shift(rows, key, card, sign, own) {
  const row = rows.get(key);
  const next = weigh(own && row ? row : { ...(row ?? ZERO) }, card, sign);
  if (isZero(next)) rows.delete(key);
  else if (next !== row) rows.set(key, next);
}

/**
 * @param {Tally} tally changed in place @param {Card} card @param {1 | -1} sign
 * @param {boolean} [own] its rows too, because nobody else has them yet: so many cards are counted four times as fast
 */
export function add(tally, card, sign, own = false) {
  tally.total = weigh(own && tally.total !== ZERO ? tally.total : { ...tally.total }, card, sign);
  shift(tally.areas, placeOf(card), card, sign, own);
  shift(tally.agencies, card.agency ?? "", card, sign, own);
  shift(tally.days, card.received_day ?? "", card, sign, own);
  shift(tally.sources, card.source ?? "", card, sign, own);
}

/** @param {Iterable<Card>} cards @returns {Tally} */
export function count(cards) {
  const tally = emptyTally();
  for (const card of cards) add(tally, card, 1, true);
  return tally;
}

/** @param {Tally} tally @param {readonly Change[]} changes @returns {Tally} a new one; the old stays as it was */
export function adjust(tally, changes) {
  const next = {
    total: tally.total,
    areas: new Map(tally.areas),
    agencies: new Map(tally.agencies),
    days: new Map(tally.days),
    sources: new Map(tally.sources),
  };
  for (const { before, after } of changes) {
    if (before) add(next, before, -1);
    if (after) add(next, after, 1);
  }
  return next;
}

/**
 * @param {Tally} tally
 * @param {(code: string) => string | null} districtOf null for an area that this city does not have
 * @returns {Map<string, Row>} keyed by district code, NO_PLACE or OUTSIDE
 */
export function byDistrict(tally, districtOf) {
  /** @type {Map<string, Row>} */
  const rows = new Map();
  for (const [code, row] of tally.areas) {
    const key = code === NO_PLACE ? NO_PLACE : (districtOf(code) ?? OUTSIDE);
    rows.set(key, sum(rows.get(key) ?? ZERO, row));
  }
  return rows;
}

/**
 * @param {Counts | null} counts the server's totals
 * @param {Tally} tally ours, from the cards
 * @returns {string[]} names of the totals that do not hold; never adjusted to fit (CR-78)
 */
export function mismatches(counts, tally) {
  /** @type {string[]} */
  const wrong = [];
  /** @param {string} name @param {number | undefined} theirs @param {number} ours */
  const compare = (name, theirs, ours) => {
    if (theirs !== undefined && theirs !== ours) wrong.push(name);
  };
  const { cohort, stock, day } = counts ?? {};
  compare("open", stock?.open, tally.total.waiting + tally.total.in_process);
  compare("overdue", stock?.overdue, tally.total.overdue);
  if (!cohort) return wrong;
  compare("in", cohort.in, cohort.waiting + cohort.in_process + cohort.done + cohort.elsewhere);
  const today = day ? (tally.days.get(day) ?? ZERO) : null;
  for (const status of /** @type {const} */ (["waiting", "in_process", "done", "elsewhere"])) {
    if (today) compare(status, cohort[status], today[status]);
  }
  return wrong;
}
