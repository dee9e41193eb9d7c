/**
 * What stands above the numbers: whose they are, the choice of an agency, and how old what is shown is.
 */
import { element, find, mark, write } from "../ui/dom.js";
import { NOBODY } from "./lead_count.js";

/** @typedef {import("./lead_room.js").LeadRoom} LeadRoom */
/** @typedef {import("./lead_room.js").LeadFacts} LeadFacts */
/** @typedef {{freshness: import("../feed/clock.js").Freshness, whole: boolean, age: number, waited: number, agency: string, open: number, late: number, asked: number, numbers: string}} HeadLook */

const PATIENCE_S = 8;

/** @param {Document} page @param {LeadRoom} room @param {LeadFacts} facts @param {(agency: string) => void} choose @returns {(look: HeadLook) => void} */
export function mountHead(page, room, facts, choose) {
  const { lead, work, say, format, city } = room;
  const select = mountScope(page, room, facts, choose);
  write(find(page, ".agency-name"), facts.agency ? (city.agency(facts.agency) ?? facts.agency) : lead("title"));
  write(find(page, ".drill-band"), page.documentElement.dataset.drill === "true" ? work("drill") : "");
  return (look) => {
    if (select.value !== look.agency) select.value = look.agency;
    const joining = !look.whole && look.waited < PATIENCE_S;
    mark(page.documentElement, "data-freshness", look.freshness);
    mark(find(page, ".chip"), "data-joining", String(joining));
    write(find(page, ".chip-word"), joining ? say("joining") : say(look.freshness));
    write(find(page, ".chip-age"), look.whole && Number.isFinite(look.age) && look.freshness !== "live" ? format.span(look.age * 1000) : "");
    write(find(page, ".agency-sum"), look.numbers);
    const lost = look.freshness === "lost" && !joining;
    mark(find(page, ".agency-lost"), "data-shown", String(lost));
    write(find(page, ".agency-lost"), lost ? work("lost", { span: format.span((Number.isFinite(look.age) ? look.age : look.waited) * 1000) }) : "");
    const title = `${look.late ? `(${format.number(look.late)}) ` : ""}${facts.agency ? (city.agency(facts.agency) ?? "") : lead("title")} · ${city.room}`;
    if (page.title !== title) page.title = title;
  };
}

/** @param {Document} page @param {LeadRoom} room @param {LeadFacts} facts @param {(agency: string) => void} choose @returns {HTMLSelectElement} */
function mountScope(page, { lead, city }, facts, choose) {
  const select = /** @type {HTMLSelectElement} */ (find(page, ".scope select"));
  const named = facts.agencies.map((key) => /** @type {[string, string]} */ ([key, city.agency(key) ?? key])).sort((a, b) => a[1].localeCompare(b[1]));
  select.append(.../** @type {[string, string][]} */ ([["", lead("all")], ...named, [NOBODY, lead("nobody")]]).map(([key, name]) => {
    const option = /** @type {HTMLOptionElement} */ (element("option", "", name));
    option.value = key;
    return option;
  }));
  write(find(page, ".scope span"), lead("scope"));
  mark(find(page, ".scope"), "data-shown", String(facts.agency === ""));
  select.addEventListener("change", () => choose(select.value));
  return select;
}
