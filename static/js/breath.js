/**
 * Lets the page breathe in long work: what waits gets its turn between two slices. A timer of 0 would cost 4 ms each time,
 * which for a hundred thousand cards is longer than the work itself.
 */

/** So long a slice may hold the page, ms: half a frame. */
const SLICE_MS = 8;
const { port1, port2 } = new MessageChannel();
/** @type {(() => void)[]} */
const waiting = [];
port1.onmessage = () => waiting.shift()?.();
// Where there is a process to end, as in tests, an idle channel must not keep it.
/** @type {{unref?: () => void}} */ (port1).unref?.();

/** @returns {Promise<void>} after everything that waits already */
export function breath() {
  return new Promise((go) => {
    waiting.push(go);
    port2.postMessage(null);
  });
}

/**
 * @param {() => Promise<void>} [rest] @param {() => number} [now] ms
 * @returns {() => Promise<void> | null} asked between small pieces of work: what to wait for, null while the slice has time left
 */
export function slicing(rest = breath, now = () => performance.now()) {
  let until = now() + SLICE_MS;
  return () => {
    if (now() < until) return null;
    return rest().then(() => void (until = now() + SLICE_MS));
  };
}
