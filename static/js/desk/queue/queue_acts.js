/**
 * What officers do at the duty desk: each act asks what it needs, then sends it; the feed shows what came of it.
 */
import { suggestedAgency, suggestedArea } from "./suggest.js";
import { agencyOptions, areaOptions, categoryOptions, laterOptions, priorityOptions, reasonOptions, similarOptions } from "./act_options.js";
import { actNamed, isPossible } from "./acts_table.js";
import { similarNow } from "./near.js";
import { claimOf } from "./row_words.js";

/** @typedef {import("../../wire.js").Card} Card */
/** @typedef {import("./acts_table.js").ActName} ActName */
/** @typedef {import("./queue_desk.js").Desk} Desk */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */
/** @typedef {{fields: Record<string, unknown>, leaves: boolean} | null} Order leaves: it is off this desk's list then */

export class QueueActs {
  /** @param {QueueRoom} room @param {Desk} desk @param {import("./queue_hands.js").QueueHands} hands */
  constructor(room, desk, hands) {
    this.room = room;
    this.at = desk;
    this.hands = hands;
  }

  /** @param {Card} card @returns {{supervisor: boolean, unacked: boolean}} */
  who(card) {
    return { supervisor: this.at.person.read().role === "supervisor", unacked: this.at.look().unacked.has(card.id) };
  }

  /** @param {ActName} name @returns {Card[]} those it would be done to: all selected that nobody else has open, or the chosen one */
  targets(name) {
    const act = actNamed(name);
    const { selected } = this.at.here;
    const chosen = this.hands.chosen();
    const cards = act.bulk && selected.size > 0 ? [...selected].map((id) => this.at.card(id)) : [chosen];
    return cards.filter((card) => card !== null).filter((card) => isPossible(act, card, this.who(card)));
  }

  /** @param {ActName} name */
  async do(name) {
    const possible = this.targets(name);
    const cards = possible.length > 1 ? this.#unclaimed(possible) : possible;
    const [card] = cards;
    if (!card || !(await this.at.named())) return;
    if (name === "acknowledge") return this.#acknowledge(card);
    if (name === "show") return this.at.show(card);
    const order = await this.#ask(name, card, cards, possible.length - cards.length);
    if (!order) return this.hands.focus();
    const { command } = actNamed(name);
    const meant = cards.filter(({ id }) => id !== order.fields.into);
    const ids = meant.map(({ id }) => id);
    for (const one of meant) this.at.here.seen.set(one.id, one);
    const sent = cards.length > 1 ? this.at.orders.many(meant, command, order.fields) : this.at.orders.one(card, command, order.fields);
    for (const id of ids) this.at.here.selected.delete(id);
    this.hands.goOn(order.leaves ? ids : []);
    await sent;
  }

