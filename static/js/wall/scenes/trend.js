/**
 * Scene of the trend. Is today like a usual day? The change so far, then today's line on the band of the same weekday.
 */
import { fromLocalInput, toLocalInput } from "../../feed/clock.js";
import { ageWords } from "../../feed/http.js";
import { asTrend } from "../../feed/messages.js";
import { olderWords } from "../../ui/complaints.js";
import { element, elementWith, find, mark, moveTo, show, write } from "../../ui/dom.js";
import { SHAPES, symbol, TICK } from "../../ui/symbols.js";

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

/** The dot's radius and air; from the line of the hour to a name; from the end of the line to its name, down to up. */
const BESIDE = 40;
const BEYOND = 24;
const HEIGHTS = [-60, -100, -140, 24, 64, 104];
/** What the orbit and the frame of a panel may take. */
const AIR = 16;

/** @param {readonly number[]} lines @param {number} from @param {number} to @returns {boolean} whether one of them would cut what lies there */
export function meets(lines, from, to) {
  return lines.some((line) => from - AIR < line && to + AIR > line);
}

/**
 * @param {Point} end of today's line @param {{wide: number, high: number}} size of its name @param {Bezels} bezels @param {number} field width of the chart
 * @param {number} [hour] where the line of the hour stands
 * @returns {Point} beside the dot, on the first side and height that no bezel cuts
 */
