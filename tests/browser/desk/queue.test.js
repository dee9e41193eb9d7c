/**
 * The duty desk without a page: what is listed and in which order, keys, choosing, deadlines in words, commands in a row.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { matching, numbered } from "../../../static/js/desk/dialogs.js";
import { displayName, fetchNames } from "../../../static/js/desk/guests.js";
import { ComplaintCommands, HELD_MS, HeldActs } from "../../../static/js/desk/commands.js";
import { changedWords, claimOf, claimWords, deadlineWords, eventWords, momentIn, commandWords, queueSayIn, sentFacts, stageWords, statesIn } from "../../../static/js/desk/phrases.js";
import { actionNamed, ACTIONS, firstAction, isDead, isPossible, keyOf, mainActions, twinOf, whyNot } from "../../../static/js/desk/queue/actions.js";
import { Details, foldHistory } from "../../../static/js/desk/queue/detail.js";
import { emergenciesIn, findHere, keepChosen, listComplaints, nextOf, NO_FILTER, PAGE, readPlace, writePlace } from "../../../static/js/desk/queue/list.js";
import { complaintOf } from "../../../static/js/desk/queue/new_complaint.js";
import { categoryOptions, childOptions, helperOptions, laterOptions, reasonOptions, similarTo, suggestedAgency, suggestedArea, THESE, usualAgency } from "../../../static/js/desk/queue/questions.js";
import { NO_CALENDAR } from "../../../static/js/feed/clock.js";
import { readCity } from "../../../static/js/ui/city.js";
import { formatIn } from "../../../static/js/ui/format.js";
import { sayIn } from "../../../static/js/ui/language.js";
import "../words.mjs";

const AT = Date.parse("2026-11-24T07:00:00Z");
const city = readCity({
  zone: "Asia/Jakarta", agencies: { dlh: { short: "DLH", name: "Dinas Lingkungan Hidup" }, dpupr: { short: "DPUPR" } }, categories: { sampah: { label: "Sampah menumpuk" }, jalan_rusak: { label: "Jalan rusak" } },
  areas: [{ code: "a1", name: "Pinang", district: "d1", centroid: [106.6, -6.2] }], districts: [{ code: "d1", name: "Pinang", anchor: [106.6, -6.2] }],
}, "id");
const room = (/** @type {"id" | "en"} */ lang = "id") => {
  const format = formatIn(lang, city);
  return { lang, city, format, say: sayIn(lang, "wall", "ui"), desk: sayIn(lang, "alarms"), queue: queueSayIn(lang), width: () => 0, states: statesIn({ "state.received": "Baru" }, lang), moment: momentIn(city.zone, format), told: {} };
};
const card = (/** @type {string} */ id, /** @type {any} */ more = {}) => ({ id, seq: 1, status: "waiting", state: "received", category: "sampah", priority: "normal", overdue: false, paused: null, area: "a1", due_at: "2026-11-24T09:00:00Z", ...more });
const moment = (/** @type {string[]} */ ...unacked) => ({ at: AT, unacked: new Set(unacked), districtOf: city.districtOf });
const place = (/** @type {any} */ more = {}) => ({ view: /** @type {const} */ ("work"), filter: NO_FILTER, most: PAGE, ...more });

