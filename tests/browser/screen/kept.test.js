/**
 * A recording never comes back as the live wall: no worker, no copy and no connection keeps or takes a past moment, and a page that
 * shows one does not report itself as a wall that is right.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";
import { LocalCopy } from "../../../static/js/feed/cache.js";
import { Presence } from "../../../static/js/screen/presence.js";
import { dropRecorded } from "../../../static/js/screen/reload.js";
import { stateOf, message } from "../messages.js";

const ORIGIN = "https://room.example";
const LIVE = '<html data-freshness="lost">';
const RECORDED = '<html data-freshness="recorded">';
const ADDRESSES = ["/wall?at=2026-11-24T09:14:00%2B07:00", "/wall?seq=12", "/wall?scene=map&at=x&lang=en", "/feed/snapshot?at=x&audience=wall", "/feed/snapshot?seq=1"];

/** A shelf of answers by address, as a browser's. */
function shelves() {
  /** @type {Map<string, Response>} */
  const held = new Map();
  const whole = (/** @type {string | {url: string}} */ key) => new URL(typeof key === "string" ? key : key.url, ORIGIN).href;
  const shelf = {
    put: async (/** @type {any} */ key, /** @type {Response} */ answer) => void held.set(whole(key), answer),
    match: async (/** @type {any} */ key) => held.get(whole(key))?.clone(),
    delete: async (/** @type {any} */ key) => held.delete(whole(key)),
    keys: async () => [...held.keys()].map((url) => ({ url })),
  };
  return { held, caches: /** @type {any} */ ({ open: async () => shelf }) };
}

/** The wall's worker beside a server that answers every page, or nothing. */
function worker() {
  const { held, caches } = shelves();
  /** @type {Record<string, (event: any) => void>} */
  const on = {};
  const server = { up: true };
  const self = { addEventListener: (/** @type {string} */ name, /** @type {any} */ act) => (on[name] = act), location: { origin: ORIGIN }, skipWaiting() {}, clients: {} };
  const answer = async (/** @type {any} */ request) => {
    if (!server.up) throw new TypeError("no server");
    return new Response(/[?&](at|seq)=/.test(request.url ?? request) ? RECORDED : LIVE);
  };
  vm.runInNewContext(readFileSync(new URL("../../../static/sw.js", import.meta.url), "utf8"), { self, caches, fetch: answer, URL, URLSearchParams, Response, AbortSignal });
  /** @param {string} path @returns {Promise<string | null>} what the worker answers; null: it leaves it to the network */
  const ask = async (path) => {
    /** @type {Promise<Response> | null} */
    let given = null;
    on["fetch"]?.({ request: { url: ORIGIN + path, method: "GET", headers: new Headers() }, respondWith: (/** @type {any} */ said) => (given = said) });
    return given === null ? null : (await /** @type {Promise<Response>} */ (given)).text();
  };
  const settled = () => new Promise((go) => setImmediate(go));
  return { held, server, ask, settled, keep: async (/** @type {string[]} */ paths) => (on["message"]?.({ data: { keep: paths.map((path) => ORIGIN + path), ground: "" } }), settled()) };
}

test("the wall's worker neither keeps a page or snapshot of a past moment nor answers for one, with a server and without", async () => {
  const { held, server, ask, settled } = worker();
  for (const path of ADDRESSES) assert.equal(await ask(path), null, path);
  await settled();
  assert.deepEqual([...held.keys()], []);
  assert.equal(await ask("/wall?scene=board"), LIVE);
  await settled();
  server.up = false;
  for (const path of ADDRESSES) assert.equal(await ask(path), null, path);
  assert.equal(await ask("/wall"), LIVE);
});

test("nor when a page asks it to keep all that it has loaded", async () => {
  const { held, keep } = worker();
  await keep(["/wall?at=2026-11-24T02:14:00Z", "/wall?seq=3", "/static/js/wall/rail.js"]);
  assert.deepEqual([...held.keys()], [`${ORIGIN}/static/js/wall/rail.js`]);
});

test("what a worker of a release before kept as the wall's page goes, and the live page stays", async () => {
  const { held, caches } = shelves();
  held.set(`${ORIGIN}/wall`, new Response(RECORDED));
  held.set(`${ORIGIN}/wall?lang=en`, new Response(LIVE));
  held.set(`${ORIGIN}/static/x.js`, new Response(RECORDED));
  await dropRecorded(caches);
  assert.deepEqual([...held.keys()], [`${ORIGIN}/wall?lang=en`, `${ORIGIN}/static/x.js`]);
  await dropRecorded(undefined);
});

test("CR-49: a past moment is never the copy that a wall shows without its server", async () => {
  const kept = /** @type {unknown[]} */ ([]);
  const copy = new LocalCopy({ get: async () => undefined, put: async (one) => void kept.push(one), clear: async () => undefined }, { now: () => 0, rest: async () => undefined });
  await copy.offer(stateOf({ ...message("snapshot"), recorded: true }));
  assert.equal(kept.length, 0);
  await copy.offer(stateOf(message("snapshot")));
  assert.equal(kept.length, 1);
});

test("a page that shows a past moment reports that, however fresh its feed is", async () => {
  const sent = /** @type {any[]} */ ([]);
  const socket = /** @type {any} */ ({ connected: true, on() {}, timeout: () => ({ emitWithAck: async (/** @type {string} */ _name, /** @type {any} */ body) => (sent.push(body), {}) }) });
  for (const recorded of [true, false]) {
    const made = new Presence({ mono: () => 5000, every: () => {}, facts: () => ({ page: "p" }), recorded }, () => ({ freshness: "live", age: 0, waited: 0, mono: 5000, seq: 7, scene: "map" }));
    made.start(socket, () => {});
    await made.tick();
  }
  assert.deepEqual(sent.map(({ freshness, painted_s: painted }) => [freshness, painted]), [["recorded", null], ["live", null]]);
});
