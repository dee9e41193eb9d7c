/**
 * What leadership's page reads from itself once: the city, the language, and whose page it is.
 */
import { roomOf } from "../agency/words.js";
import { leadSayIn } from "./lead_words.js";

/** @typedef {import("../agency/words.js").WorkRoom & {lead: import("./lead_words.js").LeadSay}} LeadRoom */
/** @typedef {import("../agency/words.js").Facts & {audience: string, agencies: string[]}} LeadFacts agency "" for leadership, which sees all */

/** @param {Document} page @returns {{room: LeadRoom, facts: LeadFacts}} */
export function leadRoomOf(page) {
  const { room, facts } = roomOf(page);
  const lead = leadSayIn(room.lang);
  // Nobody reads here as the one who helps: who has it is named instead.
  /** @type {import("../agency/words.js").WorkSay} */
  const work = (key, values) => (key === "helper" || key === "leads" ? lead("with", { agency: values?.agency ?? room.city.agency(room.agency) ?? "" }) : room.work(key, values));
  return { room: { ...room, work, lead }, facts: /** @type {LeadFacts} */ (facts) };
}
