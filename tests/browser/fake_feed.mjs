/**
 * A fake feed for development: serves the wall and plays scripted states over the real wire.
 * node tests/browser/fake_feed.mjs [--golden NAME] [--port 8123] [--scene sketch|night|nothing|strangers|15000] [--events 2] [--every 1000, ms between beats] [--steady] [--no-map] [--build 1] [--parts FOLDER, which keeps what Python says of a city]
 * POST /fake/order with an order of fake_orders.mjs, GET /fake/afresh (the room as it began), GET /fake/golden?name=NAME (the room as that state has it), GET /fake/call?what=scene:NAME (each wall shows that scene; without a name, what it did before), and GET /fake/WORD while it runs: mute (no beats) | speak | gap | epoch | bye | drop | shut (no snapshot) | open | burst
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { Server } from "socket.io";
import { readCalendar } from "../../static/js/feed/clock.js";
import { fakeFigure } from "./fake_figures.mjs";
import { applyGolden } from "./fake_golden.mjs";
import { obey } from "./fake_orders.mjs";
import { createPages, pageParts, ROOT } from "./fake_page.mjs";
import { FakePast } from "./fake_past.mjs";
import { chance, FakeRoom } from "./fake_room.mjs";
import { sceneCards, sceneSources } from "./fake_scenes.mjs";

const { values: asked } = parseArgs({
  options: {
    port: { type: "string", default: "8123" }, scene: { type: "string", default: "sketch" },
    events: { type: "string", default: "0" }, city: { type: "string", default: `${ROOT}cities/tangerang` },
    from: { type: "string", default: "2026-11-24T07:05:32Z" }, rate: { type: "string", default: "1" },
    every: { type: "string", default: "1000" }, steady: { type: "boolean", default: false }, build: { type: "string", default: "1" }, golden: { type: "string", default: "" }, "no-map": { type: "boolean", default: false },
    parts: { type: "string", default: "" },
  },
});
/** In a golden state real time stands still too: it moves the picture on the glass, and swaps what is bright. */
const STANDS = Date.parse("2026-11-24T06:00:30Z");
const packs = new Map();
const started = Date.now();
/** @type {any} */
let golden = null;
let [parts, pages] = show(asked.city, "");
const rate = () => (golden ? 0 : Number(asked.rate));
const at = () => Date.parse(golden?.from ?? asked.from) + rate() * (Date.now() - started);
const now = () => (golden ? STANDS : Date.now());
const random = chance(3);
/** @type {number[]} ms, as the walls report them */
const lags = [];
const state = { muted: false, shut: false };

let room = begun(1);
let past = new FakePast(parts.city, at, golden);

/** @param {string} city its folder @param {string} name of the golden state, which may change the names in it @returns {[any, ReturnType<typeof createPages>]} */
function show(city, name) {
  if (!packs.has(city)) packs.set(city, pageParts(city, asked.parts));
  const own = name ? structuredClone(packs.get(city)) : packs.get(city);
  return [own, createPages(own, { noMap: asked["no-map"], build: asked.build })];
}

/** @param {string} name of a golden state: the room is that from now on */
function enter(name) {
  golden = JSON.parse(readFileSync(`${ROOT}tests/browser/golden/${name}.json`, "utf8"));
  [parts, pages] = show(golden.city ? `${ROOT}cities/${golden.city}` : asked.city, name);
  afresh();
}

/** The room as it began, under an epoch of its own. */
function afresh() {
  Object.assign(state, { muted: false, shut: false });
  room = begun(Number(room.epoch.replace(/\D/g, "")) + 1);
  past = new FakePast(parts.city, at, golden);
  feed.disconnectSockets(true);
}

/** @param {number} n how often it began @returns {FakeRoom} the room in its named state, of an epoch of its own */
function begun(n) {
  const fresh = new FakeRoom({ at, now, day: "2026-11-24" });
  fresh.epoch = `fake-${n}`;
  fresh.sources = sceneSources();
  fresh.change(sceneCards(golden?.room ?? asked.scene, fresh, parts.city));
  if (golden) applyGolden(golden, fresh, parts.city);
  return fresh;
}

