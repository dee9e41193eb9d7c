/**
 * The Socket.IO edge against a real Socket.IO server: join, ask, hold, gap, epoch, bye, and coming back.
 */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { afterEach, test } from "node:test";
import { setImmediate as rest } from "node:timers/promises";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import { Feed, waitAfterBye, waitBefore } from "../../../static/js/feed/connection.js";
import { emptyState } from "../../../static/js/feed/store.js";
import { contents, message, stateOf } from "../messages.js";

/** @type {(() => void)[]} */
const undo = [];
afterEach(() => undo.splice(0).forEach((act) => act()));

/** @param {() => unknown} found @returns {Promise<void>} when it is so */
async function until(found) {
  while (!found()) await rest();
}

/**
 * @param {(question: any, asked: any[]) => any} answer to `resume`
 * @param {any} [state] of the screen at the start
 */
async function room(answer, state = emptyState()) {
  const server = createServer();
  const feed = new Server(server, { serveClient: false }).of("/feed");
  /** @type {any[]} */
  const asked = [];
  feed.on("connection", (socket) => socket.on("resume", (question, reply) => {
    asked.push(question);
    const given = answer(question, asked);
    if (given) reply(given);
  }));
  await new Promise((go) => server.listen(0, "127.0.0.1", () => go(null)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const seen = { states: /** @type {any[]} */ ([]), beats: /** @type {any[]} */ ([]), urls: /** @type {string[]} */ ([]) };
  const edge = {
    open: () => io(`http://127.0.0.1:${port}/feed`, { transports: ["websocket"], reconnection: false, autoConnect: false, forceNew: true }),
    getPieces: async function* (/** @type {string} */ url) {
      seen.urls.push(url);
      yield message("snapshot");
    },
    later: (/** @type {number} */ ms, /** @type {() => void} */ act) => {
      const timer = setTimeout(act, ms >= 5000 ? ms : 0);
      return () => clearTimeout(timer);
    },
    random: () => 0.01, rest: () => rest(),
  };
  const screen = new Feed(edge, state, { state: (next) => seen.states.push(next), beat: (beat) => seen.beats.push(beat) });
  undo.push(() => {
    screen.stop();
    server.close();
    feed.disconnectSockets(true);
  });
  return { feed, asked, seen, screen };
}

const later = contents(stateOf(message("snapshot_later")));
const AT_13 = { epoch: "7f3a-1-c0ffee-wall", seq: 13, mark: "mark-13", batches: [] };

test("a snapshot of a past moment is never taken for the room of now: it asks again", async () => {
  let given = 0;
  const { asked, screen } = await room(() => message("resume_snapshot"));
  screen.edge.getPieces = async function* () {
    given += 1;
    yield { ...message("snapshot"), recorded: true };
  };
  screen.start();
  await until(() => asked.length > 1);
  assert.deepEqual([screen.state.epoch, screen.state.recorded, given > 0], ["", false, true]);
});

test("a new screen asks with nothing, takes the snapshot, and asks on from there", async () => {
  const { asked, seen, screen } = await room((_, all) => message(all.length === 1 ? "resume_snapshot" : "resume_batches"));
  screen.start();
  await until(() => screen.state.seq === 13);
  assert.deepEqual(asked, [{}, { epoch: AT_13.epoch, seq: 10, mark: "mark-10" }]);
  assert.deepEqual(seen.urls, ["/feed/snapshot?audience=wall"]);
  assert.deepEqual(contents(screen.state), later);
});

test("a batch that overtakes the answer is held, not lost and not applied too early", async () => {
  const { feed, screen } = await room(() => {
    feed.emit("batch", message("resume_batches").batches[2]);
    return { ...message("resume_batches"), seq: 12, mark: "mark-12", batches: message("resume_batches").batches.slice(0, 2) };
  }, stateOf(message("snapshot")));
  screen.start();
  await until(() => screen.state.seq === 13);
  assert.deepEqual(contents(screen.state), later);
});

test("it is said when nothing is left to catch up with, and not before", async () => {
  const { screen } = await room((_, all) => (all.length === 1 ? { ...AT_13, seq: 12, mark: "mark-12", batches: message("resume_batches").batches.slice(0, 2) } : AT_13), stateOf(message("snapshot")));
  /** @type {unknown[]} */
  const told = [];
  screen.listener = { ...screen.listener, state: ({ seq }) => told.push(seq), joined: () => told.push("joined") };
  screen.start();
  await until(() => screen.current);
  assert.deepEqual(told, [11, 12, "joined"]);
});

test("a beat that comes with the answer counts at once", async () => {
  const beat = { ...message("beat"), epoch: AT_13.epoch, seq: 13, mark: "mark-13" };
  const { seen, screen } = await room(() => ({ ...message("resume_batches"), beat }), stateOf(message("snapshot")));
  screen.start();
  await until(() => screen.current);
  assert.deepEqual(seen.beats.map(({ seq }) => seq), [13]);
});

test("a gap is asked for from where we are", async () => {
  const { feed, asked, screen } = await room((_, all) => (all.length === 1 ? { ...AT_13, seq: 10, mark: "mark-10" } : message("resume_batches")), stateOf(message("snapshot")));
  screen.start();
  await until(() => asked.length === 1 && screen.current);
  feed.emit("batch", message("resume_batches").batches[1]);
  await until(() => screen.state.seq === 13);
  assert.deepEqual(asked[1], { epoch: AT_13.epoch, seq: 10, mark: "mark-10" });
});

test("a beat counts only when the store holds what it speaks of", async () => {
  const { feed, asked, seen, screen } = await room((_, all) => (all.length === 1 ? { ...AT_13, seq: 10, mark: "mark-10" } : message("resume_batches")), stateOf(message("snapshot")));
  screen.start();
  await until(() => screen.current);
  const { mark: _, ...unmarked } = message("beat");
  feed.emit("beat", unmarked);
  await until(() => asked.length === 2 && screen.current);
  assert.equal(seen.beats.length, 0);
  feed.emit("beat", message("beat"));
  await until(() => seen.beats.length === 1);
});

for (const [what, change] of /** @type {[string, any][]} */ ([["another mark at our seq", { mark: "forged" }], ["another epoch", { epoch: "restored" }]])) {
  test(`a beat with ${what} makes the screen ask`, async () => {
    const { feed, asked, seen, screen } = await room(() => AT_13, stateOf(message("snapshot_later")));
    screen.start();
    await until(() => screen.current);
    feed.emit("beat", { ...message("beat"), ...change });
    await until(() => asked.length === 2);
    assert.equal(seen.beats.length, 0);
  });
}

test("a log that stays shorter than ours is another history: the third beat asks", async () => {
  const { feed, asked, screen } = await room(() => AT_13, stateOf(message("snapshot_later")));
  screen.start();
  await until(() => screen.current);
  for (let n = 0; n < 3; n += 1) feed.emit("beat", { ...message("beat"), seq: 9, mark: "mark-9" });
  await until(() => asked.length === 2);
});

test("cut off, it comes back by itself and asks from its own position; the same after bye", async () => {
  const { feed, asked, screen } = await room(() => AT_13, stateOf(message("snapshot_later")));
  screen.start();
  await until(() => screen.current);
  feed.disconnectSockets(true);
  await until(() => asked.length === 2 && screen.current);
  feed.emit("bye", { wait_ms: [1, 2] });
  await until(() => asked.length === 3 && screen.current);
  assert.deepEqual(asked[2], { epoch: AT_13.epoch, seq: 13, mark: "mark-13" });
});

test("an answer that is none is asked again", async () => {
  const { asked, screen } = await room((_, all) => (all.length < 3 ? { error: "unavailable" } : AT_13), stateOf(message("snapshot_later")));
  screen.start();
  await until(() => screen.current);
  assert.equal(asked.length, 3);
});

test("messages of no shape are dropped", async () => {
  const { feed, seen, screen } = await room(() => AT_13, stateOf(message("snapshot_later")));
  screen.start();
  await until(() => screen.current);
  for (const wrong of [null, 7, "x", [], {}, { epoch: AT_13.epoch, from: "13", to: 14 }]) {
    feed.emit("batch", wrong);
    feed.emit("beat", wrong);
  }
  feed.emit("beat", message("beat"));
  await until(() => seen.beats.length === 1);
  assert.equal(screen.state.seq, 13);
});

test("the wait before coming back: full jitter up to 1, 2, 4, 8, then 10 s", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 40].map((attempt) => waitBefore(attempt, () => 1)), [1000, 2000, 4000, 8000, 10_000, 10_000]);
  assert.equal(waitBefore(3, () => 0), 0);
});

test("the wait after bye is within what the server asks, whatever it asks", () => {
  assert.equal(waitAfterBye({ wait_ms: [100, 2000] }, () => 0.5), 1050);
  assert.equal(waitAfterBye({ wait_ms: 500 }, () => 0.5), 250);
  for (const wrong of [null, {}, { wait_ms: "x" }, { wait_ms: [9, 1] }]) assert.equal(waitAfterBye(wrong, () => 1), 2000);
});
