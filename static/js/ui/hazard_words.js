/**
 * Warnings of public services in words: what, where in the city and until when. Their own words are somebody else's, plain text.
 */
import { isolated } from "./complaints.js";

/** @typedef {import("../feed/messages.js").Hazard} Hazard */
/** @typedef {import("./picture.js").Room} Room */

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
export function placeWords({ areas = [] }, { city, say, format }) {
  const touched = [...new Set(areas.map((area) => city.districtOf(area)).filter((code) => code !== null))];
  if (touched.length === 0) return [];
  if (touched.length === city.districts.length) return [say("hazard_everywhere"), say("hazard_everywhere")];
  const names = touched.map((code) => isolated(city.district(code))).sort();
  const counted = say("hazard_districts", { n: format.number(touched.length) });
  return [names.length > NAMED ? counted : names.join(", "), counted];
}

/** @param {Hazard} hazard @param {number} now room time, ms @param {Room} room @returns {string} when it begins, if that lies ahead, and until when it holds */
export function timeWords({ onset, expires }, now, { say, format }) {
  /** @param {number} at @returns {string} the time of day, with the day where that is another one */
  const moment = (at) => (format.shortDate(at) === format.shortDate(now) ? format.hour(at) : `${format.day(at)} ${format.hour(at)}`);
  const [from, to] = [Date.parse(onset ?? ""), Date.parse(expires)];
  return from > now ? say("hazard_between", { from: moment(from), to: moment(to) }) : say("hazard_until", { to: moment(to) });
}

/** @type {Record<string, "severity_extreme" | "severity_severe" | "severity_moderate" | "severity_minor">} */
const SEVERITIES = { Extreme: "severity_extreme", Severe: "severity_severe", Moderate: "severity_moderate", Minor: "severity_minor" };

/** @param {Hazard} hazard @param {Room} room @returns {string} how bad it is; "" where its service does not say */
export function severityWords({ severity = "" }, { say }) {
  const key = SEVERITIES[severity];
  return key ? say(key) : "";
}
