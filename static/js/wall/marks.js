/**
 * Marks over the wall: what a desk holds there, its own copy, a drill, guests, and data that is delayed or lost.
 */
import { leftOf, shownIn } from "../feed/room_notices.js";
import { whatWords } from "../ui/complaints.js";
import { BETWEEN, element, find, fit, mark, show, write } from "../ui/dom.js";
import { minutesLeft } from "../ui/format.js";
import { PATIENCE } from "../ui/picture.js";

/** @typedef {import("../ui/picture.js").WallRoom} Room */

// Says on the wall what a desk holds there, and for how long yet: its scene (CR-74), a complaint that is called out, its flashing (CR-42).

/**
 * @typedef {object} Holding
 * @property {import("../feed/store.js").State} state
 * @property {import("./rotation.js").Held | null} held the scene, null while nobody holds it
 * @property {number} frozen ms for which nothing flashes yet
 * @property {import("../ui/picture.js").Picture["freshness"]} freshness
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

// The strip of delayed data and the band of lost data: how old it is, and what to do meanwhile.

/** Black on white and white on black change places this often, so that no panel ages unevenly (CR-69). */
const SWAP_EVERY = 300;
/** Data that has come again must come for so long before the strip goes: it does not flicker. */
const STEADY_MS = 3000;
/** One box a second until the data is lost. */
const BOXES = 15;
/** The ruler has so many ticks at most, of one second each, then of one minute, then of one hour. */
const MOST_TICKS = 180;
const TICKS = [1, 60, 3600];

/** @typedef {"none" | "delayed" | "lost"} Strip */

/** Which strip stands over the scene. */
export class Staleness {
  /** @type {Strip} */
  #strip = "none";
  /** @type {number | null} monotonic ms */
  #liveSince = null;
  #wasLive = false;
  /** @type {number | null} monotonic ms since when there is a picture and no beat yet */
  #unbeaten = null;

  /** @param {{freshness: import("../ui/picture.js").Picture["freshness"], whole: boolean, waited: number, mono: number, age: number}} seen @returns {Strip} a page that has just been opened is joining, not lost, also for the moment before its first beat */
  look({ freshness, whole, waited, mono, age }) {
    if (whole && !Number.isFinite(age)) this.#unbeaten ??= mono;
    if (freshness !== "live") {
      this.#liveSince = null;
      const known = whole && (Number.isFinite(age) || mono - (this.#unbeaten ?? mono) >= STEADY_MS);
      this.#strip = freshness === "delayed" ? "delayed" : known || waited > PATIENCE ? "lost" : "none";
      return this.#strip;
    }
    this.#liveSince ??= mono;
    const steady = !this.#wasLive || mono - this.#liveSince >= STEADY_MS;
    if (this.#strip !== "none") this.#strip = steady ? "none" : "delayed";
    this.#wasLive = true;
    return this.#strip;
  }
}

/** @param {number} seconds @returns {{ticks: number, each: number}} the ruler of an age: so many ticks of so many seconds each */
export function rulerOf(seconds) {
  const each = TICKS.find((one) => seconds < one * MOST_TICKS) ?? 3600;
  return { ticks: Math.min(MOST_TICKS, Math.floor(seconds / each)), each };
}

/** @param {Document} page @param {import("../ui/picture.js").WallRoom} room @returns {import("../ui/picture.js").Paint} */
export function mountStaleness(page, room) {
  const { say, format } = room;
  const staleness = new Staleness();
  const paintDelayed = mountDelayedStrip(page, room);
  const paintLost = mountLostBand(page, room);
  return (picture) => {
    const { age, waited, whole, at } = picture;
    const strip = staleness.look(picture);
    const seconds = Number.isFinite(age) ? age : waited;
    mark(page.documentElement, "data-strip", strip);
    paintDelayed(strip, seconds);
    paintLost(strip, seconds, whole && !Number.isFinite(age));
    const since = !whole || at === null ? say("no_data_yet") : say(strip === "lost" ? "as_of" : "as_of_delayed", { time: format.clock(at) });
    for (const line of page.querySelectorAll(".as-of")) write(line, strip === "none" ? "" : since);
  };
}

/** What the strip's word may take, units: beside its age, which ends or begins at a place of its own. */
const DELAYED = { block: 1120, upright: 612, wide: 802, weight: 600 };

/** @param {HTMLElement} node @param {Room} room so that no language writes it over the age */
function writeDelayed(node, { say, format, width }) {
  const { density, shape } = node.ownerDocument.documentElement.dataset;
  const words = say("data_delayed");
  const size = density === "coarse" ? 60 : shape === "portrait" ? 72 : 96;
  const beside = DELAYED.block - width(format.span((BOXES - 1) * 1000), size, DELAYED.weight) - BETWEEN;
  const total = density === "coarse" || shape === "landscape" ? beside : shape === "portrait" ? DELAYED.upright : DELAYED.wide;
  write(node, words);
  mark(node, "data-fit", fit(width(words, size, DELAYED.weight), total));
}

/** @param {Document} page @param {Room} room @returns {(strip: Strip, seconds: number) => void} */
function mountDelayedStrip(page, room) {
  const { say, format } = room;
  const node = find(page, ".delayed-strip");
  const age = find(node, ".delayed-age");
  const boxes = Array.from({ length: BOXES }, () => element("span", "delayed-box"));
  find(node, ".delayed-boxes").append(...boxes);
  writeDelayed(find(node, ".delayed-word"), room);
  write(find(node, ".delayed-next"), say("lost_at", { n: format.number(BOXES) }));
  return (strip, seconds) => {
    mark(node, "role", strip === "delayed" ? "status" : "none");
    write(age, format.span(Math.floor(seconds) * 1000));
    for (const [i, box] of boxes.entries()) mark(box, "data-full", String(i < Math.floor(seconds)));
  };
}

/** @param {Document} page @param {Room} room @returns {(strip: Strip, seconds: number, unknown: boolean) => void} unknown: nobody knows how old */
function mountLostBand(page, { say, format }) {
  const band = find(page, ".lost-band");
  const [age, ruler] = [find(band, ".lost-age"), find(band, ".lost-ruler")];
  write(find(band, ".lost-word"), say("data_lost"));
  write(find(page, ".lost-what"), say("use_radio"));
  write(find(page, ".lost-how"), say("retrying"));
  return (strip, seconds, unknown) => {
    const called = strip === "lost";
    mark(band, "data-called", String(called));
    // While it shows it is this page's own alarm (CR-07).
    mark(band, "role", called ? "alert" : "none");
    mark(band, "data-priority", called ? "1" : "");
    mark(band, "data-swapped", String(Math.floor(seconds / SWAP_EVERY) % 2 === 1));
    // How old a page's kept copy is nobody knows who has heard of no server since: its own time stands below instead.
    write(age, unknown ? "" : format.span(seconds * 1000));
    const { ticks, each } = rulerOf(unknown ? 0 : seconds);
    ruler.style.setProperty("--ticks", String(ticks));
    mark(ruler, "data-each", String(each));
  };
}
