/**
 * Asks our own server, and nobody else, for JSON: bounded in time, refused for any other origin.
 */
import { BLOCKS, piecesOf } from "./blocks.js";

export const PATIENCE_MS = 30_000;

/** @param {string} url @returns {URL} @throws {RangeError} when it leads to another origin */
export function ownUrl(url) {
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
  /** @type {import("./blocks.js").Heard} */
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
