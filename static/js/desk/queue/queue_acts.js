/**
 * What officers do at the duty desk: each act asks what it needs, then sends it; the feed shows what came of it.
 */
import { ActQuestions, draftOf } from "./act_questions.js";
import { actNamed, isPossible, toldBy, twinOf } from "./acts_table.js";
import { claimOf } from "./row_words.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("./acts_table.js").ActName} ActName */
/** @typedef {import("./queue_desk.js").Desk} Desk */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */

export class QueueActs {
  /** @param {QueueRoom} room @param {Desk} desk @param {import("./queue_hands.js").QueueHands} hands */
  constructor(room, desk, hands) {
    this.room = room;
    this.at = desk;
    this.hands = hands;
    this.questions = new ActQuestions(room, desk);
  }

  /** @param {Card} card @returns {import("./acts_table.js").Standing} */
  who(card) {
    const supervisor = this.at.person.read().role === "supervisor";
    return { supervisor, unacked: this.at.look().unacked.has(card.id), ...toldBy(this.at.details.of(card.id).detail, card) };
  }

  /** @param {ActName} name @returns {Card[]} those it would be done to: all selected that nobody else has open, or the chosen one */
  targets(name) {
    const act = actNamed(name);
    const { selected } = this.at.here;
    const chosen = this.hands.chosen();
    const cards = act.bulk && selected.size > 0 ? [...selected].map((id) => this.at.card(id)) : [chosen];
    return cards.filter((card) => card !== null).filter((card) => isPossible(act, card, this.who(card)));
  }

  /** @param {ActName} asked */
  async do(asked) {
    // What is called out on a wall needs the server; without it the same key silences what says so (CR-07).
    if (asked === "show" && this.at.hush()) return this.at.paint();
    const twin = this.targets(asked).length === 0 ? twinOf(asked) : null;
    const name = twin?.name ?? asked;
    const possible = this.targets(name);
    const cards = possible.length > 1 ? this.#unclaimed(possible) : possible;
    const [card] = cards;
    if (!card || !(await this.at.named())) return;
    if (name === "acknowledge") return this.#acknowledge(card);
    if (name === "show") return this.at.show(card);
    const order = await this.questions.ask(name, card, cards, possible.length - cards.length);
    if (!order) return this.hands.focus();
    const { command } = actNamed(name);
    const meant = cards.filter(({ id }) => id !== order.fields.into);
    const ids = meant.map(({ id }) => id);
    for (const one of meant) this.at.here.seen.set(one.id, one);
    const sent = cards.length > 1 ? this.at.orders.many(meant, command, order.fields) : this.at.orders.one(card, command, order.fields);
    for (const id of ids) this.at.here.selected.delete(id);
    this.hands.goOn(order.leaves ? ids : []);
    await this.at.drafts.sent(draftOf(name, card), sent.then((reply) => Boolean(reply && "status" in reply && reply.status === 200)));
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
}
