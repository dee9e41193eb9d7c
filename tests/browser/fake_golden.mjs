/**
 * Named states of the room, from tests/browser/golden/NAME.json, made of the fake room: alarms, notices, silent sources, long names.
 */
import { anywhere, around, chance } from "./fake_room.mjs";

/**
 * @typedef {object} Golden
 * @property {string} says what this state is for
 * @property {string} room one of the fake rooms
 * @property {string} [city] whose pack it is, else the first one's
 * @property {string} from room time, where it stands
 * @property {boolean} [drill]
 * @property {string} [address] what the wall's address says in it besides scene, language and layout
 * @property {{category: string, kind: string, priority: number, state: string, minutes?: number}[]} [alarms] of the named complaints
 * @property {{category: string, districts: string[], n: number, flood?: boolean, agencies?: (string | null)[]}} [surge] so many complaints within 20 minutes
 * @property {Record<string, {state: string, heard: number}>} [sources]
 * @property {{id: string, event: string, minutes: number, districts: string[]}[]} [hazards] warnings that hold for so many minutes yet
 * @property {number} [earlier] so many were finished today that came in on an earlier day
 * @property {number} [lights] so many were finished in the last 14 hours, each at a place
 * @property {string} [guests] are here, welcomed by these words
 * @property {boolean} [plain] no pictures are released
 * @property {number} [silent_s] for so long the server has been silent
 * @property {boolean} [long] every name of the city is longer than it should be
 */

const MINUTE = 60e3;

/** @param {Golden} golden @param {import("./fake_room.mjs").FakeRoom} room @param {any} city changes both in place */
export function applyGolden(golden, room, city) {
  if (golden.long) lengthen(city);
  const before = room.stamp(-26 * 60 * MINUTE);
  if (golden.earlier) room.change(Array.from({ length: golden.earlier }, () => room.card({ status: "done", agency: "dlh", received_at: before, received_day: before.slice(0, 10), closed_at: room.stamp(-90 * MINUTE) })));
  if (golden.lights) finish(golden.lights, room, city);
  if (golden.surge) surge(golden.surge, room, city);
  if (golden.guests) room.lines.push({ id: "visit", kind: "visit", since: room.stamp(-20 * MINUTE), until_real: new Date(room.now() + 200 * MINUTE).toISOString(), welcome: golden.guests, plain: golden.plain });
  for (const { minutes, districts, ...hazard } of golden.hazards ?? []) {
    const codes = city.districts.filter((/** @type {any} */ { name }) => districts.includes(name)).map((/** @type {any} */ { code }) => code);
    const areas = city.areas.filter((/** @type {any} */ { district }) => codes.includes(district)).map((/** @type {any} */ { code }) => code);
    room.hazards.push({ ...hazard, areas, expires: room.stamp(minutes * MINUTE) });
  }
  if (golden.sources) spread(Object.keys(golden.sources), room);
  for (const source of room.sources) Object.assign(source, { state: "ok" }, golden.sources?.[source.id]);
  const cards = [...room.cards.values()];
  for (const { category, minutes = 5, ...alarm } of golden.alarms ?? []) {
    const card = cards.find((one) => one.category === category && one.status !== "done");
    room.alarms.push(alarmOf(alarm, card, room, minutes));
  }
}

/** @param {number} n @param {import("./fake_room.mjs").FakeRoom} room @param {any} city so many more are done today, the most of them in the last hours */
function finish(n, room, city) {
  const random = chance(31);
  room.change(Array.from({ length: n }, () => {
    const place = anywhere(random, city, room);
    const closed = -14 * 60 * MINUTE * random() ** 2;
    const received = closed - 7 * 60 * MINUTE * random();
    return room.card({ ...place, ...around(random, city, place.area), status: "done", closed_at: room.stamp(closed), received_at: room.stamp(received) });
  }));
}

/** @param {string[]} ids every other complaint came from one of them @param {import("./fake_room.mjs").FakeRoom} room */
function spread(ids, room) {
  const cards = [...room.cards.values()].filter((_, i) => i % 2 === 0);
  room.change(cards.map((card, i) => ({ ...card, source: ids[i % ids.length] })));
}

/** @param {any} alarm @param {any} card @param {import("./fake_room.mjs").FakeRoom} room @param {number} minutes since it was raised */
function alarmOf(alarm, card, room, minutes) {
  const raised = room.stamp(-minutes * MINUTE);
  const acked = alarm.state === "acked" ? { acked_by: "petugas", acked_at: room.stamp(-(minutes - 1) * MINUTE) } : {};
  return {
    id: `${alarm.kind}:${card?.id}`, seq: room.seq, complaint: card?.id ?? null, source: null, agency: card?.agency ?? null,
    area: card?.area ?? null, category: card?.category ?? null, active: true, raised_at: raised, activated_at: raised, ...alarm, ...acked,
  };
}

/** @param {NonNullable<Golden["surge"]>} wanted @param {import("./fake_room.mjs").FakeRoom} room @param {any} city */
function surge({ category, districts, n, flood, agencies = ["dpupr", "bpbd", "bpbd"] }, room, city) {
  const random = chance(23);
  const codes = districts.map((name) => city.districts.find((/** @type {any} */ one) => one.name === name)?.code);
  const areas = city.areas.filter((/** @type {any} */ { district }) => codes.includes(district));
  const cards = Array.from({ length: n }, (_, i) => {
    const area = areas[Math.floor(random() * areas.length)];
    const passed = flood && i < 26;
    return room.card({
      ...anywhere(random, city, room), category, area: area.code, ...near(area, random), agency: agencies[i % agencies.length], status: "waiting",
      received_at: room.stamp((-12 + (12 * i) / n) * MINUTE), priority: "urgent", overdue: passed, stage_clock: "calendar", stage_from: room.stamp(-20 * MINUTE), due_at: room.stamp((passed ? -1 : 15) * MINUTE),
    });
  });
  room.change(cards);
  const since = room.stamp(-12 * MINUTE);
  room.lines.push({ id: "surge", kind: "surge", category, areas: [...new Set(cards.map(({ area }) => area))], n, since });
  if (!flood) return;
  room.lines.push({ id: "flood", kind: "flood", n: 26, since });
  for (const card of cards.filter(({ overdue }) => overdue)) room.alarms.push(alarmOf({ kind: "passed", priority: 2, state: "unacked" }, card, room, 3));
}

/** @param {any} area @param {() => number} random @returns {{lat: number, lon: number}} somewhere in its middle */
function near({ lat, lon, centroid }, random) {
  return { lat: (lat ?? centroid[1]) + (random() - 0.5) * 0.012, lon: (lon ?? centroid[0]) + (random() - 0.5) * 0.012 };
}

/** @param {any} city every name half as long again, as another language or another city might have it */
function lengthen(city) {
  /** @param {string} name */
  const longer = (name) => `${name} ${name.slice(0, Math.max(4, Math.ceil(name.length / 2))).toLowerCase()}`;
  for (const place of [...city.districts, ...city.areas]) place.name = longer(place.name);
  for (const entry of [...Object.values(city.categories), ...Object.values(city.agencies)]) {
    for (const key of ["label", "short", "name"]) if (typeof entry[key] === "string") entry[key] = longer(entry[key]);
  }
}
