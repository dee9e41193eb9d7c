/**
 * Phrases of the desks about one alarm, complaint, deadline, event, command or delivery. Pure.
 */
import { standing } from "../feed/clock.js";
import { agencyWords, timeWords } from "../ui/complaints.js";
import { fill, isSaid, sayIn } from "../ui/language.js";
import { nameOf } from "./guests.js";
import { isOpen } from "./queue/list.js";

/** @typedef {import("../feed/messages.js").Alarm} Alarm */
/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("./commands.js").Mark} Mark */

// Alarms: who has one, until when, and what became of a command on it.

/** @typedef {import("../ui/picture.js").Room & {desk: import("../ui/language.js").Say<"alarms">}} DeskRoom */

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
      if (alarm.unpaged_at) return desk("unpaged", { time: timeOf(alarm.unpaged_at, room) });
      return alarm.paged_at ? desk("paged", { time: timeOf(alarm.paged_at, room) }) : "";
  }
}

/** @param {string | null | undefined} at @param {DeskRoom} room */
function dayOf(at, { format }) {
  const ms = Date.parse(at ?? "");
  return Number.isNaN(ms) ? "" : format.date(ms);
}

/** What a command can fail of that the desk says in its own language. */
const OWN = /** @type {const} */ (["not_confirmed", "no_answer", "changed", "unauthorized", "unavailable"]);

/** @param {import("./commands.js").Mark | null} mark @param {DeskRoom} room @returns {string} "" while nothing is to be said */
export function markWords(mark, { desk }) {
  if (!mark) return "";
  if (mark.kind === "sending") return desk("sending");
  if (mark.kind === "faster") return desk("faster", { who: nameOf(mark.why) });
  const own = OWN.find((one) => one === mark.why);
  if (own) return desk(own);
  return mark.why ? desk("failed_why", { why: mark.why }) : desk("failed");
}

// Complaints in a row: state, who has it, what its time is for, who has it open.

/** @typedef {DeskRoom & {queue: import("../ui/language.js").Say<"desk">, states: (state: string) => string, moment: (ms: number, at: number | null) => string, told?: Record<string, string>}} QueueRoom told: names of offices by receiver */
/** @typedef {{at: number | null, calendar: import("../feed/clock.js").Calendar}} Moment */

/** What a city may call its agencies, districts and areas itself, by the key that is said of each. @type {Readonly<Record<string, string>>} */
const TERMS = { all_agencies: "term.agency", suggest_agency: "term.agency", agency: "term.agency", all_districts: "term.district", area: "term.area" };
/** @type {Readonly<Record<string, string>>} */
const BY_TERMS = { by_agency: "term.agency", by_district: "term.district", by_area: "term.area" };

/** @param {string} lang @param {unknown} [words] the city's own, by interface key: they stand where the desk would say its own @returns {QueueRoom["queue"]} */
export function queueSayIn(lang, words) {
  const say = sayIn(lang, "desk");
  const own = /** @type {Record<string, string>} */ (words ?? {});
  return (key, values) => {
    const [term, by] = [own[TERMS[key] ?? ""], own[BY_TERMS[key] ?? ""]];
    return term ? fill(term, values ?? {}) : by ? say("by_term", { term: inSentence(by) }) : say(key, values);
  };
}

/** @param {string} term @returns {string} small within a sentence, unless it is all capitals as OPD is */
function inSentence(term) {
  return term === term.toUpperCase() ? term : `${term.charAt(0).toLowerCase()}${term.slice(1)}`;
}

