/**
 * What a desk orders for all screens: sent at once; the feed's lines alone say that it holds.
 */

/** @typedef {import("./desk_orders.js").Reply} Reply */
/** @typedef {"silence" | "freeze" | "unfreeze" | "hold_scene" | "release_scene" | "test_sound" | "confirm_sound" | "begin_visit" | "end_visit"} RoomName */
/** @typedef {{kind: "sending" | "failed", since: number}} Mark */
/**
 * @typedef {object} Edge
 * @property {(url: string, body: unknown) => Promise<Reply>} post
 * @property {() => number} mono ms
 * @property {() => string} newId
 * @property {() => void} changed a mark came or went
 * @property {() => object} person
 */

/** So long a button says what became of it, ms. */
const SHOWN_MS = { sending: 2000, failed: 8000 };

export class RoomOrders {
  #edge;
  /** @type {Map<RoomName, Mark>} */
  #marks = new Map();

  /** @param {Edge} edge */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @param {...RoomName} names @returns {"sending" | "failed" | ""} of the first that has something to say */
  markOf(...names) {
    for (const name of names) {
      const mark = this.#marks.get(name);
      if (mark && this.#edge.mono() - mark.since < SHOWN_MS[mark.kind]) return mark.kind;
    }
    return "";
  }

  /** @param {RoomName} name @param {Record<string, unknown>} [fields] @returns {Promise<boolean>} whether the room took it */
  async give(name, fields = {}) {
    this.#mark(name, "sending");
    const reply = await this.#edge.post(`/api/v1/room/${name}`, { command_id: this.#edge.newId(), ...this.#edge.person(), ...fields }).catch(() => null);
    const taken = reply?.status === 200;
    if (taken) this.#marks.delete(name);
    else this.#mark(name, "failed");
    this.#edge.changed();
    return taken;
  }

  /** @param {RoomName} name @param {Mark["kind"]} kind */
  #mark(name, kind) {
    this.#marks.set(name, { kind, since: this.#edge.mono() });
    this.#edge.changed();
  }
}
