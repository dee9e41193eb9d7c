/**
 * Orders of the desk under way: sent at once, confirmed by the feed alone, failed after 2 s (CR-14, CR-15).
 */

/** @typedef {import("../wire.js").Alarm} Alarm */
/** @typedef {{status: number, body: any}} Reply */
/** @typedef {{kind: "sending" | "failed" | "faster", why: string, seq: number, since: number}} Mark why: who or what, to be shown */
/**
 * @typedef {object} Edge
 * @property {(url: string, body: unknown) => Promise<Reply>} post
 * @property {() => number} mono ms
 * @property {() => string} newId
 * @property {() => void} changed a mark came or went
 * @property {() => {actor: string, role: string, screen: string}} person
 */

export const CONFIRM_MS = 2000;
/** A failure is shown this long, or until the row is tried again. */
const SHOWN_MS = 8000;
/** The door takes so many in one order. */
export const AT_ONCE = 100;

/** @param {Reply} reply @returns {Pick<Mark, "kind" | "why">} what a refusal says, with who was faster */
export function refusalOf({ body }) {
  // Time may have been faster too: then the alarm is another one than was answered.
  if (["alarm.raised", "alarm.reactivated"].includes(body?.event)) return { kind: "failed", why: "changed" };
  if (typeof body?.changed_by === "string") return { kind: "faster", why: body.changed_by };
  return { kind: "failed", why: String(body?.message ?? body?.title ?? "") };
}

export class Orders {
  #edge;
  /** @type {Map<string, Mark>} */
  #marks = new Map();

  /** @param {Edge} edge */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @param {string} id @returns {Mark | null} */
  markOf(id) {
    return this.#marks.get(id) ?? null;
  }

  /** @param {Alarm} alarm @param {string} name @param {Record<string, unknown>} [fields] */
  async one(alarm, name, fields = {}) {
    if (this.markOf(alarm.id)?.kind === "sending") return;
    this.#sending([alarm]);
    const envelope = { command_id: this.#edge.newId(), seen_seq: alarm.seq ?? 0, ...this.#edge.person() };
    const reply = await this.#post(`/api/v1/alarms/${encodeURIComponent(alarm.id)}/${name}`, { ...envelope, ...fields });
    if (!reply || reply.status !== 200) this.#refused(alarm.id, reply);
  }

  /** One record for each alarm given, whatever else came meanwhile. @param {readonly Alarm[]} alarms @param {string} name */
  async many(alarms, name) {
    this.#sending(alarms);
    for (let start = 0; start < alarms.length; start += AT_ONCE) {
      const part = alarms.slice(start, start + AT_ONCE);
      const items = part.map(({ id, seq }) => ({ id, seen_seq: seq ?? 0 }));
      const reply = await this.#post(`/api/v1/alarms/${name}`, { command_id: this.#edge.newId(), ...this.#edge.person(), items });
      const results = reply?.status === 200 && Array.isArray(reply.body?.results) ? reply.body.results : null;
      for (const [i, alarm] of part.entries()) {
        if (!results) this.#refused(alarm.id, reply);
        else if (results[i]?.error) this.#refused(alarm.id, { status: 409, body: results[i].error });
      }
    }
  }

  /** @param {ReadonlyMap<string, Alarm>} alarms as the feed has them now: a newer one is the confirmation */
  confirm(alarms) {
    for (const [id, { kind, seq }] of this.#marks) {
      const now = alarms.get(id);
      if (kind === "sending" && (!now || (now.seq ?? 0) > seq)) this.#marks.delete(id);
    }
  }

  /** Time goes on. @returns {boolean} whether a mark changed */
  tick() {
    const mono = this.#edge.mono();
    let changed = false;
    for (const [id, mark] of this.#marks) {
      const age = mono - mark.since;
      if (mark.kind === "sending" && age >= CONFIRM_MS) this.#marks.set(id, { ...mark, kind: "failed", why: "not_confirmed", since: mono });
      else if (mark.kind !== "sending" && age >= SHOWN_MS) this.#marks.delete(id);
      else continue;
      changed = true;
    }
    return changed;
  }

  /** @param {readonly Alarm[]} alarms */
  #sending(alarms) {
    const since = this.#edge.mono();
    for (const { id, seq } of alarms) this.#marks.set(id, { kind: "sending", why: "", seq: seq ?? 0, since });
    this.#edge.changed();
  }

  /** @param {string} id @param {Reply | null} reply null: no answer at all */
  #refused(id, reply) {
    const before = this.#marks.get(id);
    const said = reply ? refusalOf(reply) : { kind: /** @type {const} */ ("failed"), why: "no_answer" };
    this.#marks.set(id, { seq: before?.seq ?? 0, since: this.#edge.mono(), ...said });
    this.#edge.changed();
  }

  /** @param {string} url @param {unknown} body @returns {Promise<Reply | null>} */
  async #post(url, body) {
    try {
      return await this.#edge.post(url, body);
    } catch {
      return null;
    }
  }
}
