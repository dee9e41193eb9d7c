/** Says plainly what was not sent yet, and sends it when there is a network; one page at a time does. */

import { deliver } from "./deliver.js";
import { discard, forget, keep, remember, sent, unsent } from "./shelf.js";
import { say } from "./words.js";

/** @typedef {import("./shelf.js").Unsent} Unsent */

/** A network that comes back is not always told of. */
const AGAIN_MS = 60_000;

export class Waiting {
  #box;
  #mine;
  #giveBack;
  #taken;
  #again = 0;

  /** @param {HTMLElement} box @param {HTMLElement} mine @param {(report: Unsent) => boolean} giveBack to be written anew; whether it was @param {() => void} taken one that waited is sent */
  constructor(box, mine, giveBack, taken) {
    this.#box = box;
    this.#mine = mine;
    this.#giveBack = giveBack;
    this.#taken = taken;
    addEventListener("online", () => this.send());
  }

  /** Show what waits and what was sent. */
  async show() {
    const [waiting, done] = await Promise.all([unsent(), sent()]);
    this.#box.hidden = waiting.length === 0;
    this.#box.replaceChildren(...(waiting.length ? this.#unsent(waiting) : []));
    this.#mine.hidden = done.length === 0;
    this.#mine.replaceChildren(...(done.length ? this.#sent(done) : []));
  }

  /** Try to send all that waits. */
  async send() {
    // Another page of this telephone may be at it: what it leaves is looked at after it, and both show what is left.
    await navigator.locks.request("lapor-unsent", async () => {
      for (const report of await unsent()) if (!report.refused && !(await this.#one(report))) break;
    });
    await this.show();
    clearTimeout(this.#again);
    if ((await unsent()).some(({ refused }) => !refused)) this.#again = setTimeout(() => this.send(), AGAIN_MS);
  }

  /** @param {Unsent} report @returns {Promise<boolean>} whether the next is worth trying */
  async #one(report) {
    try {
      const answer = await deliver(report, keep);
      // Looked at by its writer before it is tried again; what is being written meanwhile is left alone.
      if (answer.status !== 201) await keep({ ...report, refused: true });
      else {
        await discard(report.id);
        await remember({ link: answer.link, number: answer.number, at: Date.now() });
        this.#taken();
      }
      return true;
    } catch {
      return false;
    }
  }

  /** @param {Unsent[]} waiting */
  #unsent(waiting) {
    const title = document.createElement("h2");
    title.textContent = say("unsent", { n: waiting.length });
    const rows = waiting.map((report) => {
      const row = document.createElement("div");
      row.className = "kept";
      const words = document.createElement("p");
      words.textContent = `${report.label} · ${new Date(report.at).toLocaleTimeString(document.documentElement.lang, { timeStyle: "short", hourCycle: "h23" })}`;
      const act = report.refused ? this.#button(say("look"), () => this.#giveBack(report) && this.#away(report)) : this.#button(say("discard"), () => confirm(say("discard_sure")) && this.#away(report));
      row.append(words, act);
      return row;
    });
    const refused = waiting.some((report) => report.refused) ? [note(say("refused_note"))] : [];
    return [title, note(say("unsent_note")), ...refused, ...rows, this.#button(say("send_now"), () => this.send())];
  }

  /** @param {Unsent} report */
  #away(report) {
    return discard(report.id).then(() => this.show());
  }

  /** @param {import("./shelf.js").Sent[]} done */
  #sent(done) {
    const title = document.createElement("h2");
    title.textContent = say("mine");
    const links = done.map(({ link, number }) => Object.assign(document.createElement("a"), { href: `${link}?lang=${document.documentElement.lang}`, textContent: number }));
    return [title, ...links, this.#button(say("forget"), () => forget().then(() => this.show()))];
  }

  /** @param {string} words @param {() => unknown} act */
  #button(words, act) {
    const made = Object.assign(document.createElement("button"), { type: "button", textContent: words });
    made.addEventListener("click", act);
    return made;
  }
}

/** @param {string} words */
function note(words) {
  return Object.assign(document.createElement("p"), { className: "note", textContent: words });
}
