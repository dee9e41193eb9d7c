/**
 * Entry of the pairing page: a screen shows its code, and opens the wall once a supervisor has typed it.
 */

const LOOK_MS = 2000;
const AGAIN_MS = 10_000;

/** @param {string} method @returns {Promise<{status: number, body: any}>} */
async function ask(method) {
  const answer = await fetch("/pair", { method, cache: "no-store", signal: AbortSignal.timeout(AGAIN_MS) });
  return { status: answer.status, body: await answer.json().catch(() => null) };
}

/** @param {string} code @returns {string} in two groups, as it is read aloud */
function spoken(code) {
  return code.replace(/^(.{3})/, "$1 ");
}

/** @param {"asking" | "waiting" | "many" | "away"} state @param {{code?: string, seconds?: number}} [told] */
function show(state, { code = "", seconds = 0 } = {}) {
  document.body.dataset.state = state;
  const shown = document.querySelector(".code");
  const words = code ? spoken(code) : "––– –––";
  if (shown && shown.textContent !== words) shown.textContent = words;
  for (const node of document.querySelectorAll(".minutes")) node.textContent = String(Math.max(1, Math.ceil(seconds / 60)));
  for (const name of /** @type {const} */ (["many", "away"])) {
    for (const node of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`.${name}`))) node.hidden = state !== name;
  }
}

/** @returns {Promise<number>} ms until it asks again */
async function turn() {
  try {
    let { status, body } = await ask("GET");
    if (body?.state === "lapsed") ({ status, body } = await ask("POST"));
    if (body?.state === "paired") {
      location.replace(hereWithoutToken());
      return AGAIN_MS;
    }
    if (body?.state === "waiting") {
      show("waiting", body);
      return LOOK_MS;
    }
    show(status === 429 ? "many" : "away");
  } catch {
    show("away");
  }
  return AGAIN_MS;
}

/** A key that did not fit must not stand in the way of the new one. @returns {string} */
function hereWithoutToken() {
  const here = new URL(location.href);
  here.searchParams.delete("token");
  return here.href;
}

async function keepAsking() {
  setTimeout(keepAsking, await turn());
}
void keepAsking();
