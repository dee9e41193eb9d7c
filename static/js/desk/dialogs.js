/**
 * Dialogs and forms of the desks: questions, choices by number or typing, and a form that was refused.
 */
import { element, find, mark, show, write } from "../ui/dom.js";

/** @typedef {import("../ui/language.js").Say<"alarms">} DeskSay */
/** @typedef {import("./phrases.js").QueueRoom} QueueRoom */
/** @typedef {import("./commands.js").Reply} Reply */

// The desk's questions, each a dialog of the page: opened by a key, answered by Enter, left by Escape.

/** @typedef {Record<string, string>} Answers */

/** @param {Document} page @param {string} name @returns {HTMLDialogElement} */
function dialogOf(page, name) {
  return find(page, `dialog[data-dialog="${name}"]`);
}

/** @param {Document} page @returns {boolean} whether one is open: keys are its own then */
export function asking(page) {
  return page.querySelector("dialog[open]") !== null;
}

/**
 * Asks, and gives the fields of its form; null when it was left.
 * @param {Document} page @param {string} name @param {{[name: string]: string}} [texts] words of `.ask-NAME` in it
 * @returns {Promise<Answers | null>}
 */
export function ask(page, name, texts = {}) {
  const dialog = dialogOf(page, name);
  const form = find(dialog, "form");
  const before = /** @type {HTMLElement | null} */ (page.activeElement);
  for (const [part, words] of Object.entries(texts)) write(find(dialog, `.ask-${part}`), words);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((answer) => {
    // A dialog says that it is closed some time after it is, and the next key would meet nobody: what asks goes on at once.
    const sent = (/** @type {Event} */ event) => {
      event.preventDefault();
      dialog.close(/** @type {SubmitEvent} */ (event).submitter?.getAttribute("value") ?? "yes");
      given();
    };
    const given = () => {
      form.removeEventListener("submit", sent);
      dialog.removeEventListener("close", given);
      const fields = new FormData(/** @type {HTMLFormElement} */ (/** @type {unknown} */ (form)));
      const said = Object.fromEntries([...fields].map(([key, value]) => [key, String(value)]));
      before?.focus();
      answer(dialog.returnValue === "" || dialog.returnValue === "cancel" ? null : { ...said, button: dialog.returnValue });
    };
    form.addEventListener("submit", sent);
    dialog.addEventListener("close", given);
  });
}

/** @param {Document} page @param {readonly {key: string, name: string}[]} agencies @param {string | null} first the default */
export function fillOwners(page, agencies, first) {
  const select = find(dialogOf(page, "owner"), "select");
  const ordered = [...agencies].sort((a, b) => Number(b.key === first) - Number(a.key === first) || a.name.localeCompare(b.name));
  select.replaceChildren(...ordered.map(({ key, name }) => {
    const option = element("option", "", name);
    mark(option, "value", key);
    return option;
  }));
}

/** @param {Document} page @param {string | null | undefined} name @returns {string | null} the scene of the wall of that name: the server lists them in the page's choice of one */
export function sceneNamed(page, name) {
  const options = /** @type {NodeListOf<HTMLOptionElement>} */ (page.querySelectorAll('select[name="scene"] option'));
  return [...options].find(({ value }) => value !== "" && value === name)?.value ?? null;
}

/** @param {Document} page @param {boolean} here guests are: only then the walls can be held at the results for them */
export function offerGuests(page, here) {
  const option = /** @type {HTMLOptionElement} */ (/** @type {unknown} */ (find(dialogOf(page, "scene"), 'option[value="visit"]')));
  option.hidden = option.disabled = !here;
  if (!here && option.selected) option.selected = false;
}

/** @param {Document} page @param {string} name @param {{most: number, value: number}} limit of the number it asks for */
export function limitNumber(page, name, { most, value }) {
  const input = /** @type {HTMLInputElement} */ (/** @type {unknown} */ (find(dialogOf(page, name), 'input[type="number"]')));
  input.max = String(most);
  input.value = String(Math.min(most, value));
}

/** Buttons that leave a dialog without answering it, also while its fields are empty. @param {Document} page */
export function mountDialogs(page) {
  for (const button of page.querySelectorAll("dialog [data-leave]")) {
    button.addEventListener("click", () => /** @type {HTMLDialogElement} */ (button.closest("dialog")).close("cancel"));
  }
}

// A form that was not taken stays open, says why in the desk's own words, names the field and goes to it.

