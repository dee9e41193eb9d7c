/**
 * How the modules of static/js may depend on each other and how large they are (docs/architecture.md).
 */
import { parse } from "acorn";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, normalize } from "node:path/posix";
import { test } from "node:test";

const ROOT = new URL("../../static/js/", import.meta.url);
const LEAST_LINES = 40;
/** Entries of pages and workers are as short as they are, and so is the list of scenes. */
const SHORT = ["citizen/status.js", "screen/watchdog_worker.js"];
/** What each folder may import beside itself: folders, or single modules of theirs. */
const MAY_IMPORT = /** @type {Record<string, readonly string[]>} */ ({
  feed: [],
  ui: ["feed"],
  map: ["feed", "ui"],
  screen: ["feed", "ui"],
  wall: ["feed", "ui", "map", "screen"],
  province: ["feed", "ui", "screen"],
  desk: ["feed", "ui", "map", "screen"],
  agency: ["feed", "ui", "map", "screen", "desk"],
  lead: ["feed", "ui", "map", "screen", "desk", "agency"],
  evaluation: ["feed", "ui"],
  citizen: ["ui/language.js"],
  // Written into one file that stands alone.
  drill: [],
});
/** Citizens need no feed; uploads go in pieces; a screen that is not let in yet, and a worker, ask for themselves. */
const OWN_EDGES = ["citizen/", "agency/upload.js", "screen/pairing.js", "screen/watchdog_worker.js"];
/** Base names that their folder completes. */
const COMPLETED = ["actions.js", "alarms.js", "detail.js", "list.js", "map.js", "rows.js", "words.js"];

const modules = /** @type {string[]} */ (readdirSync(ROOT, { recursive: true })).filter((name) => name.endsWith(".js")).sort();
const text = (/** @type {string} */ name) => readFileSync(new URL(name, ROOT), "utf8");

/** @param {string} name @returns {string[]} the modules of ours that it imports, loaded with it or later */
function importsOf(name) {
  /** @type {string[]} */
  const found = [];
  const note = (/** @type {unknown} */ said) => typeof said === "string" && said.startsWith(".") && found.push(normalize(join(name, "..", said)));
  for (const node of parse(text(name), { ecmaVersion: "latest", sourceType: "module" }).body) {
    if ("source" in node && node.source) note(node.source.value);
  }
  for (const [, said] of text(name).matchAll(/await import\("([^"]+)"\)/g)) note(said);
  return found;
}

const imports = new Map(modules.map((name) => [name, importsOf(name)]));
const folderOf = (/** @type {string} */ name) => String(name.split("/")[0]);

test("every import is of a module that is there, and goes down the layers", () => {
  for (const [name, named] of imports) {
    for (const other of named) {
      assert.ok(imports.has(other), `${name} imports ${other}`);
      if (folderOf(name) !== folderOf(other)) assert.ok([other, folderOf(other)].some((one) => MAY_IMPORT[folderOf(name)]?.includes(one)), `${name} imports ${other}`);
    }
  }
});

test("what a worker keeps by its name is there", () => {
  const kept = readFileSync(new URL("../../static/sw_lapor.js", import.meta.url), "utf8");
  const named = [...kept.matchAll(/"\/static\/js\/([^"]+)"/g)].map(([, one]) => String(one));
  assert.ok(named.length > 0);
  for (const one of named) assert.ok(modules.includes(one), one);
});

test("no module imports itself by way of others", () => {
  /** @type {Map<string, "open" | "done">} */
  const seen = new Map();
  const visit = (/** @type {string} */ name, /** @type {string[]} */ path) => {
    assert.notEqual(seen.get(name), "open", [...path, name].join(" → "));
    if (seen.has(name)) return;
    seen.set(name, "open");
    for (const other of imports.get(name) ?? []) visit(other, [...path, name]);
    seen.set(name, "done");
  };
  for (const name of modules) visit(name, []);
});

test("the feed knows no page, and what asks a server is the feed, or an edge of its own", () => {
  for (const name of modules) {
    const code = text(name).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    if (folderOf(name) === "feed") assert.doesNotMatch(code, /\bdocument\b|\bquerySelector/, name);
    else if (!OWN_EDGES.some((edge) => name.startsWith(edge))) assert.doesNotMatch(code, /(?<![.#\w])fetch\(|\bXMLHttpRequest\b|\bio\(/, name);
  }
});

test("a module is something to look up: none is a sliver, and no two have one name unless their folders complete it", () => {
  for (const name of modules) {
    if (!SHORT.includes(name)) assert.ok(text(name).split("\n").length > LEAST_LINES, `${name} is a sliver`);
  }
  const bases = modules.map((name) => String(name.split("/").pop()));
  const twice = bases.filter((base, i) => bases.indexOf(base) !== i && !COMPLETED.includes(base));
  assert.deepEqual(twice, []);
});
