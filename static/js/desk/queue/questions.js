/**
 * Questions of the duty desk: what each action asks before it is sent, between what it lets one choose, and what is suggested.
 */
import { placeWords, whatWords } from "../../ui/complaints.js";
import { nameOf } from "../guests.js";
import { claimOf } from "../phrases.js";
import { proofFindings } from "./proof.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("./detail.js").Suggestions} Suggestions */
/** @typedef {import("./detail.js").Similar} Similar */
/** @typedef {import("../dialogs.js").Option} Option */
/** @typedef {import("../phrases.js").QueueRoom} QueueRoom */
/** @typedef {import("./actions.js").ActionName} ActionName */
/** @typedef {import("./queue.js").Desk} Desk */

// Suggestions for a complaint: by the room where it was asked, else by who usually handles its category. Pure.

/** @typedef {{agencies: string[], outside: string[], usual: Record<string, string | null>, offices: Record<string, string>, may_be: Record<string, string[]>}} WhoHandles from the page */

/** @param {unknown} said a key, or an object that holds one @returns {string | null} */
function keyIn(said) {
  if (typeof said === "string") return said;
  const key = /** @type {{key?: unknown, code?: unknown} | null} */ (said)?.key ?? /** @type {any} */ (said)?.code;
  return typeof key === "string" ? key : null;
}

/** @param {string | null | undefined} category @param {string | null | undefined} area @param {WhoHandles} who @returns {string | null} */
export function usualAgency(category, area, { usual, offices }) {
  if (!category || !Object.hasOwn(usual, category)) return null;
  return usual[category] ?? (area ? (offices[area] ?? null) : null);
}

/** @param {Card} card @param {Suggestions | null} suggestions @param {WhoHandles} who @returns {string | null} to whom it would go */
export function suggestedAgency(card, suggestions, who) {
  const intended = card.state === "received" ? card.agency : null;
  const usual = usualAgency(card.category, card.area, who);
  // Who declined it is not asked again before anybody else.
  if (card.returned) return intended ?? keyIn(suggestions?.agency) ?? null;
  return intended ?? usual ?? keyIn(suggestions?.agency) ?? usualAgency(suggestions?.categories?.[0]?.key, card.area, who);
}

/** @param {Card} card @param {Suggestions | null} suggestions @returns {import("./detail.js").Suggested[]} other categories that its words point at */
export function otherCategories(card, suggestions) {
  return (suggestions?.categories ?? []).filter(({ key }) => key !== card.category).slice(0, 3);
}

/** @param {Card} card @param {Suggestions | null} suggestions @returns {string | null} an area for one that has none */
export function suggestedArea(card, suggestions) {
  return card.area ? null : keyIn(suggestions?.area);
}

// Similar complaints: other open reports of the same category, near in place and time. Pure; the room's own answer is better.

/** What is so near is within the circle on the map: most likely the same thing. */
export const NEAR_M = 300;
const METRES = 500;
const MINUTES = 24 * 60;
const MOST = 5;
const PER_DEGREE = 111_195;

/** @param {Card} a @param {Card} b @returns {number} metres; Infinity where one has no place */
function metresBetween(a, b) {
  const [lat, lon, to, at] = [a.lat, a.lon, b.lat, b.lon];
  if (typeof lat !== "number" || typeof lon !== "number" || typeof to !== "number" || typeof at !== "number") return Infinity;
  const narrowing = Math.cos((((lat + to) / 2) * Math.PI) / 180);
  return PER_DEGREE * Math.hypot(lat - to, (lon - at) * narrowing);
}

/** @param {Card} card @param {Iterable<Card>} cards @returns {Similar[]} nearest first */
export function similarTo(card, cards) {
  /** @type {Similar[]} */
  const found = [];
  for (const other of cards) {
    if (other.id === card.id || other.category !== card.category || (other.status !== "waiting" && other.status !== "in_process")) continue;
    const metres = metresBetween(card, other);
    const minutes = Math.abs(Date.parse(card.received_at ?? "") - Date.parse(other.received_at ?? "")) / 60_000;
    if (metres <= METRES && minutes <= MINUTES) found.push({ id: other.id, card: other, metres, minutes });
  }
  return found.sort((a, b) => (a.metres ?? 0) - (b.metres ?? 0)).slice(0, MOST);
}

