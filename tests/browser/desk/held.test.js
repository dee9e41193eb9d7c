/**
 * Acts that wait at the duty desk for a moment: whose they are, what they keep from whom, how they are sent and taken back.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ComplaintCommands, HELD_MS, HeldActs, LATE_MS } from "../../../static/js/desk/commands.js";
import { MassActs } from "../../../static/js/desk/mass_acts.js";
import { QueueActions } from "../../../static/js/desk/queue/actions.js";
import { QueueNavigation } from "../../../static/js/desk/queue/navigation.js";
import { createSender } from "../../../static/js/feed/http.js";

const card = (/** @type {string} */ id, /** @type {any} */ more = {}) => ({ id, seq: 1, status: "waiting", state: "received", category: "sampah", allowed: ["reject", "merge", "forward", "triage"], ...more });

/** A duty desk without a page: real commands and real acts that wait, the questions answered by the test. @param {any[]} cards @param {() => Promise<any>} [answered] of the server */
function deskOf(cards, answered = async () => ({ status: 200, body: { seq: 9 } })) {
  let now = 0;
  let who = "sari";
  let fields = /** @type {Record<string, unknown>} */ ({ reason: "ganda" });
  /** @type {any[]} */
  const sent = [];
  /** @type {string[][]} */
  const [said, claims] = [[], []];
  const mono = () => now;
  const edge = { mono, newId: () => "id", changed: () => {}, person: () => ({ screen: "desk-1" }) };
  const post = (/** @type {string} */ url, /** @type {any} */ body, /** @type {boolean | undefined} */ outlives) => (sent.push({ url: url.replace("/api/v1/complaints/", ""), outlives, ...body }), answered());
  const held = new HeldActs(edge);
  const here = { place: { open: /** @type {string | null} */ (null), q: "" }, chosen: { id: cards[0].id, at: 0 }, selected: new Set(), seen: new Map() };
  const commands = new ComplaintCommands({ ...edge, post: /** @type {any} */ (post) });
  let id = 0;
  const mass = new MassActs({ commands, store: { getItem: () => null, setItem: () => {}, removeItem: () => {} }, newId: () => `id${(id += 1)}`, person: () => who, signs: () => ({ screen: "desk-1" }), now: mono, later: () => {}, alone: () => {}, changed: () => {}, finished: () => {} });
  const gives = { complaint: ["reject", "merge", "forward", "triage"], room: [] };
  const desk = /** @type {any} */ ({
    here, held, mass, commands, card: (/** @type {string} */ id) => cards.find((one) => one.id === id) ?? null, details: { of: () => ({ detail: null }), follow: () => {} }, named: async () => true, mute: () => false,
    person: { read: () => ({ actor: who }), signature: () => ({ actor: who, role: "duty" }) }, look: () => ({ gives, unacked: new Set(), at: 0, list: { rows: cards }, state: { alarms: new Map() } }),
    say: (/** @type {string} */ words) => said.push(words), words: (/** @type {string} */ key) => key, drafts: { sent: async () => {} }, otherCategories: () => [{ key: "banjir" }], paint: () => {},
    claim: (/** @type {any} */ one) => claims.push(`+${one.id}`), release: (/** @type {any} */ one) => claims.push(`-${one.id}`), search: (/** @type {string} */ q) => (here.place.q = q), chooser: { asking: false },
  });
  const room = /** @type {any} */ ({ queue: (/** @type {string} */ key) => key, states: () => "" });
  const navigation = new QueueNavigation(/** @type {any} */ ({ hidden: false, querySelector: () => null }), desk);
  // Where the focus goes and what stands in the address is the page's.
  Object.assign(navigation, { focus: () => {}, tell: () => {} });
  const acts = new QueueActions(room, desk, navigation);
  acts.questions.ask = async () => /** @type {any} */ ({ fields, leaves: true });
  return {
    desk, here, held, navigation, acts, sent, said, claims, sits: (/** @type {string} */ name) => (who = name), pass: (/** @type {number} */ ms) => ((now += ms), held.tick()),
    /** @param {string} name @param {string} id @param {Record<string, unknown>} [given] */
    async act(name, id, given = { reason: "ganda" }) {
      here.chosen.id = id;
      fields = given;
      await acts.do(/** @type {any} */ (name));
    },
  };
}

