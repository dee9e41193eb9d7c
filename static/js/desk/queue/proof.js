/**
 * Pictures of the open complaint: before and after side by side or large, and what there is to look at in a proof.
 */
import { findingsAbout, moves, sidesOf } from "../../ui/complaints.js";
import { element, find, mark, show, write } from "../../ui/dom.js";
import { sayIn } from "../../ui/language.js";

/** @typedef {import("../../ui/complaints.js").Finding} Finding */
/** @typedef {import("../phrases.js").QueueRoom} QueueRoom */
/** @typedef {import("../../ui/complaints.js").Picture} Picture */
/** @typedef {import("../../ui/complaints.js").Sides} Sides */

// What there is to look at in a proof, in words: never a verdict. The codes are those of liveroom/domain/complaints/proof.py.

const FINDINGS = /** @type {const} */ ([
  "own_picture", "used_before", "taken_before", "taken_later", "taken_long_ago", "elsewhere", "edited", "no_picture", "no_time", "no_place",
]);

/** Findings that show another picture beside this one. */
const TWINS = ["own_picture", "used_before"];

/** @typedef {import("../../ui/language.js").Say<"desk.proof">} ProofSay */

/** @param {Finding} finding @param {Pick<QueueRoom, "lang" | "format">} room @returns {string} */
export function findingWords({ code, facts }, { lang, format }) {
  const known = FINDINGS.find((one) => one === code);
  if (!known) return code;
  const number = (/** @type {unknown} */ n) => (typeof n === "number" ? format.number(n) : "");
  return sayIn(lang, "desk.finding")(known, { n: number(facts.bits ?? facts.days), metres: number(facts.metres), span: typeof facts.minutes === "number" ? format.span(facts.minutes * 60_000) : "" });
}

/** @param {import("./detail.js").Detail | null} detail @param {Pick<QueueRoom, "lang" | "format">} room @returns {{code: string, words: string, grave: boolean}[]} of the proof that waits, the gravest first, each sentence once */
export function proofFindings(detail, room) {
  const sides = sidesOf(detail);
  const last = new Set(sides.after.map(({ id }) => id));
  const found = sides.findings.filter(({ about }) => about === null || last.has(about));
  const lines = new Map(found.map((one) => [findingWords(one, room), { code: one.code, words: findingWords(one, room), grave: TWINS.includes(one.code) }]));
  return [...lines.values()].sort((a, b) => Number(b.grave) - Number(a.grave));
}

/** @param {Finding} finding @param {"thumb" | "clean"} copy @returns {string} where its twin lies */
function twinOf({ facts }, copy) {
  return `/api/v1/media/${encodeURIComponent(facts.picture)}/${copy}`;
}

/** @param {import("../../ui/complaints.js").Picture} picture @param {{room: QueueRoom, say: ProofSay}} proof when it was taken and sent, in real time as cameras have it */
function whenWords(picture, { room, say }) {
  const at = (/** @type {string | null} */ text) => (text ? room.moment(Date.parse(text), null) : "");
  const seconds = picture.seconds === null ? "" : say("video", { span: room.format.span(Math.max(1, picture.seconds) * 1000) });
  return [seconds, picture.taken_at ? say("taken", { t: at(picture.taken_at) }) : "", say("sent", { t: at(picture.sent_at) })].filter(Boolean).join(" · ");
}

// The pictures opened large: before at the left, the proof at the right, what there is to look at below it.

/** @typedef {"before" | "after"} Name */
/** @typedef {{title: string, src: string, moves: boolean, when: string, original: string, other: string | null}} Content of one half */

