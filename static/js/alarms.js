/**
 * The alarms of the store, counted by state and put in the one order of wall and desk.
 */
import { standing } from "./feed/clock.js";

/** @typedef {import("./feed/messages.js").Alarm} Alarm */
/** @typedef {import("./feed/store.js").State} State */
/** @typedef {{at: number | null, calendar: import("./feed/clock.js").Calendar}} Moment */
/** @typedef {"unacked" | "acked" | "returned" | "shelved" | "suppressed" | "out_of_service"} Standing */
/** @typedef {Record<Standing, number>} AlarmCounts */

/** All states that are not normal, in the order in which they need somebody. */
export const STATES = /** @type {const} */ (["unacked", "acked", "returned", "shelved", "suppressed", "out_of_service"]);
/** Set aside: counted on the wall, lists of their own at the desk (CR-22). */
export const QUIET = /** @type {const} */ (["shelved", "suppressed", "out_of_service"]);

/** @param {Iterable<Alarm>} alarms @returns {AlarmCounts} */
export function countAlarms(alarms) {
  /** @type {AlarmCounts} */
  const counts = { unacked: 0, acked: 0, returned: 0, shelved: 0, suppressed: 0, out_of_service: 0 };
  for (const { state } of alarms) if (Object.hasOwn(counts, state)) counts[/** @type {Standing} */ (state)] += 1;
  return counts;
}

/** @param {Alarm} alarm @returns {1 | 2 | 3} what says no priority is the least urgent */
export function priorityOf({ priority }) {
  return priority === 1 || priority === 2 ? priority : 3;
}

/** @param {Alarm} alarm @param {State} state @param {Moment} moment @returns {number} share of the limit used; 0 where none runs */
function usedOf({ complaint }, { cards }, { at, calendar }) {
  const card = complaint ? cards.get(complaint) : null;
  return (card && at !== null && standing(card, at, calendar)?.used) || 0;
}

/**
 * Unacknowledged first, then priority, then percent of the limit, then age: the same for every screen.
 * @param {State} state @param {Moment} moment @returns {Alarm[]}
 */
export function inOrder(state, moment) {
  const keyed = [...state.alarms.values()].map((alarm) => ({
    alarm,
    key: [STATES.indexOf(/** @type {Standing} */ (alarm.state)), priorityOf(alarm), -usedOf(alarm, state, moment)],
    since: `${alarm.activated_at ?? alarm.raised_at ?? ""} ${alarm.id}`,
  }));
  return keyed.filter(({ key }) => (key[0] ?? -1) >= 0).sort(compare).map(({ alarm }) => alarm);
}

/** @typedef {{key: number[], since: string}} Keyed */

/** @param {Keyed} a @param {Keyed} b */
function compare(a, b) {
  const place = a.key.findIndex((value, i) => value !== b.key[i]);
  if (place >= 0) return (a.key[place] ?? 0) - (b.key[place] ?? 0);
  return a.since < b.since ? -1 : 1;
}

/** @param {Pick<State, "lines">} state @returns {import("./feed/messages.js").Line | null} the flood of alarms in force (CR-25) */
export function floodOf({ lines }) {
  return lines.find(({ kind }) => kind === "flood") ?? null;
}

/** @param {State} state @returns {import("./feed/messages.js").Line[]} surges of complaints in force, newest last */
export function surgesOf({ lines }) {
  return lines.filter(({ kind }) => kind === "surge");
}
