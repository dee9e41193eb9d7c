/**
 * Actions of the duty desk on complaints: which are possible, their buttons and keys, and how they are sent.
 */
import { element, find, mark, show, write } from "../../ui/dom.js";
import { placeWords, whatWords } from "../../ui/complaints.js";
import { claimOf } from "../phrases.js";
import { isOpen } from "./list.js";
import { ActionQuestions, draftOf } from "./questions.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("./queue.js").Look} Look */
/** @typedef {import("../phrases.js").QueueRoom} QueueRoom */
/** @typedef {import("./queue.js").Desk} Desk */

// The actions: key and command of each. Which are possible the card says, by the room's own table (docs/commands.md). Pure.

/** @typedef {{name: ActionName, key: string, command: string, bulk?: true, held?: true, when?: (card: Card) => boolean}} Action held: it ends a complaint, and can be taken back for a moment; when: beside the room's rules, whether it makes sense here */
/** @typedef {{gives: import("../page.js").Gives, unacked: boolean, children: number}} Standing gives: the commands of this person's role; unacked: it has an alarm nobody has; children: merged into it, as far as is known */

/** @typedef {typeof LISTED[number]["name"]} ActionName */

/** In the order of the buttons. */
const LISTED = /** @type {const} @satisfies {readonly (Omit<Action, "name"> & {name: string})[]} */ ([
  { name: "acknowledge", key: "a", command: "acknowledge" },
  { name: "validate", key: "v", command: "validate" },
  { name: "send_back", key: "s", command: "send_back" },
  { name: "forward", key: "f", command: "forward", bulk: true },
  { name: "reject", key: "r", command: "reject", bulk: true, held: true },
  { name: "merge", key: "m", command: "merge", bulk: true, held: true },
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

/** What stands on a button of its own, best first; of these as many as there is room for. @type {Readonly<Record<string, readonly ActionName[]>>} */
const MAIN = {
  received: ["acknowledge", "resume", "answer", "forward", "merge", "reply", "reject", "triage"],
  proof_submitted: ["validate", "send_back", "acknowledge", "reply", "comment"],
  open: ["acknowledge", "resume", "answer", "forward", "reply", "comment", "ask", "merge"],
  ended: ["reopen", "release", "withdraw", "split", "reply", "comment"],
};
const MOST_MAIN = 4;

/** @param {Card} card @param {Standing} who @returns {ActionName[]} at most four, in the order of their buttons; the first is the light one */
export function mainActions(card, who) {
  const order = MAIN[card.state ?? ""] ?? (isOpen(card) ? MAIN.open : MAIN.ended) ?? [];
  const able = order.filter((name) => isPossible(actionNamed(name), card, who)).slice(0, MOST_MAIN);
  const first = firstAction(card, who);
  return first && able.includes(first) ? [first, ...able.filter((name) => name !== first)] : able;
}

/** @param {Card} card @param {Pick<Standing, "unacked">} who @returns {ActionName | null} what comes first here: the one light button */
export function firstAction({ state }, { unacked }) {
  if (state === "proof_submitted") return "validate";
  if (unacked) return "acknowledge";
  return state === "received" ? "forward" : null;
}

// Why a key does nothing here: said at once, or it would look as if the desk had not heard it. Pure.

/** @typedef {"dead_none" | "dead_alarm" | "dead_place" | "dead_children" | "dead_role" | "dead_proof" | "dead_open" | "dead_ended" | "dead_guests" | "dead_forwarded" | "dead_unforwarded" | "dead_paused" | "dead_answer" | "dead_state"} Why of `desk.*` */

/** @param {Action} act @param {Card | null} card @param {Standing} who @returns {Why} of one that is not possible */
export function whyNot({ name, command }, card, who) {
  if (!card) return "dead_none";
  if (name === "acknowledge") return "dead_alarm";
  if (name === "show") return who.gives.room.includes(command) ? "dead_place" : "dead_role";
  if (name === "split" && who.children === 0) return "dead_children";
  if (!who.gives.complaint.includes(command)) return "dead_role";
  if (name === "validate" || name === "send_back") return "dead_proof";
  if (name === "release" || name === "withdraw") return "dead_guests";
  if (name === "reopen") return isOpen(card) ? "dead_open" : "dead_state";
  if (!isOpen(card)) return "dead_ended";
  if (name === "answer") return "dead_answer";
  if (card.paused) return "dead_paused";
  if (name === "reject" || name === "merge" || name === "refer") return card.state === "received" ? "dead_state" : "dead_forwarded";
  return card.state === "received" ? "dead_unforwarded" : "dead_state";
}

// Buttons of what may be done to the chosen complaint, each with its key: the main ones, and the rest behind one more.

/** @param {Document} page @param {QueueRoom} room @param {(name: ActionName) => void} act @returns {(look: Look) => void} */
export function mountActionButtons(page, room, act) {
  const box = find(page, ".reading-acts");
  const buttons = ACTIONS.map((one) => {
    const words = element("span", "");
    const node = element("button", "", words, " ", element("kbd", "", keyWords(one.key)));
    for (const [name, value] of Object.entries({ type: "button", "data-act": one.name })) mark(node, name, value);
    return { one, node, words };
  });
  const [main, rest, more] = [find(box, ".acts-main"), find(box, ".acts-rest"), /** @type {HTMLDetailsElement} */ (find(box, ".acts-more"))];
  rest.append(...buttons.map(({ node }) => node));
  foldBack(page, more);
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-act]"))) {
    node.addEventListener("click", () => act(/** @type {ActionName} */ (node.dataset.act)));
  }
  return ({ card, unacked, gives, held }) => {
    if (!card) return;
    const who = { gives, unacked: unacked.has(card.id), children: held.detail?.children?.length ?? 0 };
    const first = firstAction(card, who);
    const mains = mainActions(card, who);
    for (const { one, node, words } of buttons) {
      show(node, isPossible(one, card, who));
      node.classList.toggle("first", one.name === first);
      const has = one.name === "forward" && card.state !== "received";
      write(words, room.queue(has ? "act_reassign" : `act_${one.name}`));
    }
    const nodeOf = (/** @type {ActionName} */ name) => buttons.find(({ one }) => one.name === name)?.node;
    settle(main, mains.flatMap((name) => nodeOf(name) ?? []));
    settle(rest, buttons.filter(({ one }) => !mains.includes(one.name)).map(({ node }) => node));
    const others = buttons.filter(({ one, node }) => !mains.includes(one.name) && node.dataset.shown === "true").length;
    show(more, others > 0);
    write(find(more, "summary"), room.queue("more_acts", { n: room.format.number(others) }));
  };
}

