/**
 * Sends one file in pieces by the tus protocol and goes on where it was cut. Small pieces: a poor network loses one,
 * not the whole picture.
 */

import { solution } from "./puzzle.js";

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
