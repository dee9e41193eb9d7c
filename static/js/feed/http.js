/**
 * HTTP to our own server and nobody else: JSON bounded in time, commands with their sender, and the figures a scene asks for.
 */
import { asFigure, hasFigure } from "./messages.js";
import { BLOCKS, piecesOf } from "./store.js";

// Requests to our own origin: bounded in time, refused for any other.

export const PATIENCE_MS = 30_000;

/** @param {string} url @returns {URL} @throws {RangeError} when it leads to another origin */
function ownUrl(url) {
  const target = new URL(url, location.href);
  if (target.origin !== location.origin) throw new RangeError(`not ours: ${target.origin}`);
  return target;
}

/** @param {string} url @returns {Promise<unknown>} @throws {Error} when the answer is not 2xx or not JSON */
export async function getJson(url) {
  const answer = await fetch(ownUrl(url), { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!answer.ok) throw new Error(`${answer.status} for ${url}`);
  return answer.json();
}

/**
 * Only the server's silence is bounded: a hidden page is given little time, and may take minutes to use what it has read.
 * @param {string} url of a snapshot @returns {AsyncGenerator<unknown>} its head, then its blocks as they come
 * @throws {Error} when the answer is not 2xx, or nothing comes for that long
 */
export async function* getPieces(url) {
  const silence = new AbortController();
  /** @type {import("./store.js").Heard} */
  const heard = async (awaited) => {
    const timer = setTimeout(() => silence.abort(new DOMException(`silent: ${url}`, "TimeoutError")), PATIENCE_MS);
    return awaited.finally(() => clearTimeout(timer));
  };
  const answer = await heard(fetch(ownUrl(url), { headers: { Accept: `${BLOCKS}, application/json` }, cache: "no-store", signal: silence.signal }));
  if (!answer.ok) throw new Error(`${answer.status} for ${url}`);
  yield* piecesOf(answer, heard);
}

/** @param {string} url @param {unknown} body @returns {Promise<number>} the answer's HTTP status */
export async function postJson(url, body) {
  const headers = { "Content-Type": "application/json" };
  const request = { method: "POST", headers, body: JSON.stringify(body), signal: AbortSignal.timeout(PATIENCE_MS) };
  return (await fetch(ownUrl(url), request)).status;
}

/** @param {string} url @returns {Promise<boolean>} whether it answers 2xx now */
export async function answers(url) {
  try {
    return (await fetch(ownUrl(url), { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) })).ok;
  } catch {
    return false;
  }
}

// Requests in somebody's name: of whoever is logged in, or of whoever was chosen at a desk without a log-in.

/** @typedef {{actor: string, name: string, role: string, agency: string | null, csrf: string}} Who */
/** @typedef {{actor: string, role: string, actor_agency?: string}} Chosen */
/** @typedef {{status: number, body: any}} Reply body null when the answer is not JSON */
/** @typedef {(method: string, path: string, body?: unknown, outlives?: boolean) => Promise<Reply>} Send outlives: it goes through although its page closes meanwhile */

const SAFE = ["GET", "HEAD"];

/**
 * @param {Who | null} who
 * @param {() => Chosen} chosen asked for each command, and only while nobody is logged in
 * @returns {Send} rejects when there is no answer at all
 */
export function createSender(who, chosen) {
  return async (method, path, body, outlives = false) => {
    const acts = !SAFE.includes(method);
    const headers = { Accept: "application/json", ...(acts && who ? { "X-CSRF-Token": who.csrf } : {}) };
    const request = { method, headers, cache: /** @type {const} */ ("no-store"), keepalive: outlives, signal: AbortSignal.timeout(PATIENCE_MS) };
    const asked = acts ? withBody(request, signed(body, who, chosen)) : request;
    // A browser refuses more than 64 KiB of these at a time: the rest goes as anything does, for a page may only be hidden.
    const answer = await fetch(ownUrl(path), asked).catch((fault) => (outlives ? fetch(ownUrl(path), { ...asked, keepalive: false }) : Promise.reject(fault)));
    return { status: answer.status, body: await answer.json().catch(() => null) };
  };
}

/**
 * Sends a file as it is, however long it takes.
 * @param {string} path @param {Blob} file @param {Who | null} who @param {(share: number) => void} progress how much went out, 0 to 1
 * @returns {Promise<Reply | null>} null when there is no answer at all
 */