/** @param {HTMLElement} box @param {readonly HTMLElement[]} nodes moved only where they stand otherwise; what has the focus keeps it */
function settle(box, nodes) {
  if (nodes.length === box.children.length && nodes.every((node, i) => box.children[i] === node)) return;
  const focused = nodes.find((node) => node === document.activeElement);
  box.replaceChildren(...nodes);
  focused?.focus();
}

/** @param {Document} page @param {HTMLDetailsElement} more is shut by whatever is done next: an act of it, a press elsewhere, Escape */
function foldBack(page, more) {
  page.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element) || !target.closest(".acts-more summary")) more.open = false;
  });
  more.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !more.open) return;
    event.stopPropagation();
    more.open = false;
    find(more, "summary").focus();
  });
}

// Keys. Letters and numbers can be turned off; arrows, Enter, Escape and the buttons always work (CR-98).

/** @typedef {"down" | "up" | "urgent" | "open" | "leave" | "select" | "select_all" | "search" | "list" | "map" | "new" | "handover" | "overview" | "help" | "number" | ActionName} Key */
/** @typedef {{key: string, ctrlKey: boolean, altKey: boolean, metaKey: boolean}} Press */

/** @type {Readonly<Record<string, Key>>} */
const LETTERS = {
  j: "down", k: "up", ".": "urgent", x: "select", X: "select_all", "/": "search", l: "list", g: "map", n: "new", h: "handover", i: "overview", "?": "help",
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

/** @param {Press} press @param {{letters: boolean, typing: boolean, dialog: boolean}} where @returns {boolean} whether it is a letter that means nothing at this desk */
export function isDead({ key, ctrlKey, altKey, metaKey }, { letters, typing, dialog }) {
  return letters && !typing && !dialog && !ctrlKey && !altKey && !metaKey && /^\p{L}$/u.test(key) && !Object.hasOwn(LETTERS, key);
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
    // Those that are known by name: which one is split off is asked at once, and an empty list would swallow the answer.
    return { gives, unacked: unacked.has(card.id), children: this.at.details.of(card.id).detail?.children?.length ?? 0 };
  }

  /** @param {ActionName} name @returns {Card[]} those it would be done to: all selected that nobody else has open, or the chosen one */
  targets(name) {
    const act = actionNamed(name);
    const { selected } = this.at.here;
    const chosen = this.navigation.chosen();
    const cards = act.bulk && selected.size > 0 ? [...selected].map((id) => this.at.card(id)) : [chosen];
    return cards.filter((card) => card !== null).filter((card) => this.at.held.of(card.id) === null && isPossible(act, card, this.who(card)));
  }

  /** @param {ActionName} name @returns {string} why its key does nothing */
  #why(name) {
    const card = this.navigation.chosen();
    const { queue, states } = this.room;
    if (card && this.at.held.of(card.id)) return queue("dead_held");
    // Of the two on one key it is the one that would make sense here.
    if (name === "resume" && card && !card.paused) return this.#why("hold");
    const why = card ? whyNot(actionNamed(name), card, this.who(card)) : "dead_none";
    const has = name === "forward" && card?.state !== "received";
    return queue(why, { act: queue(has ? "act_reassign" : `act_${name}`), state: states(card?.state ?? "").toLowerCase() });
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
    if (!card) return this.at.say(this.#why(asked));
    if (!(await this.at.named())) return;
    if (name === "acknowledge") return this.#acknowledge(card);
    if (name === "show") return this.at.show(card);
    const { command, held = false } = actionNamed(name);
    const answer = await this.questions.ask(name, card, cards, { skipped: possible.length - cards.length, held });
    if (!answer) return this.navigation.focus();
    const meant = cards.filter(({ id }) => id !== answer.fields.into);
    const ids = meant.map(({ id }) => id);
    const into = typeof answer.fields.into === "string" ? answer.fields.into : null;
    // It would end the other way round: into one that is about to be ended itself.
    if (into && this.at.held.of(into)) return this.at.say(this.room.queue("dead_held")), this.navigation.focus();
    for (const one of meant) this.at.here.seen.set(one.id, one);
    const fields = { ...answer.fields, ...this.at.person.signature() };
    // What waits to go into one of these comes before whatever is decided about it.
    const before = this.at.held.before(ids);
    const mass = cards.length > 1 ? this.at.mass.keep({ act: name, command, subjects: meant, fields, held }) : null;
    const give = async (outlives = false) => (mass ? this.at.mass.send(mass, outlives) : this.at.commands.one(card, command, fields, outlives));
    const send = (outlives = false) => (before && !outlives ? before.then(() => give()) : give(outlives));
    const stood = this.#stood(ids);
    for (const id of ids) this.at.here.selected.delete(id);
    if (held) {
      this.at.held.hold({ ids, into, stood, name, send, undone: mass ? () => this.at.mass.drop(mass) : undefined });
      return this.navigation.goOn(ids);
    }
    const sent = send();
    this.navigation.goOn(answer.leaves ? ids : []);
    await this.at.drafts.sent(draftOf(name, card), sent.then((reply) => mass !== null || Boolean(reply && "status" in reply && reply.status === 200)));
  }

  /** @param {readonly string[]} ids @returns {import("../commands.js").Stood} how these stand on the desk, to be so again when it is taken back */
  #stood(ids) {
    const { chosen, place: { open }, selected } = this.at.here;
    const [first = ""] = ids;
    return { selected: ids.filter((id) => selected.has(id)), chosen: chosen.id !== null && ids.includes(chosen.id) ? chosen.id : first, open: open !== null && ids.includes(open) ? open : null };
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
    if (!alarm) return;
    const sent = this.at.alarmCommands.one(alarm, "acknowledge");
    this.navigation.answered(card.id);
    await sent;
  }

  /** @param {number} number of a suggested category */
  async number(number) {
    const card = this.navigation.chosen();
    if (card && this.at.held.of(card.id)) return this.at.say(this.room.queue("dead_held"));
    const option = card && isPossible(actionNamed("triage"), card, this.who(card)) ? this.at.otherCategories(card)[number - 1] : null;
    if (!option) return this.at.say(this.room.queue("dead_number", { n: number }));
    if (!card || !(await this.at.named())) return;
    await this.at.held.before([card.id]);
    await this.at.commands.one(card, "triage", { category: option.key });
  }
}

