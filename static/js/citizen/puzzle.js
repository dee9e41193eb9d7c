/**
 * Proof of work of the form: has the room's puzzles solved beside the page while its citizen writes. What a form brings solved
 * is counted by that, and not by an address that it shares with thousands. Nobody waits for it long: without it a form goes
 * too, by a stricter limit.
 */

/** @typedef {{nonces: number[], last: Promise<unknown>}} Work what is solved of one ticket, and when the last asked for is */

/** @type {Map<string, Work>} */
const works = new Map();
/** @type {Map<number, (nonces: number[]) => void>} */
const waiting = new Map();
/** How many puzzles the room asked for last. */
let asked = 0;
let last = 0;
/** Null where there can be none. @type {Worker | null | undefined} */
let worker;

/** @param {number} effort how many puzzles the room asks for */
export function expect(effort) {
  if (effort > 0) asked = effort;
}

/** Begin, for a ticket that will be sent, or go on. @param {string} ticket @param {number} [effort] @returns {Work} */
export function begin(ticket, effort = asked) {
  const work = works.get(ticket) ?? { nonces: [], last: Promise.resolve() };
  works.set(ticket, work);
  work.last = work.last.then(async () => {
    const from = work.nonces.length;
    if (ticket && from < effort) work.nonces.push(...(await solve(ticket, from, effort)));
  });
  return work;
}

/**
 * @param {string} ticket @param {number} within ms
 * @returns {Promise<string>} the solution; empty where it is not there in time, or this browser cannot
 */
export async function solution(ticket, within) {
  const effort = asked;
  const work = begin(ticket, effort);
  await new Promise((resolve) => {
    const over = setTimeout(resolve, within);
    work.last.then(resolve).finally(() => clearTimeout(over));
  });
  return effort > 0 && work.nonces.length >= effort ? work.nonces.map((nonce) => nonce.toString(36)).join(".") : "";
}

/** @param {string} ticket @param {number} from @param {number} to @returns {Promise<number[]>} none where it cannot be done */
function solve(ticket, from, to) {
  worker = worker === undefined ? made() : worker;
  if (!worker) return Promise.resolve([]);
  const id = ++last;
  const answer = /** @type {Promise<number[]>} */ (new Promise((resolve) => waiting.set(id, resolve)));
  worker.postMessage({ id, ticket, from, to });
  return answer;
}

function made() {
  try {
    const one = new Worker("/static/js/citizen/puzzle_worker.js");
    one.addEventListener("message", ({ data: { id, nonces } }) => {
      waiting.get(id)?.(nonces);
      waiting.delete(id);
    });
    // Not to be loaded without a network, or too old a browser: nothing that is waited for will come.
    one.addEventListener("error", () => {
      worker = null;
      for (const end of waiting.values()) end([]);
      waiting.clear();
    });
    return one;
  } catch {
    return null;
  }
}
