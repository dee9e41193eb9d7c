/**
 * The store: batches by their rules; batches or a snapshot make the same state; a snapshot is unfolded in slices.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { count } from "../../../static/js/feed/cards.js";
import { getPieces, PATIENCE_MS } from "../../../static/js/feed/http.js";
import { BLOCKS, createSlicer, emptyState, piecesOf, reduce, unfoldAll, unfoldInSlices, yieldToMain } from "../../../static/js/feed/store.js";
import { after, contents, message, stateOf } from "../messages.js";

// The store: batches by their rules, and batches or a snapshot make the same state.

test("a snapshot and then a batch is the later snapshot, field by field", () => {
  const state = after(stateOf(message("snapshot")), message("batch"));
  assert.deepEqual(contents(state), contents(stateOf(message("snapshot_later"))));
});

test("three small batches are the one large batch", () => {
  const small = message("resume_batches").batches.reduce(after, stateOf(message("snapshot")));
  assert.deepEqual(contents(small), contents(after(stateOf(message("snapshot")), message("batch"))));
});

test("a batch up to where we are changes nothing", () => {
  const state = stateOf(message("snapshot_later"));
  assert.equal(after(state, message("batch")), state);
});

test("a batch that begins before us and ends after us applies: its cards are whole", () => {
  const [first] = message("resume_batches").batches;
  const state = after(after(stateOf(message("snapshot")), first), message("batch"));
  assert.deepEqual(contents(state), contents(stateOf(message("snapshot_later"))));
});

test("a batch that begins after us is a gap: nothing is applied and the state asks", () => {
  const state = stateOf(message("snapshot"));
  const gap = after(state, message("resume_batches").batches[2]);
  assert.equal(gap.need, "resume");
  assert.equal(gap.seq, 10);
  assert.equal(gap.cards, state.cards);
});

test("the answer to a gap closes it", () => {
  const gap = after(stateOf(message("snapshot")), message("resume_batches").batches[2]);
  const state = message("resume_batches").batches.reduce(after, gap);
  assert.equal(state.need, null);
  assert.equal(state.seq, 13);
});

test("another epoch is never mixed in: the state asks for a snapshot and keeps what it shows", () => {
  const state = after(stateOf(message("snapshot")), { ...message("batch"), epoch: "other" });
  assert.equal(state.need, "snapshot");
  assert.equal(state.seq, 10);
  assert.equal(state.cards.size, 5);
});

test("before the first snapshot every batch asks for one", () => {
  assert.equal(after(emptyState(), message("batch")).need, "snapshot");
});

test("what a batch leaves out stays as it was", () => {
  const { epoch, mark } = message("batch");
  const state = stateOf(message("snapshot"));
  const next = after(state, { epoch, mark, from: 10, to: 11 });
  assert.equal(next.seq, 11);
  assert.deepEqual(contents({ ...next, seq: 10, mark: "mark-10" }), contents(state));
});

test("reduce leaves the state it was given alone", () => {
  const state = stateOf(message("snapshot"));
  const before = contents(state);
  after(state, message("batch"));
  assert.deepEqual(contents(state), before);
});

test("an alarm is replaced whole, and a normal one is gone", () => {
  const state = stateOf(message("snapshot"));
  const [alarm] = [...state.alarms.values()];
  const { epoch } = state;
  const acked = after(state, { epoch, mark: "m", from: 10, to: 11, alarms: [{ ...alarm, state: "acked" }] });
  assert.equal(acked.alarms.get(alarm?.id ?? "")?.state, "acked");
  assert.equal(after(acked, { epoch, mark: "m", from: 11, to: 12, alarms: [{ ...alarm, state: "normal" }] }).alarms.size, 0);
});

test("gone cards that were never here, and a card named twice, do no harm", () => {
  const { cards, epoch } = message("batch");
  const state = reduce(stateOf(message("snapshot")), {
    kind: "batch", body: { epoch, mark: "m", from: 10, to: 11, cards: [cards[0], cards[0]], gone: ["nobody"] },
  });
  assert.equal(state.cards.size, 5);
  assert.equal(state.tally.total.in_process, 3);
});

test("a snapshot of nothing is a whole state of nothing", () => {
  const state = stateOf({ epoch: "e", seq: 0, mark: "m", cards: {} });
  assert.equal(state.need, null);
  assert.equal(state.cards.size, 0);
  assert.equal(state.counts, null);
});

// A snapshot's columns become cards with the fields that came, no more, and others get their turn meanwhile.

/** @param {(columns: Record<string, unknown[]>) => void} change @returns {any} the example snapshot, changed */
function changed(change) {
  const body = structuredClone(message("snapshot"));
  change(body.cards);
  return body;
}

