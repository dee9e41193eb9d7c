/**
 * The working calendar that the room counts with now: fetched once for each that a beat names, again if it did not come.
 */
import { readCalendar } from "./calendar.js";

const AGAIN_MS = 5000;

/**
 * @param {{getJson: (url: string) => Promise<any>, later: (ms: number, act: () => void) => unknown}} edge
 * @param {(calendar: import("./calendar.js").Calendar) => void} arrived
 * @returns {(hash: string | null | undefined) => Promise<void>} told by each beat
 */
export function followCalendar({ getJson, later }, arrived) {
  let followed = "";
  return async (hash) => {
    if (!hash || hash === followed) return;
    followed = hash;
    try {
      arrived(readCalendar(await getJson(`/feed/calendar/${encodeURIComponent(hash)}`)));
    } catch {
      later(AGAIN_MS, () => (followed = ""));
    }
  };
}
