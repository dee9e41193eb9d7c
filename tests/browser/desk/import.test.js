/**
 * The page of import: what a change of the plan changes, why a row was refused, how far an import is.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { faultWords, paceOf, PlanChanges, shareOf, unmatchedOf, withCategory, withColumn } from "../../../static/js/desk/import/plan.js";
import { sayIn } from "../../../static/js/ui/language.js";
import "../words.mjs";

const FIELDS = ["source_id", "category", "lat", "lon", "point"];
/** @type {import("../../../static/js/desk/import/plan.js").Plan} */
const PLAN = { columns: { category: "jenis", lat: "y", lon: "x" }, dates: null, categories: {}, encoding: "", turn: true, outside: "refuse" };

/** @param {Partial<import("../../../static/js/desk/import/plan.js").Job>} said @returns {import("../../../static/js/desk/import/plan.js").Job} */
function job(said) {
  const tally = { accepted: 0, known: 0, rejected: 0, turned: 0, outside: 0, comma: 0, unmatched: [], first: [], began_at: "2026-11-24T00:00:00Z" };
  return {
    id: "a", state: "running", name: "a.csv", source: "Kantor", actor: "kepala", created_at: "", changed_at: "", size: 1000, read_bytes: 250, read_rows: 500,
    rejects: false, fault: null, said: {}, questions: [], order: "", tally, ...said,
  };
}

test("a column becomes one field alone, and a field that lost its column is not guessed again", () => {
  assert.deepEqual(withColumn(PLAN, FIELDS, "jenis", "source_id").columns, { source_id: "jenis", category: "", lat: "y", lon: "x", point: "" });
  assert.deepEqual(withColumn(PLAN, FIELDS, "titik", "point").columns, { source_id: "", category: "jenis", lat: "", lon: "", point: "titik" });
  assert.deepEqual(withColumn(PLAN, FIELDS, "y", "").columns.lat, "");
  assert.deepEqual(withCategory(PLAN, "PJU", "pju_mati").categories, { PJU: "pju_mati" });
});

test("what is chosen while the answer to another choice is awaited goes out after it, together, and undoes nothing", async () => {
  /** @type {import("../../../static/js/desk/import/plan.js").Plan[]} */
  const sent = [];
  let [plan, answer] = [PLAN, () => {}];
  const changes = new PlanChanges(() => plan, (one) => new Promise((resolve) => {
    sent.push(one);
    answer = () => {
      plan = one;
      resolve();
    };
  }));
  changes.add((one) => withCategory(one, "PJU", "pju_mati"));
  await Promise.resolve();
  changes.add((one) => withCategory(one, "PKL", "pkl"));
  changes.add((one) => ({ ...one, dates: "dmy" }));
  await Promise.resolve();
  assert.deepEqual(sent.map(({ categories }) => categories), [{ PJU: "pju_mati" }]);
  assert.deepEqual(changes.on(plan).categories, { PKL: "pkl" });
  answer();
  while (sent.length < 2) await Promise.resolve();
  answer();
  await changes.answered();
  assert.deepEqual(sent.slice(1), [{ ...PLAN, dates: "dmy", categories: { PJU: "pju_mati", PKL: "pkl" } }]);
});

test("why a row was refused names the column and what it holds, in the page's language", () => {
  const say = sayIn("id", "import");
  const dated = { field: "reported_at", message: "'31/02/2025' is a date or a time that does not exist (column 'tgl_masuk')" };
  assert.deepEqual(faultWords(dated, say), { where: "tgl_masuk", what: "31/02/2025: tanggal atau jam yang tidak ada" });
  assert.deepEqual(faultWords({ field: "lat", message: "-7.25, 112.75 is outside the city" }, say), { where: "lat", what: "-7.25, 112.75: di luar kota" });
  assert.deepEqual(faultWords({ field: "category", message: "is required (column 'jenis')" }, say), { where: "jenis", what: "kosong" });
  assert.deepEqual(faultWords({ field: "", message: "odd" }, say), { where: "baris", what: "tidak cocok (odd)" });
});

test("how far an import is, and how long it still takes, is said once it can be known", () => {
  assert.equal(shareOf(job({})), 0.25);
  assert.equal(shareOf(job({ state: "done", read_bytes: 0 })), 1);
  assert.deepEqual(paceOf(job({}), Date.parse("2026-11-24T00:00:10Z")), { perSecond: 50, leftMs: 30_000 });
  assert.equal(paceOf(job({ read_rows: 0 }), Date.parse("2026-11-24T00:00:10Z")), null);
});

test("categories that nothing matches are those of the whole file once it was tried, those somebody answered for last", () => {
  const known = { text: "Banjir", rows: 9, key: "banjir", near: null };
  const [few, many] = [{ text: "PJU", rows: 1, key: null, near: "pju_mati" }, { text: "PKL", rows: 5, key: null, near: null }];
  const seen = job({ read_rows: 0, looked_at: 10, categories: [known, few], plan: PLAN });
  assert.deepEqual(unmatchedOf(seen), [{ ...few, chosen: null }]);
  const tried = job({ read_rows: 500, looked_at: 10, categories: [known, few], plan: withCategory(PLAN, "PJU", ""), tally: { ...job({}).tally, unmatched: [few, many] } });
  assert.deepEqual(unmatchedOf(tried).map(({ text, chosen }) => [text, chosen]), [["PKL", null], ["PJU", ""]]);
});
