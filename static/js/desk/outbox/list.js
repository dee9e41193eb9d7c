/**
 * The list of the outbox page: its words, its address, and a row for each delivery.
 */
import { element, mark, write } from "../../ui/dom.js";

/** @typedef {import("../../ui/language.js").Say<"outbox">} OutboxSay */
/** @typedef {Parameters<OutboxSay>[0]} Word */

/** Codes of attempts that are said in words. */
const CODES = /** @type {const} */ ([
  "broke_off", "certificate", "certificate_authority", "certificate_early", "certificate_expired",
  "certificate_name", "certificate_own", "closed_port", "inward", "no_name", "no_route", "no_tls", "nobody", "number",
  "number_country", "number_kind", "sender", "timeout", "unset", "unsupported",
]);

/** @param {string} code of an attempt @returns {Word | null} the words for it, where it is one of ours */
function codeWord(code) {
  const known = CODES.find((one) => one === code);
  return known ? `code_${known}` : null;
}

// Its address: which deliveries, to whom, from which one on. A link shows the same elsewhere.

export const VIEWS = /** @type {const} */ (["waiting", "stuck", "refused", "known", "sent", "all"]);
/** @typedef {(typeof VIEWS)[number]} View */
/** @typedef {{view: View, to: string, cursor: string}} Place to: the receiver, empty for everybody; cursor: the last one of the page before */

/** @param {string} search of an address @returns {Place} */
export function placeOf(search) {
  const said = new URLSearchParams(search);
  const view = VIEWS.find((one) => one === said.get("state"));
  return { view: view ?? "waiting", to: said.get("to") ?? "", cursor: said.get("cursor") ?? "" };
}

/** @param {Place} place @param {string} search the address as it is, whose language and person stay @returns {string} the new one's query */
export function searchOf({ view, to, cursor }, search) {
  const said = new URLSearchParams(search);
  for (const [name, value] of [["state", view === "waiting" ? "" : view], ["to", to], ["cursor", cursor]]) {
    if (value) said.set(name ?? "", value);
    else said.delete(name ?? "");
  }
  return said.size > 0 ? `?${said}` : "";
}

/** @param {Place} place @returns {string} what is asked of the server */
export function questionOf({ view, to, cursor }) {
  const asked = new URLSearchParams({ ...(view === "all" ? {} : { state: view }), ...(to ? { to } : {}), ...(cursor ? { cursor } : {}) });
  return `/api/v1/outbox${asked.size > 0 ? `?${asked}` : ""}`;
}

// Rows: one a delivery, the chosen one with its attempts, written only where they differ.

/** @typedef {{at: string, channel: string, outcome: string, code: string, reason: string, took_ms: number}} Attempt */
/**
 * @typedef {object} Row a delivery as the server lists it; times are room time
 * @property {string} id @property {string} to @property {string} whom @property {string} name @property {string} channel
 * @property {string} cause @property {string | null} complaint @property {string | null} number @property {"waiting" | "sent" | "known"} state
 * @property {string} at @property {string | null} sent_at @property {string | null} next_at @property {number} tries
 * @property {string | null} [refused] code of the receiver's no to the last attempt @property {boolean} [by_hand] it is not tried any more by itself @property {boolean} [digest] with others in one letter
 * @property {string | null} known_until @property {string | null} known_by @property {Attempt[]} attempts
 * @property {readonly string[]} allowed the commands that the reader could give on it now
 */
/** @typedef {{say: OutboxSay, format: import("../../ui/format.js").Format}} Room */
/** @typedef {"resend" | "know"} Act */
/** @typedef {(row: Row, act: Act) => void} Hand */
/** @typedef {{item: HTMLElement, paint: (row: Row, now: number, chosen: boolean) => void}} Made */

export class Rows {
  /** @type {Map<string, Made>} */
  #known = new Map();

  /** @param {HTMLElement} list @param {Room} room @param {{choose: (id: string) => void, hand: Hand}} handlers */
  constructor(list, room, handlers) {
    this.list = list;
    this.room = room;
    this.handlers = handlers;
  }

