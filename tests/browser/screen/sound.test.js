/**
 * The room's sound: three patterns, and when which of them is heard.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LOCK, nextSound, noSound, PATTERNS, render, Speaker } from "../../../static/js/screen/sound.js";

const RATE = 8000;
const alarm = (/** @type {string} */ id, /** @type {any} */ more = {}) => ({ id, state: "unacked", priority: 2, kind: "passed", activated_at: "2026-11-24T07:00:00Z", ...more });

/** @param {{at: number, alarms: any[], flooding?: boolean, silenced?: boolean}[]} script held from one entry to the next @param {number} until s @returns {string[]} "seconds P" */
function played(script, until) {
  let memory = noSound();
  /** @type {string[]} */
  const sounds = [];
  for (let t = 0; t <= until * 1000; t += 200) {
    const entry = script.findLast(({ at }) => at * 1000 <= t);
    if (!entry) continue;
    const next = nextSound(memory, { alarms: entry.alarms, flooding: entry.flooding ?? false, silenced: entry.silenced ?? false, mono: t });
    memory = next.memory;
    if (next.play) sounds.push(`${Math.floor(t / 1000)} P${next.play}`);
  }
  return sounds;
}

/** @param {Float32Array} samples @returns {number} bursts of tone with at least 20 ms of silence between */
function pulseCount(samples) {
  let count = 0;
  let quiet = Infinity;
  for (const sample of samples) {
    if (Math.abs(sample) > 1e-4) {
      if (quiet > 0.02 * RATE) count += 1;
      quiet = 0;
    } else quiet += 1;
  }
  return count;
}

test("CR-93 P1 2x5, P2 3, P3 1 pulse; tones at least 20 % apart; another from the first half second", () => {
  assert.deepEqual([1, 2, 3].map((p) => pulseCount(render(/** @type {1} */ (p), RATE))), [10, 3, 1]);
  const tones = [PATTERNS[1].hz, PATTERNS[2].hz, PATTERNS[3].hz].sort((a, b) => a - b);
  for (const [n, hz] of tones.slice(1).entries()) assert.ok(hz / (tones[n] ?? hz) >= 1.2);
  const starts = [1, 2, 3].map((p) => PATTERNS[/** @type {1} */ (p)].starts.filter((at) => at < 0.5).length);
  assert.equal(new Set(starts).size, 3);
});

test("CR-94 no burst is longer than 3 s, and none is clipped", () => {
  for (const p of /** @type {const} */ ([1, 2, 3])) {
    const samples = render(p, RATE);
    assert.ok(samples.length / RATE <= 3);
    assert.ok(samples.every((sample) => Math.abs(sample) <= 1));
  }
});

test("A05 CR-17 one unacknowledged alarm sounds at 0, 30 and 60 s, and not after it was acknowledged", () => {
  const script = [{ at: 0, alarms: [] }, { at: 1, alarms: [alarm("a")] }, { at: 65, alarms: [alarm("a", { state: "acked" })] }];
  assert.deepEqual(played(script, 130), ["1 P2", "31 P2", "61 P2"]);
});

test("A08 CR-16 nothing sounds at load: what is there was there before; it is heard again after 30 s", () => {
  const acked = Array.from({ length: 5 }, (_, n) => alarm(`k${n}`, { state: "acked" }));
  assert.deepEqual(played([{ at: 0, alarms: [...acked, alarm("u")] }], 29), []);
  assert.deepEqual(played([{ at: 0, alarms: [...acked, alarm("u")] }], 31), ["30 P2"]);
  assert.deepEqual(played([{ at: 0, alarms: acked }], 120), []);
});

test("CR-16 acknowledging, returning and counting make no sound; a re-alarm does", () => {
  const script = [
    { at: 0, alarms: [alarm("a", { state: "acked" })] }, { at: 5, alarms: [alarm("a", { state: "returned", count: 4 })] },
    { at: 10, alarms: [] }, { at: 15, alarms: [alarm("a", { activated_at: "2026-11-24T08:00:00Z" })] },
    { at: 20, alarms: [alarm("a", { activated_at: "2026-11-24T08:00:04Z" })] },
  ];
  assert.deepEqual(played(script, 25), ["15 P2", "20 P2"]);
});

