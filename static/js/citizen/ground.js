/**
 * The citizens' map in Leaflet: the city's own outlines, and a touch that sets the place of a report.
 * Nothing of it is loaded before somebody asks.
 */
import { wordsOf } from "../ui/language.js";

const say = wordsOf(document, "citizen");

// The ground.

const VENDOR = "/static/vendor/leaflet/leaflet";

/** So much closer than the whole city, in levels of zoom. */
const ROOM = 0.7;

/** @typedef {{tiles: string, attribution: string, maxZoom: number}} Tiles an address of tiles, empty: none */

/** @param {HTMLElement} box with a size @param {Tiles} [tiles] @returns {Promise<L.Map>} fitted to the city; throws without a network */
export async function ground(box, tiles) {
  const [outlines] = await Promise.all([fetch("/lapor/outlines.json").then((answer) => answer.json()), style(), script()]);
  const map = L.map(box, { attributionControl: false, zoomControl: false, zoomSnap: 0.25 });
  L.control.zoom({ zoomInTitle: say("zoom_in"), zoomOutTitle: say("zoom_out") }).addTo(map);
  if (tiles?.tiles) {
    box.classList.add("tiled");
    L.tileLayer(tiles.tiles, { maxZoom: tiles.maxZoom }).addTo(map);
  }
  L.geoJSON(outlines, { interactive: false, style: { className: "district", weight: 1 } }).addTo(map);
  map.fitBounds(outlines.bounds, { padding: [20, 20] });
  names(map, outlines);
  whose(box, [outlines[`attribution_${document.documentElement.lang}`] ?? outlines.attribution, tiles?.tiles ? tiles.attribution : ""]);
  return map;
}

/** Names of the districts, once there is room for them. @param {L.Map} map @param {GeoJSON.FeatureCollection} outlines */
function names(map, outlines) {
  const whole = map.getZoom();
  map.createPane("names", map.getPane("overlayPane"));
  const layer = L.layerGroup(
    outlines.features.map(({ properties }) => {
      const words = Object.assign(document.createElement("span"), { textContent: properties?.["name"] ?? "" });
      const [lon, lat] = properties?.["anchor"] ?? [0, 0];
      return L.marker([lat, lon], { icon: L.divIcon({ className: "district-name", html: words, iconSize: [0, 0] }), interactive: false, keyboard: false, pane: "names" });
    }),
  );
  map.on("zoomend", () => (map.getZoom() > whole + ROOM ? layer.addTo(map) : layer.remove()));
}

/** Whose data it is stands below the map, where it hides nothing. @param {HTMLElement} box @param {string[]} owners */
function whose(box, owners) {
  const said = Object.assign(document.createElement("p"), { className: "note", textContent: owners.filter(Boolean).join(" · ") });
  box.after(said);
}

function style() {
  const link = document.createElement("link");
  return loaded(Object.assign(link, { rel: "stylesheet", href: `${VENDOR}.css` }));
}

function script() {
  return loaded(Object.assign(document.createElement("script"), { src: `${VENDOR}.js` }));
}

/** @param {HTMLElement} element */
function loaded(element) {
  return new Promise((resolve, reject) => {
    element.addEventListener("load", resolve);
    element.addEventListener("error", reject);
    document.head.append(element);
  });
}

// A small map on which one touch sets the place of a report.

/** @typedef {(lat: string, lon: string) => void} Mark shows the place that the form has, none where both are empty */

/** @param {HTMLElement} before the map stands before it @param {(lat: number, lon: number) => void} touched @returns {Promise<Mark>} */
export async function openMap(before, touched) {
  const box = document.createElement("div");
  box.className = "ground";
  box.setAttribute("role", "application");
  box.setAttribute("aria-label", say("map"));
  before.before(box);
  const map = await ground(box).catch((fault) => {
    box.remove();
    throw fault;
  });
  const here = L.circleMarker([0, 0], { radius: 10, className: "here", interactive: false });
  map.on("click", ({ latlng }) => touched(latlng.lat, latlng.lng));
  return (lat, lon) => {
    if (lat) here.setLatLng([Number(lat), Number(lon)]).addTo(map);
    else here.remove();
  };
}
