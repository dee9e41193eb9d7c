/** Sends a report to the room: the words and the ids of its photos under one ticket, so that twice is still once. */

import { begin, expect, solution } from "./puzzle.js";
import { Refused, patience, pause, upload } from "./tus.js";

/** @typedef {import("./shelf.js").Unsent} Unsent */
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
export async function deliver(report, note) {
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
