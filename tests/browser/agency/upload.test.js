/**
 * A file on its way in pieces: what the server has counts, a break is bridged, what is gone begins anew.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FileUpload, uploadWordsIn } from "../../../static/js/agency/upload.js";
import "../words.mjs";

/** A server of the protocol that keeps one file, and a network that breaks where `breaks` says; `full`: a disk. */
function served({ breaks = () => false, full = () => false, ends = "ready", state = () => (ends === "ready" ? { state: "ready", thumb: "/t" } : { state: "refused", code: ends }) } = {}) {
  const seen = /** @type {string[]} */ ([]);
  const one = { here: 0, length: -1, made: 0 };
  const answer = (status, headers = {}, body = {}) => ({ status, header: (name) => headers[name] ?? null, json: async () => body });
  const ask = async (method, path, headers, body) => {
    seen.push(`${method} ${headers["Upload-Offset"] ?? ""}`.trim());
    if (breaks(seen.length)) throw new TypeError("no network");
    if (full(seen.length)) return answer(507, {}, { code: "disk_full" });
    if (method === "POST") {
      one.length = Number(headers["Upload-Length"]);
      one.here = 0;
      one.made += 1;
      return one.length === 0 ? answer(422, {}, { code: "empty" }) : answer(201, { Location: `/files/${one.made}` });
    }
    if (path !== `/files/${one.made}` && path !== `/files/${one.made}/state`) return answer(404);
    if (method === "GET") return answer(200, {}, state());
    if (method === "HEAD") return answer(200, { "Upload-Offset": String(one.here) });
    if (Number(headers["Upload-Offset"]) !== one.here) return answer(409);
    one.here += body.size;
    return answer(204, { "Upload-Offset": String(one.here) });
  };
  const kept = new Map();
  const store = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value), removeItem: (key) => void kept.delete(key) };
  const rests = /** @type {number[]} */ ([]);
  const changes = /** @type {(() => void)[]} */ ([]);
  const edge = { ask, store, rest: async (ms) => void rests.push(ms), mono: () => 0, changed: () => changes.forEach((one) => one()) };
  const send = (file) => new FileUpload(file, { root: "/files", metadata: { complaint: "c1" }, key: "c1" }, edge);
  return { seen, one, kept, rests, send, changes };
}

const file = (size) => Object.assign(new Blob([new Uint8Array(size)]), { name: "foto.jpg", lastModified: 5 });

test("pieces grow while they go fast, and the end is what the server found", async () => {
  const { send, seen, one, rests } = served();
  const upload = send(file(2_000_000));
  await upload.run();
  assert.deepEqual(seen, ["POST", "PATCH 0", "PATCH 262144", "PATCH 786432", "PATCH 1835008", "GET"]);
  assert.deepEqual([upload.phase, upload.told.thumb, upload.id, one.here, rests.length], ["ready", "/t", "1", 2_000_000, 0]);
});

test("a break asks how much is there; pauses grow until something comes through again", async () => {
  const { send, seen, rests } = served({ breaks: (n) => n >= 3 && n <= 6 });
  await send(file(600_000)).run();
  assert.deepEqual(seen, ["POST", "PATCH 0", "PATCH 262144", "HEAD", "HEAD", "HEAD", "HEAD", "PATCH 262144", "GET"]);
  assert.deepEqual(rests, [1000, 2000, 4000, 8000]);
});

test("after a reload the same file goes on; one that the server has forgotten begins anew", async () => {
  const { send, seen, one } = served();
  const first = send(file(600_000));
  const before = first.run();
  await new Promise((go) => setImmediate(go));
  await before;
  seen.length = 0;
  await send(file(600_000)).run();
  assert.deepEqual(seen, ["HEAD", "GET"]);
  one.made += 1;
  seen.length = 0;
  await send(file(600_000)).run();
  assert.deepEqual(seen.slice(0, 3), ["HEAD", "POST", "PATCH 0"]);
});

test("a refusal has its code and leaves nothing behind; giving up tells the server", async () => {
  const refused = served({ ends: "form" });
  const upload = refused.send(file(10));
  await upload.run();
  assert.deepEqual([upload.phase, upload.code, refused.kept.size], ["refused", "form", 0]);
  const empty = served();
  const none = empty.send(file(0));
  await none.run();
  assert.equal(none.code, "empty");
  const left = served({ breaks: (n) => n === 3 });
  const given = left.send(file(600_000));
  const running = given.run();
  await new Promise((go) => setImmediate(go));
  given.end();
  await running;
  assert.deepEqual([given.phase, left.kept.size], ["ended", 0]);
});

test("what waits for the store is said to be safe, and goes on by itself", async () => {
  let looks = 0;
  const { send, changes } = served({ state: () => (++looks < 3 ? { state: "checking", code: "store" } : { state: "ready" }) });
  const upload = send(file(10));
  const words = uploadWordsIn("id", /** @type {any} */ ({ decimal: String }));
  const said = new Set();
  changes.push(() => said.add(words(upload)));
  await upload.run();
  assert.deepEqual([...said].slice(-3), ["Terkirim, sedang diperiksa …", "Terkirim dan aman di server. Penyimpanan foto sedang terganggu, dicoba lagi …", "Siap"]);
});

test("where the server has no room it is said so, and tried again until there is", async () => {
  const { send, changes, seen, rests } = served({ full: (n) => n === 1 || n === 3 });
  const upload = send(file(10));
  const words = uploadWordsIn("id", /** @type {any} */ ({ decimal: String }));
  const said = new Set();
  changes.push(() => said.add(words(upload)));
  await upload.run();
  assert.deepEqual([upload.phase, seen.join(), rests.length], ["ready", "POST,POST,PATCH 0,HEAD,PATCH 0,GET", 2]);
  assert.ok(said.has("0 dari 0.00001 MB terkirim. Tempat untuk berkas di server sedang penuh, dicoba lagi …"), [...said].join("\n"));
});
