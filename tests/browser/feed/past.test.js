/**
 * The past as a page replays it: which moment an address asks for, jumps, what is asked ahead, the day and its happenings.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { asDay, askedMoment, momentOf, nextHappening, PastDays, PastRoom, searchAt } from "../../../static/js/feed/past.js";

const START = Date.parse("2026-11-24T02:14:00Z");
const iso = (/** @type {number} */ ms) => new Date(ms).toISOString();

test("an address asks for a moment by its time or its position, also where nobody escaped the plus; else for now", () => {
  assert.equal(askedMoment("?scene=map"), null);
  assert.deepEqual(askedMoment("?at=2026-11-24T09:14:00+07:00&speed=60"), { at: START, seq: null, speed: 60 });
  assert.deepEqual(askedMoment("?at=2026-11-24T09%3A14%3A00%2B07%3A00"), { at: START, seq: null, speed: 0 });
  assert.deepEqual(askedMoment("?seq=12345&speed=7"), { at: null, seq: 12345, speed: 0 });
});

test("a moment that cannot be read is no moment, and never now", () => {
  for (const search of ["?at=yesterday", "?at=", "?at=5", "?at=2026-11-24", "?at=2026-11-24T09:14:00", "?at=NaN&seq=4", "?seq=-1", "?seq=all"]) {
    const asked = askedMoment(search);
    assert.ok(asked && Number.isNaN(asked.at ?? asked.seq), search);
  }
});

test("the same address at another moment keeps what else it says, and without one is the live page's", () => {
  assert.equal(searchAt("?scene=board&at=2026-01-01T00:00:00Z&speed=60", { at: START + 400, speed: 10 }), "?scene=board&at=2026-11-24T02%3A14%3A00Z&speed=10");
  assert.equal(searchAt("?scene=board&seq=4&speed=60"), "?scene=board");
  assert.equal(searchAt("?at=x"), "");
  assert.equal(searchAt("?seq=4", { at: START, seq: 4 }), "?seq=4");
});

test("what a server says of now, which knows of no past moments, is not shown as one", async () => {
  const { edge, seen } = served();
  const pieces = edge.getPieces;
  const past = new PastRoom({ ...edge, getPieces: async function* (url) {
    for await (const piece of pieces(url)) yield { .../** @type {any} */ (piece), recorded: undefined };
  } }, "wall");
  await past.jump({ at: START });
  assert.deepEqual([past.whole, past.fault, seen.asked.length], [false, "away", 1]);
});

/** @param {string} id @param {number} seq */
const card = (id, seq) => ({ id, seq, status: "waiting" });

/** A room whose log has one event a minute from START on, and answers as the server does. @param {{head?: number, most?: number}} [log] */
function served({ head = START + 3600e3, most = Infinity } = {}) {
  const seen = { asked: /** @type {string[]} */ ([]), changed: 0, down: false };
  /** @type {(() => void)[]} */
  const waiting = [];
  const seqAt = (/** @type {number} */ ms) => 100 + Math.floor((ms - START) / 60_000);
  const fail = (/** @type {string} */ status) => {
    throw new Error(status);
  };
  const edge = {
    /** @param {string} url */
    async *getPieces(url) {
      seen.asked.push(url);
      const said = new URL(url, "http://room").searchParams;
      const at = said.has("at") ? Date.parse(said.get("at") ?? "") : START + (Number(said.get("seq")) - 100) * 60_000;
      if (seen.down) fail("TypeError: no answer");
      if (at > head) fail(`422 for ${url}`);
      const n = seqAt(at);
      yield { epoch: "e", seq: n, mark: `m${n}`, at: iso(at), recorded: true, cards: { id: [`c${n}`], seq: [n], status: ["waiting"] }, alarms: [] };
    },
    /** @param {string} url */
    async getJson(url) {
      seen.asked.push(url);
      if (seen.down) fail("TypeError: no answer");
      const said = new URL(url, "http://room").searchParams;
      const [from, until] = [Number(said.get("from")), Date.parse(said.get("until") ?? "")];
      const batches = [];
      for (let n = from + 1; n <= seqAt(until) && batches.length < most; n += 1) batches.push({ epoch: "e", mark: `m${n}`, from: n - 1, to: n, at: iso(START + (n - 100) * 60_000), cards: [card(`c${n}`, n)], gone: [] });
      const seq = batches.at(-1)?.to ?? from;
      const more = seq < seqAt(until);
      return { from, seq, at: more ? batches.at(-1)?.at : iso(until), batches, ...(more ? { more } : {}) };
    },
    rest: async () => undefined,
    later: (/** @type {number} */ _ms, /** @type {() => void} */ act) => void waiting.push(act),
    head: () => head,
    changed: () => void (seen.changed += 1),
  };
  return { seen, edge, waiting, room: new PastRoom(edge, "wall") };
}

