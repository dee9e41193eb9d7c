/**
 * When the room sounds, and with which of the three: a pure function of the alarms and the time since.
 * Only a new entry to unacknowledged sounds, and again every 30 s while it stays so (CR-16, CR-17, CR-26, CR-94).
 */
import { priorityOf } from "./alarms.js";
import { PATTERNS } from "./sound.js";

/** @typedef {import("./feed/messages.js").Alarm} Alarm */
/** @typedef {import("./sound.js").Priority} Priority */
/** @typedef {{life: string, due: number, fresh: boolean, priority: Priority}} Heard due: when it sounds next, mono ms; fresh: it has not yet */
/**
 * @typedef {object} Memory
 * @property {boolean} begun false before the first picture: what is there then was there before us
 * @property {ReadonlyMap<string, Heard>} heard every unacknowledged alarm
 * @property {number} lastAt mono ms of the last sound
 * @property {Priority} last its priority
 * @property {number} floodAt mono ms of the last sound of the banner; -Infinity while there is no flood
 */
/** @typedef {{alarms: Iterable<Alarm>, flooding: boolean, silenced: boolean, mono: number}} Now */

export const AGAIN_MS = 30_000;
/** Alarms within this time share one sound. */
export const SHARE_MS = 3000;
/** A repeat speaks for all whose own is this near, so that many alarms do not ring in turn. */
const NEAR_MS = 15_000;

/** @returns {Memory} */
export function noSound() {
  return { begun: false, heard: new Map(), lastAt: -Infinity, last: 3, floodAt: -Infinity };
}

/** @param {Memory} memory @param {Now} now @returns {Map<string, Heard>} what is unacknowledged now, old lives as they were */
function listen({ begun, heard }, { alarms, mono }) {
  /** @type {Map<string, Heard>} */
  const next = new Map();
  for (const alarm of alarms) {
    if (alarm.state !== "unacked") continue;
    const life = alarm.activated_at ?? alarm.raised_at ?? "";
    const before = heard.get(alarm.id);
    if (before?.life === life) next.set(alarm.id, before);
    else next.set(alarm.id, { life, due: begun ? mono : mono + AGAIN_MS, fresh: begun, priority: priorityOf(alarm) });
  }
  return next;
}

/** @param {Heard[]} due @returns {Priority} the most urgent */
function highest(due) {
  return /** @type {Priority} */ (Math.min(...due.map(({ priority }) => priority)));
}

/**
 * @param {Memory} memory @param {Now} now
 * @returns {{memory: Memory, play: Priority | null}} at most one sound
 */
export function nextSound(memory, now) {
  const { mono, flooding, silenced } = now;
  const heard = listen(memory, now);
  const floodAt = flooding ? memory.floodAt : -Infinity;
  const here = { ...memory, begun: true, heard, floodAt };
  const inTurn = (/** @type {Heard} */ one) => !flooding || one.priority === 1 || mono - floodAt >= AGAIN_MS;
  const due = [...heard.values()].filter((one) => one.due <= mono && (one.fresh || !silenced) && inTurn(one));
  if (due.length === 0) return { memory: here, play: null };
  const play = highest(due);
  const since = mono - memory.lastAt;
  // What comes within 3 s shares the sound; only something more urgent gets its own, after the one that is speaking.
  if (since < SHARE_MS && play >= memory.last) return { memory: { ...here, heard: answered(heard, play, mono) }, play: null };
  if (since < PATTERNS[memory.last].length * 1000) return { memory: here, play: null };
  const told = { ...here, heard: answered(heard, play, mono), lastAt: mono, last: play };
  return { memory: flooding && play > 1 ? { ...told, floodAt: mono } : told, play };
}

/** @param {Map<string, Heard>} heard @param {Priority} play @param {number} mono @returns {Map<string, Heard>} what that sound spoke for waits anew */
function answered(heard, play, mono) {
  return new Map([...heard].map(([id, one]) => {
    const spoken = one.priority >= play && one.due <= mono + (one.fresh ? 0 : NEAR_MS);
    return [id, spoken ? { ...one, due: mono + AGAIN_MS, fresh: false } : one];
  }));
}
