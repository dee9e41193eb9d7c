/**
 * Which agency is swamped? The longest queues large, as many as the layout has room for, the rest a list, and how well promises are kept.
 */
import { asAgencies, hasWorked } from "../feed/messages.js";
import { ageWords } from "../feed/http.js";
import { find, show, write } from "../ui/dom.js";
import { agencyName, mountLarge, mountSmall } from "./agency_rows.js";
import { mountKpis } from "./kpis.js";

/** @typedef {import("../ui/picture.js").Picture} Picture */
/** @typedef {import("../ui/picture.js").Room} Room */
/** @typedef {import("../feed/messages.js").AgencyRow} AgencyRow */

const HEADS = /** @type {const} */ ([
  [".question-line", "agencies_question"], [".head-open", "open_reports"], [".head-days", "fourteen_days"],
  [".head-queue", "queue"], [".head-queue-small", "queue"], [".head-median", "median"],
]);
/** At most: how many of them a layout has is its own `--large-rows`. */
const LARGE = 6;
const SMALL = 8;
/** The longest bars, units: of the large ones and of the list. */
const LONGEST = { large: 934, small: 150 };

/** @param {ParentNode} page @param {Room} room @returns {import("../ui/picture.js").Paint} */
export function mountAgencies(page, room) {
  const scene = find(page, ".scene-agencies");
  for (const [place, word] of HEADS) write(find(scene, place), room.say(word));
  return painter(scene, room);
}

/** @param {HTMLElement} scene @param {Room} room @returns {import("../ui/picture.js").Paint} */
function painter(scene, room) {
  const [answer, old, more] = [find(scene, ".answer"), find(scene, ".figures-age"), find(scene, ".agencies-more")];
  const list = find(scene, ".agency-rows");
  const large = Array.from({ length: LARGE }, () => mountLarge(list, room));
  const small = Array.from({ length: SMALL }, () => mountSmall(find(scene, ".small-rows"), room));
  const paintKpis = mountKpis(scene, room);
  return (picture) => {
    const figure = asAgencies(picture.figure);
    const rows = (figure?.agencies ?? []).filter(({ open }) => open > 0);
    // Asked each time: a window that changes may change the layout.
    const places = Number(getComputedStyle(list).getPropertyValue("--large-rows")) || LARGE;
    const scale = { unit: unitOf(rows, places), dayMs: (figure?.working_day_s ?? 0) * 1000, worked: figure !== null && hasWorked(figure.window) };
    write(answer, figure ? answerWords(rows, room) : room.say("figures_none"));
    write(old, ageWords(picture.figure, picture.mono, room));
    for (const node of scene.querySelectorAll(".agency-head")) show(/** @type {HTMLElement} */ (node), rows.length > 0);
    for (const [i, paint] of large.entries()) paint(i < places ? (rows[i] ?? null) : null, scale);
    for (const [i, paint] of small.entries()) paint(rows[places + i] ?? null, scale);
    const left = rows.length - places - SMALL;
    write(more, left > 0 ? room.say("more_agencies", { n: room.format.number(left) }) : "");
    paintKpis(figure);
  };
}

/** @param {AgencyRow[]} rows longest queue first @param {number} places for large ones @returns {number} units per open report, the same for all bars */
function unitOf(rows, places) {
  const [most, mostSmall] = [rows.slice(0, places), rows.slice(places, places + SMALL)].map((part) => Math.max(1, ...part.map(({ open }) => open)));
  return Math.min(LONGEST.large / (most ?? 1), LONGEST.small / (mostSmall ?? 1), 24);
}

/** @param {AgencyRow[]} rows longest queue first @param {Room} room @returns {string} it says "none finished" of nobody who has finished anything */
export function answerWords(rows, room) {
  const [first] = rows;
  if (!first) return room.say("agencies_empty");
  const agency = agencyName(first, room);
  if (first.queue_days === null) return room.say(first.finished === 0 ? "agencies_unknown" : "agencies_young", { agency, n: room.format.number(first.open) });
  return room.say("agencies_answer", { agency, days: room.format.decimal(first.queue_days) });
}
