/**
 * Turns the columns of a snapshot into cards and their tally, a slice at a time.
 * A hundred thousand rows in one go would hold the page for longer than a beat lasts.
 */
import { columnsOf } from "./blocks.js";
import { slicing } from "./breath.js";
import { Cards } from "./cards.js";
import { add, emptyTally } from "./count.js";
import { asBlock, asSnapshot } from "./wire.js";

/** @typedef {import("./wire.js").Snapshot} Snapshot */
/** @typedef {import("./wire.js").Card} Card */
/** @typedef {{kind: "snapshot", body: Snapshot, cards: Cards, tally: import("./count.js").Tally, finished: Card | null}} Unfolded */

const SLICE = 500;

/** @param {Card | null} last @param {Card} card done @returns {Card} the one that was closed later */
export function laterFinished(last, card) {
  return last && (last.closed_at ?? "") > (card.closed_at ?? "") ? last : card;
}

/**
 * A row as one shape for all cards: of more than a dozen fields set one by one a browser makes a dictionary, five times as
 * slow to make and slower to read.
 * @param {Record<string, unknown[]>} c columns @param {number} row
 */
function known(c, row) {
  return {
    id: c.id?.[row], seq: c.seq?.[row], state: c.state?.[row], status: c.status?.[row], overdue: c.overdue?.[row], paused: c.paused?.[row],
    source: c.source?.[row], category: c.category?.[row], priority: c.priority?.[row], agency: c.agency?.[row], agencies: c.agencies?.[row],
    area: c.area?.[row], in_city: c.in_city?.[row], lat: c.lat?.[row], lon: c.lon?.[row],
    received_at: c.received_at?.[row], received_day: c.received_day?.[row], closed_at: c.closed_at?.[row],
    stage: c.stage?.[row], stage_from: c.stage_from?.[row], stage_clock: c.stage_clock?.[row], due_at: c.due_at?.[row],
    escalation: c.escalation?.[row], drill: c.drill?.[row],
  };
}

const KNOWN = Object.keys(known({}, 0));

/** @param {Record<string, unknown[]>} columns @returns {(row: number) => Card} a card has the fields that came, no more */
function cardsOf(columns) {
  const names = Object.keys(columns);
  const whole = KNOWN.every((name) => names.includes(name));
  const more = whole ? names.filter((name) => !KNOWN.includes(name)) : names;
  return (row) => {
    /** @type {Record<string, unknown>} */
    const fields = whole ? known(columns, row) : {};
    for (const name of more) fields[name] = columns[name]?.[row];
    return /** @type {Card} */ (/** @type {unknown} */ (fields));
  };
}

/** What has come of a snapshot so far. */
class Unfolding {
  #draft = Cards.draft();
  #tally = emptyTally();
  /** @type {Card | null} */
  #finished = null;
  rows = 0;

  /** @param {Record<string, unknown[]>} columns @returns {Generator<void>} yields between slices */
  *take(columns) {
    const cardOf = cardsOf(columns);
    const length = columns.id?.length ?? 0;
    for (let row = 0; row < length; row += 1) {
      const card = cardOf(row);
      if (card.status === "done") this.#finished = laterFinished(this.#finished, card);
      this.#draft.fill(card);
      add(this.#tally, card, 1, true);
      if (row % SLICE === SLICE - 1) yield;
    }
    this.rows += length;
  }

  /** @param {Snapshot} body @returns {Unfolded} for the store */
  message(body) {
    return { kind: "snapshot", body, cards: this.#draft.seal(), tally: this.#tally, finished: this.#finished };
  }
}

/** @param {Snapshot} body whole @returns {Unfolded} all of it at once, for small cities and tests */
export function unfoldAll(body) {
  const unfolding = new Unfolding();
  for (const _ of unfolding.take(body.cards));
  return unfolding.message(body);
}

/**
 * @param {AsyncIterable<unknown>} pieces the head with all cards, or with none and then their blocks
 * @param {() => Promise<void>} rest
 * @returns {Promise<Unfolded>}
 * @throws {TypeError} when it is no snapshot, or was cut off
 */
export async function unfoldSlowly(pieces, rest) {
  const unfolding = new Unfolding();
  const pause = slicing(rest);
  /** @type {Snapshot | null} */
  let body = null;
  for await (const piece of pieces) {
    const columns = body ? columnsOf(asBlock(piece)) : (body = asSnapshot(piece))?.cards;
    if (!columns) break;
    for (const _ of unfolding.take(columns)) await pause();
  }
  if (!body || (body.rows ?? unfolding.rows) !== unfolding.rows) throw new TypeError("not a snapshot");
  return unfolding.message(body);
}
