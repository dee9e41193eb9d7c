/**
 * Measures the paint lag: from the commit of a batch to the frame that shows it, be it counted or as fresh marks.
 */

const MOST = 200;

export class PaintReport {
  #tell;
  /** @type {{committed: number, to: number, ids: string[]}[]} not yet painted: server ms of the commit, position it leads to, what it changed */
  #waiting = [];

  /** @param {(lags: readonly number[]) => void} tell ms, after each frame; none for a frame that nothing waited for */
  constructor(tell) {
    this.#tell = tell;
  }

  /** @param {import("./feed/messages.js").Batch} batch applied, not yet painted */
  arrived(batch) {
    const committed = Date.parse(batch.logged_at ?? batch.now ?? "");
    if (!Number.isNaN(committed) && this.#waiting.length < MOST) this.#waiting.push({ committed, to: batch.to, ids: idsOf(batch) });
  }

  /** @param {number | null} serverNow ms, when the frame was up @param {number} seq that it shows */
  painted(serverNow, seq) {
    this.#take(serverNow, ({ to }) => to <= seq);
  }

  /** @param {number | null} serverNow ms, when the frame was up @param {ReadonlySet<string>} ids whose marks stand in it */
  marked(serverNow, ids) {
    this.#take(serverNow, (batch) => batch.ids.length > 0 && batch.ids.every((id) => ids.has(id)));
  }

  /** @param {number | null} serverNow @param {(waiting: {to: number, ids: string[]}) => boolean} shown */
  #take(serverNow, shown) {
    const seen = this.#waiting.filter(shown);
    this.#waiting = this.#waiting.filter((batch) => !seen.includes(batch));
    this.#tell(serverNow === null ? [] : seen.map(({ committed }) => Math.max(0, Math.round(serverNow - committed))));
  }
}

/** @param {import("./feed/messages.js").Batch} batch @returns {string[]} complaints that it changed or took away */
function idsOf({ cards, gone }) {
  return [...(cards ?? []).map(({ id }) => id), ...(gone ?? [])];
}
