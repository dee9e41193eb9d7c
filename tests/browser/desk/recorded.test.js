/**
 * The desk at a past moment: what had happened to a complaint until then, and that nothing on it can be acted on.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PastDetails } from "../../../static/js/desk/recorded/recorded_queue.js";

const settled = () => new Promise((go) => setImmediate(go));

test("a history ends at the moment, and each complaint is asked for once", async () => {
  const asked = /** @type {string[]} */ ([]);
  const history = [3, 7, 9].map((seq) => ({ seq, kind: "complaint.forwarded" }));
  const details = new PastDetails({ getJson: async (url) => (asked.push(url), { text: { description: "lubang" }, history }), changed: () => undefined });
  assert.equal(details.until("a/b", 7).state, "loading");
  await settled();
  assert.deepEqual(details.until("a/b", 7), { state: "there", text: "lubang", history: history.slice(0, 2) });
  assert.deepEqual(details.until("a/b", 2).history, []);
  assert.deepEqual(asked, ["/api/v1/complaints/a%2Fb"]);
  assert.equal(details.until(null, 7).state, "none");
  assert.equal(details.until("b", 7, undefined, false).state, "none", "what is not to be opened is not fetched");
  assert.deepEqual(details.until("a/b", 2, undefined, false).text, "lubang");
  assert.equal(asked.length, 1);
});

test("what was asked for before its complaint changed does not stay, nor come back", async () => {
  const answers = /** @type {((text: string) => void)[]} */ ([]);
  const getJson = () => new Promise((/** @type {(said: any) => void} */ go) => answers.push((description) => go({ text: { description }, history: [] })));
  const details = new PastDetails({ getJson, changed: () => undefined });
  details.until("a", 7, 5);
  details.until("a", 7, 8);
  assert.equal(answers.length, 2);
  answers[1]?.("");
  answers[0]?.("kata Pak Joko");
  await settled();
  assert.deepEqual([details.until("a", 7, 8).state, details.until("a", 7).text], ["there", ""]);
  assert.equal(answers.length, 2);
});

test("a complaint whose text cannot be had says so", async () => {
  const details = new PastDetails({ getJson: async () => Promise.reject(new Error("404")), changed: () => undefined });
  details.until("a", 1);
  await settled();
  assert.equal(details.until("a", 1).state, "failed");
});

test("neither page of a past moment has a form, a dialog or a button that gives a command; the wall's has nothing to press at all", () => {
  const page = (/** @type {string} */ name) => readFileSync(new URL(`../../../templates/${name}`, import.meta.url), "utf8");
  const desk = page("desk_recorded.html");
  assert.doesNotMatch(desk, /<form|<dialog|data-act|_desk_header\.html"/);
  assert.deepEqual([...desk.matchAll(/data-do="([^"]+)"/g)].map(([, name]) => name).sort(), ["alarm-after", "alarm-before", "back", "copy", "play"]);
  assert.doesNotMatch(page("wall_recorded.html"), /<button|<form|<input|<a /);
});