const DAY = 86_400e3;
/** @returns {{intervals: number[][]}} Monday to Friday 07.30-12.00 and 13.00-16.00 in the city's +07.00 */
function calendar() {
  const first = Date.parse("2026-09-07T00:30:00Z");
  const days = Array.from({ length: 140 }, (_, n) => first + n * DAY).filter((_, n) => n % 7 < 5);
  return { intervals: days.flatMap((open) => [[open, open + 4.5 * 3600e3], [open + 5.5 * 3600e3, open + 8.5 * 3600e3]]) };
}

const actions = {
  mute: () => (state.muted = true),
  speak: () => (state.muted = false),
  shut: () => (state.shut = true),
  open: () => (state.shut = false),
  gap: () => void room.happen(random, parts.city),
  epoch: () => (room.epoch += "x"),
  bye: () => feed.emit("bye", { wait_ms: [100, 2000] }),
  drop: () => feed.disconnectSockets(true),
  afresh,
  golden: (/** @type {URLSearchParams} */ given) => enter(given.get("name") ?? ""),
  call: (/** @type {URLSearchParams} */ given) => void feed.emit("call", { what: given.get("what") ?? "" }),
  burst: () => Array.from({ length: 200 }, () => feed.emit("batch", room.happen(random, parts.city))),
};

/** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
async function ordered(request, response) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const batch = obey(room, JSON.parse(Buffer.concat(parts).toString()));
  feed.emit("batch", batch);
  response.end(JSON.stringify({ seq: batch.to, ids: batch.cards.map(({ id }) => id) }));
}

/** @param {URL} url @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
function answer(url, request, response) {
  if (pages(url, response)) return;
  if (request.method === "POST" && url.pathname === "/fake/order") return void ordered(request, response);
  const bodies = { "/feed/snapshot": () => (["at", "seq"].some((name) => url.searchParams.has(name)) ? past.snapshot(url.searchParams) : room.snapshot()), "/feed/past/day": () => past.day(url.searchParams.get("date") ?? ""), "/feed/past/batches": () => past.batches(url.searchParams), "/feed/calendar/fake": calendar, "/healthz": () => ({ ok: true }), "/fake/muted": () => state.muted, "/fake/lags": () => lags, "/feed/painted": () => ({}), "/feed/figures": () => fakeFigure(url.searchParams.get("scene"), room, readCalendar(calendar())) };
  const body = bodies[url.pathname];
  const action = actions[url.pathname.replace("/fake/", "")];
  if (action && url.pathname.startsWith("/fake/")) action(url.searchParams);
  response.statusCode = (body && !(state.shut && url.pathname === "/feed/snapshot")) || action ? 200 : 404;
  response.setHeader("Content-Type", "application/json");
  const said = response.statusCode === 200 && body ? body() : {};
  // A moment that the log does not have.
  if (said === null) response.statusCode = 422;
  response.end(JSON.stringify(said ?? { field: "at" }));
}

const server = createServer((request, response) => answer(new URL(request.url ?? "/", "http://localhost"), request, response));
const feed = new Server(server, { serveClient: false }).of("/feed");
feed.on("connection", (socket) => {
  socket.on("resume", (question, reply) => reply(room.resume(question ?? {})));
  socket.on("report", (told, reply) => {
    lags.push(...(told?.lags_ms ?? []));
    reply?.({});
  });
});

function beat() {
  if (state.muted) return;
  const [told, elapsed] = [new Date(now()).toISOString(), (Date.now() - started) / 1000];
  const heard = Object.fromEntries(room.sources.map((source) => [source.id, source.heard + (golden ? 0 : elapsed % 2)]));
  feed.emit("beat", {
    epoch: room.epoch, seq: room.seq, mark: room.mark(), now: told, at: room.stamp(0), rate: rate(), as_of: told, due_to: room.stamp(0),
    build: asked.build, calendar: "fake", heard,
  });
}

setInterval(beat, Number(asked.every));
const happen = () => (asked.steady ? room.turnOver(random, parts.city) : room.happen(random, parts.city));
if (Number(asked.events) > 0) setInterval(() => feed.emit("batch", happen()), 1000 / Number(asked.events));
if (asked.golden) enter(asked.golden);
server.listen(Number(asked.port), "127.0.0.1");
