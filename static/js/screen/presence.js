/**
 * Presence of this page among the room's screens: reports what it shows, its paint lag and its outages, and hears whether it speaks.
 */
import { age, freshness } from "../feed/clock.js";
import { PATIENCE } from "../ui/picture.js";
import { drawThumbnail } from "./thumbnail.js";

/** @typedef {import("../feed/messages.js").Alarm} Alarm */

// The loss of the whole feed as this page alone sees it: an alarm of its own, of the first priority, that nobody can
// acknowledge while it lasts (CR-07). What it was is told to the server once there is one.

/** @typedef {{freshness: import("../feed/clock.js").Freshness, age: number, waited: number, mono: number}} Seen age and waited in s, mono in ms */
/** @typedef {{from: number, to: number}} Spell mono ms */

export const ID = "lost:feed";
/** What is lost has aged for so long before a page's eyes, ms; a test room's hands that were put forward make old at once. */
const AGED_MS = 9000;
/** Outages are told one by one; of more than these the oldest are forgotten. */
const KEPT = 4;

/** @param {Seen} seen @returns {number | null} mono ms since when there has been no data; null while there is some */
function lostSince({ freshness, age, waited, mono }) {
  // Before the first beat, also with a picture already, it is only not there yet.
  if (freshness !== "lost" || !(Number.isFinite(age) || waited > PATIENCE)) return null;
  return mono - 1000 * (Number.isFinite(age) ? age : waited);
}

export class Outage {
  /** @type {number | null} */
  #since = null;
  /** @type {number | null} mono ms at which the data was last live */
  #live = null;
  /** @type {Alarm | null} */
  #alarm = null;
  /** @type {Spell[]} */
  #over = [];

  /** @param {Seen} seen @returns {Alarm | null} the alarm of this page while it stands */
  look(seen) {
    if (seen.freshness === "live") this.#live = seen.mono;
    const aged = this.#live === null || seen.mono - this.#live >= AGED_MS;
    const since = aged ? lostSince(seen) : null;
    if (since !== null && this.#since === null) {
      this.#since = since;
      this.#alarm = { id: ID, kind: "lost", priority: 1, state: "unacked", source: "feed", active: true, activated_at: `lost ${Math.round(since)}` };
    }
    if (since === null && this.#since !== null) {
      this.#over = [...this.#over, { from: this.#since, to: seen.mono }].slice(-KEPT);
      this.#since = null;
      this.#alarm = null;
    }
    return this.#alarm;
  }

  /** @param {number} mono ms @returns {{from_s: number, to_s: number} | null} the first that the server has not been told of */
  untold(mono) {
    const [first] = this.#over;
    return first ? { from_s: (mono - first.from) / 1000, to_s: (mono - first.to) / 1000 } : null;
  }

  /** The first one has been told. */
  told() {
    this.#over = this.#over.slice(1);
  }
}

// The reports: every second or three what this page shows; the answer says whether it is the one that speaks (CR-94).