test("the work of the desk, by how urgent it is: an alarm nobody has, time that runs out, late in somebody's hands; then by what it is", () => {
  const far = { due_at: "2026-11-26T07:00:00Z" };
  const cards = [
    card("late", { overdue: true, due_at: "2026-11-24T06:00:00Z" }), card("soon", { due_at: "2026-11-24T07:10:00Z" }), card("fire", { priority: "critical" }), card("rung", { ...far, overdue: true }),
    card("back", { ...far, returned: true }), card("fresh", far), card("proof", { ...far, status: "in_process", state: "proof_submitted" }), card("question", { overdue: true, status: "in_process", state: "working", answer_by: "2026-11-25T07:00:00Z" }),
    card("stuck", { state: "forwarded", overdue: true }), card("calls", { ...far, state: "forwarded" }), card("going", { ...far, status: "in_process", state: "working" }), card("done", { status: "done", state: "done" }),
  ];
  const list = listComplaints(cards, place(), moment("rung", "calls", "done"));
  assert.deepEqual(list.groups.map(({ name, cards: shown }) => [name, shown.map(({ id }) => id)]), [
    ["unacked", ["rung", "calls"]], ["soon", ["fire", "soon"]], ["late", ["late", "stuck"]], ["returned", ["back"]], ["asked", ["question"]], ["new", ["fresh"]], ["proof", ["proof"]],
  ]);
  assert.deepEqual(list.counts, { work: 10, soon: 2, late: 4, open: 11, ended: 1, found: 0 });
  assert.deepEqual(listComplaints(cards, place({ view: "open" }), moment("rung")).groups.at(-1)?.cards.map(({ id }) => id), ["calls", "going"].toSorted());
});

test("a list is bounded, says how many more there are, and filters by category, agency, district", () => {
  const cards = Array.from({ length: 300 }, (_, i) => card(`c${i}`, { state: i < 3 ? "forwarded" : "received", overdue: true, agency: i < 3 ? "dlh" : null, area: i < 5 ? "a1" : null, category: i === 9 ? "jalan_rusak" : "sampah" }));
  const list = listComplaints(cards, place(), moment());
  assert.deepEqual([list.rows.length, list.more], [PAGE, 300 - PAGE]);
  const count = (/** @type {any} */ filter) => listComplaints(cards, place({ filter: { ...NO_FILTER, ...filter } }), moment()).counts.work;
  assert.deepEqual([count({ agency: "dlh" }), count({ agency: "-" }), count({ district: "d1" }), count({ category: "jalan_rusak" }), count({ priority: "critical" })], [3, 297, 5, 1, 0]);
});

test("the chosen row stays while it is listed or open; else the one in its place is chosen; the hand goes on to the next", () => {
  const rows = [card("a"), card("b"), card("c")];
  assert.deepEqual(keepChosen(rows, { id: "b", at: 0 }, false), { id: "b", at: 1 });
  assert.deepEqual(keepChosen(rows, { id: "gone", at: 1 }, false), { id: "b", at: 1 });
  assert.deepEqual(keepChosen(rows, { id: "gone", at: 1 }, true), { id: "gone", at: 1 });
  assert.deepEqual(keepChosen([], { id: "a", at: 3 }, false).id, null);
  assert.deepEqual([nextOf(rows, { id: "a", at: 0 }, ["a"]).id, nextOf(rows, { id: "c", at: 2 }, ["c"]).id, nextOf(rows, { id: "gone", at: 1 }, ["gone"]).id], ["b", "b", "b"]);
});

test("after an act an emergency that nobody has comes next, the oldest first, wherever it stands; never one just dealt with", () => {
  const rows = ["a", "b", "c", "d"].map((id) => card(id));
  const alarm = (/** @type {string} */ complaint, /** @type {any} */ more) => ({ id: complaint, complaint, state: "unacked", priority: 1, ...more });
  const calls = emergenciesIn([alarm("d", { activated_at: "2026-11-24T06:10:00Z" }), alarm("a", { activated_at: "2026-11-24T06:00:00Z" }), alarm("b", { priority: 2 }), alarm("c", { state: "acked" }), alarm("", { complaint: null })]);
  assert.deepEqual(calls, ["a", "d"]);
  const next = (/** @type {string[]} */ ...left) => nextOf(rows, { id: "b", at: 1 }, ["b", ...left], calls).id;
  assert.deepEqual([next(), next("a"), next("a", "d")], ["a", "d", "c"]);
});

test("a link shows the same: what the address says, it says again; what is not ours stays", () => {
  const said = "?lang=en&category=sampah&district=d1&list=late&view=map&id=c1";
  assert.equal(writePlace(readPlace(said), "?lang=en"), "?lang=en&category=sampah&district=d1&list=late&view=map&id=c1");
  assert.deepEqual([readPlace("?q=jalan").view, readPlace("?list=nonsense").view, readPlace("").map], ["found", "work", false]);
  assert.equal(writePlace(readPlace(""), ""), "");
});

