/** The photos of the report being written: chosen, made small, shown, and sent while the words are still written. */

import { shrunk } from "./shrink.js";
import { Refused, upload } from "./tus.js";
import { say } from "./words.js";

const MOST = 3;
/** A ticket that is over, and too many photos at once: nothing is wrong with the photo. */
const LATER = [403, 429];

/**
 * @typedef {{blob: Blob | null, id: string, sent: Promise<string | null>, row: HTMLElement}} Shot
 *   `sent`: ends with its `id`, or null when it could not be; `blob` null for one that the room had before this page
 */

export class Photos {
  /** @type {Shot[]} */
  #shots = [];
  /** @type {Set<Promise<Blob>>} chosen, and being made small */
  #coming = new Set();
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

  /** How many there are, with those that are still being made small. */
  get count() {
    return this.#shots.length + this.#coming.size;
  }

  /** What is to be kept of them: those of this page, and by their place the ids of those that the room has already. */
  kept() {
    const own = this.#shots.filter(({ blob }) => blob);
    const before = this.#shots.filter(({ blob }) => !blob);
    const ids = Object.fromEntries([...own.entries(), ...before.map((shot, n) => /** @type {const} */ ([n - before.length, shot]))].flatMap(([place, { id }]) => (id ? [[place, id]] : [])));
    return { photos: own.flatMap(({ blob }) => blob ?? []), ids };
  }

  /** Ids of all of them, in order. Throws TypeError when one did not get through. */
  async whole() {
    while (this.#coming.size > 0) await Promise.all(this.#coming);
    await Promise.all(this.#shots.map((shot) => shot.sent));
    if (this.#shots.some(({ id }) => !id)) throw new TypeError("a photo is not there yet");
    return this.#shots.map(({ id }) => id);
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
    if (this.count >= MOST) return this.#say(say("photo_many"));
    this.#say("");
    const small = shrunk(file);
    this.#coming.add(small);
    const blob = await small;
    this.#coming.delete(small);
    this.#add(blob);
  }

  /** @param {Blob} blob */
  #add(blob) {
    const { row, bar } = this.#row(blob);
    /** @type {Shot} */
    const shot = { blob, id: "", sent: Promise.resolve(null), row };
    shot.sent = upload(blob, this.#ticket(), (share) => (bar.value = share)).then(
      (id) => {
        bar.hidden = true;
        return (shot.id = id);
      },
      (fault) => {
        if (fault instanceof Refused && fault.full) this.#refuse(shot, "photo_full");
        else if (fault instanceof Refused && !LATER.includes(fault.status)) this.#refuse(shot, "photo_bad");
        return null;
      },
    );
    this.#hold(shot);
  }

  /** The room will not take this one: the words go without it. @param {Shot} shot @param {"photo_bad" | "photo_full"} why */
  #refuse(shot, why) {
    this.#drop(shot);
    this.#say(say(why));
  }

  /** @param {Shot} shot */
  #drop(shot) {
    this.#shots = this.#shots.filter((one) => one !== shot);
    shot.row.remove();
  }

  /** @param {Shot} shot */
  #hold(shot) {
    this.#shots.push(shot);
    shot.row.querySelector("button")?.addEventListener("click", () => this.#drop(shot));
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
