/**
 * The line on the wall that says which warning of a public service holds: the worst, and how many more. It stands in the upper
 * margin of every scene, moves nothing, does not flash, and is no alarm.
 */
import { hazardsNow } from "../feed/room_notices.js";
import { isolated } from "../ui/complaints.js";
import { BETWEEN, find, fit, mark, show, write } from "../ui/dom.js";

/** @typedef {import("../feed/messages.js").Hazard} Hazard */
/** @typedef {import("../ui/picture.js").WallRoom} Room */

/** Units: the margin at both sides, the swatch with its air, the sheet's size of the words. */
const [EDGE, SWATCH, SIZE] = [80, 92, 48];
/** More districts than these are counted. */
const NAMED = 3;

/**
 * @param {readonly Hazard[]} hazards in force, the worst first @param {number} now room time, ms @param {Room} room
 * @returns {string[]} said at length and shorter; none when there is none
 */
export function hazardWords(hazards, now, room) {
  const { say } = room;
  const [worst] = hazards;
  if (!worst) return [];
  const [sender, event] = [worst.sender_name ?? "", worst.event ?? worst.headline ?? ""].map(isolated);
  const what = sender === "" ? (event ?? "") : say("hazard", { sender: sender ?? "", event: event ?? "" });
  const others = hazards.length > 1 ? [say("hazard_more", { n: room.format.number(hazards.length - 1) })] : [];
  const until = timeWords(worst, now, room);
  const [place = "", shorter = ""] = placeWords(worst, room);
  // Where even the last is cut, its end is: until when comes first.
  const sayings = [[what, place, until, ...others], [what, shorter, until, ...others], [what, until, ...others], [event ?? "", until, ...others], [event ?? "", until], [until, event ?? ""]];
  return [...new Set(sayings.map((parts) => parts.filter((one) => one !== "").join(" · ")))];
}

/** @param {Hazard} hazard @param {Room} room @returns {string[]} the districts that it touches, by their names and by their number */
function placeWords({ areas = [] }, { city, say, format }) {
  const touched = [...new Set(areas.map((area) => city.districtOf(area)).filter((code) => code !== null))];
  if (touched.length === 0) return [];
  if (touched.length === city.districts.length) return [say("hazard_everywhere"), say("hazard_everywhere")];
  const names = touched.map((code) => isolated(city.district(code))).sort();
  const counted = say("districts_n", { n: format.number(touched.length) });
  return [names.length > NAMED ? counted : names.join(", "), counted];
}

/** @param {Hazard} hazard @param {number} now @param {Room} room @returns {string} when it begins, if that lies ahead, and until when it holds */
function timeWords({ onset, expires }, now, { say, format }) {
  /** @param {number} at @returns {string} the time of day, with the day where that is another one */
  const moment = (at) => (format.shortDate(at) === format.shortDate(now) ? format.hour(at) : `${format.day(at)} ${format.hour(at)}`);
  const [from, to] = [Date.parse(onset ?? ""), Date.parse(expires)];
  return from > now ? say("hazard_between", { from: moment(from), to: moment(to) }) : say("hazard_until", { to: moment(to) });
}

/** @param {Document} page @param {Room} room @returns {import("../ui/picture.js").Paint} */
export function mountHazardLine(page, room) {
  const root = page.documentElement;
  const line = find(page, ".hazard-line");
  const words = find(line, ".hazard-words");
  return (picture) => {
    const sayings = hazardWords(hazardsNow(picture.state.hazards, picture), picture.at ?? 0, room);
    show(line, sayings.length > 0);
    mark(root, "data-hazard", String(sayings.length > 0));
    if (sayings.length === 0) return;
    const free = freeWidth(root, room.panels ?? 1);
    const chosen = sayings.find((one) => fit(room.width(one, SIZE, 400), free) !== "cut") ?? sayings.at(-1) ?? "";
    write(words, chosen);
    mark(line, "data-fit", fit(room.width(chosen, SIZE, 400), free));
    const space = `calc(${free + SWATCH + BETWEEN} * var(--u))`;
    if (line.style.maxWidth !== space) line.style.maxWidth = space;
  };
}

/** @param {HTMLElement} root @param {number} panels columns of the whole wall @returns {number} units: the width of the wall, or of its first block where a bezel, a drill's frame, the strip of late data or the accents of a large question end that */
function freeWidth(root, panels) {
  const { shape, density, strip, drill, type } = root.dataset;
  const wall = Number(getComputedStyle(root).getPropertyValue("--wall-width")) || 3840;
  const upright = shape === "portrait";
  const blocks = upright ? 1 : density === "coarse" && shape !== "wide" ? 2 : 3;
  const over = !upright && (strip === "delayed" || strip === "lost" || type === "large");
  return wall / Math.max(panels, over ? blocks : 1, drill === "true" ? (upright ? 2 : blocks) : 1) - 2 * EDGE - SWATCH - BETWEEN;
}
