/**
 * The pictures of a report as its agency sees them: what the citizen sent, what was sent as proof.
 */
import { findingWords } from "../desk/queue/proof.js";
import { findingsAbout, moves, sidesOf } from "../ui/complaints.js";
import { element, mark } from "../ui/dom.js";

/** @typedef {import("../ui/complaints.js").Picture} Picture */
/** @typedef {import("./agency_room.js").WorkRoom} WorkRoom */

/** @param {HTMLElement} box @param {WorkRoom} room @returns {(detail: import("../desk/queue/detail.js").Detail | null) => void} made anew only when it differs */
export function mountPictures(box, room) {
  let shown = "";
  return (detail) => {
    const sides = sidesOf(detail);
    const rows = /** @type {const} */ ([["picture_report", sides.before], ["picture_proof", [...sides.after, ...sides.earlier]]]);
    const links = sides.links.map((url) => url.href);
    const now = JSON.stringify([rows, links, sides.findings]);
    if (now === shown) return;
    shown = now;
    const figures = rows.flatMap(([word, pictures]) => pictures.map((one) => figure(one, room.work(word), sides, room)));
    const whole = sides.findings.filter(({ about }) => about === null).map((one) => element("p", "picture-finding", findingWords(one, room)));
    box.replaceChildren(...whole, ...figures, ...sides.links.map((url) => link(url.href, url.host, "fact-link")));
  };
}

/** @param {Picture} picture @param {string} whose @param {import("../ui/complaints.js").Sides} sides @param {WorkRoom} room findings are told to who may judge */
function figure(picture, whose, sides, room) {
  const taken = Date.parse(picture.taken_at ?? picture.sent_at);
  const words = `${whose}, ${room.moment(taken, null)}`;
  return element("figure", "picture", moves(picture) ? film(picture, words) : still(picture, words), element("figcaption", "picture-words", words), ...findingsAbout(sides, picture.id).map((one) => element("p", "picture-finding", findingWords(one, room))));
}

/** @param {Picture} picture @param {string} words */
function film({ clean, thumb }, words) {
  const made = element("video", "picture-shown");
  for (const [key, value] of Object.entries({ src: clean ?? "", poster: thumb ?? "", controls: "", preload: "none", playsinline: "", "aria-label": words })) mark(made, key, value);
  return made;
}

/** @param {Picture} picture @param {string} words */
function still({ clean, thumb }, words) {
  const image = element("img", "picture-shown");
  for (const [key, value] of Object.entries({ src: thumb ?? "", alt: words, loading: "lazy" })) mark(image, key, value);
  return link(clean ?? "", image, "picture-link");
}

/** @param {string} href @param {HTMLElement | string} content @param {string} name */
function link(href, content, name) {
  const made = element("a", name, content);
  for (const [key, value] of Object.entries({ href, target: "_blank", rel: "noopener noreferrer" })) mark(made, key, value);
  return made;
}
