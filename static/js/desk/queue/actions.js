/**
 * Actions of the duty desk on complaints: which are possible, their buttons and keys, and how they are sent.
 */
import { element, find, mark, show, write } from "../../ui/dom.js";
import { claimOf } from "../phrases.js";
import { ActionQuestions, draftOf } from "./questions.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("./queue.js").Look} Look */
/** @typedef {import("../phrases.js").QueueRoom} QueueRoom */
/** @typedef {import("./queue.js").Desk} Desk */

// The actions: key and command of each. Which are possible the card says, by the room's own table (docs/commands.md). Pure.

/** @typedef {{name: ActionName, key: string, command: string, bulk?: true, when?: (card: Card) => boolean}} Action when: beside the room's rules, whether it makes sense here */
/** @typedef {{gives: import("../page.js").Gives, unacked: boolean, children: number}} Standing gives: the commands of this person's role; unacked: it has an alarm nobody has; children: merged into it, as far as is known */

/** @typedef {typeof LISTED[number]["name"]} ActionName */

/** In the order of the buttons. */
const LISTED = /** @type {const} @satisfies {readonly (Omit<Action, "name"> & {name: string})[]} */ ([
  { name: "acknowledge", key: "a", command: "acknowledge" },
  { name: "validate", key: "v", command: "validate" },
  { name: "send_back", key: "s", command: "send_back" },
  { name: "forward", key: "f", command: "forward", bulk: true },
  { name: "reject", key: "r", command: "reject", bulk: true },
  { name: "merge", key: "m", command: "merge", bulk: true },
  { name: "triage", key: "t", command: "triage", bulk: true },
  { name: "area", key: "w", command: "triage" },
  { name: "priority", key: "p", command: "triage" },
  { name: "reply", key: "b", command: "reply" },
  { name: "ask", key: "y", command: "ask" },
  { name: "comment", key: "c", command: "comment" },
  { name: "refer", key: "u", command: "refer_outside" },
  { name: "extend", key: "e", command: "extend" },
  { name: "hold", key: "z", command: "hold" },
  { name: "resume", key: "z", command: "resume" },
  { name: "answer", key: "Y", command: "answer" },
  { name: "coordinate", key: "F", command: "coordinate" },
  { name: "split", key: "M", command: "split" },
  { name: "close", key: "q", command: "close" },
  { name: "reopen", key: "o", command: "reopen" },
  { name: "release", key: "D", command: "release_proof" },
  // The room lets it be withdrawn at any time; only where the work is done has anything been released.
  { name: "withdraw", key: "W", command: "withdraw_proof", when: ({ state }) => state === "done" },
  { name: "show", key: "d", command: "show" },
]);
/** @type {readonly Action[]} */
export const ACTIONS = LISTED;

/** @param {ActionName} name @returns {Action} */
export function actionNamed(name) {
  return /** @type {Action} */ (ACTIONS.find((act) => act.name === name));
}

/** @param {ActionName} name @returns {Action | null} the other one on the same key: never both are possible */
export function twinOf(name) {
  const { key } = actionNamed(name);
  return ACTIONS.find((act) => act.key === key && act.name !== name) ?? null;
}

/** @param {string} key @returns {string} as it is written on a button */
export function keyWords(key) {
  return /[A-Z]/.test(key) ? `Shift+${key}` : key.toUpperCase();
}

/** @param {Action} act @param {Card} card @param {Standing} who @returns {boolean} */
export function isPossible({ name, command, when }, card, who) {
  // These two are no commands on the complaint itself, but on its alarm and on the room.
  if (name === "acknowledge") return who.unacked;
  if (name === "show") return who.gives.room.includes(command) && card.lat !== null && card.lat !== undefined;
  // Which one is split off is asked of those that are known.
  if (name === "split" && card.state !== "merged" && who.children === 0) return false;
  return who.gives.complaint.includes(command) && card.allowed?.includes(command) === true && (when?.(card) ?? true);
}

/** @param {Card} card @returns {ActionName | null} what comes first here: the one light button */
export function firstAction({ state }) {
  if (state === "received") return "forward";
  return state === "proof_submitted" ? "validate" : null;
}

// Buttons of what may be done to the chosen complaint, each with its key; one of them comes first.

/** @param {Document} page @param {QueueRoom} room @param {(name: ActionName) => void} act @returns {(look: Look) => void} */
export function mountActionButtons(page, room, act) {
  const box = find(page, ".reading-acts");
  const buttons = ACTIONS.map((one) => {
    const words = element("span", "");
    const node = element("button", "", words, " ", element("kbd", "", keyWords(one.key)));
    for (const [name, value] of Object.entries({ type: "button", "data-act": one.name })) mark(node, name, value);
    return { one, node, words };
  });
  box.append(...buttons.map(({ node }) => node));
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-act]"))) {
    node.addEventListener("click", () => act(/** @type {ActionName} */ (node.dataset.act)));
  }
  return ({ card, unacked, gives, held }) => {
    if (!card) return;
    const first = firstAction(card);
    const who = { gives, unacked: unacked.has(card.id), children: held.detail?.children?.length ?? 0 };
    for (const { one, node, words } of buttons) {
      show(node, isPossible(one, card, who));
      node.classList.toggle("first", one.name === first);
      const has = one.name === "forward" && card.state !== "received";
      write(words, room.queue(has ? "act_reassign" : `act_${one.name}`));
    }
  };
}

