/**
 * What has today brought? Finished, on time and how long it took; for guests, so it says nothing of a single report.
 */
import { asVisit } from "../figure_wire.js";
import { ageWords } from "../figures.js";
import { symbol } from "../symbols.js";
import { find, moveTo, write } from "../views/text.js";

/** @param {ParentNode} page @param {import("../picture.js").Room} room @returns {import("../picture.js").Paint} */
export function mountVisit(page, room) {
  const { say, format } = room;
  const scene = find(page, ".scene-visit");
  const words = /** @type {const} */ ([[".question-line", "visit_question"], [".visit-finished-word", "visit_finished"], [".visit-on-time-word", "visit_on_time"], [".visit-median-word", "visit_median"], [".visit-median-note", "visit_median_note"]]);
  for (const [place, word] of words) write(find(scene, place), say(word));
  const tick = symbol("done");
  find(scene, ".visit-finished").append(tick);
  const [finished, share, median] = [find(scene, ".visit-count"), find(scene, ".visit-share"), find(scene, ".visit-median")];
  const [answer, old] = [find(scene, ".answer"), find(scene, ".figures-age")];
  return ({ figure: kept, mono, state }) => {
    const figure = asVisit(kept);
    const n = state.counts?.flow?.done ?? figure?.finished ?? null;
    const count = n === null ? "–" : format.number(n);
    write(finished, count);
    moveTo(tick, room.width(count, 320, 600) + 170, 0, "middle");
    write(share, figure?.on_time_share === null || !figure ? "–" : format.percent(figure.on_time_share));
    const options = { working: figure?.median?.clock === "working", dayMs: (figure?.working_day_s ?? 0) * 1000 };
    write(median, figure?.median ? format.span(figure.median.s * 1000, options) : "–");
    write(answer, figure ? "" : say("figures_none"));
    write(old, ageWords(kept, mono, room));
  };
}
