/**
 * Who comes first, and that looking in slices finds the same as looking at all.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Cards } from "../../../static/js/feed/cards.js";
import { NO_CALENDAR } from "../../../static/js/feed/clock.js";
import { SlicedRanking } from "../../../static/js/screen/scheduler.js";
import { rank, worst } from "../../../static/js/ui/complaints.js";
import { boardRows, holdOrder, ROWS } from "../../../static/js/wall/scenes/board.js";
import { chance } from "../fake_room.mjs";

const AT = Date.parse("2026-11-24T07:00:00Z");
const moment = { at: AT, calendar: NO_CALENDAR, unacked: new Set(["taken-by-nobody"]) };
const stamp = (/** @type {number} */ minutes) => new Date(AT + minutes * 60e3).toISOString();

/** @param {string} id @param {Record<string, any>} [fields] minutes: due, from @returns {any} */
function card(id, { due = 60, from = -60, ...fields } = {}) {
  return { id, seq: 1, status: "waiting", due_at: due === null ? null : stamp(due), stage_from: stamp(from), stage_clock: "calendar", priority: "normal", overdue: due !== null && due < 0, ...fields };
}

const ids = (/** @type {any[]} */ list) => list.map((entry) => (entry.card ?? entry).id);

test("overdue: unacknowledged, then class, then percent of the limit", () => {
  const ranking = rank([
    card("a-day-of-a-month", { due: -1440, from: -1440 * 31 }), card("twice-its-limit", { due: -10, from: -20 }),
    card("critical", { due: -1, from: -120, priority: "critical" }), card("taken-by-nobody", { due: -1, from: -500 }),
    card("urgent", { due: -1, from: -120, priority: "urgent", status: "in_process" }),
  ], moment);
  assert.deepEqual(ids(worst(ranking)), ["taken-by-nobody", "critical", "urgent", "twice-its-limit", "a-day-of-a-month"]);
});

test("open: what runs out first; paused and without a deadline last; done and elsewhere never", () => {
  const ranking = rank([
    card("later", { due: 90 }), card("first", { due: 5 }), card("paused", { due: 1, paused: "hold" }), card("never", { due: null }),
    card("done", { status: "done" }), card("gone", { status: "elsewhere" }), card("soon", { due: 120 }), card("not-soon", { due: 121 }),
  ], moment);
  assert.deepEqual(ids(ranking.open.waiting), ["first", "later", "soon", "not-soon", "paused", "never"]);
  assert.equal(ranking.soon, 3);
});

/** @param {any[]} cards @param {readonly string[]} [unacked] ids @param {Record<string, any>} [more] priorities by id, and a flood @returns {any} what the board is painted from */
function seen(cards, unacked = [], { flood = null, ...priorities } = {}) {
  const alarms = new Map(unacked.map((id) => [id, { id, complaint: id, state: "unacked", priority: priorities[id] ?? 2, raised_at: stamp(-5) }]));
  const open = { at: AT, calendar: NO_CALENDAR, unacked: new Set(unacked) };
  return { ...open, flood, state: { cards: new Map(cards.map((one) => [one.id, one])), alarms }, ranking: rank(cards, open) };
}

test("the board shows who must act, then what can still be saved, then what somebody has, and never wastes a row", () => {
  const late = Array.from({ length: 9 }, (_, n) => card(`late-${n}`, { due: -10 - n, from: -100 }));
  const open = Array.from({ length: 9 }, (_, n) => card(`open-${n}`, { due: 10 + n, status: n % 2 ? "waiting" : "in_process" }));
  const handled = late.map((one) => ({ ...one, id: one.id.replace("late", "handled") }));
  const shown = (/** @type {any[]} */ cards, most = ROWS) => {
    const unacked = cards.filter(({ id }) => id.startsWith("late")).map(({ id }) => id);
    const kinds = boardRows(seen(cards, unacked), most).map(({ group }) => group);
    return ["unacked", "running", "handled"].map((group) => kinds.filter((kind) => kind === group).length);
  };
  assert.deepEqual(shown([...late, ...open]), [5, 4, 0]);
  assert.deepEqual(shown(late), [9, 0, 0]);
  assert.deepEqual(shown(open), [0, 9, 0]);
  assert.deepEqual(shown([...late, ...open.slice(0, 1)]), [8, 1, 0]);
  assert.deepEqual(shown([...late.slice(0, 3), ...open, ...handled]), [3, 4, 2]);
  assert.deepEqual(shown([...open.slice(0, 1), ...handled]), [0, 1, 8]);
  assert.deepEqual(shown([...late, ...open, ...handled], 5), [3, 1, 1]);
  const both = boardRows(seen([...open, ...handled.slice(0, 1)]));
  assert.deepEqual(ids(both), [...open.slice(0, 8).map(({ id }) => id), "handled-0"], "both colours in one order, and what somebody has last");
});

