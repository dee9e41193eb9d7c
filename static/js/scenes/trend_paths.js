/**
 * Lines and bands as SVG paths, and a scale that ends on a round number. Pure.
 */

/** @typedef {[number, number]} Point x, y */

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} name @param {Record<string, string | number>} attributes @param {...Element} children @returns {SVGElement} */
export function svgNode(name, attributes, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return /** @type {SVGElement} */ (node);
}

/** @param {readonly Point[]} points @returns {string} */
export function linePath(points) {
  return points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

/** @param {readonly Point[]} upper @param {readonly Point[]} lower @returns {string} closed */
export function bandPath(upper, lower) {
  return upper.length === 0 ? "" : `${linePath(upper)}${linePath([...lower].reverse()).replace("M", "L")}Z`;
}

/** @param {number} most largest value drawn @returns {number} an even, round number near it: the upper line of the scale */
export function roundTop(most) {
  const wanted = Math.max(2, most * 0.9);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const top = [1, 2, 3, 4, 6, 8, 10].map((n) => n * power).find((n) => n >= wanted) ?? most;
  return top % 2 === 0 ? top : top + 1;
}
