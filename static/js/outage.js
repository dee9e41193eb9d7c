/**
 * The loss of the whole feed as this page alone sees it: an alarm of its own, of the first priority, that nobody can
 * acknowledge while it lasts (CR-07). What it was is told to the server once there is one.
 */
import { PATIENCE } from "./views/chip.js";

/** @typedef {import("./feed/messages.js").Alarm} Alarm */
/** @typedef {{freshness: import("./feed/clock.js").Freshness, age: number, waited: number, mono: number}} Seen age and waited in s, mono in ms */
/** @typedef {{from: number, to: number}} Spell mono ms */

export const ID = "lost:feed";
/** What is lost has aged for so long before a page's eyes, ms; a test room's hands that were put forward make old at once. */
const AGED_MS = 9000;
/** Outages are told one by one; of more than these the oldest are forgotten. */
const KEPT = 4;

/** @param {Seen} seen @returns {number | null} mono ms since when there has been no data; null while there is some */
export function lostSince({ freshness, age, waited, mono }) {
  // Before the first beat, also with a picture already, it is only not there yet.
  if (freshness !== "lost" || !(Number.isFinite(age) || waited > PATIENCE)) return null;
  return mono - 1000 * (Number.isFinite(age) ? age : waited);
}

export class Outage {
  /** @type {number | null} */
  #since = null;
  /** @type {number | null} mono ms at which the data was last live */
  #live = null;
  /** @type {Alarm | null} */
  #alarm = null;
  /** @type {Spell[]} */
  #over = [];

  /** @param {Seen} seen @returns {Alarm | null} the alarm of this page while it stands */
  look(seen) {
    if (seen.freshness === "live") this.#live = seen.mono;
    const aged = this.#live === null || seen.mono - this.#live >= AGED_MS;
    const since = aged ? lostSince(seen) : null;
    if (since !== null && this.#since === null) {
      this.#since = since;
      this.#alarm = { id: ID, kind: "lost", priority: 1, state: "unacked", source: "feed", active: true, activated_at: `lost ${Math.round(since)}` };
    }
    if (since === null && this.#since !== null) {
      this.#over = [...this.#over, { from: this.#since, to: seen.mono }].slice(-KEPT);
      this.#since = null;
      this.#alarm = null;
    }
    return this.#alarm;
  }

  /** @param {number} mono ms @returns {{from_s: number, to_s: number} | null} the first that the server has not been told of */
  untold(mono) {
    const [first] = this.#over;
    return first ? { from_s: (mono - first.from) / 1000, to_s: (mono - first.to) / 1000 } : null;
  }

  /** The first one has been told. */
  told() {
    this.#over = this.#over.slice(1);
  }
}
