/** The photos of the report being written: chosen, made small, shown, and sent while the words are still written. */

import { shrunk } from "./shrink.js";
import { Refused, upload } from "./tus.js";
import { say } from "./words.js";

const MOST = 3;

/**
 * @typedef {{blob: Blob, sent: Promise<string | null>, row: HTMLElement}} Shot `sent`: its id, null while it could not be
 */

export class Photos {
  /** @type {Shot[]} */
  #shots = [];
  #ticket;
  #rows = document.createElement("div");
  #said = document.createElement("p");

  /** @param {HTMLElement} box @param {() => string} ticket */
  constructor(box, ticket) {
    this.#ticket = ticket;
    this.#said.setAttribute("role", "status");
    const input = document.createElement("input");
    Object.assign(input, { type: "file", accept: "image/*", id: "photo-file", multiple: true });
    const label = document.createElement("label");
    label.className = "button";
    label.htmlFor = input.id;
    label.textContent = say("add_photo");
    input.addEventListener("change", () => {
      for (const file of input.files ?? []) this.#take(file);
      input.value = "";
    });
    box.append(this.#rows, input, label, this.#said);
    box.hidden = false;
  }

  /** The photos as they will be sent. */
  blobs() {
    return this.#shots.map((shot) => shot.blob);
  }

  /** Ids of all of them, in order. Throws TypeError when one did not get through. */
  async whole() {
    const ids = await Promise.all(this.#shots.map((shot) => shot.sent));
    if (ids.includes(null)) throw new TypeError("a photo is not there yet");
    return ids;
  }

  clear() {
    for (const shot of this.#shots) shot.row.remove();
    this.#shots = [];
  }

  /** @param {Blob[]} blobs put back from what was kept */
  restore(blobs) {
    for (const blob of blobs) this.#add(blob);
  }

  /** @param {File} file */
  async #take(file) {
    if (this.#shots.length >= MOST) return this.#say(say("photo_many"));
    this.#say("");
    this.#add(await shrunk(file));
  }

  /** @param {Blob} blob */
  #add(blob) {
    const { row, bar } = this.#row(blob);
    const sent = upload(blob, this.#ticket(), (share) => (bar.value = share)).catch((fault) => {
      if (fault instanceof Refused && fault.status === 413) this.#say(say("photo_bad"));
      return null;
    });
    sent.then((id) => bar.toggleAttribute("hidden", id !== null));
    const shot = { blob, sent, row };
    this.#shots.push(shot);
    row.querySelector("button")?.addEventListener("click", () => {
      this.#shots = this.#shots.filter((one) => one !== shot);
      row.remove();
    });
  }

  /** @param {Blob} blob */
  #row(blob) {
    const row = document.createElement("div");
    row.className = "shot";
    const picture = document.createElement("img");
    picture.alt = say("photo");
    picture.src = URL.createObjectURL(blob);
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.setAttribute("aria-label", say("sending_photo"));
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = say("remove");
    row.append(picture, bar, remove);
    this.#rows.append(row);
    return { row, bar };
  }

  /** @param {string} words */
  #say(words) {
    this.#said.textContent = words;
  }
}
