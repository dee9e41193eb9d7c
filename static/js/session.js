/**
 * Warns before a log-in ends, lets it be put off with one press (CR-101), and says so when it has ended.
 */
import { createSender, whoIn } from "./send.js";
import { find } from "./views/text.js";

/** @typedef {{left_s: number | null, warn_s: number, more: boolean}} Told */

const EVERY_MS = 30_000;
const WORDS = {
  id: { ends: "Sesi Anda berakhir dalam {n} menit.", on: "Lanjutkan", ended: "Sesi Anda sudah berakhir.", again: "Masuk lagi" },
  en: { ends: "Your session ends in {n} min.", on: "Continue", ended: "Your session has ended.", again: "Log in again" },
};

/** @param {Document} page */
function mountSession(page) {
  const words = WORDS[page.documentElement.lang === "en" ? "en" : "id"];
  const send = createSender(whoIn(page), () => ({ actor: "", role: "" }));
  const [line, said, button] = [find(page, ".session-warning"), find(page, ".session-words"), find(page, ".session-on")];
  let ended = false;

  /** @param {string} text @param {string} act empty: nothing to say */
  function show(text, act) {
    // An alert is read out when it changes, so it changes only when there is something new.
    if (said.textContent !== text) said.textContent = text;
    button.textContent = act;
    line.hidden = text === "";
  }

  /** @param {import("./send.js").Reply} reply */
  function hear({ status, body }) {
    ended = status === 401;
    if (ended) return show(words.ended, words.again);
    const told = /** @type {Told | null} */ (status === 200 ? body : null);
    if (!told || told.left_s === null) return;
    const near = told.left_s <= told.warn_s;
    show(near ? words.ends.replace("{n}", String(Math.max(1, Math.ceil(told.left_s / 60)))) : "", told.more ? words.on : words.again);
    if (near && !told.more) ended = true;
  }

  /** @param {string} method @param {string} path */
  const ask = (method, path) => send(method, path).then(hear, () => undefined);
  button.addEventListener("click", () => {
    if (ended) location.assign(`/login?again=1&next=${encodeURIComponent(location.pathname + location.search)}`);
    else ask("POST", "/api/v1/session/extend");
  });
  setInterval(() => ask("GET", "/api/v1/session"), EVERY_MS);
  ask("GET", "/api/v1/session");
}

mountSession(document);
