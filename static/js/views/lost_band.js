/**
 * The band that says the data is delayed or lost, how old it is, and what to do meanwhile.
 */
import { PATIENCE } from "../ui/picture.js";
import { find, mark, write } from "../ui/dom.js";

/** Black on white and white on black change places this often, so that no panel ages unevenly (CR-69). */
const SWAP_EVERY = 300;

/** @param {ParentNode} page @param {import("../ui/picture.js").Room} room @returns {import("../ui/picture.js").Paint} */
export function mountLostBand(page, { say, format }) {
  const band = find(page, ".lost-band");
  const word = find(band, ".lost-word");
  const span = find(band, ".lost-age");
  const advice = find(page, ".lost-advice");
  write(find(advice, ".lost-what"), say("use_radio"));
  write(find(advice, ".lost-how"), say("retrying"));
  return ({ freshness, age, whole, waited, at }) => {
    const seconds = Number.isFinite(age) ? age : waited;
    const called = freshness === "lost" && (whole || waited > PATIENCE);
    mark(band, "data-called", String(called));
    // While it shows it is this page's own alarm (CR-07).
    mark(band, "role", called ? "alert" : "none");
    mark(band, "data-priority", called ? "1" : "");
    mark(band, "data-swapped", String(Math.floor(seconds / SWAP_EVERY) % 2 === 1));
    write(word, say("data_lost"));
    // How old a page's kept copy is nobody knows who has heard of no server since: its own time stands below instead.
    write(span, whole && !Number.isFinite(age) ? "" : format.span(seconds * 1000));
    const since = whole && at !== null ? say("as_of", { time: format.clock(at) }) : say("no_data_yet");
    for (const line of /** @type {Document} */ (page).querySelectorAll(".as-of")) write(line, called ? since : "");
  };
}
