/**
 * Where warnings of public services hold, over the tones of the land and beneath every mark: a hatch and an edge in a neutral
 * tone, on the city's land alone, so that no word beside it stands on a pattern.
 */

/** @typedef {import("../feed/messages.js").Hazard} Hazard */

const SVG = "http://www.w3.org/2000/svg";
const [CLIP, HATCH] = ["hazard-land", "hatch-hazard-land"];
/** Units between two lines of the hatch. */
const APART = 28;

/** @param {string} name @param {Record<string, string>} attributes @param {SVGElement[]} inside @returns {SVGElement} */
function drawn(name, attributes, ...inside) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...inside);
  return node;
}

/**
 * @param {readonly (readonly (readonly (readonly number[])[])[])[]} polygons as GeoJSON has a MultiPolygon
 * @param {(lat: number, lon: number) => {x: number, y: number}} point
 * @returns {string} a path, whose holes are left out by the even-odd rule
 */
export function hazardPath(polygons, point) {
  const rings = polygons.flat().map((ring) => ring.map(([lon = 0, lat = 0]) => point(lat, lon)));
  return rings.map((ring) => `M${ring.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}z`).join("");
}

/** @param {number} apart px @returns {SVGElement} a pattern of slanting lines */
function hatch(apart) {
  const line = drawn("path", { class: "hatch-hazard-line", fill: "none", d: `M0 ${apart / 2}H${apart}` });
  return drawn("pattern", { id: HATCH, patternUnits: "userSpaceOnUse", width: String(apart), height: String(apart), patternTransform: "rotate(45)" }, line);
}

export class HazardLayer {
  #leaflet;
  #land;
  #group = drawn("g", { class: "hazards", "clip-path": `url(#${CLIP})` });
  /** @type {readonly Hazard[]} */
  #hazards = [];
  #shown = "";
  #drawn = "";
  #unit = 1;

  /** @param {import("leaflet").Map} leaflet @param {import("./land.js").Land} land */
  constructor(leaflet, land) {
    this.#leaflet = leaflet;
    this.#land = land;
    leaflet.on("moveend zoomend", () => this.#draw());
  }

  /** @param {readonly Hazard[]} hazards in force @param {number} unit px of one unit of the canvas */
  paint(hazards, unit) {
    this.#unit = unit;
    this.#hazards = hazards;
    this.#shown = hazards.map(({ id }) => id).join(" ");
    this.#draw();
  }

  /** Writes only where the hazards or the land have changed. */
  #draw() {
    const land = this.#shown === "" ? "" : this.#land.pathOf();
    const now = `${this.#shown} ${this.#unit} ${land.slice(0, 60)}`;
    if (now === this.#drawn) return;
    if (!this.#group.isConnected && !this.#land.lay(this.#group)) return;
    this.#drawn = now;
    const shapes = this.#hazards.map((hazard) => this.#shapeOf(hazard));
    const edges = ["hazard-hatch", "hazard-casing", "hazard-edge"].flatMap((name) => shapes.map((d) => drawn("path", { class: name, d, ...(name === "hazard-hatch" ? {} : { fill: "none" }) })));
    this.#group.replaceChildren(drawn("clipPath", { id: CLIP }, drawn("path", { d: land })), hatch(APART * this.#unit), ...edges);
  }

  /** @param {Hazard} hazard @returns {string} its own shape; where it has none, that of the areas it names */
  #shapeOf({ polygons = [], areas = [] }) {
    if (polygons.length === 0) return this.#land.pathOf(areas);
    return hazardPath(polygons, (lat, lon) => this.#leaflet.latLngToLayerPoint([lat, lon]));
  }
}
