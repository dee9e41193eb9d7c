/**
 * Commands of a desk under way, on alarms, complaints and the room: sent at once, confirmed by the feed alone (CR-14, CR-15).
 */

// Commands on alarms and complaints: confirmed by the feed alone, failed after 2 s.

/** @typedef {{status: number, body: any}} Reply */
/** @typedef {{id: string, seq?: number}} Subject an alarm or a complaint, as it was shown */
/** @typedef {{kind: "sending" | "failed" | "faster", why: string, seq: number, since: number, unseen?: boolean, name?: string, told?: any}} Mark unseen: failed while nobody could look at the page; why: who or what, to be shown; name: of the command; told: the answer to a refused one */
/**
 * @typedef {object} Edge
 * @property {(url: string, body: unknown, outlives?: boolean) => Promise<Reply>} post outlives: also if the page closes meanwhile
 * @property {() => number} mono ms
 * @property {() => string} newId
 * @property {() => void} changed a mark came or went
 * @property {() => boolean} [hidden] the page is: nobody sees a failure then
 * @property {() => Record<string, unknown>} person what every command carries of whoever gives it
 */

export const CONFIRM_MS = 2000;
/** A failure is shown this long, or until the row is tried again. */
const FAILURE_SHOWN_MS = 8000;
/** The door takes so many in one command. */
const AT_ONCE = 100;

/** @typedef {{command_id: string, items: {id: string, seen_seq: number}[]}} Part of an act on many: one command of up to a hundred, under its own id */

/** @param {readonly Subject[]} subjects @param {() => string} newId @returns {Part[]} */
export function partsOf(subjects, newId) {
  const parts = [];
  for (let start = 0; start < subjects.length; start += AT_ONCE) {
    parts.push({ command_id: newId(), items: subjects.slice(start, start + AT_ONCE).map(({ id, seq }) => ({ id, seen_seq: seq ?? 0 })) });
  }
  return parts;
}

/** @param {Reply | null} reply to a command on many @returns {any[] | null} one result a subject; null: none of them was decided */
export function resultsOf(reply) {
  return reply?.status === 200 && Array.isArray(reply.body?.results) ? reply.body.results : null;
}

/** @param {Reply} reply @returns {Pick<Mark, "kind" | "why">} what a refusal says, with who was faster */
export function refusalOf({ body }) {
  // Time may have been faster too: then the alarm is another one than was answered.
  if (["alarm.raised", "alarm.reactivated"].includes(body?.event)) return { kind: "failed", why: "changed" };
  if (typeof body?.changed_by === "string") return { kind: "faster", why: String(body.changed_by_name ?? body.changed_by) };
  if (["unauthorized", "unavailable"].includes(body?.code)) return { kind: "failed", why: body.code };
  return { kind: "failed", why: String(body?.message ?? body?.title ?? "") };
}

export class Commands {
  #edge;
  /** @type {Map<string, Mark>} */
  #marks = new Map();
  /** By subject: words that nobody answered for. Sent again they are the same command, which the room does once. @type {Map<string, {same: string, command: Record<string, unknown>}>} */
  #unheard = new Map();

  #about;

  /** @param {Edge} edge @param {"alarms" | "complaints"} [about] what the commands are on */
  constructor(edge, about = "alarms") {
    this.#edge = edge;
    this.#about = about;
  }

  /** @param {string} id @returns {Mark | null} */
  markOf(id) {
    return this.#marks.get(id) ?? null;
  }

