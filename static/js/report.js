/**
 * Reports the paint lag to the server: from the commit of a batch to the frame that shows it.
 */

const EVERY_MS = 1000;
const MOST = 200;

export class PaintReport {
  #edge;
  /** @type {number[]} server ms at which the batches not yet painted were committed */
  #waiting = [];
  /** @type {number[]} */
  #lags = [];
  #due = false;

  /** @param {{post: (body: unknown) => Promise<unknown>, later: (ms: number, act: () => void) => void}} edge */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @param {import("./wire.js").Batch} batch applied, not yet painted */
  arrived(batch) {
    const committed = Date.parse(batch.logged_at ?? batch.now ?? "");
    if (!Number.isNaN(committed) && this.#waiting.length < MOST) this.#waiting.push(committed);
  }

  /** @param {number | null} serverNow ms, when the frame was up @param {number} seq painted */
  painted(serverNow, seq) {
    if (serverNow !== null && this.#lags.length < MOST) {
      this.#lags.push(...this.#waiting.map((committed) => Math.max(0, Math.round(serverNow - committed))));
    }
    this.#waiting = [];
    if (this.#lags.length === 0 || this.#due) return;
    this.#due = true;
    this.#edge.later(EVERY_MS, () => this.#send(seq));
  }

  /** @param {number} seq */
  #send(seq) {
    const lags = this.#lags;
    this.#lags = [];
    this.#due = false;
    this.#edge.post({ seq, lags_ms: lags }).catch(() => undefined);
  }
}