const key = (/** @type {string} */ name, /** @type {any} */ more = {}) => ({ key: name, ctrlKey: false, altKey: false, metaKey: false, ...more });
const list = { letters: true, typing: false, inList: true, dialog: false };

test("CR-98 every act has a key of its own, or shares it with what is never possible at the same time; letters and numbers can be turned off; fields and dialogs keep theirs", () => {
  assert.deepEqual(ACTIONS.flatMap((act) => twinOf(act.name) ?? []).map(({ name }) => name), ["resume", "hold"]);
  assert.deepEqual(["f", "r", "j", ".", "Enter", "/", "3", "X", "ø"].map((name) => keyOf(key(name), list)), ["forward", "reject", "down", "urgent", "open", "search", "number", "select_all", null]);
  assert.deepEqual(["f", "3", "Enter", "Escape"].map((name) => keyOf(key(name), { ...list, letters: false })), [null, null, "open", "leave"]);
  assert.deepEqual(["f", "Escape"].map((name) => keyOf(key(name), { ...list, typing: true })), [null, "leave"]);
  assert.deepEqual([keyOf(key("f"), { ...list, dialog: true }), keyOf(key("f", { ctrlKey: true }), list), keyOf(key("Enter"), { ...list, inList: false })], [null, null, null]);
});

test("what is possible is what the room allows on this card and the role gives; of three kinds of act the page knows more", () => {
  const may = (/** @type {any} */ name, /** @type {any} */ more, /** @type {any} */ who = {}) => isPossible(actionNamed(name), card("c", more), { gives: { complaint: ["forward", "triage", "extend", "withdraw_proof"], room: ["show"] }, unacked: false, children: 0, ...who });
  const allowed = ["forward", "triage", "extend", "withdraw_proof", "close"];
  assert.deepEqual([may("forward", { allowed }), may("forward", { allowed: ["reject"] }), may("forward", {})], [true, false, false]);
  assert.deepEqual([may("area", { allowed }), may("extend", { allowed }), may("extend", { allowed }, { gives: { complaint: ["forward"], room: [] } }), may("close", { allowed })], [true, true, false, false]);
  assert.deepEqual([may("acknowledge", {}), may("acknowledge", {}, { unacked: true })], [false, true]);
  assert.deepEqual([may("show", {}), may("show", { lat: -6.2 }), may("show", { lat: -6.2 }, { gives: { complaint: ["forward"], room: [] } })], [false, true, false]);
  const split = { allowed: ["split"] };
  assert.deepEqual([may("split", split, { gives: { complaint: ["split"], room: [] } }), may("split", split, { gives: { complaint: ["split"], room: [] }, children: 1 }), may("split", { ...split, state: "merged" }, { gives: { complaint: ["split"], room: [] } })], [false, true, true]);
  assert.deepEqual([may("withdraw", { allowed }), may("withdraw", { allowed, state: "done" })], [false, true]);
  assert.deepEqual(["received", "proof_submitted", "working"].map((state) => firstAction(card("c", { state }), { unacked: false })), ["forward", "validate", null]);
  assert.deepEqual(["received", "proof_submitted", "working"].map((state) => firstAction(card("c", { state }), { unacked: true })), ["acknowledge", "validate", "acknowledge"]);
});

