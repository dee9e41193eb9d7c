/**
 * The agencies as rows: the longest queues large with a line of fourteen days, the rest a list on the same bar scale.
 */
import { setSymbol, symbol } from "../ui/symbols.js";
import { element, mark, moveTo, show, write } from "../ui/dom.js";
import { linePath, svgNode } from "./trend_paths.js";

/** @typedef {import("../ui/picture.js").Room} Room */
/** @typedef {import("../feed/messages.js").AgencyRow} AgencyRow */
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
export function agencyName({ agency }, { city, say }) {
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
export function mountLarge(list, room) {
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
export function mountSmall(list, room) {
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
