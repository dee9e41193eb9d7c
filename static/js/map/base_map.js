/**
 * The base map under a scene: folium's outlines fitted into its field, and streets from the server's own PMTiles archive.
 */
import { Land } from "./land.js";

/** @typedef {import("../wall/scenes/map_placement.js").Box} Box */

// Lays what is in the server's own PMTiles archive under the outlines: pictures as they are, streets and water drawn
// here, dark and without a word. The libraries are scripts of the page; without one the outlines keep their ground.

/**
 * @typedef {object} Archive
 * @property {string} address @property {"raster" | "vector"} kind
 * @property {[number, number]} zooms of which it has tiles
 * @property {[[number, number], [number, number]]} bounds south-west and north-east, [lat, lon]
 * @property {string} attribution as HTML
 */
/** @typedef {{props: Record<string, unknown>, geomType: number}} Feature of a vector tile; 2 is a line, 3 an area */

/** A street's width in pixels by what its tile calls it, in the scheme of Protomaps or of OpenMapTiles. */
const WIDTHS = [
  { words: ["highway", "motorway", "trunk"], px: 2.4 },
  { words: ["major_road", "primary", "secondary"], px: 1.6 },
  { words: ["medium_road", "tertiary"], px: 1 },
  { words: ["minor_road", "minor"], px: 0.6 },
];
const LAYERS = ["roads", "transportation"];
const WATER = 0.5;
const AREA = 3;

/** @param {HTMLElement} box of the map @returns {Archive | null} what its page says lies under it */
export function archiveOf({ dataset: { archive = "" } }) {
  return archive ? JSON.parse(archive) : null;
}

/** @param {import("leaflet").Map} leaflet @param {HTMLElement} box its element */
export function layLocalTiles(leaflet, box) {
  const told = archiveOf(box);
  if (!told) return;
  box.dataset.ground = told.kind;
  const layer = told.kind === "raster" ? pictures(told) : streets(told, box);
  layer?.addTo(leaflet);
}

/** @param {Archive} archive @returns {import("leaflet").Layer | null} */
function pictures({ address, zooms: [least, most], bounds, attribution }) {
  const { pmtiles } = /** @type {Record<string, any>} */ (globalThis);
  const options = { minNativeZoom: least, maxNativeZoom: most, bounds, attribution };
  return pmtiles?.leafletRasterLayer(new pmtiles.PMTiles(address), options) ?? null;
}

/** @param {Archive} archive @param {HTMLElement} box @returns {import("leaflet").Layer | null} */
function streets({ address, zooms: [, most], bounds, attribution }, box) {
  const { protomapsL } = /** @type {Record<string, any>} */ (globalThis);
  if (!protomapsL) return null;
  const paintRules = rules(protomapsL, getComputedStyle(box));
  // A wall's zoom lies between two whole ones: twice the pixels keep thin lines sharp when they are stretched.
  return protomapsL.leafletLayer({ url: address, maxDataZoom: most, bounds, attribution, paintRules, labelRules: [], devicePixelRatio: 2 });
}

/** @param {any} drawing the library @param {CSSStyleDeclaration} style with the palette @returns {object[]} what is drawn of a tile, the lowest first */
function rules(drawing, style) {
  const token = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const water = {
    dataLayer: "water",
    symbolizer: new drawing.PolygonSymbolizer({ fill: token("--night"), opacity: WATER }),
    filter: (/** @type {number} */ _zoom, /** @type {Feature} */ { geomType }) => geomType === AREA,
  };
  const ways = WIDTHS.toReversed().flatMap(({ words, px }) =>
    LAYERS.map((dataLayer) => ({
      dataLayer,
      symbolizer: new drawing.LineSymbolizer({ color: token("--line"), width: px, opacity: 1, lineCap: "round", lineJoin: "round" }),
      filter: (/** @type {number} */ _zoom, /** @type {Feature} */ { props }) => words.includes(String(props.kind ?? props["pmap:kind"] ?? props.class)),
    })),
  );
  return [water, ...ways];
}

// Folium's base map as the scene needs it: the city's outlines fitted into the field, and places as points of it.
// Without it (script blocked, library missing) a plain projection keeps the clusters in order.

/** @typedef {[[number, number], [number, number]]} Bounds south-west and north-east, [lat, lon] */
/**
 * @typedef {object} BaseMap
 * @property {import("leaflet").Map | null} leaflet
 * @property {(field: Box, unit: number) => void} fit field in units of the canvas, from the map's own corner
 * @property {(lat: number, lon: number) => {x: number, y: number}} point in units, from the map's own corner
 * @property {Land | null} land drawn of the outlines
 * @property {(spot: {x: number, y: number}) => boolean} covers whether the city lies there
 */

