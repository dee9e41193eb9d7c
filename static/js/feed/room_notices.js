/**
 * Notices to all screens of the room, as the feed's lines carry them: no sound (CR-19), no flashing (CR-42), a scene that
 * stays (CR-74), a sound to be heard (CR-96), a complaint called out on the map, guests in the room (CR-81).
 */

/** @typedef {import("./messages.js").Line} Line */

/** @typedef {"silence" | "freeze" | "scene" | "sound" | "show" | "visit"} NoticeKind */

/** The longest each may last, ms: whatever a line says, a screen is not kept still for longer. @type {Readonly<Record<NoticeKind, number>>} */
const LONGEST = Object.freeze({ silence: 30_000, freeze: 600_000, scene: 900_000, sound: 10_000, show: 60_000, visit: 14_400_000 });

/** @param {readonly Line[]} lines @param {NoticeKind} kind @param {number | null} serverNow ms @returns {number} ms left, 0 when it does not hold */
export function leftOf(lines, kind, serverNow) {
  return leftUntil(lineOf(lines, kind)?.until_real, kind, serverNow);
}

/** @param {string | null | undefined} untilReal @param {NoticeKind} kind @param {number | null} serverNow ms @returns {number} ms left, 0 when it does not hold */
export function leftUntil(untilReal, kind, serverNow) {
  const until = Date.parse(untilReal ?? "");
  if (serverNow === null || Number.isNaN(until)) return 0;
  return Math.min(LONGEST[kind], Math.max(0, until - serverNow));
}

/** @param {readonly Line[]} lines @param {string} kind @returns {Line | null} whether it still holds or not */
export function lineOf(lines, kind) {
  return lines.find((line) => line.kind === kind) ?? null;
}

/** @param {readonly Line[]} lines @param {number | null} serverNow ms @returns {string | null} the complaint that a desk calls out on all walls now */
export function shownIn(lines, serverNow) {
  return leftOf(lines, "show", serverNow) > 0 ? (lineOf(lines, "show")?.complaint ?? null) : null;
}

/**
 * Whether the wall keeps from its picture what is for those who work here (CR-81). It does until it knows that nobody is a guest:
 * before it has data, while a visit stands whose end cannot be read or the time is unknown, and wherever the results for guests are up.
 * @param {{epoch: string, lines: readonly Line[]}} state @param {number | null} serverNow ms @param {string} scene
 */
export function guestsHere({ epoch, lines }, serverNow, scene) {
  if (epoch === "" || scene === "visit") return true;
  const visit = lineOf(lines, "visit");
  if (!visit) return false;
  const until = Date.parse(visit.until_real ?? "");
  return serverNow === null || Number.isNaN(until) || until > serverNow;
}

/**
 * A warning ends at its time, also on a screen that is told nothing any more: so room time is run on here by the page's own clock.
 * @param {readonly import("./messages.js").Hazard[]} hazards
 * @param {{beat: import("./messages.js").Beat | null, sinceBeat: number}} moment the last beat, and seconds since it came
 * @returns {import("./messages.js").Hazard[]} those that are not over; none before the first beat, for then the time is unknown
 */
export function hazardsNow(hazards, { beat, sinceBeat }) {
  if (!beat) return [];
  const now = Date.parse(beat.at) + Math.max(0, sinceBeat) * 1000 * (beat.rate ?? 1);
  return hazards.filter(({ expires }) => Date.parse(expires) > now);
}

/** @param {() => number | null} serverNow ms */
export function roomNotices(serverNow) {
  /** @type {readonly Line[]} */
  let lines = [];
  return {
    /** @param {{lines: readonly Line[]}} state */
    take(state) {
      lines = state.lines;
    },
    /** @param {NoticeKind} kind @returns {number} ms left, 0 when it does not hold */
    left: (kind) => leftOf(lines, kind, serverNow()),
    /** @param {string} kind @returns {Line | null} */
    line: (kind) => lineOf(lines, kind),
    /** @param {NoticeKind} kind @returns {string} names the command that holds, another for each new one; "" when none does */
    command: (kind) => (leftOf(lines, kind, serverNow()) > 0 ? (lineOf(lines, kind)?.until_real ?? "") : ""),
  };
}
