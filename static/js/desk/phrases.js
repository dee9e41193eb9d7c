/**
 * Phrases of the desks about one alarm, complaint, deadline, event, command or delivery. Pure.
 */
import { standing } from "../feed/clock.js";
import { agencyWords, timeWords } from "../ui/complaints.js";
import { fill } from "../ui/words.js";
import { nameOf } from "./guests.js";
import { isOpen } from "./queue/list.js";

/** @typedef {import("../feed/messages.js").Alarm} Alarm */
/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("./orders.js").Mark} Mark */

// Alarms: who has one, until when, and what became of a command on it.

/** @typedef {import("../ui/picture.js").Room & {desk: import("./words.js").DeskSay}} DeskRoom */

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

/** @param {import("./orders.js").Mark | null} mark @param {DeskRoom} room @returns {string} "" while nothing is to be said */
export function markWords(mark, { desk }) {
  if (!mark) return "";
  if (mark.kind === "sending") return desk("sending");
  if (mark.kind === "faster") return desk("faster", { who: nameOf(mark.why) });
  const own = OWN.find((one) => one === mark.why);
  if (own) return desk(own);
  return mark.why ? desk("failed_why", { why: mark.why }) : desk("failed");
}

// Complaints in a row: state, who has it, what its time is for, who has it open.

/** @typedef {DeskRoom & {queue: import("./queue/words.js").QueueSay, states: (state: string) => string, moment: (ms: number, at: number | null) => string, told?: Record<string, string>}} QueueRoom told: names of offices by receiver */
/** @typedef {{at: number | null, calendar: import("../feed/clock.js").Calendar}} Moment */

const STATES = {
  id: { received: "Baru", forwarded: "Diteruskan", accepted: "Diterima OPD", working: "Ditindaklanjuti", proof_submitted: "Bukti dikirim", done: "Selesai", not_ours: "Bukan kewenangan", rejected: "Ditolak", merged: "Digabung" },
  en: { received: "New", forwarded: "Forwarded", accepted: "Accepted", working: "Followed up", proof_submitted: "Proof submitted", done: "Finished", not_ours: "Not ours", rejected: "Rejected", merged: "Merged" },
};

