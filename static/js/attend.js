/**
 * What wall and desk share around alarms: the flash in step, the sound, and what a desk asked for a while.
 */
import { floodOf } from "./alarms.js";
import { Flash } from "./flash.js";
import { roomQuiet } from "./room_quiet.js";
import { createVoice } from "./sound.js";
import { nextSound, noSound } from "./sound_rules.js";
import { Speaker } from "./speaker.js";

/** @typedef {import("./store.js").State} State */
/** @typedef {{say: import("./words.js").Say, format: import("./format.js").Format}} Speech */
/** @typedef {{hear: (state: State) => void, test: () => void, wake: () => void}} Sound */

const LISTEN_MS = 200;

/**
 * @param {HTMLElement} page @param {(mono: number) => number | null} serverNow
 * @returns {{quiet: ReturnType<typeof roomQuiet>, look: () => void}} look: something about being still may have changed
 */
export function attendFlash(page, serverNow) {
  const quiet = roomQuiet(localStorage, Date.now);
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");
  const flash = new Flash({
    mono: () => performance.now(), serverNow,
    still: () => reduced.matches || quiet.left("freeze") > 0,
    later: (ms, act) => void setTimeout(act, ms),
    tell: (phase) => {
      if (page.dataset.flash !== phase) page.dataset.flash = phase;
    },
  });
  document.addEventListener("visibilitychange", () => flash.align());
  addEventListener("storage", () => flash.look());
  reduced.addEventListener("change", () => flash.look());
  return { quiet, look: () => flash.look() };
}

/**
 * @param {{quiet: ReturnType<typeof roomQuiet>, badge: (heard: boolean) => void}} room badge: SUARA MATI while not heard
 * @returns {Sound}
 */
export function attendSound({ quiet, badge }) {
  const context = new AudioContext();
  const voice = createVoice(context);
  const speaker = new Speaker({ context, locks: navigator.locks, every: (ms, act) => void setInterval(act, ms), tell: badge });
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => context.state === "running" || speaker.wake(), true);
  /** @type {State | null} */
  let current = null;
  const listen = listener({ quiet, voice, speaker });
  const turn = () => current && listen(current);
  setInterval(turn, LISTEN_MS);
  return {
    wake: () => speaker.wake(),
    test: () => voice.play(1),
    hear(state) {
      current = state;
      turn();
    },
  };
}

/** @param {{quiet: ReturnType<typeof roomQuiet>, voice: ReturnType<typeof createVoice>, speaker: Speaker}} parts @returns {(state: State) => void} */
function listener({ quiet, voice, speaker }) {
  let memory = noSound();
  let silent = false;
  return (state) => {
    const silenced = quiet.left("silence") > 0;
    if (silenced && !silent) voice.stop();
    silent = silenced;
    const next = nextSound(memory, { alarms: state.alarms.values(), flooding: floodOf(state) !== null, silenced, mono: performance.now() });
    memory = next.memory;
    if (next.play !== null && speaker.leads) voice.play(next.play);
  };
}
