/**
 * Beside the open complaint: what is suggested, how its deadline came to be, whom to call, which reports are like it.
 */
import { placeWords, whatWords } from "../../ui/complaints.js";
import { setSymbol, symbol } from "../../ui/symbols.js";
import { element, find, mark, show, write } from "../../ui/dom.js";
import { nearWords } from "./act_options.js";
import { deadlineWords } from "./deadline_words.js";
import { mountFacts } from "./detail_view.js";
import { sentFacts } from "./sent_words.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("./queue_desk.js").Look} Look */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */
/** @typedef {{suggest: (number: number) => void, act: (name: "forward" | "area") => void, open: (id: string) => void}} Hands */

/** @param {Document} page @param {QueueRoom} room @param {Hands} hands @returns {(look: Look) => void} */
export function mountSide(page, room, hands) {
  const paintSuggested = mountSuggested(find(page, ".suggested"), room, hands);
  const paintSimilar = mountSimilar(page, room, hands);
  const paintAgency = mountFacts(find(page, '[data-facts="agency"]'));
  const paintSent = mountFacts(find(page, '[data-facts="sent"]'));
  const deadline = find(page, ".deadline");
  for (const line of page.querySelectorAll(".attribution")) write(line, room.city.attribution);
  return (look) => {
    const { card } = look;
    if (!card) return;
    const opened = look.open === card.id;
    write(deadline, deadlineWords(look.held.detail?.deadline ?? {}, card, look.at, { ...room, calendar: look.calendar }));
    paintSuggested(card, look, opened);
    paintSimilar(look, opened);
    paintAgency(opened && look.agency ? agencyFacts(look, room) : []);
    paintSent(opened ? sentFacts(look.held.detail?.agencies ?? [], { at: look.at, lines: look.state.lines }, room) : []);
  };
}

/** @param {Look} look @param {QueueRoom} room whom to call about it @returns {[string, string, string?][]} */
function agencyFacts({ agency, at }, { city, queue, format }) {
  if (!agency) return [];
  const call = (/** @type {string | null | undefined} */ number) => (/^\+?[\d ()-]{5,}$/.test(number ?? "") ? `tel:${(number ?? "").replace(/[^\d+]/g, "")}` : "");
  const oldest = at === null ? NaN : at - Date.parse(agency.oldest ?? "");
  const load = typeof agency.open === "number" ? queue("agency_load", { open: format.number(agency.open), overdue: format.number(agency.overdue ?? 0) }) : "";
  return /** @type {[string, string, string?][]} */ ([
    [queue("agency"), [city.agency(agency.key), load, Number.isNaN(oldest) ? "" : queue("oldest", { span: format.span(oldest) })].filter(Boolean).join(" · ")],
    [queue("phone"), agency.phone ?? "", call(agency.phone)],
    [queue("on_call"), agency.on_call ?? "", call(agency.on_call)],
  ]).filter(([, words]) => words !== "");
}

/** @param {HTMLElement} box @param {QueueRoom} room @param {Hands} hands @returns {(card: Card, look: Look, opened: boolean) => void} made anew only when it differs */
function mountSuggested(box, room, hands) {
  const { queue, city } = room;
  let shown = "";
  return (card, look, opened) => {
    const { agency, categories, area } = look.suggested;
    const now = opened ? JSON.stringify([card.state, agency, categories, area]) : "";
    if (now === shown) return;
    shown = now;
    const rows = [
      card.state === "received" && agency ? row(queue("suggest_agency"), [choice("F", city.agency(agency) ?? agency, "", () => hands.act("forward"))]) : null,
      categories.length > 0 ? row(queue("suggest_category"), categories.map(({ key, because }, i) => choice(String(i + 1), city.category(key) ?? key, (because ?? []).join(", "), () => hands.suggest(i + 1)))) : null,
      area ? row(queue("suggest_area"), [choice("W", city.area(area)?.name ?? area, "", () => hands.act("area"))]) : null,
    ];
    box.replaceChildren(...(now === "" ? [] : rows.filter((one) => one !== null)));
  };
}

/** @param {string} name @param {readonly HTMLElement[]} choices */
function row(name, choices) {
  return element("div", "suggested-row", element("span", "suggested-name", name), ...choices);
}

/** @param {string} key @param {string} words @param {string} why @param {() => void} take */
function choice(key, words, why, take) {
  const button = element("button", "suggested-one", words, " ", element("kbd", "", key));
  mark(button, "type", "button");
  if (why) mark(button, "title", why);
  button.addEventListener("click", take);
  return button;
}

/** @param {Document} page @param {QueueRoom} room @param {Hands} hands @returns {(look: Look, opened: boolean) => void} */
function mountSimilar(page, room, hands) {
  const list = find(page, ".similar");
  let shown = "";
  return ({ similar }, opened) => {
    const listed = opened ? similar : [];
    show(find(page, ".similar-title"), listed.length > 0);
    show(find(page, ".similar-none"), opened && listed.length === 0);
    const now = JSON.stringify(listed.map(({ id, metres, card }) => [id, metres, card.seq]));
    if (now === shown) return;
    shown = now;
    list.replaceChildren(...listed.map((one) => similarRow(one, room, hands)));
  };
}

/** @param {import("./details.js").Similar} similar @param {QueueRoom} room @param {Hands} hands */
function similarRow({ id, card, metres, minutes }, room, hands) {
  const shape = symbol(card.status);
  setSymbol(shape, { status: card.status });
  const button = element("button", "similar-one", shape, element("span", "similar-what", `${whatWords(card, room)}, ${placeWords(card, room)}`), element("span", "similar-near", nearWords({ metres, minutes }, room)));
  mark(button, "type", "button");
  button.addEventListener("click", () => hands.open(id));
  return element("li", "", button);
}
