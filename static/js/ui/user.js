/**
 * The user of this tab: who is logged in, and the drafts of what they are writing.
 */

// Who is logged in, as the server wrote it into the page.

/** @param {Document} page @returns {import("../feed/http.js").Who | null} who is logged in, as the server wrote it into the page */
export function whoIn(page) {
  return JSON.parse(page.querySelector("#who")?.textContent || "null");
}

// Drafts: kept in this tab until the room has taken them, so that neither a refusal, nor a key pressed by accident, nor a
// log-in that ended costs them. Whoever logs in next in this tab does not find them.

const KEY = "liveroom.drafts";
const MOST = 20;

/** @typedef {{who: string, words: [string, string][]}} Kept words: what they are about, the words; the latest last */

/** @returns {void} at a log-out: nothing of what was written stays in the tab */
export function forgetDrafts(store = sessionStorage) {
  store.removeItem(KEY);
}

export class Drafts {
  #store;
  #who;

  /** @param {() => string} who writes; asked each time, for at a desk without a log-in it is chosen later @param {Storage} [store] */
  constructor(who, store = sessionStorage) {
    this.#who = who;
    this.#store = store;
  }

  /** @param {string} about act and complaint @returns {string} "" where nothing waits */
  of(about) {
    return this.#words().get(about) ?? "";
  }

  /** @param {string} about @param {string} words blank ones are forgotten */
  keep(about, words) {
    const all = this.#words();
    all.delete(about);
    if (words.trim()) all.set(about, words);
    /** @type {Kept} */
    const kept = { who: this.#who(), words: [...all].slice(-MOST) };
    try {
      this.#store.setItem(KEY, JSON.stringify(kept));
    } catch {
      // A tab that may keep nothing writes on; its words are only not there after a reload.
    }
  }

  /** @param {string} about taken, or thrown away on purpose */
  forget(about) {
    this.keep(about, "");
  }

  /** @param {string} about whose words are on their way: nobody sends them twice meanwhile @param {Promise<boolean>} taken if not, they stand there again */
  async sent(about, taken) {
    const words = this.of(about);
    this.forget(about);
    if (!(await taken) && this.of(about) === "") this.keep(about, words);
  }

  /** @returns {Map<string, string>} */
  #words() {
    try {
      const { who, words } = /** @type {Kept} */ (JSON.parse(this.#store.getItem(KEY) ?? "null"));
      return new Map(who === this.#who() ? words : []);
    } catch {
      return new Map();
    }
  }
}
