/**
 * The store: batches by their rules, and batches or a snapshot make the same state.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyState, reduce } from "../../static/js/feed/store.js";
import { after, contents, message, stateOf } from "./messages.js";

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
