/**
 * The sources: each with its name, when it was last heard, and how that stands against its own rhythm. One that is late
 * or lost also says how many open complaints are its own: that count may be wrong, and only that is hatched (CR-48).
 */
import { element, find, mark, show, write } from "../ui/dom.js";

/** @typedef {import("../ui/picture.js").Picture} Picture */
/** @typedef {import("../feed/messages.js").Source} Source */

/** Six places: what does not fit is counted in the last one. */
const PLACES = 6;
const URGENCY = { lost: 0, late: 1, ok: 2, closed: 3 };

/** @param {readonly Source[]} sources @returns {{shown: Source[], more: number}} none silent or late is ever left out for one that is not */
export function chooseSources(sources) {
  if (sources.length <= PLACES) return { shown: [...sources], more: 0 };
  /** @param {Source} source */
  const urgency = (source) => URGENCY[/** @type {keyof typeof URGENCY} */ (source.state ?? "ok")] ?? 2;
  const kept = new Set([...sources].sort((a, b) => urgency(a) - urgency(b)).slice(0, PLACES - 1));
  return { shown: sources.filter((source) => kept.has(source)), more: sources.length - kept.size };
}

/** @param {ParentNode} page @param {import("../ui/picture.js").Room} room @returns {import("../ui/picture.js").Paint} */
export function mountSources(page, room) {
  const list = find(page, ".sources");
  const places = Array.from({ length: PLACES }, () => {
    const [square, name] = [element("span", "source-mark"), element("span", "source-name")];
    const [open, heard] = [element("span", "source-open"), element("span", "source-heard")];
    const place = element("li", "source", square, name, open, heard);
    list.append(place);
    return { place, name, open, heard };
  });
  return (picture) => {
    const { shown, more } = chooseSources(picture.state.sources);
    for (const [i, { place, name, open, heard }] of places.entries()) {
      const source = shown[i];
      const last = !source && more > 0 && i === shown.length;
      show(place, source !== undefined || last);
      mark(place, "data-state", source?.state ?? (last ? "more" : "none"));
      write(name, source ? (room.city.source(source.id) ?? source.name ?? source.id) : last ? room.say("more_sources", { n: room.format.number(more) }) : "");
      write(open, source && picture.quiet?.has(source.id) ? room.format.number(openOf(picture, source.id)) : "");
      write(heard, source ? heardWords(source, picture, room) : "");
    }
  };
}

/** @param {Picture} picture @param {string} id @returns {number} open complaints that this source told of */
function openOf({ state }, id) {
  const row = state.tally.sources.get(id);
  return row ? row.waiting + row.in_process : 0;
}

/** @param {Source} source @param {Picture} picture @param {import("../ui/picture.js").Room} room */
function heardWords(source, { beat, sinceBeat }, { say, format }) {
  if (source.state === "closed") return say("closed");
  const seconds = beat?.heard?.[source.id];
  if (seconds === null || seconds === undefined) return "–";
  return format.span((seconds + sinceBeat) * 1000);
}
