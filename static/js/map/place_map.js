/**
 * The map of one place: the city's own ground and the mark of a complaint on it. Leaflet, outlines and streets come from
 * our server alone, and only when somebody looks, so that it works where nothing else of the internet does.
 */
import { getJson } from "../feed/http.js";
import { elementWith, find, mark, show, write } from "../ui/dom.js";
import { setSymbol, symbol } from "../ui/symbols.js";
import { layLocalTiles } from "./base_map.js";
import { closestOf, mountNames } from "./names.js";

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("../ui/city.js").City} City */
/** @typedef {{areas: GeoJSON.FeatureCollection, districts: GeoJSON.FeatureCollection}} Outlines each feature with its code as id */
/** @typedef {{id: string, lat: number, lon: number, exact: boolean, area: string, status: import("../feed/messages.js").Status, ring: import("../ui/symbols.js").Ring}} Place exact: the complaint says where; else the middle of its area stands for it */
/** @typedef {{city: City, queue: (key: "map" | "map_closer" | "map_farther" | "map_whole") => string, failed: string}} Room failed: what is said when the map cannot be had */

const VENDOR = "/static/vendor/leaflet/leaflet";
/** The streets around a place; without streets its kelurahan, which is all that there is to see. */
const CLOSE = { streets: 15.5, land: 13.5 };
/** It is loaded so much before it comes into sight, px. */
const AHEAD_PX = 200;
/** Half of the mark with its ring, px: no name stands there. */
const MARK_PX = 34;
/** How much of the land is seen over streets. */
const OVER_STREETS = 0.45;

/** @param {Pick<Card, "id" | "lat" | "lon" | "area" | "status" | "overdue">} card @param {Pick<City, "area">} city @returns {Place | null} null: nothing is known of where it is */
export function placeOf({ id, lat, lon, area, status, overdue }, city) {
  const known = city.area(area);
  const exact = typeof lat === "number" && typeof lon === "number";
  if (!exact && !known) return null;
  const ring = exact ? (overdue ? "strong" : "plain") : "none";
  return { id, lat: exact ? lat : (known?.lat ?? 0), lon: exact ? lon : (known?.lon ?? 0), exact, area: area ?? "", status, ring };
}

/** @param {Document} page with a `.place` @param {Room} room @returns {(card: Card | null) => void} */
export function mountPlaceMap(page, room) {
  const box = find(page, ".place-map");
  /** @type {Place | null} */
  let place = null;
  /** @type {PlaceMap | null} */
  let map = null;
  let loading = false;
  const load = async () => {
    if (map || loading || !place) return;
    loading = true;
    try {
      map = await openMap(box, room);
      map.show(place);
      mark(box, "data-state", "there");
      write(find(page, ".place-whose"), box.dataset.whose ?? "");
    } catch {
      mark(box, "data-state", "failed");
      write(find(page, ".place-whose"), room.failed);
    }
    loading = false;
  };
  new IntersectionObserver((seen) => seen.some(({ isIntersecting }) => isIntersecting) && void load(), { rootMargin: `${AHEAD_PX}px` }).observe(box);
  return (card) => {
    const before = place;
    place = card && placeOf(card, room.city);
    show(find(page, ".place"), place !== null);
    if (!place) return;
    if (map) map.show(place);
    // Another try with another report: what could not be had may be there by now.
    else if (before && before.id !== place.id && box.dataset.state === "failed") void load();
  };
}

/** @param {HTMLElement} box its data name what the map is made of @param {Room} room @returns {Promise<PlaceMap>} rejects when something of it cannot be had */
async function openMap(box, room) {
  const { outlines = "", reader = "" } = box.dataset;
  const [land] = await Promise.all([getJson(outlines), library(reader)]);
  return new PlaceMap(box, /** @type {Outlines} */ (land), room);
}

