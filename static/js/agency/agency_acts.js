/**
 * What may be done with a complaint now, the button that stands first, and the sheet that asks for words.
 */
import { element, find, mark, show, write } from "../ui/dom.js";
import { isEnded } from "./agency_list.js";

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("./agency_room.js").WorkRoom} WorkRoom */
/** @typedef {"accept" | "start" | "submit_proof" | "validate" | "answer" | "decline" | "ask" | "send_back" | "comment"} Act */

/** In this order; the first of these that is possible is the one that is offered large. */
export const ACTS = /** @type {readonly Act[]} */ (["accept", "answer", "start", "submit_proof", "validate", "send_back", "ask", "decline", "comment"]);
const LARGE = /** @type {readonly Act[]} */ (["accept", "answer", "start", "submit_proof", "validate"]);
/** The field that carries the words; required unless it may stay empty. @type {Readonly<Partial<Record<Act, {field: string, required: boolean}>>>} */
const WORDS = {
  decline: { field: "reason", required: true }, send_back: { field: "reason", required: true }, ask: { field: "text", required: true },
  comment: { field: "text", required: true }, answer: { field: "text", required: false }, submit_proof: { field: "note", required: false },
};
const ASKED = /** @type {readonly Act[]} */ (["decline", "send_back", "ask", "comment", "answer", "submit_proof", "validate"]);
/** Their button says the act itself, for it cannot be taken back lightly. */
const NAMED = /** @type {readonly Act[]} */ (["decline", "send_back", "validate", "submit_proof"]);
const PRESETS = /** @type {const} */ (["preset_authority", "preset_place", "preset_done", "preset_double"]);

/** Until the room has said what is allowed, what the card alone lets expect. @param {Card} card @returns {Act[]} */
export function expected(card) {
  if (isEnded(card)) return ["comment"];
  if (card.paused) return card.paused === "citizen" ? ["answer", "comment"] : ["comment"];
  if (!card.accepted) return ["accept", "ask", "decline", "comment"];
  if (card.state === "proof_submitted") return ["ask", "comment"];
  return card.state === "accepted" ? ["start", "submit_proof", "ask", "decline", "comment"] : ["submit_proof", "ask", "decline", "comment"];
}

/** @param {Card} card @param {readonly string[] | null} allowed by the room, for this very card @returns {{first: Act | null, rest: Act[]}} */
export function actsOf(card, allowed) {
  const can = allowed === null ? expected(card) : ACTS.filter((name) => allowed.includes(name));
  const first = LARGE.find((name) => can.includes(name)) ?? null;
  // A proof that was sent may be sent anew, and one's own work declined to the end: never as the first thing.
  return { first, rest: can.filter((name) => name !== first) };
}

/** @typedef {Record<string, string | string[]>} Fields */
/** @typedef {(act: Act, fields: Fields, id: string) => Promise<boolean>} Send whether the room took it for that complaint */
/** @typedef {import("../ui/user.js").Drafts} Drafts */
/** @typedef {{read: () => string, keep: (name: string) => void}} Name asked for where nobody is logged in */

/** @param {Document} page @param {WorkRoom} room @param {Send} send @param {import("./agency_proofs.js").Proofs} proofs @param {Drafts} drafts @param {Name | null} [name] */
export function mountActs(page, room, send, proofs, drafts, name = null) {
  const bar = find(page, ".acts");
  const sheet = new Sheet(page, room, send, proofs, drafts, name);
  const give = (/** @type {Act} */ act) => (ASKED.includes(act) ? sheet.ask(act, open) : void send(act, {}, open));
  let [shown, open] = ["", ""];
  mark(bar, "aria-label", room.work("acts"));
  return {
    /** @param {Card} card @param {readonly string[] | null} allowed @param {boolean} busy */
    paint(card, allowed, busy) {
      const { first, rest } = actsOf(card, allowed);
      proofs.turnTo(card.id);
      open = card.id;
      const key = [first, "|", ...rest].join(" ");
      if (key !== shown) renew(bar, [...(first ? [button(first, true, room, give)] : []), ...rest.map((act) => button(act, false, room, give))]);
      shown = key;
      for (const one of bar.children) mark(one, "aria-disabled", String(busy));
      sheet.filesReady();
    },
    /** @param {string | null} id another complaint, or the list: a question about the one before is over */
    turnTo: (id) => sheet.turnTo(id),
    open: () => sheet.isOpen,
  };
}

/** @param {HTMLElement} bar @param {HTMLElement[]} buttons the focus stays with its act, else goes to the first */
function renew(bar, buttons) {
  const focused = /** @type {HTMLElement | null} */ (bar.querySelector(":focus"))?.dataset.act;
  bar.replaceChildren(...buttons);
  if (focused) (buttons.find(({ dataset }) => dataset.act === focused) ?? buttons[0])?.focus();
}

