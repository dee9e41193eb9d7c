/**
 * The chart of an evaluation: two shares by week as lines, and the area between them, which the usual figure hides.
 */

/** @typedef {{from: string, share: number | null, naive: number | null}} Week from: its Monday; shares 0 to 1, null where nothing was due */
/** @typedef {{x: number, y: number}} Point */
/** @typedef {{width: number, height: number, left: number, right: number, top: number, bottom: number}} Frame units of the drawing; the rest lies within */

const SVG = "http://www.w3.org/2000/svg";
export const FRAME = /** @type {const} */ ({ width: 376, height: 212, left: 40, right: 18, top: 30, bottom: 30 });
const TICKS = 5;
const STEPS = [0.02, 0.05, 0.1, 0.2];

/** @param {readonly Week[]} weeks @returns {{low: number, high: number, step: number}} the scale that holds both lines: whole steps, at most five of them */
export function scaleOf(weeks) {
  const values = weeks.flatMap(({ share, naive }) => [share, naive]).filter((one) => one !== null);
  if (values.length === 0) return { low: 0, high: 1, step: 0.2 };
  const [least, most] = [Math.min(...values), Math.max(...values)];
  for (const step of STEPS) {
    const low = Math.max(0, Math.min(Math.floor(least / step + 1e-9) * step, 1 - step));
    const high = Math.min(1, Math.max(Math.ceil(most / step - 1e-9) * step, low + step));
    if (Math.round((high - low) / step) < TICKS) return { low, high, step };
  }
  return { low: 0, high: 1, step: 0.2 };
}

/** @param {readonly (number | null)[]} values of the weeks in their order @param {{low: number, high: number}} scale @param {Frame} frame @returns {Point[][]} pieces: a week of which nothing is known parts them */
export function piecesOf(values, { low, high }, frame) {
  /** @type {Point[][]} */
  const pieces = [];
  let open = false;
  const across = (frame.width - frame.left - frame.right) / Math.max(1, values.length - 1);
  for (const [i, value] of values.entries()) {
    if (value === null) {
      open = false;
      continue;
    }
    if (!open) pieces.push([]);
    open = true;
    pieces.at(-1)?.push({ x: frame.left + i * across, y: yOf(value, { low, high }, frame) });
  }
  return pieces;
}

/** @param {number} value @param {{low: number, high: number}} scale @param {Frame} frame */
function yOf(value, { low, high }, { top, bottom, height }) {
  const within = (Math.min(high, Math.max(low, value)) - low) / (high - low);
  return height - bottom - within * (height - top - bottom);
}

/** @param {readonly Point[]} points @param {string} [start] */
function lineOf(points, start = "M") {
  return points.map(({ x, y }, i) => `${i === 0 ? start : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

/** @param {string} name @param {Record<string, string | number>} attributes @param {string} [words] */
function drawn(name, attributes, words) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  if (words !== undefined) node.textContent = words;
  return node;
}

/**
 * @param {readonly Week[]} weeks the oldest first @param {{title: string, naive: string, share: string, percent: (share: number) => string, day: (day: string) => string}} words title: what a reader who does not see it is told
 * @returns {SVGElement}
 */
export function chartOf(weeks, words) {
  const scale = scaleOf(weeks);
  const shares = piecesOf(weeks.map(({ share }) => share), scale, FRAME);
  const naives = piecesOf(weeks.map(({ naive }) => naive), scale, FRAME);
  const svg = /** @type {SVGElement} */ (drawn("svg", { class: "chart", viewBox: `0 0 ${FRAME.width} ${FRAME.height}`, role: "img" }));
  svg.append(drawn("title", {}, words.title), ...gridOf(scale, words.percent));
  // Both lines have the same weeks: one that has nothing due has neither share.
  for (const [i, piece] of shares.entries()) {
    const above = naives[i] ?? piece;
    svg.append(drawn("path", { class: "chart-between", d: `${lineOf(piece)}${lineOf([...above].reverse(), "L")}Z` }));
  }
  for (const piece of naives) svg.append(drawn("path", { class: "chart-naive", d: lineOf(piece) }));
  for (const piece of shares) svg.append(drawn("path", { class: "chart-share", d: lineOf(piece) }));
  svg.append(...namesOf(shares, naives, words), ...daysOf(weeks, words.day));
  return svg;
}

/** @param {{low: number, high: number, step: number}} scale @param {(share: number) => string} percent */
function gridOf({ low, high, step }, percent) {
  const ticks = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) => low + i * step);
  return ticks.flatMap((tick) => {
    const y = yOf(tick, { low, high }, FRAME);
    return [
      drawn("line", { class: "chart-grid", x1: FRAME.left, x2: FRAME.width - FRAME.right, y1: y, y2: y }),
      drawn("text", { class: "chart-tick", x: FRAME.left - 8, y: y + 5, "text-anchor": "end" }, percent(tick).replace(/\s?%/, "")),
    ];
  });
}

/** What each line is: the usual share above its own, the honest one below. @param {Point[][]} shares @param {Point[][]} naives @param {{naive: string, share: string}} words */
function namesOf(shares, naives, { naive, share }) {
  const [last, usual] = [shares.at(-1)?.at(-1), naives.at(-1)?.at(-1)];
  if (!last || !usual) return [];
  const end = { x: FRAME.width - FRAME.right, "text-anchor": "end" };
  const below = Math.min(Math.max(...shares.flat().slice(-6).map(({ y }) => y)) + 24, FRAME.height - FRAME.bottom - 4);
  return [
    drawn("circle", { class: "chart-end", cx: last.x, cy: last.y, r: 6 }),
    drawn("text", { ...end, class: "chart-naive-name", y: Math.max(14, Math.min(...naives.flat().slice(-8).map(({ y }) => y)) - 9) }, naive),
    drawn("text", { ...end, class: "chart-share-name", y: below }, share),
  ];
}

/** @param {readonly Week[]} weeks @param {(day: string) => string} day */
function daysOf(weeks, day) {
  const [first, last] = [weeks[0], weeks.at(-1)];
  if (!first || !last) return [];
  const y = FRAME.height - 8;
  return [
    drawn("text", { class: "chart-tick", x: FRAME.left, y }, day(first.from)),
    drawn("text", { class: "chart-tick", x: FRAME.width - FRAME.right, y, "text-anchor": "end" }, day(last.from)),
  ];
}
