/**
 * The one flash of the product: 350 ms filled, 350 ms outlined, in step with the server's time on every screen.
 * The page says the phase on <html data-flash>; the stylesheet draws it, on shapes alone (CR-34 to CR-42).
 */

/** @typedef {"on" | "off" | "steady"} Phase steady: outline and "!", no movement */
/**
 * @typedef {object} Edge what a test replaces
 * @property {() => number} mono monotonic ms
 * @property {(mono: number) => number | null} serverNow ms since 1970; null before the first beat
 * @property {() => boolean} still whether nothing may flash: reduced motion, or frozen at a desk
 * @property {(ms: number, act: () => void) => void} later
 * @property {(phase: Phase) => void} tell
 */

export const HALF_MS = 350;
/** Server minus own time is taken anew this often, and when the page becomes visible (CR-36). */
export const ALIGN_EVERY_MS = 60_000;
/** At most so many symbols flash at once; beyond that only those of the band (CR-38). */
export const MOST = 10;

/** @param {number} serverNow ms since 1970 @returns {"on" | "off"} the same on every screen at the same moment */
export function phaseAt(serverNow) {
  return Math.floor(serverNow / HALF_MS) % 2 === 0 ? "on" : "off";
}

/** @param {number} serverNow ms @returns {number} ms until the phase changes, more than 0 */
export function untilChange(serverNow) {
  return HALF_MS - (((serverNow % HALF_MS) + HALF_MS) % HALF_MS);
}

/**
 * The largest area that may flash within 10 degrees of the nearest viewer.
 * @param {{nearMm: number, pitchMm: number}} wall @returns {number} px² (CR-38)
 */
export function flashAreaLimit({ nearMm, pitchMm }) {
  return 0.006 * (nearMm / pitchMm) ** 2;
}

/**
 * What of a scene flashes beside the band: all of it while it is little, else the band's symbols alone.
 * @param {number} unacked alarms @param {number} inBand symbols that flash in the band @returns {boolean}
 */
export function sceneFlashes(unacked, inBand) {
  return unacked + inBand <= MOST;
}

/** @param {Edge} edge @returns {{align: () => void, look: () => void}} align: take the time anew; look: what is still may have changed */
export function startFlash(edge) {
  /** @type {number | null} */
  let offset = null;
  let alignedAt = -Infinity;
  let turn = 0;
  const align = () => {
    const mono = edge.mono();
    const now = edge.serverNow(mono);
    offset = now === null ? null : now - mono;
    alignedAt = mono;
  };
  const step = () => {
    const mono = edge.mono();
    if (offset === null || mono - alignedAt >= ALIGN_EVERY_MS) align();
    const now = mono + (offset ?? 0);
    edge.tell(edge.still() ? "steady" : phaseAt(now));
    const mine = (turn += 1);
    edge.later(untilChange(now), () => mine === turn && step());
  };
  step();
  return {
    align() {
      align();
      step();
    },
    look: step,
  };
}