test("four acts stand on buttons of their own, what comes first there first; a key that does nothing says why", () => {
  const all = ["forward", "merge", "reply", "reject", "triage", "validate", "send_back", "comment", "reopen", "refer_outside", "coordinate", "split"];
  const who = (/** @type {any} */ more = {}) => ({ gives: { complaint: all, room: [] }, unacked: false, children: 0, ...more });
  const mains = (/** @type {any} */ more, /** @type {any} */ as = {}) => mainActions(card("c", { allowed: all, ...more }), who(as));
  assert.deepEqual(mains({}, { unacked: true }), ["acknowledge", "forward", "merge", "reply"]);
  assert.deepEqual(mains({}), ["forward", "merge", "reply", "reject"]);
  assert.deepEqual(mains({ state: "proof_submitted", status: "in_process" }, { unacked: true }), ["validate", "send_back", "acknowledge", "reply"]);
  assert.deepEqual(mains({ state: "done", status: "done", allowed: ["reopen", "comment"] }), ["reopen", "comment"]);
  const why = (/** @type {any} */ name, /** @type {any} */ more = {}, /** @type {any} */ as = {}) => whyNot(actionNamed(name), card("c", { allowed: [], ...more }), who(as));
  assert.deepEqual([why("acknowledge"), why("validate"), why("coordinate"), why("extend"), why("reopen"), why("split")], ["dead_alarm", "dead_proof", "dead_unforwarded", "dead_role", "dead_open", "dead_children"]);
  assert.deepEqual([why("forward", { status: "done", state: "done" }), why("reject", { status: "in_process", state: "accepted" }), why("forward", { paused: "hold" }), why("show", {}, { gives: { complaint: [], room: ["show"] } })], ["dead_ended", "dead_forwarded", "dead_paused", "dead_place"]);
  const here = { letters: true, typing: false, dialog: false };
  assert.deepEqual([isDead(key("ø"), here), isDead(key("f"), here), isDead(key("Tab"), here), isDead(key("ø", { ctrlKey: true }), here), isDead(key("ø"), { ...here, typing: true })], [true, false, false, false, false]);
});

test("every act gives a command that the room has", () => {
  const [, names = ""] = /class CommandName\(StrEnum\):([\s\S]*?)\n\n\n/.exec(readFileSync(new URL("../../../liveroom/domain/requests.py", import.meta.url), "utf8")) ?? [];
  const known = [...names.matchAll(/= "(\w+)"/g)].map(([, name]) => name);
  assert.ok(known.length > 20);
  assert.deepEqual(ACTIONS.map(({ command }) => command).filter((command) => !known.includes(command)), ["acknowledge", "show"]);
});

test("helpers are turned on and off, then sent; a child is called by its number", () => {
  const lists = { categories: [], areas: [], agencyNames: { dlh: "Dinas Lingkungan Hidup" } };
  assert.deepEqual(helperOptions(["dlh", "dpupr"], "dpupr", [], false, lists, room()).map(({ key }) => key), ["dlh"]);
  const [send, dlh] = helperOptions(["dlh", "dpupr"], "dpupr", ["dlh"], true, lists, room());
  assert.deepEqual([send?.key, send?.name, dlh?.note], [THESE, "Kirim: DLH", "membantu, pilih lagi untuk melepas"]);
  const children = childOptions(["d", "0123456789"], (id) => (id === "d" ? card("d", { source_id: "L-7" }) : null), room());
  assert.deepEqual(children.map(({ name, note }) => [name, note]), [["Sampah menumpuk, Pinang, Pinang", "L-7"], ["01234567", undefined]]);
});

test("choosing by number while nothing is typed, by words else: the head of a name first", () => {
  const options = [{ key: "a", name: "DPUPR", words: "Dinas Pekerjaan Umum" }, { key: "b", name: "DLH", words: "Dinas Lingkungan Hidup" }, { key: "c", name: "Kecamatan Pinang" }];
  assert.deepEqual(matching(options, "ling").map((one) => one.key), ["b"]);
  assert.deepEqual(matching(options, "p").map((one) => one.key), ["a", "c", "b"]);
  assert.deepEqual([numbered("", "2"), numbered("x", "2"), numbered("", "0"), numbered("", "Enter")], [1, null, null, null]);
});

