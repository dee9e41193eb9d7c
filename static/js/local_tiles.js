/**
 * Lays what is in the server's own PMTiles archive under the outlines: pictures as they are, streets and water drawn
 * here, dark and without a word. The libraries are scripts of the page; without one the outlines keep their ground.
 */

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
