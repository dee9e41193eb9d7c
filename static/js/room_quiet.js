/**
 * What a desk asks of all screens of its browser for a while: no flashing (10 min), no sound (30 s).
 * Kept in the browser's own storage, so it reaches every page of this machine at once and ends by itself.
 */

/** @typedef {"freeze" | "silence"} Quiet freeze = Bekukan kedip (CR-42), silence = Diamkan (CR-19) */

const KEY = "liveroom.quiet.";
/** The longest each may last, ms. */
export const LONGEST = Object.freeze({ freeze: 600_000, silence: 30_000 });

/**
 * @param {Pick<Storage, "getItem" | "setItem" | "removeItem">} storage @param {() => number} now ms since 1970, of this machine:
 *   the only clock that all its pages share
 */
export function roomQuiet(storage, now) {
  /** @param {Quiet} what @returns {number} ms left, 0 when it does not hold; a clock set back can stretch none */
  const left = (what) => {
    const until = Number(storage.getItem(KEY + what) ?? 0);
    const rest = until - now();
    return rest > 0 && rest <= LONGEST[what] ? rest : 0;
  };
  return {
    left,
    /** @param {Quiet} what */
    begin: (what) => storage.setItem(KEY + what, String(now() + LONGEST[what])),
    /** @param {Quiet} what */
    end: (what) => storage.removeItem(KEY + what),
    /** @param {Quiet} what @returns {boolean} whether it holds now */
    toggle(what) {
      if (left(what) > 0) storage.removeItem(KEY + what);
      else storage.setItem(KEY + what, String(now() + LONGEST[what]));
      return left(what) > 0;
    },
  };
}
