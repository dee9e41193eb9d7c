/**
 * What the desk lists, in groups and in order, and which row is chosen. Pure.
 */
import { inOrder } from "../ui/alarms.js";

/** @typedef {import("../feed/messages.js").Alarm} Alarm */
/** @typedef {import("../ui/alarms.js").Standing} Standing */
/** @typedef {"open" | "quiet"} View */
/** @typedef {{state: Standing, alarms: Alarm[], total: number}} Group alarms: those shown, of so many in all */
/** @typedef {{groups: Group[], rows: Alarm[], more: number}} List more: alarms beyond what is shown */

/** The lists of each view; the second is one key away (CR-22). @type {Readonly<Record<View, readonly Standing[]>>} */
export const VIEWS = { open: ["unacked", "acked", "returned"], quiet: ["shelved", "suppressed", "out_of_service"] };
/** A page holds so many rows; the first are those that need somebody. */
export const MOST_ROWS = 300;

/** @param {import("../feed/store.js").State} state @param {import("../ui/alarms.js").Moment} moment @param {View} view @returns {List} */
export function listAlarms(state, moment, view) {
  const all = inOrder(state, moment).filter((alarm) => VIEWS[view].includes(/** @type {Standing} */ (alarm.state)));
  const rows = all.slice(0, MOST_ROWS);
  const groups = VIEWS[view].map((name) => ({
    state: name, alarms: rows.filter((alarm) => alarm.state === name), total: all.filter((alarm) => alarm.state === name).length,
  }));
  return { groups: groups.filter(({ total }) => total > 0), rows, more: all.length - rows.length };
}

/** @typedef {{id: string | null, state: string, at: number}} Chosen the row, the group it was chosen in, where it stood */

/**
 * The chosen row stays chosen while it stands in its group, or while it has the focus; else the one that took its place is.
 * @param {readonly Alarm[]} rows now @param {Chosen} chosen @param {boolean} focused @returns {Chosen}
 */
export function keepChosen(rows, { id, state, at }, focused) {
  const same = rows.findIndex((alarm) => alarm.id === id);
  const kept = same >= 0 && (focused || rows[same]?.state === state) ? same : Math.min(Math.max(0, at), rows.length - 1);
  const row = rows[kept];
  return row ? { id: row.id, state: row.state, at: kept } : { id: null, state: "", at: 0 };
}

/** @param {List} list @param {string} id just answered @returns {string} the next that needs an answer, itself when none does */
export function nextToAnswer({ rows }, id) {
  const open = rows.filter(({ state }) => state === "unacked" || state === "returned").map((alarm) => alarm.id);
  const at = open.indexOf(id);
  return open[at + 1] ?? open[at - 1] ?? id;
}

/** @param {readonly string[]} ids @param {string | null} chosen @param {number} by @returns {string | null} */
export function moveChosen(ids, chosen, by) {
  const at = chosen === null ? -1 : ids.indexOf(chosen);
  return ids[Math.min(ids.length - 1, Math.max(0, at + by))] ?? null;
}

/** @param {List} list @returns {Alarm[]} what a group acknowledgement takes: the unacknowledged that are shown, and no other (CR-12) */
export function shownUnacked({ rows }) {
  return rows.filter(({ state }) => state === "unacked");
}

/** @param {List} list @returns {number} unacknowledged beyond what is shown: a group acknowledgement leaves them alone */
export function hiddenUnacked({ groups }) {
  const group = groups.find(({ state }) => state === "unacked");
  return group ? group.total - group.alarms.length : 0;
}