/** @param {string} reader address of the script that reads an archive, else "": it needs Leaflet to be there */
async function library(reader) {
  await Promise.all([loaded(Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${VENDOR}.css` })), script(`${VENDOR}.js`)]);
  if (reader) await script(reader);
}

/** @param {string} src */
function script(src) {
  return loaded(Object.assign(document.createElement("script"), { src }));
}

/** @param {HTMLElement} part of the head @returns {Promise<unknown>} */
function loaded(part) {
  return new Promise((resolve, reject) => {
    part.addEventListener("load", resolve);
    part.addEventListener("error", () => (part.remove(), reject(new Error("not loaded"))));
    document.head.append(part);
  });
}

class PlaceMap {
  #shown = "";
  #lifted = "";
  #leaflet;
  #land;
  #mark;
  #shape = symbol("waiting");
  #names;
  #close;
  #bounds;

  /** @param {HTMLElement} box @param {Outlines} outlines @param {Room} room */
  constructor(box, outlines, room) {
    // One finger on a telephone moves the page, two move the map; a wheel turns the page too.
    const fine = matchMedia("(pointer: fine)").matches;
    const leaflet = L.map(box, { attributionControl: false, zoomControl: false, zoomSnap: 0.25, dragging: fine, scrollWheelZoom: false, zoomAnimation: false, fadeAnimation: false });
    this.#leaflet = leaflet;
    this.#bounds = room.city.bounds;
    const { tiles = "", maxZoom = "19" } = box.dataset;
    if (tiles) L.tileLayer(tiles, { maxZoom: Number(maxZoom) }).addTo(leaflet);
    layLocalTiles(leaflet, box);
    leaflet.setMaxZoom(closestOf(leaflet, box));
    const streets = Boolean(tiles || box.dataset.archive);
    this.#close = streets ? CLOSE.streets : CLOSE.land;
    const fillOpacity = streets ? OVER_STREETS : 1;
    this.#land = L.geoJSON(outlines.areas, { interactive: false, style: { className: "place-land", weight: 1, fillOpacity } }).addTo(leaflet);
    L.geoJSON(outlines.districts, { interactive: false, style: { className: "place-seam", weight: 2, fill: false } }).addTo(leaflet);
    this.#mark = L.marker([0, 0], { interactive: false, keyboard: false, icon: L.divIcon({ className: "place-mark", html: /** @type {any} */ (this.#shape), iconSize: [0, 0] }) });
    mark(box, "role", "application");
    mark(box, "aria-label", room.queue("map"));
    find(/** @type {HTMLElement} */ (box.parentElement), ".place-controls").replaceChildren(...controlsOf(leaflet, room));
    this.#names = mountNames(leaflet, room.city, () => this.#taken());
  }

  /** @param {Place} place looks there when it is another one, else stays where somebody moved it */
  show(place) {
    const { id, lat, lon, exact, area, status, ring } = place;
    setSymbol(this.#shape, { status, ring });
    const now = `${id} ${lat} ${lon} ${area}`;
    if (now === this.#shown) return;
    this.#shown = now;
    this.#leaflet.invalidateSize({ animate: false });
    // Nobody loses the city from sight.
    if (this.#bounds) this.#leaflet.setMinZoom(Math.floor(4 * this.#leaflet.getBoundsZoom(this.#bounds)) / 4).setMaxBounds(L.latLngBounds(this.#bounds).pad(0.5));
    if (exact) this.#mark.setLatLng([lat, lon]).addTo(this.#leaflet);
    else this.#mark.remove();
    this.#leaflet.setView([lat, lon], exact ? this.#close : CLOSE.land, { animate: false });
    this.#lift(area);
    this.#names();
  }

  /** @param {string} area whose land is lit, and has the only bright edge */
  #lift(area) {
    if (area === this.#lifted) return;
    this.#lifted = area;
    this.#land.eachLayer((layer) => {
      const { feature } = /** @type {any} */ (layer);
      const lifted = String(feature?.id) === area;
      /** @type {any} */ (layer).getElement()?.classList.toggle("lifted", lifted);
      // Its edge would lie under its neighbours' seams.
      if (lifted) /** @type {any} */ (layer).bringToFront();
    });
  }

  /** @returns {import("../wall/scenes/map_placement.js").Box[]} px, where no name stands */
  #taken() {
    if (!this.#leaflet.hasLayer(this.#mark)) return [];
    const { x, y } = this.#leaflet.latLngToContainerPoint(this.#mark.getLatLng());
    return [{ x: x - MARK_PX, y: y - MARK_PX, w: 2 * MARK_PX, h: 2 * MARK_PX }];
  }
}

/** @param {import("leaflet").Map} leaflet @param {Room} room @returns {HTMLElement[]} for whoever has no wheel: closer, farther, the whole city */
function controlsOf(leaflet, { city, queue }) {
  const button = (/** @type {"map_closer" | "map_farther" | "map_whole"} */ key, /** @type {string} */ words, /** @type {() => void} */ act) => {
    const made = elementWith("button", key, { type: "button", "aria-label": queue(key) }, words);
    made.addEventListener("click", act);
    return made;
  };
  const zoom = (/** @type {number} */ by) => leaflet.setZoom(leaflet.getZoom() + by, { animate: false });
  const whole = () => city.bounds && leaflet.fitBounds(city.bounds, { animate: false });
  const [closer, farther] = [button("map_closer", "+", () => zoom(1)), button("map_farther", "−", () => zoom(-1))];
  leaflet.on("zoomend", () => {
    mark(closer, "aria-disabled", String(leaflet.getZoom() >= leaflet.getMaxZoom()));
    mark(farther, "aria-disabled", String(leaflet.getZoom() <= leaflet.getMinZoom()));
  });
  return [closer, farther, button("map_whole", queue("map_whole"), whole)];
}
