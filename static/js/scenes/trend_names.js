/**
 * Where the names of a chart's lines may stand on a wall of panels: off the lines where two panels meet (CR-68). Units of the chart.
 */

/** @typedef {import("./trend_paths.js").Point} Point */
/** @typedef {{columns: readonly number[], rows: readonly number[]}} Bezels where they run, from the chart's corner */

/** The dot's radius and air; from the end of the line to its name, down to up. */
const BESIDE = 40;
const HEIGHTS = [-60, -100, -140, 24, 64, 104];
/** What the orbit and the frame of a panel may take. */
const AIR = 16;

/** @param {readonly number[]} lines @param {number} from @param {number} to @returns {boolean} whether one of them would cut what lies there */
export function meets(lines, from, to) {
  return lines.some((line) => from - AIR < line && to + AIR > line);
}

/**
 * @param {Point} end of today's line @param {{wide: number, high: number}} size of its name @param {Bezels} bezels @param {number} field width of the chart
 * @returns {Point} beside the dot, on the first side and height that no bezel cuts
 */
export function todayPlace([x, y], { wide, high }, { columns, rows }, field) {
  const right = x + BESIDE;
  const sides = right + wide <= field ? [right, x - wide - BESIDE] : [x - wide - BESIDE];
  const places = sides.flatMap((at) => HEIGHTS.map((height) => /** @type {Point} */ ([at, y + height])));
  const clear = places.find(([at, top]) => !meets(columns, at, at + wide) && !meets(rows, top, top + high));
  return clear ?? places[0] ?? [right, y];
}

/** @param {HTMLElement} chart @param {import("../ui/picture.js").Room} room @param {number} field width of the chart @returns {Bezels} of the whole wall's panels, seen from the chart's corner; none on a seamless one */
export function bezelsIn(chart, { panels = 1 }, field) {
  const wall = panels > 1 ? chart.closest(".wall")?.getBoundingClientRect() : null;
  if (!wall) return { columns: [], rows: [] };
  const box = chart.getBoundingClientRect();
  const unit = box.width / field || 1;
  const down = panels === 3 && wall.width < 2.3 * wall.height ? 3 : 2;
  return { columns: shares(panels).map((share) => (wall.x + share * wall.width - box.x) / unit), rows: shares(down).map((share) => (wall.y + share * wall.height - box.y) / unit) };
}

/** @param {number} n panels side by side @returns {number[]} */
function shares(n) {
  return Array.from({ length: n - 1 }, (_, i) => (i + 1) / n);
}
