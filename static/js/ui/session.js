/**
 * Runs in every page with a log-in: warns before the session ends, lets it be put off with one press (CR-101), and says so
 * when it has ended.
 */
import { createSender } from "../feed/http.js";
import { find } from "./dom.js";
import { wordsOf } from "./language.js";
import { forgetDrafts, whoIn } from "./user.js";

/** @typedef {{left_s: number | null, warn_s: number, more: boolean}} Told */

const EVERY_MS = 30_000;

class Session {
  #ended = false;

  /** @param {Document} page */
  constructor(page) {
    this.say = wordsOf(page, "ui.session");
    this.send = createSender(whoIn(page), () => ({ actor: "", role: "" }));
    this.line = find(page, ".session-warning");
    this.said = find(page, ".session-words");
    this.button = find(page, ".session-on");
    this.button.addEventListener("click", () => this.#go());
  }

  /** @param {string} method @param {string} path */
  async ask(method, path) {
    try {
      this.#hear(await this.send(method, path));
    } catch {
      // A server that is away ends no session; the desk itself says that it is away.
    }
  }

  /** @param {import("../feed/http.js").Reply} reply */
  #hear({ status, body }) {
    const told = /** @type {Told | null} */ (status === 200 ? body : null);
    if (status === 401) this.#show(this.say("ended"), this.say("again"));
    else if (told && told.left_s !== null) this.#warn(told.left_s, told);
    this.#ended = status === 401 || told?.more === false;
  }

  /** @param {number} left seconds @param {Told} told */
  #warn(left, told) {
    const minutes = String(Math.max(1, Math.ceil(left / 60)));
    this.#show(left <= told.warn_s ? this.say("ends", { n: minutes }) : "", this.say(told.more ? "on" : "again"));
  }

  /** @param {string} text empty: nothing to say @param {string} act */
  #show(text, act) {
    // An alert is read out when it changes, so it changes only when there is something new.
    if (this.said.textContent !== text) this.said.textContent = text;
    this.button.textContent = act;
    this.line.hidden = text === "";
  }

  #go() {
    if (this.#ended) location.assign(`/login?again=1&next=${encodeURIComponent(location.pathname + location.search)}`);
    else this.ask("POST", "/api/v1/session/extend");
  }
}

document.querySelector(".desk-bar form")?.addEventListener("submit", () => forgetDrafts());
if (document.querySelector(".session-warning")) {
  const session = new Session(document);
  setInterval(() => session.ask("GET", "/api/v1/session"), EVERY_MS);
  session.ask("GET", "/api/v1/session");
}
