/**
 * Choosing one of many by a number or by typing: which options fit what is typed, and which stands first. Pure.
 */

/** @typedef {{key: string, name: string, note?: string, words?: string}} Option words: by what else it is found */

/** So many are shown: each has a number. */
export const SHOWN = 9;

/** @param {string} text @returns {string} without case and accents */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** @param {Option} option @param {string} typed @returns {number} 0 at its head, 1 at the head of a word, 2 inside, 3 not */
function distance({ name, words = "" }, typed) {
  const text = plain(`${name} ${words}`);
  if (text.startsWith(typed)) return 0;
  if (text.includes(` ${typed}`)) return 1;
  return text.includes(typed) ? 2 : 3;
}

/** @param {readonly Option[]} options in their own order, the suggested first @param {string} typed @returns {Option[]} at most SHOWN */
export function matching(options, typed) {
  const sought = plain(typed.trim());
  if (!sought) return options.slice(0, SHOWN);
  const found = options.map((option) => ({ option, far: distance(option, sought) })).filter(({ far }) => far < 3);
  return found.sort((a, b) => a.far - b.far).map(({ option }) => option).slice(0, SHOWN);
}

/** @param {string} typed so far @param {string} key @returns {number | null} the option that a digit chooses; null once words are typed */
export function numbered(typed, key) {
  return typed === "" && /^[1-9]$/.test(key) ? Number(key) - 1 : null;
}
