/**
 * Before and after, side by side: what the reporter sent and what proves the work; copies from which nothing betrays a person.
 */
import { moves, sidesOf } from "../ui/complaints.js";
import { element, mark } from "../ui/dom.js";

/** @typedef {import("../ui/complaints.js").Picture} Picture */
/** @typedef {import("./lead_room.js").LeadRoom} LeadRoom */

/** @param {HTMLElement} box @param {LeadRoom} room @returns {(detail: import("../desk/queue/detail.js").Detail | null) => void} made anew only when it differs */
export function mountCompare(box, room) {
  let shown = "";
  return (detail) => {
    const { before, after, submitted } = sidesOf(/** @type {any} */ (detail));
    const any = before.length + after.length > 0 || submitted;
    const key = any ? JSON.stringify([before, after]) : "";
    mark(box, "data-shown", String(any));
    if (key === shown) return;
    shown = key;
    box.replaceChildren(...(any ? [side("before", before, room), side("after", after, room)] : []));
  };
}

/** @param {"before" | "after"} name @param {readonly Picture[]} pictures @param {LeadRoom} room */
function side(name, pictures, room) {
  const none = pictures.length === 0 ? [element("p", "compare-none", room.lead(`no_${name}`))] : [];
  const figures = pictures.map((one, i) => figure(one, room.lead(`${name}_alt`, { n: i + 1 }), room));
  return element("div", "compare-side", element("h3", "compare-title", room.lead(name)), ...figures, ...none);
}

/** @param {Picture} picture @param {string} alt @param {LeadRoom} room */
function figure(picture, alt, room) {
  const taken = Date.parse(picture.taken_at ?? picture.sent_at);
  const shown = moves(picture) ? film(picture, alt) : still(picture, alt);
  return element("figure", "compare-figure", shown, element("figcaption", "compare-when", room.moment(taken, null)));
}

/** @param {Picture} picture @param {string} alt */
function still({ clean }, alt) {
  const [image, link] = [element("img", "compare-shown"), element("a", "compare-link")];
  for (const [key, value] of Object.entries({ src: clean ?? "", alt, loading: "lazy" })) mark(image, key, value);
  for (const [key, value] of Object.entries({ href: clean ?? "", target: "_blank", rel: "noopener" })) mark(link, key, value);
  link.append(image);
  return link;
}

/** @param {Picture} picture @param {string} label */
function film({ clean, thumb }, label) {
  const made = element("video", "compare-shown");
  for (const [key, value] of Object.entries({ src: clean ?? "", poster: thumb ?? "", controls: "", preload: "none", playsinline: "", "aria-label": label })) mark(made, key, value);
  return made;
}
