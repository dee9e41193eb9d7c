/**
 * Scene of the trend. Is today like a usual day? The change so far, then today's line on the band of the same weekday.
 */
import { fromLocalInput, toLocalInput } from "../../feed/clock.js";
import { ageWords } from "../../feed/http.js";
import { asTrend } from "../../feed/messages.js";
import { olderWords } from "../../ui/complaints.js";
import { element, elementWith, find, mark, moveTo, show, write } from "../../ui/dom.js";
import { symbol } from "../../ui/symbols.js";

/** @typedef {import("../../feed/messages.js").Series} Series */
/** @typedef {import("../../ui/picture.js").WallRoom} Room */
/** @typedef {import("../../ui/picture.js").Picture} Picture */

// The hours of a day as the city's clock shows them, one after another: where it changes, one is there twice or not at all. Pure.

const HOUR_MS = 3_600_000;
const IN_AN_HOUR = 4;
/** @type {{key: string, hours: number[]}} */
let kept = { key: "", hours: [] };

/** @param {string} day as in 2026-11-24 @param {number} quarters of it @param {string} zone IANA name @returns {number[]} */
export function hoursOf(day, quarters, zone) {
  const key = `${day} ${quarters} ${zone}`;
  if (kept.key !== key) kept = { key, hours: counted(day, Math.ceil(quarters / IN_AN_HOUR), zone) };
  return kept.hours;
}

/** @param {string} day @param {number} n @param {string} zone */
function counted(day, n, zone) {
  const first = fromLocalInput(`${day}T00:00`, zone);
  if (n === 24 || Number.isNaN(first)) return Array.from({ length: Math.max(2, n) }, (_, hour) => hour);
  return Array.from({ length: n }, (_, hour) => Number(toLocalInput(first + hour * HOUR_MS, zone).slice(11, 13)));
}

// Where the names of a chart's lines may stand on a wall of panels: off the lines where two panels meet (CR-68). Units of the chart.

/** @typedef {{columns: readonly number[], rows: readonly number[]}} Bezels where they run, from the chart's corner */

/** The dot's radius and air; from the end of the line to its name, down to up. */
const BESIDE = 40;
const HEIGHTS = [-60, -100, -140, 24, 64, 104];
/** What the orbit and the frame of a panel may take. */
const AIR = 16;

/** @param {readonly number[]} lines @param {number} from @param {number} to @returns {boolean} whether one of them would cut what lies there */
export function meets(lines, from, to) {
  return lines.some((line) => from - AIR < line && to + AIR > line);
}

/**
 * @param {Point} end of today's line @param {{wide: number, high: number}} size of its name @param {Bezels} bezels @param {number} field width of the chart
 * @returns {Point} beside the dot, on the first side and height that no bezel cuts
 */
export function todayPlace([x, y], { wide, high }, { columns, rows }, field) {
  const right = x + BESIDE;
  const sides = right + wide <= field ? [right, x - wide - BESIDE] : [x - wide - BESIDE];
  const places = sides.flatMap((at) => HEIGHTS.map((height) => /** @type {Point} */ ([at, y + height])));
  const clear = places.find(([at, top]) => !meets(columns, at, at + wide) && !meets(rows, top, top + high));
  return clear ?? places[0] ?? [right, y];
}

/** @param {HTMLElement} chart @param {import("../../ui/picture.js").WallRoom} room @param {number} field width of the chart @returns {Bezels} of the whole wall's panels, seen from the chart's corner; none on a seamless one */
function bezelsIn(chart, { panels = 1 }, field) {
  const wall = panels > 1 ? chart.closest(".wall")?.getBoundingClientRect() : null;
  if (!wall) return { columns: [], rows: [] };
  const box = chart.getBoundingClientRect();
  const unit = box.width / field || 1;
  const down = panels === 3 && wall.width < 2.3 * wall.height ? 3 : 2;
  return { columns: shares(panels).map((share) => (wall.x + share * wall.width - box.x) / unit), rows: shares(down).map((share) => (wall.y + share * wall.height - box.y) / unit) };
}

/** @param {number} n panels side by side @returns {number[]} */
function shares(n) {
  return Array.from({ length: n - 1 }, (_, i) => (i + 1) / n);
}

// Lines and bands as SVG paths, and a scale that ends on a round number. Pure.

/** @typedef {[number, number]} Point x, y */

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} name @param {Record<string, string | number>} attributes @param {...Element} children @returns {SVGElement} */
export function svgNode(name, attributes, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return /** @type {SVGElement} */ (node);
}

