/** A small map of the city's own outlines: one touch sets the place. Nothing is loaded before somebody asks for it. */

import { say } from "./words.js";

const VENDOR = "/static/vendor/leaflet/leaflet";

/** @param {HTMLElement} before the map stands before it @param {(lat: number, lon: number) => void} touched */
export async function openMap(before, touched) {
  const [outlines] = await Promise.all([fetch("/lapor/outlines.json").then((answer) => answer.json()), style(), script()]);
  const box = document.createElement("div");
  box.className = "ground";
  box.setAttribute("role", "application");
  box.setAttribute("aria-label", say("map"));
  before.before(box);
  const map = L.map(box, { zoomControl: true, attributionControl: true, zoomSnap: 0.5 });
  map.attributionControl.setPrefix(false);
  L.geoJSON(outlines, { interactive: false, attribution: text(outlines.attribution), style: { className: "district", weight: 1 } }).addTo(map);
  map.fitBounds(outlines.bounds);
  /** @type {L.CircleMarker | null} */
  let here = null;
  map.on("click", ({ latlng }) => {
    here ??= L.circleMarker(latlng, { radius: 10, className: "here", interactive: false }).addTo(map);
    here.setLatLng(latlng);
    touched(latlng.lat, latlng.lng);
  });
}

/** Leaflet writes an attribution as HTML: make it text. @param {string} words */
function text(words) {
  return words.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
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
