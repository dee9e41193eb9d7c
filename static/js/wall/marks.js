/**
 * Marks over the wall: what a desk holds there, its own copy, a drill, guests, and data that is delayed or lost.
 */
import { leftOf, shownIn } from "../feed/room_notices.js";
import { whatWords } from "../ui/complaints.js";
import { find, mark, show, write } from "../ui/dom.js";
import { minutesLeft } from "../ui/format.js";
import { PATIENCE } from "../ui/picture.js";

/** @typedef {import("../ui/picture.js").WallRoom} Room */

// Says on the wall what a desk holds there, and for how long yet: its scene (CR-74), a complaint that is called out, its flashing (CR-42).

/**
 * @typedef {object} Holding
 * @property {import("../feed/store.js").State} state
 * @property {import("./rotation.js").Held | null} held the scene, null while nobody holds it
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

// The watermark over a wall that shows its own copy: of when it is, across the screen (CR-49).

/** @param {Document} page @param {import("../ui/picture.js").WallRoom} room @returns {(copied: boolean, at: number | null) => void} */
export function mountCopyMark(page, { say, format, city }) {
  const words = find(page, ".copy-mark");
  return (copied, at) => {
    mark(page.documentElement, "data-copy", String(copied));
    write(words, copied && at !== null ? say("copy", { time: format.clock(at), zone: city.zoneLabel }) : "");
  };
}

// The frame of a drill: the words once per block. It uses margins only, so nothing moves.

/** @param {Document} page @param {import("../ui/picture.js").WallRoom} room */
export function mountDrillFrame(page, { say }) {
  for (const words of page.querySelectorAll(".drill-words")) write(words, say("drill_line"));
  for (const tag of page.querySelectorAll(".drill-tag")) write(tag, say("drill"));
}

// Says on every scene of the wall that guests are here: what it shows is masked (CR-81).

/** @param {ParentNode} page @param {import("../ui/picture.js").WallRoom} room @returns {(state: import("../feed/store.js").State, serverNow: number | null) => void} */
export function mountVisitMark(page, { say }) {
  const node = find(page, ".visit-mark");
  write(node, say("visit_mark"));
  return ({ lines }, serverNow) => show(node, leftOf(lines, "visit", serverNow) > 0);
}

// The band that says the data is delayed or lost, how old it is, and what to do meanwhile.

/** Black on white and white on black change places this often, so that no panel ages unevenly (CR-69). */
const SWAP_EVERY = 300;

/** @param {ParentNode} page @param {import("../ui/picture.js").WallRoom} room @returns {import("../ui/picture.js").Paint} */
export function mountLostBand(page, { say, format }) {
  const band = find(page, ".lost-band");
  const word = find(band, ".lost-word");
  const span = find(band, ".lost-age");
  const advice = find(page, ".lost-advice");
  write(find(advice, ".lost-what"), say("use_radio"));
  write(find(advice, ".lost-how"), say("retrying"));
  return ({ freshness, age, whole, waited, at }) => {
    const seconds = Number.isFinite(age) ? age : waited;
    const called = freshness === "lost" && (whole || waited > PATIENCE);
    mark(band, "data-called", String(called));
    // While it shows it is this page's own alarm (CR-07).
    mark(band, "role", called ? "alert" : "none");
    mark(band, "data-priority", called ? "1" : "");
    mark(band, "data-swapped", String(Math.floor(seconds / SWAP_EVERY) % 2 === 1));
    write(word, say("data_lost"));
    // How old a page's kept copy is nobody knows who has heard of no server since: its own time stands below instead.
    write(span, whole && !Number.isFinite(age) ? "" : format.span(seconds * 1000));
    const since = whole && at !== null ? say("as_of", { time: format.clock(at) }) : say("no_data_yet");
    for (const line of /** @type {Document} */ (page).querySelectorAll(".as-of")) write(line, called ? since : "");
  };
}
