/** A small map on which one touch sets the place of a report. */

import { ground } from "./ground.js";
import { say } from "./words.js";

/** @param {HTMLElement} before the map stands before it @param {(lat: number, lon: number) => void} touched */
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
  /** @type {L.CircleMarker | null} */
  let here = null;
  map.on("click", ({ latlng }) => {
    here ??= L.circleMarker(latlng, { radius: 10, className: "here", interactive: false }).addTo(map);
    here.setLatLng(latlng);
    touched(latlng.lat, latlng.lng);
  });
}
