/**
 * The scene of this moment: an alarm's, else the one that a desk holds, else the rotation's (CR-72, CR-74).
 */
import { floodOf } from "../ui/alarms.js";
import { leftOf, lineOf } from "../feed/room_notices.js";
import { pinned } from "../ui/scenes.js";
import { NO_TURN, sceneOf, turnOn, wanted, wantedSince } from "./takeover.js";

/** @typedef {import("../ui/scenes.js").Scene} Scene */
/** @typedef {import("../feed/store.js").State} State */
/** @typedef {{scene: Scene, since: number, left: number, order: string}} Held since: ms of room time; left: ms; order: another one for each hold */

/** @param {Pick<State, "lines">} state @param {number | null} serverNow ms @returns {Held | null} null: no desk holds a scene; a complaint that is called out holds the map */
export function heldIn({ lines }, serverNow) {
  const shown = lineOf(lines, "show");
  const showing = leftOf(lines, "show", serverNow);
  if (shown && showing > 0) return { scene: "map", left: showing, since: Date.parse(shown.since ?? ""), order: shown.until_real ?? "" };
  const left = leftOf(lines, "scene", serverNow);
  const line = lineOf(lines, "scene");
  const scene = pinned(line?.scene);
  if (left === 0 || !line || !scene) return null;
  // Results are for guests: when they leave, the hold of that scene ends too.
  if (scene === "visit" && leftOf(lines, "visit", serverNow) === 0) return null;
  return { scene, left, since: Date.parse(line.since ?? ""), order: line.until_real ?? "" };
}

export class Stage {
  #turn = NO_TURN;
  #order = "";

  /** @param {Pick<State, "lines" | "alarms" | "epoch">} state @param {number | null} now server ms; null before the first beat @returns {Scene} */
  scene(state, now) {
    const held = heldIn(state, now);
    // A new hold answers what had pulled so far.
    if (held && held.order !== this.#order) this.#turn = NO_TURN;
    this.#order = held?.order ?? "";
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
