/**
 * Keeps the citizens' form for a start without a network. The network is always asked first; what lies behind a
 * private link is never kept here.
 */

const SHELF = "lapor";
const PATIENCE_MS = 4000;
const SCRIPTS = ["device_store", "offline", "photos", "puzzle", "puzzle_worker", "report"];
const NEEDED = [
  "/lapor",
  "/static/css/tokens.css",
  "/static/css/lapor.css",
  "/static/vendor/idb/build/index.js",
  "/static/icons/lapor.svg",
  "/static/js/ui/language.js",
  ...SCRIPTS.map((name) => `/static/js/citizen/${name}.js`),
];
const ASKED_FOR = /^\/(static\/(js\/citizen|vendor\/leaflet|icons)\/|lapor\/outlines\.json$)/;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(SHELF).then((shelf) => shelf.addAll(NEEDED)));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
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

async function freshest(request, url) {
  const shelf = await caches.open(SHELF);
  const kept = (await shelf.match(nameOf(url))) ?? (url.pathname === "/lapor" ? await shelf.match("/lapor") : undefined);
  const live = fetch(request).then((answer) => {
    if (answer.ok && !answer.redirected) shelf.put(nameOf(url), answer.clone()).catch(() => undefined);
    return answer;
  });
  if (!kept) return live;
  const tired = new Promise((resolve) => setTimeout(() => resolve(kept), PATIENCE_MS));
  return Promise.race([live.then((answer) => (answer.status < 500 ? answer : kept), () => kept), tired]);
}
