/**
 * Keeps the wall's page and files for a start without the server. The server is always asked first; a page that
 * may not be seen any more (401) takes its copy with it.
 */

const SHELF = "liveroom-wall";
const PATIENCE_MS = 4000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", ({ data }) => {
  for (const address of data?.keep ?? []) fetch(address).then((answer) => keep(new URL(address), answer)).catch(() => undefined);
});
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname === "/wall" || /^\/(static|feed\/calendar)\//.test(url.pathname)) event.respondWith(freshest(event.request, url));
});

/** One page whatever its scene: the address decides only in the page. The language is in the page itself. */
function nameOf(url) {
  const lang = url.searchParams.get("lang");
  return url.pathname === "/wall" && lang ? `/wall?lang=${encodeURIComponent(lang)}` : url.pathname;
}

async function keep(url, answer) {
  const shelf = await caches.open(SHELF);
  if (answer.ok && !answer.redirected) await shelf.put(nameOf(url), answer);
  else if (answer.status === 401) await shelf.delete(nameOf(url));
}

async function freshest(request, url) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status < 500) {
      keep(url, answer.clone()).catch(() => undefined);
      return answer;
    }
    return (await kept(url)) ?? answer;
  } catch (fault) {
    const found = await kept(url);
    if (found) return found;
    throw fault;
  }
}

async function kept(url) {
  return (await caches.open(SHELF)).match(nameOf(url));
}