  /** @returns {[string, Mark][]} what was refused or not confirmed, by subject, wherever that stands now */
  failures() {
    return [...this.#marks].filter(([, { kind }]) => kind !== "sending");
  }

  /** @param {Subject} subject @param {string} name @param {Record<string, unknown>} [fields] @param {boolean} [outlives] @returns {Promise<Reply | null>} null: not sent, or not answered */
  async one(subject, name, fields = {}, outlives = false) {
    return this.markOf(subject.id)?.kind === "sending" ? null : this.send(subject, name, fields, outlives);
  }

  /** @param {Subject} subject @param {string} name @param {Record<string, unknown>} fields @param {boolean} outlives @returns {Promise<Reply | null>} */
  async send(subject, name, fields, outlives) {
    this.#sending([subject], name);
    const command = this.#commandOf(subject, name, fields);
    const reply = await this.#edge.post(`/api/v1/${this.#about}/${encodeURIComponent(subject.id)}/${name}`, command, outlives).catch(() => null);
    if (reply && reply.status < 500) this.#unheard.delete(subject.id);
    if (!reply || reply.status !== 200) this.#refused(subject.id, reply);
    return reply;
  }

  /** @param {Subject} subject @param {string} name @param {Record<string, unknown>} fields @returns {Record<string, unknown>} */
  #commandOf({ id, seq }, name, fields) {
    const same = JSON.stringify([name, fields, this.#edge.person()]);
    const before = this.#unheard.get(id);
    if (before?.same === same) return before.command;
    const command = { command_id: this.#edge.newId(), seen_seq: seq ?? 0, ...this.#edge.person(), ...fields };
    // What else is commanded again is decided anew, on what is seen now.
    if ("text" in fields) this.#unheard.set(id, { same, command });
    return command;
  }

  /** One record for each subject given, whatever else came meanwhile. @param {readonly Subject[]} subjects @param {string} name @param {Record<string, unknown>} [fields] */
  async many(subjects, name, fields = {}) {
    this.expect(subjects, name);
    for (const part of partsOf(subjects, this.#edge.newId)) await this.group(name, { ...this.#edge.person(), ...fields, ...part });
  }

  /** Their turn will come: they are shown as being sent, and are not late before it has. @param {readonly Subject[]} subjects @param {string} name */
  expect(subjects, name) {
    this.#sending(subjects, name, Infinity);
  }

  /** What was expected will not be sent. @param {readonly string[]} ids */
  forgo(ids) {
    for (const id of ids) if (this.#marks.get(id)?.kind === "sending") this.#marks.delete(id);
    this.#edge.changed();
  }

  /** One command on up to a hundred subjects, each answered by itself. @param {string} name @param {Part & Record<string, unknown>} body @param {boolean} [outlives] @returns {Promise<Reply | null>} null: no answer */
  async group(name, body, outlives = false) {
    this.#sending(body.items.map(({ id, seen_seq: seq }) => ({ id, seq })), name);
    const reply = await this.#edge.post(`/api/v1/${this.#about}/${name}`, body, outlives).catch(() => null);
    const results = resultsOf(reply);
    for (const [i, { id }] of body.items.entries()) {
      if (!results) this.#refused(id, reply);
      else if (results[i]?.error) this.#refused(id, { status: 409, body: results[i].error });
    }
    return reply;
  }

  /** @param {{get: (id: string) => {seq?: number} | null | undefined}} subjects as the feed has them now: a newer one is the confirmation */
  confirm(subjects) {
    for (const [id, { kind, why, seq }] of this.#marks) {
      const now = subjects.get(id);
      const waits = kind === "sending" || why === "not_confirmed";
      if (waits && (!now || (now.seq ?? 0) > seq)) this.#marks.delete(id);
    }
  }

  /** Time goes on; called too when the page is hidden and when it comes back. @returns {boolean} whether a mark changed */
  tick() {
    const mono = this.#edge.mono();
    const hidden = this.#edge.hidden?.() ?? false;
    let changed = false;
    for (const [id, mark] of this.#marks) {
      const age = mono - mark.since;
      if (mark.kind !== "sending" && (hidden || mark.unseen)) {
        // Its time begins when somebody can see it.
        this.#marks.set(id, { ...mark, since: mono, unseen: hidden });
        continue;
      }
      if (mark.kind === "sending" && age >= CONFIRM_MS) this.#marks.set(id, { ...mark, kind: "failed", why: "not_confirmed", since: mono });
      else if (mark.kind !== "sending" && age >= FAILURE_SHOWN_MS) this.#marks.delete(id);
      else continue;
      changed = true;
    }
    return changed;
  }

  /** @param {readonly Subject[]} subjects @param {string} name @param {number} [since] monotonic ms, from when on an answer may be waited for */
  #sending(subjects, name, since = this.#edge.mono()) {
    for (const { id, seq } of subjects) this.#marks.set(id, { kind: "sending", why: "", seq: seq ?? 0, since, name });
    this.#edge.changed();
  }

  /** @param {string} id @param {Reply | null} reply null: no answer at all */
  #refused(id, reply) {
    const before = this.#marks.get(id);
    const said = reply ? refusalOf(reply) : { kind: /** @type {const} */ ("failed"), why: "no_answer" };
    this.#marks.set(id, { seq: before?.seq ?? 0, since: this.#edge.mono(), unseen: this.#edge.hidden?.() ?? false, name: before?.name ?? "", told: reply?.body ?? null, ...said });
    this.#edge.changed();
  }
}

// Commands for all screens: sent at once; the feed's lines alone say that they hold.

/** @typedef {"silence" | "freeze" | "unfreeze" | "hold_scene" | "release_scene" | "test_sound" | "confirm_sound" | "begin_visit" | "end_visit"} RoomName */
/** @typedef {{kind: "sending" | "failed", since: number}} RoomMark */
/**
 * @typedef {object} RoomEdge
 * @property {(url: string, body: unknown) => Promise<Reply>} post
 * @property {() => number} mono ms
 * @property {() => string} newId
 * @property {() => void} changed a mark came or went
 * @property {() => object} person
 */

/** So long a button says what became of it, ms. */
const MARK_SHOWN_MS = { sending: 2000, failed: 8000 };

export class RoomCommands {
  #edge;
  /** @type {Map<RoomName, RoomMark>} */
  #marks = new Map();

  /** @param {RoomEdge} edge */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @param {...RoomName} names @returns {"sending" | "failed" | ""} of the first that has something to say */
  markOf(...names) {
    for (const name of names) {
      const mark = this.#marks.get(name);
      if (mark && this.#edge.mono() - mark.since < MARK_SHOWN_MS[mark.kind]) return mark.kind;
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

  /** @param {RoomName} name @param {RoomMark["kind"]} kind */
  #mark(name, kind) {
    this.#marks.set(name, { kind, since: this.#edge.mono() });
    this.#edge.changed();
  }
}

// Commands on complaints: what is given next on the same one waits for the answer before, and counts as having seen it.

export class ComplaintCommands extends Commands {
  /** By complaint: the last command, which gives the seq that it led to; the feed may not have brought that yet. @type {Map<string, Promise<number>>} */
  #before = new Map();

  /** @param {Edge} edge */
  constructor(edge) {
    super(edge, "complaints");
  }

  /** @override @param {Subject} subject @param {string} name @param {Record<string, unknown>} [fields] @param {boolean} [outlives] @returns {Promise<Reply | null>} */
  async one(subject, name, fields = {}, outlives = false) {
    const before = this.#before.get(subject.id) ?? null;
    const reply = before
      ? before.then((seq) => this.send({ id: subject.id, seq: Math.max(subject.seq ?? 0, seq) }, name, fields, outlives))
      : this.send(subject, name, fields, outlives);
    const led = reply.then((answer) => (answer?.status === 200 ? Number(answer.body?.seq ?? 0) : 0));
    this.#before.set(subject.id, led);
    return reply;
  }
}

// Acts that end a complaint wait here for as long as a hand takes to see its mistake: until then nobody else knows of them.

/** @typedef {{selected: readonly string[], chosen: string, open: string | null}} Stood how it stood on the desk when it was decided */
/** @typedef {{ids: readonly string[], into?: string | null, stood?: Stood, name: string, send: (outlives: boolean) => Promise<unknown>, undone?: (() => void) | undefined}} Act into: the complaint that these go into; send: gives the command, at once when called; outlives: also if the page closes meanwhile; undone: it will not be given */
/** @typedef {Act & {until: number}} HeldAct until: monotonic ms */

export const HELD_MS = 5000;
/** So long a hand may still mean what has just been sent. */
export const LATE_MS = 2000;

export class HeldActs {
  #edge;
  /** The oldest first. @type {HeldAct[]} */
  #acts = [];
  /** Sent and not answered yet. @type {Map<HeldAct, Promise<unknown>>} */
  #going = new Map();
  #sentAt = -Infinity;

  /** @param {{mono: () => number, changed: () => void, ends?: () => boolean}} edge ends: the log-in does so soon, and there is no time to wait */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @returns {readonly HeldAct[]} */
  get all() {
    return this.#acts;
  }

  /** @returns {boolean} whether one has only just been sent: too late to take it back */
  get late() {
    return this.#edge.mono() - this.#sentAt < LATE_MS;
  }

  /** @param {Act} act */
  hold(act) {
    this.#acts = [...this.#acts, { ...act, until: this.#edge.mono() + HELD_MS }];
    if (this.#edge.ends?.()) return void this.flush();
    this.#edge.changed();
  }

  /** @param {string} id @returns {HeldAct | null} what waits to be done to this complaint */
  of(id) {
    return this.#acts.find(({ ids }) => ids.includes(id)) ?? null;
  }

  /** @param {HeldAct | undefined} [act] else the last one @returns {HeldAct | null} which will not be done */
  undo(act = this.#acts.at(-1)) {
    if (!act || !this.#acts.includes(act)) return null;
    this.#acts = this.#acts.filter((one) => one !== act);
    act.undone?.();
    this.#edge.changed();
    return act;
  }

  /** Whoever decides about a complaint has seen what goes into it: that is sent first. @param {readonly string[]} ids @returns {Promise<unknown> | null} when it is answered; null: there is nothing */
  before(ids) {
    const goesInto = (/** @type {HeldAct} */ { into }) => typeof into === "string" && ids.includes(into);
    void this.#send(this.#acts.filter(goesInto), false);
    const going = [...this.#going].filter(([act]) => goesInto(act)).map(([, answered]) => answered);
    return going.length > 0 ? Promise.all(going) : null;
  }

  /** Time goes on. */
  tick() {
    const now = this.#edge.mono();
    void this.#send(this.#acts.filter(({ until }) => until <= now), false);
  }

  /** Nobody will take anything back any more: the page closes, or the log-in ends. @param {boolean} [outlives] the page may be gone before it is answered @returns {Promise<unknown>} when all of it is answered */
  flush(outlives = false) {
    return this.#send(this.#acts, outlives);
  }

  /** @param {readonly HeldAct[]} acts @param {boolean} outlives @returns {Promise<unknown>} */
  async #send(acts, outlives) {
    if (acts.length === 0) return;
    this.#sentAt = this.#edge.mono();
    this.#acts = this.#acts.filter((act) => !acts.includes(act));
    const sent = acts.map((act) => {
      const answered = act.send(outlives).finally(() => this.#going.delete(act));
      this.#going.set(act, answered);
      return answered;
    });
    this.#edge.changed();
    await Promise.all(sent);
  }
}
