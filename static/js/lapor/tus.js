/**
 * Sends one file in pieces by the tus protocol and goes on where it was cut. Small pieces: a poor network loses one,
 * not the whole picture.
 */

const PIECE = 96 * 1024;
/** For a piece on the slowest network there is. */
const PATIENCE_MS = 90_000;
const PAUSES_MS = [500, 1000, 2000, 4000, 8000];
const TUS = { "Tus-Resumable": "1.0.0" };

/** The server does not want this file: nothing gets better by trying again. */
export class Refused extends Error {
  /** @param {number} status */
  constructor(status) {
    super(`refused with ${status}`);
    this.status = status;
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
  const answer = await ask("/lapor/files", { method: "POST", headers: { ...headers, "Upload-Length": String(file.size) } });
  if (answer.status !== 201) throw new Refused(answer.status);
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
  if (answer.status >= 500) throw new TypeError("nobody took it");
  if (answer.status !== 409 && answer.status !== 423) throw new Refused(answer.status);
  return null;
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
