/**
 * What the wall says about one complaint: what, where, how late or how long left, who must act.
 * Only codes and names of the city; never a report's own text.
 */
import { standing } from "./feed/clock.js";

/** @typedef {import("./feed/messages.js").Card} Card */
/** @typedef {import("./picture.js").Room} Room */
/** @typedef {{at: number | null, calendar: import("./feed/clock.js").Calendar}} Moment */

/** Longer names keep their first part alone. */
const LONG = 24;

/** Hebrew, Arabic and their kin, as they stand in names. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** @param {string} name @returns {string} a name that runs from the right by itself, so that it does not turn what stands beside it */
export function isolated(name) {
  return RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name;
}

/** @param {Card} card @param {Room} room the category, without what stands in brackets; short enough for a row */
export function whatWords(card, { city, say }) {
  const name = (city.category(card.category) ?? say("unknown_category")).replace(/ ?\([^)]*\)/g, "");
  return name.length > LONG ? (name.split(/[/,]/)[0] ?? name) : name;
}

/** @param {Card} card @param {Room} room kelurahan and kecamatan; once where both are the same place */
export function placeWords(card, { city, say }) {
  const area = city.area(card.area);
  if (area) return area.district === area.code ? isolated(area.name) : `${isolated(area.name)}, ${isolated(city.district(area.district))}`;
  if (card.area) return card.area;
  return say(card.lat === null || card.lat === undefined ? "unknown_place" : "outside_place");
}

/** @param {Card} card @param {Moment} moment @param {Room} room time left, or over with a plus */
export function timeWords(card, { at, calendar }, { say, format }) {
  if (card.paused) return say(card.paused === "citizen" ? "paused_citizen" : "paused_hold");
  const stands = at === null ? null : standing(card, at, calendar);
  if (!stands) return say("no_deadline");
  const options = { working: stands.working, dayMs: calendar.dayMs };
  return card.overdue ? format.late(-stands.left, options) : format.span(stands.left, options);
}

/** @param {Card} card @param {Moment} moment @returns {number | null} share of the allowed time still left, 0 to 1 */
export function shareLeft(card, { at, calendar }) {
  if (card.overdue || card.paused || at === null) return null;
  const used = standing(card, at, calendar)?.used ?? null;
  return used === null ? null : Math.min(1, Math.max(0, 1 - used));
}

/** @param {Card} card @param {Room} room */
export function agencyWords(card, { city, say }) {
  return city.agency(card.agency) ?? say("no_agency");
}

/** @param {Card} card @param {Room} room who has not done what yet */
export function owedWords(card, { city, say }) {
  const name = city.agency(card.agency);
  if (!name) return say("not_forwarded");
  const agency = isolated(name);
  if (card.stage === "forward") return say("forward_late", { agency });
  const accepting = card.stage === "accept" || (!card.stage && card.status === "waiting");
  return say(accepting ? "accept_late" : "finish_late", { agency });
}
