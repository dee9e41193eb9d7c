/**
 * Orders on complaints: what is ordered next on the same one waits for the answer before, and counts as having seen it.
 */
import { Orders } from "../desk_orders.js";

/** @typedef {import("../desk_orders.js").Subject} Subject */
/** @typedef {import("../desk_orders.js").Reply} Reply */

export class ComplaintOrders extends Orders {
  /** By complaint: the last order, which gives the seq that it led to; the feed may not have brought that yet. @type {Map<string, Promise<number>>} */
  #before = new Map();

  /** @param {import("../desk_orders.js").Edge} edge */
  constructor(edge) {
    super(edge, "complaints");
  }

  /** @override @param {Subject} subject @param {string} name @param {Record<string, unknown>} [fields] @returns {Promise<Reply | null>} */
  async one(subject, name, fields = {}) {
    const before = this.#before.get(subject.id) ?? null;
    const reply = before
      ? before.then((seq) => this.send({ id: subject.id, seq: Math.max(subject.seq ?? 0, seq) }, name, fields))
      : this.send(subject, name, fields);
    const led = reply.then((answer) => (answer?.status === 200 ? Number(answer.body?.seq ?? 0) : 0));
    this.#before.set(subject.id, led);
    return reply;
  }
}
