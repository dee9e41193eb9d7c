/**
 * The sound of the lost feed: every sounding page makes its own, at once and again every 30 s (CR-07), until the data is
 * back or a desk has silenced it here for ten minutes. Nobody can acknowledge it: there is no server to tell.
 */
import { nextSound, noSound } from "./sound_rules.js";

/** @typedef {import("./feed/messages.js").Alarm} Alarm */

export const HUSHED_MS = 600_000;

/** @param {() => number} mono ms @param {(priority: import("./sound.js").Priority) => unknown} play */
export function lossSound(mono, play) {
  let { memory } = nextSound(noSound(), { alarms: [], flooding: false, silenced: false, mono: mono() });
  let hushedUntil = -Infinity;
  let lost = false;
  return {
    /** @param {Alarm | null} alarm of this page while its feed is lost @returns {boolean} whether it is */
    look(alarm) {
      lost = alarm !== null;
      if (!lost) hushedUntil = -Infinity;
      const silenced = mono() < hushedUntil;
      const next = nextSound(memory, { alarms: alarm ? [alarm] : [], flooding: false, silenced, mono: mono() });
      memory = next.memory;
      if (next.play !== null) play(next.play);
      return lost;
    },
    /** @returns {boolean} whether there was anything to silence */
    hush() {
      if (lost) hushedUntil = mono() + HUSHED_MS;
      return lost;
    },
    /** @returns {number | null} ms for which it is silenced, 0 when it is not, null while there is nothing to silence */
    left: () => (lost ? Math.max(0, hushedUntil - mono()) : null),
  };
}
