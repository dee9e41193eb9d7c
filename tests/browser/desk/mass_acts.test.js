/**
 * Acts on many at the duty desk whose page closes midway: nothing that was decided is lost, nothing is done twice.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ComplaintCommands } from "../../../static/js/desk/commands.js";
import { FRESH_MS, MassActs } from "../../../static/js/desk/mass_acts.js";

/** A browser: what it keeps, who sits there, and pages that are opened and closed. */
function browserOf() {
  /** @type {Map<string, string>} */
  const kept = new Map();
  const store = { getItem: (/** @type {string} */ key) => kept.get(key) ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, value), removeItem: (/** @type {string} */ key) => void kept.delete(key) };
  /** @type {Set<string>} */
  const locks = new Set();
  let ids = 0;
  const browser = {
    now: 1_000_000, person: "sari", kept,
    /** @param {(body: any, outlives: boolean) => any} answer of the server; a promise that never ends: the page closes before it comes */
    open(answer) {
      /** @type {{url: string, body: any, outlives: boolean}[]} */
      const sent = [];
      /** @type {any[]} */
      const [later, told] = [[], []];
      const commands = new ComplaintCommands({
        mono: () => 0, newId: () => "single", changed: () => {}, person: () => ({}),
        post: async (url, body, outlives = false) => (sent.push({ url, body: /** @type {any} */ (body), outlives }), answer(body, outlives)),
      });
      const mine = new Set();
      const mass = new MassActs({
        commands, store, newId: () => `id${(ids += 1)}`, person: () => browser.person, signs: () => ({ screen: "desk-1" }), now: () => browser.now,
        later: (ms, act) => void later.push(act), changed: () => {}, finished: ({ done, all, refused }) => told.push([done, all, refused]),
        alone: (id, work) => {
          if (locks.has(id)) return;
          locks.add(id);
          mine.add(id);
          void work().finally(() => locks.delete(id));
        },
      });
      const close = () => {
        for (const id of mine) locks.delete(id);
      };
      return { mass, commands, sent, later, told, close };
    },
  };
  return browser;
}

const cards = (/** @type {number} */ n) => Array.from({ length: n }, (_, i) => ({ id: `c${i}`, seq: i + 1 }));
const decided = (/** @type {number} */ n, held = false) => ({ act: "reject", command: "reject", subjects: cards(n), fields: { reason: "ganda", actor: "sari" }, held });
const settle = () => new Promise((go) => void setImmediate(go));
const taken = ({ items }) => ({ status: 200, body: { results: items.map(({ id }) => (id === "c120" ? { id, error: { code: "state" } } : { id })) } });
const never = () => new Promise(() => {});

test("a page that closes midway: the next one sends the rest under the same ids, and says how many of how many", async () => {
  const browser = browserOf();
  let n = 0;
  const first = browser.open((body) => ((n += 1) === 1 ? taken(body) : never()));
  void first.mass.send(first.mass.keep(decided(250)));
  await settle();
  const [[act]] = first.mass.all;
  assert.deepEqual([act.done, act.all, first.sent.length], [100, 250, 2]);
  first.mass.flush();
  assert.deepEqual(first.sent.slice(2).map(({ outlives, body }) => [outlives, body.items.length]), [[true, 100], [true, 50]]);
  first.close();
  const second = browser.open(taken);
  second.mass.resume();
  await settle();
  assert.deepEqual(second.sent.map(({ body }) => body), first.sent.slice(2).map(({ body }) => body));
  assert.deepEqual([second.told, second.mass.all, browser.kept.size], [[[249, 250, 1]], [], 0]);
  assert.equal(second.commands.markOf("c120")?.kind, "failed");
});

test("while one page has it no other sends it; and whoever sits there next does not send it for another", async () => {
  const browser = browserOf();
  const first = browser.open(never);
  void first.mass.send(first.mass.keep(decided(3)));
  const beside = browser.open(taken);
  beside.mass.resume();
  first.close();
  browser.person = "budi";
  beside.mass.resume();
  await settle();
  assert.deepEqual([beside.sent, beside.mass.all, browser.kept.size], [[], [], 1]);
  browser.person = "sari";
  beside.mass.resume();
  await settle();
  assert.deepEqual([beside.sent.length, browser.kept.size], [1, 0]);
});

test("what was decided long ago, or could still be taken back when the page broke, asks first", async () => {
  for (const [held, pass] of /** @type {const} */ ([[false, FRESH_MS], [true, 0]])) {
    const browser = browserOf();
    const first = browser.open(never);
    const act = first.mass.keep(decided(12, held));
    if (!held) void first.mass.send(act);
    first.close();
    browser.now += pass;
    const second = browser.open(taken);
    second.mass.resume();
    await settle();
    const [[kept, state]] = second.mass.all;
    assert.deepEqual([state, second.sent.length], ["asks", 0]);
    if (held) second.mass.drop(kept);
    else second.mass.goOn(kept);
    await settle();
    assert.deepEqual([second.sent.length, browser.kept.size], [held ? 0 : 1, 0]);
  }
});

test("what is too old for anybody to remember is not left in the browser for whoever sits there next", () => {
  const browser = browserOf();
  browser.open(never).mass.keep(decided(3));
  browser.now += 24 * 3_600_000;
  browser.person = "budi";
  browser.open(never).mass.resume();
  assert.equal(browser.kept.size, 0);
});

test("a server that does not answer is asked again, until it is too long ago; what is dropped is sent no more", async () => {
  const browser = browserOf();
  let up = false;
  const { mass, sent, later } = browser.open((body) => (up ? taken(body) : { status: 503, body: null }));
  void mass.send(mass.keep(decided(150)));
  await settle();
  assert.deepEqual([mass.all[0]?.[1], sent.length], ["again", 1]);
  up = true;
  later.pop()();
  await settle();
  assert.deepEqual([new Set(sent.map(({ body }) => body.command_id)).size, mass.all.length], [2, 0]);
  up = false;
  const act = mass.keep(decided(150));
  void mass.send(act);
  await settle();
  browser.now += FRESH_MS;
  later.pop()();
  await settle();
  assert.equal(mass.all[0]?.[1], "asks");
  mass.drop(act);
  assert.deepEqual([mass.all.length, browser.kept.size, mass.idle], [0, 0, true]);
});
