/**
 * The wall's clock: room time of the last beat, so it stands still when the data does (CR-45).
 */
import { find, write } from "../ui/dom.js";

/** @param {ParentNode} page @param {import("../ui/picture.js").Room} room @returns {import("../ui/picture.js").Paint} */
export function mountClock(page, { city, format }) {
  const time = find(page, ".clock-time");
  const date = find(page, ".clock-date");
  write(find(page, ".clock-zone"), city.zoneLabel);
  return ({ at }) => {
    write(time, at === null ? "––.––.––" : format.clock(at));
    write(date, at === null ? "–" : format.date(at));
  };
}
