/**
 * A page's own half of being one of the room's screens: what it is, its small picture, and what is asked of it.
 */
import { sketch } from "./miniature.js";
import { Station } from "./station.js";
import { age, freshness } from "./feed/clock.js";

/** @typedef {import("./station.js").Seen} Seen */

const KEY = "liveroom.page";
const SHOWN_MS = 10_000;

/** @returns {string} the name of this tab among pages; it stays when the tab loads anew */
function pageName() {
  const kept = sessionStorage.getItem(KEY);
  const name = kept && /^[A-Za-z0-9-]{8,40}$/.test(kept) ? kept : crypto.getRandomValues(new Uint32Array(2)).reduce((text, n) => text + n.toString(36).padStart(7, "0"), "");
  sessionStorage.setItem(KEY, name);
  return name;
}

/** @returns {number | null} MB in use, where the browser tells */
function heap() {
  const used = /** @type {{memory?: {usedJSHeapSize?: number}}} */ (performance).memory?.usedJSHeapSize;
  return typeof used === "number" ? Math.round(used / 1e6) : null;
}

/** @typedef {{time: import("./feed/clock.js").Time, whole: boolean, opened: number}} Known opened: mono ms when the page was */

/** @param {"wall" | "desk"} kind @param {() => Known} known what the page has heard so far @param {string} [look] of the map @returns {Station} */
export function createStation(kind, known, look = "") {
  const page = document.documentElement;
  /** @returns {Seen} */
  const seen = () => {
    const [{ time, whole, opened }, mono] = [known(), performance.now()];
    const seconds = age(time, mono);
    return { mono, age: seconds, waited: (mono - opened) / 1000, freshness: freshness(seconds, whole), seq: Number(page.dataset.seq || -1), scene: page.dataset.scene ?? "" };
  };
  const name = pageName();
  const facts = () => ({
    page: name, kind, look, width: innerWidth, height: innerHeight, build: page.dataset.build ?? "",
    visible: document.visibilityState === "visible", heap_mb: heap(),
  });
  const edge = { mono: () => performance.now(), every: (/** @type {number} */ ms, /** @type {() => void} */ act) => void setInterval(act, ms), facts };
  const station = new Station(edge, seen);
  station.pictures(() => sketch(document.body));
  return station;
}

/**
 * What a desk asks of this page: say who you are, load anew, or that it may look no longer.
 * @param {{name: string, place: string | null, what: string}} call
 */
export function answerCall({ what, name, place }) {
  if (what === "reload" || what === "revoked") location.reload();
  if (what === "identify") identify(name || document.title, place ?? "");
}

/** @param {string} name @param {string} place so large that it is read from across the room */
function identify(name, place) {
  document.querySelector(".called")?.remove();
  const [who, where] = [document.createElement("p"), document.createElement("p")];
  who.className = "called-name";
  who.textContent = name;
  where.className = "called-place";
  where.textContent = [place, `${innerWidth} × ${innerHeight}`].filter(Boolean).join(", ");
  const called = document.createElement("div");
  called.className = "called";
  called.setAttribute("role", "status");
  called.append(who, where);
  document.body.append(called);
  setTimeout(() => called.remove(), SHOWN_MS);
}
