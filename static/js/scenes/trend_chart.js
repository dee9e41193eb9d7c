/**
 * One chart of the trend: today's line on the band of usual days, median dashed. The running hour comes when it is complete.
 */
import { element, mark, moveTo, show, write } from "../ui/dom.js";
import { bezelsIn, meets, todayPlace } from "./trend_names.js";
import { bandPath, linePath, roundTop, svgNode } from "./trend_paths.js";

/** @typedef {import("../feed/messages.js").Series} Series */
/** @typedef {import("../ui/picture.js").Room} Room */
/** @typedef {import("./trend_paths.js").Point} Point */
/** @typedef {import("./trend_names.js").Bezels} Bezels */
/** @typedef {{series: Series, hours: number, usual: string, today: boolean}} Drawn hours = of the day, 24 but where clocks change; usual = words of the band; today = say whose line it is */

/** The field, units: wide as the hours, high as the scale from nothing to its round top. */
export const FIELD = { width: 1604, height: 500 };
const DOT = 20;
/** How far above the band its name may stand, nearest first. */
const AIRS = [46, 60, 80, 110, 140, 180];

/** @param {HTMLElement} root @param {Room} room @returns {(drawn: Drawn | null) => void} */
export function mountChart(root, room) {
  const band = svgNode("path", { class: "usual-band" });
  const median = svgNode("path", { class: "usual-median" });
  const line = svgNode("path", { class: "today-line" });
  const dot = svgNode("circle", { class: "today-dot", r: DOT });
  const picture = svgNode("svg", { class: "chart-picture", viewBox: `0 0 ${FIELD.width} ${FIELD.height}` }, band, median, line, dot);
  const [today, usual] = [element("span", "chart-today", room.say("today")), element("span", "chart-usual")];
  const grid = Array.from({ length: 3 }, () => ({ line: element("span", "chart-grid"), figure: element("span", "chart-figure") }));
  root.append(...grid.flatMap((one) => [one.line, one.figure]), picture, today, usual);
  return (drawn) => {
    show(root, drawn !== null);
    if (!drawn) return;
    const { top, points, hours } = scaled(drawn.series, drawn.hours);
    paintGrid(grid, top, room);
    median.setAttribute("d", linePath(points.p50));
    band.setAttribute("d", bandPath(points.p90, points.p10));
    line.setAttribute("d", linePath(hours));
    const end = hours.at(-1);
    mark(root, "data-begun", String(end !== undefined));
    dot.setAttribute("cx", String(end?.[0] ?? 0));
    dot.setAttribute("cy", String(end?.[1] ?? 0));
    paintNames({ today, usual }, drawn, end, { upper: points.p90, bezels: bezelsIn(root, room, FIELD.width) }, room);
  };
}

/** @param {number} at top of a name @returns {boolean} whether a line of the scale would cross it */
function onLine(at) {
  return [0, 0.5, 1].some((share) => at < share * FIELD.height + 4 && at + 52 > share * FIELD.height);
}

/** @param {Series} series @param {number} hours of the day @returns {{top: number, points: {p10: Point[], p50: Point[], p90: Point[]}, hours: Point[]}} */
function scaled({ today, usual }, hours) {
  const complete = today.hours.slice(0, today.incomplete_hour);
  const top = roundTop(Math.max(...complete, ...(usual?.hours.p90 ?? []), 0));
  /** @param {readonly number[]} values @returns {Point[]} */
  const place = (values) => values.map((n, hour) => [(hour * FIELD.width) / (hours - 1), FIELD.height * (1 - n / top)]);
  const { p10 = [], p50 = [], p90 = [] } = usual?.hours ?? {};
  return { top, points: { p10: place(p10), p50: place(p50), p90: place(p90) }, hours: place(complete) };
}

/** @param {{line: HTMLElement, figure: HTMLElement}[]} grid @param {number} top @param {Room} room */
function paintGrid(grid, top, { format }) {
  for (const [i, { line, figure }] of grid.entries()) {
    const y = FIELD.height * (1 - i / (grid.length - 1));
    moveTo(line, 0, y);
    moveTo(figure, 0, y);
    write(figure, format.number((top * i) / (grid.length - 1)));
  }
}

/**
 * @param {{today: HTMLElement, usual: HTMLElement}} names @param {Drawn} drawn @param {Point | undefined} end of today's line
 * @param {{upper: readonly Point[], bezels: Bezels}} chart upper edge of the band @param {Room} room both names stand beside what they name and off each other
 */
function paintNames({ today, usual }, drawn, end, { upper, bezels }, { say, width, type = 1 }) {
  const wide = width(say("today"), 48, 600);
  const [left, top] = todayPlace(end ?? [0, 0], { wide, high: 48 * type }, bezels, FIELD.width);
  show(today, drawn.today && end !== undefined);
  moveTo(today, left, top);
  write(usual, drawn.usual);
  const from = FIELD.width - width(drawn.usual, 48, 400);
  const edge = Math.min(FIELD.height, ...upper.filter(([at]) => at >= from - 40).map(([, height]) => height));
  const beside = left + wide > from - 40;
  const clear = (/** @type {number} */ at) => !meets(bezels.rows, at, at + 48 * type);
  const free = (/** @type {number} */ at) => (!beside || Math.abs(at - top) >= 64) && !onLine(at) && clear(at);
  const height = AIRS.map((air) => edge - air).find(free);
  moveTo(usual, from, height ?? edge - 40);
}
