/**
 * The alarm desk without a page: groups and order, the chosen row, keys, commands under way, what flashes.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { actOf } from "../../../static/js/desk/alarms/actions.js";
import { commandOf, flashingRows, hiddenUnacked, keepChosen, listAlarms, moveChosen, nextToAnswer, pageOf, shownUnacked } from "../../../static/js/desk/alarms/rows.js";
import { CONFIRM_MS, Commands, refusalOf } from "../../../static/js/desk/commands.js";
import { actorNames } from "../../../static/js/desk/guests.js";
import { personAt } from "../../../static/js/desk/page.js";
import { heldWords } from "../../../static/js/desk/phrases.js";
import { NO_CALENDAR } from "../../../static/js/feed/clock.js";
import { stateOf } from "../messages.js";
import { wayName } from "../../../static/js/ui/alarms.js";
import { sayIn } from "../../../static/js/ui/language.js";
import "../words.mjs";

const MOMENT = { at: Date.parse("2026-11-24T07:00:00Z"), calendar: NO_CALENDAR };
const allowed = { duty: ["acknowledge"], supervisor: ["acknowledge", "shelve", "suppress", "out_of_service"] };
const alarm = (/** @type {string} */ id, /** @type {any} */ more = {}) => ({ id, seq: 1, state: "unacked", priority: 2, kind: "passed", activated_at: "2026-11-24T06:00:00Z", ...more });
const stateWith = (/** @type {any[]} */ alarms) => stateOf({ epoch: "e", seq: 1, mark: "m", alarms, cards: {} });

test("unacknowledged, acknowledged, returned; the quiet ones are one key away (CR-22)", () => {
  const state = stateWith([
    alarm("r", { state: "returned" }), alarm("k", { state: "acked" }), alarm("p3", { priority: 3 }), alarm("p1", { priority: 1 }),
    alarm("s", { state: "shelved" }), alarm("o", { state: "out_of_service" }), alarm("x", { state: "suppressed" }),
  ]);
  const open = listAlarms(state, MOMENT, "open");
  assert.deepEqual(open.rows.map(({ id }) => id), ["p1", "p3", "k", "r"]);
  assert.deepEqual(open.groups.map((group) => group.state), ["unacked", "acked", "returned"]);
  assert.deepEqual(listAlarms(state, MOMENT, "quiet").rows.map(({ id }) => id), ["s", "x", "o"]);
});

test("CR-12 a group acknowledgement takes what is shown and unacknowledged, nothing beyond the list", () => {
  const list = listAlarms(stateWith(Array.from({ length: 320 }, (_, n) => alarm(`a${n}`))), MOMENT, "open");
  assert.equal(shownUnacked(list).length, 300);
  assert.equal(list.more, 20);
  assert.equal(hiddenUnacked(list), 20);
});

test("a group says how many it has in all, also one of which nothing is shown", () => {
  const acked = ["k", "l"].map((id) => alarm(id, { state: "acked" }));
  const list = listAlarms(stateWith([...Array.from({ length: 317 }, (_, n) => alarm(`a${n}`)), ...acked]), MOMENT, "open");
  assert.deepEqual(list.groups.map(({ state, alarms, total }) => [state, alarms.length, total]), [["unacked", 300, 317], ["acked", 0, 2]]);
  assert.equal(hiddenUnacked(listAlarms(stateWith(acked), MOMENT, "open")), 0);
});

test("the chosen row stays while it stands in its group or has the focus; else its place is taken", () => {
  const rows = [alarm("a"), alarm("b"), alarm("c", { state: "acked" })];
  assert.deepEqual(keepChosen(rows, { id: "b", state: "unacked", at: 0 }, false), { id: "b", state: "unacked", at: 1 });
  assert.equal(keepChosen(rows, { id: "c", state: "unacked", at: 0 }, false).id, "a");
  assert.equal(keepChosen(rows, { id: "c", state: "unacked", at: 0 }, true).id, "c");
  assert.equal(keepChosen(rows, { id: "gone", state: "unacked", at: 9 }, false).id, "c");
  assert.equal(keepChosen([], { id: "a", state: "unacked", at: 0 }, false).id, null);
});

test("CR-04 a warning that the room itself put aside says why in the desk's language", () => {
  const quiet = alarm("w", { kind: "warned", state: "suppressed", rule: "redundant" });
  const said = (/** @type {"id" | "en"} */ lang) => heldWords(quiet, MOMENT.at, /** @type {any} */ ({ desk: sayIn(lang, "alarms") }));
  assert.deepEqual([said("id"), said("en")], ["sudah ada alarm terlambatnya", "its overdue alarm stands instead"]);
});

