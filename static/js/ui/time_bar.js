/**
 * The time bar: a day on one axis, arrivals in each ten minutes, what happened in it, and the moment that is shown, which is the only
 * white thing on it. What came later than that moment is dim, and after now the axis is empty.
 */
import { element, elementWith, mark, show, write } from "./dom.js";

/** @typedef {import("../feed/past.js").Day} Day */
/** @typedef {import("../feed/past.js").Happening} Happening */
/** @typedef {Pick<import("./picture.js").Room, "city" | "format"> & {say: (key: "bar_unheard" | "bar_handover" | "bar_drill" | "bar_alarm" | "bar_now", values?: import("./language.js").Values) => string}} BarRoom */
/** @typedef {{day: Day | null, at: number | null, now: number | null, called: string}} BarLook at: the moment; now: of the room; called: the alarm that nobody had taken then, in words, else "" */

// Which happenings stand on it: few, so that each can be read. Pure.

/** Beside the one that is called at the moment itself. */
const MOST = 4;
/** What is rare goes before what is many. */
const RANK = { unheard: 0, drill: 1, handover: 2, alarm: 3 };

/** @param {Day} day @param {number} at ms @returns {Happening[]} those next to the moment, which the keys go to, then the rarest and the latest */
export function shownHappenings({ happenings }, at) {
  const next = [happenings.findLast((one) => one.at < at), happenings.find((one) => one.at > at)];
  const ranked = [...happenings].sort((a, b) => RANK[a.kind] - RANK[b.kind] || (b.late ?? 0) - (a.late ?? 0) || a.at - b.at);
  return [...new Set([...next, ...ranked].filter((one) => one !== undefined))].slice(0, MOST);
}

// Where words stand: each beside its own line, on the side that is free. Pure.

/** @typedef {{x: number, w: number, first?: "left" | "right"}} Label x: of its line; w: of its words; first: the side that it takes where both are free */
/** @typedef {"left" | "right" | "none"} Side */

/** @param {readonly Label[]} labels the most important first @param {{total: number, gap: number, kept?: readonly [number, number][]}} axis kept: stretches on which nothing is written, such as the bezel between two panels @returns {Side[]} none: there is no room, and its line stands alone */
export function sidesOf(labels, { total, gap, kept = [] }) {
  /** @type {(readonly [number, number])[]} */
  const taken = [...kept];
  const free = (/** @type {readonly [number, number]} */ [from, to]) => from >= 0 && to <= total && taken.every(([start, end]) => to + gap <= start || from >= end + gap);
  return labels.map(({ x, w, first = "right" }) => {
    const boxes = { right: /** @type {const} */ ([x + gap, x + gap + w]), left: /** @type {const} */ ([x - gap - w, x - gap]) };
    /** @type {("left" | "right")[]} */
    const order = first === "right" ? ["right", "left"] : ["left", "right"];
    // A line that runs through words is as bad as words on words: it is short then, and has none of its own.
    const stands = w === 0 || taken.every(([start, end]) => x < start || x > end);
    const side = stands ? order.find((one) => free(boxes[one])) : undefined;
    if (side) taken.push([Math.min(x, boxes[side][0]), Math.max(x, boxes[side][1])]);
    return side ?? "none";
  });
}

/** @param {Day} day @param {number} ms @returns {number} 0 at its beginning, 1 at its end */
export function shareOf({ from, to }, ms) {
  return Math.min(1, Math.max(0, (ms - from) / (to - from)));
}

/** @param {Day} day @returns {string} a path of bars in a box of 1000 by 100, the highest as high as that */
export function barsPath({ from, to, bucket, arrivals }) {
  const most = Math.max(1, ...arrivals);
  const wide = (1000 * bucket) / (to - from);
  return arrivals.map((n, i) => {
    const [left, high] = [(i * wide).toFixed(2), ((100 * n) / most).toFixed(1)];
    return n > 0 ? `M${left} 100V${(100 - Number(high)).toFixed(1)}h${(wide * 0.78).toFixed(2)}V100Z` : "";
  }).join("");
}

/** @param {Happening} one @param {BarRoom} room */
export function happeningWords({ kind, at, until, late, category }, { say, city, format }) {
  if (kind === "unheard") return until === null ? say("bar_unheard", { span: "" }).trim() : say("bar_unheard", { span: format.span(until - at) });
  if (kind === "alarm") return [city.category(category) ?? say("bar_alarm"), late ? format.late(late) : ""].filter(Boolean).join(" ");
  return say(kind === "handover" ? "bar_handover" : "bar_drill");
}

// The bar in the page.

const SVG = "http://www.w3.org/2000/svg";
const HOURS = 3;
const HOUR_MS = 3600e3;
/** Shares of the axis: an hour that lies nearer to the moment than this stands under its time, and is not written. */
const NEAR = 0.042;
const MOST_WIDTHS = 300;

