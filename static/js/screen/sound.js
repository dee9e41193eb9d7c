/**
 * Sound of the alarms: three generated patterns, the rules of when the room sounds, and which page of it does.
 */
import { priorityOf } from "../ui/alarms.js";

/** @typedef {import("../feed/messages.js").Alarm} Alarm */

// The three sounds, told apart by rhythm and pitch, not by loudness (CR-93): generated, no file, at most 3 s each.

/** @typedef {1 | 2 | 3} Priority */
/** @typedef {{hz: number, starts: readonly number[], pulse: number, length: number}} Pattern seconds */

/** @param {number} count @param {number} every s @param {number} [from] s */
function pulses(count, every, from = 0) {
  return Array.from({ length: count }, (_, n) => from + n * every);
}

/** P1: two groups of five, P2: three, P3: one. Base tones a third and more apart. @type {Readonly<Record<Priority, Pattern>>} */
export const PATTERNS = {
  1: { hz: 880, starts: [...pulses(5, 0.2), ...pulses(5, 0.2, 1.4)], pulse: 0.12, length: 2.4 },
  2: { hz: 660, starts: pulses(3, 0.42), pulse: 0.24, length: 1.2 },
  3: { hz: 500, starts: pulses(1, 1), pulse: 0.6, length: 0.7 },
};

/** Rise and fall of a pulse, s: without them it clicks. */
const EDGE = 0.012;
const LOUD = 0.6;
const HARMONICS = [1, 0.35, 0.18];

/** @param {number} t s within a pulse @param {number} pulse s @returns {number} 0 to 1 */
function envelope(t, pulse) {
  if (t < 0 || t > pulse) return 0;
  return Math.min(1, t / EDGE, (pulse - t) / EDGE);
}

/** @param {Priority} priority @param {number} rate samples per second @returns {Float32Array<ArrayBuffer>} one burst */
export function render(priority, rate) {
  const { hz, starts, pulse, length } = PATTERNS[priority];
  const samples = new Float32Array(Math.ceil(length * rate));
  const total = HARMONICS.reduce((sum, part) => sum + part, 0);
  for (const start of starts) {
    const first = Math.round(start * rate);
    for (let n = 0; n < Math.ceil(pulse * rate) && first + n < samples.length; n += 1) {
      const t = n / rate;
      const wave = HARMONICS.reduce((sum, part, i) => sum + part * Math.sin(2 * Math.PI * hz * (i + 1) * t), 0);
      samples[first + n] = (LOUD * envelope(t, pulse) * wave) / total;
    }
  }
  return samples;
}

/** @param {AudioContext} context @returns {{play: (priority: Priority) => void, stop: () => void}} one burst at a time */
export function createVoice(context) {
  /** @type {AudioBufferSourceNode | null} */
  let speaking = null;
  const stop = () => {
    speaking?.stop();
    speaking = null;
  };
  return {
    stop,
    play(priority) {
      stop();
      const samples = render(priority, context.sampleRate);
      const buffer = context.createBuffer(1, samples.length, context.sampleRate);
      buffer.copyToChannel(samples, 0);
      speaking = context.createBufferSource();
      speaking.buffer = buffer;
      speaking.connect(context.destination);
      speaking.start();
    },
  };
}

// When the room sounds, and with which of the three: a pure function of the alarms and the time since.
// Only a new entry to unacknowledged sounds, and again every 30 s while it stays so (CR-16, CR-17, CR-26, CR-94).

/** @typedef {{life: string, due: number, fresh: boolean, priority: Priority}} Heard due: when it sounds next, mono ms; fresh: it has not yet */
/**
 * @typedef {object} Memory
 * @property {boolean} begun false before the first picture: what is there then was there before us
 * @property {ReadonlyMap<string, Heard>} heard every unacknowledged alarm
 * @property {number} lastAt mono ms of the last sound
 * @property {Priority} last its priority
 * @property {number} floodAt mono ms of the last sound of the banner; -Infinity while there is no flood
 */
/** @typedef {{alarms: Iterable<Alarm>, flooding: boolean, silenced: boolean, mono: number}} Now */

const AGAIN_MS = 30_000;
/** Alarms within this time share one sound. */
const SHARE_MS = 3000;
/** A repeat speaks for all whose own is this near, so that many alarms do not ring in turn. */
const NEAR_MS = 15_000;

/** @returns {Memory} */
export function noSound() {
  return { begun: false, heard: new Map(), lastAt: -Infinity, last: 3, floodAt: -Infinity };
}

/** @param {Memory} memory @param {Now} now @returns {Map<string, Heard>} what is unacknowledged now, old lives as they were */
function listen({ begun, heard }, { alarms, mono }) {
  /** @type {Map<string, Heard>} */
  const next = new Map();
  for (const alarm of alarms) {
    if (alarm.state !== "unacked") continue;
    const life = alarm.activated_at ?? alarm.raised_at ?? "";
    const before = heard.get(alarm.id);
    if (before?.life === life) next.set(alarm.id, before);
    else next.set(alarm.id, { life, due: begun ? mono : mono + AGAIN_MS, fresh: begun, priority: priorityOf(alarm) });
  }
  return next;
}

/** @param {Heard[]} due @returns {Priority} the most urgent */
function highest(due) {
  return /** @type {Priority} */ (Math.min(...due.map(({ priority }) => priority)));
}

