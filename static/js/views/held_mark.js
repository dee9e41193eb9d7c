/**
 * Says on the wall what a desk holds there, and for how long yet: its scene (CR-74), a complaint that is called out, its flashing (CR-42).
 */
import { whatWords } from "../ui/complaints.js";
import { shownIn } from "../feed/room_notices.js";
import { minutesLeft } from "../ui/format.js";
import { find, show, write } from "../ui/dom.js";

/** @typedef {import("../ui/picture.js").Room} Room */
/**
 * @typedef {object} Holding
 * @property {import("../feed/store.js").State} state
 * @property {import("../scenes/stage.js").Held | null} held the scene, null while nobody holds it
 * @property {number} frozen ms for which nothing flashes yet
 * @property {import("../feed/clock.js").Freshness} freshness
 * @property {number | null} serverNow ms
 */

/** @param {ParentNode} page @param {Room} room @returns {(holding: Holding) => void} */
export function mountHeldMark(page, room) {
  const node = find(page, ".held-mark");
  return (holding) => {
    const words = heldWords(holding, room);
    show(node, words !== "");
    if (words !== "") write(node, words);
  };
}

/**
 * A frozen flash stands beside data that goes on: where there is room, and only while it is true, the mark says so.
 * @param {Holding} holding @param {Room} room @returns {string} empty when nothing is held
 */
export function heldWords({ state, held, frozen, freshness, serverNow }, room) {
  const { say, format } = room;
  const id = held && shownIn(state.lines, serverNow);
  const card = id ? state.cards.get(id) : null;
  const scene = !held ? "" : card ? say("shown", { what: whatWords(card, room) }) : say(id ? "shown_gone" : "held", { span: format.span(minutesLeft(held.left)) });
  if (frozen <= 0) return scene;
  const span = format.span(minutesLeft(frozen));
  return scene === "" ? say(freshness === "live" ? "frozen_live" : "frozen", { span }) : `${say("frozen", { span })} · ${scene}`;
}
