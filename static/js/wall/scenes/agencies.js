/**
 * Scene of the agencies. Which one is swamped? The longest queues large, the rest a list, and how well promises are kept.
 */
import { ageWords } from "../../feed/http.js";
import { asAgencies, hasWorked } from "../../feed/messages.js";
import { promiseWords } from "../../ui/city.js";
import { BETWEEN, element, elementWith, find, mark, moveTo, NARROW, show, write } from "../../ui/dom.js";
import { setSymbol, symbol } from "../../ui/symbols.js";
import { linePath, svgNode } from "./trend.js";

/** @typedef {import("../../ui/picture.js").WallRoom} Room */
/** @typedef {import("../../feed/messages.js").Span} Span */
/** @typedef {import("../../feed/messages.js").AgencyRow} AgencyRow */
/** @typedef {import("../../ui/picture.js").Picture} Picture */

// How long it takes and what share keeps its promise: value, target, window and number of cases, never a bare percentage.

/** @typedef {import("../../feed/messages.js").AgenciesFigure & import("../../feed/messages.js").Head} Figure */
/** @typedef {{median: string, spread: string, share: string, target: string, n: string}} Words */

const STAGES = /** @type {const} */ (["forward", "accept", "finish"]);
const NAMES = /** @type {const} */ (["kpi_forward", "kpi_accept", "kpi_finish", "kpi_emergency"]);
/** Length of a line of these, size of its words, and where its middle ends before its right end if nothing is in the way: units. */
const KPI = { total: 1120, size: 48, middle: 400 };
/** Share of its width that a narrow word keeps at the narrowest that the font has. */
const TIGHT = 0.957;
const NONE = { median: "–", spread: "", share: "–", target: "", n: "" };

/** @param {HTMLElement} scene @param {Room} room @returns {(figure: Figure | null) => void} */
function mountKpis(scene, room) {
  const box = find(scene, ".kpis");
  const window_ = find(box, ".kpi-window");
  const [median, within] = [room.say("kpi_median"), room.say("kpi_within")];
  write(find(box, ".kpi-median-head"), median);
  write(find(box, ".kpi-within-head"), within);
  const narrow = (/** @type {string} */ words) => NARROW * room.width(words, KPI.size, 400);
  const rows = NAMES.map((name) => mountKpi(find(box, ".kpi-rows"), room.say(name), room));
  const parts = [0, 1, 2].map(() => element("span", "kpi-part"));
  find(box, ".kpi-rest").replaceChildren(...parts);
  return (figure) => {
    show(box, figure !== null);
    if (!figure) return;
    const worked = hasWorked(figure.window);
    const over = worked ? room.say("kpi_window", { n: room.format.decimal(figure.window.working_days) }) : room.say("kpi_window_none");
    write(window_, over);
    const heads = /** @type {const} */ ([narrow(over), narrow(median), narrow(within)]);
    const tight = heads[0] + heads[1] + heads[2] + 2 * BETWEEN > KPI.total;
    mark(box, "data-tight", String(tight));
    box.style.setProperty("--head-end", tight ? String(Math.round(TIGHT * heads[2] + BETWEEN)) : middleEnd(...heads));
    const dayMs = figure.working_day_s * 1000;
    for (const [i, stage] of STAGES.entries()) rows[i]?.(spanWords(figure.room.stages[stage]?.[0] ?? null, { dayMs, worked }, room));
    rows[3]?.(emergencyWords(figure.emergencies, room));
    const words = restWords(figure, room);
    for (const [i, part] of parts.entries()) write(part, words[i] ?? "");
  };
}

/** @param {HTMLElement} list @param {string} name @param {Room} room @returns {(words: Words) => void} */
function mountKpi(list, name, { width }) {
  const nodes = {
    median: element("span", "kpi-median"), spread: element("span", "kpi-spread"),
    share: element("span", "kpi-share"), target: element("span", "kpi-target"), n: element("span", "kpi-n"),
  };
  const row = element("li", "kpi", element("span", "kpi-name", name), ...Object.values(nodes));
  list.append(row);
  const regular = (/** @type {string} */ words) => width(words, KPI.size, 400);
  const strong = (/** @type {string} */ words) => width(words, KPI.size, 600);
  return (words) => {
    for (const [key, node] of Object.entries(nodes)) write(node, words[/** @type {keyof Words} */ (key)]);
    row.style.setProperty("--median-end", middleEnd(regular(name), strong(words.median), strong(words.share)));
    row.style.setProperty("--spread-end", middleEnd(regular(words.n), NARROW * regular(words.spread), NARROW * regular(words.target)));
  };
}

/** @param {number} left @param {number} middle @param {number} right widths on one line @returns {string} how far from the right the middle ends: where it always does, or clear of both others */
function middleEnd(left, middle, right) {
  return String(Math.round(Math.max(Math.min(KPI.middle, KPI.total - left - middle - BETWEEN), right + BETWEEN)));
}