/** @param {Card} card @param {Iterable<Card>} cards @param {import("./detail.js").Suggestions | null} suggestions the room's answer, where it has come @returns {Similar[]} */
export function similarNow(card, cards, suggestions) {
  // What the room finds unlikely to be one thing is not offered for merging.
  return suggestions?.similar?.filter((one) => one?.card && one.id !== card.id && one.merge !== false) ?? similarTo(card, cards);
}

// Options of each question, the suggested first. Pure.

/** @typedef {{categories: string[], areas: {code: string, name: string, district: string}[], agencyNames: Record<string, string>}} Lists of the city, in the order of its pack */

const DAY_MS = 86_400_000;
const LATER = [1, 2, 3, 5, 10];
/** A hold may wait for money or for another body. */
const HOLDS = [1, 3, 5, 10, 20];
const REASONS = /** @type {const} */ ({
  reject: ["reason_prank", "reason_empty", "reason_double", "reason_not_complaint"],
  send_back: ["reason_blurred", "reason_other_place", "reason_unfinished"],
  reopen: ["reason_not_solved", "reason_wrong_close"],
  hold: ["reason_budget", "reason_parts", "reason_elsewhere", "reason_weather"],
});

/** @param {Record<string, any>} raw what the page tells of the city @returns {Lists} */
export function readLists(raw) {
  const agencies = Object.entries(raw.agencies ?? {}).map(([key, one]) => [key, String(one?.name ?? key)]);
  return {
    categories: Object.keys(raw.categories ?? {}),
    areas: (Array.isArray(raw.areas) ? raw.areas : []).map(({ code, name, district }) => ({ code: String(code), name: String(name), district: String(district) })),
    agencyNames: Object.fromEntries(agencies),
  };
}

/** @param {readonly string[]} keys @param {readonly (string | null | undefined)[]} first suggested, best first @returns {string[]} those first */
function led(keys, first) {
  const known = first.filter((key) => typeof key === "string" && keys.includes(key));
  return [...new Set([.../** @type {string[]} */ (known), ...keys])];
}

/** @param {readonly string[]} keys @param {string | null} suggested @param {string | null} except who has it already @param {Lists} lists @param {QueueRoom} room @returns {Option[]} */
function agencyOptions(keys, suggested, except, lists, { city, queue }) {
  const options = led(keys, [suggested]).filter((key) => key !== except);
  return options.map((key) => ({
    key, name: city.agency(key) ?? key, words: lists.agencyNames[key] ?? "",
    note: key === suggested ? `${lists.agencyNames[key] ?? ""} · ${queue("option_suggested")}` : (lists.agencyNames[key] ?? ""),
  }));
}

/** @param {Card} card @param {readonly import("./detail.js").Suggested[]} suggested @param {Lists} lists @param {QueueRoom} room @returns {Option[]} */
export function categoryOptions(card, suggested, lists, { city, queue }) {
  const why = new Map(suggested.map(({ key, because }) => [key, because ?? []]));
  const keys = led(lists.categories, suggested.map(({ key }) => key)).filter((key) => key !== card.category);
  return keys.map((key) => ({ key, name: city.category(key) ?? key, note: why.get(key)?.length ? queue("because", { words: why.get(key)?.join(", ") ?? "" }) : "" }));
}

/** @param {Card} card @param {string | null} suggested @param {Lists} lists @param {QueueRoom} room @returns {Option[]} */
function areaOptions(card, suggested, { areas }, { city, queue }) {
  const keys = led(areas.map(({ code }) => code), [suggested]).filter((code) => code !== card.area);
  return keys.map((code) => {
    const area = city.area(code);
    const district = area ? city.district(area.district) : "";
    return { key: code, name: area?.name ?? code, words: district, note: code === suggested ? `${district} · ${queue("option_suggested")}` : district };
  });
}