/** @param {any[]} values */
async function* pieces(...values) {
  yield* values;
}

/** @param {any} body @returns {Record<string, unknown>[]} its cards, one field after the other */
function plain({ cards }) {
  const names = Object.keys(cards);
  return cards.id.map((/** @type {string} */ _, /** @type {number} */ row) => Object.fromEntries(names.map((name) => [name, cards[name][row]])));
}

/** @param {any} body */
function unfolded(body) {
  const byId = (/** @type {any} */ one, /** @type {any} */ other) => (one.id < other.id ? -1 : 1);
  return [[...unfoldAll(body).cards.values()].sort(byId), plain(body).sort(byId)];
}

for (const [what, change] of /** @type {[string, (columns: Record<string, unknown[]>) => void][]} */ ([
  ["the example's", () => {}],
  ["with one we do not know", (columns) => void (columns.new_field = columns.id?.map((id) => `${id}!`) ?? [])],
  ["without one we know", (columns) => void delete columns.escalation],
])) {
  test(`columns ${what}: each card has its fields and no others`, () => {
    const [found, expected] = unfolded(changed(change));
    assert.deepEqual(found, expected);
  });
}

test("a snapshot's tally is that of its cards, and the empty one stays empty", () => {
  const { cards, tally } = unfoldAll(message("snapshot"));
  assert.deepEqual(tally, count(cards.values()));
  assert.deepEqual(Object.values(count([]).total), [0, 0, 0, 0, 0]);
});

const { cards: COLUMNS, ...HEAD } = message("snapshot");
const { status: STATUS, drill: _drill, ...EACH } = COLUMNS;
const VALUES = [...new Set(STATUS)];
const BLOCK = { rows: STATUS.length, all: { drill: false }, of: { status: [VALUES, STATUS.map((/** @type {string} */ one) => VALUES.indexOf(one))] }, each: EACH };

/** @param {unknown[]} lines @param {string} [type] @returns {AsyncGenerator<unknown>} as they come over the wire, cut in the middle of lines */
function wired(lines, type = BLOCKS) {
  const text = new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const parts = Array.from({ length: Math.ceil(text.length / 700) }, (_, n) => text.slice(n * 700, n * 700 + 700));
  const stream = new ReadableStream({ pull: (edge) => (parts.length > 0 ? edge.enqueue(parts.shift()) : edge.close()) });
  return piecesOf(new Response(stream, { headers: { "Content-Type": type } }), (awaited) => awaited);
}

test("blocks end as the very cards of the columns, and so do columns of a server that has no blocks", async () => {
  const whole = unfoldAll(message("snapshot"));
  for (const answer of [wired([{ ...HEAD, rows: BLOCK.rows, cards: {} }, BLOCK]), wired([message("snapshot")], "application/json")]) {
    const { cards, tally, finished } = await unfoldInSlices(answer, yieldToMain);
    assert.deepEqual([...cards.values()], [...whole.cards.values()]);
    assert.deepEqual([tally, finished], [whole.tally, whole.finished]);
  }
});

/** @param {string[]} texts all of one width, or filled up with blanks @returns {[number, string]} */
function planes(texts) {
  const width = Math.max(...texts.map(({ length }) => length));
  const filled = texts.map((text) => text.padEnd(width));
  return [width, Array.from({ length: width }, (_, place) => filled.map((text) => text[place]).join("")).join("")];
}

