/**
 * How late complaints are, as the board and the ladder of the overdue show it: the share of the time allowed on one scale, one
 * row for what a flood repeats, and the room that rows and words find on a wall.
 */
import { standing } from "../../feed/clock.js";
import { priorityOf } from "../../ui/alarms.js";
import { whatWords } from "../../ui/complaints.js";
import { fit, mark, write } from "../../ui/dom.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("../../ui/picture.js").Picture} Picture */
/** @typedef {import("../../ui/picture.js").WallRoom} Room */

// One scale for minutes and days: what has passed of the time allowed, logarithmic, so that 12 minutes and 3 days compare.

/** @typedef {{card: Card, others: readonly Card[]}} Row others: of a flood, for whom this row stands too */

/** Percent of the time allowed at both ends of the scale, and by what it goes on beyond a last step that is higher. */
const SCALE = { from: 100, to: 400, beyond: 4 / 3 };

/** @param {readonly {percent: number}[]} steps of the ladder @returns {number} percent at the end of the scale */
export function scaleEnd(steps) {
  return Math.max(SCALE.to, ...steps.map(({ percent }) => percent * SCALE.beyond));
}

/** @param {number} percent @param {number} [to] at the end of the scale @returns {number} 0 to 1 along the scale */
export function along(percent, to = SCALE.to) {
  return Math.min(1, Math.max(0, Math.log(percent / SCALE.from) / Math.log(to / SCALE.from)));
}

/** @param {Card} card @param {Pick<Picture, "at" | "calendar">} picture @param {number} [known] percent by the server, 0 when it says none @returns {number} 100 is the limit */
export function percentOf(card, { at, calendar }, known = 0) {
  const stands = at === null || !card.stage_from ? null : standing(card, at, calendar);
  if (!stands) return Math.max(SCALE.from, known);
  // No time of work was allowed at all, as over a weekend: whatever has passed since is beyond any share of it.
  return Math.max(SCALE.from, stands.used === null ? Math.max(known, SCALE.to) : Math.floor(stands.used * 100));
}

/** @param {Pick<import("../../feed/store.js").State, "alarms">} state @returns {Map<string, 1 | 2 | 3>} complaints with an unacknowledged alarm: their most urgent one's priority */
export function prioritiesOf({ alarms }) {
  /** @type {Map<string, 1 | 2 | 3>} */
  const found = new Map();
  for (const alarm of alarms.values()) {
    if (alarm.state !== "unacked" || !alarm.complaint) continue;
    const [one, other] = [priorityOf(alarm), found.get(alarm.complaint) ?? 3];
    found.set(alarm.complaint, one < other ? one : other);
  }
  return found;
}

/** @template {Row} T @param {readonly T[]} rows the worst first @returns {T[]} in a flood: one row for what one agency owes of one kind */
export function folded(rows) {
  /** @type {Map<string, {row: T, others: Card[]}>} */
  const groups = new Map();
  for (const row of rows) {
    const key = `${row.card.agency ?? ""} ${row.card.category ?? ""}`;
    const group = groups.get(key);
    if (group) group.others.push(row.card);
    else groups.set(key, { row, others: [...row.others] });
  }
  return [...groups.values()].map(({ row, others }) => ({ ...row, others }));
}

// Words.

/** @param {Row} row @param {Room} room what it is: "17 × Banjir" where it stands for many */
export function kindWords({ card, others }, room) {
  const what = whatWords(card, room);
  return others.length > 0 ? room.say("overdue_times", { n: room.format.number(others.length + 1), what }) : what;
}

/** @param {Row} row @param {Room} room in how many districts the many are */
export function districtsWords({ card, others }, { city, say, format }) {
  const districts = new Set([card, ...others].flatMap(({ area }) => city.districtOf(area ?? "") ?? []));
  return say("districts_n", { n: format.number(districts.size) });
}

const DAY = 24 * 3600e3;

/**
 * Since when it is late, where a date says more than an age.
 * @param {Card} card @param {Pick<Picture, "at" | "calendar">} moment @param {Pick<Room, "say" | "format">} room
 * @returns {string} empty for what is late by a working day or less
 */
