/**
 * The store of a page: reduce(state, message), and the snapshot that a state begins from, unfolded in slices. No network, no DOM;
 * reduce knows no clock. A gap is a state that asks, never a guess.
 */
import { add, adjust, Cards, emptyTally } from "./cards.js";
import { asBlock, asSnapshot } from "./messages.js";

/** @typedef {import("./messages.js").Snapshot} Snapshot */
/** @typedef {import("./messages.js").Card} Card */
/** @typedef {import("./messages.js").Batch} Batch */
/** @typedef {import("./messages.js").Alarm} Alarm */
/** @typedef {import("./cards.js").Change} Change */

// Long work in slices, with a turn for whatever waits between two of them. A timer of 0 would cost 4 ms each time, which for
// a hundred thousand cards is longer than the work itself.

/** So long a slice may hold the page, ms: half a frame. */
const SLICE_MS = 8;
const { port1, port2 } = new MessageChannel();
/** @type {(() => void)[]} */
const waiting = [];
port1.onmessage = () => waiting.shift()?.();
// Where there is a process to end, as in tests, an idle channel must not keep it.
/** @type {{unref?: () => void}} */ (port1).unref?.();

/** @returns {Promise<void>} after everything that waits already */
export function yieldToMain() {
  return new Promise((go) => {
    waiting.push(go);
    port2.postMessage(null);
  });
}

/**
 * @param {() => Promise<void>} [rest] @param {() => number} [now] ms
 * @returns {() => Promise<void> | null} asked between small pieces of work: what to wait for, null while the slice has time left
 */
export function createSlicer(rest = yieldToMain, now = () => performance.now()) {
  let until = now() + SLICE_MS;
  return () => {
    if (now() < until) return null;
    return rest().then(() => void (until = now() + SLICE_MS));
  };
}

// A snapshot as our own pages ask for it: a line for the head, then a line for each block of cards, read while it comes.
// Whoever does not ask for blocks, and a server that has none, speaks of whole columns; both end as columns here.

/** Named in Accept; an older server answers with the first form, which has less to unfold. */
export const BLOCKS = "application/vnd.liveroom.blocks.v2";
const BLOCKS_OF_OLD = "application/vnd.liveroom.blocks";

/** @typedef {<T>(awaited: Promise<T>) => Promise<T>} Heard how long the server may be silent */
/**
 * @typedef {object} Block
 * @property {number} rows
 * @property {Record<string, unknown>} all what all rows share
 * @property {Record<string, [unknown[], number[]]>} of few values, and which of them each row has
 * @property {Record<string, unknown[]>} each a value a row
 * @property {Record<string, number[]>} [steps] the first value, then by how much the next differs
 * @property {Record<string, [number, string]>} [planes] width of the texts, then all their first characters, all their second
 * @property {Record<string, string>} [same] the column that this one is again
 */

/** @param {Response} answer @param {Heard} heard @returns {AsyncGenerator<unknown>} the values of its lines; of another answer the one that it is */
export async function* piecesOf(answer, heard) {
  if (!answer.body) throw new TypeError("no body");
  const lines = linesOf(answer.body.getReader(), heard);
  if (answer.headers.get("Content-Type")?.startsWith(BLOCKS_OF_OLD)) {
    for await (const line of lines) yield JSON.parse(line);
    return;
  }
  const whole = [];
  for await (const line of lines) whole.push(line);
  yield JSON.parse(whole.join("\n"));
}

/** @param {ReadableStreamDefaultReader<Uint8Array>} reader @param {Heard} heard @returns {AsyncGenerator<string>} */
async function* linesOf(reader, heard) {
  const decoder = new TextDecoder();
  /** @type {string[]} */
  let begun = [];
  try {
    for (let { done, value } = await heard(reader.read()); !done; { done, value } = await heard(reader.read())) {
      const [first = "", ...more] = decoder.decode(value, { stream: true }).split("\n");
      begun.push(first);
      for (const next of more) {
        yield begun.join("");
        begun = [next];
      }
    }
    if (begun.join("") !== "") yield begun.join("");
  } finally {
    // Nobody waits for what comes after a fault.
    reader.cancel().catch(() => undefined);
  }
}

/**
 * @param {Block} block
 * @returns {Record<string, unknown[]>} its columns; rows that share a value share the object too
 * @throws {TypeError} when it is none
 */
function columnsOf({ rows, all, of, each, steps = {}, planes = {}, same = {} }) {
  /** @type {Record<string, unknown[]>} */
  const columns = { ...each };
  for (const [name, value] of Object.entries(all)) columns[name] = new Array(rows).fill(value);
  for (const [name, [values, which]] of Object.entries(of)) columns[name] = which.map((one) => values[one]);
  for (const [name, by] of Object.entries(steps)) columns[name] = sumsOf(by);
  for (const [name, [width, text]] of Object.entries(planes)) columns[name] = textsOf(rows, width, text);
  for (const [name, other] of Object.entries(same)) columns[name] = columns[other] ?? [];
  if (!Object.values(columns).every(({ length }) => length === rows)) throw new TypeError("not a block");
  return columns;
}

/** @param {number[]} steps */
function sumsOf(steps) {
  let sum = 0;
  return steps.map((step) => (sum += step));
}