test("suggestions: who usually handles it, the office of its area, never silently the one that declined", () => {
  const who = { agencies: ["dlh", "dpupr"], outside: [], usual: { sampah: "dlh", rumah: null }, offices: { a1: "kec" }, may_be: {} };
  assert.deepEqual([usualAgency("sampah", "a1", who), usualAgency("rumah", "a1", who), usualAgency("rumah", null, who), usualAgency("constructor", "a1", who)], ["dlh", "kec", null, null]);
  assert.equal(suggestedAgency(card("c"), null, who), "dlh");
  assert.equal(suggestedAgency(card("c", { returned: true }), null, who), null);
  assert.equal(suggestedAgency(card("c", { agency: "dpupr" }), null, who), "dpupr");
  assert.deepEqual([suggestedArea(card("c"), { area: "a2" }), suggestedArea(card("c", { area: null }), { area: { key: "a2" } })], [null, "a2"]);
  const lists = { categories: ["sampah", "jalan_rusak"], areas: [], agencyNames: {} };
  assert.deepEqual(categoryOptions(card("c", { category: "?" }), [{ key: "jalan_rusak", because: ["berlubang"] }], lists, room()).map((one) => [one.key, one.note]), [["jalan_rusak", "karena berlubang"], ["sampah", ""]]);
  assert.equal(reasonOptions("reject", room())[0]?.key, "Laporan iseng");
});

test("the deadline in words, as a supervisor would say it", () => {
  const speech = { ...room(), calendar: NO_CALENDAR };
  const received = { received_at: "2026-11-23T07:10:00Z", stage: "finish", due_at: "2026-11-26T09:00:00Z" };
  const said = { ...received, allowed: { n: 3, unit: "working_days" } };
  assert.equal(deadlineWords(said, card("c", received), AT, speech), "masuk Senin 14.10, 3 hari kerja untuk menyelesaikan, jatuh tempo Kamis 16.00");
  const paused = { ...said, pauses: [{ from: "2026-11-24T01:00:00Z", to: "2026-11-24T03:00:00Z", why: "citizen" }], extended: {} };
  assert.equal(deadlineWords(paused, card("c", { ...received, overdue: true }), AT, speech), "masuk Senin 14.10, 3 hari kerja untuk menyelesaikan, berhenti 2 jam (menunggu pelapor), diperpanjang, jatuh tempo Kamis 16.00 sudah lewat");
  assert.equal(deadlineWords({ allowed: { n: 60, unit: "minutes" } }, card("c", { received_at: "2026-11-24T06:30:00Z", stage: "forward" }), AT, { ...room("en"), calendar: NO_CALENDAR }), "received 13:30, 1 hour to forward, due 16:00");
  const handed = card("c", { ...received, stage: "accept", stage_from: "2026-11-24T02:00:00Z", stage_clock: "working", closed_at: null });
  assert.equal(deadlineWords({}, handed, AT, speech), "diteruskan 09.00, jatuh tempo Kamis 16.00");
  assert.equal(deadlineWords({}, card("c", { due_at: null, closed_at: "2026-11-24T02:00:00Z" }), AT, speech), "tenggat tidak berjalan lagi");
});

test("later by working days: closed days do not count", () => {
  const calendar = { known: true, dayMs: 1, work: (/** @type {number} */ from, /** @type {number} */ to) => (new Date((from + to) / 2).getUTCDay() % 6 === 0 ? 0 : 1) };
  const days = laterOptions("2026-11-27T09:00:00Z", AT, /** @type {any} */ (calendar), room());
  assert.equal(days[0]?.key, "2026-11-30T09:00:00.000Z");
});

test("similar is the same category, open, near and recent; search finds what the desk holds", () => {
  const here = card("c", { lat: -6.2, lon: 106.6, received_at: "2026-11-24T06:00:00Z" });
  const near = { ...here, id: "near", lat: -6.201 };
  const others = [here, near, { ...near, id: "other", category: "jalan_rusak" }, { ...near, id: "far", lat: -6.3 }, { ...near, id: "old", received_at: "2026-11-20T06:00:00Z" }, { ...near, id: "done", status: "done" }];
  assert.deepEqual(similarTo(here, others).map(({ id, metres }) => [id, Math.round(metres ?? 0)]), [["near", 111]]);
  assert.deepEqual(findHere([card("c", { source_id: "L-77" }), card("d")], "sampah l-77", city).map(({ id }) => id), ["c"]);
});