  /** @param {readonly Row[]} rows in their order @param {number} now ms @param {string | null} chosen */
  paint(rows, now, chosen) {
    const there = new Set(rows.map(({ id }) => id));
    for (const [id, { item }] of this.#known) if (!there.has(id)) (item.remove(), this.#known.delete(id));
    rows.forEach((row, place) => {
      const made = this.#known.get(row.id) ?? madeOf(row, this.room, this.handlers);
      this.#known.set(row.id, made);
      if (this.list.children[place] !== made.item) this.list.insertBefore(made.item, this.list.children[place] ?? null);
      made.paint(row, now, row.id === chosen);
    });
  }

  /** @param {string} id */
  focus(id) {
    this.#known.get(id)?.item.querySelector("button")?.focus({ preventScroll: false });
  }

  /** @param {string} id @param {string} words what came of a command */
  tell(id, words) {
    const said = this.#known.get(id)?.item.querySelector(".said");
    if (said) write(said, words);
  }
}

/** @param {Row} first @param {Room} room @param {{choose: (id: string) => void, hand: Hand}} handlers @returns {Made} */
function madeOf(first, room, { choose, hand }) {
  let current = first;
  const { say } = room;
  const parts = { name: part("name"), what: part("what"), way: part("way"), how: part("how"), last: part("last") };
  const head = button("row", () => choose(current.id), ...Object.values(parts));
  const advice = element("p", "advice");
  const tries = element("ol", "attempts");
  const said = element("span", "said");
  said.setAttribute("role", "status");
  const buttons = /** @type {const} */ ([["resend", "first", "R"], ["know", "know", "K"]]).map(([act, look, letter]) => (
    { act, node: button(look, () => hand(current, act), say(act), key(letter)) }));
  const acts = element("p", "acts", ...buttons.map(({ node }) => node), said);
  const more = element("div", "chosen", advice, tries, acts);
  const item = element("li", "delivery", head, more);
  return { item, paint: (row, now, chosen) => {
    current = row;
    mark(item, "data-id", row.id);
    mark(item, "data-state", row.state);
    mark(head, "aria-expanded", String(chosen));
    more.hidden = !chosen;
    for (const [name, words] of Object.entries(wordsOf(row, now, room))) write(/** @type {Record<string, HTMLElement>} */ (parts)[name] ?? head, words);
    for (const { act, node } of buttons) node.hidden = !row.allowed.includes(act);
    if (chosen) paintAttempts(tries, row, room);
    advice.hidden = !row.refused;
    write(advice, row.refused ? adviceOf(row, room) : "");
  } };
}

/** @param {string} name */
function part(name) {
  return element("span", name);
}

/** @param {string} words */
function key(words) {
  return element("kbd", "", words);
}

/** @param {string} name @param {() => void} act @param {...(string | HTMLElement)} children */
function button(name, act, ...children) {
  const made = element("button", name, ...children);
  made.setAttribute("type", "button");
  made.addEventListener("click", act);
  return made;
}

/** @param {Row} row @param {number} now @param {Room} room */
function wordsOf(row, now, { say, format }) {
  const cause = /** @type {"cause_forwarded"} */ (`cause_${row.cause.split(".")[1] ?? ""}`);
  const last = row.attempts[0];
  const time = (/** @type {string | null} */ moment) => format.hour(Date.parse(moment ?? ""));
  const up = row.state === "sent" && last?.outcome === "refused";
  const how = row.state === "sent" ? say(up ? "given_up" : "sent_at", { time: time(row.sent_at) })
    : row.state === "known" ? say("known_until", { who: row.known_by ?? "", time: dayTime(row.known_until, now, format) })
      : row.digest && Date.parse(row.at) > now ? say("gathered", { time: time(row.at) }) : say("since", { span: format.span(now - Date.parse(row.at)) });
  const tried = row.by_hand ? say("by_hand_short") : row.tries > 0 ? say("tries", { n: format.number(row.tries) }) : say("untried");
  return {
    name: row.name, what: [row.number, say(cause)].filter(Boolean).join(", "), how,
    way: `${say(/** @type {"whom_agency"} */ (`whom_${row.whom}`))}, ${say(/** @type {"channel_mail"} */ (`channel_${row.channel}`))}`,
    last: up ? lastWords(last, say) : row.state === "sent" ? "" : [tried, last ? lastWords(last, say) : ""].filter(Boolean).join(", "),
  };
}

/** @param {Row} row @param {Room} room @returns {string} what a no means, whether it is tried again, and what to do */
function adviceOf({ channel, name, refused, by_hand, next_at }, { say, format }) {
  const where = channel === "mail" ? "advice_mail" : "advice_system";
  const next = by_hand || next_at === null ? say("by_hand") : say("advice_next", { time: format.hour(Date.parse(next_at)) });
  return `${say("advice", { name, code: refused ?? "" })} ${next} ${say(where, { name })}`;
}

/** @param {string | null} moment @param {number} now @param {import("../../ui/format.js").Format} format */
function dayTime(moment, now, format) {
  const at = Date.parse(moment ?? "");
  return `${at - now > 20 * 3_600_000 ? `${format.weekday(at)} ` : ""}${format.hour(at)}`;
}

/** @param {Attempt} attempt @param {OutboxSay} say */
function lastWords({ outcome, code }, say) {
  const words = say(/** @type {"outcome_refused"} */ (`outcome_${outcome}`));
  const known = codeWord(code);
  if (known) return `${words}: ${say(known)}`;
  return code === outcome ? words : `${words} (${code})`;
}

/** @param {Attempt} attempt @returns {string} the line that was said, where our words for the code do not say it */
function more({ code, reason }) {
  return codeWord(code) && code !== "certificate" ? "" : reason;
}

/** @param {HTMLElement} list @param {Row} row @param {Room} room */
function paintAttempts(list, row, { say, format }) {
  const lines = row.attempts.map((one) => [
    format.clock(Date.parse(one.at)), say(/** @type {"channel_mail"} */ (`channel_${one.channel}`)), lastWords(one, say), more(one), `${format.number(one.took_ms)} ms`,
  ].filter(Boolean).join(" · "));
  if (row.next_at !== null && row.tries > 0) lines.unshift(say("next", { time: format.clock(Date.parse(row.next_at)) }));
  if (lines.length === 0) lines.push(row.channel === "page" ? say("here") : say("untried"));
  while (list.children.length > lines.length) list.lastElementChild?.remove();
  while (list.children.length < lines.length) list.append(element("li", ""));
  lines.forEach((words, place) => write(/** @type {Element} */ (list.children[place]), words));
}
