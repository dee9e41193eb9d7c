/** The photos of the report being written: chosen, made small, shown, and sent while the words are still written. */

import { shrunk } from "./shrink.js";
import { Refused, upload } from "./tus.js";
import { say } from "./words.js";

const MOST = 3;

/**
 * @typedef {{blob: Blob | null, id: string, sent: Promise<string | null>, row: HTMLElement}} Shot
 *   `sent`: its id, null while it could not be; `blob` null and `id` set for one that the room had before this page
 */

export class Photos {
  /** @type {Shot[]} */
  #shots = [];
  #ticket;
  #rows = document.createElement("div");
  #said = document.createElement("p");

  /** @param {HTMLElement} box @param {() => string} ticket @param {readonly string[]} there ids of those that went with the form before */
  constructor(box, ticket, there) {
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
    for (const id of there) this.#hold({ blob: null, id, sent: Promise.resolve(id), row: this.#row(null).row });
    box.hidden = false;
  }

  /** How many there are. */
  get count() {
    return this.#shots.length;
  }

  /** The photos of this page, as they will be sent. */
  blobs() {
    return this.#shots.flatMap(({ blob }) => blob ?? []);
  }

  /** Ids of those that the room had before. */
  there() {
    return this.#shots.flatMap(({ blob, id }) => (blob ? [] : id));
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
    this.#hold({ blob, id: "", sent, row });
  }

  /** @param {Shot} shot */
  #hold(shot) {
    this.#shots.push(shot);
    shot.row.querySelector("button")?.addEventListener("click", () => {
      this.#shots = this.#shots.filter((one) => one !== shot);
      shot.row.remove();
    });
  }

  /** @param {Blob | null} blob null: said in a word */
  #row(blob) {
    const row = document.createElement("div");
    row.className = "shot";
    const picture = blob ? document.createElement("img") : document.createElement("span");
    if (blob && picture instanceof HTMLImageElement) Object.assign(picture, { alt: say("photo"), src: URL.createObjectURL(blob) });
    else picture.textContent = say("photo");
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.hidden = blob === null;
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
