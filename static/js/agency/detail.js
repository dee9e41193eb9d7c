/**
 * One complaint as its agency sees it: how it stands, what was said, its pictures, and the fetch of what no feed carries.
 */
import { addNames } from "../desk/guests.js";
import { deadlineWords } from "../desk/phrases.js";
import { mountHistory } from "../desk/queue/detail.js";
import { findingWords } from "../desk/queue/proof.js";
import { standing } from "../feed/clock.js";
import { mountPlaceMap } from "../map/place_map.js";
import { findingsAbout, moves, placeWords, shareLeft, sidesOf, whatWords } from "../ui/complaints.js";
import { element, find, mark, show, write } from "../ui/dom.js";
import { setSymbol, symbol } from "../ui/symbols.js";

/** @typedef {import("../ui/complaints.js").Picture} Picture */
/** @typedef {import("./room.js").WorkRoom} WorkRoom */
/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("../desk/queue/detail.js").Detail} Detail */

// The pictures of a report as its agency sees them: what the citizen sent, what was sent as proof.

/** @param {HTMLElement} box @param {WorkRoom} room @returns {(detail: import("../desk/queue/detail.js").Detail | null) => void} made anew only when it differs */
function mountPictures(box, room) {
  let shown = "";
  return (detail) => {
    const sides = sidesOf(detail);
    const rows = /** @type {const} */ ([["picture_report", sides.before], ["picture_proof", [...sides.after, ...sides.earlier]]]);
    const links = sides.links.map((url) => url.href);
    const now = JSON.stringify([rows, links, sides.findings]);
    if (now === shown) return;
    shown = now;
    const figures = rows.flatMap(([word, pictures]) => pictures.map((one) => figure(one, room.work(word), sides, room)));
    const whole = sides.findings.filter(({ about }) => about === null).map((one) => element("p", "picture-finding", findingWords(one, room)));
    box.replaceChildren(...whole, ...figures, ...sides.links.map((url) => link(url.href, url.host, "fact-link")));
  };
}

/** @param {Picture} picture @param {string} whose @param {import("../ui/complaints.js").Sides} sides @param {WorkRoom} room findings are told to who may judge */
function figure(picture, whose, sides, room) {
  const taken = Date.parse(picture.taken_at ?? picture.sent_at);
  const words = `${whose}, ${room.moment(taken, null)}`;
  return element("figure", "picture", moves(picture) ? film(picture, words) : still(picture, words), element("figcaption", "picture-words", words), ...findingsAbout(sides, picture.id).map((one) => element("p", "picture-finding", findingWords(one, room))));
}

/** @param {Picture} picture @param {string} words */
function film({ clean, thumb }, words) {
  const made = element("video", "picture-shown");
  for (const [key, value] of Object.entries({ src: clean ?? "", poster: thumb ?? "", controls: "", preload: "none", playsinline: "", "aria-label": words })) mark(made, key, value);
  return made;
}

/** @param {Picture} picture @param {string} words */
function still({ clean, thumb }, words) {
  const image = element("img", "picture-shown");
  for (const [key, value] of Object.entries({ src: thumb ?? "", alt: words, loading: "lazy" })) mark(image, key, value);
  return link(clean ?? "", image, "picture-link");
}

/** @param {string} href @param {HTMLElement | string} content @param {string} name */
function link(href, content, name) {
  const made = element("a", name, content);
  for (const [key, value] of Object.entries({ href, target: "_blank", rel: "noopener noreferrer" })) mark(made, key, value);
  return made;
}

// One complaint as its agency sees it: how it stands, how long is left, what was said, what happened.

/** @typedef {{card: Card | null, detail: Detail | null, state: "none" | "loading" | "there" | "failed", at: number | null, calendar: import("../feed/clock.js").Calendar, said: string}} Reading */

/** @type {Partial<Record<Reading["state"], "detail_loading" | "detail_failed">>} */
const LOADS = { loading: "detail_loading", failed: "detail_failed" };
/** What was told last to the agency and is not answered by anything later. */
const TOLD = /** @type {Record<string, "sent_back_title" | "answered_title" | "asked_title">} */ ({
  "complaint.sent_back": "sent_back_title", "complaint.answered": "answered_title", "complaint.asked": "asked_title",
});
const ANSWERED_BY = ["complaint.proof_submitted", "complaint.validated", "complaint.closed", "complaint.forwarded", ...Object.keys(TOLD)];

