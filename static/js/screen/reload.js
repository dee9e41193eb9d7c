/**
 * Reload, planned restart and survival of a page: later builds, the daily restart, files for a start without the server, the watchdog.
 */
import { postJson } from "../feed/http.js";
import { mark } from "../ui/dom.js";

// A page reloads itself only to a later build, and only while the server is known to answer (CR-52).

/** @param {string} own build of this page @param {string | null | undefined} told build of the beat */
export function isLater(own, told) {
  return own !== "" && typeof told === "string" && told > own;
}

/** @typedef {() => unknown} Reload false, or a promise of it, when it did not reload after all */

/**
 * @param {{answers: () => Promise<boolean>, rest: (ms: number) => Promise<void>, random: () => number, reload: Reload, turn?: () => Promise<boolean>}} edge turn: asked last, whether it may now
 * @returns {Promise<boolean>} whether it reloaded; false when the server did not answer twice, it was not its turn, or it thought better of it
 */
export async function reloadWhenHealthy({ answers, rest, random, reload, turn = async () => true }) {
  await rest(random() * 10_000);
  if (!(await answers())) return false;
  await rest(1000);
  if (!(await answers()) || !(await turn())) return false;
  return (await reload()) !== false;
}

/**
 * @param {{wanted: (told: string | null | undefined) => boolean, answers: () => Promise<boolean>, rest: (ms: number) => Promise<void>, turn?: () => Promise<boolean>, reload?: Reload}} page
 * @returns {(told: string | null | undefined) => Promise<void>} told by each beat: one reload at a time is tried
 */
export function createReload({ wanted, answers, rest, turn = async () => true, reload = () => location.reload() }) {
  let reloading = false;
  return async (told) => {
    if (reloading || !wanted(told)) return;
    reloading = true;
    reloading = await reloadWhenHealthy({ answers, rest, random: Math.random, reload, turn });
  };
}

// The planned restart of the browser (CR-110): when the page may, it asks the room for its turn, says so on <html>, and whoever
// keeps the browser starts it anew. Where nobody does, the page loads itself anew.

/** So long the keeper of the browser has to see it. */
const SEEN_WITHIN_MS = 20_000;
/** What comes meanwhile is heeded so soon: the keeper acts on the second time that it sees the mark. */
const HEEDED_MS = 1000;
const GIVEN = 204;
/** The turn is for screens alone: a wall that a person opened is told so once and never asks again. */
const NO_SCREEN = [401, 403];
/** Who is told to wait asks again so late: the turn of another screen lasts as long. */
const AGAIN_MS = 60_000;

/**
 * @param {HTMLElement} page
 * @param {{may: () => boolean, answers: () => Promise<boolean>, rest: (ms: number) => Promise<void>, turn?: () => Promise<number>, reload?: () => void}} edge turn: the status that the room answers, 0 without an answer
 * @returns {() => Promise<void>} told by each beat
 */
export function planRestart(page, { may, answers, rest, turn = askTurn, reload = () => location.reload() }) {
  const restart = async () => {
    for (let waited = 0; waited < SEEN_WITHIN_MS; waited += HEEDED_MS) {
      if (!may()) break;
      mark(page, "data-restart", "due");
      await rest(HEEDED_MS);
    }
    if (may()) return reload();
    page.removeAttribute("data-restart");
    return false;
  };
  let asks = true;
  const given = async () => {
    const told = await turn();
    asks = !NO_SCREEN.includes(told);
    if (asks && told !== GIVEN) await rest(AGAIN_MS);
    return told === GIVEN;
  };
  const consider = createReload({ wanted: () => asks && may(), answers, rest, turn: given, reload: restart });
  return () => consider(null);
}

function askTurn() {
  return postJson("/feed/turn", {}).catch(() => 0);
}

// The daily restart: in the quietest hour, only while nothing needs anybody, and at a moment of its own, so that the screens
// of a room do not go together (CR-110). Pure.

/** The hour of the city in which it may, and how long a page must have stood. */
const QUIETEST = 3;
const HOUR_S = 3600;
const STOOD_MS = 12 * HOUR_S * 1000;

/**
 * @param {object} seen
 * @param {number} seen.second of the city's day
 * @param {number} seen.slot second of the quietest hour that is this page's own, drawn when it was opened
 * @param {number} seen.stood ms since the page was opened
 * @param {number} seen.unacked alarms
 * @param {import("../feed/clock.js").Freshness} seen.freshness
 * @param {number} seen.rate of room time: a drill's nights pass in minutes
 * @returns {boolean}
 */
export function mayRestart({ second, slot, stood, unacked, freshness, rate }) {
  const into = second - QUIETEST * HOUR_S;
  return rate === 1 && stood >= STOOD_MS && unacked === 0 && freshness === "live" && into >= slot && into < HOUR_S;
}

/** @param {() => number} random @returns {number} */
export function drawSlot(random) {
  return Math.floor(random() * (HOUR_S - 60));
}

// The page as a shell: its files for a start without the server, the screen awake, a worker that sees it hang.

/** So long after the start everything that the page loads has come. */
const SETTLED_MS = 5000;

/** The service worker keeps the wall's page and files, newest first (CR-49). @param {string} ground address of the archive under the map, whose pieces it keeps too; empty: none */
export async function keepShell(ground) {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("/static/sw.js", { scope: "/wall" });
    const { active } = await navigator.serviceWorker.ready;
    setTimeout(() => active?.postMessage({ keep: loadedFiles(), ground }), SETTLED_MS);
  } catch {
    // A browser that forbids it has a wall all the same, only none without its server.
  }
}

/**
 * A worker of a release that knew no recordings takes a recording for the wall's page and keeps it: it goes again, so that it never
 * stands in for the live wall.
 * @param {CacheStorage | undefined} [kept]
 */
export async function dropRecorded(kept = globalThis.caches) {
  const shelf = await kept?.open("liveroom-wall");
  for (const request of (await shelf?.keys()) ?? []) {
    if (new URL(request.url).pathname !== "/wall") continue;
    const text = await (await shelf?.match(request))?.text();
    if (text?.includes('data-freshness="recorded"')) await shelf?.delete(request);
  }
}

/** @returns {string[]} addresses of what this page has loaded from its own server, itself among them */
function loadedFiles() {
  const files = performance.getEntriesByType("resource").map(({ name }) => new URL(name, location.href));
  const ours = files.filter(({ origin, pathname }) => origin === location.origin && /^\/(static|feed\/calendar)\//.test(pathname));
  return [location.href, ...ours.map(({ href }) => href)];
}

/** A screen that shows must not go to sleep; a lock is lost when the page is hidden and taken anew (CR-108). */
export function stayAwake() {
  const lock = () => {
    if (!document.hidden) navigator.wakeLock?.request("screen").catch(() => undefined);
  };
  document.addEventListener("visibilitychange", lock);
  lock();
}

/** Answers a worker that asks every 5 s whether the page still does (CR-107). */
export function answerWatchdog() {
  const worker = new Worker("/static/js/screen/watchdog_worker.js");
  worker.addEventListener("message", () => worker.postMessage("here"));
}