const ascii = new TextDecoder();

/**
 * Texts are filled up with blanks to one width, and one of blanks alone is null.
 * @param {number} rows @param {number} width @param {string} planes @returns {(string | null)[]}
 */
function textsOf(rows, width, planes) {
  if (planes.length !== rows * width) throw new TypeError("not a block");
  const bytes = new Uint8Array(rows * width);
  for (let place = 0, from = 0; place < width; place += 1) {
    for (let to = place; to < bytes.length; to += width, from += 1) bytes[to] = planes.charCodeAt(from);
  }
  const text = ascii.decode(bytes);
  const filled = planes.indexOf(" ", rows * (width - 1)) >= 0;
  /** @type {(string | null)[]} */
  const texts = new Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const one = text.slice(row * width, row * width + width);
    texts[row] = filled ? one.trimEnd() || null : one;
  }
  return texts;
}

// From the columns of a snapshot to cards and their tally, a slice at a time. A hundred thousand rows in one go would hold
// the page for longer than a beat lasts.

/** @typedef {{kind: "snapshot", body: Snapshot, cards: Cards, tally: import("./cards.js").Tally, finished: Card | null}} Unfolded */

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
    escalation: c.escalation?.[row], moves: c.moves?.[row], drill: c.drill?.[row],
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
export async function unfoldInSlices(pieces, rest) {
  const unfolding = new Unfolding();
  const pause = createSlicer(rest);
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

// State and reduction.

/**
 * @typedef {object} State
 * @property {string} epoch "" before the first snapshot
 * @property {number} seq
 * @property {string} mark
 * @property {string | null} at room time of the newest message applied
 * @property {Cards} cards
 * @property {import("./cards.js").Tally} tally
 * @property {Map<string, Alarm>} alarms all that are not normal
 * @property {import("./messages.js").Counts | null} counts
 * @property {import("./messages.js").Source[]} sources
 * @property {import("./messages.js").Line[]} lines
 * @property {import("./messages.js").Hazard[]} hazards the worst first; one may be over by now
 * @property {boolean} recorded it is of a past moment
 * @property {"snapshot" | "resume" | null} need what the feed must fetch before this state is whole
 * @property {readonly string[]} touched ids that the newest message changed
 * @property {Card | null} finished the complaint finished last
 */

/** @returns {State} */
export function emptyState() {
  return {
    epoch: "", seq: -1, mark: "", at: null, cards: new Cards(), tally: emptyTally(), alarms: new Map(),
    counts: null, sources: [], lines: [], hazards: [], recorded: false, need: "snapshot", touched: [], finished: null,
  };
}

/**
 * @param {State} state
 * @param {Unfolded | {kind: "batch", body: Batch}} message
 * @returns {State} the same object when the message changes nothing
 */
export function reduce(state, message) {
  if (message.kind === "snapshot") return fromSnapshot(message);
  const { body } = message;
  if (body.epoch !== state.epoch) return { ...state, need: "snapshot" };
  if (body.to <= state.seq) return state;
  if (body.from > state.seq) return { ...state, need: "resume" };
  return apply(state, body);
}

/** @param {Unfolded} message @returns {State} */
function fromSnapshot({ body, cards, tally, finished }) {
  const counts = body.counts ? { ...body.counts, day: body.counts.day ?? body.day ?? null } : null;
  return {
    ...emptyState(), cards, tally, counts, finished,
    epoch: body.epoch, seq: body.seq, mark: body.mark, at: body.at ?? null,
    alarms: mergeAlarms(new Map(), body.alarms),
    sources: body.sources ?? [], lines: body.lines ?? [], hazards: body.hazards ?? [], recorded: body.recorded === true, need: null,
  };
}

/** @param {State} state @param {Batch} body @returns {State} */
function apply(state, body) {
  const { cards, changes } = state.cards.with(body.cards ?? [], body.gone ?? []);
  return {
    ...state, cards, need: null,
    seq: body.to, mark: body.mark, at: body.at ?? state.at,
    tally: changes.length > 0 ? adjust(state.tally, changes) : state.tally,
    alarms: mergeAlarms(state.alarms, body.alarms),
    counts: body.counts ? { ...body.counts, day: body.counts.day ?? state.counts?.day ?? null } : state.counts,
    sources: body.sources ?? state.sources,
    lines: body.lines ?? state.lines,
    hazards: body.hazards ?? state.hazards,
    touched: changes.map(({ before, after }) => (after ?? before)?.id ?? ""),
    finished: lastFinished(changes) ?? state.finished,
  };
}

/** @param {Map<string, Alarm>} alarms @param {Alarm[] | null | undefined} changed */
function mergeAlarms(alarms, changed) {
  if (!changed || changed.length === 0) return alarms;
  const next = new Map(alarms);
  for (const alarm of changed) {
    if (alarm.state === "normal") next.delete(alarm.id);
    else next.set(alarm.id, alarm);
  }
  return next;
}

/** @param {readonly Change[]} changes @returns {Card | null} the newest of those that this batch finished */
function lastFinished(changes) {
  const done = changes.flatMap(({ before, after }) => (after?.status === "done" && before?.status !== "done" ? [after] : []));
  return done.reduce((/** @type {Card | null} */ last, card) => laterFinished(last, card), null);
}
