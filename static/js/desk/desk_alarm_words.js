/**
 * What the desk adds to the wall's words: who has an alarm, until when, and what became of an order.
 */

import { nameOf } from "./guests.js";

/** @typedef {import("../feed/messages.js").Alarm} Alarm */
/** @typedef {import("../ui/picture.js").Room & {desk: import("./desk_words.js").DeskSay}} DeskRoom */

/** @param {string | null | undefined} at @param {DeskRoom} room @returns {string} the minute; the day too where it is another */
export function timeOf(at, { format }) {
  const ms = Date.parse(at ?? "");
  return Number.isNaN(ms) ? "" : format.hour(ms);
}

/** @param {Alarm} alarm @param {number | null} at room time, ms @param {DeskRoom} room @returns {string} who has it, and how long that holds */
export function heldWords(alarm, at, room) {
  const { desk } = room;
  switch (alarm.state) {
    case "acked":
      return desk("acked_by", { who: nameOf(alarm.acked_by ?? "–"), time: timeOf(alarm.acked_at, room) });
    case "shelved":
      return desk("shelved_by", { who: nameOf(alarm.shelved_by ?? "–"), time: timeOf(alarm.shelved_until, room) });
    case "suppressed":
      return alarm.suppressed_until ? desk("until", { time: timeOf(alarm.suppressed_until, room) }) : alarm.rule === "redundant" ? desk("redundant") : "";
    case "out_of_service":
      return Date.parse(alarm.review_at ?? "") < (at ?? 0) ? desk("review_due") : desk("review", { time: dayOf(alarm.review_at, room) });
    default:
      return alarm.paged_at ? desk("paged", { time: timeOf(alarm.paged_at, room) }) : "";
  }
}

/** @param {string | null | undefined} at @param {DeskRoom} room */
function dayOf(at, { format }) {
  const ms = Date.parse(at ?? "");
  return Number.isNaN(ms) ? "" : format.date(ms);
}

/** What an order can fail of that the desk says in its own language. */
const OWN = /** @type {const} */ (["not_confirmed", "no_answer", "changed", "unauthorized", "unavailable"]);

/** @param {import("./desk_orders.js").Mark | null} mark @param {DeskRoom} room @returns {string} "" while nothing is to be said */
export function markWords(mark, { desk }) {
  if (!mark) return "";
  if (mark.kind === "sending") return desk("sending");
  if (mark.kind === "faster") return desk("faster", { who: nameOf(mark.why) });
  const own = OWN.find((one) => one === mark.why);
  if (own) return desk(own);
  return mark.why ? desk("failed_why", { why: mark.why }) : desk("failed");
}
