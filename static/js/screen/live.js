/**
 * A page that shows the room live: its store's state, the time and calendar that it hears, when it paints, its alerts and its reload.
 * Wall, desks, agency and lead each make one and pass what differs.
 */
import { takeCities } from "../feed/cities.js";
import { age, clockAt, followCalendar, freshness, hear, NO_CALENDAR, noTime, serverNow } from "../feed/clock.js";
import { Feed, openFeed } from "../feed/connection.js";
import { answers, getJson, getPieces } from "../feed/http.js";
import { emptyState, yieldToMain } from "../feed/store.js";
import { floodIn, unackedComplaints } from "../ui/alarms.js";
import { emptyRanking } from "../ui/complaints.js";
import { startFlash, startSound } from "./alertness.js";
import { answerCall, createPresence } from "./presence.js";
import { createReload, isLater } from "./reload.js";
import { createPaintThrottle } from "./scheduler.js";

/** @typedef {import("../feed/store.js").State} State */
/** @typedef {import("../feed/messages.js").Batch} Batch */
/** @typedef {import("../feed/messages.js").Beat} Beat */
/** @typedef {Pick<import("../ui/picture.js").Picture, "state" | "whole" | "mono" | "at" | "calendar" | "age" | "waited" | "sinceBeat" | "beat"> & {freshness: import("../feed/clock.js").Freshness}} Moment what one frame knows of the feed and of time */
/**
 * @typedef {object} Hooks what differs between the pages
 * @property {string} audience as whom the page asks for the feed
 * @property {number} every ms: it paints at most so often
 * @property {() => void} paint
 * @property {(state: State, batch: Batch | null) => void} [took] the store has a new state
 * @property {(state: State) => void} [repaint] when that is to be painted; else the throttle is asked
 * @property {(beat: Beat) => void} [heard] a beat came
 * @property {() => boolean} [mayReload] for a later build; else always. Never under somebody's hands
 * @property {number} tickEvery ms
 * @property {() => void} [tick] time goes on; else the throttle is asked
 */

// The page's own clocks.

/** @returns {number} monotonic ms */
export const mono = () => performance.now();

/** @param {number} ms @param {() => void} act @returns {() => void} its own undoing */
export function later(ms, act) {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
}

/** @param {number} [ms] @returns {Promise<void>} without ms: as soon as the browser has had its turn */
export function rest(ms = 0) {
  return ms > 0 ? new Promise((go) => void setTimeout(go, ms)) : yieldToMain();
}

/** @param {() => void} act in the next frame; a hidden page has none */
export function frame(act) {
  void (document.hidden ? setTimeout(act, 0) : requestAnimationFrame(act));
}

export class LivePage {
  /** What the page shows: the feed's state, or until it has come a copy of it. @type {State} */
  state = emptyState();
  time = noTime();
  calendar = NO_CALENDAR;
  /** Those that the room follows. @type {import("../feed/cities.js").Blocks} */
  cities = new Map();
  opened = mono();
  #hooks;
  #followCalendar;
  #considerReload;
  /** @type {((state: State) => unknown)[]} */
  #alerts = [];
  /** @type {import("./presence.js").Presence | null} */
  #presence = null;
  #joined = false;

