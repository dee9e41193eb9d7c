/**
 * The page's own copy: read and written as text, offered at times, dropped with its audience or log (CR-49).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalCopy, readCopy, writeCopy } from "../../../static/js/feed/cache.js";
import { emptyState, reduce, unfoldAll } from "../../../static/js/feed/store.js";

const rest = async () => undefined;

/** @param {string} epoch @param {number} n */
function stateOf(epoch, n) {
  const ids = Array.from({ length: n }, (_, i) => `card-${String(i).padStart(6, "0")}`);
  const status = ids.map((_, i) => ["waiting", "in_process", "done"][i % 3]);
  const cards = { id: ids, seq: ids.map(() => 7), status, overdue: ids.map((_, i) => i % 5 === 0), area: ids.map((_, i) => `a${i % 4}`) };
  const counts = { day: "2026-11-24", cohort: { in: n, waiting: 0, in_process: 0, done: 0, elsewhere: 0 } };
  const body = { epoch, seq: 7, mark: "m", at: "2026-11-24T07:05:32Z", cards, alarms: [{ id: "x", state: "unacked" }], counts, sources: [{ id: "s", state: "late" }] };
  return reduce(emptyState(), unfoldAll(body));
}

/** @param {any} [first] */
function shelf(first) {
  const held = { copy: first, puts: 0, clears: 0 };
  return {
    held,
    get: async () => held.copy,
    put: async (copy) => void ((held.copy = copy), (held.puts += 1)),
    clear: async () => void ((held.copy = undefined), (held.clears += 1)),
  };
}

test("CR-49: a state written and read is the same state: cards, counts, alarms, sources, position", async () => {
  const state = stateOf("e", 1234);
  const back = await readCopy(JSON.parse(JSON.stringify(await writeCopy(state, rest))), rest);
  assert.deepEqual([...back.cards.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), [...state.cards.values()].sort((a, b) => (a.id < b.id ? -1 : 1)));
  for (const name of ["epoch", "seq", "mark", "at", "tally", "counts", "sources", "alarms", "need"]) assert.deepEqual(back[name], state[name], name);
});

test("CR-49: a copy is kept at most every 30 s, and not again while nothing happened", async () => {
  const clock = { now: 0 };
  const place = shelf();
  const copies = new LocalCopy(place, { now: () => clock.now, rest });
  for (const [now, seq] of [[0, 1], [10_000, 2], [29_999, 3], [30_000, 4], [70_000, 4]]) {
    clock.now = now;
    await copies.offer({ ...stateOf("e", 3), seq });
  }
  assert.equal(place.held.puts, 2);
});

test("CR-49: when audience or log change, the old copy goes at once", async () => {
  const place = shelf(await writeCopy(stateOf("wall-epoch", 3), rest));
  const copies = new LocalCopy(place, { now: () => 0, rest });
  assert.equal((await copies.last())?.epoch, "wall-epoch");
  await copies.offer(stateOf("visit-epoch", 2));
  assert.equal(place.held.clears, 1);
  assert.equal(place.held.copy.epoch, "visit-epoch");
});

test("a damaged copy is no copy, and is thrown away", async () => {
  const place = shelf({ epoch: "e", lines: ["{\"epoch\": \"e\"", "[]"] });
  assert.equal(await new LocalCopy(place, { now: () => 0, rest }).last(), null);
  assert.equal(place.held.clears, 1);
});
