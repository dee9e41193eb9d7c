/**
 * A page as one of the room's screens: what it reports and when, who has the floor, and the alarm that is its own.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ID, Outage, Presence } from "../../../static/js/screen/presence.js";
import { feedLossSound, MUTED_MS, Speaker } from "../../../static/js/screen/sound.js";

/** @param {number} s @param {Partial<import("../../../static/js/screen/presence.js").Seen>} [more] */
const seen = (s, more = {}) => /** @type {import("../../../static/js/screen/presence.js").Seen} */ ({ freshness: "live", age: 0, waited: 0, mono: s * 1000, ...more });

test("CR-07 a page raises its own P1 when its data is lost, keeps it until the data is back, and then has an outage to tell", () => {
  const outage = new Outage();
  assert.equal(outage.look(seen(100)), null);
  assert.equal(outage.look(seen(114, { freshness: "delayed", age: 14 })), null);
  const alarm = outage.look(seen(116, { freshness: "lost", age: 16 }));
  assert.deepEqual([alarm?.id, alarm?.kind, alarm?.priority, alarm?.state, alarm?.source], [ID, "lost", 1, "unacked", "feed"]);
  assert.equal(outage.look(seen(160, { freshness: "lost", age: 60 })), alarm);
  assert.equal(outage.untold(160_000), null);
  assert.equal(outage.look(seen(170)), null);
  assert.deepEqual(outage.untold(172_000), { from_s: 72, to_s: 2 });
  outage.told();
  assert.equal(outage.untold(172_000), null);
});

test("CR-07 data that is old at once, because a test room's hands were put forward, is no outage", () => {
  const outage = new Outage();
  assert.equal(outage.look(seen(100)), null);
  assert.equal(outage.look(seen(100.5, { freshness: "lost", age: 120 })), null);
  assert.equal(outage.look(seen(101)), null);
  assert.equal(outage.untold(102_000), null);
});

test("CR-07 a page that has never had data waits 15 s before it calls it lost", () => {
  const outage = new Outage();
  const never = { freshness: /** @type {const} */ ("lost"), age: Infinity };
  assert.equal(outage.look(seen(15, { ...never, waited: 15 })), null);
  assert.notEqual(outage.look(seen(16, { ...never, waited: 16 })), null);
  assert.equal(outage.look(seen(20)), null);
  assert.deepEqual(outage.untold(20_000), { from_s: 20, to_s: 0 });
});

/** Steps a quarter of a second; what will be lost has been getting old for ten. @param {(s: number) => boolean} lost @param {number} to s @param {(sound: ReturnType<typeof feedLossSound>, s: number) => void} [act] */
function heard(lost, to, act = () => {}) {
  let s = 0;
  /** @type {string[]} */
  const played = [];
  const sound = feedLossSound(() => s * 1000, (priority) => played.push(`${s} P${priority}`));
  const outage = new Outage();
  for (; s <= to; s += 0.25) {
    sound.look(outage.look(seen(s, lost(s) ? { freshness: "lost", age: 16 } : lost(s + 10) ? { freshness: "delayed", age: 6 } : {})));
    act(sound, s);
  }
  return played;
}

test("CR-07 the lost feed sounds at once, again every 30 s, and is still when the data is back", () => {
  assert.deepEqual(heard((s) => s >= 20 && s < 90, 200), ["20 P1", "50 P1", "80 P1"]);
  assert.deepEqual(heard((s) => (s >= 20 && s < 30) || s >= 40, 60), ["20 P1", "40 P1"]);
});

test("CR-07 a desk silences it here for ten minutes; a new loss sounds at once", () => {
  const longer = heard((s) => s >= 20, 20 + MUTED_MS / 1000 + 40, (sound, s) => void (s === 25 && assert.ok(sound.mute())));
  assert.deepEqual(longer.slice(0, 1), ["20 P1"]);
  assert.ok(Number(longer[1]?.split(" ")[0]) >= 25 + MUTED_MS / 1000, String(longer));
  const twice = heard((s) => s >= 20 && (s < 60 || s > 70), 80, (sound, s) => void (s === 25 && sound.mute()));
  assert.deepEqual(twice, ["20 P1", "70.25 P1"]);
  heard(() => false, 1, (sound) => assert.equal(sound.mute(), false));
});

/** A page's presence with a server that answers what `reply` says; `tick` is a second. @param {boolean} [framed] */
function presence(framed = false) {
  const page = { now: 0, seen: seen(0), connected: true, reply: /** @type {any} */ ({ floor: true }), sent: /** @type {any[]} */ ([]), on: /** @type {Record<string, (message: any) => void>} */ ({}) };
  const made = new Presence({ mono: () => page.now, every: () => {}, facts: () => ({ page: "p" }), framed }, () => ({ ...page.seen, mono: page.now, seq: 7, scene: "map" }));
  const socket = /** @type {any} */ ({
    get connected() {
      return page.connected;
    },
    on: (/** @type {string} */ name, /** @type {any} */ act) => (page.on[name] = act),
    timeout: () => ({ emitWithAck: async (/** @type {string} */ name, /** @type {any} */ body) => {
      assert.equal(name, "report");
      if (!page.connected) throw new Error("nobody");
      page.sent.push(body);
      return page.reply;
    } }),
  });
  const tick = async (/** @type {number} */ seconds = 1) => {
    for (let n = 0; n < seconds; n += 1) {
      page.now += 1000;
      await made.tick();
    }
  };
  return { page, made, socket, tick };
}