  /** @param {Hooks} hooks @param {() => import("socket.io-client").Socket} [open] a socket that does not reconnect by itself */
  constructor(hooks, open = () => openFeed(hooks.audience)) {
    this.#hooks = hooks;
    this.throttle = createPaintThrottle({ every: hooks.every, now: mono, later, frame }, hooks.paint);
    this.feed = new Feed({ open, getPieces, later, random: Math.random, rest }, this.state, {
      state: (next, batch) => this.#take(next, batch),
      beat: (beat) => this.#hear(beat),
      joined: () => this.#join(),
      cities: (message) => {
        this.cities = takeCities(this.cities, message);
        this.throttle.ask();
      },
    });
    this.#followCalendar = followCalendar({ getJson, later }, (read) => {
      this.calendar = read;
      this.throttle.ask();
    });
    const { mayReload = () => true } = hooks;
    this.#considerReload = createReload({ answers: () => answers("/healthz"), rest, wanted: (build) => mayReload() && isLater(document.documentElement.dataset.build ?? "", build) });
  }

  /** Whether there is something to show. */
  get whole() {
    return this.state.epoch !== "";
  }

  /** @returns {number | null} real time of the server, ms; null before the first beat */
  serverNow() {
    return serverNow(this.time, mono());
  }

  /** @param {State} [state] what the frame shows @returns {Moment} */
  moment(state = this.state) {
    const now = mono();
    const whole = state.epoch !== "";
    const seconds = age(this.time, now);
    return {
      state, whole, mono: now, age: seconds, calendar: this.calendar, beat: this.time.beat,
      at: clockAt(this.time) ?? (Date.parse(state.at ?? "") || null),
      waited: (now - this.opened) / 1000, sinceBeat: (now - this.time.heardAt) / 1000, freshness: freshness(seconds, whole),
    };
  }

  /** @param {import("../ui/city.js").City} city @param {State} [state] @returns {import("../ui/picture.js").Picture} the moment and its alarms; of cards, figures and guests what a page without them shows */
  picture(city, state = this.state) {
    const moment = this.moment(state);
    return {
      ...moment, unacked: unackedComplaints(state), flood: moment.whole ? floodIn(state, city) : null,
      ranking: emptyRanking(), attention: [], wrong: [], figure: null, guests: false, sceneFlashes: true,
    };
  }

  /** @param {"wall" | "desk"} kind @param {{look?: string, steady?: boolean, recorded?: boolean}} [more] look: of the map; steady: nothing may ever flash here; recorded: the page shows a past moment @returns {{flash: ReturnType<typeof startFlash>, presence: import("./presence.js").Presence}} the page flashes with the others of the room, and the room knows that it is there */
  alert(kind, { look = "", steady = false, recorded = false } = {}) {
    const flash = startFlash(document.documentElement, (at) => serverNow(this.time, at), steady);
    this.#presence = createPresence(kind, () => ({ time: this.time, whole: this.whole, opened: this.opened }), look, recorded);
    this.#alerts.push((next) => flash.take(next));
    return { flash, presence: this.#presence };
  }

  /** @param {ReturnType<LivePage["alert"]>} alerts @param {(heard: boolean, speaks: boolean) => void} badge @returns {import("./alertness.js").Sound} alarms are heard here */
  speak({ flash, presence }, badge) {
    const sound = startSound({ notices: flash.notices, badge, presence });
    // A snapshot may be older than an alarm that was there before this page: what it catches up with at first is no news (CR-16).
    this.#alerts.push((next) => this.#joined && sound.hear(next));
    return sound;
  }

  /** Paints for the first time and joins the feed. */
  start() {
    const { paint, tickEvery, tick = () => this.throttle.ask() } = this.#hooks;
    paint();
    setInterval(tick, tickEvery);
    document.addEventListener("visibilitychange", () => this.throttle.ask());
    this.feed.start();
    this.#presence?.start(this.feed.socket, answerCall);
  }

  /** @param {State} next @param {Batch | null} batch */
  #take(next, batch) {
    const { took, repaint = () => this.throttle.ask() } = this.#hooks;
    this.state = next;
    took?.(next, batch);
    for (const alert of this.#alerts) alert(next);
    repaint(next);
  }

  #join() {
    if (this.#joined) return;
    this.#joined = true;
    for (const alert of this.#alerts) alert(this.state);
  }

  /** @param {Beat} beat */
  #hear(beat) {
    this.time = hear(this.time, beat, mono());
    void this.#followCalendar(beat.calendar);
    void this.#considerReload(beat.build);
    this.#hooks.heard?.(beat);
    this.throttle.ask();
  }
}
