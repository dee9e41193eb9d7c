/**
 * The city as data: names and places by key, promises as spans, and what officers are called by role.
 */
import { sayIn } from "./language.js";

// Promises as spans: "30 mnt", "3–5 hari kerja", "30 mnt–3 hari kerja".

/** @typedef {{minutes?: number, hours?: number, days?: number, clock?: "working" | "calendar"}} Promised one of the three is there */

/** @param {readonly Promised[] | null} targets shortest and longest @param {Pick<import("./format.js").Format, "amount">} format @returns {string} empty: none is known */
export function promiseWords(targets, format) {
  const [least, most] = (targets ?? []).map(measured);
  if (!least || !most) return "";
  const [short, long] = [format.amount(...least), format.amount(...most)];
  if (`${least}` === `${most}`) return long.join(" ");
  const same = least[1] === most[1] && least[2] === most[2];
  // One unit is said once, at the end, for the number that stands there.
  return `${same ? short[0] : short.join(" ")}–${long.join(" ")}`;
}

/** @param {Promised} target @returns {[number, import("./format.js").Unit, boolean]} */
function measured({ minutes = 0, hours, days, clock }) {
  const working = clock === "working";
  if (days !== undefined) return [days, "day", working];
  const whole = hours ?? wholeHours(minutes);
  return whole === null ? [minutes, "minute", working] : [whole, "hour", working];
}

/** @param {number} minutes @returns {number | null} as many hours, where a span would say hours too (CR-103) */
function wholeHours(minutes) {
  return minutes >= 100 && minutes % 60 === 0 ? minutes / 60 : null;
}

// Roles, for those who are told an officer's role and not their name: agencies, leadership, holders of links.

const ROLES = /** @type {const} */ (["duty", "supervisor", "agency", "agency_head", "leadership", "admin", "officer", "citizen", "agency_system"]);

/** @param {string} lang @returns {Record<string, string>} what each is called */
export function rolesIn(lang) {
  const say = sayIn(lang, "ui.role");
  return Object.fromEntries(ROLES.map((role) => [role, say(role)]));
}

// Names and places, read once from the page. A key that this city does not know still gets a name, for the wall must never
// show a hole.

/** @typedef {{lat: number, lon: number}} Point */
/** @typedef {{code: string, name: string, district: string, lat: number, lon: number}} Area */
/** @typedef {{code: string, name: string, lat: number, lon: number}} District lat/lon = its anchor on the map */
/**
 * @typedef {object} City
 * @property {string} room name of the room
 * @property {string} zone IANA name
 * @property {string} locale BCP 47, how the city itself writes
 * @property {string} zoneLabel WIB
 * @property {string} attribution of the outlines
 * @property {District[]} districts
 * @property {Area[]} areas
 * @property {[[number, number], [number, number]] | null} bounds south-west and north-east, [lat, lon]
 * @property {(code: string) => string | null} districtOf code of the area's district
 * @property {(code: string | null | undefined) => Area | null} area
 * @property {(code: string) => string} district name of a district
 * @property {(key: string | null | undefined) => string | null} agency short name
 * @property {(key: string) => string | null} office name of one to which overdue complaints are escalated
 * @property {(id: string) => string | null} source the city's own name for it
 * @property {(key: string | null | undefined) => string | null} category name in the page's language
 * @property {(key: string | null | undefined) => boolean} isPrivate whether the city keeps that category private
 * @property {(key: string | null | undefined) => string | null} shift name in the page's language
 */

/** @typedef {Record<string, any>} Raw */

/** @param {unknown} value @param {string} fallback */
function text(value, fallback) {
  return typeof value === "string" && value !== "" ? value : fallback;
}

