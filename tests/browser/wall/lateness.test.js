/**
 * The ladder of the overdue and the room of its rows: one scale, a mark in the column of whoever has been told, no row on a bezel.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Calendar, NO_CALENDAR } from "../../../static/js/feed/clock.js";
import { readCity } from "../../../static/js/ui/city.js";
import { formatIn } from "../../../static/js/ui/format.js";
import { sayIn } from "../../../static/js/ui/language.js";
import { boardFrame, placedRows } from "../../../static/js/wall/scenes/board.js";
import { along, commonSteps, folded, linesOf, percentOf, scaleEnd, sinceWords, stack } from "../../../static/js/wall/scenes/lateness.js";
import { ladderFrame, ladderOf, markAt, overdueRows, ROWS } from "../../../static/js/wall/scenes/overdue.js";
import "../words.mjs";

const HOUR = 3600e3;
const AT = Date.parse("2026-11-24T07:05:00Z");
const stamp = (/** @type {number} */ hours) => new Date(AT + hours * HOUR).toISOString();
/** @param {number[]} percents of a city's pack, in any order and of any number @returns {any} */
const steps = (...percents) => ({ steps: percents.map((percent) => ({ percent, key: `at-${percent}`, to: [{ key: "x", name: `Kantor ${percent}` }] })), told: {} });
const room = { say: sayIn("id", "wall", "ui"), lang: "id" };

test("the scale is logarithmic, from the limit to four times the time allowed, or beyond a last step that is higher", () => {
  assert.deepEqual([100, 200, 400, 900, 20].map((percent) => along(percent)), [0, 0.5, 1, 1, 0]);
  assert.ok(Math.abs(along(150) - 0.2925) < 1e-4);
  assert.equal(scaleEnd([{ percent: 150 }]), 400);
  assert.ok(along(600, scaleEnd([{ percent: 600 }])) < 1, "the last column has a width");
});

test("the ladder has a column for each step of the city's pack, from the limit on, without a gap", () => {
  for (const percents of [[], [150], [300, 150, 200], [125, 150, 200, 300, 500]]) {
    const { columns } = ladderOf(steps(...percents), room);
    assert.deepEqual(columns.map(({ percent }) => percent), [100, ...percents].sort((a, b) => a - b));
    assert.deepEqual(columns.map(({ words }) => words), ["Petugas", ...[...percents].sort((a, b) => a - b).map((percent) => `Kantor ${percent}`)]);
    assert.equal(columns[0]?.from, 0);
    assert.equal(columns.at(-1)?.to, 1);
    for (const [i, one] of columns.slice(1).entries()) assert.equal(columns[i]?.to, one.from);
  }
  assert.deepEqual(ladderOf(null, room).columns.map(({ words }) => words), ["Petugas", "", "", ""], "before the figure has come nobody is named");
});

test("a mark stands whole in the column of whoever has been told, however near the next step", () => {
  const ladder = ladderOf(steps(150, 200, 300), room);
  for (const length of [1519, 1120]) {
    for (let percent = 100; percent <= 1200; percent += 1) {
      const [at, reach] = [markAt(percent, ladder, length, 60), 60];
      const told = ladder.columns.findLast((one) => one.percent <= percent);
      assert.ok(told && at - reach >= told.from * length - 1e-9 && at + reach <= told.to * length + 1e-9, `${percent}`);
    }
  }
});

test("whom no time of work was allowed is late beyond every step; who says no beginning is as late as the server knows", () => {
  const calendar = new Calendar([[AT - 30 * HOUR, AT - 25 * HOUR], [AT - 6 * HOUR, AT + HOUR]]);
  const card = /** @type {any} */ ({ overdue: true, stage_clock: "working", stage_from: stamp(-20), due_at: stamp(-10) });
  assert.equal(percentOf(card, { at: AT, calendar }), 400);
  assert.equal(percentOf({ ...card, stage_from: null }, { at: AT, calendar }, 170), 170);
  assert.equal(percentOf({ ...card, stage_from: stamp(-2), due_at: stamp(-1), stage_clock: "calendar" }, { at: AT, calendar }), 200);
});

test("where a date says more than an age it is said: more than a working day late", () => {
  const said = { say: sayIn("id", "wall", "ui"), format: formatIn("id", readCity({ zone: "Asia/Jakarta", locale: "id-ID" }, "id")) };
  const since = (/** @type {number} */ hours, /** @type {any} */ more = {}) => sinceWords(/** @type {any} */ ({ overdue: true, stage_clock: "calendar", due_at: stamp(hours), ...more }), { at: AT, calendar: NO_CALENDAR }, said);
  assert.deepEqual([since(-1), since(-24), since(-46), since(-24 * 9)], ["", "", "lewat Minggu 16.05", "lewat 15 Nov 14.05"]);
  assert.deepEqual([since(-46, { overdue: false }), since(-46, { paused: "hold" })], ["", ""]);
});

