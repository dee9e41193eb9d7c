/**
 * What a flood of alarms or a surge of complaints is on the map: its kind, how many in each area and district, and its words.
 */
import { surgesOf } from "../../ui/alarms.js";
import { isolated } from "../../ui/complaints.js";

/** @typedef {import("../../ui/picture.js").Picture} Picture */
/** @typedef {import("../../ui/picture.js").WallRoom} Room */
/** @typedef {import("../../feed/messages.js").Card} Card */

// A flood: alarms that nobody has acknowledged, by where they are. All of one kind where most of them are.

/** @typedef {{category: string | null, n: number, areas: Map<string, number>, districts: Map<string, number>, from: number, to: number}} Flooding from, to: when its first and last alarm came, ms */

/** Share of one kind from which a flood bears its name. */
const MOST_OF_IT = 0.5;

/** @param {Picture} picture @param {import("../../ui/city.js").City} city @returns {Flooding | null} null: none, or every alarm has been acknowledged */
export function floodingIn({ flood, state }, city) {
  if (!flood) return null;
  const told = [...state.alarms.values()].filter(({ state: standing, area }) => standing === "unacked" && city.area(area));
  const kinds = counted(told.map(({ complaint }) => state.cards.get(complaint ?? "")?.category ?? ""));
  const [kind = "", most = 0] = [...kinds].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0] ?? [];
  const category = kind !== "" && most > told.length * MOST_OF_IT ? kind : null;
  const areas = counted(told.map(({ area }) => area ?? ""));
  const times = told.map(({ activated_at: at, raised_at: raised }) => Date.parse(at ?? raised ?? "")).filter((at) => !Number.isNaN(at));
  if (told.length === 0) return null;
  return { category, n: told.length, areas, districts: districtsOf(areas, city), from: Math.min(...times), to: Math.max(...times) };
}

/** @param {readonly string[]} keys @returns {Map<string, number>} */
function counted(keys) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** @param {Map<string, number>} areas @param {import("../../ui/city.js").City} city @returns {Map<string, number>} */
function districtsOf(areas, city) {
  /** @type {Map<string, number>} */
  const districts = new Map();
  for (const [area, n] of areas) {
    const code = city.districtOf(area) ?? area;
    districts.set(code, (districts.get(code) ?? 0) + n);
  }
  return districts;
}

/** @param {Flooding} flooding @param {Room} room @returns {{question: string, answers: string[]}} the answer at length and shorter */
export function floodWords({ category, districts, from, to }, { city, say, format }) {
  const what = category === null ? null : within(city.category(category) ?? say("unknown_category"));
  const place = say("districts_n", { n: format.number(districts.size) });
  const times = { from: format.hour(from), to: format.hour(to) };
  const spans = Number.isFinite(from) && times.from !== times.to ? [say("flood_map_answer", { place, ...times })] : [];
  return { question: what === null ? say("flood_map_question_any") : say("flood_map_question", { what }), answers: [...spans, place] };
}

// A surge of complaints: no alarm yet, so nothing rises, is white or has a ring.

/** @typedef {{category: string, n: number, areas: Map<string, number>, districts: Set<string>}} Surging */

/** @param {Picture["state"]} state @param {import("../../ui/city.js").City} city @returns {Surging | null} the newest one; its complaints are counted by area */
function surgingNow(state, city) {
  const line = surgesOf(state).at(-1);
  if (!line?.areas?.length) return null;
  const inIt = new Set(line.areas);
  /** @type {Map<string, number>} */
  const areas = new Map();
  state.cards.each(({ category, area, status }) => {
    if (area && category === line.category && inIt.has(area) && status === "waiting") areas.set(area, (areas.get(area) ?? 0) + 1);
  });
  return { category: line.category ?? "", n: line.n ?? 0, areas, districts: new Set(line.areas.map((area) => city.districtOf(area) ?? area)) };
}

/** So long its count by area may stand, ms: it is asked of every complaint. */
const COUNTED_EVERY = 1000;

/** @param {import("../../ui/city.js").City} city @returns {(picture: Picture) => Surging | null} */
export function mountSurge(city) {
  /** @type {Surging | null} */
  let last = null;
  let [key, at] = ["", -Infinity];
  return ({ state, mono }) => {
    const now = JSON.stringify(surgesOf(state).at(-1) ?? null);
    if (now === key && mono - at < COUNTED_EVERY) return last;
    [key, at] = [now, mono];
    last = surgingNow(state, city);
    return last;
  };
}

/** @param {Picture} picture @param {Room} room @returns {string[] | null} the newest surge of complaints, said at length and shorter; null: none */
export function surgeWords({ state }, { city, say, format }) {
  const surge = surgesOf(state).at(-1);
  if (!surge) return null;
  const names = [...new Set((surge.areas ?? []).map((area) => isolated(city.district(city.districtOf(area) ?? area))))].sort();
  const words = { what: within(city.category(surge.category) ?? say("unknown_category")), n: format.number(surge.n ?? 0) };
  const shorter = [say("surge_many", { ...words, districts: say("districts_n", { n: format.number(names.length) }) }), say("surge_short", words)];
  if (names.length > 2) return shorter;
  return [say(names.length === 2 ? "surge_two" : "surge_one", { ...words, place: names[0] ?? "", other: names[1] ?? "" }), ...shorter];
}

/** @param {string} name @returns {string} as it stands within a line: an abbreviation keeps its capitals, and what stands in brackets goes */
function within(name) {
  const plain = name.replace(/ ?\([^)]*\)/g, "");
  return /^\p{Lu}\p{Ll}/u.test(plain) ? plain.charAt(0).toLowerCase() + plain.slice(1) : plain;
}