/** @param {Act} act @param {boolean} large @param {WorkRoom} room @param {(act: Act) => void} give */
function button(act, large, room, give) {
  const made = element("button", large ? "act first" : "act", room.work(`act_${act}`));
  mark(made, "type", "button");
  mark(made, "data-act", act);
  made.addEventListener("click", () => made.getAttribute("aria-disabled") === "true" || give(act));
  return made;
}

/** The question before an act: its words, for some a ready reason, and once the name of who writes. */
class Sheet {
  /** @type {Act} */
  #act = "comment";
  /** The complaint that it is about. */
  #id = "";
  #dialog;
  #text;
  #who;
  #room;
  #send;
  #proofs;
  #drafts;
  #name;

  /** @param {Document} page @param {WorkRoom} room @param {Send} send @param {import("./agency_proofs.js").Proofs} proofs @param {Drafts} drafts @param {Name | null} name */
  constructor(page, room, send, proofs, drafts, name) {
    this.#dialog = /** @type {HTMLDialogElement} */ (find(page, ".sheet"));
    this.#text = /** @type {HTMLTextAreaElement} */ (find(this.#dialog, "textarea"));
    this.#who = /** @type {HTMLInputElement} */ (find(this.#dialog, "input[name=name]"));
    this.#room = room;
    this.#send = send;
    this.#proofs = proofs;
    this.#drafts = drafts;
    this.#name = name;
    this.#write("sheet-leave", room.work("cancel"));
    this.#write("sheet-name-word", room.work("name_hint"));
    find(this.#dialog, ".sheet-leave").addEventListener("click", () => this.#dialog.close());
    find(this.#dialog, "form").addEventListener("submit", (event) => (event.preventDefault(), void this.#give()));
    this.#text.addEventListener("input", () => drafts.keep(this.#about, this.#text.value));
    find(this.#dialog, ".presets").replaceChildren(...PRESETS.map((key) => this.#preset(room.work(key))));
  }

  get isOpen() {
    return this.#dialog.open;
  }

  /** What its words are kept under. */
  get #about() {
    return `${this.#act} ${this.#id}`;
  }

  /** @param {string | null} id */
  turnTo(id) {
    if (id !== this.#id) this.#dialog.close();
  }

  /** @param {Act} act @param {string} id of the complaint */
  ask(act, id) {
    const [{ work, stops }, words] = [this.#room, WORDS[act]];
    this.#act = act;
    this.#id = id;
    this.#text.value = this.#drafts.of(this.#about);
    this.#write("sheet-fault", "");
    this.#write("sheet-title", work(/** @type {any} */ (`ask_${act}`)));
    this.#write("sheet-note", work(/** @type {any} */ (act === "ask" && stops ? "note_ask_stops" : `note_${act}`)));
    this.#write("sheet-word", work(/** @type {any} */ (`word_${act}`)));
    this.#write("sheet-send", NAMED.includes(act) ? work(`act_${act}`) : work("send"));
    show(find(this.#dialog, ".sheet-label"), words !== undefined);
    show(find(this.#dialog, ".presets"), act === "decline");
    show(find(this.#dialog, ".sheet-media"), act === "submit_proof");
    show(find(this.#dialog, ".sheet-name"), this.#name?.read() === "" && act !== "ask" && words !== undefined);
    mark(this.#dialog, "data-asks", act);
    this.#dialog.showModal();
    // The camera comes before the keyboard.
    if (words && act !== "submit_proof") this.#text.focus();
  }

  /** That files were waited for is said no longer than it is so. */
  filesReady() {
    if (this.isOpen && !this.#proofs.pending && find(this.#dialog, ".sheet-fault").textContent === this.#room.work("files_wait")) this.#write("sheet-fault", "");
  }

  async #give() {
    const [words, said, about] = [WORDS[this.#act], this.#text.value.trim(), this.#about];
    if (words?.required && said === "") {
      this.#write("sheet-fault", this.#room.work("required"));
      this.#text.focus();
      return;
    }
    const proves = this.#act === "submit_proof";
    if (proves && this.#proofs.pending) return this.#write("sheet-fault", this.#room.work("files_wait"));
    const media = proves ? this.#proofs.names() : [];
    if (this.#who.value.trim()) this.#name?.keep(this.#who.value.trim());
    this.#dialog.close();
    const fields = { ...(words && said !== "" ? { [words.field]: said } : {}), ...(media.length > 0 ? { media } : {}) };
    await this.#drafts.sent(about, this.#send(this.#act, fields, this.#id));
  }

  /** @param {string} words */
  #preset(words) {
    const made = element("button", "preset", words);
    mark(made, "type", "button");
    made.addEventListener("click", () => {
      this.#text.value = words;
      this.#drafts.keep(this.#about, words);
      this.#text.focus();
    });
    return made;
  }

  /** @param {string} part @param {string} words */
  #write(part, words) {
    write(find(this.#dialog, `.${part}`), words);
  }
}
