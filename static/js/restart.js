/**
 * The planned restart of the browser (CR-110): when the page may, it asks the room for its turn, says so on <html>, and whoever
 * keeps the browser starts it anew. Where nobody does, the page loads itself anew.
 */
import { postJson } from "./feed/http.js";
import { createReload } from "./reload.js";
import { mark } from "./views/text.js";

/** So long the keeper of the browser has to see it. */
const SEEN_WITHIN_MS = 20_000;
/** What comes meanwhile is heeded so soon: the keeper acts on the second time that it sees the mark. */
const HEEDED_MS = 1000;
const GIVEN = 204;
/** The turn is for screens alone: a wall that a person opened is told so once and never asks again. */
const NO_SCREEN = [401, 403];
/** Who is told to wait asks again so late: the turn of another screen lasts as long. */
const AGAIN_MS = 60_000;

/**
 * @param {HTMLElement} page
 * @param {{may: () => boolean, answers: () => Promise<boolean>, rest: (ms: number) => Promise<void>, turn?: () => Promise<number>, reload?: () => void}} edge turn: the status that the room answers, 0 without an answer
 * @returns {() => Promise<void>} told by each beat
 */
export function planRestart(page, { may, answers, rest, turn = askTurn, reload = () => location.reload() }) {
  const restart = async () => {
    for (let waited = 0; waited < SEEN_WITHIN_MS; waited += HEEDED_MS) {
      if (!may()) break;
      mark(page, "data-restart", "due");
      await rest(HEEDED_MS);
    }
    if (may()) return reload();
    page.removeAttribute("data-restart");
    return false;
  };
  let asks = true;
  const given = async () => {
    const told = await turn();
    asks = !NO_SCREEN.includes(told);
    if (asks && told !== GIVEN) await rest(AGAIN_MS);
    return told === GIVEN;
  };
  const consider = createReload({ wanted: () => asks && may(), answers, rest, turn: given, reload: restart });
  return () => consider(null);
}

function askTurn() {
  return postJson("/feed/turn", {}).catch(() => 0);
}