export function todayPlace([x, y], { wide, high }, { columns, rows }, field, hour = 0) {
  const right = Math.max(x + BESIDE, hour + BEYOND);
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
function svgNode(name, attributes, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return /** @type {SVGElement} */ (node);
}

/** @param {readonly Point[]} points @returns {string} */
function linePath(points) {
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

/** @param {number} top of a scale @param {number} most lines above its foot @returns {number[]} what its lines say: whole, round and equally far apart */
export function scaleLines(top, most) {
  const parts = [3, 4, 2].find((n) => n <= most && top % n === 0 && /^[125]0*$/.test(String(top / n))) ?? (most > 1 ? 2 : 1);
  return Array.from({ length: parts + 1 }, (_, i) => (top * i) / parts);
}

/** @param {readonly Point[]} line @param {readonly Point[]} edge at the same places, further ones left out @returns {string} the fields between them where the line is above the edge: what exceeds the usual day */
export function excessPath(line, edge) {
  /** @type {Point[][]} */
  const fields = [];
  /** @type {[Point[], Point[]]} */
  let [over, under] = [[], []];
  const close = () => {
    if (over.length > 1) fields.push([...over, ...under.reverse()]);
    [over, under] = [[], []];
  };
  for (const [i, point] of line.entries()) {
    const at = edge[i];
    if (!at) break;
    const [before, edgeBefore] = [line[i - 1], edge[i - 1]];
    const [above, wasAbove] = [point[1] < at[1], before !== undefined && edgeBefore !== undefined && before[1] < edgeBefore[1]];
    if (before && edgeBefore && above !== wasAbove) {
      const crossing = crossed([before, point], [edgeBefore, at]);
      over.push(crossing);
      under.push(crossing);
      if (!above) close();
    }
    if (above) over.push(point);
    if (above) under.push(at);
  }
  close();
  return fields.map((field) => `${linePath(field)}Z`).join("");
}

/** @param {[Point, Point]} line @param {[Point, Point]} edge between the same two places @returns {Point} */
function crossed([[x, a], [to, b]], [[, c], [, d]]) {
  const share = (c - a) / (c - a + b - d || 1);
  return [x + share * (to - x), a + share * (b - a)];
}

// One chart of the trend: today's line on the band of usual days, median dashed; only what exceeds the band is lit. The running
// hour comes when it is complete.

/** @typedef {{series: Series, hours: number, usual: string, now: number}} Drawn hours = of the day, 24 but where clocks change; usual = words of the band; now = where the line of the hour stands */
/** @typedef {{high: number, lines: number, named: boolean}} Field high = units, from nothing to the round top of its scale; lines = at most, above the foot; named = says whose lines these are */

/** Wide as the hours, units. */
const WIDTH = 1604;
const FIELDS = /** @type {const} @satisfies {Record<"in" | "done", Field>} */ ({ in: { high: 730, lines: 4, named: true }, done: { high: 288, lines: 1, named: false } });
const DOT = { in: 20, done: 52 };
/** How far above the band its name may stand, nearest first. */
const AIRS = [46, 60, 80, 110, 140, 180];

/** @param {HTMLElement} root @param {"in" | "done"} name @param {Room} room @returns {(drawn: Drawn | null) => void} */
function mountChart(root, name, room) {
  const field = FIELDS[name];
  const paths = ["usual-band", "excess", "usual-median", "today-line"].map((one) => svgNode("path", { class: one }));
  const dot = name === "in" ? svgNode("circle", { class: "today-dot", r: DOT.in }) : svgNode("g", { class: "today-done" }, svgNode("path", { class: "shape", d: SHAPES.done }), svgNode("path", { class: "tick", d: TICK }));
  const picture = svgNode("svg", { class: "chart-picture", viewBox: `0 0 ${WIDTH} ${field.high}` }, ...paths, dot);
  const [today, usual] = [element("span", "chart-today", room.say("today")), element("span", "chart-usual")];
  const grid = Array.from({ length: field.lines + 1 }, () => ({ line: element("span", "chart-grid"), figure: element("span", "chart-figure") }));
  root.append(...grid.flatMap((one) => [one.line, one.figure]), picture, today, usual);
  return (drawn) => {
    show(root, drawn !== null);
    if (!drawn) return;
    const { top, points, hours } = scaled(drawn.series, drawn.hours, field);
    const lines = scaleLines(top, field.lines);
    paintGrid(grid, lines, field, room);
    const drawings = [bandPath(points.p90, points.p10), excessPath(hours, points.p90), linePath(points.p50), linePath(hours)];
    for (const [i, path] of paths.entries()) path.setAttribute("d", drawings[i] ?? "");
    const end = hours.at(-1);
    mark(root, "data-begun", String(end !== undefined));
    dot.setAttribute("transform", `translate(${(end?.[0] ?? 0).toFixed(1)} ${(end?.[1] ?? 0).toFixed(1)})${name === "done" ? ` scale(${DOT.done})` : ""}`);
    show(today, field.named && end !== undefined);
    if (field.named) paintNames({ today, usual }, drawn, end, { upper: points.p90, line: hours, lines: lines.map((n) => field.high * (1 - n / top)), high: field.high, bezels: bezelsIn(root, room, WIDTH) }, room);
  };
}

/** @param {Series} series @param {number} hours of the day @param {Field} field @returns {{top: number, points: {p10: Point[], p50: Point[], p90: Point[]}, hours: Point[]}} */
function scaled({ today, usual }, hours, { high }) {
  const complete = today.hours.slice(0, today.incomplete_hour);
  const top = roundTop(Math.max(...complete, ...(usual?.hours.p90 ?? []), 0));
  /** @param {readonly number[]} values @returns {Point[]} */
  const place = (values) => values.map((n, hour) => [(hour * WIDTH) / (hours - 1), high * (1 - n / top)]);
  const { p10 = [], p50 = [], p90 = [] } = usual?.hours ?? {};
  return { top, points: { p10: place(p10), p50: place(p50), p90: place(p90) }, hours: place(complete) };
}

/** @param {{line: HTMLElement, figure: HTMLElement}[]} grid @param {readonly number[]} lines from the foot up @param {Field} field @param {Room} room */
function paintGrid(grid, lines, { high }, { format }) {
  const top = lines.at(-1) || 1;
  for (const [i, { line, figure }] of grid.entries()) {
    const n = lines[i];
    for (const node of [line, figure]) {
      show(node, n !== undefined);
      moveTo(node, 0, high * (1 - (n ?? 0) / top));
    }
    write(figure, n === undefined ? "" : format.number(n));
  }
}

/**
 * @param {{today: HTMLElement, usual: HTMLElement}} names @param {Drawn} drawn @param {Point | undefined} end of today's line
 * @param {{upper: readonly Point[], line: readonly Point[], lines: readonly number[], high: number, bezels: Bezels}} chart upper edge of the band, today's line, and heights of the scale's lines
 * @param {Room} room both names stand beside what they name and off each other
 */
function paintNames({ today, usual }, drawn, end, { upper, line, lines, high, bezels }, { say, width, type = 1 }) {
  const wide = width(say("today"), 60, 600);
  const [left, top] = todayPlace(end ?? [0, 0], { wide, high: 60 * type }, bezels, WIDTH, drawn.now);
  moveTo(today, left, top);
  write(usual, drawn.usual);
  const long = width(drawn.usual, 48, 400);
  // At the end of the band, or where the hour has come so far, at its beginning.
  const from = drawn.now > WIDTH - long - BEYOND ? BEYOND : WIDTH - long;
  const over = [...upper, ...line].filter(([at]) => at >= from - 40 && at <= from + long + 40);
  const edge = Math.min(high, ...over.map(([, height]) => height));
  const beside = left + wide > from - 40 && left < from + long + 40;
  const onLine = (/** @type {number} */ at) => lines.some((y) => at < y + 4 && at + 52 > y);
  const free = (/** @type {number} */ at) => (!beside || Math.abs(at - top) >= 76) && !onLine(at) && !meets(bezels.rows, at, at + 48 * type);
  const height = AIRS.map((air) => edge - air).find(free) ?? edge - 40;
  moveTo(usual, from, height);
}

// The scene.

/** @typedef {NonNullable<ReturnType<typeof asTrend>>} Figure */

/** A difference below this share of a usual day is none. */
const SAME = 0.05;
const HOURS = [0, 5, 10, 15, 20];

export const trend = { name: /** @type {const} */ ("trend"), markup, mount };

/** @param {HTMLElement} question its head */
function markup(question) {
  const half = (/** @type {string} */ series) => elementWith("div", "half", { "data-series": series },
    element("p", "change", "–"), element("p", "change-line", element("span", "change-word")),
    element("p", "change-against", element("span", "against-usual"), element("span", "against-older")),
    elementWith("div", "chart", { "data-shown": "false" }));
  const now = elementWith("div", "trend-now", { "data-shown": "false" }, element("span", "now-line"), element("span", "now-time"));
  return [question, element("p", "figures-age"), element("p", "chart-unit"), half("in"), half("done"), elementWith("div", "chart-hours", { "data-shown": "false" }), now];
}

/** @param {HTMLElement} scene @param {Room} room @returns {import("../../ui/picture.js").Paint} */
function mount(scene, room) {
  write(find(scene, ".question-line"), room.say("trend_question"));
  write(find(scene, ".chart-unit"), room.say("trend_unit"));
  const [answer, old] = [find(scene, ".answer"), find(scene, ".figures-age")];
  const [paintHours, paintNow] = [mountHours(find(scene, ".chart-hours"), room), mountNow(find(scene, ".trend-now"), room)];
  const paints = /** @type {const} */ (["in", "done"]).map((name) => {
    const half = find(scene, `[data-series="${name}"]`);
    return { name, paintChange: mountChange(half, name, room), paintChart: mountChart(find(half, ".chart"), name, room) };
  });
  return (picture) => {
    const figure = nowOf(asTrend(picture.figure), picture.state.counts);
    const day = figure ? room.format.weekday(Date.parse(`${figure.day}T12:00:00Z`)) : "";
    write(old, ageWords(picture.figure, picture.mono, room));
    const shown = hoursOf(figure?.day ?? "", figure?.quarters ?? 96, room.city.zone);
    const now = figure && picture.at !== null ? placeOfNow(picture.at, shown, room) : null;
    write(answer, figure ? answerWords(figure, { day, hours: shown }, room) : room.say("figures_none"));
    show(find(scene, ".chart-unit"), figure !== null);
    paintHours(figure ? { shown, day: figure.day } : null);
    paintNow(now, picture.at);
    const usual = figure && figure.history !== "none" ? room.say("usual_day", { day, n: figure.weeks }) : "";
    for (const { name, paintChange, paintChart } of paints) {
      const series = figure?.[name] ?? null;
      paintChange(series, name === "done" ? olderWords(picture.state.counts, room) : "");
      paintChart(series ? { series, hours: shown.length, usual, now: now ?? 0 } : null);
    }
  };
}

/** @param {number} at room time, ms @param {readonly number[]} shown hours of the day @param {Room} room @returns {number} units from the first hour */
function placeOfNow(at, shown, { city }) {
  const [hour = 0, minute = 0] = toLocalInput(at, city.zone).slice(11, 16).split(":").map(Number);
  return ((Math.max(0, shown.lastIndexOf(hour)) + minute / 60) * WIDTH) / (shown.length - 1);
}

/** @param {HTMLElement} line @param {Room} room @returns {(now: number | null, at: number | null) => void} the line of the hour, through both charts */
function mountNow(line, { format, width }) {
  const time = find(line, ".now-time");
  return (now, at) => {
    show(line, now !== null && at !== null);
    if (now === null || at === null) return;
    moveTo(line, now, 0);
    write(time, format.hour(at));
    mark(line, "data-side", now + BEYOND + width(format.hour(at), 48, 400) > WIDTH + 40 ? "left" : "right");
  };
}

/** @param {HTMLElement} axis @param {Room} room @returns {(drawn: {shown: readonly number[], day: string} | null) => void} each time below the first of its hours; null: no axis */
function mountHours(axis, { city, format }) {
  const names = HOURS.map(() => element("span", "chart-hour"));
  axis.append(...names);
  return (drawn) => {
    show(axis, drawn !== null);
    if (!drawn) return;
    for (const [i, name] of names.entries()) {
      const hour = String(HOURS[i] ?? 0).padStart(2, "0");
      const at = drawn.shown.indexOf(HOURS[i] ?? 0);
      const ms = fromLocalInput(`${drawn.day}T${hour}:00`, city.zone);
      write(name, Number.isNaN(ms) ? hour : format.hour(ms));
      show(name, at >= 0);
      const left = `calc(${((Math.max(0, at) * WIDTH) / (drawn.shown.length - 1)).toFixed(1)} * var(--u))`;
      if (name.style.left !== left) name.style.left = left;
    }
  };
}

/** What a change may take at its largest, units, and how much narrower its font is than the measured one. */
const CHANGE = { total: 590, size: 224, stretch: 0.9 };

/** @param {HTMLElement} half @param {"in" | "done"} name @param {Room} room @returns {(series: Series | null, older: string) => void} */
function mountChange(half, name, { say, format, width, type = 1 }) {
  const [change, word] = [find(half, ".change"), find(half, ".change-word")];
  const [against, earlier] = [find(half, ".against-usual"), find(half, ".against-older")];
  write(word, say(name === "in" ? "incoming" : "finished_today"));
  const shape = symbol("done");
  if (name === "done") find(half, ".change-line").prepend(shape);
  return (series, older) => {
    write(earlier, series ? older : "");
    const total = format.number(series?.total ?? 0);
    const usual = series?.usual_total ?? null;
    // Without a usual day the day itself is the figure, and that there is none is said beneath it.
    const words = !series ? "–" : usual === null ? total : series.change === null ? "–" : format.change(series.change);
    const share = CHANGE.total / ((width(words, CHANGE.size, 600) * CHANGE.stretch) / type);
    write(change, words);
    mark(change, "data-size", share >= 1 ? "whole" : share >= 0.75 ? "smaller" : "small");
    write(against, !series ? "" : usual === null ? say("trend_no_usual") : say("against", { n: total, usual: format.number(usual) }));
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

/** @param {Series} series @returns {number | null} the first of the complete hours that are all above the usual one, up to the last; null: fewer than two */
export function busySince({ today, usual }) {
  const complete = today.hours.slice(0, today.incomplete_hour);
  let since = complete.length;
  while (since > 0 && (complete[since - 1] ?? 0) > (usual?.hours.p50[since - 1] ?? Infinity)) since -= 1;
  return complete.length - since >= 2 ? since : null;
}

/** @param {Figure} figure @param {{day: string, hours: readonly number[]}} words day = its name; hours = as the city's clock shows them @param {Room} room */
function answerWords({ history, in: came, done, day: date }, { day, hours }, { say, format, city }) {
  if (history === "none" || came.change === null) return say("trend_none");
  const since = came.change > SAME ? busySince(came) : null;
  const time = since === null ? NaN : fromLocalInput(`${date}T${String(hours[since] ?? 0).padStart(2, "0")}:00`, city.zone);
  const first = !Number.isNaN(time) ? say("trend_more_since", { day, time: format.hour(time) })
    : say(came.change > SAME ? "trend_more" : came.change < -SAME ? "trend_less" : "trend_same", { day });
  if (done.change === null) return first;
  return `${first}, ${say(done.change < -SAME ? "trend_behind" : done.change > SAME ? "trend_ahead" : "trend_even")}`;
}