test("a claim ends by itself", () => {
  const claimed = card("c", { claimed_by: "sari", claimed_until: "2026-11-24T07:05:00Z" });
  assert.deepEqual([claimOf(claimed, AT), claimOf(claimed, AT + 600_000), claimOf(card("c"), AT)], ["sari", null, null]);
});

test("sent only when every agency has it; what is stuck or refused leads to the outbox", () => {
  const delivery = { state: "waiting", at: "2026-11-24T06:30:00Z", sent_at: null, tries: 0, refused: null };
  const lines = [{ id: "stuck:dpupr", kind: "stuck", agency: "dpupr", n: 1, since: "2026-11-24T06:30:00Z" }];
  const facts = (/** @type {any} */ more, /** @type {any[]} */ stuck = []) => sentFacts([
    { key: "dlh", lead: true, state: "accepted", delivery: { ...delivery, state: "sent", sent_at: "2026-11-24T06:31:00Z" } }, { key: "dpupr", delivery: { ...delivery, ...more } },
  ], { at: AT, lines: /** @type {any} */ (stuck) }, room());
  assert.deepEqual(facts({}), [["Penerusan", "1 dari 2 sampai"], ["DLH", "sampai 13.31 · menerima"], ["DPUPR", "BELUM SAMPAI, sejak 13.30"]]);
  assert.deepEqual(facts({ tries: 3 }, lines)[2], ["DPUPR", "MACET sejak 13.30, 3 kali dicoba", "/desk/outbox"]);
  assert.deepEqual(facts({ tries: 1, refused: "550" })[2], ["DPUPR", "DITOLAK penerima (550)", "/desk/outbox"]);
  assert.deepEqual(facts({ at: "2026-11-24T07:15:00Z" })[2], ["DPUPR", "ikut surat gabungan 14.15"]);
  assert.equal(facts({ state: "sent", sent_at: "2026-11-24T06:40:00Z" })[0]?.[1], "sampai ke semua");
  assert.deepEqual(sentFacts([{ key: "dlh" }], { at: AT, lines: [] }, room()), [["DLH", ""]]);
});

test("people are shown by name, each asked for once; who has none is shown by the key", async () => {
  /** @type {string[]} */
  const asked = [];
  const get = async (/** @type {string} */ url) => (asked.push(url), { names: { u1: "Sari Contoh" } });
  assert.deepEqual([displayName("u1"), displayName("budi"), displayName("–")], ["u1", "budi", "–"]);
  assert.equal(await fetchNames({ get: async () => { throw new Error("gone"); }, changed: () => {} }), false);
  assert.equal(await fetchNames({ get, changed: () => {} }), true);
  const claimed = card("c", { claimed_by: "u1", claimed_until: "2026-11-24T07:05:00Z" });
  assert.deepEqual([claimWords(claimed, AT, "budi", room()), displayName("budi")], ["dibuka Sari Contoh", "budi"]);
  await fetchNames({ get, changed: () => {} });
  assert.deepEqual(asked, ["/api/v1/names?of=u1&of=budi"]);
});

test("details are asked for again when a complaint changed, not when somebody's name on it did", async () => {
  /** @type {string[]} */
  const asked = [];
  const details = new Details({ getJson: async (url) => (asked.push(url), {}), changed: () => {}, mono: () => 0 });
  details.follow(card("c", { seq: 1 }));
  details.follow(card("c", { seq: 1 }));
  details.follow(card("c", { seq: 2, claimed_by: "sari", claimed_until: "2026-11-24T07:05:00Z" }));
  assert.deepEqual(asked, ["/api/v1/complaints/c", "/api/v1/complaints/c/suggestions"]);
  const claimed = { claimed_by: "sari", claimed_until: "2026-11-24T07:05:00Z" };
  details.follow(card("c", { seq: 3, ...claimed }));
  details.follow(card("c", { seq: 4, ...claimed, claimed_until: null }));
  details.follow(card("c", { seq: 5, state: "forwarded", claimed_by: null }));
  assert.equal(asked.length, 4);
});

