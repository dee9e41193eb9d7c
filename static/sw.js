/**
 * Keeps the wall's page and files for a start without the server. The server is always asked first; a page that
 * may not be seen any more (401) takes its copy with it.
 */

const SHELF = "liveroom-wall";
const PATIENCE_MS = 4000;
/** Scripts and styles with a hash in their names: under one name they never change, so they need no server twice. */
const BUILT = /^\/static\/build\//;
/** Pieces of the map's archive; under one address they never change, so they need no server twice. */
const GROUND = /^\/map\//;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", ({ data }) => {
  keepAll(data?.keep ?? []).catch(() => undefined);
  dropGround(data?.ground);
});
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin || isRecorded(url)) return;
  if (GROUND.test(url.pathname)) event.respondWith(ground(event.request, url));
  else if (BUILT.test(url.pathname)) event.respondWith(built(event.request, url.pathname));
  else if (url.pathname === "/wall" || /^\/(static|feed\/calendar)\//.test(url.pathname)) event.respondWith(freshest(event.request, nameOf(url)));
});

/** One page whatever its scene: the address decides only in the page. The language is in the page itself. */
function nameOf(url) {
  const lang = url.searchParams.get("lang");
  return url.pathname === "/wall" && lang ? `/wall?lang=${encodeURIComponent(lang)}` : url.pathname;
}

/** What shows a past moment is neither kept nor served from here: a recording must never come back as the live wall. */
function isRecorded({ searchParams }) {
  return searchParams.has("at") || searchParams.has("seq");
}

async function keep(name, answer) {
  const shelf = await caches.open(SHELF);
  if (answer.ok && !answer.redirected) await shelf.put(name, answer);
  else if (answer.status === 401) await shelf.delete(name);
}

/** All that the page loaded; once it is all here, the files of builds before it and pages that ask for those may go. */
async function keepAll(loaded) {
  const addresses = loaded.filter((address) => !isRecorded(new URL(address)));
  const names = addresses.map((address) => nameOf(new URL(address)));
  await Promise.all(addresses.map(async (address, place) => keep(names[place], await fetch(address))));
  if (!names.some((name) => BUILT.test(name))) return;
  const shelf = await caches.open(SHELF);
  for (const request of await shelf.keys()) {
    const { pathname, search } = new URL(request.url);
    if ((BUILT.test(pathname) || pathname === "/wall") && !names.includes(pathname + search)) await shelf.delete(request);
  }
}

async function built(request, name) {
  const found = await kept(name);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) keep(name, answer.clone()).catch(() => undefined);
  return answer;
}

async function freshest(request, name) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status < 500) {
      keep(name, answer.clone()).catch(() => undefined);
      return answer;
    }
    return (await kept(name)) ?? answer;
  } catch (fault) {
    const found = await kept(name);
    if (found) return found;
    throw fault;
  }
}

/** A shelf takes whole answers only: a piece lies there as one under the name of its range. */
async function ground(request, url) {
  const name = `${url.pathname}?${request.headers.get("Range")}`;
  const found = await kept(name);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.status !== 206) return answer;
  const piece = new Response(await answer.arrayBuffer(), { headers: { "Content-Length": answer.headers.get("Content-Length") } });
  keep(name, piece.clone()).catch(() => undefined);
  return piece;
}

/** Pieces of an archive that is none any more. */
async function dropGround(now) {
  const shelf = await caches.open(SHELF);
  const old = (await shelf.keys()).filter(({ url }) => GROUND.test(new URL(url).pathname) && new URL(url).pathname !== now);
  await Promise.all(old.map((request) => shelf.delete(request)));
}

async function kept(name) {
  return (await caches.open(SHELF)).match(name);
}
