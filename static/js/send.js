/**
 * Sends what a person orders: in the name of whoever is logged in, or of whoever was chosen at a desk without a log-in.
 */
import { ownUrl, PATIENCE_MS } from "./origin.js";

/** @typedef {{actor: string, name: string, role: string, agency: string | null, csrf: string}} Who */
/** @typedef {{actor: string, role: string, actor_agency?: string}} Chosen */
/** @typedef {{status: number, body: any}} Reply body null when the answer is not JSON */
/** @typedef {(method: string, path: string, body?: unknown) => Promise<Reply>} Send */

const SAFE = ["GET", "HEAD"];

/**
 * @param {Who | null} who
 * @param {() => Chosen} chosen asked for each order, and only while nobody is logged in
 * @returns {Send} rejects when there is no answer at all
 */
export function createSender(who, chosen) {
  return async (method, path, body) => {
    const acts = !SAFE.includes(method);
    const headers = { Accept: "application/json", ...(acts && who ? { "X-CSRF-Token": who.csrf } : {}) };
    const request = { method, headers, cache: /** @type {const} */ ("no-store"), signal: AbortSignal.timeout(PATIENCE_MS) };
    const answer = await fetch(ownUrl(path), acts ? withBody(request, signed(body, who, chosen)) : request);
    return { status: answer.status, body: await answer.json().catch(() => null) };
  };
}

/** @param {unknown} body @param {Who | null} who @param {() => Chosen} chosen @returns {unknown} */
function signed(body, who, chosen) {
  return who || typeof body !== "object" || body === null || Array.isArray(body) ? body : { ...chosen(), ...body };
}

/** @param {RequestInit & {headers: Record<string, string>}} request @param {unknown} body @returns {RequestInit} */
function withBody(request, body) {
  return { ...request, headers: { ...request.headers, "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) };
}