test("a silent page reports every three seconds, one that may speak every second", async () => {
  const { page, made, socket, tick } = presence();
  made.start(socket, () => {});
  await tick(9);
  assert.equal(page.sent.length, 3);
  made.speaks(() => "running");
  await tick(5);
  assert.equal(page.sent.length, 8);
  assert.deepEqual([page.sent[7].sound, page.sent[7].seq, page.sent[7].scene, page.sent[0].sound], ["running", 7, "map", "off"]);
});

test("a wall framed by another page is no screen: it reports nothing and never speaks, also without a server", async () => {
  const { page, made, socket, tick } = presence(true);
  made.start(socket, () => {});
  made.speaks(() => "running");
  made.painted([5]);
  made.sums(["waiting"]);
  made.askPicture();
  await tick(9);
  assert.deepEqual([page.sent, made.floor()], [[], false]);
  page.now += 10_000;
  page.seen = seen(0, { freshness: "lost", age: 40 });
  assert.deepEqual([made.alarm()?.id, made.floor()], [ID, false]);
});

test("CR-78 totals that do not hold are told in every report while they do not", async () => {
  const { page, made, socket, tick } = presence();
  made.start(socket, () => {});
  await tick(3);
  made.sums(["waiting"]);
  await tick(3);
  made.sums([]);
  await tick(3);
  assert.deepEqual(page.sent.map(({ unequal }) => unequal), [undefined, ["waiting"], undefined]);
});

test("lags go once; an outage goes until it is taken; a picture goes when it is asked for", async () => {
  const { page, made, socket, tick } = presence();
  let drawn = 0;
  made.pictures(() => `picture ${(drawn += 1)}`);
  made.start(socket, () => {});
  made.painted([5, 9], [3], [70, 71]);
  page.seen = seen(0, { freshness: "lost", age: 40 });
  made.alarm();
  page.seen = seen(0);
  page.reply = { error: "too often" };
  await tick(3);
  page.reply = { floor: false };
  await tick(3);
  await tick(3);
  assert.deepEqual(page.sent.map(({ lags_ms }) => lags_ms), [[5, 9], [], []]);
  assert.deepEqual(page.sent.map(({ received_ms }) => received_ms), [[3], [], []]);
  assert.deepEqual(page.sent.map(({ positions }) => positions), [[70, 71], [], []]);
  assert.deepEqual(page.sent.map(({ lost }) => lost !== undefined), [true, true, false]);
  page.on.call?.({ what: "picture", name: "", place: null });
  await tick(3);
  assert.equal(page.sent.at(-1).picture, `picture ${drawn}`);
});

test("CR-94 the floor is the server's to give, ends with its word, and is nobody's to give while the feed is lost", async () => {
  const { page, made, socket, tick } = presence();
  made.speaks(() => "running");
  made.start(socket, () => {});
  assert.equal(made.floor(), false);
  await tick();
  assert.equal(made.floor(), true);
  page.on.floor?.({ floor: false });
  assert.equal(made.floor(), false);
  page.on.floor?.({ floor: true });
  page.connected = false;
  await tick(3);
  assert.equal(made.floor(), true);
  await tick(1);
  assert.equal(made.floor(), false);
  page.seen = seen(0, { freshness: "lost", age: 20 });
  await tick(10);
  assert.equal(made.floor(), null);
});

test("CR-94 a page speaks with the floor alone, and by the browser's own lock while there is no server", async () => {
  /** @type {boolean | null} */
  let floor = false;
  const context = /** @type {any} */ ({ state: "running" });
  /** @type {[boolean, boolean][]} */
  const told = [];
  /** @type {() => void} */
  let check = () => {};
  const speaker = new Speaker({ context, locks: undefined, every: (_, act) => void (check = act), tell: (heard, speaks) => told.push([heard, speaks]), floor: () => floor });
  assert.equal(speaker.leads, false);
  floor = true;
  assert.equal(speaker.leads, true);
  check();
  assert.deepEqual(told.at(-1), [true, true]);
  context.state = "suspended";
  assert.equal(speaker.leads, false);
  check();
  assert.deepEqual(told.at(-1), [false, false]);
  context.state = "running";
  floor = null;
  assert.equal(speaker.leads, true);
});

test("what is asked of the page reaches it, a picture aside", () => {
  const { page, made, socket } = presence();
  /** @type {string[]} */
  const calls = [];
  made.start(socket, ({ what, name }) => calls.push(`${what} ${name}`));
  page.on.call?.({ what: "identify", name: "Utara", place: null });
  page.on.call?.({ what: "picture", name: "Utara", place: null });
  page.on.revoked?.({});
  assert.deepEqual(calls, ["identify Utara", "revoked "]);
});