/** @typedef {Seen & {seq: number, scene: string}} Shown what the page shows now */
/** @typedef {{floor?: boolean, name?: string, place?: string | null, error?: string}} Reply */
/**
 * @typedef {object} Edge what a test replaces
 * @property {() => number} mono ms
 * @property {(ms: number, act: () => void) => void} every
 * @property {() => Record<string, unknown>} facts that change slowly: size, build, memory
 * @property {boolean} [recorded] it shows a past moment: whoever looks after the screens must not take it for a wall that is right
 * @property {boolean} [framed] within another page: a picture of a wall is no screen of the room, so it reports nothing and never speaks
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
const FIRST_PICTURE_MS = 4000;

export class Presence {
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
  /** @type {number[]} */
  #received = [];
  /** @type {number[]} */
  #positions = [];
  /** @type {() => string} state of the audio; off where this page is not to speak */
  #sound = () => "off";
  /** @type {() => string | null} */
  #picture = () => null;
  #wantsPicture = false;
  /** @type {readonly string[]} */
  #unequal = [];
  #busy = false;

  /** @param {Edge} edge @param {() => Shown} seen */
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

  /** @param {readonly number[]} lags ms from the commit of a batch to the frame that shows it @param {readonly number[]} [received] ms from it to the batch's arrival here @param {readonly number[]} [positions] of the log, to which the batches of `lags` lead */
  painted(lags, received = [], positions = []) {
    this.#paintedAt = this.#edge.mono();
    this.#positions.push(...positions.slice(0, MOST_LAGS - this.#lags.length));
    this.#lags.push(...lags.slice(0, MOST_LAGS - this.#lags.length));
    this.#received.push(...received.slice(0, MOST_LAGS - this.#received.length));
  }

  /** @param {readonly string[]} totals that are not what the cards add up to (CR-78) */
  sums(totals) {
    this.#unequal = totals;
  }

  /** @returns {import("../feed/messages.js").Alarm | null} the loss of the feed, while this page sees it */
  alarm() {
    return this.#outage.look({ ...this.#seen(), mono: this.#edge.mono() });
  }

  /** @returns {boolean | null} whether the server has given this page the floor; null while there is no server to ask */
  floor() {
    if (this.#edge.framed) return false;
    if (this.alarm() !== null) return null;
    return this.#edge.mono() - this.#floorAt < FLOOR_MS;
  }

  async tick() {
    this.alarm();
    if (this.#edge.framed) return;
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
    const [lags, received, positions] = [this.#lags.splice(0), this.#received.splice(0), this.#positions.splice(0)];
    this.#reportedAt = now;
    const said = /** @type {Reply} */ (await socket.timeout(ANSWER_MS).emitWithAck("report", this.#body(now, { lags, received, positions, lost, pictured })));
    this.#hear(said);
    if (said?.error) return;
    if (lost) this.#outage.told();
    if (pictured) [this.#picturedAt, this.#wantsPicture] = [now, false];
  }

  /** @param {number} now @param {{lags: number[], received: number[], positions: number[], lost: unknown, pictured: boolean}} more */
  #body(now, { lags, received, positions, lost, pictured }) {
    const { seq, scene, freshness } = this.#seen();
    return {
      ...this.#edge.facts(), seq, scene, freshness: this.#edge.recorded ? "recorded" : freshness,
      sound: this.#sound(),
      painted_s: Number.isFinite(this.#paintedAt) ? (now - this.#paintedAt) / 1000 : null,
      lags_ms: lags, received_ms: received, positions,
      ...(pictured ? { picture: this.#picture() } : {}),
      ...(lost ? { lost } : {}),
      ...(this.#unequal.length > 0 ? { unequal: this.#unequal } : {}),
    };
  }

  /** @param {Reply} said */
  #hear(said) {
    if (typeof said?.floor === "boolean") this.#floorAt = said.floor ? this.#edge.mono() : -Infinity;
  }
}

// A page's own half of that: what it is, its thumbnail, and what is asked of it.

const KEY = "liveroom.page";
const SHOWN_MS = 10_000;

/** @returns {string} the name of this tab among pages; it stays when the tab loads anew */
function pageName() {
  const kept = sessionStorage.getItem(KEY);
  const name = kept && /^[A-Za-z0-9-]{8,40}$/.test(kept) ? kept : crypto.getRandomValues(new Uint32Array(2)).reduce((text, n) => text + n.toString(36).padStart(7, "0"), "");
  sessionStorage.setItem(KEY, name);
  return name;
}

/** @returns {number | null} MB in use, where the browser tells */
function heap() {
  const used = /** @type {{memory?: {usedJSHeapSize?: number}}} */ (performance).memory?.usedJSHeapSize;
  return typeof used === "number" ? Math.round(used / 1e6) : null;
}

/** @typedef {{time: import("../feed/clock.js").Time, whole: boolean, opened: number}} Known opened: mono ms when the page was */

/** @param {"wall" | "desk"} kind @param {() => Known} known what the page has heard so far @param {string} [look] of the map @param {boolean} [recorded] it shows a past moment @returns {Presence} */
export function createPresence(kind, known, look = "", recorded = false) {
  const page = document.documentElement;
  /** @returns {Shown} */
  const seen = () => {
    const [{ time, whole, opened }, mono] = [known(), performance.now()];
    const seconds = age(time, mono);
    return { mono, age: seconds, waited: (mono - opened) / 1000, freshness: freshness(seconds, whole), seq: Number(page.dataset.seq || -1), scene: page.dataset.scene ?? "" };
  };
  const name = pageName();
  const facts = () => ({
    page: name, kind, look, width: innerWidth, height: innerHeight, build: page.dataset.build ?? "",
    visible: document.visibilityState === "visible", heap_mb: heap(),
  });
  const edge = { mono: () => performance.now(), every: (/** @type {number} */ ms, /** @type {() => void} */ act) => void setInterval(act, ms), facts, recorded, framed: window !== window.top };
  const presence = new Presence(edge, seen);
  presence.pictures(() => drawThumbnail(document.body));
  return presence;
}

/**
 * What a desk asks of this page: say who you are, load anew, or that it may look no longer.
 * @param {{name: string, place: string | null, what: string}} call
 */
export function answerCall({ what, name, place }) {
  if (what === "reload" || what === "revoked") location.reload();
  if (what === "identify") identify(name || document.title, place ?? "");
}

/** @param {string} name @param {string} place so large that it is read from across the room */
function identify(name, place) {
  document.querySelector(".called")?.remove();
  const [who, where] = [document.createElement("p"), document.createElement("p")];
  who.className = "called-name";
  who.textContent = name;
  where.className = "called-place";
  where.textContent = [place, `${innerWidth} × ${innerHeight}`].filter(Boolean).join(", ");
  const called = document.createElement("div");
  called.className = "called";
  called.setAttribute("role", "status");
  called.append(who, where);
  document.body.append(called);
  setTimeout(() => called.remove(), SHOWN_MS);
}

// Paint lag: from the commit of a batch to the frame that shows it, be it counted or as fresh marks; and to its arrival.

const MOST = 200;

export class PaintReport {
  #tell;
  /** @type {{committed: number, to: number, ids: string[]}[]} not yet painted: server ms of the commit, position it leads to, what it changed */
  #waiting = [];
  /** @type {number[]} ms from the commit to the arrival, not yet told */
  #received = [];

  /** @param {(lags: readonly number[], received: readonly number[], positions: readonly number[]) => void} tell ms, after each frame, and the position that each batch leads to; none for a frame that nothing waited for */
  constructor(tell) {
    this.#tell = tell;
  }

  /** @param {import("../feed/messages.js").Batch} batch applied, not yet painted @param {number | null} [serverNow] ms; null while it is not known */
  arrived(batch, serverNow = null) {
    const committed = Date.parse(batch.logged_at ?? batch.now ?? "");
    if (Number.isNaN(committed) || this.#waiting.length >= MOST) return;
    this.#waiting.push({ committed, to: batch.to, ids: idsOf(batch) });
    if (serverNow !== null && this.#received.length < MOST) this.#received.push(lagSince(committed, serverNow));
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
    const told = serverNow === null ? [] : seen;
    this.#tell(told.map(({ committed }) => lagSince(committed, /** @type {number} */ (serverNow))), this.#received.splice(0), told.map(({ to }) => to));
  }
}

/** @param {number} committed @param {number} serverNow @returns {number} whole ms, never below zero: two clocks are never quite equal */
function lagSince(committed, serverNow) {
  return Math.max(0, Math.round(serverNow - committed));
}

/** @param {import("../feed/messages.js").Batch} batch @returns {string[]} complaints that it changed or took away */
function idsOf({ cards, gone }) {
  return [...(cards ?? []).map(({ id }) => id), ...(gone ?? [])];
}
