/**
 * Scenes in a flood of alarms: what the banner stands for is counted, not repeated; what is critical still stands alone (CR-26).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { floodIn } from "../../../static/js/ui/alarms.js";
import { readCity } from "../../../static/js/ui/city.js";
import { formatIn } from "../../../static/js/ui/format.js";
import { sayIn } from "../../../static/js/ui/language.js";
import { Cards } from "../../../static/js/feed/cards.js";
import { Land, RISE } from "../../../static/js/map/land.js";
import { floodingIn, mountSurge } from "../../../static/js/wall/scenes/map_flood.js";
import { besides, callingIn, standAlone, toIncident, toMark } from "../../../static/js/wall/scenes/map_marks.js";
import { answerWords, nextRows, overdueRows, ROWS } from "../../../static/js/wall/scenes/overdue.js";
import "../words.mjs";

const city = /** @type {any} */ ({ area: (/** @type {string} */ code) => ({ code, district: code[0] }), districtOf: (/** @type {string} */ code) => code[0] ?? null, districts: [] });

const anywhere = /** @type {any} */ ({ ...city, area: (/** @type {string | null} */ code) => code && city.area(code) });

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
  assert.deepEqual([...callingIn(picture(20, true), city).areas], ["1x"]);
  assert.deepEqual(standAlone(picture(20, false), city).map(({ card }) => card.id), ["c17", "c18", "c19"]);
  const seen = picture(20, false);
  for (const id of ["c0", "c1"]) seen.state.cards.get(id).area = null;
  const calling = callingIn(seen, anywhere);
  assert.deepEqual([calling.n, calling.nowhere, [...calling.areas].sort()], [18, 2, ["0x", "1x", "2x"]], "what has no place is counted too");
});

test("a flood on the map bears the name of most of it and counts each district; acknowledged it is none", () => {
  const seen = picture(20, true);
  for (const alarm of seen.state.alarms.values()) Object.assign(alarm, { area: seen.state.cards.get(alarm.complaint).area, activated_at: "2026-11-24T07:10:00Z" });
  const found = floodingIn(seen, city);
  assert.deepEqual([found?.category, [...(found?.districts ?? [])].sort()], ["banjir", [["0", 7], ["1", 7], ["2", 6]]]);
  const kinds = ["banjir", "pohon_tumbang", "kebakaran"];
  for (const [i, card] of [...seen.state.cards.values()].entries()) card.category = kinds[i % 3];
  assert.equal(floodingIn(seen, city)?.category, null, "of many kinds it has no name");
  for (const alarm of seen.state.alarms.values()) alarm.state = "acked";
  assert.equal(floodingIn(seen, city), null);
  assert.equal(floodingIn(picture(20, false), city), null);
});

test("a surge is counted from the very cards of its picture, says only a limit that is still to come, and is none when nobody waits", () => {
  const surgeIn = mountSurge(city);
  const line = { id: "surge", kind: "surge", category: "banjir", areas: ["0x", "1x"], since: "2026-11-24T07:00:00Z", n: 3 };
  const card = (/** @type {string} */ id, /** @type {any} */ more = {}) => ({ id, category: "banjir", status: "waiting", area: "0x", received_at: "2026-11-24T07:05:00Z", due_at: "2026-11-24T08:00:00Z", ...more });
  const seen = (/** @type {Cards} */ cards, hour = "07:30") => surgeIn(/** @type {any} */ ({ state: { cards, lines: [line] }, at: Date.parse(`2026-11-24T${hour}:00Z`), mono: 0 }));
  const first = new Cards().with(/** @type {any} */ ([card("a"), card("b", { area: "1x", due_at: "2026-11-24T09:00:00Z" }), card("old", { received_at: "2026-11-24T06:00:00Z" }), card("other", { category: "sampah" })]), []).cards;
  const found = seen(first);
  assert.deepEqual([found?.waiting, [...(found?.areas ?? [])], [...(found?.districts ?? [])], found?.due], [2, [["0x", 1], ["1x", 1]], [["0", 1], ["1", 1]], Date.parse("2026-11-24T08:00:00Z")]);
  assert.deepEqual([seen(first, "08:30")?.due, seen(first, "09:30")?.due], [Date.parse("2026-11-24T09:00:00Z"), Infinity]);
  const { cards: second } = first.with(/** @type {any} */ ([card("a", { status: "in_process" }), card("c", { area: "1x" })]), []);
  assert.deepEqual([...(seen(second)?.areas ?? [])], [["0x", 0], ["1x", 2]], "in the same moment");
  assert.deepEqual([...(seen(first)?.areas ?? [])], [["0x", 1], ["1x", 1]], "and back, as another snapshot may");
  assert.equal(seen(second.with([], ["b", "c"]).cards), null);
  assert.deepEqual([besides(5, 3), besides(2), besides(1, 2)], [2, 2, 0]);
});

