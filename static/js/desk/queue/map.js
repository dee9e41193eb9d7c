/**
 * The map of the duty desk, drawn on canvas over the city's outlines: small beside a complaint, large instead of half the list.
 * A marker opens its complaint; the picture moves only when an operator moves it or opens another complaint (CR-83).
 */
import { Cards } from "../../feed/cards.js";
import { layLocalTiles } from "../../map/base_map.js";
import { IncidentField, toWorld, WORLD } from "../../map/clusters.js";
import { createIncidentLayer, paletteOf } from "../../map/incident_layer.js";
import { closestOf, mountNames } from "../../map/names.js";
import { ringOf } from "../../ui/alarms.js";
import { element, find, mark, write } from "../../ui/dom.js";
import { NEAR_M } from "./questions.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("./queue.js").Look} Look */
/** @typedef {import("leaflet").Map} LeafletMap */
/** @typedef {import("../../wall/scenes/map_placement.js").Box} Box */

/** Pixels of one unit of the wall's canvas: its 48 are 17 here. */
const UNIT = 0.36;
const CLOSE = 15;
const REACH_PX = 26;
/** Beside the chosen one, so many of its neighbours are drawn. */
const MOST_NEAR = 150;
const EMPTY = new Cards();
const METRES_PER_DEGREE = 111_195;
/** So much nearer than the closest view every mark opens its own complaint. */
const ALL_BUT = 1;

/** @param {Document} page @param {import("../phrases.js").QueueRoom} room @param {(id: string) => void} open @returns {(look: Look) => void} */
export function mountDeskMap(page, room, open) {
  const box = find(page, ".desk-map");
  const leaflet = globalMap(box.id);
  if (!leaflet) return () => {};
  prepare(leaflet, box, room.queue("map"));
  layLocalTiles(leaflet, box);
  const [field, above] = [new IncidentField(), createIncidentLayer()];
  field.addTo(leaflet);
  above.addTo(leaflet);
  const reach = mountReach(leaflet, room);
  const palette = paletteOf(box);
  /** @type {Look | null} */
  let last = null;
  const place = mountPlace(page, box, leaflet, room);
  const controls = mountControls(page, leaflet, room);
  const names = mountNames(leaflet, room.city, () => {
    const marks = last ? marked(last, last.place.map).map(({ latlng, size }) => boxOf(leaflet, latlng, size)) : [];
    return [...field.taken, ...marks, ...(last?.place.map ? [controls.box()] : [])];
  });
  leaflet.on("click", (event) => last?.place.map && hit(leaflet, /** @type {any} */ (event).containerPoint, last, open));
  return (look) => {
    last = look;
    if (!place(look)) return;
    const looks = { palette, stale: look.freshness === "lost" };
    const large = look.place.map;
    lift(leaflet, look.card?.area ?? "");
    reach(look.card);
    field.paint(large ? look.mapped : EMPTY, { looks, unit: UNIT, number: room.format.number });
    above.paint(marked(look, large), looks, UNIT);
    names();
    controls.paint();
  };
}

/** @param {string} name @returns {LeafletMap | null} folium's global */
function globalMap(name) {
  const found = /** @type {Record<string, any>} */ (globalThis)[name];
  return typeof found?.latLngToContainerPoint === "function" ? found : null;
}

/** @param {LeafletMap} leaflet @param {HTMLElement} box @param {string} name */
function prepare(leaflet, box, name) {
  leaflet.options.zoomSnap = 0.1;
  leaflet.options.zoomDelta = 1;
  leaflet.setMaxZoom(closestOf(leaflet, box));
  mark(box, "role", "application");
  mark(box, "aria-label", name);
}

// Buttons for whoever has no wheel: closer, farther, the whole city.