/**
 * @param {Memory} memory @param {Now} now
 * @returns {{memory: Memory, play: Priority | null}} at most one sound
 */
export function nextSound(memory, now) {
  const { mono, flooding, silenced } = now;
  const heard = listen(memory, now);
  const floodAt = flooding ? memory.floodAt : -Infinity;
  const here = { ...memory, begun: true, heard, floodAt };
  const inTurn = (/** @type {Heard} */ one) => !flooding || one.priority === 1 || mono - floodAt >= AGAIN_MS;
  const due = [...heard.values()].filter((one) => one.due <= mono && (one.fresh || !silenced) && inTurn(one));
  if (due.length === 0) return { memory: here, play: null };
  const play = highest(due);
  const since = mono - memory.lastAt;
  // What comes within 3 s shares the sound; only something more urgent gets its own, after the one that is speaking.
  if (since < SHARE_MS && play >= memory.last) return { memory: { ...here, heard: answered(heard, play, mono) }, play: null };
  if (since < PATTERNS[memory.last].length * 1000) return { memory: here, play: null };
  const told = { ...here, heard: answered(heard, play, mono), lastAt: mono, last: play };
  return { memory: flooding && play > 1 ? { ...told, floodAt: mono } : told, play };
}

/** @param {Map<string, Heard>} heard @param {Priority} play @param {number} mono @returns {Map<string, Heard>} what that sound spoke for waits anew */
function answered(heard, play, mono) {
  return new Map([...heard].map(([id, one]) => {
    const spoken = one.priority >= play && one.due <= mono + (one.fresh ? 0 : NEAR_MS);
    return [id, spoken ? { ...one, due: mono + AGAIN_MS, fresh: false } : one];
  }));
}

// The sound of the lost feed: every sounding page makes its own, at once and again every 30 s (CR-07), until the data is
// back or a desk has silenced it here for ten minutes. Nobody can acknowledge it: there is no server to tell.

export const MUTED_MS = 600_000;

/** @param {() => number} mono ms @param {(priority: Priority) => unknown} play */
export function feedLossSound(mono, play) {
  let { memory } = nextSound(noSound(), { alarms: [], flooding: false, silenced: false, mono: mono() });
  let mutedUntil = -Infinity;
  let lost = false;
  return {
    /** @param {Alarm | null} alarm of this page while its feed is lost @returns {boolean} whether it is */
    look(alarm) {
      lost = alarm !== null;
      if (!lost) mutedUntil = -Infinity;
      const silenced = mono() < mutedUntil;
      const next = nextSound(memory, { alarms: alarm ? [alarm] : [], flooding: false, silenced, mono: mono() });
      memory = next.memory;
      if (next.play !== null) play(next.play);
      return lost;
    },
    /** @returns {boolean} whether there was anything to silence */
    mute() {
      if (lost) mutedUntil = mono() + MUTED_MS;
      return lost;
    },
    /** @returns {number | null} ms for which it is silenced, 0 when it is not, null while there is nothing to silence */
    left: () => (lost ? Math.max(0, mutedUntil - mono()) : null),
  };
}

// Whether this page is the one that speaks for the room, and whether it can be heard at all (CR-94, CR-95).
// The server elects one page of all machines. While there is no server to ask, a lock of the browser elects one of its
// pages: held by one, passed on the moment that page is gone or falls silent.

/**
 * @typedef {object} Edge what a test replaces
 * @property {AudioContext} context
 * @property {LockManager | undefined} locks missing where the page is not served securely: then every page that was asked speaks
 * @property {(ms: number, act: () => void) => void} every
 * @property {(heard: boolean, speaks: boolean) => void} tell whether sound can be heard from this page, and is this page's to make
 * @property {() => boolean | null} [floor] whether the server gave this page the floor; null while there is none to ask
 */

export const LOCK = "liveroom-sound";
const CHECK_MS = 1000;
/** As long as this after the start a context may still be waking. */
const GRACE_CHECKS = 1;

export class Speaker {
  #edge;
  #elected;
  #asking = false;
  #checks = 0;
  /** @type {(() => void) | null} */
  #letGo = null;

  /** @param {Edge} edge */
  constructor(edge) {
    this.#edge = edge;
    this.#elected = edge.locks === undefined;
    this.#check();
    edge.every(CHECK_MS, () => this.#check());
  }

  /** Whether this page is the one that speaks, and can. */
  get leads() {
    return this.#running && (this.#edge.floor?.() ?? this.#elected);
  }

  /** Tries to be heard: allowed once somebody has touched the page. */
  wake() {
    void this.#edge.context.resume().then(() => this.#check(), () => {});
  }

  get #running() {
    return this.#edge.context.state === "running";
  }

  #check() {
    const running = this.#running;
    if (running) this.#stand();
    // One that cannot be heard must not keep the floor.
    else this.#letGo?.();
    this.#checks += 1;
    if (running || this.#checks > GRACE_CHECKS) this.#edge.tell(running, this.leads);
  }

  async #stand() {
    if (this.#asking || !this.#edge.locks) return;
    this.#asking = true;
    await this.#edge.locks.request(LOCK, () => {
      this.#elected = true;
      return new Promise((go) => (this.#letGo = () => go(null)));
    }).catch(() => {});
    this.#elected = false;
    this.#asking = false;
  }
}
