/**
 * The desk's one question: choose by number, arrows or typing, or write a text. Inline, so that the complaint stays in view.
 */
import { element, find, mark, show, write } from "../../ui/dom.js";
import { matching, numbered } from "./chooser_match.js";

/** @typedef {import("./chooser_match.js").Option} Option */
/** @typedef {{title: string, note: string, options: readonly Option[], own?: boolean, ready?: boolean, none?: string}} Question none: what to do where nothing is offered at all; own: what is typed may be an answer itself; ready: Enter alone takes the first */
/** @typedef {{key: string, name: string}} Answer key "" for an own text */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */

export class Chooser {
  /** @type {((answer: Answer | null) => void) | null} */
  #settle = null;
  /** @type {Question | null} */
  #question = null;
  /** @type {Option[]} */
  #shown = [];
  #at = 0;
  /** What is being written is about this, by act and complaint. */
  #about = "";
  #room;
  #drafts;
  #panel;
  #input;
  #list;
  #text;

  /** @param {Document} page @param {QueueRoom} room @param {import("../../ui/user.js").Drafts} drafts */
  constructor(page, room, drafts) {
    this.#room = room;
    this.#drafts = drafts;
    this.#panel = find(page, ".asker");
    this.#input = /** @type {HTMLInputElement} */ (find(page, ".asker-input"));
    this.#list = find(page, ".asker-list");
    this.#text = /** @type {HTMLTextAreaElement} */ (find(page, ".asker-text"));
    this.#input.addEventListener("input", () => this.#paint(this.#input.value.trim() || this.#question?.ready ? 0 : -1));
    this.#text.addEventListener("input", () => drafts.keep(this.#about, this.#text.value));
    this.#panel.addEventListener("keydown", (event) => this.#key(event));
    find(page, ".asker-send").addEventListener("click", () => this.#send());
    find(page, ".asker-leave").addEventListener("click", () => this.leave());
  }

  /** Whether a question stands. */
  get asking() {
    return this.#settle !== null;
  }

  /** @param {Question} question @returns {Promise<Answer | null>} null: it was left */
  choose(question) {
    this.#question = question;
    this.#open(question.title, question.note, "choose");
    this.#input.value = "";
    this.#paint(question.ready ? 0 : -1);
    this.#input.focus();
    return new Promise((settle) => (this.#settle = settle));
  }

  /** @param {string} title @param {string} note @param {string} about what was written of it before stands there again @returns {Promise<string | null>} a text, not blank; null: it was left */
  async write(title, note, about) {
    this.#question = null;
    this.#open(title, note, "write");
    this.#about = about;
    this.#text.value = this.#drafts.of(about);
    this.#text.focus();
    const answer = await /** @type {Promise<Answer | null>} */ (new Promise((settle) => (this.#settle = settle)));
    return answer?.name ?? null;
  }

  leave() {
    this.#end(null);
  }

  /** @param {string} title @param {string} note @param {"choose" | "write"} kind */
  #open(title, note, kind) {
    this.#settle?.(null);
    this.#settle = null;
    mark(this.#panel, "data-kind", kind);
    write(find(this.#panel, ".asker-title"), title);
    write(find(this.#panel, ".asker-note"), note);
    write(find(this.#panel, ".asker-keys"), this.#room.queue(`keys_${kind}`));
    show(this.#panel, true);
  }

  /** @param {Answer | null} answer */
  #end(answer) {
    const settle = this.#settle;
    this.#settle = null;
    show(this.#panel, false);
    settle?.(answer);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Escape") this.leave();
    else if (this.#question === null) return this.#writing(event);
    else if (!this.#choosing(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {KeyboardEvent} event */
  #writing(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    this.#send();
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was ours */
  #choosing({ key, target }) {
    if (target !== this.#input) return false;
    const number = numbered(this.#input.value, key);
    if (number !== null) this.#take(number);
    else if (key === "ArrowDown") this.#paint(Math.min(this.#shown.length - 1, this.#at + 1));
    else if (key === "ArrowUp") this.#paint(Math.max(0, this.#at - 1));
    else if (key === "Enter") this.#take(this.#at);
    else return false;
    return true;
  }

  #send() {
    const text = this.#text.value.trim();
    if (this.#question) this.#take(this.#at);
    else if (text) this.#end({ key: "", name: text });
  }

  /** @param {number} n */
  #take(n) {
    const option = this.#shown[n];
    if (option) this.#end(option.key === "" ? { key: "", name: this.#input.value.trim() } : option);
  }

  /** @param {number} at which one stands out */
  #paint(at) {
    const { options, own, none } = /** @type {Question} */ (this.#question);
    const typed = this.#input.value.trim();
    this.#shown = matching(options, typed);
    if (own && typed) this.#shown.push({ key: "", name: this.#room.queue("option_own", { text: typed }) });
    this.#at = at;
    const nodes = this.#shown.map((option, i) => this.#option(option, i));
    if (nodes.length === 0) nodes.push(nothing((options.length === 0 && none) || this.#room.queue("no_option")));
    this.#list.replaceChildren(...nodes);
    mark(this.#input, "aria-expanded", String(this.#shown.length > 0));
    mark(this.#input, "aria-activedescendant", this.#shown[at] ? `asker-option-${at}` : "");
  }

  /** @param {Option} option @param {number} i @returns {HTMLElement} */
  #option({ name, note, key }, i) {
    const number = element("kbd", "", key === "" || this.#input.value !== "" ? "" : String(i + 1));
    const node = element("li", "asker-option", number, element("span", "asker-name", name), element("span", "asker-why", note ?? ""));
    for (const [attribute, value] of Object.entries({ id: `asker-option-${i}`, role: "option", "aria-selected": String(i === this.#at) })) mark(node, attribute, value);
    node.addEventListener("click", () => this.#take(i));
    return node;
  }
}

/** @param {string} words @returns {HTMLElement} in the place of options, when none fits */
function nothing(words) {
  const node = element("li", "asker-none", words);
  for (const [name, value] of Object.entries({ role: "option", "aria-disabled": "true", "aria-selected": "false" })) mark(node, name, value);
  return node;
}
