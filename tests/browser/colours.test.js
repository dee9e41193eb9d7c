/**
 * The five status colours keep apart for every kind of sight (A19, CR-55), and which of them flash: CIEDE2000 under Machado 2009, severity 1, in linear RGB.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { phaseAt } from "../../static/js/screen/flash.js";

const TOKENS = readFileSync(new URL("../../static/css/tokens.css", import.meta.url), "utf8");
const COLOURS = ["waiting", "in-process", "done", "alarm", "stale"].map((name) => (new RegExp(`--${name}: (#\\w{6})`).exec(TOKENS) ?? [])[1] ?? "");
const SIGHT = {
  normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protan: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deutan: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritan: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};
const TO_XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]];
const WHITE = [0.95047, 1, 1.08883];
const { abs, atan2, cos, exp, hypot, PI, sin, sqrt } = Math;

/**
 * Brettel, Viénot and Mollon 1997 on linear sRGB, with the numbers that libDaltonLens publishes: one matrix on either side
 * of a plane, whose normal says which.
 */
const TWO_PLANES = {
  protan: {
    normal: [0.00048, 0.00393, -0.00441],
    above: [[0.1498, 1.19548, -0.34528], [0.10764, 0.84864, 0.04372], [0.00384, -0.0054, 1.00156]],
    below: [[0.1457, 1.16172, -0.30742], [0.10816, 0.85291, 0.03892], [0.00386, -0.00524, 1.00139]],
  },
  deutan: {
    normal: [-0.00281, -0.00611, 0.00892],
    above: [[0.36477, 0.86381, -0.22858], [0.26294, 0.64245, 0.09462], [-0.02006, 0.02728, 0.99278]],
    below: [[0.37298, 0.88166, -0.25464], [0.25954, 0.63506, 0.1054], [-0.0198, 0.02784, 0.99196]],
  },
  tritan: {
    normal: [0.03901, -0.02788, -0.01113],
    above: [[1.01277, 0.13548, -0.14826], [-0.01243, 0.86812, 0.14431], [0.07589, 0.805, 0.11911]],
    below: [[0.93678, 0.18979, -0.12657], [0.06154, 0.81526, 0.1232], [-0.37562, 1.12767, 0.24796]],
  },
};

/** @param {number[][]} matrix @param {number[]} vector */
const times = (matrix, vector) => matrix.map((row) => row.reduce((sum, n, i) => sum + n * (vector[i] ?? 0), 0));

/** @param {string} hex @returns {number[]} linear RGB */
const linearOf = (hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));

