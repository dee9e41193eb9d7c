/**
 * The city as data, and what the wall says of complaints whose keys it has never heard of.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_CALENDAR } from "../../../static/js/feed/clock.js";
import { readCity, spell } from "../../../static/js/ui/city.js";
import { agencyWords, owedWords, placeWords, shareLeft, timeWords, whatWords } from "../../../static/js/ui/complaints.js";
import { formatIn } from "../../../static/js/ui/format.js";
import { sayIn } from "../../../static/js/ui/language.js";
import "../words.mjs";

const RAW = {
  room: "Tangerang LIVE Room", zone: "Asia/Jakarta", zone_label: "WIB", attribution: "ours",
  districts: [{ code: "36.71.05", name: "Cipondoh", anchor: [106.68, -6.18] }],
  areas: [{ code: "36.71.05.1001", name: "Poris Plawad", district: "36.71.05" }],
  agencies: { bpbd: { short: "BPBD", name: "Badan Penanggulangan Bencana Daerah" } },
  categories: {
    kebakaran: { label: "Kebakaran", label_en: "Fire" }, gangguan: { label: "Gangguan ketertiban (bising, miras)" },
    medis: { label: "Gawat darurat medis/ambulans" }, pju: { label: "Lampu jalan (PJU) mati" },
  },
};
const city = readCity(RAW, "id");
const room = /** @type {any} */ ({ city, say: sayIn("id", "wall", "ui"), format: formatIn("id", city) });
const AT = Date.parse("2026-11-24T07:00:00Z");
const moment = { at: AT, calendar: NO_CALENDAR };
const card = (/** @type {any} */ fields) => /** @type {any} */ ({ id: "1", seq: 1, status: "waiting", ...fields });

test("names, places and anchors are the pack's", () => {
  assert.equal(city.room, "Tangerang LIVE Room");
  assert.deepEqual(city.districts, [{ code: "36.71.05", name: "Cipondoh", lat: -6.18, lon: 106.68 }]);
  assert.equal(placeWords(card({ area: "36.71.05.1001" }), room), "Poris Plawad, Cipondoh");
  assert.equal(readCity(RAW, "en").category("kebakaran"), "Fire");
  assert.equal(readCity(RAW, "en").category("medis"), "Gawat darurat medis/ambulans");
});

test("a city that speaks English has its short names on an English wall too", () => {
  const noise = { label: "Noise from a house of worship", label_en: "Noise from a house of worship", short: "Worship noise" };
  const lamp = { label: "Lampu jalan (PJU) mati", label_en: "Street light out", short: "PJU mati" };
  const named = (/** @type {"id" | "en"} */ lang) => ["noise", "lamp"].map((key) => readCity({ categories: { noise, lamp } }, lang).category(key));
  assert.deepEqual(named("en"), ["Worship noise", "Street light out"]);
  assert.deepEqual(named("id"), ["Worship noise", "PJU mati"]);
});

test("long category names are cut at brackets and strokes", () => {
  const names = ["gangguan", "medis", "pju"].map((category) => whatWords(card({ category }), room));
  assert.deepEqual(names, ["Gangguan ketertiban", "Gawat darurat medis", "Lampu jalan mati"]);
});

test("unknown keys read as words, never as a hole", () => {
  const stranger = card({ category: "NOISE_residential", agency: "NYPD_120", area: "XX-9" });
  assert.deepEqual([whatWords(stranger, room), agencyWords(stranger, room), placeWords(stranger, room)], ["NOISE residential", "NYPD 120", "XX-9"]);
  const bare = card({});
  assert.deepEqual([whatWords(bare, room), agencyWords(bare, room), placeWords(bare, room), timeWords(bare, moment, room), owedWords(bare, room)],
    ["Kategori lain", "Belum ada OPD", "Tanpa lokasi", "tanpa tenggat", "Belum diteruskan"]);
  assert.equal(placeWords(card({ lat: 40.7, lon: -74 }), room), "Luar kota");
  assert.equal(spell("__proto__"), "Proto");
  assert.equal(city.category("constructor"), "Constructor");
  assert.equal(city.agency("toString"), "ToString");
});

test("a city without anything is still a city", () => {
  for (const raw of [{}, { areas: "x", districts: 7 }]) {
    const bare = readCity(raw, "id");
    assert.deepEqual([bare.room, bare.zone, bare.districts.length, bare.bounds], ["Liveroom", "UTC", 0, null]);
  }
});

test("districts without anchors stand in the middle of their areas; a place that is its own district is said once", () => {
  const plain = readCity({ areas: [{ code: "BX", name: "Bronx", lat: 40, lon: -73 }, { code: "Q1", name: "Astoria", district: "Q", lat: 1, lon: 3 }, { code: "Q2", name: "Corona", district: "Q", lat: 3, lon: 5 }] }, "en");
  assert.deepEqual(plain.districts.map(({ code, lat, lon }) => [code, lat, lon]), [["BX", 40, -73], ["Q", 2, 4]]);
  assert.equal(placeWords(card({ area: "BX" }), { ...room, city: plain }), "Bronx");
});

test("names written from the right stand by themselves", () => {
  const areas = [{ code: "A", name: "المدينة", district: "D" }, { code: "D", name: "الشرق", district: "D" }];
  const east = readCity({ areas, districts: [{ code: "D", name: "الشرق" }], agencies: { h: { short: "إسكان" } } }, "en");
  assert.equal(placeWords(card({ area: "A" }), { ...room, city: east }), "\u2068المدينة\u2069, \u2068الشرق\u2069");
  assert.ok(owedWords(card({ area: "A", agency: "h" }), { ...room, city: east }).includes("\u2068إسكان\u2069"));
});

test("left, over, paused, and who has not done what", () => {
  const due = (/** @type {number} */ minutes) => new Date(AT + minutes * 60e3).toISOString();
  assert.equal(timeWords(card({ due_at: due(41) }), moment, room), "41 mnt");
  assert.equal(timeWords(card({ due_at: due(-12), overdue: true }), moment, room), "+12 mnt");
  assert.equal(timeWords(card({ due_at: due(5), paused: "hold" }), moment, room), "ditahan");
  assert.equal(shareLeft(card({ due_at: due(30), stage_from: due(-90) }), moment), 0.25);
  assert.equal(shareLeft(card({ due_at: due(-1), stage_from: due(-90), overdue: true }), moment), null);
  const owed = (/** @type {any} */ fields) => owedWords(card({ agency: "bpbd", ...fields }), room);
  assert.deepEqual([owed({ stage: "accept" }), owed({ stage: "finish", status: "in_process" }), owed({ stage: "forward" })],
    ["BPBD belum menerima", "BPBD belum selesai", "BPBD: belum diteruskan"]);
});