test("rows of one agency stand together, the unacknowledged first", () => {
  const card = (/** @type {string} */ id, /** @type {string} */ agency, /** @type {number} */ late) => ({ id, seq: 1, agency, status: "waiting", overdue: true, stage_clock: "calendar", stage_from: stamp(-late - 1), due_at: stamp(-late) });
  const cards = [card("a", "dlh", 2.4), card("b", "dishub", 1.2), card("c", "dlh", 0.1), card("d", "bpbd", 0.4), card("e", "dlh", 0.3)];
  const late = { waiting: cards.map((one, i) => ({ card: one, key: [i] })), in_process: [] };
  const picture = /** @type {any} */ ({ at: AT, calendar: NO_CALENDAR, unacked: new Set(["d", "e"]), flood: null, state: { cards: new Map(cards.map((one) => [one.id, one])) }, ranking: { late } });
  assert.deepEqual(overdueRows(picture, [], ROWS.fine).map((row) => row.card.id), ["d", "e", "a", "c", "b"]);
});

test("CR-26 in a flood one row stands for what one agency owes of one kind, and its own rows stay as they were", () => {
  const rows = ["dlh", "dishub", "dlh", "dlh"].map((agency, i) => ({ card: /** @type {any} */ ({ id: `c${i}`, agency, category: "banjir" }), others: [] }));
  const told = folded(rows);
  assert.deepEqual(told.map(({ card, others }) => [card.id, others.map(({ id }) => id)]), [["c0", ["c2", "c3"]], ["c1", []]]);
  assert.ok(rows.every(({ others }) => others.length === 0));
});

test("CR-68 no row lies on a bezel, no head is parted from its first row, and what has no room is not begun", () => {
  const box = { top: 400, bottom: 1700, bezels: [720, 1440] };
  const places = stack([150, 150, 150, 110, 110].map((height) => ({ height })), box) ?? [];
  for (const [i, y] of places.entries()) for (const bezel of box.bezels) assert.ok(y > bezel || y + (i < 3 ? 150 : 110) < bezel, `${y}`);
  assert.deepEqual(stack([{ height: 200 }, { height: 60, next: 110 }, { height: 110 }], box), [400, 736, 796]);
  assert.equal(stack([{ height: 800 }, { height: 600 }], { ...box, bezels: [] }), null);
});

test("every layout has room for rows at its largest type, the unacknowledged among them", () => {
  const cards = Array.from({ length: 12 }, (_, i) => ({ id: `c${i}`, seq: i, status: "waiting", overdue: i < 4, due_at: stamp(i < 4 ? -1 : i), stage_from: stamp(-2), stage_clock: "calendar" }));
  const unacked = ["c0", "c1", "c2"];
  const ranked = (/** @type {boolean} */ late) => ({ waiting: cards.filter(({ overdue }) => overdue === late).map((card, i) => ({ card, key: [i] })), in_process: [] });
  const alarms = new Map(unacked.map((id) => [id, { id, complaint: id, state: "unacked", priority: 2 }]));
  const picture = /** @type {any} */ ({ at: AT, calendar: NO_CALENDAR, unacked: new Set(unacked), flood: null, state: { cards: new Map(cards.map((card) => [card.id, card])), alarms }, ranking: { late: ranked(true), open: ranked(false) } });
  for (const shape of ["landscape", "portrait", "wide"]) {
    for (const density of ["fine", "coarse"]) {
      for (const panels of ["1", "3"]) {
        for (const type of [1, 1.34]) {
          const screen = { shape, density, panels };
          const frame = boardFrame(screen, 225);
          const { rows, places } = placedRows(picture, frame, type);
          assert.ok(rows.length >= 3 && rows.length === places.length, JSON.stringify({ ...screen, type, n: rows.length }));
          assert.ok(rows.filter(({ group }) => group === "unacked").length >= 2 && rows.some(({ group }) => group === "running"));
          const { measures } = ladderFrame(screen, { top: 225, type });
          assert.ok(measures.agency <= measures.what && measures.what <= measures.chart && measures.end - measures.chart >= 1100);
        }
      }
    }
  }
});

test("lines of one column have one size, and words break between words alone", () => {
  const width = (/** @type {string} */ words, size = 48) => words.length * size * 0.5;
  const all = /** @type {const} */ ([[96, 600], [72, 600], [48, 600]]);
  assert.deepEqual(commonSteps(["+4 mnt", "+12 hari"], 300, all, { width: (words, size) => width(words, size) }), all.slice(1));
  assert.deepEqual(commonSteps(["+4 mnt", "much too long for any of them"], 300, all, { width: (words, size) => width(words, size) }), all, "what fits nowhere makes the others no smaller");
  assert.deepEqual([linesOf("Kepala OPD", 300, width), linesOf("Kepala OPD", 200, width), linesOf("Sekda", 10, width)], [1, 2, 1]);
});
