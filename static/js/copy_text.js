/**
 * The last good state as text and back, in slices, so that keeping a copy never holds the page.
 * Holds what this audience's feed sent and nothing else.
 */
import { Cards } from "./cards.js";
import { add, emptyTally } from "./count.js";
import { laterFinished } from "./snapshot.js";
import { emptyState } from "./store.js";

/** @typedef {import("./store.js").State} State */
/** @typedef {import("./wire.js").Card} Card */
/** @typedef {{epoch: string, lines: string[]}} Copy lines: the head, then cards by the slice, each a line of JSON */

const SLICE = 500;
/** More is not kept: a copy of this size is some tens of megabytes. */
export const MOST_CARDS = 150_000;

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
  const byId = new Map(/** @type {import("./wire.js").Alarm[]} */ (alarms).map((alarm) => [alarm.id, alarm]));
  return { ...emptyState(), ...known, cards: draft.seal(), tally, finished, alarms: byId, need: null };
}
