/**
 * Breakdowns by area, agency, day of receipt and source, counted from the cards of the store.
 * One rule counts a card; a full count and a batch's correction both use it, so they cannot disagree.
 */

/** @typedef {import("./wire.js").Card} Card */
/** @typedef {import("./wire.js").Counts} Counts */
/** @typedef {import("./cards.js").Change} Change */
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
export function sum(row, other) {
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