/** @param {unknown} words the city's own, by interface key @param {import("../ui/words.js").Lang} lang @returns {(state: string) => string} */
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
function channelWords(source, channel, { city, queue }) {
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
/** @typedef {{lang: import("../ui/words.js").Lang, format: import("../ui/format.js").Format, moment: (ms: number, at: number | null) => string, calendar: import("../feed/clock.js").Calendar}} Speech */

const WORDS = {
  id: {
    received: "masuk {t}", forwarded: "diteruskan {t}", due: "jatuh tempo {t}", passed: "jatuh tempo {t} sudah lewat", paused: "berhenti {span} ({why})",
    citizen: "menunggu pelapor", hold: "ditahan", ended: "selesai", extended: "diperpanjang", none: "tanpa tenggat", over: "tenggat tidak berjalan lagi", stage_forward: "untuk meneruskan", stage_accept: "untuk menerima", stage_finish: "untuk menyelesaikan",
    working_days: "{n} hari kerja", working_hours: "{n} jam kerja", working_minutes: "{n} mnt kerja", days: "{n} hari", hours: "{n} jam", minutes: "{n} mnt",
  },
  en: {
    received: "received {t}", forwarded: "forwarded {t}", due: "due {t}", passed: "was due {t}", paused: "stood {span} ({why})",
    citizen: "awaiting the reporter", hold: "on hold", ended: "ended", extended: "extended", none: "no deadline", over: "no deadline runs any more", stage_forward: "to forward", stage_accept: "to accept", stage_finish: "to finish",
    working_days: "{n} working {n|day|days}", working_hours: "{n} working {n|hour|hours}", working_minutes: "{n} working min", days: "{n} {n|day|days}", hours: "{n} {n|hour|hours}", minutes: "{n} min",
  },
};

/** @param {Record<string, string>} words @param {string} key @param {Record<string, string>} [values] */
function said(words, key, values = {}) {
  return fill(words[key] ?? key, values);
}

/** @param {Deadline} deadline @param {Card} card @param {number | null} at room time, ms @param {Speech} speech @returns {string} */
export function deadlineWords(deadline, card, at, speech) {
  const words = WORDS[speech.lang];
  const due = Date.parse(deadline.due_at ?? card.due_at ?? "");
  if (Number.isNaN(due)) return card.closed_at ? words.over : words.none;
  const stage = deadline.stage ?? card.due_stage ?? card.stage ?? "";
  const from = Date.parse((stage === "accept" ? (deadline.stage_from ?? card.stage_from) : card.received_at) ?? "");
  const parts = [
    Number.isNaN(from) ? "" : said(words, stage === "accept" ? "forwarded" : "received", { t: speech.moment(from, at) }),
    lengthWords(deadline, card, stage, speech),
    ...(deadline.pauses ?? []).map((pause) => pauseWords(pause, at, speech)),
    deadline.extended ? words.extended : "",
    said(words, card.overdue ? "passed" : "due", { t: speech.moment(due, at) }),
  ];
  return parts.filter(Boolean).join(", ");
}

/** @param {Deadline} deadline @param {Card} card @param {string} stage @param {Speech} speech @returns {string} how long it has in all, and for what */
function lengthWords({ allowed }, card, stage, speech) {
  const length = allowed ? allowedWords(allowed, speech) : standsWords(card, speech);
  return [length, length && stage ? said(WORDS[speech.lang], `stage_${stage}`) : ""].filter(Boolean).join(" ");
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
function allowedWords({ n, unit }, { lang, format }) {
  const hours = unit.endsWith("minutes") && n >= 60 && n % 60 === 0;
  const [count, name] = hours ? [n / 60, unit.replace("minutes", "hours")] : [n, unit];
  return said(WORDS[lang], name, { n: format.number(count) });
}

/** @param {Pause} pause @param {number | null} at @param {Speech} speech @returns {string} */
function pauseWords({ from, to, why }, at, { lang, format }) {
  const length = (to ? Date.parse(to) : (at ?? NaN)) - Date.parse(from ?? "");
  if (Number.isNaN(length) || length < 1000) return "";
  return said(WORDS[lang], "paused", { span: format.span(length), why: said(WORDS[lang], why ?? "hold") });
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

/** By event: the line, and the participle. `{agency}` and the like are filled from the payload. @type {Record<"id" | "en", Record<string, readonly [string, string]>>} */
const LINES = {
  id: {
    received: ["Masuk lewat {source}", "diterima"], amended: ["Dilengkapi sumbernya", "dilengkapi"], triaged: ["Ditriase {set}", "ditriase"],
    forwarded: ["Diteruskan ke {agency}", "diteruskan"], accepted: ["{agency} menerima", "diterima"], declined: ["{agency} menolak", "ditolak OPD"],
    started: ["{agency} mulai bekerja", "dimulai"], coordinated: ["Koordinasi {agencies}", "dikoordinasikan"], asked: ["Tanya pelapor", "ditanyakan"],
    answered: ["Pelapor menjawab", "dijawab"], held: ["Ditahan sampai {until}", "ditahan"], resumed: ["Dilanjutkan", "dilanjutkan"],
    proof_submitted: ["{agency} mengirim bukti", "dibuktikan"], sent_back: ["Bukti dikembalikan", "dikembalikan"], proof_released: ["Foto diperlihatkan ke tamu", "diperlihatkan"], proof_withdrawn: ["Foto tidak diperlihatkan lagi", "ditarik"], validated: ["Bukti disahkan, selesai", "disahkan"],
    closed: ["Ditutup", "ditutup"], closed_unproved: ["Ditutup TANPA BUKTI", "ditutup tanpa bukti"], reopened: ["Dibuka kembali", "dibuka kembali"], merged: ["Digabung ke laporan lain", "digabung"], absorbed: ["Menerima {n} laporan gabungan", "digabung"],
    split: ["Dipisah lagi", "dipisah"], released: ["Satu laporan dipisah", "dipisah"], referred: ["Dirujuk ke {outside}", "dirujuk"], rejected: ["Ditolak", "ditolak"],
    commented: ["Catatan", "dicatat"], questioned: ["Pertanyaan, jawab sebelum {until}", "ditanyakan pimpinan"], explained: ["Jawaban atas pertanyaan", "dijawab"], replied: ["Dibalas ke warga", "dibalas"], rated: ["Pelapor menilai {score} dari 5", "dinilai"], claimed: ["Dibuka", "dibuka"], unclaimed: ["Ditutup lagi", "ditutup lagi"], extended: ["Tenggat diperpanjang", "diperpanjang"], replanned: ["Tenggat dihitung ulang", "dihitung ulang"], erased: ["Data pribadi dihapus", "dihapus"],
    warned: ["Batas {stage} hampir habis", ""], passed: ["Batas {stage} lewat", ""], multiplied: ["{percent} % dari batas {stage}", ""],
    "alarm.acknowledged": ["Alarm diakui", "diakui"], "outbox.sent": ["Terkirim ke {to}", "terkirim"],
  },
  en: {
    received: ["Received by {source}", "received"], amended: ["Its source said more", "amended"], triaged: ["Triaged {set}", "triaged"],
    forwarded: ["Forwarded to {agency}", "forwarded"], accepted: ["{agency} accepted", "accepted"], declined: ["{agency} declined", "declined"],
    started: ["{agency} began", "started"], coordinated: ["With {agencies}", "coordinated"], asked: ["Asked the reporter", "asked"],
    answered: ["The reporter answered", "answered"], held: ["On hold until {until}", "put on hold"], resumed: ["Resumed", "resumed"],
    proof_submitted: ["{agency} submitted proof", "proved"], sent_back: ["Proof sent back", "sent back"], proof_released: ["Pictures shown to guests", "released"], proof_withdrawn: ["Pictures shown to guests no more", "withdrawn"], validated: ["Proof validated, finished", "validated"],
    closed: ["Closed", "closed"], closed_unproved: ["Closed WITHOUT PROOF", "closed without proof"], reopened: ["Reopened", "reopened"], merged: ["Merged into another report", "merged"], absorbed: ["Other reports taken in: {n}", "merged"],
    split: ["Split off again", "split"], released: ["One report split off", "split"], referred: ["Referred to {outside}", "referred"], rejected: ["Rejected", "rejected"],
    commented: ["Note", "noted"], questioned: ["Question, answer before {until}", "asked by leadership"], explained: ["Answer to the question", "answered"], replied: ["Replied to the citizen", "replied to"], rated: ["The reporter rated it {score} of 5", "rated"], claimed: ["Opened", "opened"], unclaimed: ["Closed again", "closed again"], extended: ["Deadline extended", "extended"], replanned: ["Deadline planned anew", "planned anew"], erased: ["Personal data erased", "erased"],
    warned: ["Time to {stage} nearly over", ""], passed: ["Time to {stage} over", ""], multiplied: ["{percent} % of the time to {stage}", ""],
    "alarm.acknowledged": ["Alarm acknowledged", "acknowledged"], "outbox.sent": ["Sent to {to}", "sent"],
  },
};
const STAGES = { id: { forward: "meneruskan", accept: "menerima", finish: "menyelesaikan", reply: "membalas" }, en: { forward: "forward", accept: "accept", finish: "finish", reply: "reply" } };

/** @param {Entry} entry @param {QueueRoom} room @returns {Words} */
export function eventWords(entry, room) {
  const { lang, city, format } = room;
  const plain = entry.kind.replace(/^(complaint|deadline)\./, "");
  const unproved = plain === "closed" && entry.without_proof === true;
  const key = unproved ? "closed_unproved" : plain === "commented" ? noteOf(entry) : plain;
  const [line, done] = LINES[lang][key] ?? [key.replaceAll("_", " "), key];
  const until = Date.parse(entry.until ?? entry.answer_by ?? "");
  const values = /** @type {Record<string, string>} */ ({
    agency: city.agency(entry.agency) ?? "OPD", agencies: (entry.agencies ?? []).map((/** @type {string} */ one) => city.agency(one)).join(", "),
    to: toldWords(entry, room),
    source: channelWords(entry.source, entry.channel, room), outside: city.agency(entry.outside) ?? "–",
    n: format.number((entry.children ?? []).length), percent: String(entry.percent ?? ""), score: String(entry.score ?? ""), until: Number.isNaN(until) ? "–" : room.moment(until, Date.parse(entry.at ?? "") || null),
    stage: /** @type {Record<string, string>} */ (STAGES[lang])[entry.stage] ?? "", set: setWords(entry, room),
  });
  const fill = (/** @type {string} */ text) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "").trim();
  return { line: fill(line), done, strong: unproved || key === "questioned" || entry.kind.startsWith("deadline."), quiet: key === "claimed" || key === "unclaimed" };
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
