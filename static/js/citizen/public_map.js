/**
 * Entry of the public map, over the lists that the page has without it. It shows one moment and never moves.
 */
import { wordsOf } from "../ui/language.js";
import { ground } from "./ground.js";
import { all, grouped, square } from "./groups.js";

const say = wordsOf(document, "citizen.map");

/** @typedef {import("./groups.js").Group} Group */
/** @typedef {import("./groups.js").Tally} Tally */

// What the public map draws of a group: colour, shape and number of each status, and the same in words.

const STATUSES = /** @type {const} */ (["waiting", "in_process", "done"]);
const SVG = "http://www.w3.org/2000/svg";
/** So many matters and areas of one group are told by name. */
const MATTERS = 8;
const AREAS = 3;

/** @param {string} status @param {boolean} [late] one of the shapes that the page holds */
function mark(status, late = false) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", late ? "mark late" : "mark");
  svg.setAttribute("data-status", status);
  svg.setAttribute("viewBox", late ? "-1.25 -1.25 2.5 2.5" : "-.75 -.75 1.5 1.5");
  svg.setAttribute("aria-hidden", "true");
  for (const name of late ? [status, "late"] : [status]) {
    if (!name) continue;
    const use = document.createElementNS(SVG, "use");
    use.setAttribute("href", `#${name}`);
    svg.append(use);
  }
  return svg;
}

/** @param {Node[]} into @param {SVGElement} shape @param {number} n @param {string} word that is heard alone: eyes have the shape */
function number(into, shape, n, word) {
  const [seen, heard] = [document.createElement("span"), document.createElement("span")];
  seen.textContent = String(n);
  heard.className = "unseen";
  heard.textContent = ` ${word}, `;
  into.push(shape, seen, heard);
}

/** @param {Group} group @returns {HTMLButtonElement} heard as "3 menunggu, 1 selesai" */
function button({ tally }) {
  const made = document.createElement("button");
  made.type = "button";
  made.setAttribute("aria-pressed", "false");
  /** @type {Node[]} */
  const parts = [];
  for (const status of STATUSES) {
    if (tally[status]) number(parts, mark(status), tally[status], say(status));
  }
  if (tally.overdue) number(parts, mark("", true), tally.overdue, say("overdue"));
  made.append(...parts);
  return made;
}

/** @param {Group} group @param {readonly string[]} areas @param {readonly string[]} matters @returns {Node[]} what is there, in words */
function details(group, areas, matters) {
  const title = document.createElement("h2");
  const names = [...group.areas].map((area) => areas[area] ?? "").sort();
  title.textContent = names.slice(0, AREAS).join(", ") + (names.length > AREAS ? ` ${say("others", { n: names.length - AREAS })}` : "");
  const list = document.createElement("ul");
  const most = [...group.matters].sort(([one, a], [other, b]) => all(b) - all(a) || one - other);
  list.append(...most.slice(0, MATTERS).map(([matter, tally]) => line(matters[matter] ?? "", tally)));
  const more = document.createElement("p");
  more.className = "note";
  more.textContent = most.length > MATTERS ? say("more", { n: most.length - MATTERS }) : "";
  return [title, list, more];
}

/** @param {string} matter @param {Tally} tally */
function line(matter, tally) {
  const item = document.createElement("li");
  const name = document.createElement("b");
  name.textContent = matter;
  item.append(name);
  for (const status of STATUSES) if (tally[status]) item.append(counted(mark(status), `${tally[status]} ${say(status)}`));
  if (tally.overdue) item.append(counted(mark("", true), `${tally.overdue} ${say("overdue")}`));
  return item;
}

/** @param {Element} drawn @param {string} words */
function counted(drawn, words) {
  const made = document.createElement("span");
  made.className = "how-many";
  made.append(drawn, words);
  return made;
}

// The page.

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
