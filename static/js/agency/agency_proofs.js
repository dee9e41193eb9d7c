/**
 * Photos and videos that are to prove the work: taken with the phone's camera or chosen, sent while the words are written.
 */
import { browserEdge, FileUpload } from "../upload.js";
import { uploadWordsIn } from "../upload_words.js";
import { element, find, mark, show, write } from "../ui/dom.js";

/** @typedef {import("./agency_room.js").WorkRoom} WorkRoom */
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

  /** @returns {string[]} as the order names them */
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