test("names and times in planes, numbers as steps and a column that is another one again unfold as they were", async () => {
  const { id, seq, received_at, closed_at, stage_from, ...each } = EACH;
  assert.deepEqual(new Set(closed_at.map((/** @type {unknown} */ one) => one === null)), new Set([true, false]));
  const block = {
    ...BLOCK, each,
    steps: { seq: seq.map((/** @type {number} */ one, /** @type {number} */ row) => one - (seq[row - 1] ?? 0)) },
    planes: { id: planes(id), received_at: planes(received_at), closed_at: planes(closed_at.map((/** @type {unknown} */ one) => one ?? "")) },
    same: { stage_from: "received_at" },
  };
  const { cards } = await unfoldInSlices(wired([{ ...HEAD, rows: BLOCK.rows, cards: {} }, block]), yieldToMain);
  const byId = (/** @type {any} */ one, /** @type {any} */ other) => (one.id < other.id ? -1 : 1);
  const whole = plain({ cards: { ...COLUMNS, stage_from: received_at } });
  assert.deepEqual([...cards.values()].sort(byId), whole.sort(byId));
  assert.ok(stage_from);
});

for (const [what, lines] of /** @type {[string, unknown[]][]} */ ([
  ["of which a text is short of a character", [{ ...HEAD, rows: BLOCK.rows, cards: {} }, { ...BLOCK, planes: { id: [36, "0"] } }]],
  ["without its last block", [{ ...HEAD, rows: 2 * BLOCK.rows, cards: {} }, BLOCK]],
  ["of which a block is short of a row", [{ ...HEAD, rows: BLOCK.rows, cards: {} }, { ...BLOCK, rows: BLOCK.rows + 1 }]],
  ["with something else for a block", [{ ...HEAD, rows: BLOCK.rows, cards: {} }, { rows: BLOCK.rows }]],
  ["without a head", [BLOCK]],
  ["of nothing at all", []],
])) {
  test(`a snapshot ${what} is none`, async () => {
    await assert.rejects(unfoldInSlices(wired(lines), yieldToMain), TypeError);
  });
}

test("whoever takes long over what has come goes on; a server that falls silent ends it", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  t.mock.method(globalThis, "fetch", async (/** @type {URL} */ _url, /** @type {{signal: AbortSignal}} */ { signal }) => {
    const lines = ["[1]\n", "[2]\n"].map((line) => new TextEncoder().encode(line));
    const body = new ReadableStream({
      start: (edge) => signal.addEventListener("abort", () => edge.error(signal.reason)),
      pull: (edge) => (lines.length > 0 ? edge.enqueue(lines.shift()) : undefined),
    });
    return new Response(body, { headers: { "Content-Type": BLOCKS } });
  });
  Object.assign(globalThis, { location: { href: "https://room.example/wall", origin: "https://room.example" } });
  t.after(() => void Reflect.deleteProperty(globalThis, "location"));
  const pieces = getPieces("/snapshot");
  for (const one of [[1], [2]]) {
    assert.deepEqual((await pieces.next()).value, one);
    t.mock.timers.tick(PATIENCE_MS);
  }
  const silent = assert.rejects(pieces.next(), { name: "TimeoutError" });
  await new Promise((go) => setImmediate(go));
  t.mock.timers.tick(PATIENCE_MS);
  await silent;
});

test("while a large snapshot is unfolded, what waits gets its turn", async () => {
  let turns = 0;
  const large = changed((columns) => {
    for (const name of Object.keys(columns)) columns[name] = Array.from({ length: 60_000 }, (_, row) => columns[name]?.[row % 5]);
    columns.id = Array.from({ length: 60_000 }, (_, row) => `card-${row}`);
  });
  const beside = setInterval(() => void (turns += 1), 0);
  const { cards } = await unfoldInSlices(pieces(large), yieldToMain);
  clearInterval(beside);
  assert.equal(cards.size, 60_000);
  assert.ok(turns > 0);
});

test("a slice ends when its time is over, and the next begins after the rest", async () => {
  let [now, rested] = [0, 0];
  const pause = createSlicer(async () => void (rested += 1), () => now);
  now = 7;
  assert.equal(pause(), null);
  now = 8;
  await pause();
  now = 15;
  assert.equal(pause(), null);
  assert.equal(rested, 1);
});
