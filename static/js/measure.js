/**
 * How wide words are in the wall's own font, in units of the canvas; asked once per word.
 */

export const FONT = '"IBM Plex Sans Variable"';
const WEIGHTS = [400, 600];
const MOST = 2000;

/** @returns {Promise<unknown>} when the font is there to be measured; a wall does not wait for it for ever */
export function fontReady() {
  const loads = Promise.all(WEIGHTS.map((weight) => document.fonts.load(`${weight} 48px ${FONT}`)));
  return Promise.race([loads.catch(() => undefined), new Promise((go) => setTimeout(go, 3000))]);
}

/**
 * @param {number} [type] by what this wall's steps are larger than the sheet's
 * @returns {(words: string, size: number, weight: number) => number} size = a step of the type scale, units
 */
export function createMeasure(type = 1) {
  const pen = document.createElement("canvas").getContext("2d");
  /** @type {Map<string, number>} */
  const known = new Map();
  return (words, size, weight) => {
    const key = `${weight} ${size} ${words}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    if (pen) pen.font = `${weight} ${size * type}px ${FONT}`;
    const width = pen ? pen.measureText(words).width : words.length * size * type * 0.6;
    if (known.size >= MOST) known.clear();
    known.set(key, width);
    return width;
  };
}
