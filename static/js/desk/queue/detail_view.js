/**
 * The chosen complaint: at once what the feed knows of it; once it is open, its text, people, pictures and history too.
 */
import { ringOf } from "../../ui/alarms.js";
import { placeWords, whatWords } from "../../ui/complaints.js";
import { setSymbol, symbol } from "../../ui/symbols.js";
import { element, find, mark, show, write } from "../../ui/dom.js";
import { mountHistory } from "./history_view.js";
import { changedWords, orderWords } from "./order_words.js";
import { mountProof } from "./proof_view.js";
import { claimWords, questionWords, rowTime, sourceWords, stageWords, whoWords } from "./row_words.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("./queue_desk.js").Look} Look */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */
/** @typedef {import("./details.js").Held} Held */

/** @param {Document} page @param {QueueRoom} room @returns {(look: Look) => void} */
export function mountDetail(page, room) {
  const panel = find(page, ".reading");
  const paintHead = mountHeading(panel, room);
  const paintFacts = mountFacts(find(panel, '[data-facts="place"]'), ["address", "reporter", "phone"].map((name) => room.queue(/** @type {"phone"} */ (name))));
  const paintProof = mountProof(page, room);
  const paintHistory = mountHistory(find(panel, ".history"), room);
  return (look) => {
    const card = look.card;
    const opened = card !== null && look.open === card.id;
    mark(panel, "data-empty", String(card === null));
    mark(panel, "data-opened", String(opened));
    mark(document.documentElement, "data-reading", String(opened));
    if (!card) return;
    paintHead(card, look);
    const held = opened ? look.held : null;
    paintText(panel, held, room);
    paintFacts(placeFacts(held, room));
    paintProof(held?.detail ?? null);
    paintHistory(held?.detail?.history ?? [], look);
    show(find(panel, ".history-title"), opened && held?.detail !== null);
  };
}

/** @param {HTMLElement} panel @param {QueueRoom} room @returns {(card: Card, look: Look) => void} */
function mountHeading(panel, room) {
  const shape = symbol("waiting");
  find(panel, ".reading-symbol").append(shape);
  const text = (/** @type {string} */ name) => find(panel, `.reading-${name}`);
  return (card, look) => {
    setSymbol(shape, { status: card.status, ring: ringOf(card, look), flash: false });
    write(text("what"), room.city.category(card.category) ?? whatWords(card, room));
    write(text("late"), rowTime(card, look, room));
    write(text("where"), placeWords(card, room));
    write(text("who"), questionWords(card, look.at, room) || stageWords(card, room));
    const claim = claimWords(card, look.at, look.person.actor, room);
    const { queue } = room;
    const words = [room.states(card.state ?? ""), card.overdue ? queue("overdue_word") : "", card.priority ? queue(card.priority) : "", whoWords(card, room, look.suggested.agency), sourceWords(card, room), card.source_id ? `${queue("number")} ${card.source_id}` : "", claim];
    write(text("state"), words.filter(Boolean).join(" · "));
    write(text("said"), saidWords(card, look, room));
  };
}

/** @param {Card} card @param {Look} look @param {QueueRoom} room what became of the last order, with what is different now */
function saidWords(card, look, room) {
  const order = look.markOf(card.id);
  if (!order || order.kind === "sending") return order ? orderWords(order, look, room) : "";
  const seen = look.seen.get(card.id);
  const changed = seen && order.told?.card ? changedWords(seen, order.told.card, room) : "";
  return [orderWords(order, look, room), changed].filter(Boolean).join(". ");
}

/** @param {HTMLElement} panel @param {Held | null} held @param {QueueRoom} room */
function paintText(panel, held, { queue }) {
  const load = find(panel, ".reading-load");
  const waits = held !== null && held.detail === null;
  show(load, waits);
  write(load, waits ? queue(held.state === "failed" ? "detail_failed" : "loading") : "");
  const text = held?.detail ? (held.detail.text?.description ?? "").trim() : "";
  write(find(panel, ".reading-text"), held?.detail ? text || queue("no_text") : "");
  mark(find(panel, ".reading-text"), "data-blank", String(text === ""));
}

/** @param {Held | null} held @param {QueueRoom} room @returns {[string, string, string?][]} name, words, and where a link leads */
function placeFacts(held, { queue, format }) {
  const detail = held?.detail;
  if (!detail) return [];
  const { person, text, children, followers } = detail;
  const phone = person?.phone ?? "";
  return /** @type {[string, string, string?][]} */ ([
    [queue("address"), text?.address ?? ""],
    [queue("reporter"), person ? [person.name || queue("no_reporter"), person.email].filter(Boolean).join(", ") : ""],
    [queue("phone"), phone, phone ? `tel:${phone.replace(/[^\d+]/g, "")}` : ""],
    ["", (children ?? []).length > 0 ? queue("children", { n: format.number((children ?? []).length) }) : ""],
    ["", (followers ?? []).length > 0 ? queue("followers", { n: format.number((followers ?? []).length) }) : ""],
  ]).filter(([, words]) => words !== "");
}

/** @param {HTMLElement} list @param {readonly string[]} [covered] what guests at the desk do not read @returns {(facts: readonly [string, string, string?][]) => void} made anew only when they differ */
export function mountFacts(list, covered = []) {
  let shown = "";
  return (facts) => {
    const now = JSON.stringify(facts);
    if (now === shown) return;
    shown = now;
    list.replaceChildren(...facts.map(([name, words, link]) => {
      const said = link ? element("a", "link", words) : words;
      if (link && typeof said !== "string") mark(said, "href", link);
      return element("div", "fact", element("dt", "", name), element("dd", covered.includes(name) ? "covered" : "", said));
    }));
  };
}