test("a form leaves out what was left empty", () => {
  assert.deepEqual(complaintOf({ channel: "112", description: " api ", address: "", name: "", phone: "0800" }), { channel: "112", description: "api", person: { phone: "0800" } });
  assert.deepEqual(complaintOf({ channel: "phone", name: " " }), { channel: "phone" });
});

test("the history and a refusal in words: who was faster with what, when, and what is different now", () => {
  assert.equal(eventWords({ kind: "complaint.forwarded", agency: "dlh" }, room()).line, "Diteruskan ke DLH");
  assert.equal(eventWords({ kind: "deadline.passed", stage: "accept" }, room()).line, "Batas menerima lewat");
  assert.equal(eventWords({ kind: "outbox.sent", to: "citizen-lane-12", agency: null }, room()).line, "Terkirim ke pelapor");
  assert.equal(eventWords({ kind: "complaint.received", source: "lapor", channel: "web" }, room()).line, "Masuk lewat Halaman lapor");
  assert.equal(eventWords({ kind: "complaint.received", source: "alat-ukur", channel: "sensor" }, room()).line, "Masuk lewat Sensor");
  assert.equal(eventWords({ kind: "complaint.closed", imported: true }, room()).line, "Berakhir menurut sumbernya");
  const told = { event: "complaint.forwarded", changed_by: "Sari", card: card("c", { state: "forwarded", agency: "dlh" }) };
  const command = { kind: /** @type {const} */ ("faster"), why: "Sari", seq: 1, since: 0, told };
  assert.equal(commandWords(command, { at: AT, timeOf: () => "2026-11-24T03:32:00Z" }, room()), "sudah diteruskan oleh Sari 10.32");
  assert.equal(changedWords(card("c", { agency: null }), told.card, room()), "Berubah: Baru → Diteruskan, – → DLH");
});

test("commands on one complaint go one after the other, each having seen what the one before led to", async () => {
  /** @type {any[]} */
  const sent = [];
  /** @type {((reply: any) => void)[]} */
  const answers = [];
  const post = (/** @type {string} */ url, /** @type {any} */ body) => (sent.push([url, body.seen_seq]), new Promise((answer) => answers.push(answer)));
  const commands = new ComplaintCommands({ post: /** @type {any} */ (post), mono: () => 0, newId: () => "id", changed: () => {}, person: () => ({}) });
  const first = commands.one(card("c", { seq: 4 }), "triage", { category: "sampah" });
  const second = commands.one(card("c", { seq: 4 }), "forward", { agency: "dlh" });
  assert.equal(sent.length, 1);
  answers[0]?.({ status: 200, body: { seq: 9 } });
  await first;
  await Promise.resolve();
  assert.deepEqual(sent, [["/api/v1/complaints/c/triage", 4], ["/api/v1/complaints/c/forward", 9]]);
  answers[1]?.({ status: 409, body: { event: "complaint.forwarded", changed_by: "budi" } });
  await second;
  assert.equal(commands.markOf("c")?.kind, "faster");
});

test("an act that ends a complaint waits 5 s, can be taken back till then, and is sent at once when the page closes", async () => {
  let now = 0;
  /** @type {string[]} */
  const sent = [];
  const held = new HeldActs({ mono: () => now, changed: () => {} });
  const act = (/** @type {string} */ id) => ({ ids: [id], name: "reject", send: async () => void sent.push(id) });
  held.hold(act("a"));
  now = 1000;
  held.hold(act("b"));
  assert.deepEqual([held.of("a")?.name, held.of("b")?.until, held.of("c")], ["reject", 1000 + HELD_MS, null]);
  assert.deepEqual([held.undo()?.ids, held.of("b")], [["b"], null]);
  now = HELD_MS - 1;
  held.tick();
  assert.deepEqual(sent, []);
  now = HELD_MS;
  held.tick();
  assert.deepEqual([sent, held.all.length, held.undo()], [["a"], 0, null]);
  held.hold(act("c"));
  await held.flush();
  await held.flush();
  now = 10 * HELD_MS;
  held.tick();
  assert.deepEqual(sent, ["a", "c"]);
  new HeldActs({ mono: () => now, changed: () => {}, ends: () => true }).hold(act("d"));
  assert.deepEqual(sent, ["a", "c", "d"]);
});

