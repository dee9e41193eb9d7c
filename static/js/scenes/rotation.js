/**
 * Which scene is up: pinned by the address, else the same one on all screens at the same server time (CR-72).
 */

export const SCENES = /** @type {const} */ (["map", "board"]);
/** @typedef {typeof SCENES[number]} Scene */

export const DWELL_MS = 30_000;

/** @param {string | null | undefined} name @returns {Scene | null} null: not pinned, rotate */
export function pinned(name) {
  return SCENES.find((scene) => scene === name) ?? null;
}

/** @param {Scene | null} pin @param {number | null} serverNow ms; null before the first beat @returns {Scene} */
export function sceneAt(pin, serverNow) {
  if (pin) return pin;
  return SCENES[Math.floor((serverNow ?? 0) / DWELL_MS) % SCENES.length] ?? "map";
}
