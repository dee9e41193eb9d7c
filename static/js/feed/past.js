/**
 * The past of the room as a page replays it: which moment an address asks for, the state as it stood there, what follows it asked
 * ahead, and the day that it lies in. Kept nowhere: nothing here ends up in the wall's copy or in a worker's shelf.
 */
import { asBatch } from "./messages.js";
import { emptyState, reduce, unfoldInSlices } from "./store.js";

/** @typedef {import("./store.js").State} State */
/** @typedef {import("./messages.js").Batch} Batch */

// Which moment an address asks for. Pure.

/** Seconds of the room in a second of ours. */
export const SPEEDS = [1, 10, 60, 600, 3600];

/** A time without its offset would be another one on each screen. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i;

/** @typedef {{at: number | null, seq: number | null, speed: number}} Asked at: room time, ms, NaN for what cannot be read; seq: a position of the log; speed: 0 while it stands */

/** @param {string} search of an address @returns {Asked | null} null: it asks for now */
export function askedMoment(search) {
  const said = new URLSearchParams(search);
  if (!said.has("at") && !said.has("seq")) return null;
  const speed = Number(said.get("speed"));
  const seq = said.get("seq");
  // In an address a plus that nobody escaped is read as a blank.
  const at = said.get("at")?.replace(/ (?=\d\d:\d\d$)/, "+") ?? "";
  return {
    at: said.has("at") ? (TIME.test(at) ? Date.parse(at) : Number.NaN) : null,
    seq: seq === null || said.has("at") ? null : /^\d{1,16}$/.test(seq) ? Number(seq) : Number.NaN,
    speed: SPEEDS.includes(speed) ? speed : 0,
  };
}

/** @param {string} search @param {{at?: number | null, seq?: number | null, speed?: number}} [moment] at: ms; seq: said in place of it, for a second holds many positions; none: now @returns {string} the same address at that moment, "" or ?… */
export function searchAt(search, { at = null, seq = null, speed = 0 } = {}) {
  const said = new URLSearchParams(search);
  for (const name of ["at", "seq", "speed"]) said.delete(name);
  if (at !== null) said.set(seq === null ? "at" : "seq", seq === null ? stamp(at) : String(seq));
  if (at !== null && speed > 0) said.set("speed", String(speed));
  const text = said.toString();
  return text ? `?${text}` : "";
}

/** @param {number} ms @returns {string} whole seconds, UTC */
function stamp(ms) {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString().replace(".000Z", "Z");
}

// The room at that moment, and from there on.

/**
 * @typedef {object} Edge what a test replaces
 * @property {(url: string) => AsyncIterable<unknown>} getPieces of a snapshot
 * @property {(url: string) => Promise<any>} getJson
 * @property {() => Promise<void>} rest
 * @property {(ms: number, act: () => void) => unknown} later
 * @property {() => number | null} head room time of now, ms; null while it is not known
 * @property {() => void} changed
 */
/** @typedef {{at?: number | null, seq?: number | null}} Place */
/** @typedef {"moment" | "closed" | "away"} Fault moment: there is none such in the log; closed: whoever asks may not see what was, or not while guests are here; away: the server does not answer, and is asked again */

/** Asked so much ahead, ms of ours; and asked for again when only so much is left. */
const AHEAD_MS = 6000;
const LOW_MS = 3000;
/** Nobody replays so slowly that less is worth a question, ms of the room. */
const LEAST_AHEAD_MS = 60_000;
/** Batches are of so many milliseconds of ours: one for each frame that a screen draws. */
const FRAME_MS = 16;
const AGAIN_MS = 3000;
/** At now there is never anything left to ask for: so often at most. */
const APART_MS = 500;

export class PastRoom {
  state = emptyState();
  /** Room time that is shown, ms. @type {number | null} */
  at = null;
  speed = 0;
  /** @type {Fault | null} */
  fault = null;
  /** Whether a jump is under way. */
  busy = false;
  /** Ids that changed since somebody looked. @type {Set<string>} */
  touched = new Set();
  #edge;
  #audience;
  /** @type {Batch[]} after the state, in order */
  #ahead = [];
  /** @type {number} room time up to which nothing is missing, and the position there */
  #known = -Infinity;
  #knownSeq = -1;
  /** Whether that was now when it was asked for: now itself goes on, and nobody ever knows all until then. */
  #knownToNow = false;
  #asking = false;
  #turn = 0;
  /** @type {Place | null} asked for while another jump was under way: the newest alone */
  #next = null;
  #ticked = 0;
  #askedAt = -Infinity;

  /** @param {Edge} edge @param {"wall" | "desk"} audience */
  constructor(edge, audience) {
    this.#edge = edge;
    this.#audience = audience;
  }

  /** Whether there is something to show. */
  get whole() {
    return this.state.epoch !== "";
  }

