/**
 * This page as one of the room's screens: tells its server every second or three what it shows, hears whether it is the
 * one that speaks (CR-94), and keeps the alarm that only it can raise (CR-07).
 */
import { Outage } from "./outage.js";

/** @typedef {import("./outage.js").Seen & {seq: number, scene: string}} Seen what the page shows now */
/** @typedef {{floor?: boolean, name?: string, place?: string | null, error?: string}} Reply */
/**
 * @typedef {object} Edge what a test replaces
 * @property {() => number} mono ms
 * @property {(ms: number, act: () => void) => void} every
 * @property {() => Record<string, unknown>} facts that change slowly: size, build, memory
 */
/** @typedef {Pick<import("socket.io-client").Socket, "connected" | "timeout" | "on">} Socket */

const TICK_MS = 1000;
/** A page that does not speak reports this often, one that may every second. */
const QUIET_MS = 3000;
const ANSWER_MS = 3000;
/** So long the word of the server holds that this page speaks. */
const FLOOR_MS = 4000;
const MOST_LAGS = 200;
/** A picture goes by itself this often. */
const PICTURE_MS = 60_000;
/** The first one once the page has had the time to draw itself, mono ms from its start. */
const FIRST_PICTURE_MS = 8000;

export class Station {
  #edge;
  #seen;
  #outage = new Outage();
  /** @type {Socket | null} */
  #socket = null;
  #reportedAt = -Infinity;
  #floorAt = -Infinity;
  #paintedAt = -Infinity;
  #picturedAt = FIRST_PICTURE_MS - PICTURE_MS;
  /** @type {number[]} */
  #lags = [];
  /** @type {() => string} state of the audio; off where this page is not to speak */
  #sound = () => "off";
  /** @type {() => string | null} */
  #picture = () => null;
  #wantsPicture = false;
  #busy = false;

  /** @param {Edge} edge @param {() => Seen} seen */
  constructor(edge, seen) {
    this.#edge = edge;
    this.#seen = seen;
    edge.every(TICK_MS, () => void this.tick());
  }

  /** @param {Socket} socket of the feed @param {(call: {what: string, name: string, place: string | null}) => void} answer */
  start(socket, answer) {
    this.#socket = socket;
    socket.on("floor", (/** @type {Reply} */ said) => this.#hear(said));
    socket.on("call", (/** @type {any} */ call) => (call?.what === "picture" ? this.askPicture() : answer(call)));
    socket.on("revoked", () => answer({ what: "revoked", name: "", place: null }));
  }

  /** @param {() => string} state of this page's audio: it asks for the floor */
  speaks(state) {
    this.#sound = state;
  }

  /** @param {() => string | null} draw a small picture as a data address */
  pictures(draw) {
    this.#picture = draw;
  }

  askPicture() {
    this.#wantsPicture = true;
    this.#reportedAt = -Infinity;
  }

  /** @param {readonly number[]} lags ms from the commit of a batch to the frame that shows it */
  painted(lags) {
    this.#paintedAt = this.#edge.mono();
    this.#lags.push(...lags.slice(0, MOST_LAGS - this.#lags.length));
  }

  /** @returns {import("./feed/messages.js").Alarm | null} the loss of the feed, while this page sees it */
  alarm() {
    return this.#outage.look({ ...this.#seen(), mono: this.#edge.mono() });
  }

  /** @returns {boolean | null} whether the server has given this page the floor; null while there is no server to ask */
  floor() {
    if (this.alarm() !== null) return null;
    return this.#edge.mono() - this.#floorAt < FLOOR_MS;
  }

  async tick() {
    this.alarm();
    const now = this.#edge.mono();
    const due = this.#sound() === "off" ? QUIET_MS : TICK_MS;
    if (this.#busy || !this.#socket?.connected || now - this.#reportedAt < due - TICK_MS / 2) return;
    this.#busy = true;
    try {
      await this.#report(this.#socket, now);
    } catch {
      // Nobody answered: the next report comes in a moment.
    }
    this.#busy = false;
  }

  /** @param {Socket} socket @param {number} now */
  async #report(socket, now) {
    const lost = this.#outage.untold(now);
    const pictured = this.#wantsPicture || (this.#seen().seq >= 0 && now - this.#picturedAt >= PICTURE_MS);
    const lags = this.#lags.splice(0);
    this.#reportedAt = now;
    const said = /** @type {Reply} */ (await socket.timeout(ANSWER_MS).emitWithAck("report", this.#body(now, { lags, lost, pictured })));
    this.#hear(said);
    if (said?.error) return;
    if (lost) this.#outage.told();
    if (pictured) [this.#picturedAt, this.#wantsPicture] = [now, false];
  }

  /** @param {number} now @param {{lags: number[], lost: unknown, pictured: boolean}} more */
  #body(now, { lags, lost, pictured }) {
    const { seq, scene, freshness } = this.#seen();
    return {
      ...this.#edge.facts(), seq, scene, freshness,
      sound: this.#sound(),
      painted_s: Number.isFinite(this.#paintedAt) ? (now - this.#paintedAt) / 1000 : null,
      lags_ms: lags,
      ...(pictured ? { picture: this.#picture() } : {}),
      ...(lost ? { lost } : {}),
    };
  }

  /** @param {Reply} said */
  #hear(said) {
    if (typeof said?.floor === "boolean") this.#floorAt = said.floor ? this.#edge.mono() : -Infinity;
  }
}