/** @param {readonly Point[]} points @returns {string} */
export function linePath(points) {
  return points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

/** @param {readonly Point[]} upper @param {readonly Point[]} lower @returns {string} closed */
export function bandPath(upper, lower) {
  return upper.length === 0 ? "" : `${linePath(upper)}${linePath([...lower].reverse()).replace("M", "L")}Z`;
}

/** @param {number} most largest value drawn @returns {number} an even, round number near it: the upper line of the scale */
export function roundTop(most) {
  const wanted = Math.max(2, most * 0.9);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const top = [1, 2, 3, 4, 6, 8, 10].map((n) => n * power).find((n) => n >= wanted) ?? most;
  return top % 2 === 0 ? top : top + 1;
}

// One chart of the trend: today's line on the band of usual days, median dashed. The running hour comes when it is complete.

/** @typedef {{series: Series, hours: number, usual: string, today: boolean}} Drawn hours = of the day, 24 but where clocks change; usual = words of the band; today = say whose line it is */

/** The field, units: wide as the hours, high as the scale from nothing to its round top. */
const FIELD = { width: 1604, height: 500 };
const DOT = 20;
/** How far above the band its name may stand, nearest first. */
const AIRS = [46, 60, 80, 110, 140, 180];

/** @param {HTMLElement} root @param {Room} room @returns {(drawn: Drawn | null) => void} */
function mountChart(root, room) {
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

// The scene.

/** @typedef {NonNullable<ReturnType<typeof asTrend>>} Figure */

/** A difference below this share of a usual day is none. */
const SAME = 0.05;
const HOURS = [0, 3, 6, 9, 12, 15, 18, 21];

export const trend = { name: /** @type {const} */ ("trend"), markup, mount };

/** @param {HTMLElement} question its head */
function markup(question) {
  const half = (/** @type {string} */ series) => elementWith("div", "half", { "data-series": series },
    element("p", "change", "–"), element("p", "change-line", element("span", "change-word")),
    element("p", "change-against", element("span", "against-usual"), element("span", "against-older")),
    elementWith("div", "chart", { "data-shown": "false" }));
  return [question, element("p", "figures-age"), half("in"), half("done"), elementWith("div", "chart-hours", { "data-shown": "false" })];
}

/** @param {HTMLElement} scene @param {Room} room @returns {import("../../ui/picture.js").Paint} */
function mount(scene, room) {
  write(find(scene, ".question-line"), room.say("trend_question"));
  const [answer, old] = [find(scene, ".answer"), find(scene, ".figures-age")];
  const paintHours = mountHours(find(scene, ".chart-hours"));
  const paints = /** @type {const} */ (["in", "done"]).map((name) => {
    const half = find(scene, `[data-series="${name}"]`);
    return { name, paintChange: mountChange(half, name, room), paintChart: mountChart(find(half, ".chart"), room) };
  });
  return (picture) => {
    const figure = nowOf(asTrend(picture.figure), picture.state.counts);
    const day = figure ? room.format.weekday(Date.parse(`${figure.day}T12:00:00Z`)) : "";
    write(answer, figure ? answerWords(figure, day, room) : room.say("figures_none"));
    write(old, ageWords(picture.figure, picture.mono, room));
    const shown = hoursOf(figure?.day ?? "", figure?.quarters ?? 96, room.city.zone);
    paintHours(figure ? shown : null);
    const usual = figure && figure.history !== "none" ? room.say("usual_day", { day, n: figure.weeks }) : "";
    for (const { name, paintChange, paintChart } of paints) {
      const series = figure?.[name] ?? null;
      paintChange(series, name === "done" ? olderWords(picture.state.counts, room) : "");
      paintChart(series ? { series, hours: shown.length, usual: name === "in" ? usual : "", today: true } : null);
    }
  };
}

/** @param {HTMLElement} axis @returns {(shown: readonly number[] | null) => void} each name below the first of its hours; null: no axis */
function mountHours(axis) {
  const names = HOURS.map((hour) => element("span", "chart-hour", String(hour).padStart(2, "0")));
  axis.append(...names);
  return (shown) => {
    show(axis, shown !== null);
    if (!shown) return;
    for (const [i, name] of names.entries()) {
      const at = shown.indexOf(HOURS[i] ?? 0);
      show(name, at >= 0);
      const left = `calc(${((Math.max(0, at) * FIELD.width) / (shown.length - 1)).toFixed(1)} * var(--u))`;
      if (name.style.left !== left) name.style.left = left;
    }
  };
}

/** @param {HTMLElement} half @param {"in" | "done"} name @param {Room} room @returns {(series: Series | null, older: string) => void} */
function mountChange(half, name, { say, format }) {
  const [change, word] = [find(half, ".change"), find(half, ".change-word")];
  const [against, earlier] = [find(half, ".against-usual"), find(half, ".against-older")];
  write(word, say(name === "in" ? "incoming" : "finished_today"));
  const shape = symbol("done");
  if (name === "done") find(half, ".change-line").prepend(shape);
  return (series, older) => {
    write(earlier, series ? older : "");
    const total = format.number(series?.total ?? 0);
    const usual = series?.usual_total ?? null;
    // Without a usual day the day itself is the figure.
    write(change, !series ? "–" : usual === null ? total : series.change === null ? "–" : format.change(series.change));
    write(against, usual === null ? "" : say("against", { n: total, usual: format.number(usual) }));
  };
}

/**
 * The comparison stays the figure's: today and the usual day of one moment, however old.
 * @param {Figure | null} figure @param {import("../../feed/messages.js").Counts | null} counts
 * @returns {Figure | null} its totals as the cards know them now, where they speak of the same day: no two numbers for one thing
 */
function nowOf(figure, counts) {
  if (!figure || figure.day !== counts?.day) return figure;
  return { ...figure, in: withTotal(figure.in, counts.cohort?.in), done: withTotal(figure.done, counts.flow?.done) };
}

/** @param {Series} series @param {number} [total] @returns {Series} */
function withTotal(series, total = series.total) {
  return { ...series, total };
}

/** @param {Figure} figure @param {string} day @param {Room} room */
function answerWords({ history, in: came, done }, day, { say }) {
  if (history === "none" || came.change === null) return say("trend_none");
  const first = say(came.change > SAME ? "trend_more" : came.change < -SAME ? "trend_less" : "trend_same", { day });
  if (done.change === null) return first;
  return `${first}, ${say(done.change < -SAME ? "trend_behind" : done.change > SAME ? "trend_ahead" : "trend_even")}`;
}