test("the unacknowledged stand in the order of the band, an emergency that still has time among them", () => {
  const cards = [card("late", { due: -30, from: -60 }), card("soon", { due: 5 }), card("emergency", { due: 8 }), card("running", { due: 2 })];
  assert.deepEqual(ids(boardRows(seen(cards, ["late", "soon", "emergency"], { emergency: 1, soon: 3 }))), ["emergency", "late", "soon", "running"]);
});

test("CR-26 in a flood the board has one row for what one agency owes of one kind, the most first, and each emergency by itself", () => {
  const many = Array.from({ length: 20 }, (_, n) => card(`c-${n}`, { due: -5, from: -20, category: "banjir", agency: n % 4 ? "bpbd" : "dpupr" }));
  const rows = boardRows(seen(many, many.map(({ id }) => id), { flood: { n: 20 }, "c-3": 1 }));
  assert.deepEqual(rows.map(({ card: { agency }, others }) => [agency, others.length + 1]), [["bpbd", 1], ["bpbd", 14], ["dpupr", 5]]);
});

test("rows keep their order for ten seconds, unless one comes, goes or is taken", () => {
  const row = (/** @type {string} */ id, group = "running") => ({ card: card(id), others: [], group: /** @type {any} */ (group) });
  const [a, b, c] = [row("a"), row("b"), row("c")];
  const first = holdOrder(null, [a, b], 0);
  assert.deepEqual(ids(holdOrder(first.held, [b, a], 9_999).rows), ["a", "b"]);
  assert.deepEqual(ids(holdOrder(first.held, [b, a], 10_000).rows), ["b", "a"]);
  assert.deepEqual(ids(holdOrder(first.held, [c, b, a], 1).rows), ["c", "b", "a"]);
  assert.deepEqual(ids(holdOrder(first.held, [row("b", "unacked"), a], 1).rows), ["b", "a"]);
});

test("a held row shows its newest card", () => {
  const row = (/** @type {any} */ one) => ({ card: one, others: [], group: /** @type {const} */ ("running") });
  const first = holdOrder(null, [row(card("a")), row(card("b"))], 0);
  const newer = card("a", { priority: "urgent" });
  assert.equal(holdOrder(first.held, [row(card("b")), row(newer)], 5).rows[0]?.card, newer);
});

test("a large city: slices find what a look at all finds, and what changes meanwhile is not missed", async () => {
  const random = chance(2);
  const many = Array.from({ length: 5000 }, (_, n) => card(`c-${n}`, { due: Math.round((random() - 0.2) * 9000), from: -9000, status: random() < 0.5 ? "waiting" : "in_process" }));
  let cards = new Cards().with(many, []).cards;
  const urgent = card("in-between", { due: 0.5 });
  let rests = 0;
  const sliced = new SlicedRanking({
    now: () => (rests += 1) * 3,
    rest: async () => {
      if (cards.get("in-between")) return;
      cards = cards.with([urgent], []).cards;
      sliced.note(["in-between"]);
    },
  });
  await sliced.pass(cards, moment);
  assert.ok(rests > 3, "it rested between slices");
  assert.deepEqual(ids(sliced.look(cards, moment).open.waiting).slice(0, 20), ids(rank(cards.values(), moment).open.waiting).slice(0, 20));
  assert.equal(ids(sliced.look(cards, moment).open.waiting)[0], "in-between");
  const gone = cards.with([], ["in-between"]).cards;
  sliced.note(["in-between"]);
  assert.deepEqual(ids(worst(sliced.look(gone, moment))).slice(0, 20), ids(worst(rank(gone.values(), moment))).slice(0, 20));
});