/** @param {string} name of folium's global @returns {import("leaflet").Map | null} */
function globalMap(name) {
  const found = /** @type {Record<string, any>} */ (globalThis)[name];
  return typeof found?.latLngToContainerPoint === "function" ? found : null;
}

/** @param {import("leaflet").Map} leaflet @returns {import("leaflet").LatLngBounds | null} of all outlines on it */
function outlineBounds(leaflet) {
  /** @type {import("leaflet").LatLngBounds | null} */
  let bounds = null;
  leaflet.eachLayer((layer) => {
    const found = /** @type {any} */ (layer).getBounds?.();
    if (!found?.isValid?.()) return;
    bounds = bounds ? bounds.extend(found) : found;
  });
  return bounds;
}

/** @param {import("leaflet").Map} leaflet a wall has no pointer: nothing on it may move the map */
function freeze(leaflet) {
  leaflet.getContainer().removeAttribute("tabindex");
  for (const name of ["dragging", "scrollWheelZoom", "doubleClickZoom", "touchZoom", "boxZoom", "keyboard"]) {
    /** @type {any} */ (leaflet)[name]?.disable();
  }
  leaflet.options.zoomSnap = 0;
}

/** @param {import("leaflet").Map} leaflet @param {import("leaflet").LatLngBoundsExpression} outlines @param {Box} field @param {number} unit */
function fitInto(leaflet, outlines, field, unit) {
  leaflet.invalidateSize({ animate: false });
  const { x: width, y: height } = leaflet.getSize();
  if (width === 0) return;
  leaflet.fitBounds(outlines, {
    animate: false,
    paddingTopLeft: [field.x * unit, field.y * unit],
    paddingBottomRight: [width - (field.x + field.w) * unit, height - (field.y + field.h) * unit],
  });
}

/** @implements {BaseMap} */
class LeafletMap {
  #outlines;
  #unit = 1;
  /** @type {Box | null} */
  #field = null;
  #fitting = false;

  /** @param {import("leaflet").Map} leaflet @param {Bounds | null} fallback bounds when it has no outlines @param {(area: string) => string | null} districtOf */
  constructor(leaflet, fallback, districtOf) {
    this.leaflet = leaflet;
    this.land = new Land(leaflet, districtOf);
    this.#outlines = outlineBounds(leaflet) ?? fallback;
    // Folium's own fit glides, and while it does Leaflet takes no other: ours is made again when it ends.
    leaflet.on("zoomend", () => this.#fitAgain());
  }

  /** @param {Box} field @param {number} unit */
  fit(field, unit) {
    this.#field = field;
    this.#unit = unit;
    this.#fitAgain();
  }

  #fitAgain() {
    if (!this.#outlines || !this.#field || this.#fitting) return;
    this.#fitting = true;
    fitInto(this.leaflet, this.#outlines, this.#field, this.#unit);
    this.#fitting = false;
    this.land.measure(this.#unit);
  }

  /** @param {{x: number, y: number}} spot units */
  covers(spot) {
    return this.land.holds(spot);
  }

  /** @param {number} lat @param {number} lon */
  point(lat, lon) {
    const { x, y } = this.leaflet.latLngToContainerPoint([lat, lon]);
    return { x: x / this.#unit, y: y / this.#unit };
  }
}

/** @param {string} name @param {Bounds | null} fallback @param {(area: string) => string | null} districtOf @returns {BaseMap} */
export function baseMap(name, fallback, districtOf) {
  const leaflet = globalMap(name);
  if (!leaflet) return plainMap(fallback);
  freeze(leaflet);
  layLocalTiles(leaflet, leaflet.getContainer());
  return new LeafletMap(leaflet, fallback, districtOf);
}

/** @param {Bounds | null} bounds @returns {BaseMap} */
function plainMap(bounds) {
  const [[south, west], [north, east]] = bounds ?? [[-1, -1], [1, 1]];
  const narrowing = Math.cos(((south + north) / 2) * (Math.PI / 180));
  /** @type {Box} */
  let field = { x: 0, y: 0, w: 1, h: 1 };
  return {
    leaflet: null,
    land: null,
    covers: () => false,
    fit(box) {
      field = box;
    },
    point(lat, lon) {
      const perDegree = Math.min(field.w / ((east - west) * narrowing || 1), field.h / (north - south || 1));
      return {
        x: field.x + field.w / 2 + (lon - (west + east) / 2) * narrowing * perDegree,
        y: field.y + field.h / 2 - (lat - (south + north) / 2) * perDegree,
      };
    },
  };
}
