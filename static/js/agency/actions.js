/**
 * Actions of an agency on a complaint: which are possible, the sheet that asks for words, and photos and videos as proof.
 */
import { element, find, mark, show, write } from "../ui/dom.js";
import { browserEdge, FileUpload, uploadWordsIn } from "./upload.js";

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("./room.js").WorkRoom} WorkRoom */
/** @typedef {import("../ui/user.js").Drafts} Drafts */

// Actions that are possible now, the button that stands first, and the sheet that asks for words.

/** @typedef {"accept" | "start" | "submit_proof" | "validate" | "answer" | "decline" | "ask" | "send_back" | "comment"} Act */

/** In this order; the first of these that is possible is the one that is offered large. */
const ACTS = /** @type {readonly Act[]} */ (["accept", "answer", "start", "submit_proof", "validate", "send_back", "ask", "decline", "comment"]);
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

/** @param {readonly string[]} allowed by the room, for this very card @returns {{first: Act | null, rest: Act[]}} */
export function actionsOf(allowed) {
  const can = ACTS.filter((name) => allowed.includes(name));
  const first = LARGE.find((name) => can.includes(name)) ?? null;
  // A proof that was sent may be sent anew, and one's own work declined to the end: never as the first thing.
  return { first, rest: can.filter((name) => name !== first) };
}

/** @typedef {Record<string, string | string[]>} Fields */
/** @typedef {(act: Act, fields: Fields, id: string) => Promise<boolean>} Send whether the room took it for that complaint */
/** @typedef {{read: () => string, keep: (name: string) => void}} Name asked for where nobody is logged in */

