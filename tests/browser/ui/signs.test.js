/**
 * Early signs in words, on the wall only while nothing more urgent is to be read, at the desk with the way to their complaints.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { partsOf } from "../../../static/js/desk/queue/signs.js";
import { mayShowSign, signSayings } from "../../../static/js/wall/sign_line.js";

const AT = Date.parse("2026-11-24T07:05:00Z");
/** @type {Record<string, string>} */
const SAID = {
  sign: "! {what}", sign_count: "{n} × {what}", sign_city: "city", sign_hours: "in {n} h", sign_usual: "usually {low}–{high}", sign_alike: "{n} alike: {what}", sign_since: "since {at}",
  sign_times: "no. {n} since {since}", signs_unusual: "{n} unusual", signs_growing: "{n} growing", signs_recurring: "{n} recurring", signs_since: "{usual}, {since}, {noticed}", sign_finished: "done {days}",
};
const say = (/** @type {string} */ key, /** @type {Record<string, string>} */ values = {}) => Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), SAID[key] ?? key);
const iso = (/** @type {number} */ ms) => new Date(ms).toISOString();
const room = /** @type {any} */ ({
  say, queue: say,
  format: { hour: (/** @type {number} */ ms) => iso(ms).slice(11, 16), day: (/** @type {number} */ ms) => iso(ms).slice(8, 10), shortDate: (/** @type {number} */ ms) => iso(ms).slice(0, 10), number: String },
  city: { category: (/** @type {string} */ key) => ({ air: "Air" })[key] ?? null, district: (/** @type {string} */ code) => code.toUpperCase(), area: (/** @type {string} */ code) => (code ? { name: `Area ${code}` } : null) },
});
const count = { category: "air", district: "d1", hours: 3, n: 12, low: 0, high: 4, usual: 1.2, since: "2026-11-24T05:00:00Z", noticed_at: "2026-11-23T05:30:00Z" };
const matter = { category: "air", area: "a1", n: 5, since: "2026-11-24T06:00:00Z", complaints: ["1", "2"] };
const place = {
  complaint: "9", category: "air", area: null, n: 3, since: "2026-03-01T00:00:00Z",
  times: [{ began: "", finished_at: "2026-03-02T00:00:00Z", complaints: ["7"] }, { began: "", finished_at: "2026-07-02T00:00:00Z", complaints: ["8"] }, { began: "", finished_at: null, complaints: ["9"] }],
};
const quiet = /** @type {any} */ ({ whole: true, guests: false, freshness: "live", flood: null, unacked: new Set(), beat: { at: "2026-11-24T07:05:00Z" }, sinceBeat: 0, at: AT, state: { lines: [], hazards: [] } });
const kept = (/** @type {object} */ body) => /** @type {any} */ ({ body: { unusual: [], growing: [], recurring: [], ...body }, heardAt: 0 });

test("a sign steps back for whatever is more urgent, and for guests", () => {
  assert.equal(mayShowSign(quiet), true);
  const hazard = { id: "h", expires: "2026-11-24T09:00:00Z" };
  const louder = [
    { whole: false }, { guests: true }, { freshness: "delayed" }, { flood: { n: 20 } }, { unacked: new Set(["1"]) },
    { state: { lines: [{ kind: "surge" }], hazards: [] } }, { state: { lines: [], hazards: [hazard] } },
  ];
  for (const one of louder) assert.equal(mayShowSign({ ...quiet, ...one }), false, JSON.stringify(one));
  assert.equal(mayShowSign({ ...quiet, state: { lines: [{ kind: "sound" }], hazards: [{ ...hazard, expires: "2026-11-24T07:00:00Z" }] } }), true);
});

test("the wall says one, the least likely count first, at length and shorter", () => {
  assert.deepEqual(signSayings(quiet, kept({ unusual: [count, count], growing: [matter] }), room), ["! 12 × Air · D1 · in 3 h · usually 0–4", "! 12 × Air · D1 · usually 0–4", "! 12 × Air · D1"]);
  assert.equal(signSayings(quiet, kept({ unusual: [{ ...count, district: null }] }), room)[2], "! 12 × Air · city");
  assert.deepEqual(signSayings(quiet, kept({ growing: [matter], recurring: [place] }), room), ["! 5 alike: Air · Area a1 · since 06:00", "! 5 alike: Air · Area a1"]);
  assert.deepEqual(signSayings(quiet, kept({ recurring: [place] }), room), []);
  assert.deepEqual(signSayings({ ...quiet, guests: true }, kept({ unusual: [count] }), room), []);
  assert.deepEqual(signSayings(quiet, null, room), []);
});

test("the desk has each with its numbers and the way to its complaints", () => {
  /** @type {unknown[]} */
  const went = [];
  const edge = { go: (/** @type {unknown} */ change) => void went.push(change), open: (/** @type {string} */ id) => void went.push(id) };
  const parts = partsOf(/** @type {any} */ ({ unusual: [count], growing: [matter], recurring: [place] }), AT, room, edge);
  assert.deepEqual(parts.map(({ title }) => title), ["1 unusual", "1 growing", "1 recurring"]);
  const [unusual, growing, recurring] = parts.map(({ signs }) => signs[0]);
  assert.equal(unusual?.words, "12 × Air · D1 · in 3 h · usually 0–4");
  assert.equal(unusual?.more, "1.2, 05:00, 23 05:30");
  assert.equal(growing?.words, "5 alike: Air · Area a1 · since 06:00");
  assert.equal(recurring?.words, "Air · no. 3 since 2026-03-01");
  assert.equal(recurring?.more, "done 2026-03-02, 2026-07-02");
  for (const sign of [unusual, growing, recurring]) sign?.take();
  const [first, second, third] = /** @type {any[]} */ (went);
  assert.deepEqual([first.view, first.filter.category, first.filter.district, first.filter.area], ["open", "air", "d1", ""]);
  assert.deepEqual([second.filter.category, second.filter.area, third], ["air", "a1", "9"]);
  assert.deepEqual(partsOf(/** @type {any} */ ({ unusual: [], growing: [], recurring: [] }), AT, room, edge), []);
});