// Keys. Letters and numbers can be turned off; arrows, Enter, Escape and the buttons always work (CR-98).

/** @typedef {"down" | "up" | "open" | "leave" | "select" | "select_all" | "search" | "list" | "map" | "new" | "handover" | "overview" | "help" | "number" | ActionName} Key */
/** @typedef {{key: string, ctrlKey: boolean, altKey: boolean, metaKey: boolean}} Press */

/** @type {Readonly<Record<string, Key>>} */
const LETTERS = {
  j: "down", k: "up", x: "select", X: "select_all", "/": "search", l: "list", g: "map", n: "new", h: "handover", i: "overview", "?": "help",
  ...Object.fromEntries(ACTIONS.map(({ key, name }) => [key, name])),
};
/** Only in the list itself: elsewhere these keys belong to what has the focus. @type {Readonly<Record<string, Key>>} */
const IN_LIST = { ArrowDown: "down", ArrowUp: "up", Enter: "open" };

/**
 * @param {Press} press
 * @param {{letters: boolean, typing: boolean, inList: boolean, dialog: boolean}} where typing: in a field that takes text
 * @returns {Key | null}
 */
export function keyOf({ key, ctrlKey, altKey, metaKey }, { letters, typing, inList, dialog }) {
  if (dialog || ctrlKey || altKey || metaKey) return null;
  if (key === "Escape") return "leave";
  if (typing) return null;
  if (inList && IN_LIST[key]) return IN_LIST[key];
  if (!letters) return null;
  return /^[1-9]$/.test(key) ? "number" : (LETTERS[key] ?? null);
}

// Sending: each action asks what it needs, then goes; the feed shows what came of it.

export class QueueActions {
  /** @param {QueueRoom} room @param {Desk} desk @param {import("./navigation.js").QueueNavigation} navigation */
  constructor(room, desk, navigation) {
    this.room = room;
    this.at = desk;
    this.navigation = navigation;
    this.questions = new ActionQuestions(room, desk);
  }

  /** @param {Card} card @returns {Standing} */
  who(card) {
    const { gives, unacked } = this.at.look();
    return { gives, unacked: unacked.has(card.id), children: this.at.details.of(card.id).detail?.children?.length ?? 0 };
  }

  /** @param {ActionName} name @returns {Card[]} those it would be done to: all selected that nobody else has open, or the chosen one */
  targets(name) {
    const act = actionNamed(name);
    const { selected } = this.at.here;
    const chosen = this.navigation.chosen();
    const cards = act.bulk && selected.size > 0 ? [...selected].map((id) => this.at.card(id)) : [chosen];
    return cards.filter((card) => card !== null).filter((card) => isPossible(act, card, this.who(card)));
  }

  /** @param {ActionName} asked */
  async do(asked) {
    // What is called out on a wall needs the server; without it the same key silences what says so (CR-07).
    if (asked === "show" && this.at.mute()) return this.at.paint();
    const twin = this.targets(asked).length === 0 ? twinOf(asked) : null;
    const name = twin?.name ?? asked;
    const possible = this.targets(name);
    const cards = possible.length > 1 ? this.#unclaimed(possible) : possible;
    const [card] = cards;
    if (!card || !(await this.at.named())) return;
    if (name === "acknowledge") return this.#acknowledge(card);
    if (name === "show") return this.at.show(card);
    const answer = await this.questions.ask(name, card, cards, possible.length - cards.length);
    if (!answer) return this.navigation.focus();
    const { command } = actionNamed(name);
    const meant = cards.filter(({ id }) => id !== answer.fields.into);
    const ids = meant.map(({ id }) => id);
    for (const one of meant) this.at.here.seen.set(one.id, one);
    const sent = cards.length > 1 ? this.at.commands.many(meant, command, answer.fields) : this.at.commands.one(card, command, answer.fields);
    for (const id of ids) this.at.here.selected.delete(id);
    this.navigation.goOn(answer.leaves ? ids : []);
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
    if (alarm) await this.at.alarmCommands.one(alarm, "acknowledge");
  }

  /** @param {number} number of a suggested category */
  async number(number) {
    const card = this.navigation.chosen();
    const option = card && isPossible(actionNamed("triage"), card, this.who(card)) ? this.at.otherCategories(card)[number - 1] : null;
    if (card && option && (await this.at.named())) await this.at.commands.one(card, "triage", { category: option.key });
  }
}
