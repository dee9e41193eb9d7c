/**
 * What a fake room holds at its start: the day of the sketches, a quiet night, a crowd, keys nobody knows.
 */
import { anywhere, around, chance } from "./fake_room.mjs";

const DISTRICTS = {
  Benda: [2, 5, 5], Neglasari: [5, 9, 8], Batuceper: [4, 8, 8], Periuk: [8, 14, 12], Karawaci: [11, 19, 17],
  Cipondoh: [12, 21, 18], Tangerang: [9, 18, 17], Jatiuwung: [3, 7, 6], Cibodas: [6, 11, 10], Pinang: [9, 17, 15],
  "Karang Tengah": [5, 10, 9], Ciledug: [7, 13, 12], Larangan: [6, 12, 11],
};
const NIGHT = { Neglasari: [0, 0, 1], Batuceper: [0, 1, 1], Periuk: [0, 1, 1], Karawaci: [0, 1, 1], Cipondoh: [0, 1, 2], Tangerang: [0, 1, 2], Cibodas: [0, 0, 1], Pinang: [0, 0, 1], Ciledug: [0, 0, 1], Larangan: [0, 1, 0] };
const MINUTE = 60e3;
const HOUR = 60 * MINUTE;

/** category, agency, kelurahan, status, clock, minutes over (negative: left), minutes allowed, priority */
const NAMED = [
  ["kebakaran", "bpbd", "Poris Plawad", "waiting", "calendar", 12, 10, "critical", -6.1735, 106.668],
  ["gawat_medis", "dinkes", "Kreo", "waiting", "calendar", 4, 10, "critical", -6.2275, 106.7415],
  ["pohon_tumbang", "disbudpar", "Selapajang Jaya", "in_process", "calendar", 72, 120, "critical", -6.117, 106.636],
  ["pju_mati", "dishub", "Jurumudi Baru", "waiting", "working", 9 * 1440, 450, "normal", -6.142, 106.676],
  ["sampah", "dlh", "Kunciran Indah", "waiting", "working", 5 * 1440, 450, "normal", -6.226, 106.681],
  ["air_bersih", "perumda_tb", "Periuk", "in_process", "working", 2 * 1440, 1350, "urgent", -6.152, 106.602],
  ["drainase", "dpupr", "Karang Timur", "in_process", "working", 4 * 1440, 2250, "normal", -6.225, 106.716],
  ["jalan_rusak", "dpupr", "Manis Jaya", "in_process", "working", 6 * 1440, 6300, "normal", -6.212, 106.576],
  ["parkir_liar", "dishub", "Cikokol", "in_process", "working", 3 * 1440, 2250, "normal", -6.213, 106.626],
  ["hewan_liar", "bpbd", "Neroktog", "waiting", "calendar", -3, 10, "critical"],
  ["gangguan_tertib", "satpolpp", "Cimone", "waiting", "calendar", -41, 90, "urgent"],
  ["macet", "dishub", "Pasar Baru", "in_process", "working", -52, 900, "urgent"],
  ["bakar_sampah", "dlh", "Petir", "in_process", "working", -114, 1350, "urgent"],
];

/** @param {import("./fake_room.mjs").FakeRoom} room @param {any} city @param {any[]} named */
function namedCard(room, city, [category, agency, kelurahan, status, clock, over, allowed, priority, lat = null, lon = null]) {
  return room.card({
    category, agency, status, stage_clock: clock, priority, lat, lon, overdue: over > 0,
    area: city.areas.find(({ name }) => name === kelurahan)?.code ?? null,
    due_at: room.stamp(-over * MINUTE), stage_from: room.stamp(-(over + allowed) * MINUTE),
  });
}

/** @param {import("./fake_room.mjs").FakeRoom} room @param {any} city @param {Record<string, number[]>} counts @param {any[]} cards already there */
function fill(room, city, counts, cards) {
  const random = chance(7);
  for (const [name, wanted] of Object.entries(counts)) {
    const district = city.districts.find((one) => one.name === name);
    const areas = city.areas.filter((area) => area.district === district?.code);
    for (const [i, status] of ["waiting", "in_process", "done"].entries()) {
      const there = cards.filter((card) => card.status === status && areas.some(({ code }) => code === card.area)).length;
      for (let n = there; n < wanted[i]; n += 1) {
        const area = areas[Math.floor(random() * areas.length)];
        cards.push(room.card({ ...anywhere(random, city, room), area: area.code, status, due_at: room.stamp((3 + 40 * random()) * HOUR) }));
      }
    }
  }
}

/** @param {import("./fake_room.mjs").FakeRoom} room @param {any} city @param {number} n @returns {any[]} so many open, a tenth of them overdue */
function crowd(room, city, n) {
  const [random, places] = [chance(11), chance(13)];
  return Array.from({ length: n }, () => {
    const overdue = random() < 0.1;
    const status = random() < 0.4 ? "waiting" : "in_process";
    const due = overdue ? -random() * 9 * 24 * HOUR : random() * 9 * 24 * HOUR;
    const place = anywhere(random, city, room);
    return room.card({
      ...place, ...around(places, city, place.area), status, overdue, due_at: room.stamp(due), stage_from: room.stamp(-12 * 24 * HOUR),
      received_day: random() < 0.3 ? room.day : "2026-11-20",
    });
  });
}

/** @param {import("./fake_room.mjs").FakeRoom} room keys and values that this city has never heard of @returns {any[]} */
function strangers(room) {
  return [
    room.card({ category: "NOISE_residential-very-long-kind-of-complaint-indeed", agency: "NYPD_Patrol_Borough_Staten_Island_Precinct_120", area: "XX-999", overdue: true, due_at: room.stamp(-9e6) }),
    room.card({ category: null, agency: null, area: null, due_at: null, stage: null, stage_from: null, stage_clock: null }),
    room.card({ category: "pothole", agency: "DOT", lat: 40.7, lon: -74, status: "in_process", paused: "citizen" }),
    room.card({ status: "in_process", paused: "hold", priority: "never_heard_of", escalation: null }),
    { id: "bare", seq: 1, status: "waiting" },
  ];
}

/** @param {string} name @param {import("./fake_room.mjs").FakeRoom} room @param {any} city @returns {any[]} cards */
export function sceneCards(name, room, city) {
  if (name === "nothing") return [];
  if (name === "strangers") return strangers(room);
  if (/^\d+$/.test(name)) return crowd(room, city, Number(name));
  const cards = name === "night" ? [] : NAMED.map((one) => namedCard(room, city, one));
  fill(room, city, name === "night" ? NIGHT : DISTRICTS, cards);
  const aside = name === "night" ? 1 : 13;
  for (let n = 0; n < aside; n += 1) cards.push(room.card({ status: "elsewhere", area: city.areas[n].code }));
  return cards;
}

/** @returns {any[]} sources and how long ago each was heard */
export function sceneSources() {
  return [["laksa", "LAKSA", 2], ["siaga112", "112", 9], ["lapor", "LAPOR!", 180], ["whatsapp", "WhatsApp", 5], ["medsos", "Medsos", 64], ["kecamatan", "Kecamatan", 725]]
    .map(([id, name, heard]) => ({ id, name, every_s: 300, state: "ok", heard }));
}
