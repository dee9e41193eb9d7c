/**
 * What both pages of an agency read from the page once: the city, the language, whose work it is.
 */
import { cityOf, ROLES } from "../ui/city.js";
import { deskSayIn } from "../desk/words.js";
import { tellNames } from "../desk/guests.js";
import { momentIn, statesIn } from "../desk/phrases.js";
import { queueSayIn } from "../desk/queue/words.js";
import { formatIn } from "../ui/format.js";
import { find } from "../ui/dom.js";
import { asLang, sayIn } from "../ui/words.js";
import { workSayIn } from "./agency_words.js";

/** @typedef {import("../desk/phrases.js").QueueRoom & {work: import("./agency_words.js").WorkSay, stops: boolean, agency: string}} WorkRoom stops: a question to the citizen stops the clock */
/** @typedef {{agency: string, role: string, actor: string, stops: boolean, complaint?: string, csrf?: string, until?: string}} Facts */

/** @param {Document} page @returns {{room: WorkRoom, facts: Facts}} */
export function roomOf(page) {
  const lang = asLang(new URLSearchParams(location.search).get("lang") ?? page.documentElement.lang);
  const city = cityOf(page, lang);
  const raw = JSON.parse(find(page, "#city").textContent ?? "{}");
  /** @type {Facts} */
  const facts = JSON.parse(find(page, "#agency").textContent ?? "{}");
  const format = formatIn(lang, city);
  page.documentElement.lang = lang;
  tellNames(ROLES[lang]);
  tellNames(Object.fromEntries(Object.keys(raw.agencies ?? {}).map((key) => [`link:${key}`, city.agency(key) ?? key])));
  const room = {
    lang, city, format, say: sayIn(lang), desk: deskSayIn(lang), queue: queueSayIn(lang, raw.words), work: workSayIn(lang), width: () => 0,
    states: statesIn(raw.words, lang), moment: momentIn(city.zone, format), stops: facts.stops, agency: facts.agency,
  };
  return { room, facts };
}