test("CR-18 the desk says that a supervisor was called only when one was", () => {
  const room = /** @type {any} */ ({ desk: sayIn("id", "alarms"), format: { hour: () => "14.03" } });
  const at = "2026-11-24T07:03:00Z";
  const said = (/** @type {any} */ more) => heldWords(alarm("a", more), MOMENT.at, room);
  assert.equal(said({}), "");
  assert.equal(said({ paged_at: at }), "kepala regu dipanggil 14.03");
  assert.equal(said({ paged_at: null, unpaged_at: at }), "14.03 tidak ada yang dapat dihubungi: server surat atau alamat kepala regu belum diisi");
});

test("nobody reads a key: who plays an agency, holds a link or drills is called by office and role; a way out by its receiver", () => {
  const names = actorNames({ dpupr: "DPUPR" }, { agency: "petugas OPD", agency_head: "kepala OPD", duty: "petugas jaga" });
  assert.deepEqual(["dpupr:agency", "link:dpupr", "drill-dpupr-2", "drill-duty-1", "latihan-1"].map((key) => names[key]), ["DPUPR, petugas OPD", "DPUPR", "DPUPR", "petugas jaga", "petugas jaga"]);
  const city = /** @type {any} */ ({ agency: (/** @type {string} */ key) => (key === "dlh" ? "DLH" : null), office: (/** @type {string} */ key) => (key === "mayor" ? "Wali Kota" : null), source: () => null });
  const way = (/** @type {string} */ to) => wayName(to, city, /** @type {any} */ (sayIn("id", "ui")));
  assert.deepEqual(["office-mayor", "dlh", "citizen-lane-3", "supervisor-page_to", "server-mail"].map(way), ["Wali Kota", "DLH", "Surat warga", "Surat kepala regu", "Server surat"]);
});

test("what is possible the alarm says for each role; of two acts the page knows more", () => {
  const acts = /** @type {const} */ (["acknowledge", "owner", "shelve", "out", "suppress", "back"]);
  const may = (/** @type {string} */ role, /** @type {any} */ more) => acts.map((act) => commandOf(act, alarm("a", more), role));
  assert.deepEqual(may("duty", { allowed }), ["acknowledge", "acknowledge", null, null, null, null]);
  assert.deepEqual(may("supervisor", { allowed, kind: "lost" }), ["acknowledge", null, "shelve", "out_of_service", "suppress", null]);
  assert.deepEqual(may("supervisor", { allowed: { supervisor: ["in_service"] } }), [null, null, null, null, null, "in_service"]);
  assert.deepEqual(may("supervisor", {}), [null, null, null, null, null, null]);
});

test("every alarm leads to what it is about", () => {
  const to = (/** @type {any} */ more) => pageOf(alarm("a", more))?.address ?? null;
  assert.equal(to({ complaint: "c1" }), "/desk?id=c1");
  assert.equal(to({ kind: "warned", agency: "dlh" }), "/desk?list=soon&agency=dlh");
  assert.equal(to({ kind: "passed" }), "/desk?list=late");
  assert.deepEqual(["screen:1", "outbox:dlh", "c1"].map((source) => to({ kind: "lost", source })), ["/desk/screens", "/desk/outbox", null]);
});

test("after an answer the hand goes on to the next that needs one", () => {
  const list = { groups: [], more: 0, rows: [alarm("a", { allowed }), alarm("b", { allowed }), alarm("k", { state: "acked" }), alarm("r", { state: "returned", allowed })] };
  assert.deepEqual(["a", "b", "r"].map((id) => nextToAnswer(list, id, "duty")), ["b", "r", "b"]);
  assert.deepEqual([moveChosen(["a", "b"], "b", 1), moveChosen(["a", "b"], null, 1), moveChosen([], "a", 1)], ["b", "a", null]);
});

const key = (/** @type {string} */ name, /** @type {any} */ more = {}) => ({ key: name, ctrlKey: false, altKey: false, metaKey: false, ...more });
const list = { letters: true, typing: false, inList: true, dialog: false };

test("CR-98 letters can be turned off, never work in a field or dialog; arrows and Enter belong to the list", () => {
  assert.deepEqual(["a", "A", "Enter", "ArrowDown", "q", "z"].map((name) => actOf(key(name), list)), ["acknowledge", "group", "acknowledge", "down", "view", null]);
  assert.deepEqual(["a", "Enter"].map((name) => actOf(key(name), { ...list, letters: false })), [null, "acknowledge"]);
  assert.deepEqual([{ typing: true }, { dialog: true }].map((more) => actOf(key("a"), { ...list, ...more })), [null, null]);
  assert.equal(actOf(key("Enter"), { ...list, inList: false }), null);
  assert.equal(actOf(key("a", { ctrlKey: true }), list), null);
});

/** @param {(url: string, body: any) => Promise<any>} post */
function ordersWith(post) {
  let mono = 0;
  const commands = new Commands({ post, mono: () => mono, newId: () => "id", changed: () => {}, person: () => ({ actor: "sari", role: "duty", screen: "desk-1" }) });
  return { commands, pass: (/** @type {number} */ ms) => ((mono += ms), commands.tick()) };
}

