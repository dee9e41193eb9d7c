/**
 * Worker that solves the room's puzzles beside the page. Its own SHA-256: a browser offers none to a page that came by plain
 * http, and one that answers by promises is slower for blocks as small as these. Classic, for telephones without module workers.
 *
 * Asked `{id, ticket, from, to}` it answers `{id, nonces}`, a nonce for each puzzle from `from` up to before `to`.
 */

/** First bits that must be 0, as display/citizens/report.py has it: about 16,000 tries a puzzle. */
const BITS = 14;
const ROUNDS = 64;

/**
 * The first 32 bits of the fractional part of a root. What comes behind them is for none of these roots nearer than 2 % to
 * the next number, so that it does not matter how a browser rounds. @param {number} root
 */
const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;

/** @param {number} count @returns {number[]} the first primes */
function primes(count) {
  const found = /** @type {number[]} */ ([]);
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime)) found.push(n);
  return found;
}

const K = Int32Array.from(primes(ROUNDS), (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)));
const words = new Int32Array(ROUNDS);

/**
 * One block, standing in the first 16 of `words`, on top of a state. The loop that everybody waits for: numbered
 * places and single variables, since lists and closures in it took twice as long.
 * @param {Int32Array} from @param {Int32Array} into
 */
function mix(from, into) {
  const w = /** @type {any} */ (words);
  const k = /** @type {any} */ (K);
  const state = /** @type {any} */ (from);
  for (let i = 16; i < ROUNDS; i++) {
    const early = w[i - 15];
    const late = w[i - 2];
    const s0 = ((early >>> 7) | (early << 25)) ^ ((early >>> 18) | (early << 14)) ^ (early >>> 3);
    const s1 = ((late >>> 17) | (late << 15)) ^ ((late >>> 19) | (late << 13)) ^ (late >>> 10);
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < ROUNDS; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + s1 + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  into[0] = state[0] + a;
  into[1] = state[1] + b;
  into[2] = state[2] + c;
  into[3] = state[3] + d;
  into[4] = state[4] + e;
  into[5] = state[5] + f;
  into[6] = state[6] + g;
  into[7] = state[7] + h;
}

/** @param {string} text @returns {Int32Array} its SHA-256, as eight words */
function hashed(text) {
  const said = new TextEncoder().encode(text);
  const padded = new DataView(new ArrayBuffer((((said.length + 8) >> 6) + 1) << 6));
  said.forEach((byte, i) => padded.setUint8(i, byte));
  padded.setUint8(said.length, 0x80);
  padded.setUint32(padded.byteLength - 4, said.length * 8);
  const state = START.slice();
  for (let at = 0; at < padded.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) words[i] = padded.getInt32(at + i * 4);
    mix(state, state);
  }
  return state;
}

/** @param {Int32Array} ground hash of the ticket @param {number} index which puzzle @returns {number} a nonce that solves it */
function solved(ground, index) {
  const state = new Int32Array(8);
  words.set(ground);
  words.fill(0, 8, 16);
  words[8] = index;
  words[10] = 0x80000000 | 0;
  words[15] = 40 * 8;
  for (let nonce = 0; ; nonce++) {
    words[9] = nonce;
    mix(START, state);
    if (/** @type {number} */ (state[0]) >>> (32 - BITS) === 0) return nonce;
  }
}

self.onmessage = ({ data: { id, ticket, from, to } }) => {
  const ground = hashed(`liveroom-puzzle:${ticket}`);
  const nonces = [];
  for (let index = from; index < to; index++) nonces.push(solved(ground, index));
  self.postMessage({ id, nonces });
};