// Acts that wait, each with what it is about, how long it can still be taken back, and the way to do so; and below them acts
// on many that are under way, with how far they are.

/** @param {Document} page @param {QueueRoom} room @param {Desk} desk @param {(act: import("../commands.js").HeldAct) => void} undo @returns {(look: Look) => void} a line keeps its node */
export function mountHeld(page, room, desk, undo) {
  const box = find(page, ".held-acts");
  /** @type {Map<object, {node: HTMLElement, paint: (look: Look) => void}>} */
  const lines = new Map();
  /** @template {object} A @param {A} act @param {(act: A) => {node: HTMLElement, paint: (look: Look) => void}} make */
  const lineOf = (act, make) => {
    const line = lines.get(act) ?? make(act);
    lines.set(act, line);
    return line;
  };
  return (look) => {
    const held = desk.held.all.map((one) => lineOf(one, (act) => heldLine(act, room, desk, () => undo(act))));
    const mass = desk.mass.all.map(([one]) => lineOf(one, (act) => massLine(act, room, desk)));
    const shown = [...held, ...mass];
    for (const [act, line] of lines) if (!shown.includes(line)) lines.delete(act);
    for (const { paint } of shown) paint(look);
    settle(box, shown.map(({ node }) => node));
    show(box, shown.length > 0);
  };
}

