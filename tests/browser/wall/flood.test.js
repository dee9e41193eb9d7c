/**
 * Scenes in a flood of alarms: what the banner stands for is counted, not repeated; what is critical still stands alone (CR-26).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { floodIn } from "../../../static/js/ui/alarms.js";
import { readCity } from "../../../static/js/ui/city.js";
import { formatIn } from "../../../static/js/ui/format.js";
import { sayIn } from "../../../static/js/ui/language.js";
import { floodingIn } from "../../../static/js/wall/scenes/map_flood.js";
import { callingIn, standAlone } from "../../../static/js/wall/scenes/map_marks.js";
import { answerWords, nextRows, overdueRows, ROWS } from "../../../static/js/wall/scenes/overdue.js";
import "../words.mjs";

const city = /** @type {any} */ ({ area: (/** @type {string} */ code) => ({ code, district: code[0] }), districtOf: (/** @type {string} */ code) => code[0] ?? null, districts: [] });

/** @param {number} n overdue cards of two agencies, all of whose alarms are unacknowledged; the last is critical @param {boolean} flooded @returns {any} */
function picture(n, flooded) {
  const cards = new Map(Array.from({ length: n }, (_, i) => [`c${i}`, {
    id: `c${i}`, seq: i, status: "waiting", overdue: true, area: `${i % 3}x`, lat: -6, lon: 106, category: i === n - 1 ? "kebakaran" : "banjir",
    agency: i % 2 ? "bpbd" : null, due_at: "2026-11-24T07:00:00Z", stage_from: "2026-11-24T06:00:00Z", stage_clock: "calendar",
  }]));
  const alarms = new Map([...cards.keys()].map((id, i) => [id, { id, kind: "passed", complaint: id, state: "unacked", priority: i === n - 1 ? 1 : 2 }]));
  const state = { cards, alarms, lines: flooded ? [{ id: "flood", kind: "flood", n }] : [] };
  const late = { waiting: [...cards.values()].map((card, i) => ({ card, key: [i] })), in_process: [] };
  return {
    state, at: Date.parse("2026-11-24T07:30:00Z"), calendar: { known: false }, unacked: new Set(cards.keys()), flood: floodIn(/** @type {any} */ (state), city),
    ranking: { late, open: { waiting: [], in_process: [] } }, attention: [...cards.values()].slice(-3).map((card) => ({ card })), beat: null, sinceBeat: 0, quiet: new Map(),
  };
}

test("CR-26 the map names and marks what is critical alone; without a flood as many as the band, and the land of all is lit", () => {
  assert.deepEqual(standAlone(picture(20, true), city).map(({ card, named }) => [card.id, named]), [["c19", true]]);
  assert.deepEqual([...callingIn(picture(20, true)).areas], ["1x"]);
  assert.deepEqual(standAlone(picture(20, false), city).map(({ card }) => card.id), ["c17", "c18", "c19"]);
  const calling = callingIn(picture(20, false));
  assert.deepEqual([calling.n, [...calling.areas].sort()], [20, ["0x", "1x", "2x"]]);
});

test("a flood on the map bears the name of most of it and counts each district; acknowledged it is none", () => {
  const seen = picture(20, true);
  for (const alarm of seen.state.alarms.values()) Object.assign(alarm, { area: seen.state.cards.get(alarm.complaint).area, activated_at: "2026-11-24T07:10:00Z" });
  const found = floodingIn(seen, city);
  assert.deepEqual([found?.category, found?.n, [...(found?.districts ?? [])].sort()], ["banjir", 20, [["0", 7], ["1", 7], ["2", 6]]]);
  const kinds = ["banjir", "pohon_tumbang", "kebakaran"];
  for (const [i, card] of [...seen.state.cards.values()].entries()) card.category = kinds[i % 3];
  assert.equal(floodingIn(seen, city)?.category, null, "of many kinds it has no name");
  for (const alarm of seen.state.alarms.values()) alarm.state = "acked";
  assert.equal(floodingIn(seen, city), null);
  assert.equal(floodingIn(picture(20, false), city), null);
});

test("the list of who is late has one row for what one agency owes of one kind, and says how many that are", () => {
  const rows = overdueRows(picture(20, true), [], ROWS.fine);
  assert.deepEqual(rows.map(({ card, others }) => [card.agency, card.category, others.length + 1]), [[null, "banjir", 10], ["bpbd", "banjir", 9], ["bpbd", "kebakaran", 1]]);
  assert.equal(overdueRows(picture(20, false), [], ROWS.fine).length, ROWS.fine.all);
});

test("a far screen has fewer rows and keeps some of them for the unacknowledged too", () => {
  const seen = picture(20, false);
  seen.unacked = new Set(["c18", "c19"]);
  const rows = overdueRows(seen, [], ROWS.coarse);
  assert.equal(rows.length, ROWS.coarse.all);
  assert.equal(rows.filter(({ card }) => seen.unacked.has(card.id)).length, 2);
});

test("where nobody is late it says whose time runs out next, the soonest first; what is paused or has no time does not run", () => {
  const at = Date.parse("2026-11-24T07:30:00Z");
  const card = (/** @type {string} */ id, /** @type {string | null} */ due_at, paused = false) => ({ id, seq: 1, status: "waiting", overdue: false, paused: paused ? "citizen" : null, due_at, stage_from: "2026-11-24T07:00:00Z", stage_clock: "calendar" });
  const column = (/** @type {any[]} */ ...cards) => cards.map((one) => ({ card: one, key: [0] }));
  const open = { waiting: column(card("b", "2026-11-24T09:00:00Z"), card("p", "2026-11-24T07:40:00Z", true)), in_process: column(card("a", "2026-11-24T08:00:00Z"), card("n", null)) };
  const rows = nextRows(/** @type {any} */ ({ at, calendar: { known: false }, ranking: { open } }), 6);
  assert.deepEqual(rows.map(({ card: { id }, percent }) => [id, percent]), [["a", 50], ["b", 25]]);
  const words = (/** @type {"id" | "en"} */ lang, next = true) => answerWords({ n: 0, next }, null, { lang, say: sayIn(lang, "wall", "ui"), format: formatIn(lang, readCity({}, lang)) });
  assert.deepEqual([words("id"), words("en"), words("id", false)],
    ["Tidak ada yang terlambat; berikutnya habis waktu:", "None overdue; next to run out:", "Tidak ada yang terlambat"]);
});
