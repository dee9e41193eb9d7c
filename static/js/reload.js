/**
 * A page reloads itself only to a later build, and only while the server is known to answer (CR-52).
 */

/** @param {string} own build of this page @param {string | null | undefined} told build of the beat */
export function isLater(own, told) {
  return own !== "" && typeof told === "string" && told > own;
}

/**
 * @param {{answers: () => Promise<boolean>, rest: (ms: number) => Promise<void>, random: () => number, reload: () => void}} edge
 * @returns {Promise<boolean>} whether it reloaded; false when the server did not answer twice
 */
export async function reloadWhenHealthy({ answers, rest, random, reload }) {
  await rest(random() * 10_000);
  if (!(await answers())) return false;
  await rest(1000);
  if (!(await answers())) return false;
  reload();
  return true;
}
