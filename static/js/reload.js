/**
 * A page reloads itself only to a later build, and only while the server is known to answer (CR-52).
 */

/** @param {string} own build of this page @param {string | null | undefined} told build of the beat */
export function isLater(own, told) {
  return own !== "" && typeof told === "string" && told > own;
}

/** @typedef {() => unknown} Reload false, or a promise of it, when it did not reload after all */

/**
 * @param {{answers: () => Promise<boolean>, rest: (ms: number) => Promise<void>, random: () => number, reload: Reload, turn?: () => Promise<boolean>}} edge turn: asked last, whether it may now
 * @returns {Promise<boolean>} whether it reloaded; false when the server did not answer twice, it was not its turn, or it thought better of it
 */
export async function reloadWhenHealthy({ answers, rest, random, reload, turn = async () => true }) {
  await rest(random() * 10_000);
  if (!(await answers())) return false;
  await rest(1000);
  if (!(await answers()) || !(await turn())) return false;
  return (await reload()) !== false;
}

/**
 * @param {{wanted: (told: string | null | undefined) => boolean, answers: () => Promise<boolean>, rest: (ms: number) => Promise<void>, turn?: () => Promise<boolean>, reload?: Reload}} page
 * @returns {(told: string | null | undefined) => Promise<void>} told by each beat: one reload at a time is tried
 */
export function createReload({ wanted, answers, rest, turn = async () => true, reload = () => location.reload() }) {
  let reloading = false;
  return async (told) => {
    if (reloading || !wanted(told)) return;
    reloading = true;
    reloading = await reloadWhenHealthy({ answers, rest, random: Math.random, reload, turn });
  };
}
