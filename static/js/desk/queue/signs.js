/**
 * Early signs at the duty desk: one quiet line under the head, and on demand each with its numbers and the way to its complaints.
 */
import { Figures, SIGNS_EVERY_MS } from "../../feed/http.js";
import { asSigns } from "../../feed/messages.js";
import { element, find, mark, show, write } from "../../ui/dom.js";
import { finishedWords, growingWords, momentWords, timesWords, unusualWords } from "../../ui/sign_words.js";
import { NO_FILTER } from "./list.js";

/** @typedef {import("./queue.js").Look} Look */
/** @typedef {import("../phrases.js").QueueRoom} QueueRoom */
/** @typedef {import("../../feed/messages.js").SignsFigure} SignsFigure */
/** @typedef {{getJson: (url: string) => Promise<unknown>, mono: () => number, changed: () => void, go: (change: Partial<import("./list.js").Place>) => void, open: (id: string) => void}} Edge */
/** @typedef {{words: string, more: string, take: () => void}} Sign */
/** @typedef {{title: string, signs: Sign[]}} Part */

/** @param {Document} page @param {QueueRoom} room @param {Edge} edge @returns {(look: Look) => void} */
export function mountSigns(page, room, edge) {
  const figures = new Figures({ getJson: edge.getJson, now: edge.mono, arrived: edge.changed, every: SIGNS_EVERY_MS });
  const box = /** @type {HTMLDetailsElement} */ (find(page, ".desk-signs"));
  const [line, list] = [find(box, "summary"), find(box, ".sign-list")];
  const history = find(page, ".overview-signs");
  let drawn = "";
  return ({ state, at }) => {
    figures.want("signs", state.epoch);
    const signs = asSigns(figures.of("signs", state.epoch));
    const parts = signs ? partsOf(signs, at ?? 0, room, edge) : [];
    show(box, parts.length > 0);
    write(line, parts.length > 0 ? room.queue("signs", { what: parts.map(({ title }) => title).join(" · ") }) : "");
    write(history, signs ? historyWords(signs, room) : "");
    // Whoever reads keeps the place: drawn anew only where it says something else.
    const said = JSON.stringify(parts);
    if (said === drawn) return;
    drawn = said;
    const take = (/** @type {Sign} */ sign) => {
      box.open = false;
      sign.take();
    };
    list.replaceChildren(...parts.map((part) => sectionOf(part, take)));
  };
}

/** @param {SignsFigure} signs @param {number} now room time, ms @param {QueueRoom} room @param {Pick<Edge, "go" | "open">} edge @returns {Part[]} those kinds of which there are any */
export function partsOf({ unusual, growing, recurring }, now, room, { go, open }) {
  const { city, queue, format } = room;
  const at = (/** @type {string} */ text) => momentWords(Date.parse(text), now, format);
  const list = (/** @type {Partial<typeof NO_FILTER>} */ filter) => go({ view: "open", q: "", filter: { ...NO_FILTER, ...filter } });
  /** @type {Part[]} */
  const parts = [
    { title: queue("signs_unusual", { n: unusual.length }), signs: unusual.map((one) => ({
      words: unusualWords(one, room)[0] ?? "",
      more: queue("signs_since", { usual: format.number(one.usual), since: at(one.since), noticed: at(one.noticed_at) }),
      take: () => list({ category: one.category, district: one.district ?? "" }),
    })) },
    { title: queue("signs_growing", { n: growing.length }), signs: growing.map((one) => ({
      words: growingWords(one, now, room)[0] ?? "", more: "", take: () => list({ category: one.category, area: one.area ?? "" }),
    })) },
    { title: queue("signs_recurring", { n: recurring.length }), signs: recurring.map((one) => ({
      words: [city.category(one.category) ?? one.category, city.area(one.area ?? "")?.name ?? "", timesWords(one, room)].filter((words) => words !== "").join(" · "),
      more: finishedWords(one, room), take: () => open(one.complaint),
    })) },
  ];
  return parts.filter(({ signs }) => signs.length > 0);
}

/** @param {SignsFigure} signs @param {QueueRoom} room @returns {string} what all of it is compared with, or why nothing is said */
function historyWords({ history, weeks, weeks_needed: needed }, { queue, format }) {
  return history === "young" ? queue("signs_young", { n: format.number(weeks), needed: format.number(needed) }) : queue("signs_history", { n: format.number(weeks) });
}

/** @param {Part} part @param {(sign: Sign) => void} take @returns {HTMLElement} */
function sectionOf({ title, signs }, take) {
  const rows = signs.map((sign) => {
    const button = element("button", "sign-one", element("span", "sign-what", sign.words), element("span", "sign-more", sign.more));
    mark(button, "type", "button");
    button.addEventListener("click", () => take(sign));
    return element("li", "", button);
  });
  return element("section", "sign-part", element("h3", "sign-title", title), element("ul", "", ...rows));
}