/** @param {Document} page @param {WorkRoom} room @param {Send} send @param {Proofs} proofs @param {Drafts} drafts @param {Name | null} [name] */
export function mountActions(page, room, send, proofs, drafts, name = null) {
  const bar = find(page, ".acts");
  const sheet = new Sheet(page, room, send, proofs, drafts, name);
  const give = (/** @type {Act} */ act) => (ASKED.includes(act) ? sheet.ask(act, open) : void send(act, {}, open));
  let [shown, open] = ["", ""];
  mark(bar, "aria-label", room.work("acts"));
  return {
    /** @param {Card} card @param {readonly string[]} allowed @param {boolean} busy */
    paint(card, allowed, busy) {
      const { first, rest } = actionsOf(allowed);
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

  /** @param {Document} page @param {WorkRoom} room @param {Send} send @param {Proofs} proofs @param {Drafts} drafts @param {Name | null} name */
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
    this.#write("sheet-word", words ? work(/** @type {any} */ (`word_${act}`)) : "");
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

// Photos and videos that are to prove the work: taken with the phone's camera or chosen, sent while the words are written.

/** @typedef {{root: string, metadata: Record<string, string>}} Door */
/** @typedef {{node: HTMLElement, paint: () => void}} Line */

const AT_ONCE = 2;
const MOST = 20;
/** How each button asks for files: the phone's own camera, or what is there already. */
const WAYS = /** @type {const} */ ([
  { word: "take_photo", accept: "image/*", capture: true }, { word: "take_video", accept: "video/*", capture: true },
  { word: "choose_files", accept: "image/*,video/*", capture: false },
]);

export class Proofs {
  /** @type {Map<string, FileUpload[]>} */
  #held = new Map();
  /** @type {Map<FileUpload, Line>} */
  #lines = new Map();
  #complaint = "";
  #list = element("ul", "proof-files");
  #note = element("p", "proof-note");
  #room;
  #door;
  #edge;
  #words;

  /** @param {HTMLElement} slot @param {WorkRoom} room @param {(complaint: string) => Door} door @param {() => Record<string, string>} credentials */
  constructor(slot, room, door, credentials) {
    this.#room = room;
    this.#door = door;
    this.#words = uploadWordsIn(room.lang, room.format);
    this.#edge = browserEdge(credentials, () => (this.#goOn(), this.#paint()));
    slot.replaceChildren(element("div", "proof-ways", ...WAYS.map((way) => this.#way(way))), this.#list, this.#note);
    mark(this.#note, "role", "status");
  }

  /** @param {string} complaint whose files are shown */
  turnTo(complaint) {
    this.#complaint = complaint;
    this.#paint();
  }

  /** @returns {string[]} as the command names them */
  names() {
    return this.#mine.filter(({ phase }) => phase === "ready").map(({ id }) => `upload:${id}`);
  }

  /** Whether some are still on their way. */
  get pending() {
    return this.#mine.some(isUnderWay);
  }

  /** Whether any are, of whatever complaint: the page is not to be loaded anew. */
  get busy() {
    return [...this.#held.values()].flat().some(isUnderWay);
  }

  /** @param {string} complaint whose proof was submitted with them */
  used(complaint) {
    for (const one of this.#held.get(complaint) ?? []) one.used();
    this.#held.delete(complaint);
    this.#paint();
  }

  get #mine() {
    return this.#held.get(this.#complaint) ?? [];
  }

  /** @param {typeof WAYS[number]} way */
  #way({ word, accept, capture }) {
    const input = /** @type {HTMLInputElement} */ (element("input", "proof-input"));
    const names = { type: "file", accept, ...(capture ? { capture: "environment" } : { multiple: "" }) };
    for (const [name, value] of Object.entries(names)) mark(input, name, value);
    mark(input, "data-way", word);
    input.addEventListener("change", () => {
      this.#take([...(input.files ?? [])]);
      input.value = "";
    });
    return element("label", "proof-way", element("span", "", this.#room.work(word)), input);
  }

  /** @param {readonly File[]} files */
  #take(files) {
    const mine = this.#mine;
    const where = { ...this.#door(this.#complaint), key: this.#complaint };
    const news = files.filter((file) => !mine.some((one) => one.file.name === file.name && one.file.size === file.size && one.file.lastModified === file.lastModified));
    const made = news.slice(0, MOST - mine.length).map((file) => new FileUpload(file, where, this.#edge));
    this.#held.set(this.#complaint, [...mine, ...made]);
    this.#goOn();
    this.#paint();
  }

  /** A few at once: a phone's network is narrow. */
  #goOn() {
    const all = [...this.#held.values()].flat();
    const free = AT_ONCE - all.filter((one) => this.#begun.has(one) && isUnderWay(one)).length;
    for (const one of all.filter((each) => !this.#begun.has(each)).slice(0, Math.max(0, free))) {
      this.#begun.add(one);
      void one.run();
    }
  }

  /** @type {WeakSet<FileUpload>} */
  #begun = new WeakSet();

  #paint() {
    const mine = this.#mine;
    const lines = mine.map((one, i) => this.#lines.get(one) ?? this.#line(one, i));
    for (const line of lines) line.paint();
    if (lines.length !== this.#list.children.length || lines.some(({ node }, i) => this.#list.children[i] !== node)) this.#list.replaceChildren(...lines.map(({ node }) => node));
    write(this.#note, mine.length === 0 ? this.#room.work("proof_none") : "");
  }

  /** @param {FileUpload} one @param {number} i @returns {Line} */
  #line(one, i) {
    const { work, format } = this.#room;
    const name = work(one.file.type.startsWith("video/") ? "video_n" : "photo_n", { n: format.number(i + 1) });
    const [image, words, bar] = [element("img", "proof-thumb"), element("span", "proof-words"), /** @type {HTMLProgressElement} */ (element("progress", "proof-bar"))];
    const leave = element("button", "proof-leave", work("remove"));
    for (const [key, value] of Object.entries({ type: "button", "aria-label": `${work("remove")}: ${name}` })) mark(leave, key, value);
    leave.addEventListener("click", () => this.#drop(one));
    mark(bar, "aria-label", name);
    const node = element("li", "proof-file", image, element("b", "proof-name", name), words, bar, leave);
    const paint = () => {
      mark(node, "data-phase", one.phase);
      write(words, this.#words(one));
      show(bar, isUnderWay(one));
      [bar.max, bar.value] = [one.file.size, one.sent];
      const thumb = one.told?.thumb;
      show(image, Boolean(thumb));
      if (thumb) for (const [key, value] of Object.entries({ src: thumb, alt: name })) mark(image, key, value);
    };
    const line = { node, paint };
    this.#lines.set(one, line);
    return line;
  }

  /** @param {FileUpload} one */
  #drop(one) {
    const mine = this.#mine;
    const at = mine.indexOf(one);
    this.#held.set(this.#complaint, mine.filter((each) => each !== one));
    this.#lines.delete(one);
    one.end();
    this.#goOn();
    this.#paint();
    const next = this.#list.children[Math.min(at, this.#list.children.length - 1)];
    find(next ?? /** @type {Element} */ (this.#list.parentElement), next ? "button" : "input").focus();
  }
}

/** @param {FileUpload} upload */
function isUnderWay({ phase }) {
  return phase !== "ready" && phase !== "refused" && phase !== "ended";
}