/** What ends the choosing of helpers. */
export const THESE = "=";

/** @param {readonly string[]} keys @param {string | null} lead @param {readonly string[]} helpers as chosen so far @param {boolean} changed whether that differs from now @param {Lists} lists @param {QueueRoom} room @returns {Option[]} each turns one on or off; the first sends them, once they differ */
export function helperOptions(keys, lead, helpers, changed, lists, room) {
  const { city, queue } = room;
  const named = helpers.map((key) => city.agency(key) ?? key).join(", ");
  const send = { key: THESE, name: named ? queue("helpers_send", { agencies: named }) : queue("helpers_none") };
  const options = agencyOptions(keys, null, lead, lists, room).map((one) => (helpers.includes(one.key) ? { ...one, note: queue("helps") } : one));
  return changed ? [send, ...options] : options;
}

/** @param {readonly string[]} ids of merged ones @param {(id: string) => Card | null} cards @param {QueueRoom} room @returns {Option[]} */
export function childOptions(ids, cards, room) {
  return ids.map((id) => {
    const card = cards(id);
    const number = card?.source_id ?? id.slice(0, 8);
    return card ? { key: id, name: `${whatWords(card, room)}, ${placeWords(card, room)}`, words: number, note: number } : { key: id, name: number };
  });
}

/** @param {keyof typeof REASONS} act @param {QueueRoom} room @returns {Option[]} ready reasons; the key is the reason itself */
export function reasonOptions(act, { queue }) {
  return REASONS[act].map((name) => ({ key: queue(name), name: queue(name) }));
}

/** @param {Card} card @param {QueueRoom} room @returns {Option[]} */
function priorityOptions(card, { queue }) {
  const all = /** @type {const} */ (["critical", "urgent", "normal"]);
  return all.filter((one) => one !== (card.priority ?? "normal")).map((key) => ({ key, name: queue(key) }));
}

/** @param {readonly import("./detail.js").Similar[]} similar @param {QueueRoom} room @returns {Option[]} */
function similarOptions(similar, room) {
  return similar.map(({ id, card, metres, minutes }) => ({
    key: id, name: `${whatWords(card, room)}, ${placeWords(card, room)}`, words: card.source_id ?? "", note: [nearWords({ metres, minutes }, room), card.source_id].filter(Boolean).join(" · "),
  }));
}

/** @param {{metres?: number | undefined, minutes?: number | undefined}} apart @param {QueueRoom} room */
export function nearWords({ metres, minutes }, { queue, format }) {
  if (typeof metres !== "number") return "";
  return queue("near", { m: format.number(Math.round(metres)), span: format.span((minutes ?? 0) * 60_000) });
}

/** @param {string | null | undefined} end at present @param {number} at room time, ms @param {import("../../feed/clock.js").Calendar} calendar @param {QueueRoom} room @param {readonly number[]} [days] @returns {Option[]} so many working days beyond the later of now and that end */
export function laterOptions(end, at, calendar, { queue, moment }, days = LATER) {
  const from = Math.max(at, Date.parse(end ?? "") || at);
  return days.map((n) => {
    const due = addWorkingDays(from, n, calendar);
    return { key: new Date(due).toISOString(), name: queue("days_more", { n, until: moment(due, at) }) };
  });
}

/** @param {number} from ms @param {number} n @param {import("../../feed/clock.js").Calendar} calendar @returns {number} ms */
function addWorkingDays(from, n, calendar) {
  let at = from;
  for (let left = n, turns = 0; left > 0 && turns < 60; turns += 1) {
    at += DAY_MS;
    if (!calendar.known || calendar.work(at - DAY_MS / 2, at + DAY_MS / 2) > 0) left -= 1;
  }
  return at;
}