test("a surge shows when its complaints came, by the minute, from where it began, whatever became of them", () => {
  const surgeIn = mountSurge(city);
  const line = { id: "surge", kind: "surge", category: "banjir", areas: ["0x"], since: "2026-11-24T07:20:00Z", n: 3 };
  const came = (/** @type {string} */ id, /** @type {string} */ time, status = "waiting") => ({ id, category: "banjir", status, area: "0x", received_at: `2026-11-24T${time}Z` });
  const seen = (/** @type {Cards} */ cards, /** @type {string} */ time) => surgeIn(/** @type {any} */ ({ state: { cards, lines: [line] }, at: Date.parse(`2026-11-24T${time}Z`), mono: 0 }));
  const counts = (/** @type {any} */ { minutes }) => [...minutes.entries()].filter(([, n]) => n > 0);
  const { cards } = new Cards().with(/** @type {any} */ ([came("late", "06:40:00"), came("before", "06:55:10"), came("a", "07:20:05"), came("b", "07:20:55", "done"), came("c", "07:29:59")]), []);
  const found = seen(cards, "07:30:20");
  assert.deepEqual([counts(found), found?.from, found?.until], [[[4, 1], [29, 2], [38, 1]], 29, Date.parse("2026-11-24T07:31:00Z")]);
  assert.deepEqual(counts(seen(cards.with([], ["c"]).cards, "07:36:00")), [[23, 2]], "older ones leave, and what was erased");
});

/** @param {any} look @returns {{land: Land, over: any}} of one district 1 with the areas 1x and 2x, which is of district 2; over: what is drawn above the land */
function landOf(look) {
  const node = (/** @type {string} */ name) => ({ name, at: /** @type {Record<string, string>} */ ({}), all: /** @type {any[]} */ ([]), dataset: {}, parentElement: /** @type {any} */ (null),
    setAttribute(/** @type {string} */ key, /** @type {string} */ value) { this.at[key] = value; }, getAttribute(/** @type {string} */ key) { return this.at[key]; },
    append(/** @type {any[]} */ ...more) { this.all.push(...more); }, replaceChildren(/** @type {any[]} */ ...more) { this.all = more; },
    before() {}, after(/** @type {any} */ other) { this.all.push(other); }, getBBox: () => ({ x: 100, y: 200, width: 50, height: 60 }) });
  const pane = node("g");
  const shapes = [["1x", true], ["2x", true], ["1", false], ["2", false]].map(([id, fill]) => ({ feature: { id }, options: { fill }, path: Object.assign(node("path"), { parentElement: pane, at: { d: `M${id === "1x" ? 0 : 9} 0L10 0L10 10z` } }) }));
  globalThis.document = /** @type {any} */ ({ createElementNS: (/** @type {string} */ _, /** @type {string} */ name) => node(name) });
  const leaflet = { eachLayer: (/** @type {any} */ act) => shapes.forEach((one) => act({ ...one, getElement: () => one.path })), on() {}, layerPointToContainerPoint: (/** @type {number[]} */ [x, y]) => ({ x, y }) };
  const land = new Land(/** @type {any} */ (leaflet), (area) => (area.length === 2 ? area[0] ?? null : null));
  land.paint({ state: "flood", tone: () => 1, calling: new Set(["1x", "2x"]), raised: new Set(["1"]), ...look });
  return { land, over: pane.all[0] };
}

test("in a flood what is critical stands with its land: lit, ringed and tied where its raised district is seen", () => {
  const [{ land, over }, entry] = [landOf({}), standAlone(picture(20, true), city)[0]];
  assert.equal(entry?.card.area, "1x");
  const lit = (/** @type {any} */ drawn) => drawn.all.filter((/** @type {any} */ one) => ["land-calling", "land-casing"].includes(one.at.class)).map((/** @type {any} */ one) => one.at.transform);
  assert.deepEqual(lit(over), [`translate(0 ${-RISE})`, undefined, `translate(0 ${-RISE})`, undefined]);
  assert.deepEqual([land.riseOf("1"), land.riseOf("1x"), land.riseOf("2x")], [RISE, RISE, 0]);
  const base = /** @type {any} */ ({ land, point: () => ({ x: 120, y: 230 }) });
  const mark = toMark(/** @type {any} */ (entry), base, []);
  assert.deepEqual([mark.x, mark.y, mark.beside], [120, 230 - RISE, { x: 100, y: 200 - RISE, w: 50, h: 60 }]);
  const [incident] = toIncident({ mark, x: 220, y: 240 - RISE, thread: { x: 0, y: 0 }, label: null }, /** @type {any} */ ([entry]));
  assert.deepEqual([incident?.shift, incident?.rise], [[100, 10], RISE]);
  const flat = landOf({ flat: true });
  assert.deepEqual([flat.land.riseOf("1x"), lit(flat.over)[0], landOf({ state: "surge" }).land.riseOf("1x")], [0, undefined, 0]);
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