test("CR-14 sent at once, confirmed by the feed alone", async () => {
  /** @type {any[]} */
  const sent = [];
  const { commands } = ordersWith(async (url, body) => (sent.push([url, body]), { status: 200, body: {} }));
  const answer = commands.one(alarm("passed:1", { seq: 7 }), "acknowledge", { owner: "dlh" });
  assert.equal(commands.markOf("passed:1")?.kind, "sending");
  await answer;
  assert.equal(commands.markOf("passed:1")?.kind, "sending");
  assert.deepEqual(sent, [["/api/v1/alarms/passed%3A1/acknowledge", { command_id: "id", seen_seq: 7, actor: "sari", role: "duty", screen: "desk-1", owner: "dlh" }]]);
  commands.confirm(new Map([["passed:1", alarm("passed:1", { seq: 8, state: "acked" })]]));
  assert.equal(commands.markOf("passed:1"), null);
});

test("CR-15 without a confirmation within 2 s it has failed; an ended one is confirmed by being gone", async () => {
  const { commands, pass } = ordersWith(async () => ({ status: 200, body: {} }));
  await commands.one(alarm("a"), "acknowledge");
  pass(CONFIRM_MS - 1);
  assert.equal(commands.markOf("a")?.kind, "sending");
  pass(1);
  assert.deepEqual([commands.markOf("a")?.kind, commands.markOf("a")?.why], ["failed", "not_confirmed"]);
  await commands.one(alarm("b"), "acknowledge");
  commands.confirm(new Map());
  assert.equal(commands.markOf("b"), null);
});

test("a confirmation that comes late takes the failure away", async () => {
  const { commands, pass } = ordersWith(async () => ({ status: 200, body: {} }));
  await commands.one(alarm("a", { seq: 7 }), "acknowledge");
  pass(CONFIRM_MS);
  commands.confirm(new Map([["a", alarm("a", { seq: 7 })]]));
  assert.deepEqual(commands.failures().map(([id, { why }]) => [id, why]), [["a", "not_confirmed"]]);
  commands.confirm(new Map([["a", alarm("a", { seq: 8 })]]));
  assert.deepEqual(commands.failures(), []);
});

test("CR-15 a refusal says who was faster; when the alarm rang again in between it says so", () => {
  assert.deepEqual(refusalOf({ status: 409, body: { changed_by: "rina", event: "alarm.acknowledged" } }), { kind: "faster", why: "rina" });
  assert.deepEqual(refusalOf({ status: 409, body: { changed_by: "clock", event: "alarm.reactivated" } }), { kind: "failed", why: "changed" });
  assert.deepEqual(refusalOf({ status: 403, body: { message: "role" } }), { kind: "failed", why: "role" });
});

test("CR-12 many are sent a hundred at a time and answered one by one", async () => {
  /** @type {number[]} */
  const sizes = [];
  const { commands } = ordersWith(async (_, { items }) => {
    sizes.push(items.length);
    return { status: 200, body: { results: items.map((/** @type {any} */ { id }) => (id === "a3" ? { id, error: { changed_by: "rina" } } : { id })) } };
  });
  await commands.many(Array.from({ length: 250 }, (_, n) => alarm(`a${n}`)), "acknowledge");
  assert.deepEqual(sizes, [100, 100, 50]);
  assert.deepEqual(["a3", "a4"].map((id) => commands.markOf(id)?.kind), ["faster", "sending"]);
});

test("CR-38 up to ten rows flash; beyond that the critical ones, in a flood beside its own line", () => {
  const rows = (/** @type {number} */ n, /** @type {number} */ critical) => ({ groups: [], more: 0, rows: Array.from({ length: n }, (_, i) => alarm(`a${i}`, { priority: i < critical ? 1 : 2 })) });
  assert.deepEqual([rows(10, 0), rows(11, 0), rows(40, 3), rows(40, 20)].map((all) => flashingRows(all, false).size), [10, 1, 3, 9]);
  assert.deepEqual([rows(40, 0), rows(40, 1)].map((all) => flashingRows(all, true).size), [0, 1]);
});

test("who sits at a desk is kept for the tab; what is not ours to read counts as nobody", () => {
  const kept = new Map([["liveroom.person", "{broken"]]);
  const storage = { getItem: (/** @type {string} */ name) => kept.get(name) ?? null, setItem: (/** @type {string} */ name, /** @type {string} */ value) => void kept.set(name, value) };
  const person = personAt(storage, () => "0123456789");
  assert.deepEqual(person.read(), { actor: "", role: "duty", screen: "desk-01234567" });
  person.sit(" Sari ", "supervisor");
  assert.deepEqual(person.read(), { actor: "Sari", role: "supervisor", screen: "desk-01234567" });
});
