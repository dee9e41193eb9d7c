/**
 * The Socket.IO connection: joins first, asks second, holds what arrives in between, and comes back by itself.
 * It decides when to ask; what a message means is the store's.
 */
import { io } from "socket.io-client";
import { asAnswer, asBatch, asBeat } from "./messages.js";
import { reduce, unfoldInSlices } from "./store.js";

/** @typedef {import("./store.js").State} State */
/** @typedef {import("./messages.js").Batch} Batch */
/** @typedef {import("./messages.js").Beat} Beat */

/**
 * @typedef {object} Edge what a test replaces
 * @property {() => import("socket.io-client").Socket} open a socket that does not reconnect by itself
 * @property {(url: string) => AsyncIterable<unknown>} getPieces of a snapshot
 * @property {(ms: number, act: () => void) => () => void} later returns its own undoing
 * @property {() => number} random 0 to 1
 * @property {() => Promise<void>} rest lets the page breathe between slices
 */
/** @typedef {{state: (state: State, batch: Batch | null) => void, beat: (beat: Beat) => void, joined?: () => void, cities?: (message: unknown) => void}} Listener joined: the state is whole and nothing is left to catch up with; cities: what the room follows has changed */

const ANSWER_MS = 5000;
const CONNECT_MS = 5000;
/** Without a beat for this long the connection counts as dead, whatever the socket says. */
const SILENCE_MS = 15_000;
/** Beats that speak of less than we hold: so many can be a process behind, more is another history. */
const BEHIND = 2;

/** @param {number} attempt from 0 @param {() => number} random @returns {number} ms, full jitter (CR-50) */
export function waitBefore(attempt, random) {
  return random() * Math.min(10_000, 1000 * 2 ** attempt);
}

/** @param {unknown} message of `bye` @param {() => number} random @returns {number} ms within what the server asks */
export function waitAfterBye(message, random) {
  const asked = /** @type {{wait_ms?: unknown} | null} */ (message)?.wait_ms;
  const [low, high] = Array.isArray(asked) ? asked : [0, asked];
  const [from, to] = [Number(low), Number(high)];
  return Number.isFinite(from) && Number.isFinite(to) && to >= from ? from + random() * (to - from) : random() * 2000;
}

/** @param {string} [audience] as whom this machine asks; a screen with a token is what its token says @returns {import("socket.io-client").Socket} */
export function openFeed(audience = "wall") {
  return io("/feed", {
    transports: ["websocket"], reconnection: false, autoConnect: false, timeout: CONNECT_MS, auth: { audience },
  });
}

export class Feed {
  /** @type {"away" | "asking" | "current" | "resting"} */
  #phase = "away";
  #turn = 0;
  #attempt = 0;
  #leaving = false;
  #behind = 0;
  /** @type {unknown[]} */
  #held = [];
  /** @type {() => void} */
  #cancelRetry = () => {};
  /** @type {() => void} */
  #cancelSilence = () => {};

  /** @param {Edge} edge @param {State} state @param {Listener} listener */
  constructor(edge, state, listener) {
    this.edge = edge;
    this.state = state;
    this.listener = listener;
    this.socket = edge.open();
    this.socket.on("connect", () => this.#join());
    this.socket.on("connect_error", () => this.#comeBack(waitBefore(this.#attempt++, edge.random)));
    this.socket.on("disconnect", () => this.#lose());
    this.socket.on("batch", (message) => this.#take(message));
    this.socket.on("beat", (message) => this.#beat(message));
    this.socket.on("cities", (message) => this.listener.cities?.(message));
    this.socket.on("bye", (message) => this.#bye(message));
  }

  start() {
    this.#listen();
    this.socket.connect();
  }

  /** Whether the state is whole and goes on by batches. */
  get current() {
    return this.#phase === "current";
  }

  /** Leaves for good. */
  stop() {
    this.#leaving = true;
    this.#turn += 1;
    this.#cancelRetry();
    this.#cancelSilence();
    this.socket.disconnect();
  }

  #join() {
    this.#cancelRetry();
    this.#leaving = false;
    this.#ask();
  }

  /** Starts the wait for a beat anew. */
  #listen() {
    this.#cancelSilence();
    this.#cancelSilence = this.edge.later(SILENCE_MS, () => this.#comeBack(waitBefore(this.#attempt++, this.edge.random)));
  }

  #lose() {
    this.#phase = "away";
    this.#turn += 1;
    if (!this.#leaving) this.#comeBack(waitBefore(this.#attempt++, this.edge.random));
  }

  /** @param {number} wait ms until the next connection */
  #comeBack(wait) {
    this.#leaving = true;
    this.#phase = "away";
    this.#turn += 1;
    this.#cancelRetry();
    this.#cancelRetry = this.edge.later(wait, () => {
      this.socket.disconnect();
      this.#leaving = false;
      this.start();
    });
  }

  /** @param {unknown} message */
  #bye(message) {
    this.#comeBack(waitAfterBye(message, this.edge.random));
  }