export function sendFile(path, file, who, progress) {
  return new Promise((answer) => {
    // Only this way of asking tells how much went out.
    const asked = new XMLHttpRequest();
    asked.open("POST", ownUrl(path));
    const headers = { "Content-Type": "application/octet-stream", Accept: "application/json", ...(who ? { "X-CSRF-Token": who.csrf } : {}) };
    for (const [name, value] of Object.entries(headers)) asked.setRequestHeader(name, value);
    asked.responseType = "json";
    asked.upload.addEventListener("progress", ({ loaded, total }) => progress(total > 0 ? loaded / total : 0));
    asked.addEventListener("load", () => answer({ status: asked.status, body: asked.response }));
    asked.addEventListener("error", () => answer(null));
    asked.send(file);
  });
}

/** @param {string} path @param {Who | null} who @param {string} role in which a page acts while nobody is logged in @returns {string} a list as this person reads it: it says what they could do */
export function readAs(path, who, role) {
  return who ? path : `${path}${path.includes("?") ? "&" : "?"}role=${role}`;
}

/** @param {unknown} body @param {Who | null} who @param {() => Chosen} chosen @returns {unknown} */
function signed(body, who, chosen) {
  return who || typeof body !== "object" || body === null || Array.isArray(body) ? body : { ...chosen(), ...body };
}

/** @param {RequestInit & {headers: Record<string, string>}} request @param {unknown} body @returns {RequestInit} */
function withBody(request, body) {
  return { ...request, headers: { ...request.headers, "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) };
}

// Figures of a scene, asked only while it shows: kept for ten seconds, asked anew when it appears. An answer of another
// epoch is of another audience or another log, and is dropped.

/** @typedef {import("./messages.js").FigureScene} FigureScene */
/** @typedef {{body: import("./messages.js").Figure, heardAt: number}} Kept heardAt = monotonic ms */
/** @typedef {{getJson: (url: string) => Promise<unknown>, now: () => number, arrived: () => void, every?: number}} Edge every: ms between two of one scene, where its own rhythm is slower */

const EVERY_MS = 10_000;
/** Early signs are no matter of seconds: the room itself looks every two minutes. */
export const SIGNS_EVERY_MS = 120_000;
const AGAIN_MS = 5000;
/** Older than this a figure says its age. */
const OLD_MS = 45_000;

export class Figures {
  #edge;
  /** @type {Map<string, Kept>} */
  #kept = new Map();
  /** @type {Map<string, number>} when a scene may be asked for again, monotonic ms */
  #again = new Map();

  /** @param {Edge} edge */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @param {string} scene @param {string} epoch of the store @returns {Kept | null} */
  of(scene, epoch) {
    const kept = this.#kept.get(scene);
    return kept && kept.body.epoch === epoch ? kept : null;
  }

  /** The scene shows now: ask unless what is there is young. @param {string} scene @param {string} epoch "" before the first snapshot */
  want(scene, epoch) {
    if (epoch === "" || !hasFigure(scene)) return;
    const now = this.#edge.now();
    const stale = this.#kept.get(scene)?.body.epoch !== epoch;
    const again = this.#again.get(scene) ?? -Infinity;
    if (now < again && !(stale && again - now > AGAIN_MS)) return;
    this.#again.set(scene, now + (this.#edge.every ?? EVERY_MS));
    this.#ask(scene);
  }

  /** @param {FigureScene} scene */
  async #ask(scene) {
    try {
      const body = asFigure(await this.#edge.getJson(`/feed/figures?scene=${scene}`), scene);
      if (!body) return;
      this.#kept.set(scene, { body, heardAt: this.#edge.now() });
      this.#edge.arrived();
    } catch {
      this.#again.set(scene, this.#edge.now() + AGAIN_MS);
    }
  }
}

/** @param {Kept | null} kept @param {number} mono ms @param {import("../ui/picture.js").Room} room @returns {string} its age, said when it is old */
export function ageWords(kept, mono, { say, format }) {
  const age = kept ? mono - kept.heardAt : 0;
  return age > OLD_MS ? say("figures_old", { span: format.span(age) }) : "";
}