/** @param {Span | null} span of the clock with more cases @param {{dayMs: number, worked: boolean}} days worked: of whom the room has seen a part @param {Room} room @returns {Words} */
function spanWords(span, { dayMs, worked }, { say, format }) {
  if (!span || span.n === 0 || (span.clock === "working" && !worked)) return NONE;
  const options = { working: span.clock === "working", dayMs };
  /** @param {number} s */
  const words = (s) => format.span(s * 1000, options);
  const [least, most] = [span.cases_s?.[0], span.cases_s?.at(-1)];
  const cases = least !== undefined && most !== undefined && words(least) !== words(most) ? say("kpi_cases", { least: words(least), most: words(most) }) : "";
  return {
    median: span.p50_s === null ? "–" : words(span.p50_s),
    spread: span.p90_s === null ? cases : say("kpi_p90", { span: words(span.p90_s) }),
    share: span.share === null ? "–" : format.percent(span.share),
    target: targetWords(span.target, { say, format }),
    n: say("kpi_n", { n: format.number(span.judged) }),
  };
}

/** @param {import("../../feed/messages.js").Target[] | null} target shortest and longest promise @param {Pick<Room, "say" | "format">} room */
function targetWords(target, { say, format }) {
  const span = promiseWords(target, format);
  return span && say("at_most", { span });
}

/** @param {import("../../feed/messages.js").Emergencies} emergencies @param {Room} room @returns {Words} */
function emergencyWords({ n, share, target_s: s }, { say, format }) {
  if (n === 0 || share === null) return NONE;
  const target = say("at_most", { span: format.span(s * 1000) });
  return { ...NONE, median: "", share: format.percent(share), target, n: say("kpi_n", { n: format.number(n) }) };
}

/** @param {Figure} figure @param {Room} room late share, opened again, the oldest that waits; where they are too long for one line the last is left out @returns {string[]} */
function restWords({ room: all }, { say, format }) {
  return [
    all.overdue_share === null ? "" : say("rest_overdue", { share: format.percent(all.overdue_share) }),
    all.reopened.of > 0 ? say("rest_reopened", { n: format.number(all.reopened.n), of: format.number(all.reopened.of) }) : "",
    all.oldest ? say("rest_oldest", { span: format.span(all.oldest.age_s * 1000) }) : "",
  ];
}

// The agencies as rows: the longest queues large with a line of fourteen days, the rest a list on the same bar scale.

/** @typedef {{unit: number, dayMs: number, worked: boolean}} Scale unit = units of the canvas per open report; worked: whether the figures' window has any working time */

const SPARK = { width: 240, height: 56 };
/** Where it begins in its row, as in agencies.css. */
const SPARK_LEFT = 596;
/** The line of fourteen days stands on this share of its lowest day: it shows the way it goes, the figures say how much. */
const FOOT = 0.6;

/** @param {string} className @returns {HTMLElement} */
function badge(className) {
  const shape = symbol("waiting");
  setSymbol(shape, { ring: "strong" });
  shape.classList.add("badge-only");
  return element("span", className, shape, element("span", "late-count"));
}

/** @param {HTMLElement} node @param {number} n overdue of the agency @param {Room} room @param {number} x where it stands, units @returns {number} where it ends: a line of fourteen days does not run through it */
function paintBadge(node, n, { format, width }, x) {
  show(node, n > 0);
  moveTo(node, x, 0);
  const count = node.querySelector(".late-count");
  if (count) write(count, format.number(n));
  return n > 0 ? x + 68 + width(format.number(n), 60, 600) : x;
}

/** @returns {{node: HTMLElement, paint: (row: AgencyRow, unit: number) => number}} the bar of open reports; gives back its length */
function splitBar() {
  const [waiting, running] = [element("span", "open-waiting"), element("span", "open-running")];
  const gap = 4;
  return {
    node: element("span", "open-bar", waiting, running),
    paint(row, unit) {
      const [a, b] = [row.waiting * unit, row.in_process * unit];
      waiting.style.width = `calc(${a.toFixed(1)} * var(--u))`;
      running.style.width = `calc(${b.toFixed(1)} * var(--u))`;
      running.style.left = `calc(${(a > 0 ? a + gap : 0).toFixed(1)} * var(--u))`;
      return a + b + (a > 0 && b > 0 ? gap : 0);
    },
  };
}

/** @param {AgencyRow} row @param {Room} room */
function agencyName({ agency }, { city, say }) {
  return city.agency(agency) ?? say("no_agency");
}

/** @param {AgencyRow} row @param {Room} room */
function queueWords({ queue_days: days }, { format }) {
  return days === null ? "–" : format.decimal(days);
}

/** @param {AgencyRow} row @param {Scale} scale @param {Room} room */
function medianWords({ median }, { dayMs, worked }, { format }) {
  return median && (worked || median.clock === "calendar") ? format.span(median.s * 1000, { working: median.clock === "working", dayMs }) : "–";
}