/** @param {unknown} words the city's own, by interface key @param {string} lang @returns {(state: string) => string} */
export function statesIn(words, lang) {
  const own = /** @type {Record<string, unknown>} */ (words ?? {});
  return (state) => String(own[`state.${state}`] ?? (isSaid(lang, "desk.state", state) ? sayIn(lang, "desk.state")(state) : state));
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
function channelWords(source, channel, { city, queue }) {
  const keys = /** @type {const} */ (["112", "phone", "whatsapp", "counter", "email", "web", "sensor"]);
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

// Deadlines, how they came to be: "masuk Senin 14.10, 3 hari kerja, jatuh tempo Kamis 16.00".

/** @typedef {{from?: string, to?: string | null, why?: string}} Pause */
/**
 * @typedef {object} Deadline what the room says of it; any part may lack
 * @property {string | null} [received_at]
 * @property {string | null} [stage]
 * @property {string | null} [stage_from]
 * @property {string | null} [stage_clock]
 * @property {string | null} [due_at]
 * @property {{n: number, unit: string} | null} [allowed]
 * @property {Pause[]} [pauses]
 * @property {unknown} [extended]
 * @property {{stage: string, due_at: string}[]} [stages] every one that runs
 */
/** @typedef {{lang: string, format: import("../ui/format.js").Format, moment: (ms: number, at: number | null) => string, calendar: import("../feed/clock.js").Calendar}} Speech */

/** @param {Speech} speech @param {string} key of what the room says, perhaps newer than this page @param {Record<string, string>} [values] */
function said({ lang }, key, values = {}) {
  return isSaid(lang, "desk.deadline", key) ? sayIn(lang, "desk.deadline")(key, values) : key;
}

/** @param {Deadline} deadline @param {Card} card @param {number | null} at room time, ms @param {Speech} speech @returns {string} */
export function deadlineWords(deadline, card, at, speech) {
  const due = Date.parse(deadline.due_at ?? card.due_at ?? "");
  if (Number.isNaN(due)) return said(speech, card.closed_at ? "over" : "none");
  const stage = deadline.stage ?? card.due_stage ?? card.stage ?? "";
  const from = Date.parse((stage === "accept" ? (deadline.stage_from ?? card.stage_from) : card.received_at) ?? "");
  const parts = [
    Number.isNaN(from) ? "" : said(speech, stage === "accept" ? "forwarded" : "received", { t: speech.moment(from, at) }),
    lengthWords(deadline, card, stage, speech),
    ...(deadline.pauses ?? []).map((pause) => pauseWords(pause, at, speech)),
    deadline.extended ? said(speech, "extended") : "",
    said(speech, card.overdue ? "passed" : "due", { t: speech.moment(due, at) }),
  ];
  return parts.filter(Boolean).join(", ");
}

/** @param {Deadline} deadline @param {Card} card @param {string} stage @param {Speech} speech @returns {string} how long it has in all, and for what */
function lengthWords({ allowed }, card, stage, speech) {
  const length = allowed ? allowedWords(allowed, speech) : standsWords(card, speech);
  return [length, length && stage ? said(speech, `stage_${stage}`) : ""].filter(Boolean).join(" ");
}

/**
 * By the card alone, minutes and hours that run day and night. Working days are only what the room says: a card's
 * two moments have parts of days between them, which are not the days of the rule.
 * @param {Card} card @param {Speech} speech
 */
function standsWords(card, { format, calendar }) {
  const length = standing(card, Date.parse(card.stage_from ?? ""), calendar);
  return length && card.stage_clock !== "working" && length.left > 0 ? format.span(length.left, { working: false, dayMs: calendar.dayMs }) : "";
}

/** @param {NonNullable<Deadline["allowed"]>} allowed whole hours are said as hours @param {Speech} speech @returns {string} */
function allowedWords({ n, unit }, speech) {
  const hours = unit.endsWith("minutes") && n >= 60 && n % 60 === 0;
  const [count, name] = hours ? [n / 60, unit.replace("minutes", "hours")] : [n, unit];
  return said(speech, name, { n: speech.format.number(count) });
}

/** @param {Pause} pause @param {number | null} at @param {Speech} speech @returns {string} */
function pauseWords({ from, to, why }, at, speech) {
  const length = (to ? Date.parse(to) : (at ?? NaN)) - Date.parse(from ?? "");
  if (Number.isNaN(length) || length < 1000) return "";
  return said(speech, "paused", { span: speech.format.span(length), why: said(speech, why ?? "hold") });
}

/** @param {string} zone @param {import("../ui/format.js").Format} format @returns {Speech["moment"]} the hour today, the weekday within six days, else the date */
export function momentIn(zone, format) {
  const day = new Intl.DateTimeFormat("sv-SE", { timeZone: zone });
  return (ms, at) => {
    const hour = format.hour(ms);
    if (at !== null && day.format(ms) === day.format(at)) return hour;
    const near = at !== null && Math.abs(ms - at) < 6 * 86_400_000;
    return `${near ? format.weekday(ms) : format.day(ms)} ${hour}`;
  };
}

// Events: one line each, with who did it.

/** @typedef {Record<string, any> & {kind: string}} Entry as the room tells it: seq, at, kind, actor, codes, text */
/** @typedef {{line: string, done: string, strong: boolean, quiet: boolean}} Words line: of the history; done: the participle alone; strong: the clock says somebody owes something; quiet: a courtesy among officers */

/** @param {Entry} entry @param {QueueRoom} room @returns {Words} */
export function eventWords(entry, room) {
  const { lang, city, format } = room;
  const plain = entry.kind.replace(/^(complaint|deadline)\./, "");
  const unproved = plain === "closed" && entry.without_proof === true;
  const bySource = plain === "closed" && entry.imported === true;
  const key = unproved ? "closed_unproved" : bySource ? "closed_by_source" : plain === "commented" ? noteOf(entry) : plain;
  const until = Date.parse(entry.until ?? entry.answer_by ?? "");
  const values = /** @type {Record<string, string>} */ ({
    agency: city.agency(entry.agency) ?? room.queue("some_agency"), agencies: (entry.agencies ?? []).map((/** @type {string} */ one) => city.agency(one)).join(", "),
    to: toldWords(entry, room),
    source: channelWords(entry.source, entry.channel, room), outside: city.agency(entry.outside) ?? "–",
    n: format.number((entry.children ?? []).length), percent: String(entry.percent ?? ""), score: String(entry.score ?? ""), until: Number.isNaN(until) ? "–" : room.moment(until, Date.parse(entry.at ?? "") || null),
    stage: isSaid(lang, "desk.stage", entry.stage) ? sayIn(lang, "desk.stage")(entry.stage) : "", set: setWords(entry, room),
  });
  const [line, done] = eventIn(lang, key, values);
  return { line, done, strong: unproved || key === "questioned" || entry.kind.startsWith("deadline."), quiet: key === "claimed" || key === "unclaimed" };
}

/** @param {string} lang @param {string} key of an event, perhaps newer than this page @param {Record<string, string>} values of its payload @returns {[line: string, done: string]} the line and the participle, which a deadline has not */
function eventIn(lang, key, values) {
  const said = key.replace(".", "_");
  if (!isSaid(lang, "desk.event", said)) return [key.replaceAll("_", " "), key];
  return [sayIn(lang, "desk.event")(said, values).trim(), isSaid(lang, "desk.event_done", said) ? sayIn(lang, "desk.event_done")(said) : ""];
}

/** @param {Entry} entry @param {QueueRoom} room whom a delivery reached; citizens by no name, whatever their lane */
function toldWords({ to = "", agency }, { told = {}, city, queue }) {
  if (/^(citizen|phone)(-|$)/.test(to)) return queue("reporter_too");
  return (Object.hasOwn(told, to) ? told[to] : city.agency(agency ?? to)) ?? "–";
}

/** @param {Entry} entry @returns {string} a note among ourselves, or a question of leadership's, or what answers one */
function noteOf(entry) {
  if (entry.answer_by) return "questioned";
  return entry.answers ? "explained" : "commented";
}

/** @param {Entry} entry @param {QueueRoom} room what a triage set, by name */
function setWords({ category, agency, area, priority, set }, { city, queue }) {
  if (!Array.isArray(set)) return "";
  const named = [
    set.includes("category") ? city.category(category) : null, set.includes("agency") ? city.agency(agency) : null, set.includes("area") ? city.area(area)?.name : null,
    set.includes("priority") && (priority === "critical" || priority === "urgent" || priority === "normal") ? queue(priority) : null,
  ].filter(Boolean);
  return named.length > 0 ? `(${named.join(", ")})` : "";
}

// Commands: who was faster with what and when, and what is different now (CR-15).

/** Refusals that the desk says in its own language. */
const REFUSED = /** @type {const} */ (["claimed", "state", "role", "same_person", "past", "window", "cycle"]);

/** @param {Mark} command @param {{at: number | null, timeOf?: (told: any) => string | null}} look timeOf: when that event was, where a history says so @param {QueueRoom} room */
export function commandWords(command, look, room) {
  const { told } = command;
  const known = REFUSED.find((code) => code === told?.code);
  if (known) return room.queue(`refused_${known}`, { who: nameOf(told.claimed_by_name ?? told.claimed_by ?? "–") });
  if (command.kind !== "faster" || typeof told?.event !== "string") return markWords(command, room);
  const ms = Date.parse(told.changed_at ?? told.at ?? look.timeOf?.(told) ?? "");
  const time = Number.isNaN(ms) ? "" : ` ${room.moment(ms, look.at)}`;
  return room.queue("faster", { what: eventWords({ kind: told.event }, room).done, who: nameOf(command.why), time });
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

// Deliveries: whether each agency of a complaint has what it is to have: through, under way, stuck, refused.

/** @typedef {{key: string, lead?: boolean, state?: string, forwarded_at?: string | null, delivery?: {state: string, at: string, sent_at: string | null, tries: number, refused: string | null} | null}} Part of the detail's agencies */
/** @typedef {{at: number | null, lines: readonly import("../feed/messages.js").Line[]}} Now */
/** @typedef {[name: string, words: string, link?: string]} Fact */

/** @param {readonly Part[]} parts the lead first @param {Now} now @param {QueueRoom} room @returns {Fact[]} how many have it, where there are several; then each */
export function sentFacts(parts, now, room) {
  const owed = parts.filter(({ delivery }) => delivery);
  const through = owed.filter(({ delivery }) => delivery?.state === "sent").length;
  const { queue, format } = room;
  const all = through === owed.length ? queue("sent_all") : queue("sent_some", { n: format.number(through), of: format.number(owed.length) });
  const each = parts.map((part) => partFact(part, now, room));
  return owed.length > 1 ? [[queue("sending"), all], ...each] : each;
}

/** @param {Part} part @param {Now} now @param {QueueRoom} room @returns {Fact} */
function partFact(part, now, room) {
  const { queue, city } = room;
  const { words, stuck } = wayWords(part, now, room);
  const did = part.state === "accepted" ? queue("part_accepted") : part.state === "proved" ? queue("part_proved") : "";
  const said = [words, did].filter(Boolean).join(" · ");
  const name = city.agency(part.key) ?? part.key;
  return stuck ? [name, said, "/desk/outbox"] : [name, said];
}

/** @param {Part} part @param {Now} now @param {QueueRoom} room @returns {{words: string, stuck: boolean}} */
function wayWords({ key, delivery }, { at, lines }, { queue, moment, format }) {
  if (!delivery) return { words: "", stuck: false };
  const time = (/** @type {string | null | undefined} */ one) => moment(Date.parse(one ?? ""), at);
  if (delivery.state === "sent") return { words: queue("part_sent", { time: time(delivery.sent_at) }), stuck: false };
  if (delivery.refused) return { words: queue("part_refused", { code: delivery.refused }), stuck: true };
  const stuck = delivery.tries > 0 && lines.some((line) => line.kind === "stuck" && (line.agency === key || line.agencies?.includes(key)));
  if (stuck) return { words: queue("part_stuck", { time: time(delivery.at), n: format.number(delivery.tries) }), stuck };
  const later = at !== null && Date.parse(delivery.at) > at;
  return { words: queue(later ? "part_gathered" : "part_waiting", { time: time(delivery.at) }), stuck };
}
