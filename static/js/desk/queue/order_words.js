/**
 * What became of an order, in words: who was faster with what and when, and what is different now (CR-15).
 */
import { markWords } from "../desk_alarm_words.js";
import { nameOf } from "../guests.js";
import { eventWords } from "./event_words.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("../desk_orders.js").Mark} Mark */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */

/** Refusals that the desk says in its own language. */
const REFUSED = /** @type {const} */ (["claimed", "state", "role", "same_person", "past", "window", "cycle"]);

/** @param {Mark} order @param {{at: number | null, timeOf?: (told: any) => string | null}} look timeOf: when that event was, where a history says so @param {QueueRoom} room */
export function orderWords(order, look, room) {
  const { told } = order;
  const known = REFUSED.find((code) => code === told?.code);
  if (known) return room.queue(`refused_${known}`, { who: nameOf(told.claimed_by_name ?? told.claimed_by ?? "–") });
  if (order.kind !== "faster" || typeof told?.event !== "string") return markWords(order, room);
  const ms = Date.parse(told.changed_at ?? told.at ?? look.timeOf?.(told) ?? "");
  const time = Number.isNaN(ms) ? "" : ` ${room.moment(ms, look.at)}`;
  return room.queue("faster", { what: eventWords({ kind: told.event }, room).done, who: nameOf(order.why), time });
}

/** @param {Card} before as it was shown @param {any} after as the room has it now @param {QueueRoom} room @returns {string} only what differs */
export function changedWords(before, after, room) {
  const { city, states } = room;
  const pairs = [
    [states(before.state ?? ""), states(String(after?.state ?? before.state ?? ""))],
    [city.agency(before.agency) ?? "–", city.agency(after?.agency) ?? "–"],
    [city.category(before.category) ?? "–", city.category(after?.category) ?? "–"],
    [city.area(before.area)?.name ?? "–", city.area(after?.area)?.name ?? "–"],
  ];
  const differ = pairs.filter(([was, is]) => was !== is).map(([was, is]) => `${was} → ${is}`);
  return differ.length > 0 ? room.queue("changed", { what: differ.join(", ") }) : "";
}