test("what is sent while a page closes outlives it", () => {
  /** @type {any[]} */
  const sent = [];
  const commands = new ComplaintCommands({ post: (url, body, outlives) => (sent.push([url, outlives]), new Promise(() => {})), mono: () => 0, newId: () => "id", changed: () => {}, person: () => ({}) });
  void commands.one(card("a"), "reject", { reason: "ganda" }, true);
  assert.deepEqual(sent, [["/api/v1/complaints/a/reject", true]]);
});

test("the history is newest first; what the clock said of one stage is one line", () => {
  const at = (/** @type {string} */ kind, /** @type {any} */ more = {}) => ({ kind, ...more });
  const history = [
    at("complaint.received"), at("deadline.warned", { stage: "forward" }), at("deadline.passed", { stage: "forward" }), at("deadline.multiplied", { stage: "forward", percent: 150 }),
    at("deadline.passed", { stage: "reply" }), at("complaint.claimed", { actor: "sari" }), at("complaint.unclaimed", { actor: "sari" }), at("complaint.claimed", { actor: "budi" }), at("complaint.forwarded"),
  ];
  assert.deepEqual(foldHistory(history).map(({ entry, before }) => [entry.kind, before.map(({ kind }) => kind)]), [
    ["complaint.forwarded", []], ["complaint.claimed", []], ["complaint.unclaimed", ["complaint.claimed"]], ["deadline.passed", []],
    ["deadline.multiplied", ["deadline.passed", "deadline.warned"]], ["complaint.received", []],
  ]);
});

test("words whose answer was lost are the same command when they are sent again; a decision is made anew", async () => {
  /** @type {any[]} */
  const sent = [];
  let ids = 0;
  let answer = /** @type {any} */ (null);
  const commands = new ComplaintCommands({ post: async (_, body) => (sent.push(body), answer ?? Promise.reject(new Error("lost"))), mono: () => 0, newId: () => `id${(ids += 1)}`, changed: () => {}, person: () => ({}) });
  await commands.one(card("a"), "reply", { text: "on the way" });
  answer = { status: 502, body: null };
  await commands.one(card("a", { seq: 2 }), "reply", { text: "on the way" });
  await commands.one(card("a", { seq: 2 }), "reply", { text: "nearly there" });
  answer = { status: 200, body: { seq: 3 } };
  await commands.one(card("a", { seq: 2 }), "reply", { text: "nearly there" });
  await commands.one(card("a", { seq: 3 }), "reply", { text: "nearly there" });
  assert.deepEqual(sent.map(({ command_id, seen_seq }) => [command_id, seen_seq]), [["id1", 1], ["id1", 1], ["id2", 2], ["id2", 2], ["id3", 3]]);
  answer = null;
  await commands.one(card("b"), "forward", { agency: "dlh" });
  await commands.one(card("b", { seq: 2 }), "forward", { agency: "dlh" });
  assert.deepEqual(sent.slice(-2).map(({ command_id, seen_seq }) => [command_id, seen_seq]), [["id4", 1], ["id5", 2]]);
});

test("the time beside a row is for the promise that it is counted to, which need not be the running stage's", () => {
  const due = { stage: "forward", due_at: "2026-11-27T09:00:00Z", stage_clock: "working" };
  const words = [{ due_stage: "forward" }, { due_stage: "finish" }, { due_stage: "finish", overdue: true }].map((more) => stageWords(card("c", { ...due, ...more }), room("en")));
  assert.deepEqual(words, ["left to forward", "left to finish", "not finished"]);
});

test("a city's own terms stand where the room would say its own", () => {
  const queue = queueSayIn("id", { "term.area": "Banjar", "term.district": "Distrik" });
  assert.deepEqual([queue("area"), queue("all_districts"), queue("by_area"), queue("all_agencies"), queueSayIn("id")("area")], ["Banjar", "Distrik", "Per banjar", "OPD", "Kelurahan"]);
});