test("an act that waited is signed by whoever decided it, not by whoever sits there when it is sent", async () => {
  const { act, held, here, sent, sits } = deskOf([card("a"), card("b"), card("c")]);
  await act("reject", "a");
  for (const id of ["b", "c"]) here.selected.add(id);
  await act("reject", "b");
  sits("budi");
  await held.flush();
  assert.deepEqual(sent.map(({ url, actor, role, screen }) => [url, actor, role, screen]), [["a/reject", "sari", "duty", "desk-1"], ["reject", "sari", "duty", "desk-1"]]);
});

test("what waits to go into a complaint is sent and answered before anything that is decided about that one", async () => {
  /** @type {((reply: any) => void)[]} */
  const answers = [];
  const { act, acts, held, sent, said, here } = deskOf(["a", "b", "c", "d"].map((id) => card(id)), () => new Promise((answer) => answers.push(answer)));
  const urls = () => sent.map(({ url }) => url);
  const settle = () => new Promise((go) => void setImmediate(go));
  const answer = async () => (await settle(), answers.pop()?.({ status: 200, body: { seq: 9 } }), await settle());
  await act("merge", "a", { into: "b" });
  void act("forward", "b", { agency: "dlh" });
  await answer();
  assert.deepEqual(urls(), ["a/merge", "b/forward"]);
  await answer();
  // One that waits itself: sent after what goes into it, though both are sent in one go.
  await act("merge", "c", { into: "d" });
  await act("reject", "d");
  assert.deepEqual([urls().at(-1), held.all.length], ["c/merge", 1]);
  void held.flush();
  assert.equal(urls().at(-1), "c/merge");
  await answer();
  assert.deepEqual(urls().slice(2), ["c/merge", "d/reject"]);
  await answer();
  // And nothing goes into one that is about to be ended, nor is that one sorted by a digit.
  await act("reject", "a");
  await act("merge", "b", { into: "a" });
  here.chosen.id = "a";
  await acts.number(1);
  assert.deepEqual([held.all.length, said, urls().length], [1, ["dead_held", "dead_held"], 4]);
  here.chosen.id = "c";
  void acts.number(1);
  await answer();
  assert.deepEqual(urls().at(-1), "c/triage");
});

test("a failure that nobody could see stays for its eight seconds once the page is looked at again", async () => {
  let [now, hidden] = [0, false];
  const commands = new ComplaintCommands({ post: async () => ({ status: 409, body: { message: "no" } }), mono: () => now, newId: () => "id", changed: () => {}, person: () => ({}), hidden: () => hidden });
  const pass = (/** @type {number} */ ms, /** @type {boolean} */ away) => ((now += ms), (hidden = away), commands.tick(), commands.markOf("a")?.kind);
  await commands.one(card("a"), "reject");
  assert.deepEqual([pass(7000, true), pass(60_000, true), pass(600_000, false), pass(7999, false), pass(1, false)], ["failed", "failed", "failed", "failed", undefined]);
  hidden = true;
  await commands.one(card("a"), "reject");
  assert.deepEqual([pass(600_000, false), pass(8000, false)], ["failed", undefined]);
});

test("only what is sent as the page closes outlives it; of many the rest waits its turn, and none is lost to what a browser allows", async () => {
  const { act, held, here, pass, sent } = deskOf(Array.from({ length: 250 }, (_, i) => card(`c${i}`)));
  const outlived = () => sent.splice(0).map(({ outlives, items }) => [items?.length, outlives]);
  const all = async () => {
    for (let i = 0; i < 250; i += 1) here.selected.add(`c${i}`);
    await act("reject", "c0");
  };
  await all();
  pass(HELD_MS);
  assert.equal(sent.length, 1);
  await new Promise((go) => void setImmediate(go));
  assert.deepEqual(outlived(), [[100, false], [100, false], [50, false]]);
  await all();
  void held.flush(true);
  assert.deepEqual(outlived(), [[100, true], [100, true], [50, true]]);
});

