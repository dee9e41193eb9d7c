/**
 * Turns the columns of a snapshot into cards and their tally, a slice at a time.
 * A hundred thousand rows in one go would hold the page for longer than a beat lasts.
 */
import { Cards } from "./cards.js";
import { add, emptyTally } from "./count.js";

/** @typedef {import("./wire.js").Snapshot} Snapshot */
/** @typedef {import("./wire.js").Card} Card */
/** @typedef {{kind: "snapshot", body: Snapshot, cards: Cards, tally: import("./count.js").Tally, finished: Card | null}} Unfolded */

const SLICE = 500;

/** @param {Card | null} last @param {Card} card done @returns {Card} the one that was closed later */
export function laterFinished(last, card) {
  return last && (last.closed_at ?? "") > (card.closed_at ?? "") ? last : card;
}

/**
 * @param {Snapshot} body
 * @returns {Generator<void, Unfolded>} yields between slices, returns the message for the store
 */
export function* unfold(body) {
  const names = Object.keys(body.cards);
  const columns = Object.values(body.cards);
  const length = body.cards.id?.length ?? 0;
  const draft = Cards.draft();
  const tally = emptyTally();
  /** @type {Card | null} */
  let finished = null;
  for (let row = 0; row < length; row += 1) {
    /** @type {Record<string, unknown>} */
    const fields = {};
    for (let i = 0; i < names.length; i += 1) fields[/** @type {string} */ (names[i])] = columns[i]?.[row];
    const card = /** @type {Card} */ (/** @type {unknown} */ (fields));
    if (card.status === "done") finished = laterFinished(finished, card);
    draft.put(card);
    draft.changes.length = 0;
    add(tally, card, 1);
    if (row % SLICE === SLICE - 1) yield;
  }
  return { kind: "snapshot", body, cards: draft.seal(), tally, finished };
}

/** @param {Snapshot} body @returns {Unfolded} all of it at once, for small cities and tests */
export function unfoldAll(body) {
  const steps = unfold(body);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** @param {Snapshot} body @param {() => Promise<void>} rest @returns {Promise<Unfolded>} */
export async function unfoldSlowly(body, rest) {
  const steps = unfold(body);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await rest();
  }
}