/** @param {Document} page @param {import("../phrases.js").QueueRoom} room @param {ProofSay} say */
function mountLarge(page, room, say) {
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

  /** @param {HTMLDialogElement} dialog @param {import("../phrases.js").QueueRoom} room @param {ProofSay} say */
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

// Before and after of the open complaint, side by side; what there is to look at stands under each proof.

/** @typedef {{room: QueueRoom, say: ProofSay, large: ReturnType<typeof mountLarge>}} Proof */

/** @param {Document} page @param {QueueRoom} room @returns {(detail: import("./detail.js").Detail | null) => void} made anew only when it differs */
export function mountProof(page, room) {
  const box = find(page, ".proof");
  const say = sayIn(room.lang, "desk.proof");
  const proof = { room, say, large: mountLarge(page, room, say) };
  let shown = "";
  mark(box, "aria-label", say("proof"));
  return (detail) => {
    const sides = sidesOf(detail);
    const any = sides.submitted || sides.before.length + sides.links.length > 0;
    const now = any ? JSON.stringify(sides) : "";
    show(box, any);
    if (now === shown) return;
    shown = now;
    box.replaceChildren(...(any ? [side("before", sides, proof), side("after", sides, proof)] : []));
    proof.large.turnTo(sides);
  };
}

/** @param {"before" | "after"} name @param {Sides} sides @param {Proof} proof */
function side(name, sides, proof) {
  const { say } = proof;
  const pictures = sides[name];
  const whole = name === "after" ? sides.findings.filter(({ about }) => about === null) : [];
  const links = name === "before" ? sides.links.map((url) => linkTo(url, say)) : [];
  const none = pictures.length + links.length + whole.length > 0 ? [] : [element("p", "proof-none", say(`no_${name}`))];
  const earlier = name === "after" && sides.earlier.length > 0 ? [element("h4", "proof-earlier", say("earlier")), ...sides.earlier.map((one, i) => figure(one, i, name, sides, proof))] : [];
  return element("div", "proof-side", element("h3", "proof-title", say(name)), ...whole.map((one) => findingLine(one, null, proof)), ...pictures.map((one, i) => figure(one, i, name, sides, proof)), ...links, ...none, ...earlier);
}

/** @param {Picture} picture @param {number} i @param {"before" | "after"} name @param {Sides} sides @param {Proof} proof */
function figure(picture, i, name, sides, proof) {
  const { say, large } = proof;
  const what = say("photo", { n: i + 1, side: say(name).toLowerCase() });
  const image = element("img", "proof-picture");
  for (const [key, value] of Object.entries({ src: picture.thumb ?? "", alt: what, loading: "lazy" })) mark(image, key, value);
  const button = element("button", "proof-open", image);
  for (const [key, value] of Object.entries({ type: "button", "aria-label": say("enlarge", { what }) })) mark(button, key, value);
  mark(button, "data-moves", String(moves(picture)));
  button.addEventListener("click", () => large.open(picture));
  const lines = findingsAbout(sides, picture.id).map((one) => findingLine(one, picture, proof));
  return element("figure", "proof-figure", button, element("figcaption", "proof-when", whenWords(picture, proof)), ...lines);
}

/** @param {Finding} finding @param {Picture | null} about @param {Proof} proof */
function findingLine(finding, about, { room, say, large }) {
  const words = element("p", "proof-finding", findingWords(finding, room));
  mark(words, "data-code", finding.code);
  mark(words, "data-grave", String(TWINS.includes(finding.code)));
  if (!about || !TWINS.includes(finding.code)) return words;
  const image = element("img", "proof-twin");
  for (const [key, value] of Object.entries({ src: twinOf(finding, "thumb"), alt: say(finding.code === "own_picture" ? "twin_own" : "twin_used"), loading: "lazy" })) mark(image, key, value);
  const button = element("button", "proof-compare", image, words);
  mark(button, "type", "button");
  button.addEventListener("click", () => large.open(about, finding));
  return button;
}

/** @param {URL} url @param {ProofSay} say a picture elsewhere: nobody is told who looks */
function linkTo(url, say) {
  const link = element("a", "link proof-link", say("link", { host: url.host }));
  for (const [key, value] of Object.entries({ href: url.href, target: "_blank", rel: "noopener noreferrer" })) mark(link, key, value);
  return link;
}