/** @param {HTMLElement} box @param {BarRoom} room @param {{kept?: (width: number) => [number, number][]}} [edges] where no word may stand @returns {(look: BarLook) => void} */
export function mountTimeBar(box, room, { kept = () => [] } = {}) {
  const paintBars = mountBars(box);
  const paintHours = mountHours(box, room);
  const paintHappenings = mountHappenings(box, room, kept);
  const [line, time] = [element("span", "bar-line"), element("span", "bar-time")];
  box.append(element("div", "bar-moment", line, element("div", "bar-time-place", time)));
  return (look) => {
    const { day, at, now } = look;
    mark(box, "data-known", String(day !== null));
    const moment = day && at !== null ? shareOf(day, at) : 0;
    const known = day ? shareOf(day, now ?? day.now) : 0;
    setShare(box, "--moment", moment);
    setShare(box, "--known", known);
    write(time, at === null ? "" : room.format.hour(at));
    paintBars(day);
    paintHours(day, moment);
    paintHappenings(look, moment, known);
  };
}

/** @param {HTMLElement} box @param {string} name @param {number} share */
function setShare(box, name, share) {
  const text = `${(100 * share).toFixed(3)}%`;
  if (box.style.getPropertyValue(name) !== text) box.style.setProperty(name, text);
}

/** @param {HTMLElement} box @returns {(day: Day | null) => void} the same bars twice, dim and light: how far the light ones are seen is the moment */
function mountBars(box) {
  const paths = ["later", "then"].map((name) => {
    const svg = document.createElementNS(SVG, "svg");
    for (const [key, value] of Object.entries({ class: `bar-arrivals bar-${name}`, viewBox: "0 0 1000 100", preserveAspectRatio: "none", "aria-hidden": "true" })) svg.setAttribute(key, value);
    const path = document.createElementNS(SVG, "path");
    svg.append(path);
    box.append(svg);
    return path;
  });
  box.append(element("span", "bar-axis"), element("span", "bar-axis bar-axis-known"), element("span", "bar-axis bar-axis-then"));
  /** @type {Day | null} */
  let drawn = null;
  return (day) => {
    if (day === drawn) return;
    drawn = day;
    for (const path of paths) path.setAttribute("d", day ? barsPath(day) : "");
  };
}

/** @param {HTMLElement} box @param {BarRoom} room @returns {(day: Day | null, moment: number) => void} */
function mountHours(box, { format }) {
  const places = Array.from({ length: 24 / HOURS + 1 }, () => element("span", "bar-hour"));
  box.append(...places);
  return (day, moment) => {
    for (const [i, place] of places.entries()) {
      const ms = day ? day.from + i * HOURS * HOUR_MS : 0;
      const share = day ? (ms - day.from) / (day.to - day.from) : 0;
      const last = i === places.length - 1;
      show(place, day !== null && share <= 1.001 && Math.abs(share - moment) > NEAR);
      if (!day) continue;
      write(place, last ? "24" : format.hour(ms).slice(0, 2));
      mark(place, "data-end", i === 0 ? "first" : last ? "last" : "no");
      setShare(place, "--at", share);
    }
  };
}

/** @param {HTMLElement} box @param {BarRoom} room @param {(width: number) => [number, number][]} kept @returns {(look: BarLook, moment: number, known: number) => void} */
function mountHappenings(box, room, kept) {
  const marks = Array.from({ length: MOST }, () => {
    const [words, line] = [element("span", "bar-words"), elementWith("span", "bar-happening", { "data-shown": "false" })];
    line.append(words);
    box.append(line);
    return { line, words };
  });
  const [called, now] = [element("span", "bar-called"), element("span", "bar-now")];
  write(now, room.say("bar_now"));
  const calledAt = element("div", "bar-called-place", called);
  box.append(calledAt, now);
  let [shown, sides, total] = ["", "", 0];
  // To ask the page for a width costs a layout, so each is asked once.
  /** @type {Map<string, number>} */
  const widths = new Map();
  const wide = (/** @type {HTMLElement} */ node) => {
    const text = node.textContent ?? "";
    const found = widths.get(text) ?? node.offsetWidth;
    if (widths.size >= MOST_WIDTHS) widths.clear();
    widths.set(text, found);
    return found;
  };
  new ResizeObserver(() => {
    widths.clear();
    [total, shown] = [box.clientWidth, ""];
  }).observe(box);
  return ({ day, at, called: words }, moment, known) => {
    const chosen = day && at !== null ? shownHappenings(day, at) : [];
    show(now, day !== null && known > 0 && known < 1);
    const key = `${day?.date} ${chosen.map((one) => `${one.kind}${one.at}`)} ${words} ${Math.round(moment * 200)} ${Math.round(known * 200)} ${total}`;
    if (key === shown) return;
    shown = key;
    write(called, words);
    for (const [i, { line, words: text }] of marks.entries()) {
      const one = chosen[i];
      show(line, one !== undefined);
      if (!one || !day) continue;
      mark(line, "data-kind", one.kind);
      write(text, happeningWords(one, room));
      const share = shareOf(day, one.at);
      setShare(line, "--at", share);
      setShare(line, "--wide", one.until === null ? 0 : shareOf(day, one.until) - share);
    }
    const labels = [
      { x: moment * total, w: words ? wide(called) : 0, first: /** @type {const} */ ("left") },
      ...chosen.map((one, i) => ({ x: (day ? shareOf(day, one.until ?? one.at) : 0) * total, w: wide(marks[i]?.words ?? called) })),
    ];
    const found = sidesOf(labels, { total, gap: total / 300, kept: kept(total) });
    if (found.join() === sides) return;
    sides = found.join();
    mark(calledAt, "data-side", found[0] ?? "none");
    for (const [i, { line }] of marks.entries()) mark(line, "data-side", found[i + 1] ?? "none");
  };
}
