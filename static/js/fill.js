/**
 * Fills a line of words with values: `{name}` by its value, `{name|one|many}` by whether it is one. A value that is
 * missing leaves its name to be seen.
 */

/** @param {string} words @param {Record<string, string | number>} values @returns {string} */
export function fill(words, values) {
  return words.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (whole, name, one, many) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (one === undefined) return String(value);
    return String(value) === "1" ? one : many;
  });
}
