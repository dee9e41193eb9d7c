/**
 * Watchdog worker beside the page: asks it every 5 s, and tells the server once when it has not answered for 30 s (CR-107).
 * The page's own timers may hang or be slowed; the answer is a message, which a hidden page still gives.
 */

const ASK_MS = 5000;
const SILENT_MS = 30_000;

let heardAt = performance.now();
let told = false;

self.addEventListener("message", () => {
  heardAt = performance.now();
  told = false;
});

setInterval(() => {
  self.postMessage("there?");
  const silent = performance.now() - heardAt;
  if (silent < SILENT_MS || told) return;
  told = true;
  const body = JSON.stringify({ silent_s: Math.round(silent / 1000) });
  fetch("/feed/stalled", { method: "POST", headers: { "Content-Type": "application/json" }, body }).catch(() => (told = false));
}, ASK_MS);
