/**
 * What the pages of agencies and of leadership read from themselves once: city, language, whose work it is.
 */
import { actorNames, addNames } from "../desk/guests.js";
import { momentIn, queueSayIn, statesIn } from "../desk/phrases.js";
import { cityOf, rolesIn } from "../ui/city.js";
import { find } from "../ui/dom.js";
import { formatIn } from "../ui/format.js";
import { languageOf, sayIn } from "../ui/language.js";

// An agency's page, and the page behind a signed link.

/** @typedef {import("../desk/phrases.js").QueueRoom & {work: import("../ui/language.js").Say<"agency">, stops: boolean, agency: string}} WorkRoom stops: a question to the citizen stops the clock */
/** @typedef {{agency: string, role: string, actor: string, commands: string[], stops: boolean, complaint?: string, csrf?: string, until?: string}} Facts */

/** @param {Document} page @returns {{room: WorkRoom, facts: Facts}} */
export function roomOf(page) {
  const lang = languageOf(page);
  const city = cityOf(page, lang);
  const raw = JSON.parse(find(page, "#city").textContent ?? "{}");
  /** @type {Facts} */
  const facts = JSON.parse(find(page, "#agency").textContent ?? "{}");
  const format = formatIn(lang, city);
  const roles = rolesIn(lang);
  addNames({ ...roles, ...actorNames(Object.fromEntries(Object.keys(raw.agencies ?? {}).map((key) => [key, city.agency(key) ?? key])), roles) });
  const room = {
    lang, city, format, say: sayIn(lang, "ui"), desk: sayIn(lang, "alarms"), queue: queueSayIn(lang, raw.words), work: sayIn(lang, "agency"), width: () => 0,
    states: statesIn(raw.words, lang), moment: momentIn(city.zone, format), stops: facts.stops, agency: facts.agency,
  };
  return { room, facts };
}

// Leadership's page.

/** @typedef {WorkRoom & {lead: import("../ui/language.js").Say<"lead">}} LeadRoom */
/** @typedef {Facts & {audience: string, agencies: string[], reached: number, phones: Record<string, string>}} LeadFacts agency "" for leadership, which sees all; reached = percent of the time allowed at which its reader is told; phones by agency */

/** @param {Document} page @returns {{room: LeadRoom, facts: LeadFacts}} */
export function leadRoomOf(page) {
  const { room, facts } = roomOf(page);
  const lead = sayIn(room.lang, "lead");
  // Nobody reads here as the one who helps: who has it is named instead.
  /** @type {WorkRoom["work"]} */
  const work = (key, values) => (key === "helper" || key === "leads" ? lead("with", { agency: values?.["agency"] ?? room.city.agency(room.agency) ?? "" }) : room.work(key, values));
  return { room: { ...room, work, lead }, facts: /** @type {LeadFacts} */ (facts) };
}
