/**
 * Folium's base map as the scene needs it: the city's outlines fitted into the field, and places as points of it.
 * Without it (script blocked, library missing) a plain projection keeps the clusters in order.
 */

import { layLocalTiles } from "./local_tiles.js";

/** @typedef {import("./scenes/placement.js").Box} Box */
/** @typedef {[[number, number], [number, number]]} Bounds south-west and north-east, [lat, lon] */
/**
 * @typedef {object} BaseMap
 * @property {import("leaflet").Map | null} leaflet
 * @property {(field: Box, unit: number) => void} fit field in units of the canvas, from the map's own corner
 * @property {(lat: number, lon: number) => {x: number, y: number}} point in units, from the map's own corner
 * @property {(lifted: (code: string) => boolean) => void} lift areas that stand out from the rest
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

  /** @param {import("leaflet").Map} leaflet @param {Bounds | null} fallback bounds when it has no outlines */
  constructor(leaflet, fallback) {
    this.leaflet = leaflet;
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
  }

  /** @param {(code: string) => boolean} lifted */
  lift(lifted) {
    this.leaflet.eachLayer((layer) => {
      const { feature, options } = /** @type {any} */ (layer);
      if (feature && options?.fill) /** @type {any} */ (layer).getElement?.()?.classList.toggle("lifted", lifted(String(feature.id)));
    });
  }

  /** @param {{x: number, y: number}} spot units */
  covers({ x, y }) {
    const spot = this.leaflet.containerPointToLayerPoint([x * this.#unit, y * this.#unit]);
    return this.#areas().some((path) => path.isPointInFill({ x: spot.x, y: spot.y }));
  }

  /** @returns {SVGGeometryElement[]} the filled outlines */
  #areas() {
    /** @type {SVGGeometryElement[]} */
    const found = [];
    this.leaflet.eachLayer((layer) => {
      const { feature, options } = /** @type {any} */ (layer);
      const path = feature && options?.fill ? /** @type {any} */ (layer).getElement?.() : null;
      if (path) found.push(path);
    });
    return found;
  }

  /** @param {number} lat @param {number} lon */
  point(lat, lon) {
    const { x, y } = this.leaflet.latLngToContainerPoint([lat, lon]);
    return { x: x / this.#unit, y: y / this.#unit };
  }
}

/** @param {string} name @param {Bounds | null} fallback @returns {BaseMap} */
export function baseMap(name, fallback) {
  const leaflet = globalMap(name);
  if (!leaflet) return plainMap(fallback);
  freeze(leaflet);
  layLocalTiles(leaflet, leaflet.getContainer());
  return new LeafletMap(leaflet, fallback);
}

/** @param {Bounds | null} bounds @returns {BaseMap} */
function plainMap(bounds) {
  const [[south, west], [north, east]] = bounds ?? [[-1, -1], [1, 1]];
  const narrowing = Math.cos(((south + north) / 2) * (Math.PI / 180));
  /** @type {Box} */
  let field = { x: 0, y: 0, w: 1, h: 1 };
  return {
    leaflet: null,
    lift() {},
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
