/**
 * Photos of the report being written: chosen, made small, shown, and sent in pieces while the words are still written.
 */
import { wordsOf } from "../ui/language.js";
import { solution } from "./puzzle.js";

const say = wordsOf(document, "citizen");

// Makes a photo small before it is sent: a few hundred kilobytes instead of several megabytes, and no metadata.

const SIDE = 1600;
const QUALITY = 0.8;

/** The same picture, smaller; the file itself where the browser cannot read it. @param {Blob} file @returns {Promise<Blob>} */
async function shrunk(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const small = await new Promise((/** @type {(blob: Blob | null) => void} */ done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    return small ?? file;
  } catch {
    return file;
  }
}

// One file in pieces by the tus protocol, going on where it was cut. Small pieces: a poor network loses one, not the whole
// picture.

const PIECE = 96 * 1024;
/** For a piece on the slowest network there is. */
const PATIENCE_MS = 90_000;
/** For the ticket's puzzles, which were begun before anybody could choose a photo. */
const SOLVED_MS = 10_000;
const PAUSES_MS = [500, 1000, 2000, 4000, 8000];
const TUS = { "Tus-Resumable": "1.0.0" };

/** The server has no room for pictures, or took as many as it takes in a day. */
const FULL = ["disk_full", "public_full", "public_day", "public_address"];

/** The server does not want this file: nothing gets better by trying again. */
export class Refused extends Error {
  /** @param {number} status @param {string} [code] of the problem document */
  constructor(status, code = "") {
    super(`refused with ${status}`);
    this.status = status;
    /** Nothing is wrong with the file, and the report need not wait for it. */
    this.full = FULL.includes(code);
  }
}

/**
 * @param {Blob} file
 * @param {string} ticket
 * @param {(share: number) => void} [told] how much is there, 0 to 1
 * @returns {Promise<string>} the id of the upload. Throws Refused, or TypeError while there is no network.
 */
export async function upload(file, ticket, told) {
  const headers = { ...TUS, "X-Ticket": ticket };
  const answer = await ask("/lapor/files", {
    method: "POST",
    headers: { ...headers, "Upload-Length": String(file.size), "X-Solution": await solution(ticket, SOLVED_MS) },
  });
  if (answer.status >= 500 && answer.status !== 507) throw new TypeError("nobody took it");
  if (answer.status !== 201) throw await refused(answer);
  const address = answer.headers.get("Location") ?? "";
  for (let at = 0, tries = 0; at < file.size; ) {
    const here = await piece(address, headers, file, at).catch(again(tries));
    tries = here === null ? tries + 1 : 0;
    if (here === null) await pause(PAUSES_MS[tries - 1] ?? 0);
    at = here ?? (await offset(address, headers).catch(() => at));
    told?.(at / file.size);
  }
  return address.split("/").at(-1) ?? "";
}

/** Null for a cut that is worth another try. @param {number} tries @returns {(fault: unknown) => null} */
function again(tries) {
  return (fault) => {
    if (fault instanceof Refused || tries >= PAUSES_MS.length) throw fault;
    return null;
  };
}

/**
 * @param {string} address @param {Record<string, string>} headers @param {Blob} file @param {number} at
 * @returns {Promise<number | null>} how much is there then; null when the server knows better, or cannot just now
 */
async function piece(address, headers, file, at) {
  const body = file.slice(at, at + PIECE, "application/offset+octet-stream");
  const own = { ...headers, "Upload-Offset": String(at), "Content-Type": "application/offset+octet-stream" };
  const answer = await ask(address, { method: "PATCH", headers: own, body });
  if (answer.status === 204) return Number(answer.headers.get("Upload-Offset"));
  if (answer.status === 507) throw await refused(answer);
  if (answer.status >= 500) throw new TypeError("nobody took it");
  if (answer.status !== 409 && answer.status !== 423) throw await refused(answer);
  return null;
}

/** @param {Response} answer */
async function refused(answer) {
  const { code = "" } = await answer.json().catch(() => ({}));
  return new Refused(answer.status, code);
}

/** How much is there. @param {string} address @param {Record<string, string>} headers @returns {Promise<number>} throws Refused */
async function offset(address, headers) {
  const answer = await ask(address, { method: "HEAD", headers });
  if (!answer.ok) throw new Refused(answer.status);
  return Number(answer.headers.get("Upload-Offset"));
}

/** @param {string} address @param {RequestInit} init */
function ask(address, init) {
  return fetch(address, { ...init, ...patience(), credentials: "omit", cache: "no-store" });
}

/** A connection that is open and dead says nothing for minutes: it is given up as a cut one is. @returns {RequestInit} */
export function patience() {
  return "timeout" in AbortSignal ? { signal: AbortSignal.timeout(PATIENCE_MS) } : {};
}

/** @param {number} ms */
export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// The photos of the form.

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
