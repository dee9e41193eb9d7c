/**
 * Delivery of a report, and the reports that wait on this device for a network.
 */
import { wordsOf } from "../ui/language.js";
import { discard, forget, keep, remember, sent, unsent } from "./device_store.js";
import { patience, pause, Refused, upload } from "./photos.js";
import { begin, expect, solution } from "./puzzle.js";

const say = wordsOf(document, "citizen");

/** @typedef {import("./device_store.js").Unsent} Unsent */

// Delivery: the words of a report and the ids of its photos under one ticket, so that twice is still once.

/** @typedef {{status: number, link: string, number: string, code: string}} Answer `status` 201 when it was taken */

// A little more than the room asks for between giving a ticket and taking a report.
const LEAST_MS = 3300;
/** For the puzzles, once everything is written: they were begun long before. More are waited for while the page says so. */
const SOON_MS = 10_000;
const LONG_MS = 20_000;
/** In place of an id: the ticket under which a photo was to be sent is over. */
const OVER = "over";

/** Until the room takes what comes under a ticket. @param {number} given ms since 1970 */
export function ripe(given) {
  return pause(Math.max(0, given + LEAST_MS - Date.now()));
}

/**
 * With the puzzles of its ticket; where the room asks for more of them, once more with those.
 * @param {Record<string, string>} fields @returns {Promise<Answer>} throws TypeError without a network
 */
export async function post(fields) {
  const first = await told(fields, SOON_MS);
  if (!first.effort) return first;
  expect(first.effort);
  return told(fields, LONG_MS);
}

/** Whether it is to be sent again later, as it is. @param {Answer} answer */
export function later({ status, code }) {
  return status === 429 || code === "puzzle";
}

/** @param {Record<string, string>} fields @param {number} within ms @returns {Promise<Answer & {effort: number}>} */
async function told(fields, within) {
  const solved = { ...fields, solution: await solution(fields["ticket"] ?? "", within) };
  // With the log-in of an officer who takes down what a caller says; citizens have none.
  const answer = await fetch("/lapor", {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams(solved),
    credentials: "same-origin",
    ...patience(),
  });
  if (answer.status >= 500) throw new TypeError("nobody took it");
  const { link = "", number = "", code = "", effort = 0 } = await answer.json().catch(() => ({}));
  return { status: answer.status, link, number, code, effort };
}

/**
 * A report that was kept, under a ticket of its own. `note` is called whenever it has got further.
 * @param {Unsent} report @param {(report: Unsent) => Promise<void>} note
 * @returns {Promise<Answer>} throws TypeError without a network
 */
async function deliver(report, note) {
  if (!report.ticket) await fresh(report, note);
  const answer = await tried(report, note);
  // Over, or it brought another report: this one needs a ticket of its own.
  if (answer.code !== "stale" && answer.code !== "used") return answer;
  await fresh(report, note);
  return tried(report, note);
}

/** @param {Unsent} report @param {(report: Unsent) => Promise<void>} note @returns {Promise<Answer>} */
async function tried(report, note) {
  for (const [index, photo] of report.photos.entries()) {
    report.ids[index] ??= await upload(photo, report.ticket ?? "").catch(unfit);
    if (report.ids[index] === OVER) return { status: 409, link: "", number: "", code: "stale" };
    await note(report);
  }
  await ripe(report.given ?? 0);
  const files = Object.values(report.ids).filter(Boolean).join(",");
  const answer = await post({ ...report.fields, ticket: report.ticket ?? "", files, checked: "1" });
  if (later(answer)) throw new TypeError("not now");
  return answer;
}

/** The words go without a photo that the room will never take, or has no room for now. @param {unknown} fault @returns {string} */
function unfit(fault) {
  if (!(fault instanceof Refused) || (fault.status === 429 && !fault.full)) throw fault;
  return fault.status === 403 ? OVER : "";
}

/** @returns {Promise<string>} a new one; throws TypeError without a network */
export async function ticket() {
  const answer = await fetch("/lapor/ticket", { credentials: "omit", cache: "no-store", ...patience() });
  if (!answer.ok) throw new TypeError("no ticket");
  const fresh = await answer.json();
  expect(fresh.effort);
  begin(fresh.ticket);
  return fresh.ticket;
}

/** @param {Unsent} report @param {(report: Unsent) => Promise<void>} note */
async function fresh(report, note) {
  Object.assign(report, { ticket: await ticket(), given: Date.now(), ids: {} });
  await note(report);
}

// Reports that wait: says plainly what was not sent yet, and sends it when there is a network; one page at a time does.

/** A network that comes back is not always told of. */
const AGAIN_MS = 60_000;

export class OfflineQueue {
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

  /** @param {import("./device_store.js").Sent[]} done */
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