/** @param {Document} page @param {WorkRoom} room @returns {(look: Reading) => void} */
export function mountReading(page, room) {
  const root = find(page, ".reading");
  const part = (/** @type {string} */ name) => find(root, `.${name}`);
  const shape = symbol("waiting");
  const [history, pictures] = [mountHistory(part("history"), room), mountPictures(part("pictures"), room)];
  const place = mountPlaceMap(page, { city: room.city, queue: room.queue, failed: room.work("map_failed") });
  part("status-symbol").append(shape);
  write(part("history-title"), room.work("history"));
  let open = "";
  return (look) => {
    const { card } = look;
    mark(root, "data-shown", String(card !== null));
    if (!card) return;
    const detail = look.detail?.card?.id === card.id ? look.detail : null;
    addNames(detail?.names ?? {});
    open = turnTo(root, card.id, open);
    setSymbol(shape, { status: card.status, ring: card.overdue ? "strong" : "none" });
    for (const [name, words] of Object.entries(wordsOf(card, detail, look, room))) write(part(name), words);
    show(part("reading-load"), LOADS[look.state] !== undefined);
    paintTime(root, card, look, room);
    paintTold(root, detail, look, room);
    paintFacts(part("facts"), factsOf(card, detail, look, room));
    place(card);
    (pictures(detail), history(detail?.history ?? [], look));
  };
}

/** @param {HTMLElement} root @param {string} id @param {string} before @returns {string} the id: another report is read from its top */
function turnTo(root, id, before) {
  if (before !== id) root.scrollTop = 0;
  mark(root, "data-id", id);
  return id;
}

/** @param {Card} card @param {Detail | null} detail @param {Reading} look @param {WorkRoom} room @returns {Record<string, string>} by part of the page */
function wordsOf(card, detail, look, room) {
  const load = LOADS[look.state];
  return {
    "reading-number": card.source_id ? room.work("number", { n: card.source_id }) : "",
    "reading-what": whatWords(card, room),
    "reading-where": placeWords(card, room),
    "status-word": room.states(card.state ?? ""),
    "status-who": partWords(card, room),
    "reading-load": load ? room.work(load) : "",
    told: detail?.text?.description ?? "",
    said: look.said,
  };
}

/** @param {Card} card @param {WorkRoom} room whether this agency leads or helps */
function partWords(card, { agency, city, work }) {
  const weight = card.priority === "critical" || card.priority === "urgent" ? [work(card.priority)] : [];
  const part = card.agency === agency ? work("leads") : work("helper", { agency: city.agency(card.agency) ?? "–" });
  return [...weight, part].join(" · ");
}

/** @param {Card} card @param {{at: number | null, calendar: import("../feed/clock.js").Calendar}} moment @param {WorkRoom} room @returns {string} what is left, in words */
export function leftWords(card, { at, calendar }, { work, stops, format }) {
  if (card.paused) return work(card.paused === "hold" ? "paused_hold" : stops ? "paused_citizen" : "paused_plain");
  const stands = at === null ? null : standing(card, at, calendar);
  if (!stands) return card.status === "done" || card.status === "elsewhere" ? "" : work("no_due");
  const options = { working: stands.working, dayMs: calendar.dayMs };
  return card.overdue ? work("over", { span: format.late(-stands.left, options).replace("+", "") }) : work("left", { span: format.span(stands.left, options) });
}

/**
 * A moment is planned with, a span is not: until when comes first, how much that is second. Once it is over, how late comes first.
 * @param {Card} card @param {{at: number | null, calendar: import("../feed/clock.js").Calendar}} moment @param {WorkRoom} room @returns {[first: string, second: string]}
 */
export function untilWords(card, moment, room) {
  const due = Date.parse(card.due_at ?? "");
  const left = leftWords(card, moment, room);
  if (card.paused || Number.isNaN(due)) return [left, ""];
  const t = room.moment(due, moment.at);
  return card.overdue ? [left, room.work("due", { t })] : [room.work("until", { t }), left];
}

/** @param {HTMLElement} root @param {Card} card @param {Reading} look @param {WorkRoom} room */
function paintTime(root, card, look, room) {
  const [first, second] = untilWords(card, look, room);
  write(find(root, ".status-left"), first);
  write(find(root, ".status-due"), second);
  const share = shareLeft(card, look);
  mark(find(root, ".bar"), "data-shown", String(share !== null));
  find(root, ".bar-fill").style.transform = `scaleX(${(share ?? 0).toFixed(3)})`;
  mark(find(root, ".status"), "data-late", String(card.overdue === true));
}

