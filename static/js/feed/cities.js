/**
 * The cities that the room follows, as its feed tells of them: their blocks, and how fresh each is. What a city says is
 * another room's text: it is shown as text, and whatever is not of its type is as if it were not there.
 */
import { freshness } from "./clock.js";

/** @typedef {import("./clock.js").Freshness} Freshness */
/**
 * @typedef {object} CityAlarm the one to show
 * @property {string | null} kind @property {number} priority @property {boolean} acked
 * @property {import("./messages.js").Status | null} status of its complaint
 * @property {number} count @property {string | null} due_at @property {string | null} raised_at
 * @property {string | null} category @property {string | null} agency @property {string | null} area
 */
/**
 * @typedef {object} Figures of one city
 * @property {string} city @property {boolean} drill
 * @property {number} in @property {number} waiting @property {number} in_process @property {number} done @property {number} elsewhere
 * @property {number} open @property {number} overdue @property {number} unacked @property {number} alarms
 * @property {readonly (readonly [string, number])[]} districts name and how many wait there, most first
 * @property {CityAlarm | null} alarm
 */
/** @typedef {{name: string, phone: string | null, wall: string | null, version: number, block: Figures | null}} Block */
/** @typedef {{name: string, age_s: number | null, at: string | null, fault: string | null}} CityAge */
/** @typedef {ReadonlyMap<string, Block>} Blocks by name, in the order of the settings */
/** @typedef {"live" | "delayed" | "lost" | "never"} Hearing never: not since this room follows it */
/**
 * @typedef {object} City as it stands in one frame
 * @property {string} name
 * @property {Block} block
 * @property {Hearing} hearing
 * @property {number | null} age seconds of its figures; null before any
 * @property {string | null} fault
 * @property {number | null} at its own room time now, or of its last figures, ms
 * @property {boolean} cut the feed itself is lost: that says nothing about the city
 */

const COUNTS = /** @type {const} */ (["in", "waiting", "in_process", "done", "elsewhere", "open", "overdue", "unacked", "alarms"]);
const STATUSES = ["waiting", "in_process", "done", "elsewhere"];
const MOST_CITIES = 64;
const MOST_DISTRICTS = 100;
const LONGEST = 128;
/** So long a city may be out of reach before that is said; any other fault makes its figures unfit at once. */
const AWAY = "away";

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {unknown} value @returns {string | null} */
function words(value) {
  return typeof value === "string" && value !== "" ? value.slice(0, LONGEST) : null;
}

/** @param {unknown} value @returns {number} a whole number, not below none */
function count(value) {
  return Number.isSafeInteger(value) ? Math.max(0, Number(value)) : 0;
}

/** @param {unknown} value @returns {CityAlarm | null} */
function asCityAlarm(value) {
  if (!isObject(value)) return null;
  const named = Object.fromEntries(["kind", "due_at", "raised_at", "category", "agency", "area"].map((name) => [name, words(value[name])]));
  const status = STATUSES.includes(String(value.status)) ? value.status : null;
  return /** @type {any} */ ({ ...named, status, priority: count(value.priority) || 3, acked: value.acked === true, count: count(value.count) || 1 });
}

/** @param {unknown} value @returns {Figures | null} */
function asFigures(value) {
  if (!isObject(value)) return null;
  const counts = Object.fromEntries(COUNTS.map((name) => [name, count(value[name])]));
  const listed = Array.isArray(value.districts) ? value.districts.slice(0, MOST_DISTRICTS) : [];
  const districts = listed.filter(Array.isArray).map(([name, n]) => [words(name) ?? "–", count(n)]);
  return /** @type {any} */ ({ ...counts, city: words(value.city) ?? "", drill: value.drill === true, districts, alarm: asCityAlarm(value.alarm) });
}

/** @param {unknown} value @returns {string | null} an address that may be led to */
function address(value) {
  return typeof value === "string" && /^https?:\/\//.test(value) ? value : null;
}

/** @param {Blocks} known @param {unknown} message `cities`, or an answer to `resume` @returns {Blocks} the same where it says nothing newer */
export function takeCities(known, message) {
  const listed = isObject(message) && Array.isArray(message.cities) ? message.cities : null;
  if (listed === null) return known;
  /** @type {Map<string, Block>} */
  const blocks = new Map();
  for (const one of listed.slice(0, MOST_CITIES)) {
    const name = isObject(one) ? words(one.name) : null;
    if (name === null || !isObject(one)) continue;
    const before = known.get(name);
    const block = { name, phone: words(one.phone), wall: address(one.wall), version: count(one.version), block: asFigures(one.block) };
    // What was read before it may come after it.
    blocks.set(name, before && before.version > block.version ? before : block);
  }
  return blocks;
}

/** @param {unknown} said `cities` of a beat @returns {ReadonlyMap<string, CityAge>} */
function agesIn(said) {
  const listed = Array.isArray(said) ? said.filter(isObject).slice(0, MOST_CITIES) : [];
  return new Map(listed.map((one) => {
    const age = typeof one.age_s === "number" && one.age_s >= 0 ? one.age_s : null;
    return [String(one.name), { name: String(one.name), age_s: age, at: words(one.at), fault: words(one.fault) }];
  }));
}

/**
 * Every city in this moment. Its age is what the last beat says, and what passed since: when the feed itself stands still, so does
 * everything that came by it.
 * @param {Blocks} blocks @param {{cities?: unknown} | null} beat @param {{sinceBeat: number, freshness: Freshness}} own seconds since that beat came, and how fresh the feed is
 * @returns {City[]}
 */
export function citiesAt(blocks, beat, { sinceBeat, freshness: own }) {
  const ages = agesIn(beat?.cities);
  return [...blocks.values()].map((block) => {
    const { age_s = null, at = null, fault = null } = ages.get(block.name) ?? {};
    const age = age_s === null || block.block === null ? null : age_s + sinceBeat;
    const hearing = hearingOf(age, fault, own);
    const then = Date.parse(at ?? "");
    const moved = hearing === "lost" ? 0 : sinceBeat * 1000;
    return { name: block.name, block, hearing, age, fault, at: Number.isNaN(then) ? null : then + moved, cut: own === "lost" };
  });
}

/** @param {number | null} age @param {string | null} fault @param {Freshness} own @returns {Hearing} */
function hearingOf(age, fault, own) {
  if (age === null) return "never";
  if (own === "lost" || (fault !== null && fault !== AWAY)) return "lost";
  return freshness(age, true);
}

/** @param {readonly City[]} cities @returns {{waiting: number, heard: City[], silent: City[], drills: City[]}} the sum of what may be added: real cities that are heard */
export function sumOf(cities) {
  const drills = cities.filter(({ block }) => block.block?.drill);
  const real = cities.filter((city) => !drills.includes(city));
  const heard = real.filter(({ hearing }) => hearing === "live" || hearing === "delayed");
  return { waiting: heard.reduce((n, { block }) => n + (block.block?.waiting ?? 0), 0), heard, silent: real.filter((city) => !heard.includes(city)), drills };
}
