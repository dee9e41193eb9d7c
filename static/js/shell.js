/**
 * Keeps the page alive as a page: its files for a start without the server, the screen awake, a worker that sees it hang.
 */

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
  const worker = new Worker("/static/js/watchdog.js");
  worker.addEventListener("message", () => worker.postMessage("here"));
}
