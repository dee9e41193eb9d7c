/**
 * Alertness of wall and desk: the flash in step, the sound, and what a desk commands for all screens.
 */
import { leftUntil, roomNotices } from "../feed/room_notices.js";
import { floodOf } from "../ui/alarms.js";
import { Flash } from "./flash.js";
import { createVoice, feedLossSound, nextSound, noSound, Speaker } from "./sound.js";

/** @typedef {import("../feed/store.js").State} State */

/** @typedef {ReturnType<typeof roomNotices>} Notices */
/** @typedef {{say: import("../ui/language.js").Say<"ui">, format: import("../ui/format.js").Format}} Speech */
/** @typedef {{hear: (state: State) => void, mute: () => void, wake: () => void, muteFeedLoss: () => boolean, muteLeft: () => number | null}} Sound muteFeedLoss: no sound of a lost feed at this desk for ten minutes; false without one. muteLeft: ms of that, null while no feed is lost */

const LISTEN_MS = 200;
/** So long after a sound was due it is still made by whoever gets the floor: the other may have died with it (CR-94). */
const TAKEOVER_MS = 5000;

/**
 * @param {HTMLElement} page @param {(mono: number) => number | null} serverNow @param {boolean} [steady] nothing may ever flash here
 * @returns {{notices: Notices, take: (state: State) => void, freeze: (untilReal: string | null) => void, frozen: () => number}} take: what a desk commanded may have changed. freeze: this very screen alone. frozen: ms for which nothing flashes yet because somebody said so
 */
export function startFlash(page, serverNow, steady = false) {
  const now = () => serverNow(performance.now());
  const notices = roomNotices(now);
  /** @type {string | null} */
  let own = null;
  const frozen = () => Math.max(notices.left("freeze"), leftUntil(own, "freeze", now()));
  const flash = runFlash(page, serverNow, () => steady || frozen() > 0);
  return {
    notices,
    frozen,
    freeze(untilReal) {
      own = untilReal;
      flash.look();
    },
    take(state) {
      const before = notices.command("freeze");
      notices.take(state);
      if (notices.command("freeze") !== before) flash.look();
    },
  };
}

/** @param {HTMLElement} page @param {(mono: number) => number | null} serverNow @param {() => boolean} still @returns {Flash} */
function runFlash(page, serverNow, still) {
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");
  const flash = new Flash({
    mono: () => performance.now(), serverNow,
    still: () => reduced.matches || still(),
    later: (ms, act) => void setTimeout(act, ms),
    tell: (phase) => {
      if (page.dataset.flash !== phase) page.dataset.flash = phase;
    },
  });
  document.addEventListener("visibilitychange", () => flash.align());
  reduced.addEventListener("change", () => flash.look());
  return flash;
}

/**
 * @param {{notices: Notices, badge: (heard: boolean, speaks: boolean) => void, presence: import("./presence.js").Presence}} room badge: SUARA MATI while not heard
 * @returns {Sound}
 */
export function startSound({ notices, badge, presence }) {
  const context = new AudioContext();
  const voice = createVoice(context);
  const speaker = new Speaker({ context, locks: navigator.locks, every: (ms, act) => void setInterval(act, ms), tell: badge, floor: () => presence.floor() });
  presence.speaks(() => context.state);
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => context.state === "running" || speaker.wake(), true);
  let current = /** @type {State | null} */ (null);
  const listen = listener({ notices, voice, speaker });
  const loss = feedLossSound(() => performance.now(), (priority) => speaker.leads && voice.play(priority));
  const turn = () => {
    if (current) listen(current, loss.look(presence.alarm()));
    else loss.look(presence.alarm());
  };
  setInterval(turn, LISTEN_MS);
  return {
    wake: () => speaker.wake(),
    mute: () => voice.stop(),
    muteFeedLoss: () => loss.mute() && (voice.stop(), true),
    muteLeft: () => loss.left(),
    hear(state) {
      current = state;
      turn();
    },
  };
}

/** @param {{notices: Notices, voice: ReturnType<typeof createVoice>, speaker: Speaker}} parts @returns {(state: State, lost: boolean) => void} lost: the feed is, and its own sound stands for all */
function listener({ notices, voice, speaker }) {
  let memory = noSound();
  let silence = "";
  /** @type {{priority: import("./sound.js").Priority, at: number} | null} not heard from us: whoever spoke may be gone */
  let missed = null;
  /** @type {string | null} null: what is there at first was there before us */
  let test = null;
  return (state, lost) => {
    const silenced = notices.command("silence");
    if (silenced !== "" && silenced !== silence) voice.stop();
    silence = silenced;
    const next = nextSound(memory, { alarms: state.alarms.values(), flooding: floodOf(state) !== null, silenced: silenced !== "", mono: performance.now() });
    memory = next.memory;
    if (next.play !== null && !lost) missed = { priority: next.play, at: performance.now() };
    if (missed && speaker.leads) voice.play(missed.priority);
    if (missed && (speaker.leads || performance.now() - missed.at > TAKEOVER_MS)) missed = null;
    const asked = notices.command("sound");
    if (next.play === null && test !== null && asked !== "" && asked !== test && speaker.leads) voice.play(1);
    test = asked;
  };
}
