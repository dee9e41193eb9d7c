/**
 * The scenes of the wall: their list and rotation.
 */

// Which scene is up: pinned by the address, else the same one on all screens at the same server time (CR-72).

export const SCENES = /** @type {const} */ (["map", "board", "overdue", "agencies", "trend"]);
/** Results for guests come by the address, or take their turn while guests are here. */
const PINNABLE = /** @type {const} */ ([...SCENES, "visit"]);
/** @typedef {typeof PINNABLE[number]} Scene */

export const DWELL_MS = 30_000;

/** @param {string | null | undefined} name @returns {Scene | null} null: not pinned, rotate */
export function pinned(name) {
  return PINNABLE.find((scene) => scene === name) ?? null;
}

/** @param {Scene | null} pin @param {number | null} serverNow ms; null before the first beat @param {boolean} [guests] are here @returns {Scene} */
export function sceneAt(pin, serverNow, guests = false) {
  if (pin) return pin;
  const turns = guests ? PINNABLE : SCENES;
  return turns[Math.floor((serverNow ?? 0) / DWELL_MS) % turns.length] ?? "map";
}

/** @param {Scene} scene @returns {Scene} the one that follows it in the rotation */
export function after(scene) {
  return SCENES[(SCENES.findIndex((one) => one === scene) + 1) % SCENES.length] ?? "map";
}
