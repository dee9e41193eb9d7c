/**
 * Which sources are late or lost: what they last said stays on the wall, hatched, and only theirs (CR-48).
 */

/** @param {Pick<import("./feed/store.js").State, "sources">} state @returns {ReadonlySet<string>} ids */
export function quietSources({ sources }) {
  return new Set(sources.filter(({ state }) => state === "late" || state === "lost").map(({ id }) => id));
}

/** @param {import("./feed/messages.js").Card} card @param {{quiet?: ReadonlySet<string>}} picture */
export function isQuiet({ source }, { quiet }) {
  return quiet?.has(source ?? "") === true;
}
