/**
 * What was finished today, whenever it came in, beside the sum of what came in today: two counts, so two words, and the difference said.
 */

/**
 * @param {import("./feed/messages.js").Counts | null} counts
 * @param {Pick<import("./picture.js").Room, "say" | "format">} room
 * @returns {string} how many of them came in on an earlier day; empty when none did or nobody knows
 */
export function olderWords(counts, { say, format }) {
  const n = (counts?.flow?.done ?? 0) - (counts?.cohort?.done ?? Infinity);
  return n > 0 ? say("from_earlier", { n: format.number(n) }) : "";
}
