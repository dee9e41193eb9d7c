/**
 * The one page of a browser that speaks for the room, and whether it can be heard at all (CR-94, CR-95).
 * A lock of the browser elects it: held by one page, passed on the moment that page is gone or falls silent.
 */

/**
 * @typedef {object} Edge what a test replaces
 * @property {AudioContext} context
 * @property {LockManager | undefined} locks missing where the page is not served securely: then every page that was asked speaks
 * @property {(ms: number, act: () => void) => void} every
 * @property {(heard: boolean) => void} tell whether sound can be heard from this page
 */

export const LOCK = "liveroom-sound";
const CHECK_MS = 1000;
/** As long as this after the start a context may still be waking. */
const GRACE_CHECKS = 1;

/** @param {Edge} edge @returns {{leads: () => boolean, wake: () => void}} */
export function startSpeaker({ context, locks, every, tell }) {
  let leads = locks === undefined;
  /** @type {(() => void) | null} */
  let letGo = null;
  let asking = false;
  let checks = 0;
  const stand = () => {
    if (asking || !locks) return;
    asking = true;
    locks.request(LOCK, () => {
      leads = true;
      return new Promise((go) => (letGo = () => go(null)));
    }).catch(() => {}).finally(() => {
      leads = false;
      asking = false;
    });
  };
  const check = () => {
    const running = context.state === "running";
    if (running) stand();
    // One that cannot be heard must not keep the floor.
    else if (leads) letGo?.();
    checks += 1;
    if (running || checks > GRACE_CHECKS) tell(running);
  };
  check();
  every(CHECK_MS, check);
  return {
    leads: () => leads && context.state === "running",
    wake: () => void context.resume().then(check, () => {}),
  };
}
