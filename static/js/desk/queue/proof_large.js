/**
 * The pictures opened large: before at the left, the proof at the right, what there is to look at below it.
 */
import { findingsAbout, moves } from "../../ui/complaints.js";
import { element, find, mark, show, write } from "../../ui/dom.js";
import { findingWords, twinOf, whenWords } from "./proof_words.js";

/** @typedef {import("../../ui/complaints.js").Picture} Picture */
/** @typedef {import("../../ui/complaints.js").Finding} Finding */
/** @typedef {import("../../ui/complaints.js").Sides} Sides */
/** @typedef {"before" | "after"} Name */
/** @typedef {{title: string, src: string, moves: boolean, when: string, original: string, other: string | null}} Content of one half */

/** @param {Document} page @param {import("./row_words.js").QueueRoom} room @param {import("./proof_words.js").ProofSay} say */
export function mountLarge(page, room, say) {
  const large = new Large(/** @type {HTMLDialogElement} */ (find(page, 'dialog[data-dialog="pictures"]')), room, say);
  return { open: large.open.bind(large), turnTo: large.turnTo.bind(large) };
}

class Large {
  #dialog;
  #room;
  #say;
  /** @type {Sides | null} */
  #sides = null;
  #at = { before: 0, after: 0 };
  /** A finding whose twin stands at the left. @type {Finding | null} */
  #twin = null;

  /** @param {HTMLDialogElement} dialog @param {import("./row_words.js").QueueRoom} room @param {import("./proof_words.js").ProofSay} say */
  constructor(dialog, room, say) {
    this.#dialog = dialog;
    this.#room = room;
    this.#say = say;
    mark(dialog, "aria-label", say("proof"));
    for (const [part, words] of /** @type {const} */ ([["large-shut", "shut"], ["large-judge", "judge"]])) write(find(dialog, `.${part}`), say(words));
    find(dialog, ".large-shut").addEventListener("click", () => dialog.close());
    for (const name of /** @type {const} */ (["before", "after"])) {
      for (const [part, by, words] of /** @type {const} */ ([["previous", -1, "previous"], ["next", 1, "next"]])) {
        const button = find(this.#half(name), `.large-${part}`);
        write(button, say(words));
        button.addEventListener("click", () => this.#step(name, by));
      }
    }
    dialog.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by && !(event.target instanceof HTMLVideoElement)) this.#step("after", by);
    });
    // A video goes on for nobody.
    dialog.addEventListener("close", () => dialog.querySelectorAll(".large-picture").forEach((one) => one.replaceChildren()));
  }

  /** @param {Sides} sides */
  turnTo(sides) {
    this.#sides = sides;
    if (this.#dialog.open) this.#paint();
  }

  /** @param {Picture} picture @param {Finding | null} [twin] shown beside it */
  open(picture, twin = null) {
    this.#twin = twin;
    this.#at = { before: this.#indexOf("before", picture), after: this.#indexOf("after", picture) };
    this.#dialog.showModal();
    this.#paint();
    find(this.#dialog, ".large-shut").focus();
  }

  /** @param {Name} name @param {Picture} picture */
  #indexOf(name, picture) {
    return Math.max(0, this.#of(name).findIndex(({ id }) => id === picture.id));
  }

  /** @param {Name} name @returns {Picture[]} */
  #of(name) {
    const sides = this.#sides;
    if (!sides) return [];
    return name === "before" ? sides.before : [...sides.after, ...sides.earlier];
  }

  /** @param {Name} name @param {number} by */
  #step(name, by) {
    const count = this.#of(name).length;
    if (count === 0) return;
    if (name === "before" && this.#twin) by = 0;
    this.#twin = null;
    this.#at[name] = (this.#at[name] + by + count) % count;
    this.#paint();
  }

  #paint() {
    const [before, after] = [this.#of("before")[this.#at.before], this.#of("after")[this.#at.after]];
    this.#fill("before", this.#twin ? this.#twinContent(this.#twin) : this.#content("before", before));
    this.#fill("after", this.#content("after", after));
    const findings = after && this.#sides ? findingsAbout(this.#sides, after.id) : [];
    const lines = findings.map((one) => element("li", "large-finding", findingWords(one, this.#room), ...(one.facts.picture ? [" ", this.#compare(one)] : [])));
    find(this.#dialog, ".large-findings").replaceChildren(...(after && lines.length === 0 ? [element("li", "large-finding", this.#say("clear"))] : lines));
    show(find(this.#dialog, ".large-judge"), after !== undefined);
  }

  /** @param {Finding} finding */
  #compare(finding) {
    const button = element("button", "large-compare", this.#say("compare"));
    mark(button, "type", "button");
    mark(button, "aria-pressed", String(this.#twin === finding));
    button.addEventListener("click", () => ((this.#twin = this.#twin === finding ? null : finding), this.#paint(), find(this.#dialog, ".large-compare").focus()));
    return button;
  }

  /** @param {Name} name @param {Picture | undefined} picture @returns {Content | null} */
  #content(name, picture) {
    if (!picture) return null;
    const count = this.#of(name).length;
    const title = count > 1 ? `${this.#say(name)} ${this.#at[name] + 1}/${count}` : this.#say(name);
    return { title, src: picture.clean ?? "", moves: moves(picture), when: whenWords(picture, { room: this.#room, say: this.#say }), original: `/api/v1/media/${encodeURIComponent(picture.id)}/original`, other: null };
  }

  /** @param {Finding} finding @returns {Content} */
  #twinContent(finding) {
    const own = finding.code === "own_picture";
    // Of a picture elsewhere only the small copy is known to be still, whatever it is.
    return { title: this.#say(own ? "twin_own" : "twin_used"), src: twinOf(finding, own ? "clean" : "thumb"), moves: false, when: "", original: "", other: own ? null : `/desk?id=${encodeURIComponent(finding.facts.complaint)}` };
  }

  /** @param {Name} name @param {Content | null} content */
  #fill(name, content) {
    const half = this.#half(name);
    write(find(half, ".large-title"), content?.title ?? this.#say(name));
    write(find(half, ".large-when"), content?.when ?? this.#say(`no_${name}`));
    const links = content ? [...(content.original ? [this.#link(content.original, this.#say("original"), this.#say("original_note"))] : []), ...(content.other ? [this.#link(content.other, this.#say("open_other"), "")] : [])] : [];
    find(half, ".large-links").replaceChildren(...links);
    for (const part of ["previous", "next"]) show(find(half, `.large-${part}`), this.#of(name).length > 1);
    const holder = find(half, ".large-picture");
    if (holder.dataset.src === (content?.src ?? "") && holder.childElementCount > 0) return;
    holder.dataset.src = content?.src ?? "";
    holder.replaceChildren(...(content ? [shownAs(content)] : []));
  }

  /** @param {string} href @param {string} words @param {string} title */
  #link(href, words, title) {
    const link = element("a", "link", words);
    for (const [key, value] of Object.entries({ href, title, target: "_blank", rel: "noopener" })) if (value) mark(link, key, value);
    return link;
  }

  /** @param {Name} name */
  #half(name) {
    return find(this.#dialog, `[data-side="${name}"]`);
  }
}

/** @param {Content} content */
function shownAs({ src, moves: film, title }) {
  const made = element(film ? "video" : "img", "large-shown");
  const names = film ? { src, controls: "", preload: "metadata", playsinline: "", "aria-label": title } : { src, alt: title };
  for (const [key, value] of Object.entries(names)) mark(made, key, value);
  return made;
}