/** @param {string} key `jalan_rusak` reads `Jalan rusak`: the best name an unknown key can have */
export function spell(key) {
  const words = key.replace(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @param {Raw} raw @returns {Area[]} */
function readAreas(raw) {
  return (Array.isArray(raw.areas) ? raw.areas : []).map((area) => ({
    code: String(area.code),
    name: text(area.name, String(area.code)),
    district: text(area.kecamatan_code ?? area.district, text(area.kecamatan, String(area.code))),
    lat: Number(area.lat ?? area.centroid?.[1]),
    lon: Number(area.lon ?? area.centroid?.[0]),
  }));
}

/** @param {Raw} raw @param {Area[]} areas @returns {District[]} as given, else the middle of each one's areas */
function readDistricts(raw, areas) {
  if (Array.isArray(raw.districts) && raw.districts.length > 0) {
    return raw.districts.map((district) => ({
      code: String(district.code),
      name: text(district.name, String(district.code)),
      lat: Number(district.anchor?.[1] ?? district.lat),
      lon: Number(district.anchor?.[0] ?? district.lon),
    }));
  }
  /** @type {Map<string, {name: string, members: Area[]}>} */
  const groups = new Map();
  for (const [i, area] of areas.entries()) {
    const group = groups.get(area.district) ?? { name: text(raw.areas[i].kecamatan, area.name), members: [] };
    group.members.push(area);
    groups.set(area.district, group);
  }
  return [...groups].map(([code, { name, members }]) => ({
    code, name,
    lat: members.reduce((total, area) => total + area.lat, 0) / members.length,
    lon: members.reduce((total, area) => total + area.lon, 0) / members.length,
  }));
}

/** @param {Area[]} areas @returns {City["bounds"]} */
function boundsOf(areas) {
  if (areas.length === 0) return null;
  const lats = areas.map((area) => area.lat);
  const lons = areas.map((area) => area.lon);
  return [[Math.min(...lats), Math.min(...lons)], [Math.max(...lats), Math.max(...lons)]];
}

/** @param {Raw} raw @param {string} lang @returns {City} */
export function readCity(raw, lang) {
  const areas = readAreas(raw);
  const districts = readDistricts(raw, areas);
  const byCode = new Map(areas.map((area) => [area.code, area]));
  const names = new Map(districts.map((district) => [district.code, district.name]));
  return {
    room: text(raw.room, text(raw.name, "Liveroom")),
    zone: text(raw.zone ?? raw.time_zone, "UTC"),
    locale: text(raw.locale, ""),
    zoneLabel: text(raw.zone_label, "UTC"),
    attribution: text(raw.attribution, ""),
    districts, areas,
    bounds: raw.bounds ? /** @type {City["bounds"]} */ (raw.bounds) : boundsOf(areas),
    districtOf: (code) => byCode.get(code)?.district ?? null,
    area: (code) => byCode.get(code ?? "") ?? null,
    district: (code) => names.get(code) ?? code,
    agency: (key) => (key ? text(own(raw.agencies, key).short ?? own(raw.agencies, key).name, spell(key)) : null),
    office: (key) => (typeof own(raw, "offices")[key] === "string" ? own(raw, "offices")[key] : null),
    source: (id) => (typeof own(raw, "sources")[id] === "string" ? own(raw, "sources")[id] : null),
    shift: (key) => (key ? text(own(raw.shifts, key)[`name_${lang}`], text(own(raw.shifts, key).name, spell(key))) : null),
    isPrivate: (key) => (key ? own(raw.categories, key).private === true : false),
    category: (key) => (key ? text(labelOf(own(raw.categories, key), lang), spell(key)) : null),
  };
}

/** @param {unknown} table @param {string} key @returns {Raw} its own entry alone, so that no key means more than itself */
function own(table, key) {
  const entry = typeof table === "object" && table !== null && Object.hasOwn(table, key) ? /** @type {Raw} */ (table)[key] : null;
  return entry ?? {};
}

/** @param {Raw} entry @param {string} lang the short label, where the city has one; its own stands for another language's where both say the same */
function labelOf(entry, lang) {
  const [said, own] = [text(entry[`label_${lang}`], entry.label), text(entry.short, entry.label)];
  return text(entry[`short_${lang}`], said === entry.label ? own : said);
}

/** @param {Document} page @param {string} lang @returns {City} from the block `city` of the page */
export function cityOf(page, lang) {
  const block = page.getElementById("city");
  try {
    return readCity(JSON.parse(block?.textContent ?? "{}") ?? {}, lang);
  } catch (fault) {
    if (!(fault instanceof SyntaxError)) throw fault;
    return readCity({}, lang);
  }
}