/** @param {import("../commands.js").HeldAct} act @param {QueueRoom} room @param {Desk} desk @param {() => void} undo */
function heldLine({ ids, name, until }, room, desk, undo) {
  const card = ids.length === 1 ? desk.card(ids[0] ?? "") : null;
  const about = card ? [whatWords(card, room), placeWords(card, room)].join(", ") : room.queue("held_many", { n: room.format.number(ids.length) });
  const words = element("span", "held-words", `${room.queue(/** @type {"act_reject"} */ (`act_${name}`))}: ${about}`);
  const left = element("span", "held-left");
  // Read out once; the seconds are for eyes.
  mark(left, "aria-hidden", "true");
  const button = buttonOf("held-undo", undo, room.queue("undo"), " ", element("kbd", "", "Z"));
  const paint = (/** @type {Look} */ { mono }) => write(left, room.format.span(Math.max(1000, Math.ceil((until - mono) / 1000) * 1000)));
  return { node: element("p", "held-act", words, left, button), paint };
}

/** @param {import("../mass_acts.js").MassAct} act @param {QueueRoom} room @param {Desk} desk */
function massLine(act, room, desk) {
  const { queue, format } = room;
  const words = element("span", "held-words");
  const bar = /** @type {HTMLProgressElement} */ (element("progress", "mass-bar"));
  bar.max = act.all;
  const [go, drop] = [buttonOf("held-undo", () => desk.mass.goOn(act), queue("mass_go")), buttonOf("held-undo", () => desk.mass.drop(act), queue("mass_drop"))];
  const paint = () => {
    const state = desk.mass.all.find(([one]) => one === act)?.[1] ?? "going";
    const why = state === "again" ? queue("mass_again") : state === "asks" ? queue("mass_asks", { span: format.span(Math.max(0, Date.now() - act.at)) }) : "";
    write(words, [massWords(act, room), why].filter(Boolean).join(" · "));
    bar.value = act.done + act.refused;
    for (const button of [go, drop]) button.hidden = state !== "asks";
  };
  return { node: element("p", "held-act", words, bar, go, drop), paint };
}

/** @param {import("../mass_acts.js").MassAct} act @param {QueueRoom} room @returns {string} how many of how many are done */
export function massWords({ act, all, done, refused }, { queue, format }) {
  const said = queue("mass_done", { act: queue(/** @type {"act_reject"} */ (`act_${act}`)), n: format.number(done), all: format.number(all) });
  return refused > 0 ? `${said}, ${queue("mass_refused", { n: format.number(refused) })}` : said;
}

/** @param {string} name @param {() => void} act @param {...(Node | string)} words */
function buttonOf(name, act, ...words) {
  const made = element("button", name, ...words);
  mark(made, "type", "button");
  made.addEventListener("click", act);
  return made;
}
