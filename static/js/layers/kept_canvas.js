/**
 * A canvas over the map that comes back when the browser loses its picture (CR-106). After two losses, or 10 s without
 * a return, another takes its place that is kept in memory and cannot be lost: slower, and always there.
 */

const MOST_LOSSES = 2;
const PATIENCE_MS = 10_000;

export class KeptCanvas {
  node = document.createElement("canvas");
  #redraw;
  #losses = 0;
  /** @type {CanvasRenderingContext2DSettings} */
  #kind = {};

  /** @param {() => void} redraw everything that stood on it */
  constructor(redraw) {
    this.#redraw = redraw;
    this.#attend();
  }

  /** @param {number} width @param {number} height CSS px @returns {CanvasRenderingContext2D | null} for CSS px, the picture kept where the size is the same */
  pen(width, height) {
    const { node } = this;
    const [w, h] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
    if (node.width !== w) node.width = w;
    if (node.height !== h) node.height = h;
    const pen = node.getContext("2d", this.#kind);
    pen?.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    return pen;
  }

  #attend() {
    const { node } = this;
    node.className = "incident-canvas";
    node.addEventListener("contextlost", () => this.#lost(node));
    node.addEventListener("contextrestored", () => {
      node.dataset.lost = "false";
      this.#redraw();
    });
  }

  /** @param {HTMLCanvasElement} node */
  #lost(node) {
    this.#losses += 1;
    node.dataset.lost = "true";
    if (this.#losses >= MOST_LOSSES) return this.#replace(node);
    setTimeout(() => node.dataset.lost === "true" && this.#replace(node), PATIENCE_MS);
  }

  /** @param {HTMLCanvasElement} node given up */
  #replace(node) {
    if (node !== this.node || this.#kind.willReadFrequently) return;
    this.#kind = { willReadFrequently: true };
    this.node = document.createElement("canvas");
    this.#attend();
    this.node.dataset.kind = "memory";
    node.replaceWith(this.node);
    this.#redraw();
  }
}
