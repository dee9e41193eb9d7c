/**
 * The planned restart of the browser (CR-110): when the page may, it asks the room for its turn, says so on <html>, and whoever
 * keeps the browser starts it anew. Where nobody does, the page loads itself anew.
 */
import { postJson } from "./origin.js";
import { createReload } from "./reload.js";
import { mark } from "./views/text.js";

/** So long the keeper of the browser has to see it. */
const SEEN_WITHIN_MS = 20_000;

/**
 * @param {HTMLElement} page
 * @param {{may: () => boolean, answers: () => Promise<boolean>, rest: (ms: number) => Promise<void>}} edge
 * @returns {() => Promise<void>} told by each beat
 */
export function planRestart(page, { may, answers, rest }) {
  const turn = () => postJson("/feed/turn", {}).catch(() => false);
  const restart = async () => {
    mark(page, "data-restart", "due");
    await rest(SEEN_WITHIN_MS);
    location.reload();
  };
  const consider = createReload({ wanted: may, answers, rest, turn, reload: restart });
  return () => consider(null);
}