const settle = () => new Promise((go) => setImmediate(go));

/** Plays for so many ms of ours, a frame each 16 ms. @param {PastRoom} room @param {number} ms @param {number} [from] */
async function run(room, ms, from = 0) {
  for (let mono = from; mono <= from + ms; mono += 16) {
    room.tick(mono);
    await settle();
  }
}

test("a jump shows the room as it stood there: the state says that it is a recording, and as whom it was asked", async () => {
  const { room, seen } = served();
  await room.jump({ at: START + 5 * 60_000 });
  assert.deepEqual([room.state.seq, room.state.recorded, room.at, room.fault], [105, true, START + 5 * 60_000, null]);
  await room.jump({ seq: 112 });
  assert.deepEqual([room.state.seq, room.at], [112, START + 12 * 60_000]);
  assert.deepEqual(seen.asked, ["/feed/snapshot?at=2026-11-24T02%3A19%3A00Z&audience=wall", "/feed/snapshot?seq=112&audience=wall"]);
});

test("of jumps that are asked for while one is under way only the newest is made", async () => {
  const { room, seen } = served();
  const first = room.jump({ at: START });
  for (const minute of [1, 2, 3, 9]) void room.jump({ at: START + minute * 60_000 });
  await first;
  assert.deepEqual([room.state.seq, seen.asked.length], [109, 2]);
});

test("a replay goes through every batch in order, asked ahead, and ends at now", async () => {
  const { room, seen } = served({ head: START + 20 * 60_000 });
  await room.jump({ at: START });
  room.tick(0);
  room.play(600);
  await run(room, 1000);
  assert.ok(room.at !== null && room.at > START + 9 * 60_000 && room.at < START + 11 * 60_000, iso(room.at ?? 0));
  assert.equal(room.state.seq, 100 + Math.floor((room.at - START) / 60_000));
  assert.equal(room.state.cards.size, room.state.seq - 99);
  await run(room, 2000, 1000);
  assert.deepEqual([room.at, room.speed, room.state.seq], [START + 20 * 60_000, 0, 120]);
  assert.equal(seen.asked.filter((url) => url.includes("/batches")).length, 1, "all of it was asked at once");
});

test("as long as nobody knows when now is, it stands, and has not ended", async () => {
  const { room, edge } = served();
  await room.jump({ at: START });
  edge.head = /** @type {any} */ (() => null);
  room.tick(0);
  room.play(60);
  await run(room, 200);
  assert.deepEqual([room.at, room.speed], [START, 60]);
});

test("an answer that was cut short goes on where it ended, and nothing is left out", async () => {
  const { room, seen } = served({ most: 4 });
  await room.jump({ at: START });
  room.tick(0);
  room.play(600);
  await run(room, 3000);
  assert.equal(room.state.cards.size, room.state.seq - 99);
  assert.ok(room.state.seq > 120 && seen.asked.length > 5, String(room.state.seq));
});

test("where the server does not answer the moment stands still, says so, and goes on by itself", async () => {
  const { room, seen, waiting } = served();
  await room.jump({ at: START });
  seen.down = true;
  room.tick(0);
  room.play(3600);
  await run(room, 500);
  assert.deepEqual([room.at, room.fault, room.state.seq], [START, "away", 100]);
  seen.down = false;
  for (const act of waiting.splice(0)) act();
  await settle();
  await run(room, 200, 600);
  assert.ok(room.at !== null && room.at > START && room.fault === null);
});

test("a moment that the log does not have is said, what was shown stays, and it is not asked for again", async () => {
  const { room, waiting } = served();
  await room.jump({ at: START });
  await room.jump({ at: START + 86_400e3 });
  assert.deepEqual([room.fault, room.at, room.state.seq, waiting.length], ["moment", START, 100, 0]);
  await room.jump({ at: Number.NaN });
  assert.equal(room.fault, "moment");
});

