/**
 * Who comes first, and that looking in slices finds the same as looking at all.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Cards } from "../../../static/js/feed/cards.js";
import { NO_CALENDAR } from "../../../static/js/feed/clock.js";
import { SlicedRanking } from "../../../static/js/screen/scheduler.js";
import { rank, worst } from "../../../static/js/ui/complaints.js";
import { columnCards, holdOrder } from "../../../static/js/wall/scenes/board.js";
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

test("a column shows who must act, then what can still be saved, then what somebody has, and never wastes a row", () => {
  const late = Array.from({ length: 9 }, (_, n) => card(`late-${n}`, { due: -10 - n, from: -100 }));
  const open = Array.from({ length: 9 }, (_, n) => card(`open-${n}`, { due: 10 + n }));
  const shown = (/** @type {any[]} */ cards, act = (/** @type {any} */ _) => true) => columnCards(rank(cards, moment), "waiting", act).map(({ id }) => id.split("-")[0]);
  assert.deepEqual(shown([...late, ...open]), ["late", "late", "late", "open", "open", "open"]);
  assert.deepEqual(shown(late), Array(6).fill("late"));
  assert.deepEqual(shown(open), Array(6).fill("open"));
  assert.deepEqual(shown([...late, ...open.slice(0, 1)]), ["late", "late", "late", "late", "late", "open"]);
  const handled = late.map((one) => ({ ...one, id: one.id.replace("late", "handled") }));
  const notHandled = (/** @type {any} */ one) => !one.id.startsWith("handled");
  assert.deepEqual(shown([...late.slice(0, 2), ...open, ...handled], notHandled), ["late", "late", "open", "open", "handled", "handled"]);
  assert.deepEqual(shown([...late, ...open, ...handled], notHandled), ["late", "late", "late", "open", "open", "handled"]);
  assert.deepEqual(shown([...open.slice(0, 1), ...handled], notHandled), ["open", ...Array(5).fill("handled")]);
});

test("rows keep their order for ten seconds, unless one comes or goes", () => {
  const [a, b, c] = ["a", "b", "c"].map((id) => card(id));
  const first = holdOrder(null, [a, b], 0);
  assert.deepEqual(ids(holdOrder(first.held, [b, a], 9_999).cards), ["a", "b"]);
  assert.deepEqual(ids(holdOrder(first.held, [b, a], 10_000).cards), ["b", "a"]);
  assert.deepEqual(ids(holdOrder(first.held, [c, b, a], 1).cards), ["c", "b", "a"]);
});

test("a held row shows its newest card", () => {
  const first = holdOrder(null, [card("a"), card("b")], 0);
  const newer = card("a", { priority: "urgent" });
  assert.equal(holdOrder(first.held, [card("b"), newer], 5).cards[0], newer);
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
