/** The map that everybody may open, over the lists that the page has without it. It shows one moment and never moves. */

import { ground } from "./ground.js";
import { grouped, square } from "./grouping.js";
import { button, details } from "./map_marks.js";
import { say } from "./map_words.js";

/** @typedef {import("./grouping.js").Group} Group */
/** @typedef {{grid: {south: number, west: number, high: number, wide: number}, areas: string[], matters: string[], squares: [number, number, number, ...number[][]][]}} Told */

/** Closer than that a square would look like a place. */
const CLOSEST = 16;
/** Pixels of the largest mark, and a little air. */
const MARK = { wide: 84, high: 104 };
/** What a map costs whoever counts bytes: Leaflet, the outlines and some squares. */
const KB = 200;

const section = /** @type {HTMLElement} */ (document.getElementById("map"));
const here = /** @type {HTMLElement} */ (document.getElementById("here"));

class PublicMap {
  #map;
  #told;
  #squares;
  /** @type {Map<string, {marker: L.Marker, button: HTMLButtonElement}>} */
  #shown = new Map();
  /** @type {L.Polygon | null} */
  #chosen = null;
  /** @type {Map<string, Group>} */
  #groups = new Map();

  /** @param {L.Map} map @param {Told} told */
  constructor(map, told) {
    this.#map = map;
    this.#told = told;
    this.#squares = told.squares.map(square);
    map.on("zoomend", () => this.#group());
    map.on("moveend", () => this.#draw());
    this.#group();
    this.#draw();
  }

  #group() {
    const pixels = this.#pixels();
    this.#groups = grouped(this.#squares, MARK.wide / pixels, MARK.high / pixels);
  }

  /** What is in sight, and a little round it; a mark that stays is not made anew. */
  #draw() {
    const sight = this.#map.getBounds().pad(0.2);
    const wanted = new Map([...this.#groups].filter(([, { at }]) => sight.contains(this.#middle(at))));
    for (const [key, { marker }] of this.#shown) {
      if (wanted.has(key)) continue;
      marker.remove();
      this.#shown.delete(key);
    }
    for (const [key, group] of wanted) if (!this.#shown.has(key)) this.#show(group);
  }

  /** @param {Group} group */
  #show(group) {
    const made = button(group);
    const icon = L.divIcon({ className: "spot", html: made, iconSize: [0, 0] });
    const marker = L.marker(this.#middle(group.at), { icon, interactive: false, keyboard: false }).addTo(this.#map);
    made.addEventListener("click", () => this.#choose(group, made));
    this.#shown.set(group.key, { marker, button: made });
  }

  /** @param {Group} group @param {HTMLButtonElement} pressed */
  #choose(group, pressed) {
    for (const { button } of this.#shown.values()) button.setAttribute("aria-pressed", String(button === pressed));
    this.#chosen?.remove();
    this.#chosen = L.polygon(group.squares.map((one) => [this.#ring(one)]), { className: "chosen", interactive: false }).addTo(this.#map);
    here.replaceChildren(...details(group, this.#told.areas, this.#told.matters));
  }

  /** @param {{row: number, column: number}} place in squares @returns {L.LatLngTuple} */
  #at({ row, column }) {
    const { south, west, high, wide } = this.#told.grid;
    return [south + row * high, west + column * wide];
  }

  /** @param {{row: number, column: number}} one @returns {L.LatLngTuple} */
  #middle({ row, column }) {
    return this.#at({ row: row + 0.5, column: column + 0.5 });
  }

  /** @param {{row: number, column: number}} one @returns {L.LatLngTuple[]} its corners */
  #ring({ row, column }) {
    return [this.#at({ row, column }), this.#at({ row: row + 1, column }), this.#at({ row: row + 1, column: column + 1 }), this.#at({ row, column: column + 1 })];
  }

  #pixels() {
    return this.#map.latLngToContainerPoint(this.#at({ row: 0, column: 0 })).distanceTo(this.#map.latLngToContainerPoint(this.#at({ row: 1, column: 0 })));
  }
}

async function open() {
  const box = document.createElement("div");
  box.className = "ground";
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", say("map"));
  section.replaceChildren(box, note(say("loading")));
  const { tiles = "", attribution = "", maxZoom = "" } = section.dataset;
  try {
    const squares = fetch(`/lapor/peta.json?lang=${document.documentElement.lang}`).then((answer) => answer.json());
    const [told, map] = await Promise.all([squares, ground(box, { tiles, attribution, maxZoom: Number(maxZoom) })]);
    map.setMaxZoom(CLOSEST);
    new PublicMap(map, told);
    section.lastElementChild?.replaceWith(note(say("hint")));
  } catch {
    section.replaceChildren(note(say("failed")));
  }
}

/** @param {string} words */
function note(words) {
  return Object.assign(document.createElement("p"), { className: "note", textContent: words });
}

/** Whoever saves data, or has hardly any network, says first that it may be loaded. */
function offer() {
  const ask = Object.assign(document.createElement("button"), { type: "button", textContent: say("show", { kb: KB }) });
  ask.addEventListener("click", open);
  section.replaceChildren(ask);
}

/** @type {{saveData?: boolean, effectiveType?: string}} */
const network = "connection" in navigator ? Object(navigator.connection) : {};
section.hidden = false;
if (network.saveData || network.effectiveType?.endsWith("2g")) offer();
else open();
document.documentElement.dataset["ready"] = "true";
