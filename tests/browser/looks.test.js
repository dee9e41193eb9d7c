/**
 * The looks where a machine can read them: one token file, contrast, and no style in the page.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const CSS = new URL("../../static/css/", import.meta.url);
const read = (/** @type {URL} */ url) => readFileSync(url, "utf8");
const page = read(new URL("../../templates/wall.html", import.meta.url));
/** The style sheets that the wall loads. */
const SHEETS = JSON.parse(read(new URL("../../display/pages/assets.json", import.meta.url))).wall.styles.filter((/** @type {string} */ name) => /^css\/[^ ]+$/.test(name)).map((/** @type {string} */ name) => name.replace("css/", ""));
const tokens = Object.fromEntries([...read(new URL("tokens.css", CSS)).matchAll(/--([\w-]+): (#[0-9A-F]{6});/g)].map(([, name, hex]) => [name, hex]));

/** @param {string} hex @returns {number} relative luminance, WCAG 2.x */
function luminance(hex) {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {string} one @param {string} other tokens */
function contrast(one, other) {
  const [high = 0, low = 0] = [one, other].map((name) => luminance(String(tokens[name]))).sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

test("the wall's style sheets are found", () => {
  assert.ok(SHEETS.includes("wall.css") && SHEETS.length > 10);
});

test("CR-53 the palette is the control room's, and stands in one file", () => {
  assert.deepEqual(tokens, {
    ground: "#11161C", card: "#1B222B", text: "#C9D3DE", secondary: "#9AA6B2", line: "#2B3541", lifted: "#28313C", waiting: "#FC4024",
    "in-process": "#FFE700", done: "#0CC496", alarm: "#F5FDFF", stale: "#8087A2", told: "#F5FDFF", calm: "#C9D3DE",
    "land-0": "#2A3643", "land-1": "#394858", "land-2": "#4B5D71", "land-3": "#61768D", "land-calling": "#9FB3C8",
    "land-flooded-0": "#53657A", "land-flooded-1": "#6E839B", "land-flooded-2": "#8EA4BC", "land-flooded-3": "#A9BACD",
    "land-quiet-0": "#26323F", "land-quiet-1": "#324151", slab: "#1E2731",
    paper: "#FFFFFF", ink: "#11161C", soft: "#4A5563", rule: "#C7D0D9",
    "paper-land-0": "#EDF1F5", "paper-land-1": "#DCE4EC",
  });
  for (const name of readdirSync(CSS).filter((file) => file !== "tokens.css")) {
    assert.doesNotMatch(read(new URL(name, CSS)), /#[0-9a-f]{3,8}\b(?!-)|rgba?\(|hsla?\(/i, name);
  }
});

test("A19, CR-54: text has 4.5 to 1 on ground and card, symbols 3 to 1", () => {
  for (const text of ["text", "secondary", "alarm"]) for (const on of ["ground", "card"]) assert.ok(contrast(text, on) >= 4.5, `${text} on ${on}`);
  for (const shape of ["waiting", "in-process", "done", "alarm", "stale"]) for (const on of ["ground", "card", "line"]) assert.ok(contrast(shape, on) >= 3, `${shape} on ${on}`);
});

test("on light pages ink and soft ink are read on paper and land, and every shape has an edge of ink", () => {
  for (const text of ["ink", "soft"]) for (const on of ["paper", "paper-land-0", "paper-land-1"]) assert.ok(contrast(text, on) >= 4.5, `${text} on ${on}`);
  assert.match(read(new URL("lapor.css", CSS)), /\.mark \{ stroke: var\(--ink\); stroke-width: \.09;/);
});

test("land without anybody waiting stands out from the ground by 1.35 to 1, and each tone from the one before", () => {
  assert.ok(contrast("land-0", "ground") >= 1.35);
  for (const [less, more] of [["land-0", "land-1"], ["land-1", "land-2"], ["land-2", "land-3"], ["land-3", "land-calling"]]) assert.ok(contrast(String(less), String(more)) >= 1.28, more);
});

test("what stands on land has a casing in the colour of the ground, where every mark keeps its contrast, however light the land", () => {
  const map = read(new URL("map.css", CSS));
  const rules = [...map.matchAll(/([^{}]+)\{([^{}]*)\}/g)].map(([, selectors, body]) => ({ selectors: String(selectors), body: String(body) }));
  const cased = (/** @type {string} */ name, /** @type {RegExp} */ how) => rules.some(({ selectors, body }) => selectors.split(",").some((one) => one.trim().endsWith(name)) && how.test(body));
  for (const words of [".cluster-name", ".cluster-count", ".mark-label", ".map-foot"]) assert.ok(cased(words, /text-shadow: var\(--casing\)/), words);
  assert.ok(cased(".casing", /stroke: var\(--ground\); stroke-width: calc\(24 \* var\(--u\)\)/) && cased(".cluster-bars", /background: var\(--ground\)/) && cased(".land-casing", /stroke: var\(--ground\)/));
  assert.match(map, /--casing:\s+(calc\([^)]*\)\) calc\([^)]*\)\) 0 var\(--ground\)[,;]\s*){16}/, "all around each letter");
  assert.ok(contrast("ground", "waiting") >= 4.5, "a figure in its triangle");
  for (const [name, hex] of Object.entries(tokens).filter(([one]) => one.startsWith("land-"))) {
    const channels = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    assert.ok(Math.max(...channels) - Math.min(...channels) <= 48, `${name} is no hue`);
  }
});

test("menunggu and stale are never the colour of text (CR-59)", () => {
  for (const name of SHEETS) assert.doesNotMatch(read(new URL(name, CSS)), /[^-\w]color: var\(--(waiting|stale|in-process|done)\)/, name);
});

test("sizes of text are steps of the scale alone", () => {
  for (const name of SHEETS) {
    for (const [, size] of read(new URL(name, CSS)).matchAll(/font-size: ([^;]+);/g)) assert.match(String(size), /^var\(--(step-\w+|figure, var\(--step-figure\))\)$/, name);
  }
});

test("no layout hides an agency between its large rows and the list: it says how many are large", () => {
  for (const name of SHEETS) assert.doesNotMatch(read(new URL(name, CSS)), /\.agency:nth-child\([^)]*\)[^{}]*\{\s*display: none/, name);
});

test("the page has no inline style and no handler, and every inline script its nonce", () => {
  assert.doesNotMatch(page, /\sstyle=|\son\w+=/);
  for (const [tag] of page.matchAll(/<script[^>]*>/g)) assert.match(tag, /nonce=|src=|type="application\/json"/);
});
