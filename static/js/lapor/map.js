/** A small map on which one touch sets the place of a report. */

import { ground } from "./ground.js";
import { say } from "./words.js";

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
