/**
 * How a district's name stands on the map: in one line while it is short, else in two, of which the longer one is as even as can be;
 * what is longer still is cut.
 */

/** The longest line, units at the sheet's size of text. */
const LONGEST = { fine: 440, coarse: 300 };
/** Type of the caption step, units. */
export const CAPTION = 48;
/** What rounding may take of a line. */
const AIR = 4;

/** @typedef {{w: number, lines: 1 | 2}} NameSize */

/**
 * @param {string} name @param {"fine" | "coarse"} density
 * @param {{width: (words: string, size: number, weight: number) => number, type?: number}} room @returns {NameSize}
 */
export function nameSize(name, density, { width, type = 1 }) {
  const most = LONGEST[density] * type;
  const whole = width(name, CAPTION, 400);
  const words = name.split(" ");
  if (whole <= most || words.length === 1) return { w: Math.min(whole, most), lines: 1 };
  const splits = words.slice(1).map((_, i) => [words.slice(0, i + 1), words.slice(i + 1)].map((line) => width(line.join(" "), CAPTION, 400)));
  return { w: Math.min(most, Math.ceil(Math.min(...splits.map((lines) => Math.max(...lines)))) + AIR), lines: 2 };
}
