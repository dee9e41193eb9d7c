/**
 * Before and after of the open complaint, side by side; what there is to look at stands under each proof.
 */
import { findingsAbout, moves, sidesOf } from "../../ui/complaints.js";
import { element, find, mark, show } from "../../ui/dom.js";
import { mountLarge } from "./proof_large.js";
import { findingWords, proofSayIn, twinOf, whenWords } from "./proof_words.js";

/** @typedef {import("../../ui/complaints.js").Picture} Picture */
/** @typedef {import("../../ui/complaints.js").Finding} Finding */
/** @typedef {import("../../ui/complaints.js").Sides} Sides */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */
/** @typedef {{room: QueueRoom, say: import("./proof_words.js").ProofSay, large: ReturnType<typeof mountLarge>}} Proof */

/** Findings that show another picture beside this one. */
const TWINS = ["own_picture", "used_before"];

/** @param {Document} page @param {QueueRoom} room @returns {(detail: import("./details.js").Detail | null) => void} made anew only when it differs */
export function mountProof(page, room) {
  const box = find(page, ".proof");
  const say = proofSayIn(room.lang);
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

/** @param {URL} url @param {import("./proof_words.js").ProofSay} say a picture elsewhere: nobody is told who looks */
function linkTo(url, say) {
  const link = element("a", "link proof-link", say("link", { host: url.host }));
  for (const [key, value] of Object.entries({ href: url.href, target: "_blank", rel: "noopener noreferrer" })) mark(link, key, value);
  return link;
}
