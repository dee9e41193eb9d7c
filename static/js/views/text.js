/**
 * Writing into the page: text as text, and only when it differs, so that nothing flickers or moves.
 */

/** @param {Element} element @param {string} words */
export function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

/** @param {Element} element @param {string} words a name that stands narrower when it is longer than `most` letters */
export function writeName(element, words, most = 20) {
  write(element, words);
  mark(element, "data-long", String(words.length > most));
}

/** @param {Element} element @param {string} name @param {string} value */
export function mark(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** @param {HTMLElement} element @param {number} x @param {number} y from its origin, units of the canvas */
export function moveTo(element, x, y) {
  const place = `translate(calc(${x.toFixed(1)} * var(--u)), calc(${y.toFixed(1)} * var(--u)))`;
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