// Questions of each action, one after the other.

/** @typedef {{fields: Record<string, unknown>, leaves: boolean} | null} Answer leaves: it is off this desk's list then; null: it was left */

/** What merged reports follow into its end. @type {readonly ActionName[]} */
const ENDING = ["reject", "merge", "validate", "close", "refer"];

/** @param {ActionName} name @param {Card} card @returns {string} what the words of an act are kept under until they are taken */
export function draftOf(name, card) {
  return `${name} ${card.id}`;
}

/** @param {Card} card @param {import("./detail.js").Held} held @returns {number} reports that were merged into it, as far as is known */
export function childrenOf(card, { detail }) {
  return detail?.children?.length ?? card.merged ?? 0;
}

export class ActionQuestions {
  /** @param {QueueRoom} room @param {Desk} desk */
  constructor(room, desk) {
    this.room = room;
    this.at = desk;
  }

  /** What else comes of the act that is asked about. */
  #warn = "";

  /** @param {ActionName} name @param {Card} card the first of them @param {readonly Card[]} cards @param {{skipped: number, held: boolean}} about held: it can be taken back for a moment @returns {Promise<Answer>} null: it was left */
  ask(name, card, cards, about) {
    const note = this.#note(card, cards, about);
    this.at.chooser.subject = cards.length > 1 ? "" : [whatWords(card, this.room), placeWords(card, this.room), card.source_id ? `${this.room.queue("number")} ${card.source_id}` : ""].filter(Boolean).join(", ");
    this.#warn = this.#warnings(name, card, cards);
    switch (name) {
      case "forward": return this.#forward(card, cards, note);
      case "reject": case "send_back": case "reopen": return this.#reason(name, cards, note);
      case "merge": return this.#merge(card, cards, note);
      case "comment": case "reply": case "ask": case "answer": return this.#write(name, card, this.#reach(name, card) + note);
      case "refer": return this.#refer(card, note);
      case "extend": return this.#extend(card, note);
      case "close": return this.#close(card, note);
      case "validate": case "resume": case "release": case "withdraw": return this.#sure(name, note);
      case "hold": return this.#hold(note);
      case "coordinate": return this.#coordinate(card, note);
      case "split": return this.#split(card, note);
      case "triage": case "area": case "priority": return this.#triage(name, card, note);
      // Of these two nothing is asked.
      case "acknowledge": case "show": return Promise.resolve(null);
    }
  }