  /** @param {Place} place the newest that is asked for wins, and no more than one question is under way @returns {Promise<void>} */
  async jump(place) {
    if (Number.isNaN(place.at ?? place.seq)) return this.#fail("moment");
    if (this.busy) return void (this.#next = place);
    this.busy = true;
    this.#turn += 1;
    await this.#load(place);
    this.busy = false;
    const next = this.#next;
    this.#next = null;
    this.#edge.changed();
    if (next) await this.jump(next);
  }

  /** @param {number} speed one of SPEEDS; 0: it stands */
  play(speed) {
    this.speed = speed;
    this.#edge.changed();
  }

  /** @param {number} mono ms, of this frame @returns {boolean} whether the moment moved */
  tick(mono) {
    const passed = Math.max(0, mono - this.#ticked);
    this.#ticked = mono;
    const head = this.#edge.head();
    if (this.speed === 0 || this.at === null || head === null || this.busy || !this.whole) return false;
    // Where the next batches have not come yet it stands, and never guesses.
    const to = Math.min(this.at + passed * this.speed, Math.max(this.at, Math.min(head, this.#known)));
    const moved = to > this.at;
    this.at = to;
    this.#apply(to);
    if (to >= head || (this.#knownToNow && to >= this.#known)) this.play(0);
    else if (this.#known - to < LOW_MS * this.speed && this.#known < head && mono - this.#askedAt >= APART_MS) void this.#askAhead(head);
    return moved;
  }

  /** @param {Place} place */
  async #load({ at = null, seq = null }) {
    const where = at === null ? `seq=${seq}` : `at=${encodeURIComponent(stamp(at))}`;
    try {
      const unfolded = await unfoldInSlices(this.#edge.getPieces(`/feed/snapshot?${where}&audience=${this.#audience}`), this.#edge.rest);
      const then = reduce(this.state, unfolded);
      // A server that knows nothing of past moments answers with now.
      if (!then.recorded) throw new TypeError("not the moment that was asked for");
      this.state = then;
      this.at = at ?? Date.parse(this.state.at ?? "");
      [this.#ahead, this.#known, this.#knownSeq, this.#knownToNow] = [[], this.at, this.state.seq, false];
      this.touched.clear();
      this.fault = null;
    } catch (fault) {
      this.#fail(faultOf(fault));
      if (this.fault === "away" && !this.#next) this.#edge.later(AGAIN_MS, () => this.fault === "away" && void this.jump({ at, seq }));
    }
  }

  /** @param {Fault} fault what was shown stays */
  #fail(fault) {
    this.fault = fault;
    this.#edge.changed();
  }

  /** @param {number} head room time of now, ms */
  async #askAhead(head) {
    if (this.#asking || this.#known === -Infinity) return;
    [this.#asking, this.#knownToNow] = [true, false];
    this.#askedAt = this.#ticked;
    const [turn, speed] = [this.#turn, this.speed];
    const until = Math.min(head, this.#known + Math.max(LEAST_AHEAD_MS, AHEAD_MS * speed));
    const step = Math.max(1, Math.round((speed * FRAME_MS) / 1000));
    try {
      const words = new URLSearchParams({ from: String(this.#knownSeq), until: new Date(until).toISOString(), step_s: String(step), audience: this.#audience });
      const said = await this.#edge.getJson(`/feed/past/batches?${words}`);
      if (turn !== this.#turn) return;
      const batches = /** @type {unknown[]} */ (said?.batches ?? []).map(asBatch).filter((one) => one !== null);
      this.#ahead.push(...batches);
      this.#knownSeq = Number.isSafeInteger(said?.seq) ? said.seq : (batches.at(-1)?.to ?? this.#knownSeq);
      const reached = Date.parse(said?.at ?? "");
      // What was cut short, by its length or by now, goes on where it ended.
      this.#known = Math.max(this.#known, Number.isNaN(reached) ? until : Math.min(until, reached));
      this.#knownToNow = until === head && said?.more !== true;
      this.fault = null;
    } catch (fault) {
      if (turn === this.#turn) this.#fail(faultOf(fault));
      await new Promise((go) => void this.#edge.later(AGAIN_MS, () => go(null)));
    } finally {
      this.#asking = false;
    }
  }

  /** @param {number} to room time, ms */
  #apply(to) {
    let n = 0;
    for (const batch of this.#ahead) {
      if (Date.parse(batch.at ?? "") > to) break;
      this.state = reduce(this.state, { kind: "batch", body: batch });
      for (const id of this.state.touched) this.touched.add(id);
      n += 1;
    }
    if (n === 0) return;
    this.#ahead.splice(0, n);
    // A gap is a state that asks: here it begins anew at its own moment.
    if (this.state.need !== null) void this.jump({ at: to });
  }
}

/** @param {unknown} fault of a request @returns {Fault} */
function faultOf(fault) {
  const [, status = ""] = /^(4\d\d) /.exec(/** @type {Error} */ (fault).message ?? "") ?? [];
  if (status === "") return "away";
  return status === "401" || status === "403" ? "closed" : "moment";
}

// The day that a moment lies in: arrivals, and what happened that somebody may want to jump to.

/** @typedef {"alarm" | "unheard" | "handover" | "drill"} Kind unheard: no data came, until its own end */
/** @typedef {{at: number, seq: number | null, kind: Kind, until: number | null, late: number | null, category: string | null, complaint: string | null}} Happening at, until: ms; late: ms */
/** @typedef {{date: string, from: number, to: number, now: number, first: number | null, bucket: number, arrivals: readonly number[], happenings: readonly Happening[]}} Day from, to, now, first: room time, ms; bucket: ms */

const KINDS = /** @type {readonly unknown[]} */ (["alarm", "unheard", "handover", "drill"]);

/** @param {any} said what GET /feed/past/day answered @returns {Day | null} null when it is none */
export function asDay(said) {
  const [from, to, now] = [said?.from, said?.to, said?.now].map((one) => Date.parse(one ?? ""));
  const bucket = Number(said?.bucket_s) * 1000;
  if (!(Number(from) < Number(to)) || !(bucket > 0) || !Array.isArray(said.arrivals)) return null;
  const happenings = (Array.isArray(said.moments) ? said.moments : []).flatMap(asHappening);
  const first = Date.parse(said.first_at ?? "");
  return {
    date: String(said.date), from: Number(from), to: Number(to), now: Number(now), first: Number.isNaN(first) ? null : first, bucket,
    arrivals: said.arrivals.map((/** @type {unknown} */ n) => Math.max(0, Number(n) || 0)),
    happenings: happenings.sort((/** @type {Happening} */ a, /** @type {Happening} */ b) => a.at - b.at),
  };
}

/** @param {any} said @returns {Happening[]} none where it cannot be read */
function asHappening(said) {
  const [begun, until] = [Date.parse(said?.at ?? ""), Date.parse(said?.until ?? "")];
  // Of microseconds a number of milliseconds keeps the lower: it has happened in the next one.
  const at = begun + (/\.\d{3}\d*[1-9]/.test(String(said?.at)) ? 1 : 0);
  if (Number.isNaN(at) || !KINDS.includes(said.kind)) return [];
  return [{
    at, seq: said.seq ?? null, kind: said.kind, until: Number.isNaN(until) ? null : until, late: typeof said.late_s === "number" ? said.late_s * 1000 : null,
    category: said.category ?? null, complaint: said.complaint ?? null,
  }];
}

/** @param {Happening} happening @returns {number} ms, the first whole second at which it has happened: moments are asked for in seconds */
export function momentOf({ at }) {
  return Math.ceil(at / 1000) * 1000;
}

/** @param {Day} day @param {number} at ms @param {1 | -1} way @param {Kind} [kind] this alone @returns {Happening | null} the next one on that side, not the one whose moment is shown */
export function nextHappening({ happenings }, at, way, kind) {
  const ours = kind ? happenings.filter((one) => one.kind === kind) : happenings;
  if (way > 0) return ours.find((one) => momentOf(one) > at) ?? null;
  return ours.findLast((one) => momentOf(one) < at) ?? null;
}

/** Today goes on: it is asked for again so often. */
const TODAY_MS = 30_000;
const MOST_DAYS = 14;

/** Days that were looked at, asked for once each. */
export class PastDays {
  #edge;
  /** @type {Map<string, {day: Day | null, askedAt: number, asking: boolean}>} by date */
  #days = new Map();

  /** @param {Pick<Edge, "getJson" | "changed"> & {mono: () => number}} edge */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @param {string} date 2026-11-24, of the city @returns {Day | null} null until it has come */
  of(date) {
    const held = this.#days.get(date) ?? { day: null, askedAt: -Infinity, asking: false };
    const goesOn = held.day === null || held.day.now < held.day.to;
    if (!held.asking && goesOn && this.#edge.mono() - held.askedAt > TODAY_MS) void this.#ask(date, held);
    return held.day;
  }

  /** @param {string} date @param {{day: Day | null, askedAt: number, asking: boolean}} held */
  async #ask(date, held) {
    if (!this.#days.has(date) && this.#days.size >= MOST_DAYS) this.#days.delete(/** @type {string} */ (this.#days.keys().next().value));
    this.#days.set(date, Object.assign(held, { asking: true, askedAt: this.#edge.mono() }));
    held.day = asDay(await this.#edge.getJson(`/feed/past/day?date=${encodeURIComponent(date)}`).catch(() => null)) ?? held.day;
    held.asking = false;
    this.#edge.changed();
  }
}
