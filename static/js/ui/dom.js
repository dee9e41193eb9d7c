/**
 * Writing into the page: text as text, and only when it differs, so that nothing flickers or moves.
 */

/** @param {Element} element @param {string} words */
export function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

/** Share of its width that a name keeps when it stands narrower, and the least air between both ends of a line. */
export const NARROW = 0.94;
export const BETWEEN = 28;

/** @param {number} width of a name as it is @param {number} room @returns {"whole" | "narrow" | "cut"} how it stands */
export function fit(width, room) {
  if (width <= room) return "whole";
  return width * NARROW <= room ? "narrow" : "cut";
}

/**
 * A line with words at both ends: the right end's box never moves, the left end takes what is left and never pushes.
 * @param {[HTMLElement, string]} left @param {[HTMLElement, string]} right
 * @param {{total: number, size: number, weight: number, width: (words: string, size: number, weight: number) => number}} line units
 */
export function writeEnds([left, name], [right, words], { total, size, weight, width }) {
  write(left, name);
  write(right, words);
  const room = Math.floor(total - width(words, size, weight) - BETWEEN);
  mark(left, "data-fit", fit(width(name, size, weight), room));
  const space = `calc(${room} * var(--u))`;
  if (left.style.width !== space) left.style.width = space;
}

/** @param {Element} element @param {string} name @param {string} value */
export function mark(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/**
 * By transform, which is no shift of the page's layout (CR-82).
 * @param {HTMLElement | SVGElement} element @param {number} x @param {number} y from its origin, units of the canvas
 * @param {"corner" | "middle"} [by] the point of the element that goes there
 */
export function moveTo(element, x, y, by = "corner") {
  const half = by === "middle" ? " - 50%" : "";
  const place = `translate(calc(${x.toFixed(1)} * var(--u)${half}), calc(${y.toFixed(1)} * var(--u)${half}))`;
  if (element.style.transform !== place) element.style.transform = place;
}

/** @param {HTMLElement} element @param {boolean} shown keeps its place when not shown */
export function show(element, shown) {
  const value = shown ? "true" : "false";
  if (element.dataset.shown !== value) element.dataset.shown = value;
}

/**
 * @template {HTMLElement} [E=HTMLElement]
 * @param {ParentNode} root @param {string} selector @returns {E}
 * @throws {Error} when the page lacks it: template and script do not belong together
 */
export function find(root, selector) {
  const element = root.querySelector(selector);
  if (!element) throw new Error(`the page has no ${selector}`);
  return /** @type {E} */ (element);
}

/** @param {string} name @param {string} className @param {...(Node | string)} children @returns {HTMLElement} */
export function element(name, className, ...children) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

/** @param {string} name @param {string} className @param {Record<string, string>} attributes @param {...(Node | string)} children @returns {HTMLElement} */
export function elementWith(name, className, attributes, ...children) {
  const made = element(name, className, ...children);
  for (const [key, value] of Object.entries(attributes)) mark(made, key, value);
  return made;
}

/**
 * Puts nodes in order and moves no more of them than it must, never the one that has the focus: a moved node loses it,
 * and what is selected in it.
 * @param {HTMLElement} list @param {readonly Node[]} nodes
 */
export function arrange(list, nodes) {
  const kept = new Set(nodes);
  for (const child of [...list.children]) if (!kept.has(child)) child.remove();
  const held = nodes.findIndex((node) => node.contains(document.activeElement));
  const anchor = nodes[held] ?? null;
  const above = new Set(nodes.slice(0, Math.max(0, held)));
  // What stands above the focus and belongs below it goes there first, for nothing moves past the anchor later.
  for (let child = anchor?.previousSibling ?? null; child; ) {
    const before = child.previousSibling;
    if (!above.has(child)) list.append(child);
    child = before;
  }
  let next = list.firstChild;
  for (const node of nodes) {
    if (next && next !== node && next !== anchor && next.nextSibling === node) {
      // It went further down and comes again in its turn: so one move is one move.
      next.remove();
      next = /** @type {ChildNode} */ (node);
    }
    if (next === node) next = node.nextSibling;
    else list.insertBefore(node, next);
  }
}