/** @param {Document} page @param {LeafletMap} leaflet @param {import("../phrases.js").QueueRoom} room @returns {{paint: () => void, box: () => Box}} box: where they stand on the large map */
function mountControls(page, leaflet, { queue, city }) {
  const button = (/** @type {"map_closer" | "map_farther" | "map_whole"} */ key, /** @type {string} */ words, /** @type {() => void} */ act) => {
    const made = element("button", key, words);
    mark(made, "type", "button");
    mark(made, "aria-label", queue(key));
    made.addEventListener("click", act);
    return made;
  };
  const zoom = (/** @type {number} */ by) => leaflet.setZoom(leaflet.getZoom() + by, { animate: false });
  const [closer, farther] = [button("map_closer", "+", () => zoom(1)), button("map_farther", "−", () => zoom(-1))];
  const whole = button("map_whole", queue("map_whole"), () => city.bounds && leaflet.fitBounds(city.bounds, { animate: false }));
  const group = element("div", "map-controls", closer, farther, whole);
  mark(group, "role", "group");
  mark(group, "aria-label", queue("map"));
  find(page, ".map-pane").append(group);
  const paint = () => {
    mark(closer, "aria-disabled", String(leaflet.getZoom() >= leaflet.getMaxZoom()));
    mark(farther, "aria-disabled", String(leaflet.getZoom() <= leaflet.getMinZoom()));
  };
  leaflet.on("zoomend", paint);
  return { paint, box: () => ({ x: group.offsetLeft, y: group.offsetTop, w: group.offsetWidth, h: group.offsetHeight }) };
}

/**
 * @param {Document} page @param {HTMLElement} box @param {LeafletMap} leaflet @param {import("../phrases.js").QueueRoom} room
 * @returns {(look: Look) => boolean} puts the map where it is wanted and looks at what is chosen; whether it is shown
 */
function mountPlace(page, box, leaflet, { city }) {
  const slots = { large: find(page, '[data-slot="large"]'), small: find(page, '[data-slot="small"]') };
  let at = "";
  let size = "";
  return ({ place, card }) => {
    const slot = slots[place.map ? "large" : "small"];
    if (box.parentElement !== slot) slot.append(box);
    const { width, height } = slot.getBoundingClientRect();
    if (width === 0) return false;
    const now = `${Math.round(width)} ${Math.round(height)}`;
    if (now !== size) bound(leaflet, city.bounds);
    const wanted = place.map ? `large ${card && place.open === card.id ? card.id : ""}` : `small ${card?.id ?? ""} ${card?.lat} ${card?.lon}`;
    const placed = card && (typeof card.lat === "number" ? card : city.area(card.area));
    if (wanted !== at || now !== size) lookAt(leaflet, place.map, place.map && place.open === null ? null : placed, at, city.bounds);
    [at, size] = [wanted, now];
    steer(leaflet, place.map);
    return true;
  };
}

/** @param {LeafletMap} leaflet @param {boolean} large @param {{lat?: number | null, lon?: number | null} | null} card @param {string} before @param {import("../../ui/city.js").City["bounds"]} bounds */
function lookAt(leaflet, large, card, before, bounds) {
  const placed = typeof card?.lat === "number" && typeof card.lon === "number";
  if (large && placed) {
    const point = /** @type {[number, number]} */ ([card.lat, card.lon]);
    // What is in sight already does not make the map jump.
    if (!leaflet.getBounds().pad(-0.1).contains(point)) leaflet.panTo(point, { animate: false });
  } else if (placed && !large) leaflet.setView(/** @type {[number, number]} */ ([card.lat, card.lon]), CLOSE, { animate: false });
  else if (bounds && !(large && before.startsWith("large "))) leaflet.fitBounds(bounds, { animate: false });
}

/** @param {LeafletMap} leaflet @param {import("../../ui/city.js").City["bounds"]} bounds nobody loses the city from sight */
function bound(leaflet, bounds) {
  leaflet.invalidateSize({ animate: false });
  if (!bounds) return;
  const around = /** @type {Record<string, any>} */ (globalThis).L.latLngBounds(bounds);
  leaflet.setMinZoom(Math.floor(leaflet.getBoundsZoom(around) * 10) / 10);
  leaflet.setMaxBounds(around.pad(0.5));
}

/** @param {LeafletMap} leaflet @param {boolean} large the small one stays where it is */
function steer(leaflet, large) {
  for (const name of ["dragging", "scrollWheelZoom", "doubleClickZoom", "touchZoom", "boxZoom", "keyboard"]) {
    const handler = /** @type {any} */ (leaflet)[name];
    if (handler && handler.enabled() !== large) handler[large ? "enable" : "disable"]();
  }
  const tab = large ? "0" : "-1";
  mark(leaflet.getContainer(), "tabindex", tab);
}

