/**
 * Which scene the wall shows at this moment: an alarm's takeover, else what a desk holds, else the rotation (CR-72, CR-74).
 */
import { leftOf, lineOf } from "../feed/room_notices.js";
import { floodOf } from "../ui/alarms.js";
import { after, DWELL_MS, pinned, sceneAt } from "./scenes/registry.js";

/** @typedef {import("./scenes/registry.js").Scene} Scene */
/** @typedef {import("../feed/messages.js").Alarm} Alarm */
/** @typedef {import("../feed/store.js").State} State */

// An unacknowledged critical or overdue alarm pulls its scene forward and pins it until somebody acknowledges (CR-74).
// Pure, on server time, so that all screens of a room change together.

/**
 * @typedef {object} Turn
 * @property {Scene | null} pulled by an alarm; stays until `until`
 * @property {number} since server ms of the last pull
 * @property {number | null} released server ms when the last alarm was acknowledged
 * @property {{scene: Scene, until: number} | null} next what follows a takeover, to the next change of the rotation
 */

/** A pulled scene stays at least so long, and the rotation goes on so long after the acknowledgement, ms. */
const APART_MS = 10_000;
const PULLS = /** @type {const} */ ({ critical: "map", passed: "overdue" });

/** @type {Turn} */
export const NO_TURN = Object.freeze({ pulled: null, since: -Infinity, released: null, next: null });

/**
 * @param {Iterable<Alarm>} alarms @param {boolean} flood alarms come faster than people can work on them
 * @returns {Scene | null} which scene they ask for: the most urgent one's, then the oldest one's; in a flood the map, drawn as one
 */
export function wanted(alarms, flood) {
  if (flood) return "map";
  /** @type {Alarm | null} */
  let first = null;
  for (const alarm of alarms) {
    if (alarm.state === "unacked" && Object.hasOwn(PULLS, alarm.kind ?? "") && (!first || earlier(alarm, first))) first = alarm;
  }
  return first ? PULLS[/** @type {keyof typeof PULLS} */ (first.kind)] : null;
}

/**
 * What asks for a scene while a desk holds one: only what came after it was held, so that no hold hides a new alarm.
 * @param {Iterable<Alarm>} alarms @param {string | null} flood since when, null without one @param {number} held since when, ms of room time
 * @returns {Scene | null}
 */
function wantedSince(alarms, flood, held) {
  const later = (/** @type {string | null | undefined} */ at) => Date.parse(at ?? "") >= held;
  // A flood of before was there to be seen, and in one nothing hops.
  if (flood !== null) return later(flood) ? "map" : null;
  return wanted([...alarms].filter(({ activated_at: at, raised_at: raised }) => later(at ?? raised)), false);
}

/** @param {Alarm} a @param {Alarm} b @returns {boolean} */
function earlier(a, b) {
  const urgency = (a.priority ?? 3) - (b.priority ?? 3);
  if (urgency !== 0) return urgency < 0;
  const [since, other] = [a.raised_at ?? "", b.raised_at ?? ""];
  return since === other ? a.id < b.id : since < other;
}

/** @param {Turn} turn @param {Scene | null} want @param {number} now server ms @returns {Turn} the same object when nothing changes */
export function turnOn(turn, want, now) {
  if (want) return pull(turn, want, now);
  if (turn.pulled) {
    if (turn.released === null) return { ...turn, released: now };
    if (now < Math.max(turn.released, turn.since) + APART_MS) return turn;
    return { ...NO_TURN, next: { scene: after(turn.pulled), until: untilChange(now) } };
  }
  return turn.next && now >= turn.next.until ? NO_TURN : turn;
}

/** @param {Turn} turn @param {Scene} want @param {number} now @returns {Turn} */
function pull(turn, want, now) {
  if (turn.pulled === want) return turn.released === null ? turn : { ...turn, released: null };
  if (turn.pulled && now < turn.since + APART_MS) return turn;
  return { pulled: want, since: now, released: null, next: null };
}

/** @param {number} now @returns {number} server ms of the rotation's next change that leaves a scene time to be read */
function untilChange(now) {
  const change = (Math.floor(now / DWELL_MS) + 1) * DWELL_MS;
  return change - now < APART_MS ? change + DWELL_MS : change;
}

/** @param {Turn} turn @param {number | null} now server ms @param {Scene | null} [held] by a desk, in place of the rotation @param {boolean} [guests] are here @returns {Scene} */
export function sceneOf(turn, now, held = null, guests = false) {
  return turn.pulled ?? held ?? turn.next?.scene ?? sceneAt(null, now, guests);
}

// The scene of this moment: an alarm's, else the one that a desk holds, else the rotation's (CR-72, CR-74).

/** @typedef {{scene: Scene, since: number, left: number, command: string}} Held since: ms of room time; left: ms; command: another one for each hold */

/** @param {Pick<State, "lines">} state @param {number | null} serverNow ms @returns {Held | null} null: no desk holds a scene; a complaint that is called out holds the map */
export function heldIn({ lines }, serverNow) {
  const shown = lineOf(lines, "show");
  const showing = leftOf(lines, "show", serverNow);
  if (shown && showing > 0) return { scene: "map", left: showing, since: Date.parse(shown.since ?? ""), command: shown.until_real ?? "" };
  const left = leftOf(lines, "scene", serverNow);
  const line = lineOf(lines, "scene");
  const scene = pinned(line?.scene);
  if (left === 0 || !line || !scene) return null;
  // Results are for guests: when they leave, the hold of that scene ends too.
  if (scene === "visit" && leftOf(lines, "visit", serverNow) === 0) return null;
  return { scene, left, since: Date.parse(line.since ?? ""), command: line.until_real ?? "" };
}

export class Stage {
  #turn = NO_TURN;
  #command = "";

  /** @param {Pick<State, "lines" | "alarms" | "epoch">} state @param {number | null} now server ms; null before the first beat @returns {Scene} */
  scene(state, now) {
    const held = heldIn(state, now);
    // A new hold answers what had pulled so far.
    if (held && held.command !== this.#command) this.#turn = NO_TURN;
    this.#command = held?.command ?? "";
    if (now !== null) this.#turn = turnOn(this.#turn, wish(state, held), now);
    return sceneOf(this.#turn, now, held?.scene, leftOf(state.lines, "visit", now) > 0);
  }
}

/** @param {Pick<State, "lines" | "alarms" | "epoch">} state @param {Held | null} held @returns {Scene | null} what its alarms ask for */
function wish(state, held) {
  if (state.epoch === "") return null;
  const flood = floodOf(state);
  return held ? wantedSince(state.alarms.values(), flood && (flood.since ?? ""), held.since) : wanted(state.alarms.values(), flood !== null);
}
