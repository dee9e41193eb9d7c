/**
 * How a deadline came to be, in words: "masuk Senin 14.10, 3 hari kerja, jatuh tempo Kamis 16.00". Pure.
 */
import { standing } from "../../feed/clock.js";
import { fill } from "../../ui/words.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
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
/** @typedef {{lang: import("../../ui/words.js").Lang, format: import("../../ui/format.js").Format, moment: (ms: number, at: number | null) => string, calendar: import("../../feed/clock.js").Calendar}} Speech */

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

/** @param {string} zone @param {import("../../ui/format.js").Format} format @returns {Speech["moment"]} the hour today, the weekday within six days, else the date */
export function momentIn(zone, format) {
  const day = new Intl.DateTimeFormat("sv-SE", { timeZone: zone });
  return (ms, at) => {
    const hour = format.hour(ms);
    if (at !== null && day.format(ms) === day.format(at)) return hour;
    const near = at !== null && Math.abs(ms - at) < 6 * 86_400_000;
    return `${near ? format.weekday(ms) : format.day(ms)} ${hour}`;
  };
}
