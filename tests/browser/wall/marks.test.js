/**
 * What a wall says of what a desk holds on it: never that its data is live when it is not.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatIn } from "../../../static/js/ui/format.js";
import { sayIn } from "../../../static/js/ui/language.js";
import { heldWords } from "../../../static/js/wall/marks.js";
import "../words.mjs";

const room = /** @type {any} */ ({ say: sayIn("id", "wall", "ui"), format: formatIn("id", { zone: "Asia/Jakarta", locale: "id-ID" }) });
const holding = (/** @type {object} */ more) => /** @type {any} */ ({ state: { lines: [], cards: new Map() }, held: null, frozen: 0, freshness: "live", serverNow: 0, ...more });
const held = { scene: "board", left: 840_001, since: 0, order: "x" };

test("CR-42 a frozen flash is told with the minutes left, and that the data goes on only while it does", () => {
  assert.equal(heldWords(holding({}), room), "");
  assert.equal(heldWords(holding({ frozen: 540_001 }), room), "KEDIP BEKU 10 mnt, DATA LANGSUNG");
  assert.equal(heldWords(holding({ frozen: 1, freshness: "delayed" }), room), "KEDIP BEKU 1 mnt");
  assert.equal(heldWords(holding({ frozen: 1, freshness: "lost" }), room), "KEDIP BEKU 1 mnt");
});

test("CR-74 beside a held scene both are said", () => {
  assert.equal(heldWords(holding({ held }), room), "DITAHAN 15 mnt");
  assert.equal(heldWords(holding({ held, frozen: 60_000 }), room), "KEDIP BEKU 1 mnt · DITAHAN 15 mnt");
});
