/**
 * Warnings in words, and when they are over; the shape of one as a path.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { hazardsNow } from "../../../static/js/feed/room_notices.js";
import { emptyState, reduce, unfoldAll } from "../../../static/js/feed/store.js";
import { hazardPath } from "../../../static/js/map/hazard_layer.js";
import { hazardWords } from "../../../static/js/ui/hazard_words.js";

const AT = Date.parse("2026-11-24T07:05:00Z");
const rain = { id: "h.0", event: "Hujan lebat", sender_name: "BMKG", expires: "2026-11-24T09:00:00Z", areas: ["a1", "b1"] };
const beat = /** @type {any} */ ({ at: "2026-11-24T07:05:00Z", rate: 1 });
/** @type {Record<string, string>} */
const SAID = { hazard: "{sender}: {event}", hazard_until: "sampai {to}", hazard_between: "{from}–{to}", hazard_more: "+{n}", hazard_everywhere: "seluruh kota", hazard_districts: "{n} kecamatan" };
const time = (/** @type {number} */ ms) => new Date(ms).toISOString();
const room = /** @type {any} */ ({
  say: (/** @type {string} */ key, /** @type {Record<string, string>} */ values = {}) => Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), SAID[key] ?? key),
  format: { hour: (/** @type {number} */ ms) => time(ms).slice(11, 16), day: (/** @type {number} */ ms) => time(ms).slice(8, 10), shortDate: (/** @type {number} */ ms) => time(ms).slice(0, 10), number: String },
  city: { districts: ["a", "b", "c"], districtOf: (/** @type {string} */ area) => area[0] ?? null, district: (/** @type {string} */ code) => code.toUpperCase() },
});

test("a warning is over at its time, also when nothing comes any more, and none is shown while the time is unknown", () => {
  const over = { ...rain, expires: "2026-11-24T07:05:20Z" };
  assert.deepEqual(hazardsNow([over, rain], { beat, sinceBeat: 10 }), [over, rain]);
  assert.deepEqual(hazardsNow([over, rain], { beat, sinceBeat: 21 }), [rain]);
  assert.deepEqual(hazardsNow([over, rain], { beat: { ...beat, rate: 60 }, sinceBeat: 1 }), [rain]);
  assert.deepEqual(hazardsNow([rain], { beat: null, sinceBeat: 0 }), []);
});

test("hazards are kept until a message has others", () => {
  const head = { epoch: "e", seq: 1, mark: "m", cards: {}, hazards: [rain] };
  const first = reduce(emptyState(), unfoldAll(/** @type {any} */ (head)));
  assert.deepEqual(first.hazards, [rain]);
  const same = reduce(first, { kind: "batch", body: { epoch: "e", mark: "n", from: 1, to: 2 } });
  assert.deepEqual(same.hazards, [rain]);
  assert.deepEqual(reduce(same, { kind: "batch", body: { epoch: "e", mark: "o", from: 2, to: 3, hazards: [] } }).hazards, []);
});

test("the worst is said at length and shorter, with how many more there are", () => {
  assert.deepEqual(hazardWords([], AT, room), []);
  const [longest, ...shorter] = hazardWords([rain, rain, rain], AT, room);
  assert.equal(longest, "BMKG: Hujan lebat · A, B · sampai 09:00 · +2");
  assert.ok(shorter.every((one) => one.includes("sampai 09:00")));
  assert.equal(hazardWords([{ ...rain, areas: ["a1", "b1", "c1"] }], AT, room)[0], "BMKG: Hujan lebat · seluruh kota · sampai 09:00");
  const ahead = { ...rain, onset: "2026-11-24T08:00:00Z", expires: "2026-11-25T01:00:00Z", areas: [] };
  assert.equal(hazardWords([ahead], AT, room)[0], "BMKG: Hujan lebat · 08:00–25 01:00");
  assert.equal(hazardWords([{ ...rain, sender_name: "" }], AT, room)[0], "Hujan lebat · A, B · sampai 09:00");
});

test("a shape with a hole is one path", () => {
  const square = [[0, 0], [0, 2], [2, 2], [0, 0]];
  assert.equal(hazardPath([[square, square.slice(1)]], (lat, lon) => ({ x: lon, y: -lat })), "M0.0 0.0L0.0 -2.0L2.0 -2.0L0.0 0.0zM0.0 -2.0L2.0 -2.0L0.0 0.0z");
});