  /** @param {readonly Card[]} cards @returns {Card[]} without those that somebody else has open */
  #unclaimed(cards) {
    const me = this.at.person.read().actor;
    const { at } = this.at.look();
    return cards.filter((card) => [null, me].includes(claimOf(card, at)));
  }

  /** @param {Card} card */
  async #acknowledge(card) {
    const alarm = [...this.at.look().state.alarms.values()].find(({ complaint, state }) => complaint === card.id && state === "unacked");
    if (alarm) await this.at.alarmOrders.one(alarm, "acknowledge");
  }

  /** @param {number} number of a suggested category */
  async number(number) {
    const card = this.hands.chosen();
    const option = card && isPossible(actNamed("triage"), card, this.who(card)) ? this.at.otherCategories(card)[number - 1] : null;
    if (card && option && (await this.at.named())) await this.at.orders.one(card, "triage", { category: option.key });
  }

  /** @param {ActName} name @param {Card} card the first of them @param {readonly Card[]} cards @param {number} skipped @returns {Promise<Order>} null: it was left */
  #ask(name, card, cards, skipped) {
    const note = this.#note(card, cards, skipped);
    switch (name) {
      case "forward": return this.#forward(card, cards, note);
      case "reject": case "send_back": case "reopen": return this.#reason(name, cards, note);
      case "merge": return this.#merge(card, cards, note);
      case "comment": case "reply": case "ask": return this.#write(name, note);
      case "refer": return this.#refer(card, note);
      case "extend": return this.#extend(card, note);
      case "validate": return this.#validate(note);
      default: return this.#triage(name, card, note);
    }
  }

  /** @param {Card} card @param {readonly Card[]} cards @param {number} skipped what to know before answering */
  #note(card, cards, skipped) {
    const { queue } = this.room;
    const claim = claimOf(card, this.at.look().at);
    const others = cards.length === 1 && claim && claim !== this.at.person.read().actor ? queue("claimed_note", { who: claim }) : "";
    return [others, skipped > 0 ? queue("skips_claimed", { n: skipped }) : "", queue("no_undo")].filter(Boolean).join(" ");
  }

  /** @param {import("./chooser.js").Question} question @returns {Promise<import("./chooser.js").Answer | null>} */
  #choose(question) {
    return this.at.chooser.choose(question);
  }

  /** @param {Card} card @param {readonly Card[]} cards @param {string} note @returns {Promise<Order>} */
  async #forward(card, cards, note) {
    const { room: { queue }, at } = this;
    const has = card.state === "received" ? null : (card.agency ?? null);
    const same = new Set(cards.map((one) => suggestedAgency(one, at.details.of(one.id).suggestions, at.handles)));
    const suggested = same.size === 1 && has === null ? ([...same][0] ?? null) : null;
    const title = cards.length > 1 ? queue("ask_forward_n", { n: cards.length }) : queue(has === null ? "ask_forward" : "ask_reassign");
    const answer = await this.#choose({ title, note, ready: suggested !== null, options: agencyOptions(at.handles.agencies, suggested, cards.length > 1 ? null : has, at.lists, this.room) });
    return answer && { fields: { agency: answer.key }, leaves: true };
  }

  /** @param {"reject" | "send_back" | "reopen"} name @param {readonly Card[]} cards @param {string} note @returns {Promise<Order>} */
  async #reason(name, cards, note) {
    const { queue } = this.room;
    const title = name === "reject" && cards.length > 1 ? queue("ask_reject_n", { n: cards.length }) : queue(`ask_${name}`);
    const answer = await this.#choose({ title, note, options: reasonOptions(name, this.room), own: true });
    return answer && { fields: { reason: answer.key || answer.name }, leaves: name !== "reopen" };
  }

  /** @param {Card} card @param {readonly Card[]} cards @param {string} note @returns {Promise<Order>} */
  async #merge(card, cards, note) {
    const { queue } = this.room;
    const own = new Set(cards.map(({ id }) => id));
    const { suggestions } = this.at.details.of(card.id);
    const similar = similarNow(card, this.at.look().state.cards.values(), suggestions).filter(({ id }) => !own.has(id));
    const many = cards.length > 1;
    // Many may also become one of themselves.
    const into = [...similar, ...(many ? cards.map((one) => ({ id: one.id, card: one })) : [])];
    const answer = await this.#choose({ title: many ? queue("ask_merge_n", { n: cards.length }) : queue("ask_merge"), note, options: similarOptions(into, this.room) });
    return answer && { fields: { into: answer.key }, leaves: true };
  }

  /** @param {"comment" | "reply" | "ask"} name @param {string} note @returns {Promise<Order>} */
  async #write(name, note) {
    const text = await this.at.chooser.write(this.room.queue(`ask_${name}`), note);
    return text === null ? null : { fields: { text }, leaves: false };
  }

  /** @param {Card} card @param {string} note @returns {Promise<Order>} */
  async #refer(card, note) {
    const { queue } = this.room;
    const [likely] = this.at.handles.may_be[card.category ?? ""] ?? [];
    const body = await this.#choose({ title: queue("ask_refer"), note, options: agencyOptions(this.at.handles.outside, likely ?? null, null, this.at.lists, this.room) });
    const reason = body && (await this.at.chooser.write(queue("ask_reason"), body.name));
    return body && reason ? { fields: { outside: body.key, reason }, leaves: true } : null;
  }

  /** @param {Card} card @param {string} note @returns {Promise<Order>} */
  async #extend(card, note) {
    const { queue } = this.room;
    const { at, calendar } = this.at.look();
    // What is extended is the time to finish, whatever runs out first.
    const finish = this.at.details.of(card.id).detail?.deadline?.stages?.find(({ stage }) => stage === "finish");
    const options = at === null ? [] : laterOptions(finish?.due_at ?? card.due_at, at, calendar, this.room);
    const until = await this.#choose({ title: queue("ask_extend"), note, options });
    const reason = until && (await this.at.chooser.write(queue("ask_reason"), until.name));
    return until && reason ? { fields: { due_at: until.key, reason }, leaves: false } : null;
  }

  /** @param {string} note @returns {Promise<Order>} */
  async #validate(note) {
    const { queue } = this.room;
    const answer = await this.#choose({ title: queue("ask_validate"), note, ready: true, options: [{ key: "yes", name: queue("yes_validate") }] });
    return answer && { fields: {}, leaves: true };
  }

  /** @param {ActName} name @param {Card} card @param {string} note @returns {Promise<Order>} */
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
