/**
 * The map while nobody waits: its words, its points by age, its diamonds.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Cards } from "../../../static/js/feed/cards.js";
import { arrivalsOf, nobodyWaits, quietPlaces, quietWords } from "../../../static/js/wall/scenes/map_quiet.js";

const AT = Date.parse("2026-11-23T20:12:40Z");
const hoursAgo = (/** @type {number} */ hours) => new Date(AT - hours * 3_600_000).toISOString();
const room = /** @type {any} */ ({
  say: (/** @type {string} */ key, /** @type {any} */ values = {}) => [key, ...Object.values(values)].join(" "),
  format: { number: String, hour: (/** @type {number} */ ms) => new Date(ms).toISOString().slice(11, 16), day: (/** @type {number} */ ms) => new Date(ms).toISOString().slice(0, 10), weekday: () => "Rabu" },
});

/** @param {any} total @param {string[]} dues @returns {any} */
function pictureOf(total, dues = []) {
  const open = dues.map((due, i) => ({ card: { id: `${i}`, due_at: due, paused: null }, key: [0, Date.parse(due), i] }));
  return {
    whole: true, flood: null, at: AT, state: { tally: { total: { waiting: 0, in_process: 0, overdue: 0, ...total } } },
    ranking: { late: { waiting: [], in_process: [] }, open: { waiting: [], in_process: open }, soon: 0 },
  };
}

test("it is quiet when nobody waits and nothing is flooded, and not before the room is known", () => {
  assert.equal(nobodyWaits(pictureOf({})), true);
  assert.equal(nobodyWaits(pictureOf({ waiting: 1 })), false);
  assert.equal(nobodyWaits({ ...pictureOf({}), whole: false }), false);
  assert.equal(nobodyWaits({ ...pictureOf({}), flood: {} }), false);
});

test("the answer says who is late, else when the first one runs out, with its day where that is another", () => {
  const first = (/** @type {any} */ picture) => quietWords(picture, room)[0];
  assert.equal(first(pictureOf({})), "quiet_all_done");
  assert.equal(first(pictureOf({ in_process: 6 }, ["2026-11-23T22:40:00Z", "2026-11-23T21:10:00Z"])), "quiet_from 6 21:10");
  assert.equal(first(pictureOf({ in_process: 6 }, ["2026-11-25T00:40:00Z"])), "quiet_from 6 Rabu 00:40");
  assert.equal(first(pictureOf({ in_process: 6, overdue: 2 }, ["2026-11-23T22:40:00Z"])), "quiet_late 6 2");
  assert.equal(first(pictureOf({ in_process: 6 })), "quiet_open 6");
});

test("a younger point is larger and lies above; what has a ring or no place has no diamond", () => {
  const place = { lat: -6.2, lon: 106.6 };
  const { cards } = new Cards().with(/** @type {any[]} */ ([
    { id: "a", status: "done", ...place, closed_at: hoursAgo(0.5) }, { id: "b", status: "done", ...place, closed_at: hoursAgo(9) },
    { id: "c", status: "done", ...place, closed_at: hoursAgo(2) }, { id: "d", status: "done", lat: null, lon: null, closed_at: hoursAgo(1) },
    { id: "e", status: "in_process", ...place }, { id: "f", status: "in_process", ...place, overdue: true },
    { id: "g", status: "in_process", ...place }, { id: "h", status: "in_process", lat: null, lon: null },
  ]), []);
  const { lights, diamonds } = quietPlaces(cards, AT, { unacked: new Set(["g"]) });
  const radii = lights.map(({ radius }) => radius);
  assert.equal(lights.length, 3);
  assert.deepEqual(radii, [...new Set(radii)].sort((a, b) => a - b));
  assert.deepEqual(diamonds.map(({ id }) => id), ["e"]);
});

test("more diamonds than a map can hold are counted by the bars", () => {
  const many = Array.from({ length: 61 }, (_, i) => ({ id: `${i}`, seq: i, status: "in_process", lat: -6.2, lon: 106.6 }));
  const of = (/** @type {any[]} */ list) => quietPlaces(new Cards().with(list, []).cards, AT, { unacked: new Set() }).diamonds.length;
  assert.deepEqual([of(many), of(many.slice(1))], [0, 60]);
});

test("today's arrivals are counted by the city's hours up to the running one, and by the day that the rail sums up", () => {
  const times = ["2026-11-23T17:05:00Z", "2026-11-23T17:59:59Z", "2026-11-23T20:12:00Z", "2026-11-23T16:59:00Z"];
  const { cards } = new Cards().with(/** @type {any[]} */ (times.map((received, i) => ({ id: `${i}`, seq: i, status: "done", received_at: received, received_day: i < 3 ? "2026-11-24" : "2026-11-23" }))), []);
  assert.deepEqual(arrivalsOf(cards, "2026-11-24", "Asia/Jakarta", AT), [2, 0, 0, 1]);
  assert.deepEqual(arrivalsOf(cards, "", "Asia/Jakarta", AT), []);
});