  /** @param {ActionName} name @param {Card} card @param {readonly Card[]} cards @returns {string} merged reports that go with it; what was found in the proof that is judged */
  #warnings(name, card, cards) {
    const { queue, format } = this.room;
    const inside = cards.reduce((n, one) => n + childrenOf(one, this.at.details.of(one.id)), 0);
    const along = ENDING.includes(name) && inside > 0 ? queue(name === "merge" ? "takes_along" : "ends_along", { n: format.number(inside) }) : "";
    const found = name === "validate" ? proofFindings(this.at.details.of(card.id).detail, this.room).map(({ words }) => words) : [];
    return [along, ...found].filter(Boolean).join(" · ");
  }

  /** @param {Card} card @param {readonly Card[]} cards @param {{skipped: number, held: boolean}} about what to know before answering */
  #note(card, cards, { skipped, held }) {
    const { queue } = this.room;
    const back = queue(held ? "undo_soon" : "no_undo");
    const claim = claimOf(card, this.at.look().at);
    const others = cards.length === 1 && claim && claim !== this.at.person.read().actor ? queue("claimed_note", { who: nameOf(claim) }) : "";
    return [others, skipped > 0 ? queue("skips_claimed", { n: skipped }) : "", back].filter(Boolean).join(" ");
  }

  /** @param {ActionName} name @param {Card} card @returns {string} who else reads a reply: their reports are part of this one */
  #reach(name, card) {
    const { children = [], followers = [] } = this.at.details.of(card.id).detail ?? {};
    const n = children.length + followers.length;
    return name === "reply" && n > 0 ? `${this.room.queue("reply_reach", { n: this.room.format.number(n) })} ` : "";
  }

  /** @param {import("../dialogs.js").Question} question @returns {Promise<import("../dialogs.js").Answer | null>} */
  #choose(question) {
    return this.at.chooser.choose({ ...question, warn: this.#warn });
  }

  /** @param {Card} card @param {readonly Card[]} cards @param {string} note @returns {Promise<Answer>} */
  async #forward(card, cards, note) {
    const { room: { queue }, at } = this;
    const has = card.state === "received" ? null : (card.agency ?? null);
    const same = new Set(cards.map((one) => suggestedAgency(one, at.details.of(one.id).suggestions, at.handles)));
    const suggested = same.size === 1 && has === null ? ([...same][0] ?? null) : null;
    const title = cards.length > 1 ? queue("ask_forward_n", { n: cards.length }) : queue(has === null ? "ask_forward" : "ask_reassign");
    const answer = await this.#choose({ title, note, ready: suggested !== null, options: agencyOptions(at.handles.agencies, suggested, cards.length > 1 ? null : has, at.lists, this.room) });
    return answer && { fields: { agency: answer.key }, leaves: true };
  }

  /** @param {"reject" | "send_back" | "reopen"} name @param {readonly Card[]} cards @param {string} note @returns {Promise<Answer>} */
  async #reason(name, cards, note) {
    const { queue } = this.room;
    const title = name === "reject" && cards.length > 1 ? queue("ask_reject_n", { n: cards.length }) : queue(`ask_${name}`);
    const answer = await this.#choose({ title, note, options: reasonOptions(name, this.room), own: true });
    return answer && { fields: { reason: answer.key || answer.name }, leaves: name !== "reopen" };
  }

  /** @param {Card} card @param {readonly Card[]} cards @param {string} note @returns {Promise<Answer>} */
  async #merge(card, cards, note) {
    const { queue } = this.room;
    const own = new Set(cards.map(({ id }) => id));
    const { suggestions } = this.at.details.of(card.id);
    const similar = similarNow(card, this.at.look().state.cards.values(), suggestions).filter(({ id }) => !own.has(id) && this.at.held.of(id) === null);
    const many = cards.length > 1;
    // Many may also become one of themselves.
    const into = [...similar, ...(many ? cards.map((one) => ({ id: one.id, card: one })) : [])];
    const answer = await this.#choose({ title: many ? queue("ask_merge_n", { n: cards.length }) : queue("ask_merge"), note, options: similarOptions(into, this.room), none: queue("none_similar") });
    return answer && { fields: { into: answer.key }, leaves: true };
  }

  /** @param {"comment" | "reply" | "ask" | "answer"} name @param {Card} card @param {string} note @returns {Promise<Answer>} */
  async #write(name, card, note) {
    const text = await this.at.chooser.write(this.room.queue(`ask_${name}`), note, draftOf(name, card));
    return text === null ? null : { fields: { text }, leaves: false };
  }

  /** @param {Card} card @param {string} note @returns {Promise<Answer>} */
  async #refer(card, note) {
    const { queue } = this.room;
    const [likely] = this.at.handles.may_be[card.category ?? ""] ?? [];
    const body = await this.#choose({ title: queue("ask_refer"), note, options: agencyOptions(this.at.handles.outside, likely ?? null, null, this.at.lists, this.room) });
    const reason = body && (await this.at.chooser.write(queue("ask_reason"), body.name, draftOf("refer", card)));
    return body && reason ? { fields: { outside: body.key, reason }, leaves: true } : null;
  }

  /** @param {Card} card @param {string} note @returns {Promise<Answer>} */
  async #extend(card, note) {
    const { queue } = this.room;
    const { at, calendar } = this.at.look();
    // What is extended is the time to finish, whatever runs out first.
    const finish = this.at.details.of(card.id).detail?.deadline?.stages?.find(({ stage }) => stage === "finish");
    const options = at === null ? [] : laterOptions(finish?.due_at ?? card.due_at, at, calendar, this.room);
    const until = await this.#choose({ title: queue("ask_extend"), note, options });
    const reason = until && (await this.at.chooser.write(queue("ask_reason"), until.name, draftOf("extend", card)));
    return until && reason ? { fields: { due_at: until.key, reason }, leaves: false } : null;
  }

  /** @param {Card} card @param {string} note @returns {Promise<Answer>} */
  async #close(card, note) {
    const { queue } = this.room;
    const judged = card.state === "proof_submitted";
    const reason = await this.at.chooser.write(queue("ask_close"), judged ? note : `${queue("close_unproved")} ${note}`, draftOf("close", card));
    return reason ? { fields: { reason }, leaves: true } : null;
  }

  /** @param {"validate" | "resume" | "split" | "release" | "withdraw"} name @param {string} note @returns {Promise<Answer>} */
  async #sure(name, note) {
    const { queue } = this.room;
    const answer = await this.#choose({ title: queue(`ask_${name}`), note, ready: true, options: [{ key: "yes", name: queue(`yes_${name}`) }] });
    return answer && { fields: {}, leaves: name === "validate" || name === "split" };
  }

  /** @param {string} note @returns {Promise<Answer>} */
  async #hold(note) {
    const { queue } = this.room;
    const { at, calendar } = this.at.look();
    const reason = await this.#choose({ title: queue("ask_hold"), note, options: reasonOptions("hold", this.room), own: true });
    const options = at === null ? [] : laterOptions(null, at, calendar, this.room, HOLDS);
    const until = reason && (await this.#choose({ title: queue("ask_until"), note: reason.name, options }));
    return reason && until ? { fields: { reason: reason.key || reason.name, until: until.key }, leaves: false } : null;
  }

  /** @param {Card} card @param {string} note @returns {Promise<Answer>} */
  async #coordinate(card, note) {
    const { room, at } = this;
    const lead = card.agency ?? null;
    const now = (card.agencies ?? []).filter((key) => key !== lead);
    const title = room.queue("ask_coordinate", { agency: room.city.agency(lead) ?? "–" });
    for (let helpers = now; ; ) {
      const changed = String(helpers.toSorted()) !== String(now.toSorted());
      const answer = await this.#choose({ title, note, ready: changed, options: helperOptions(at.handles.agencies, lead, helpers, changed, at.lists, room) });
      if (!answer) return null;
      if (answer.key === THESE) return { fields: { agencies: helpers }, leaves: false };
      helpers = helpers.includes(answer.key) ? helpers.filter((key) => key !== answer.key) : [...helpers, answer.key];
    }
  }

  /** @param {Card} card @param {string} note @returns {Promise<Answer>} */
  async #split(card, note) {
    if (card.state === "merged") return this.#sure("split", note);
    const children = this.at.details.of(card.id).detail?.children ?? [];
    const answer = await this.#choose({ title: this.room.queue("ask_child"), note, options: childOptions(children, (id) => this.at.card(id), this.room) });
    return answer && { fields: { child: answer.key }, leaves: false };
  }

  /** @param {ActionName} name @param {Card} card @param {string} note @returns {Promise<Answer>} */
  async #triage(name, card, note) {
    const { suggestions } = this.at.details.of(card.id);
    const field = name === "area" ? "area" : name === "priority" ? "priority" : "category";
    const options = {
      category: () => categoryOptions(card, suggestions?.categories ?? [], this.at.lists, this.room),
      area: () => areaOptions(card, suggestedArea(card, suggestions), this.at.lists, this.room),
      priority: () => priorityOptions(card, this.room),
    }[field]();
    const answer = await this.#choose({ title: this.room.queue(field === "category" ? "ask_triage" : `ask_${field}`), note, options });
    return answer && { fields: { [field]: answer.key }, leaves: false };
  }
}
