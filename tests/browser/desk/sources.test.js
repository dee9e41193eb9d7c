/**
 * The page of sources: which stand first, how a square is filled, and what is said of a fault.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { needsSomebody, noteOf, ordered, squareOf } from "../../../static/js/desk/sources/list.js";
import { faultWords, fieldsOf, wrongFields } from "../../../static/js/desk/sources/quarantine.js";
import { sayIn } from "../../../static/js/ui/language.js";
import "../words.mjs";

/** @param {Partial<import("../../../static/js/desk/sources/list.js").Source>} said */
function source(said) {
  return {
    id: "a", name: "A", state: /** @type {const} */ ("ok"), every_s: null, learned_s: null, heard_at: null, paused_at: null, hours: [0, 2],
    per_hour: 2, lag_s: null, rejected: 0, unsigned: 0, empty: 0, open: 0, fault: null, fault_at: null, keys: [], ...said,
  };
}

test("what needs somebody stands first, then the busiest", () => {
  const all = [
    source({ id: "quiet", hours: [1] }), source({ id: "busy", hours: [9] }), source({ id: "lost", state: "lost" }), source({ id: "refused", open: 1, hours: [5] }),
    source({ id: "old", hours: [3], keys: [{ days: 361, old: true, ends_at: null }] }),
  ];
  assert.deepEqual(ordered(all).map(({ id }) => id), ["refused", "old", "lost", "busy", "quiet"]);
  assert.equal(needsSomebody(source({ keys: [{ days: 361, old: true, ends_at: "2026-11-25T00:00:00Z" }, { days: 0, old: false, ends_at: null }] })), false);
});

test("a square says the worst of a source", () => {
  assert.equal(squareOf(source({ state: "late", open: 3 })), "silent");
  assert.equal(squareOf(source({ open: 3 })), "rejecting");
  assert.equal(squareOf(source({ hours: [0, 0] })), "alive");
});

test("a note says the worst of a source, and silence before what its hook counted", () => {
  const format = /** @type {import("../../../static/js/ui/format.js").Format} */ (/** @type {unknown} */ ({ number: String, span: String, hour: String }));
  const note = (/** @type {Parameters<typeof source>[0]} */ said) => noteOf(source(said), { say: sayIn("en", "sources"), format, now: () => 0 });
  assert.match(note({ state: "lost", unsigned: 3, empty: 2 }), /^never heard/);
  assert.equal(note({ unsigned: 3, empty: 2 }), "wrongly signed: 3 in 24 hours");
  assert.equal(note({ fault: "silent: 10", fault_at: "2026-11-24T07:00:00Z", partly: true }).replace(/since \d+ /, ""), "partly not readable (silent: 10)");
  assert.equal(note({ empty: 2 }), "no report in 2 payloads in 24 hours");
});

test("a fault is said in the page's language, and in the server's own words where there are none", () => {
  const say = sayIn("id", "sources");
  assert.deepEqual(faultWords({ field: "person.phone", message: "must be text", reason: "text" }, say), ["person.phone", "bukan tulisan"]);
  assert.deepEqual(faultWords({ field: "", message: "odd" }, say), ["seluruhnya", "tidak sesuai (odd)"]);
  assert.deepEqual([...wrongFields([{ field: "person.phone", message: "" }, { field: "media[2]", message: "" }])], ["person", "media"]);
  assert.deepEqual(fieldsOf('{"a": 1, "b": "<b>"}'), [["a", "1"], ["b", "<b>"]]);
  assert.deepEqual([fieldsOf("[1]"), fieldsOf("a;b")], [[], []]);
});
