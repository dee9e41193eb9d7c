/**
 * The scenes of the wall: the one list of them in the browser, whose turn it is, and their places in the page.
 * A new scene is a module beside these, a line here, and a name in SCENES of liveroom/domain/room.py.
 */
import { element, find, mark } from "../../ui/dom.js";
import { agencies } from "./agencies.js";
import { board } from "./board.js";
import { map } from "./map.js";
import { overdue } from "./overdue.js";
import { trend } from "./trend.js";
import { visit } from "./visit.js";

/** @typedef {import("../../ui/picture.js").Paint & {fresh?: (cards: readonly import("../../feed/messages.js").Card[]) => ReadonlySet<string>}} Painted fresh: marks what no figure counts yet, and gives the ids of what it marked */
/**
 * @typedef {object} SceneModule
 * @property {string} name as addresses and the room's commands have it
 * @property {boolean} [guests] its turn comes while guests are here
 * @property {(question: HTMLElement) => Node[]} markup what stands in its section, its head among it
 * @property {(scene: HTMLElement, room: import("../../ui/picture.js").WallRoom) => Painted} mount
 */

/** In the order of their turns. */
export const SCENES = /** @type {const} @satisfies {readonly SceneModule[]} */ ([map, board, overdue, agencies, trend, visit]);
/** @typedef {typeof SCENES[number]["name"]} Scene */

const NAMES = SCENES.map(({ name }) => name);
/** @type {readonly Scene[]} */
const TURNING = SCENES.filter((scene) => !("guests" in scene)).map(({ name }) => name);

// Which scene is up: pinned by the address, else the same one on all screens at the same server time (CR-72).

export const DWELL_MS = 30_000;

/** @param {string | null | undefined} name @returns {Scene | null} null: not pinned, rotate */
export function pinned(name) {
  return NAMES.find((scene) => scene === name) ?? null;
}

/** @param {Scene | null} pin @param {number | null} serverNow ms; null before the first beat @param {boolean} [guests] are here @returns {Scene} */
export function sceneAt(pin, serverNow, guests = false) {
  if (pin) return pin;
  const turns = guests ? NAMES : TURNING;
  return turns[Math.floor((serverNow ?? 0) / DWELL_MS) % turns.length] ?? "map";
}

/** @param {Scene} scene @returns {Scene} the one that follows it in the rotation */
export function after(scene) {
  return TURNING[(TURNING.findIndex((one) => one === scene) + 1) % TURNING.length] ?? "map";
}

/** @param {Document} page with the map's section, in which the server drew the base map @param {import("../../ui/picture.js").WallRoom} room @param {import("../../ui/picture.js").WallRoom} [others] of all but the map, where they have less room @returns {Record<Scene, Painted>} each in a section of its own, before what lies over all of them */
export function mountScenes(page, room, others = room) {
  const over = find(page, ".visit-mark");
  const mounted = SCENES.map(({ name, markup, mount }) => {
    const scene = page.querySelector(`.scene-${name}`) ?? element("section", `scene scene-${name}`);
    if (!scene.isConnected) over.before(scene);
    scene.append(...markup(question()));
    return [name, mount(/** @type {HTMLElement} */ (scene), name === "map" ? room : others)];
  });
  return Object.fromEntries(mounted);
}

/** @param {Document} page @param {readonly Scene[]} up those that are to be seen */
export function showScenes(page, up) {
  for (const name of NAMES) mark(find(page, `.scene-${name}`), "data-up", String(up.includes(name)));
}

function question() {
  return element("header", "question", element("h2", "question-line"), element("p", "answer"), element("p", "as-of"));
}