test("a request that the browser will not let outlive its page is sent as any other", async (context) => {
  /** @type {(boolean | undefined)[]} */
  const tried = [];
  const answered = async (/** @type {unknown} */ _, /** @type {RequestInit} */ { keepalive }) => (tried.push(keepalive), keepalive ? Promise.reject(new TypeError("Failed to fetch")) : new Response("{}"));
  context.mock.method(globalThis, "fetch", answered);
  Object.assign(globalThis, { location: new URL("http://room.test/desk") });
  context.after(() => Reflect.deleteProperty(globalThis, "location"));
  const send = createSender(null, () => ({ actor: "sari", role: "duty" }));
  assert.deepEqual([(await send("POST", "/api/v1/complaints/reject", {}, true)).status, tried], [200, [true, false]]);
});

test("the key that takes back does nothing else for a moment after it is too late", async () => {
  const { act, navigation, pass, said } = deskOf([card("a"), card("b")]);
  assert.equal(navigation.back(), false);
  await act("reject", "a");
  assert.deepEqual([navigation.back(), navigation.back(), said], [true, false, ["undone"]]);
  await act("reject", "a");
  pass(HELD_MS);
  pass(LATE_MS - 1);
  assert.deepEqual([navigation.back(), said.at(-1)], [true, "undo_late"]);
  pass(1);
  assert.deepEqual([navigation.back(), said.length], [false, 2]);
});

test("what is taken back stands as it did: selected, chosen and open, with the name on it", async () => {
  const { act, claims, here, navigation } = deskOf(["a", "b", "c", "d"].map((id) => card(id)));
  for (const id of ["b", "c"]) here.selected.add(id);
  await act("reject", "c");
  assert.deepEqual([here.selected.size, here.chosen.id], [0, "d"]);
  navigation.undo();
  assert.deepEqual([[...here.selected], here.chosen.id], [["b", "c"], "c"]);
  here.selected.clear();
  await navigation.open(card("a"));
  await act("reject", "a");
  assert.notEqual(here.place.open, "a");
  navigation.undo();
  await new Promise((go) => void setImmediate(go));
  assert.deepEqual([here.place.open, here.chosen.id, claims.at(-1)], ["a", "a", "+a"]);
});

test("a hand that is faster than the feed goes on to an alarm that nobody has, and not back to one it has just taken", () => {
  const cards = ["a", "b", "c"].map((id) => card(id));
  const { desk, here, navigation } = deskOf(cards);
  const alarms = new Map(cards.map(({ id }) => [`critical:${id}`, { id: `critical:${id}`, complaint: id, priority: 1, state: "unacked" }]));
  const taken = new Set();
  const before = desk.look;
  desk.look = () => ({ ...before(), unacked: new Set(["a", "b", "c"]), state: { alarms }, markOf: (/** @type {string} */ id) => (taken.has(id) ? { kind: "sending" } : null) });
  const order = ["a", "b", "c"].map((id) => {
    taken.add(id);
    navigation.answered(id);
    return here.chosen.id;
  });
  assert.deepEqual(order, ["b", "c", "c"]);
});

test("Escape leaves what is open, selected or searched, and takes nothing back", async () => {
  const { act, held, here, navigation } = deskOf(["a", "b", "c"].map((id) => card(id)));
  await act("reject", "a");
  here.place.q = "banjir";
  here.selected.add("c");
  await navigation.open(card("b"));
  /** @type {unknown[]} */
  const steps = [];
  for (let i = 0; i < 4; i += 1) {
    navigation.leave();
    steps.push([here.place.open, here.selected.size, here.place.q, held.all.length]);
  }
  assert.deepEqual(steps, [[null, 1, "banjir", 1], [null, 0, "banjir", 1], [null, 0, "", 1], [null, 0, "", 1]]);
});