/** What a server says of itself or of the log-in, by its code. */
const PLAIN = /** @type {const} */ (["unauthorized", "unavailable", "role", "state", "stale"]);

/** @param {HTMLFormElement} form with a `.form-fault` @param {Reply | null} reply null: no answer @param {QueueRoom} room @param {(words: string) => void} say where nobody has the form open any more */
export function refuseForm(form, reply, room, say) {
  const field = String(reply?.body?.field ?? "").split(".").pop();
  const input = field ? /** @type {HTMLElement | null} */ (form.querySelector(`[name="${CSS.escape(field)}"]`)) : null;
  for (const one of form.elements) mark(one, "aria-invalid", String(one === input));
  const words = room.queue("save_failed", { why: whyWords(reply, input, room) });
  write(find(form, ".form-fault"), words);
  if (!form.closest("dialog")?.open) say(words);
  input?.focus();
}

/** @param {HTMLFormElement} form */
export function clearFaults(form) {
  for (const one of form.elements) mark(one, "aria-invalid", "false");
  write(find(form, ".form-fault"), "");
}

/** @param {Reply | null} reply @param {HTMLElement | null} input that it names @param {QueueRoom} room @returns {string} */
function whyWords(reply, input, { queue }) {
  if (!reply) return queue("why_no_answer");
  const code = PLAIN.find((one) => one === reply.body?.code);
  if (code) return queue(`why_${code}`);
  const message = String(reply.body?.message ?? reply.status);
  const name = input?.closest("label")?.querySelector("span")?.textContent ?? "";
  if (!name) return message;
  return queue(message === "is required" ? "why_required" : input?.getAttribute("name") === "to" ? "why_to" : "why_field", { field: name, why: message });
}

// Choosing one of many by a number or by typing: which options fit what is typed, and which stands first. Pure.

/** @typedef {{key: string, name: string, note?: string, words?: string}} Option words: by what else it is found */

/** So many are shown: each has a number. */
const SHOWN = 9;

/** @param {string} text @returns {string} without case and accents */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** @param {Option} option @param {string} typed @returns {number} 0 at its head, 1 at the head of a word, 2 inside, 3 not */
function distance({ name, words = "" }, typed) {
  const text = plain(`${name} ${words}`);
  if (text.startsWith(typed)) return 0;
  if (text.includes(` ${typed}`)) return 1;
  return text.includes(typed) ? 2 : 3;
}

/** @param {readonly Option[]} options in their own order, the suggested first @param {string} typed @returns {Option[]} at most SHOWN */
export function matching(options, typed) {
  const sought = plain(typed.trim());
  if (!sought) return options.slice(0, SHOWN);
  const found = options.map((option) => ({ option, far: distance(option, sought) })).filter(({ far }) => far < 3);
  return found.sort((a, b) => a.far - b.far).map(({ option }) => option).slice(0, SHOWN);
}

/** @param {string} typed so far @param {string} key @returns {number | null} the option that a digit chooses; null once words are typed */
export function numbered(typed, key) {
  return typed === "" && /^[1-9]$/.test(key) ? Number(key) - 1 : null;
}

// The desk's one question: choose by number, arrows or typing, or write a text. Inline, so that the complaint stays in view.

/** @typedef {{title: string, note: string, warn?: string, options: readonly Option[], own?: boolean, ready?: boolean, none?: string}} Question warn: what else comes of it; none: what to do where nothing is offered at all; own: what is typed may be an answer itself; ready: Enter alone takes the first */
/** @typedef {{key: string, name: string}} Answer key "" for an own text */

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
  /** Which complaint is asked about, in words: what is chosen may have changed just before the key. */
  subject = "";
  #room;
  #drafts;
  #panel;
  #input;
  #list;
  #text;

  /** @param {Document} page @param {QueueRoom} room @param {import("../ui/user.js").Drafts} drafts */
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
    this.#open(question.title, question.note, "choose", question.warn);
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

  /** @param {string} title @param {string} note @param {"choose" | "write"} kind @param {string} [warn] */
  #open(title, note, kind, warn = "") {
    this.#settle?.(null);
    this.#settle = null;
    mark(this.#panel, "data-kind", kind);
    write(find(this.#panel, ".asker-title"), title);
    write(find(this.#panel, ".asker-about"), this.subject);
    write(find(this.#panel, ".asker-warn"), warn);
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
