/**
 * What a flood of alarms is about: how many of each kind and priority, where, since when, and who has most of them.
 */
import { floodOf, priorityOf } from "./alarms.js";

/** @typedef {import("./feed/messages.js").Alarm} Alarm */
/** @typedef {{key: string, n: number}} Share of the unacknowledged, by agency or source */
/**
 * @typedef {object} Flood
 * @property {number} n unacknowledged
 * @property {number | null} since ms, room time
 * @property {Record<1 | 2 | 3, number>} priorities
 * @property {Map<string, number>} kinds
 * @property {Set<string>} districts codes
 * @property {Share[]} shares largest first; agencies by key, sources with a leading @
 */

/** @param {Alarm} alarm */
function shareKey({ source, agency, complaint }) {
  if (source && !complaint) return `@${source}`;
  return agency ?? "";
}

/** @param {Map<string, number>} map @param {string} key */
function grow(map, key) {
  map.set(key, (map.get(key) ?? 0) + 1);
}

/** @param {import("./feed/store.js").State} state @param {import("./city.js").City} city @returns {Flood | null} null: no flood in force */
export function floodIn(state, city) {
  const line = floodOf(state);
  if (!line) return null;
  const flood = { n: 0, priorities: { 1: 0, 2: 0, 3: 0 }, kinds: new Map(), districts: new Set(), shares: new Map() };
  for (const alarm of state.alarms.values()) {
    if (alarm.state !== "unacked") continue;
    flood.n += 1;
    flood.priorities[priorityOf(alarm)] += 1;
    grow(flood.kinds, alarm.kind ?? "");
    grow(flood.shares, shareKey(alarm));
    const district = city.districtOf(alarm.area ?? "");
    if (district) flood.districts.add(district);
  }
  const since = Date.parse(line.since ?? "");
  const shares = [...flood.shares].map(([key, n]) => ({ key, n })).sort((a, b) => b.n - a.n || (a.key < b.key ? -1 : 1));
  return { ...flood, since: Number.isNaN(since) ? null : since, shares };
}

/** @param {import("./feed/store.js").State} state @param {import("./city.js").City} city @param {Flood | null} flood @returns {Set<string>} districts that the map lifts */
export function liftedDistricts(state, city, flood) {
  const lifted = new Set(flood?.districts ?? []);
  for (const { kind, areas } of state.lines) {
    if (kind !== "surge") continue;
    for (const area of areas ?? []) lifted.add(city.districtOf(area) ?? area);
  }
  return lifted;
}