/** @param {LeafletMap} leaflet @param {string} area the chosen complaint's stands out from the rest */
function lift(leaflet, area) {
  const box = leaflet.getContainer();
  if (box.dataset.area === area) return;
  box.dataset.area = area;
  leaflet.eachLayer((layer) => {
    const { feature, options } = /** @type {any} */ (layer);
    if (!feature || !options?.fill) return;
    const lifted = String(feature.id) === area;
    /** @type {any} */ (layer).getElement?.()?.classList.toggle("lifted", lifted);
    // Its edge would lie under its neighbours' seams.
    if (lifted) /** @type {any} */ (layer).bringToFront();
  });
}

/** @param {LeafletMap} leaflet @param {import("../phrases.js").QueueRoom} room @returns {(card: Card | null) => void} a circle round the chosen one: what is as near is most likely the same thing */
function mountReach(leaflet, { queue }) {
  const { L } = /** @type {Record<string, any>} */ (globalThis);
  const circle = L.circle([0, 0], { radius: NEAR_M, fill: false, interactive: false, className: "reach" });
  const words = L.marker([0, 0], { interactive: false, keyboard: false, icon: L.divIcon({ className: "reach-words", html: "", iconSize: [0, 0] }) });
  return (card) => {
    const { lat, lon } = card ?? {};
    const placed = typeof lat === "number" && typeof lon === "number";
    for (const layer of [circle, words]) {
      if (placed && !leaflet.hasLayer(layer)) layer.addTo(leaflet);
      else if (!placed && leaflet.hasLayer(layer)) layer.remove();
    }
    if (!placed || circle.getLatLng().equals(L.latLng(lat, lon))) return;
    circle.setLatLng([lat, lon]);
    // Beside the circle, up and to the right.
    const by = (NEAR_M / METRES_PER_DEGREE) * Math.SQRT1_2;
    words.setLatLng([lat + by, lon + by / Math.cos((lat * Math.PI) / 180)]);
    write(words.getElement(), queue("reach", { m: NEAR_M }));
  };
}

/** @param {Look} look @param {boolean} large @returns {import("../../map/incident_layer.js").Incident[]} */
function marked(look, large) {
  const { card, similar } = look;
  const near = large ? [] : similar.map((one) => one.card).slice(0, MOST_NEAR);
  return [...near, ...(card ? [card] : [])].flatMap((one) => {
    if (typeof one.lat !== "number" || typeof one.lon !== "number") return [];
    const own = one === card;
    const ring = own ? (one.overdue ? "strong" : "plain") : ringOf(one, look);
    return [{ id: one.id, latlng: /** @type {[number, number]} */ ([one.lat, one.lon]), shift: /** @type {[number, number]} */ ([0, 0]), size: own ? 62 : 44, status: one.status, ring, at: /** @type {[number, number]} */ ([0, 0]), tail: null }];
  });
}

/** @param {LeafletMap} leaflet @param {[number, number]} latlng @param {number} size units @returns {Box} px, with its ring */
function boxOf(leaflet, latlng, size) {
  const { x, y } = leaflet.latLngToContainerPoint(latlng);
  const half = size * UNIT;
  return { x: x - half, y: y - half, w: 2 * half, h: 2 * half };
}

/** @param {LeafletMap} leaflet @param {{x: number, y: number}} point px @param {Look} look @param {(id: string) => void} open one alone opens; where several stand the map goes closer */
function hit(leaflet, point, { mapped }, open) {
  const closest = leaflet.getZoom() >= leaflet.getMaxZoom() - ALL_BUT;
  const scale = (256 * 2 ** leaflet.getZoom()) / WORLD;
  const corner = leaflet.project(leaflet.containerPointToLatLng([0, 0]), leaflet.getZoom());
  const near = [...mapped.values()].flatMap((card) => {
    if (typeof card.lat !== "number" || typeof card.lon !== "number") return [];
    const { x, y } = toWorld(card.lat, card.lon);
    const far = Math.hypot(x * scale - corner.x - point.x, y * scale - corner.y - point.y);
    return far <= REACH_PX * (closest ? 1 : 2.6) ? [{ card, far }] : [];
  }).sort((a, b) => a.far - b.far);
  const [first, second] = near;
  if (!first) return;
  if (!second || closest || (first.far <= REACH_PX && second.far > REACH_PX * 2)) open(first.card.id);
  else leaflet.setView(leaflet.containerPointToLatLng([point.x, point.y]), leaflet.getZoom() + 1.5, { animate: false });
}
