/**
 * What each act of the duty desk asks before it is sent, one question after the other.
 */
import { nameOf } from "../guests.js";
import { suggestedAgency, suggestedArea } from "./suggest.js";
import { agencyOptions, areaOptions, categoryOptions, childOptions, helperOptions, HOLDS, laterOptions, priorityOptions, reasonOptions, similarOptions, THESE } from "./act_options.js";
import { similarNow } from "./near.js";
import { claimOf } from "./row_words.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("./acts_table.js").ActName} ActName */
/** @typedef {import("./queue_desk.js").Desk} Desk */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */
/** @typedef {{fields: Record<string, unknown>, leaves: boolean} | null} Order leaves: it is off this desk's list then; null: it was left */

/** @param {ActName} name @param {Card} card @returns {string} what the words of an act are kept under until they are taken */
export function draftOf(name, card) {
  return `${name} ${card.id}`;
}

export class ActQuestions {
  /** @param {QueueRoom} room @param {Desk} desk */
  constructor(room, desk) {
    this.room = room;
    this.at = desk;
  }

  /** @param {ActName} name @param {Card} card the first of them @param {readonly Card[]} cards @param {number} skipped @returns {Promise<Order>} null: it was left */
  ask(name, card, cards, skipped) {
    const note = this.#note(card, cards, skipped);
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
      default: return this.#triage(name, card, note);
    }
  }

  /** @param {Card} card @param {readonly Card[]} cards @param {number} skipped what to know before answering */
  #note(card, cards, skipped) {
    const { queue } = this.room;
    const claim = claimOf(card, this.at.look().at);
    const others = cards.length === 1 && claim && claim !== this.at.person.read().actor ? queue("claimed_note", { who: nameOf(claim) }) : "";
    return [others, skipped > 0 ? queue("skips_claimed", { n: skipped }) : "", queue("no_undo")].filter(Boolean).join(" ");
  }

  /** @param {ActName} name @param {Card} card @returns {string} who else reads a reply: their reports are part of this one */
  #reach(name, card) {
    const { children = [], followers = [] } = this.at.details.of(card.id).detail ?? {};
    const n = children.length + followers.length;
    return name === "reply" && n > 0 ? `${this.room.queue("reply_reach", { n: this.room.format.number(n) })} ` : "";
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
    const answer = await this.#choose({ title: many ? queue("ask_merge_n", { n: cards.length }) : queue("ask_merge"), note, options: similarOptions(into, this.room), none: queue("none_similar") });
    return answer && { fields: { into: answer.key }, leaves: true };
  }

  /** @param {"comment" | "reply" | "ask" | "answer"} name @param {Card} card @param {string} note @returns {Promise<Order>} */
  async #write(name, card, note) {
    const text = await this.at.chooser.write(this.room.queue(`ask_${name}`), note, draftOf(name, card));
    return text === null ? null : { fields: { text }, leaves: false };
  }

  /** @param {Card} card @param {string} note @returns {Promise<Order>} */
  async #refer(card, note) {
    const { queue } = this.room;
    const [likely] = this.at.handles.may_be[card.category ?? ""] ?? [];
    const body = await this.#choose({ title: queue("ask_refer"), note, options: agencyOptions(this.at.handles.outside, likely ?? null, null, this.at.lists, this.room) });
    const reason = body && (await this.at.chooser.write(queue("ask_reason"), body.name, draftOf("refer", card)));
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
    const reason = until && (await this.at.chooser.write(queue("ask_reason"), until.name, draftOf("extend", card)));
    return until && reason ? { fields: { due_at: until.key, reason }, leaves: false } : null;
  }

  /** @param {Card} card @param {string} note @returns {Promise<Order>} */
  async #close(card, note) {
    const { queue } = this.room;
    const judged = card.state === "proof_submitted";
    const reason = await this.at.chooser.write(queue("ask_close"), judged ? note : `${queue("close_unproved")} ${note}`, draftOf("close", card));
    return reason ? { fields: { reason }, leaves: true } : null;
  }

  /** @param {"validate" | "resume" | "split" | "release" | "withdraw"} name @param {string} note @returns {Promise<Order>} */
  async #sure(name, note) {
    const { queue } = this.room;
    const answer = await this.#choose({ title: queue(`ask_${name}`), note, ready: true, options: [{ key: "yes", name: queue(`yes_${name}`) }] });
    return answer && { fields: {}, leaves: name === "validate" || name === "split" };
  }

  /** @param {string} note @returns {Promise<Order>} */
  async #hold(note) {
    const { queue } = this.room;
    const { at, calendar } = this.at.look();
    const reason = await this.#choose({ title: queue("ask_hold"), note, options: reasonOptions("hold", this.room), own: true });
    const options = at === null ? [] : laterOptions(null, at, calendar, this.room, HOLDS);
    const until = reason && (await this.#choose({ title: queue("ask_until"), note: reason.name, options }));
    return reason && until ? { fields: { reason: reason.key || reason.name, until: until.key }, leaves: false } : null;
  }

  /** @param {Card} card @param {string} note @returns {Promise<Order>} */
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

  /** @param {Card} card @param {string} note @returns {Promise<Order>} */
  async #split(card, note) {
    if (card.state === "merged") return this.#sure("split", note);
    const children = this.at.details.of(card.id).detail?.children ?? [];
    const answer = await this.#choose({ title: this.room.queue("ask_child"), note, options: childOptions(children, (id) => this.at.card(id), this.room) });
    return answer && { fields: { child: answer.key }, leaves: false };
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
