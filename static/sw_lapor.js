/**
 * Keeps the citizens' form for a start without a network. The network is always asked first; what lies behind a
 * private link is never kept here.
 */

const SHELF = "lapor";
const PATIENCE_MS = 4000;
/** The page and what it needs; the server writes the files of the present build before this script. */
const NEEDED = ["/lapor", ...self.FILES, "/static/js/citizen/puzzle_worker.js", "/static/vendor/idb/build/index.js", "/static/icons/lapor.svg"];
const ASKED_FOR = /^\/(static\/(build|js|vendor\/(leaflet|idb)|icons)\/|lapor\/outlines\.json$)/;
/** Under one name these never change. */
const BUILT = /^\/static\/build\//;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(SHELF).then((shelf) => shelf.addAll(NEEDED)));
});
self.addEventListener("activate", (event) => event.waitUntil(Promise.all([self.clients.claim(), dropOld()])));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (NEEDED.includes(url.pathname) || ASKED_FOR.test(url.pathname)) event.respondWith(freshest(event.request, url));
});

/** The language is in the page itself. */
function nameOf(url) {
  const lang = url.searchParams.get("lang");
  return url.pathname === "/lapor" && lang ? `/lapor?lang=${encodeURIComponent(lang)}` : url.pathname;
}

/** Files of the builds before this one. */
async function dropOld() {
  const shelf = await caches.open(SHELF);
  const old = (await shelf.keys()).filter(({ url }) => BUILT.test(new URL(url).pathname) && !NEEDED.includes(new URL(url).pathname));
  await Promise.all(old.map((request) => shelf.delete(request)));
}

async function freshest(request, url) {
  const shelf = await caches.open(SHELF);
  const kept = (await shelf.match(nameOf(url))) ?? (url.pathname === "/lapor" ? await shelf.match("/lapor") : undefined);
  if (kept && BUILT.test(url.pathname)) return kept;
  const live = fetch(request).then((answer) => {
    if (answer.ok && !answer.redirected) shelf.put(nameOf(url), answer.clone()).catch(() => undefined);
    return answer;
  });
  if (!kept) return live;
  const tired = new Promise((resolve) => setTimeout(() => resolve(kept), PATIENCE_MS));
  return Promise.race([live.then((answer) => (answer.status < 500 ? answer : kept), () => kept), tired]);
}
