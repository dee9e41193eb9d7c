/**
 * Measures the paint lag: from the commit of a batch to the frame that shows it.
 */

const MOST = 200;

export class PaintReport {
  #tell;
  /** @type {{committed: number, to: number}[]} batches not yet painted: server ms of the commit, position they lead to */
  #waiting = [];

  /** @param {(lags: readonly number[]) => void} tell ms, after each frame; none for a frame that nothing waited for */
  constructor(tell) {
    this.#tell = tell;
  }

  /** @param {import("./wire.js").Batch} batch applied, not yet painted */
  arrived(batch) {
    const committed = Date.parse(batch.logged_at ?? batch.now ?? "");
    if (!Number.isNaN(committed) && this.#waiting.length < MOST) this.#waiting.push({ committed, to: batch.to });
  }

  /** @param {number | null} serverNow ms, when the frame was up @param {number} seq that it shows */
  painted(serverNow, seq) {
    const seen = this.#waiting.filter(({ to }) => to <= seq);
    this.#waiting = this.#waiting.filter(({ to }) => to > seq);
    this.#tell(serverNow === null ? [] : seen.map(({ committed }) => Math.max(0, Math.round(serverNow - committed))));
  }
}