  async #ask() {
    const turn = (this.#turn += 1);
    this.#phase = "asking";
    this.#held = [];
    const { epoch, seq, mark } = this.state;
    try {
      const reply = await this.socket.timeout(ANSWER_MS).emitWithAck("resume", epoch ? { epoch, seq, mark } : {});
      if (turn === this.#turn) await this.#follow(asAnswer(reply), turn);
    } catch {
      if (turn === this.#turn) this.#askLater();
    }
  }

  /** A refused or unanswered question is put again, on the same connection, later each time. */
  #askLater() {
    this.#phase = "resting";
    this.#cancelRetry();
    this.#cancelRetry = this.edge.later(waitBefore(this.#attempt++, this.edge.random), () => this.#ask());
  }

  /** @param {import("./messages.js").Answer | null} answer @param {number} turn */
  async #follow(answer, turn) {
    if (!answer) return this.#askLater();
    if (typeof answer.snapshot === "string") return this.#load(answer.snapshot, answer.jitter_ms ?? 0, turn);
    for (const batch of answer.batches ?? []) this.#apply(batch);
    for (const batch of this.#held) this.#apply(batch);
    this.#held = [];
    const { epoch, seq, need } = this.state;
    if (need !== null || epoch !== answer.epoch || seq < answer.seq) return this.#askLater();
    this.#phase = "current";
    this.#attempt = 0;
    this.listener.joined?.();
    if (answer.cities) this.listener.cities?.(answer);
    // How fresh that is, without waiting for the next beat.
    if (answer.beat) this.#beat(answer.beat);
  }

  /** @param {string} url @param {number} jitter ms within which the screens spread @param {number} turn */
  async #load(url, jitter, turn) {
    const { edge } = this;
    // A screen that shows nothing yet does not wait.
    if (this.state.epoch) await new Promise((go) => edge.later(edge.random() * jitter, () => go(null)));
    const message = await unfoldInSlices(edge.getPieces(url), edge.rest);
    if (turn !== this.#turn) return;
    if (message.body.recorded) throw new TypeError("a recording is not the room of now");
    this.state = reduce(this.state, message);
    this.listener.state(this.state, null);
    await this.#ask();
  }

  /** @param {unknown} message */
  #take(message) {
    if (this.#phase !== "current") {
      this.#held.push(message);
      return;
    }
    this.#apply(message);
    if (this.state.need !== null) this.#ask();
  }

  /** @param {unknown} message */
  #apply(message) {
    const batch = asBatch(message);
    if (!batch) return;
    const before = this.state;
    this.state = reduce(before, { kind: "batch", body: batch });
    if (this.state.seq !== before.seq) this.listener.state(this.state, batch);
  }

  /** @param {unknown} message a beat counts only when the store holds what it speaks of */
  #beat(message) {
    const beat = asBeat(message);
    if (!beat) return;
    this.#listen();
    if (this.#phase !== "current") return;
    if (this.#vouches(beat)) this.listener.beat(beat);
    else this.#ask();
  }

  /** @param {Beat} beat @returns {boolean} whether our state is that of the log the beat comes from */
  #vouches({ epoch, seq, mark }) {
    const { state } = this;
    this.#behind = seq < state.seq ? this.#behind + 1 : 0;
    if (epoch !== state.epoch || seq > state.seq || this.#behind > BEHIND) return false;
    return seq < state.seq || !mark || mark === state.mark;
  }
}