/** @param {HTMLElement} root @param {Detail | null} detail @param {Reading} look @param {WorkRoom} room what leadership asks; else why a proof came back, what the reporter was asked and said */
function paintTold(root, detail, { at }, { work, moment }) {
  const open = detail?.card?.answer_by ? detail.history?.findLast(({ answer_by: by }) => by) : undefined;
  const last = open ?? detail?.history?.findLast(({ kind }) => ANSWERED_BY.includes(kind));
  const key = last ? TOLD[last.kind] : undefined;
  const title = open ? work("question_title", { t: moment(Date.parse(open.answer_by), at) }) : key ? work(key) : "";
  const said = [last?.text, last?.reason_text, last?.note_text].find((one) => typeof one === "string" && one !== "") ?? "";
  mark(find(root, ".notice"), "data-shown", String(title !== "" && said !== ""));
  write(find(root, ".notice-title"), title);
  write(find(root, ".notice-text"), said);
}

/** @param {Card} card @param {Detail | null} detail @param {Reading} look @param {WorkRoom} room @returns {[string, string, string | null][]} name, words, address to follow */
function factsOf(card, detail, look, room) {
  const { work, lang, format, moment } = room;
  const speech = { lang, format, moment, calendar: look.calendar };
  const { lat, lon } = card;
  const point = typeof lat === "number" && typeof lon === "number" ? `${lat.toFixed(5)}, ${lon.toFixed(5)}` : "";
  /** @type {[string, string, string | null][]} */
  const all = [
    [work("address"), detail?.text?.address ?? "", null],
    [work("place"), point && `${work("route")}, ${point}`, point && `geo:${point.replace(" ", "")}?q=${point.replace(" ", "")}`],
    [work("how"), card.due_at ? deadlineWords(detail?.deadline ?? {}, card, look.at, speech) : "", null],
  ];
  return all.filter(([, words]) => words !== "");
}

/** @param {HTMLElement} list @param {[string, string, string | null][]} facts made anew only when one differs */
function paintFacts(list, facts) {
  const key = JSON.stringify(facts);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...facts.flatMap(([name, words, to]) => {
    const value = element("dd", "fact");
    if (to) {
      const link = element("a", "fact-link", words);
      mark(link, "href", to);
      value.append(link);
    } else write(value, words);
    return [element("dt", "fact-name", name), value];
  }));
}

// Details that the feed never carries, fetched for the complaint that is open, and again when its card is newer.

/** @typedef {{detail: Detail | null, state: "none" | "loading" | "there" | "failed"}} Held */

const AGAIN_MS = 4000;

export class AgencyDetails {
  #edge;
  #id = "";
  #asked = -1;
  #failedAt = -Infinity;
  /** @type {Held} */
  #held = { detail: null, state: "none" };

  /** @param {{get: (path: string) => Promise<Detail>, mono: () => number, changed: () => void}} edge */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @param {Card | null} card the one that is open @returns {Held} */
  of(card) {
    if (!card) return { detail: null, state: "none" };
    if (card.id !== this.#id) {
      [this.#id, this.#asked, this.#failedAt] = [card.id, -1, -Infinity];
      this.#held = { detail: null, state: "loading" };
    }
    const again = this.#held.state === "failed" && this.#edge.mono() - this.#failedAt > AGAIN_MS;
    if (card.seq > this.#asked || again) this.#fetch(card);
    return this.#held;
  }

  /** @param {Card} card what may be done with this very card @returns {readonly string[] | null} null: not known yet */
  allowed(card) {
    const { detail } = this.#held;
    return detail?.card?.id === card.id && detail.card.seq >= card.seq ? (detail.allowed ?? null) : null;
  }

  /** @param {Card} card */
  async #fetch({ id, seq }) {
    this.#asked = seq;
    try {
      const detail = await this.#edge.get(`/api/v1/complaints/${encodeURIComponent(id)}`);
      if (id === this.#id) this.#held = { detail, state: "there" };
    } catch {
      if (id !== this.#id) return;
      this.#failedAt = this.#edge.mono();
      this.#held = { ...this.#held, state: "failed" };
    }
    this.#edge.changed();
  }
}