test("CR-94 alarms within 3 s share one sound; something more urgent follows it at once", () => {
  const script = [{ at: 0, alarms: [] }, { at: 1, alarms: [alarm("a")] }, { at: 2, alarms: [alarm("a"), alarm("b"), alarm("c", { priority: 3 })] }];
  assert.deepEqual(played(script, 20), ["1 P2"]);
  const urgent = [...script, { at: 2.2, alarms: [alarm("a"), alarm("b"), alarm("d", { priority: 1 })] }];
  assert.deepEqual(played(urgent, 20), ["1 P2", "2 P1"]);
});

test("CR-94 of several at once the highest priority is heard", () => {
  assert.deepEqual(played([{ at: 0, alarms: [] }, { at: 1, alarms: [alarm("a", { priority: 3 }), alarm("b", { priority: 1 })] }], 20), ["1 P1"]);
});

test("CR-19 silence holds back repeats, never a new alarm", () => {
  const script = [
    { at: 0, alarms: [] }, { at: 1, alarms: [alarm("a")] }, { at: 28, alarms: [alarm("a")], silenced: true },
    { at: 33, alarms: [alarm("a"), alarm("n")], silenced: true }, { at: 58, alarms: [alarm("a"), alarm("n")] },
  ];
  assert.deepEqual(played(script, 50), ["1 P2", "33 P2"]);
});

test("A09 CR-26 in a flood: one sound at its start, then at most one in 30 s; P1 is heard by itself", () => {
  const many = Array.from({ length: 40 }, (_, n) => alarm(`m${n}`, { priority: n % 2 ? 2 : 3 }));
  const script = [{ at: 0, alarms: [] }, ...many.map((_, n) => ({ at: 10 + n * 0.5, alarms: many.slice(0, n + 1), flooding: true }))];
  const first = played([...script, { at: 31, alarms: [...many, alarm("p1", { priority: 1 })], flooding: true }], 39);
  assert.deepEqual(first, ["10 P3", "31 P1"]);
  const longer = played([...script, { at: 31, alarms: many, flooding: true }], 100).map((sound) => Number(sound.split(" ")[0]));
  for (const [n, at] of longer.slice(1).entries()) assert.ok(at - (longer[n] ?? 0) >= 29, String(longer));
});

/** Locks of a browser, as far as the election needs them. */
function fakeLocks() {
  /** @type {(() => Promise<unknown>)[]} */
  const queue = [];
  let held = false;
  const pass = async () => {
    const next = held ? undefined : queue.shift();
    if (!next) return;
    held = true;
    await next();
    held = false;
    await pass();
  };
  return /** @type {any} */ ({
    request: (/** @type {string} */ name, /** @type {() => Promise<unknown>} */ holds) => new Promise((done) => {
      assert.equal(name, LOCK);
      queue.push(() => holds().then(done));
      void pass();
    }),
  });
}

const settled = () => new Promise((go) => setImmediate(go));

test("CR-94 one of three speaks, and another takes over when it falls silent", async () => {
  const locks = fakeLocks();
  const pages = [0, 1, 2].map(() => {
    const context = /** @type {any} */ ({ state: "running", resume: async () => {} });
    /** @type {() => void} */
    let check = () => {};
    const speaker = new Speaker({ context, locks, every: (_, act) => void (check = act), tell: () => {} });
    return { context, speaker, check: () => check() };
  });
  await settled();
  assert.deepEqual(pages.map(({ speaker }) => speaker.leads), [true, false, false]);
  const [first] = pages;
  if (first) first.context.state = "suspended";
  first?.check();
  await settled();
  await settled();
  assert.deepEqual(pages.map(({ speaker }) => speaker.leads), [false, true, false]);
});

test("CR-95 a context that does not run is told on the second look, and waking it takes the word back", async () => {
  /** @type {boolean[]} */
  const told = [];
  const context = /** @type {any} */ ({ state: "suspended", resume: async () => void (context.state = "running") });
  /** @type {() => void} */
  let check = () => {};
  const speaker = new Speaker({ context, locks: fakeLocks(), every: (ms, act) => (assert.ok(ms <= 1000), (check = act)), tell: (heard) => void told.push(heard) });
  assert.deepEqual(told, []);
  check();
  assert.deepEqual(told, [false]);
  speaker.wake();
  await settled();
  assert.deepEqual(told, [false, true]);
});
