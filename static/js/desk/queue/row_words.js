/**
 * What the duty desk says about one complaint in a row: its state, who has it, what its time is for, who has it open.
 */
import { agencyWords, timeWords } from "../../ui/complaints.js";
import { nameOf } from "../guests.js";
import { isOpen } from "./queue_list.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("../desk_alarm_words.js").DeskRoom & {queue: import("./queue_words.js").QueueSay, states: (state: string) => string, moment: (ms: number, at: number | null) => string, told?: Record<string, string>}} QueueRoom told: names of offices by receiver */
/** @typedef {{at: number | null, calendar: import("../../feed/clock.js").Calendar}} Moment */

const STATES = {
  id: { received: "Baru", forwarded: "Diteruskan", accepted: "Diterima OPD", working: "Ditindaklanjuti", proof_submitted: "Bukti dikirim", done: "Selesai", not_ours: "Bukan kewenangan", rejected: "Ditolak", merged: "Digabung" },
  en: { received: "New", forwarded: "Forwarded", accepted: "Accepted", working: "Followed up", proof_submitted: "Proof submitted", done: "Finished", not_ours: "Not ours", rejected: "Rejected", merged: "Merged" },
};

/** @param {unknown} words the city's own, by interface key @param {import("../../ui/words.js").Lang} lang @returns {(state: string) => string} */
export function statesIn(words, lang) {
  const own = /** @type {Record<string, unknown>} */ (words ?? {});
  return (state) => String(own[`state.${state}`] ?? /** @type {Record<string, string>} */ (STATES[lang])[state] ?? state);
}

/** @param {Card} card @param {QueueRoom} room @param {string | null} [suggested] @returns {string} which agency has it, or would */
export function whoWords(card, room, suggested = null) {
  const { queue, city } = room;
  if (card.state !== "received") return agencyWords(card, room);
  const would = city.agency(suggested ?? card.agency);
  return would ? queue("intended", { agency: would }) : room.say("no_agency");
}

/** @param {Card} card @param {QueueRoom} room by which channel it came */
export function sourceWords({ source, channel }, room) {
  return channelWords(source, channel, room);
}

/** @param {string | null | undefined} source @param {string | null | undefined} channel @param {QueueRoom} room @returns {string} */
export function channelWords(source, channel, { city, queue }) {
  const keys = /** @type {const} */ (["112", "phone", "whatsapp", "counter", "email", "web"]);
  const by = keys.find((key) => key === channel);
  return by ? queue(`channel_${by}`) : (city.source(source ?? "") ?? channel ?? source ?? "");
}

/** @param {Card} card @param {Moment} moment @param {QueueRoom} room time left or over; when it ended */
export function rowTime(card, moment, room) {
  if (isOpen(card)) return timeWords(card, moment, room);
  const ended = Date.parse(card.closed_at ?? "");
  return Number.isNaN(ended) ? "" : room.moment(ended, moment.at);
}

/** @param {Card} card @param {QueueRoom} room what the time beside it is for */
export function stageWords(card, { queue }) {
  if (!isOpen(card) || card.paused || !card.stage) return "";
  if (card.state === "proof_submitted") return queue("proof_waits");
  return queue(/** @type {"until_forward"} */ (`${card.overdue ? "over" : "until"}_${card.due_stage ?? card.stage}`));
}

/** @param {Card} card @param {number | null} at room time, ms @returns {string | null} who has it open now */
export function claimOf({ claimed_by: who, claimed_until: until }, at) {
  const ends = Date.parse(until ?? "");
  return who && (Number.isNaN(ends) || at === null || ends > at) ? who : null;
}

/** @param {Card} card @param {number | null} at @param {string} me @param {QueueRoom} room */
export function claimWords(card, at, me, { queue }) {
  const who = claimOf(card, at);
  if (!who) return "";
  return who === me ? queue("claimed_you") : queue("claimed", { who: nameOf(who) });
}

/** @param {Card} card @param {number | null} at room time, ms @param {QueueRoom} room what leadership asked and nobody has answered */
export function questionWords({ answer_by: by }, at, { queue, format, moment }) {
  const due = Date.parse(by ?? "");
  if (Number.isNaN(due)) return "";
  return at !== null && due < at ? queue("question_over", { span: format.span(at - due) }) : queue("question_until", { t: moment(due, at) });
}