const DAY = {
  date: "2026-11-24", from: "2026-11-23T17:00:00Z", to: "2026-11-24T17:00:00Z", now: "2026-11-24T07:05:32Z", first_at: "2026-11-01T00:00:00Z", head_at: "2026-11-24T07:05:00Z",
  bucket_s: 600, arrivals: [1, 2, 3],
  moments: [
    { at: "2026-11-24T02:14:00Z", seq: 9, kind: "alarm", complaint: "a", category: "kebakaran", late_s: 360 }, { at: "2026-11-23T22:00:00Z", seq: 3, kind: "handover" },
    { at: "2026-11-24T03:30:00Z", seq: 12, kind: "unheard", until: "2026-11-24T03:34:00Z" }, { at: "soon", kind: "alarm" }, { at: "2026-11-24T04:00:00Z", kind: "party" },
  ],
};

test("a day is read with its happenings in order; what cannot be read of it is left out, and what is none is none", () => {
  const day = asDay(DAY);
  assert.deepEqual(day?.happenings.map(({ kind, late, until }) => [kind, late, until && until - Date.parse("2026-11-24T03:30:00Z")]), [["handover", null, null], ["alarm", 360_000, null], ["unheard", null, 240_000]]);
  for (const said of [null, {}, { ...DAY, to: DAY.from }, { ...DAY, bucket_s: 0 }]) assert.equal(asDay(said), null);
});

test("the next happening to either side, of all kinds or of one, is never the one that is shown", () => {
  const day = /** @type {import("../../../static/js/feed/past.js").Day} */ (asDay(DAY));
  assert.equal(nextHappening(day, START, 1)?.kind, "unheard");
  assert.equal(nextHappening(day, START, -1)?.kind, "handover");
  assert.equal(nextHappening(day, START, 1, "alarm"), null);
  assert.equal(nextHappening(day, START + 86_400e3, -1, "alarm")?.at, START);
});

test("a replay reaches now although now goes on while it asks, and not while the server is away", async () => {
  const { room, edge, seen } = served({ head: START + 100 * 60_000 });
  let [mono, head] = [0, START + 2 * 60_000];
  edge.head = () => head;
  await room.jump({ at: START });
  room.play(60);
  room.tick(mono);
  for (let i = 0; i < 600 && room.speed > 0; i += 1) {
    [mono, head] = [mono + 16, head + 16];
    room.tick(mono);
    await settle();
    head += 5;
  }
  assert.equal(room.speed, 0);
  assert.ok(head - (room.at ?? 0) < 2000, "it is there");
  await room.jump({ at: START });
  seen.down = true;
  room.play(60);
  for (let i = 0; i < 600; i += 1) {
    room.tick((mono += 16));
    await settle();
  }
  assert.equal(room.speed, 60);
});

test("the moment of a happening is asked for in seconds, and lies after it", () => {
  const moments = [{ kind: "alarm", at: "2026-11-24T02:14:00.000321Z", seq: 9 }, { kind: "alarm", at: "2026-11-24T02:14:27.909606Z", seq: 12 }];
  const day = /** @type {import("../../../static/js/feed/past.js").Day} */ (asDay({ ...DAY, moments }));
  const [first, second] = /** @type {[import("../../../static/js/feed/past.js").Happening, import("../../../static/js/feed/past.js").Happening]} */ (/** @type {unknown} */ (day.happenings));
  assert.deepEqual([momentOf(first), momentOf(second)], [START + 1000, START + 28_000]);
  assert.equal(nextHappening(day, START, 1), first);
  assert.equal(nextHappening(day, momentOf(first), 1), second);
  assert.equal(nextHappening(day, momentOf(second), -1), first);
  assert.equal(nextHappening(day, momentOf(first), -1), null);
});

test("a day is asked for once; today again after a while, for it goes on", async () => {
  let [mono, n] = [0, 0];
  const days = new PastDays({ getJson: async () => ((n += 1), DAY), mono: () => mono, changed: () => undefined });
  assert.equal(days.of("2026-11-24"), null);
  await settle();
  assert.equal(days.of("2026-11-24")?.date, "2026-11-24");
  assert.equal(n, 1);
  mono = 31_000;
  days.of("2026-11-24");
  await settle();
  assert.equal(n, 2);
});