/** @param {string} hex @param {number[][]} sight @returns {[number, number, number]} CIELAB, D65 */
function labOf(hex, sight) {
  const seen = times(sight, linearOf(hex)).map((c) => Math.min(1, Math.max(0, c)));
  const [x = 0, y = 0, z = 0] = times(TO_XYZ, seen).map((n, i) => n / (WHITE[i] ?? 1)).map((t) => (t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** @param {[number, number, number]} one @param {[number, number, number]} other @returns {number} CIEDE2000 (Sharma and others, 2005) */
function difference([l1, a1, b1], [l2, a2, b2]) {
  const mean7 = ((hypot(a1, b1) + hypot(a2, b2)) / 2) ** 7;
  const g = 1 + 0.5 * (1 - sqrt(mean7 / (mean7 + 25 ** 7)));
  const [c1, c2] = [hypot(a1 * g, b1), hypot(a2 * g, b2)];
  const turn = (/** @type {number} */ angle) => (angle + 2 * PI) % (2 * PI);
  const [h1, h2] = [turn(atan2(b1, a1 * g)), turn(atan2(b2, a2 * g))];
  const far = abs(h1 - h2) > PI;
  const dh = h2 - h1 + (far ? (h2 <= h1 ? 2 * PI : -2 * PI) : 0);
  const dH = 2 * sqrt(c1 * c2) * sin(dh / 2);
  const h = (h1 + h2) / 2 + (far ? (h1 + h2 < 2 * PI ? PI : -PI) : 0);
  const [l, c] = [(l1 + l2) / 2 - 50, (c1 + c2) / 2];
  const t = 1 - 0.17 * cos(h - PI / 6) + 0.24 * cos(2 * h) + 0.32 * cos(3 * h + PI / 30) - 0.2 * cos(4 * h - (63 * PI) / 180);
  const [sl, sc, sh] = [1 + (0.015 * l * l) / sqrt(20 + l * l), 1 + 0.045 * c, 1 + 0.015 * c * t];
  const rt = -2 * sqrt(c ** 7 / (c ** 7 + 25 ** 7)) * sin((PI / 3) * exp(-((((h * 180) / PI - 275) / 25) ** 2)));
  const [x, y, z] = [(l2 - l1) / sl, (c2 - c1) / sc, dH / sh];
  return sqrt(x * x + y * y + z * z + rt * y * z);
}

test("the difference is the published one", () => {
  assert.ok(abs(difference([50, 2.6772, -79.7751], [50, 0, -82.7485]) - 2.0425) < 0.0001);
});

for (const [name, least] of Object.entries({ normal: 30.5, protan: 22.1, deutan: 21.8, tritan: 21.9 })) {
  test(`A19, CR-55: any two status colours differ by 20 or more, ${name}`, () => {
    const seen = COLOURS.map((hex) => labOf(hex, SIGHT[/** @type {keyof typeof SIGHT} */ (name)]));
    const found = Math.min(...seen.flatMap((one, i) => seen.slice(i + 1).map((other) => difference(one, other))));
    assert.ok(found >= 20 && abs(found - least) <= 0.06, String(found));
  });
}

for (const [name, least] of Object.entries({ protan: 21.5, deutan: 21.1, tritan: 19.4 })) {
  test(`CR-55: as Brettel sees it they differ by 19 or more, ${name}`, () => {
    const { normal, above, below } = TWO_PLANES[/** @type {keyof typeof TWO_PLANES} */ (name)];
    const seen = COLOURS.map((hex) => labOf(hex, (times([normal], linearOf(hex))[0] ?? 0) >= 0 ? above : below));
    const found = Math.min(...seen.flatMap((one, i) => seen.slice(i + 1).map((other) => difference(one, other))));
    assert.ok(found >= 19 && abs(found - least) < 0.25, String(found));
  });
}

/** @param {string} hex @returns {[number, number]} u'v' of CIE 1976 */
function chromaticity(hex) {
  const [x = 0, y = 0, z = 0] = times(TO_XYZ, linearOf(hex));
  return [(4 * x) / (x + 15 * y + 3 * z), (9 * y) / (x + 15 * y + 3 * z)];
}

test("CR-39 the flash has a saturated red, so it keeps to fewer than three in a second, and no blue takes turns with it", () => {
  const ground = (/--ground: (#\w{6})/.exec(TOKENS) ?? [])[1] ?? "";
  const share = (/** @type {string} */ hex, /** @type {number} */ of) => (linearOf(hex)[of] ?? 0) / linearOf(hex).reduce((sum, n) => sum + n);
  const [waiting = ""] = COLOURS;
  assert.ok(abs(share(waiting, 0) - 0.934) < 0.001 && share(waiting, 0) > 0.8);
  const [[u1, v1], [u2, v2]] = [chromaticity(waiting), chromaticity(ground)];
  const step = hypot(u1 - u2, v1 - v2);
  assert.ok(abs(step - 0.235) < 0.005 && step > 0.2, String(step));
  for (const hex of [...COLOURS, ground]) assert.ok(share(hex, 2) < 0.8, `${hex} is a saturated blue`);
  const seconds = Array.from({ length: 1000 }, (_, ms) => phaseAt(ms));
  assert.ok(seconds.filter((phase, ms) => phase === "on" && seconds[ms - 1] === "off").length < 3);
});

test("CR-60 neutral colours are close to each other: ring and text, stale and secondary need another sign", () => {
  const [text = "", secondary = ""] = ["text", "secondary"].map((name) => (new RegExp(`--${name}: (#\\w{6})`).exec(TOKENS) ?? [])[1] ?? "");
  const [, , , alarm = "", stale = ""] = COLOURS;
  for (const sight of Object.values(SIGHT)) {
    const apart = (/** @type {string} */ one, /** @type {string} */ other) => difference(labOf(one, sight), labOf(other, sight));
    assert.ok(apart(alarm, text) > 9.2 && apart(alarm, text) < 10.1 && apart(stale, secondary) > 9.3 && apart(stale, secondary) < 12.3);
  }
});
