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
const ALIGN_EVERY_MS = 60_000;
/** At most so many symbols flash at once; beyond that only those of the band (CR-38). */
export const MOST_FLASHING = 10;

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

/** Sides of the box around what flashes of a symbol, in units of the canvas: in the band, of a mark or row, and of the one mark that a desk calls out. */
const SIDE = { band: 106, scene: 86, shown: 121 };
/** Symbols of the band stand so far apart at least, in the layout where they are closest; and so many there are at most. */
const APART = 853;
const IN_BAND = 4;
const TAN_5_DEGREES = 0.0875;

/**
 * What may flash for the nearest viewer, by the boxes around the shapes: whether the band may, and how many of a scene beside it.
 * Marks of a scene may all stand in one circle of 10 degrees, with the symbols of the band that fit into it.
 * @param {{nearMm: number | null, pitchMm: number | null}} wall @param {number} unit px of one unit
 * @returns {{band: boolean, scene: number}} scene: marks beside the band's symbols, one of them called out
 */
export function flashRoom({ nearMm, pitchMm }, unit) {
  if (nearMm === null || pitchMm === null) return { band: true, scene: MOST_FLASHING };
  const limit = flashAreaLimit({ nearMm, pitchMm });
  const across = (2 * nearMm * TAN_5_DEGREES) / pitchMm;
  const inBand = Math.min(IN_BAND, 1 + Math.floor(across / (APART * unit)));
  const left = limit - inBand * (SIDE.band * unit) ** 2;
  const others = left - (SIDE.shown * unit) ** 2;
  const marks = others < 0 ? 0 : 1 + Math.floor(others / (SIDE.scene * unit) ** 2);
  return { band: left >= 0, scene: Math.min(MOST_FLASHING, marks) };
}

/**
 * What of the scenes flashes beside the band: all of it while it is little, else the band's symbols alone.
 * @param {number} unacked alarms @param {number} inBand symbols that flash in the band
 * @param {{scenes?: number, room?: number}} [wall] scenes: up side by side, each with a mark for the same alarm; room: marks that the nearest viewer allows
 * @returns {boolean}
 */
export function sceneFlashes(unacked, inBand, { scenes = 1, room = MOST_FLASHING } = {}) {
  const marks = unacked * scenes;
  return marks <= room && marks + inBand <= MOST_FLASHING;
}

/** Runs from its first look on. */
export class Flash {
  #edge;
  /** @type {number | null} */
  #offset = null;
  #alignedAt = -Infinity;
  #turn = 0;

  /** @param {Edge} edge */
  constructor(edge) {
    this.#edge = edge;
    this.look();
  }

  /** Takes the server's time anew: the page may have slept. */
  align() {
    this.#alignedAt = -Infinity;
    this.look();
  }

  /** Tells the phase of now; also when what must be still may have changed. */
  look() {
    const now = this.#now();
    this.#edge.tell(this.#edge.still() ? "steady" : phaseAt(now));
    const mine = (this.#turn += 1);
    this.#edge.later(untilChange(now), () => mine === this.#turn && this.look());
  }

  #now() {
    const mono = this.#edge.mono();
    if (this.#offset === null || mono - this.#alignedAt >= ALIGN_EVERY_MS) {
      const now = this.#edge.serverNow(mono);
      this.#offset = now === null ? null : now - mono;
      this.#alignedAt = mono;
    }
    return mono + (this.#offset ?? 0);
  }
}