export function sinceWords(card, { at, calendar }, { say, format }) {
  const stands = card.overdue && !card.paused && at !== null ? standing(card, at, calendar) : null;
  if (!stands || -stands.left <= (stands.working ? calendar.dayMs : DAY)) return "";
  const due = Date.parse(card.due_at ?? "");
  // Of the same weekday a week ago nobody would think.
  const day = Number(at) - due < 6 * DAY ? format.weekday(due) : format.day(due);
  return say("overdue_since", { time: `${day} ${format.hour(due)}` });
}

// Room on the wall, in units of its canvas.

/** Air on either side of a bezel: what the orbit moves the picture by, and a little. */
const BEZEL_AIR = 16;

/**
 * Places rows under each other and none of them upon a bezel.
 * @param {readonly {height: number, next?: number}[]} rows next: height of what may not be parted from it, as a head's first row
 * @param {{top: number, bottom: number, bezels: readonly number[]}} box bezels: heights at which one runs
 * @returns {number[] | null} where each begins; null: they have no room
 */
export function stack(rows, { top, bottom, bezels }) {
  const places = [];
  let y = top;
  for (const { height, next = 0 } of rows) {
    for (const bezel of bezels) if (y < bezel + BEZEL_AIR && y + height + next > bezel - BEZEL_AIR) y = bezel + BEZEL_AIR;
    places.push(y);
    y += height;
  }
  return y <= bottom ? places : null;
}

/** Of the coarse layout: by how much a drill's frame lowers the question, and where the line under the strip of late or lost data begins. */
const COARSE = { drill: 46, strip: 204 };

/**
 * Where the rows of a coarse screen may begin.
 * @param {number} ends where its question ends, in as many lines as it takes
 * @param {{drill?: string}} screen as the page says it @param {Pick<Picture, "freshness" | "whole">} picture @param {number} type by what text is larger
 * @returns {number} below that, or below what says of when a picture is that is not live
 */
export function coarseTop(ends, { drill }, { freshness, whole }, type) {
  const top = ends + (drill === "true" ? COARSE.drill : 0);
  return freshness === "live" || !whole ? top : Math.max(top, COARSE.strip + 48 * 1.3 * type);
}

/** @param {string} words @param {number} space @param {(words: string) => number} width @returns {number} lines that they take, broken between words */
export function linesOf(words, space, width) {
  let [lines, line] = [1, ""];
  for (const word of words.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && width(longer) > space) [lines, line] = [lines + 1, word];
    else line = longer;
  }
  return lines;
}

/** @typedef {readonly [size: number, weight: number]} Step of the type scale */

/** @type {Record<number, string>} */
const STEPS = { 48: "caption", 60: "line", 72: "alarm", 96: "question" };

/**
 * @param {readonly string[]} lines that stand under each other, each with as much space @param {number} space @param {readonly Step[]} steps largest first
 * @param {Pick<Room, "width">} room @returns {readonly Step[]} the steps that all of them have room for which have it for any: one column, one size
 */
export function commonSteps(lines, space, steps, { width }) {
  const first = lines.map((words) => steps.findIndex(([size, weight]) => width(words, size, weight) <= space));
  return steps.slice(Math.max(0, ...first));
}

/**
 * Words in the largest step at which they fit; in the smallest they are narrow before they are cut.
 * @param {HTMLElement} node @param {string} words
 * @param {{space: number, steps: readonly Step[], width: Room["width"], tight?: boolean}} line tight: their box is as wide as they are, else as the space
 * @returns {number} how wide they stand
 */
export function writeFit(node, words, { space, steps, width, tight = false }) {
  const [size, weight] = steps.find((step) => width(words, ...step) <= space) ?? steps.at(-1) ?? [48, 400];
  const wide = width(words, size, weight);
  write(node, words);
  mark(node, "data-size", STEPS[size] ?? "caption");
  mark(node, "data-fit", fit(wide, space));
  const box = `calc(${Math.ceil(tight ? Math.min(wide, space) : space)} * var(--u))`;
  if (node.style.width !== box) node.style.width = box;
  return Math.min(wide, space);
}

/** @param {HTMLElement} scene @param {Record<string, number>} measures as variables of its styles, in units */
export function setMeasures(scene, measures) {
  for (const [name, value] of Object.entries(measures)) {
    if (scene.style.getPropertyValue(`--${name}`) !== String(value)) scene.style.setProperty(`--${name}`, String(value));
  }
}