/** @param {HTMLElement} list @param {Room} room @returns {(row: AgencyRow | null, scale: Scale) => void} one of the large ones */
function mountLarge(list, room) {
  const [name, queue, median] = [element("span", "agency-name"), element("span", "agency-queue"), element("span", "agency-median")];
  const unit = element("span", "agency-unit", room.say("queue_unit"));
  const [late, bar] = [badge("agency-late"), splitBar()];
  const parts = /** @type {const} */ (["waiting", "in_process"]).map((status) => {
    const figure = element("span", "part-count");
    return { status, figure, node: element("span", "agency-part", symbol(status), figure) };
  });
  const spark = mountSpark();
  const node = element("li", "agency", name, late, spark.node, queue, unit, bar.node, ...parts.map((part) => part.node), median);
  list.append(node);
  return (row, scale) => {
    show(node, row !== null);
    if (!row) return;
    write(name, agencyName(row, room));
    mark(node, "data-long", String(paintBadge(late, row.overdue, room, room.width(agencyName(row, room), 72, 600) + 28) > SPARK_LEFT));
    write(queue, queueWords(row, room));
    mark(node, "data-known", String(row.queue_days !== null));
    bar.paint(row, scale.unit);
    for (const { status, figure } of parts) write(figure, room.format.number(row[status]));
    write(median, room.say("median_is", { span: medianWords(row, scale, room) }));
    spark.paint(row.open_then);
  };
}

/** What was open at the end of each of fourteen days, as a line that ends in a dot. */
function mountSpark() {
  const line = svgNode("path", { class: "spark-line" });
  const dot = svgNode("circle", { class: "spark-dot", r: 9 });
  const viewBox = `-12 -12 ${SPARK.width + 24} ${SPARK.height + 24}`;
  return {
    node: svgNode("svg", { class: "spark", viewBox }, line, dot),
    /** @param {readonly number[]} values */
    paint(values) {
      const top = Math.max(1, ...values);
      const foot = Math.min(...values) * FOOT;
      const step = SPARK.width / Math.max(1, values.length - 1);
      const points = values.map((n, i) => /** @type {[number, number]} */ ([i * step, SPARK.height * (1 - (n - foot) / (top - foot || 1))]));
      line.setAttribute("d", linePath(points));
      const [x, y] = points.at(-1) ?? [0, 0];
      dot.setAttribute("cx", x.toFixed(1));
      dot.setAttribute("cy", y.toFixed(1));
    },
  };
}

/** @param {HTMLElement} list @param {Room} room @returns {(row: AgencyRow | null, scale: Scale) => void} one line of the list */
function mountSmall(list, room) {
  const [name, queue, median] = [element("span", "small-name"), element("span", "small-queue"), element("span", "small-median")];
  const [late, bar] = [badge("small-late"), splitBar()];
  const node = element("li", "small", name, bar.node, late, queue, median);
  list.append(node);
  return (row, scale) => {
    show(node, row !== null);
    if (!row) return;
    write(name, agencyName(row, room));
    const length = bar.paint(row, scale.unit);
    paintBadge(late, row.overdue, room, length + 24);
    write(queue, queueWords(row, room));
    write(median, medianWords(row, scale, room));
  };
}

// The scene.

const HEADS = /** @type {const} */ ([
  [".question-line", "agencies_question"], [".head-open", "open_reports"], [".head-days", "fourteen_days"],
  [".head-queue", "queue"], [".head-queue-small", "queue"], [".head-median", "median"],
]);
/** At most: how many of them a layout has is its own `--large-rows`. */
const LARGE = 6;
const SMALL = 8;
/** The longest bars, units: of the large ones and of the list. */
const LONGEST = { large: 934, small: 150 };

export const agencies = { name: /** @type {const} */ ("agencies"), markup, mount };

/** @param {HTMLElement} question its head */
function markup(question) {
  const kpis = ["window", "median-head", "within-head"].map((part) => element("p", `kpi-${part}`));
  return [
    question, element("p", "figures-age"),
    ...["open", "days", "queue", "queue-small", "median"].map((part) => element("p", `agency-head head-${part}`)),
    element("ul", "agency-rows"), element("ul", "small-rows"), element("p", "agencies-more"),
    elementWith("div", "kpis", { "data-shown": "false" }, ...kpis, element("ul", "kpi-rows"), element("p", "kpi-rest")),
  ];
}

/** @param {HTMLElement} scene @param {Room} room @returns {import("../../ui/picture.js").Paint} */
function mount(scene, room) {
  for (const [place, word] of HEADS) write(find(scene, place), room.say(word));
  find(scene, ".agency-rows").style.setProperty("--unit", String(Math.ceil(room.width(room.say("queue_unit"), 48, 400))));
  return painter(scene, room);
}

/** @param {HTMLElement} scene @param {Room} room @returns {import("../../ui/picture.js").Paint} */
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
  return room.say("agencies_answer", { agency, n: room.format.decimal(first.queue_days) });
}
