/**
 * A live page against a socket of the test's own: what it shows and when, what it tells its page, and that it reloads for no older build.
 */
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { afterEach, beforeEach, mock, test } from "node:test";
import { LivePage } from "../../../static/js/screen/live.js";
import { message } from "../messages.js";

const AT_13 = { ...message("resume_batches"), batches: [] };
const given = { document: globalThis.document, location: globalThis.location, fetch: globalThis.fetch };
/** What was asked of the server. @type {string[]} */
const asked = [];

beforeEach(() => {
  globalThis.document = /** @type {any} */ ({ hidden: true, documentElement: { dataset: { build: "5" } }, addEventListener() {} });
  globalThis.location = /** @type {any} */ (new URL("http://room.test/desk"));
  globalThis.fetch = async (url) => {
    asked.push(new URL(String(url)).pathname);
    return asked.at(-1) === "/feed/snapshot" ? Response.json(message("snapshot_later")) : Response.json({}, { status: 503 });
  };
  mock.method(Math, "random", () => 0);
  mock.timers.enable({ apis: ["setInterval"] });
});
afterEach(() => {
  Object.assign(globalThis, given);
  asked.length = 0;
  mock.restoreAll();
  mock.timers.reset();
});

/** A socket that the room answers with its snapshot, then with nothing new. */
class Socket extends EventEmitter {
  asked = 0;
  connect() {
    this.emit("connect");
  }
  disconnect() {}
  timeout() {
    return this;
  }
  async emitWithAck() {
    this.asked += 1;
    return this.asked === 1 ? { ...AT_13, snapshot: "/feed/snapshot?audience=desk" } : AT_13;
  }
}

/** @param {Partial<import("../../../static/js/screen/live.js").Hooks>} [more] */
async function joined(more = {}) {
  const socket = new Socket();
  const seen = { painted: 0, took: 0, heard: 0 };
  const live = new LivePage({
    audience: "desk", every: 0, tickEvery: 250, paint: () => (seen.painted += 1), took: () => (seen.took += 1), heard: () => (seen.heard += 1), ...more,
  }, () => /** @type {any} */ (socket));
  live.start();
  assert.equal(seen.painted, 1);
  assert.deepEqual([live.whole, live.moment().freshness, live.serverNow()], [false, "lost", null]);
  while (!live.feed.current) await turn();
  return { live, socket, seen };
}

const turn = () => new Promise((go) => void setTimeout(go, 0));
const cleared = (/** @type {{live: LivePage}} */ { live }) => live.feed.stop();

test("the state that the feed brings is what a frame shows; the page is told, then painted", async () => {
  const page = await joined();
  await turn();
  assert.deepEqual([page.live.state.seq, page.live.whole, page.seen.took, page.seen.painted], [13, true, 1, 2]);
  const { state, whole, at, beat } = page.live.moment();
  assert.deepEqual([state.seq, whole, at, beat], [13, true, Date.parse(message("snapshot_later").at), null]);
  cleared(page);
});

test("a page may say itself when a state is painted, and does so after it was told of it", async () => {
  /** @type {string[]} */
  const order = [];
  const page = await joined({ took: () => void order.push("took"), repaint: () => void order.push("repaint") });
  await turn();
  assert.deepEqual([order, page.seen.painted], [["took", "repaint"], 1]);
  cleared(page);
});

test("a beat of this position sets the clock and the freshness, and paints", async () => {
  const page = await joined();
  await turn();
  const now = new Date().toISOString();
  page.socket.emit("beat", { ...message("beat"), now, as_of: now, at: now, due_to: now });
  await turn();
  const { at, freshness, sinceBeat } = page.live.moment();
  assert.deepEqual([page.seen.heard, page.seen.painted, at, freshness, sinceBeat < 1], [1, 3, Date.parse(now), "live", true]);
  cleared(page);
});

test("CR-52 the server is asked about a later build, never about an older one, and not under somebody's hands", async () => {
  let busy = true;
  const page = await joined({ mayReload: () => !busy });
  const health = () => asked.filter((path) => path === "/healthz").length;
  const beat = async (/** @type {string} */ build) => {
    page.socket.emit("beat", { ...message("beat"), build });
    await turn();
    await turn();
  };
  await beat("6");
  busy = false;
  await beat("4");
  assert.equal(health(), 0);
  await beat("6");
  assert.equal(health(), 1);
  cleared(page);
});
