/**
 * When to paint: at once after a quiet moment, then at most so often, always in a frame (CR-87).
 */

/**
 * @param {{every: number, now: () => number, later: (ms: number, act: () => void) => void, frame: (act: () => void) => void}} edge
 * @param {() => void} paint
 */
export function createPace({ every, now, later, frame }, paint) {
  let last = -Infinity;
  let asked = false;
  let soon = false;
  const run = () => {
    asked = soon = false;
    last = now();
    paint();
  };
  return {
    /** Something changed. */
    ask() {
      if (asked) return;
      asked = true;
      const wait = last + every - now();
      if (wait > 0) later(wait, () => frame(run));
      else frame(run);
    },
    /** A scene changes on its second, and an alarm is shown in the next frame, not when the pace allows. */
    now() {
      if (!soon) frame(run);
      soon = true;
    },
  };
}
