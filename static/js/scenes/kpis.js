/**
 * How long it takes and what share keeps its promise: value, target, window and number of cases, never a bare percentage.
 */
import { hasWorked } from "../feed/messages.js";
import { promiseWords } from "../ui/city.js";
import { element, find, show, write } from "../ui/dom.js";

/** @typedef {import("../ui/picture.js").Room} Room */
/** @typedef {import("../feed/messages.js").Span} Span */
/** @typedef {import("../feed/messages.js").AgenciesFigure & import("../feed/messages.js").Head} Figure */
/** @typedef {{median: string, spread: string, share: string, target: string, n: string}} Words */

const STAGES = /** @type {const} */ (["forward", "accept", "finish"]);
const NAMES = /** @type {const} */ (["kpi_forward", "kpi_accept", "kpi_finish", "kpi_emergency"]);
const NONE = { median: "–", spread: "", share: "–", target: "", n: "" };

/** @param {HTMLElement} scene @param {Room} room @returns {(figure: Figure | null) => void} */
export function mountKpis(scene, room) {
  const box = find(scene, ".kpis");
  const window_ = find(box, ".kpi-window");
  write(find(box, ".kpi-median-head"), room.say("kpi_median"));
  write(find(box, ".kpi-within-head"), room.say("kpi_within"));
  const rows = NAMES.map((name) => mountKpi(find(box, ".kpi-rows"), room.say(name)));
  const parts = [0, 1, 2].map(() => element("span", "kpi-part"));
  find(box, ".kpi-rest").replaceChildren(...parts);
  return (figure) => {
    show(box, figure !== null);
    if (!figure) return;
    const worked = hasWorked(figure.window);
    write(window_, worked ? room.say("kpi_window", { days: room.format.decimal(figure.window.working_days) }) : room.say("kpi_window_none"));
    const dayMs = figure.working_day_s * 1000;
    for (const [i, stage] of STAGES.entries()) rows[i]?.(spanWords(figure.room.stages[stage]?.[0] ?? null, { dayMs, worked }, room));
    rows[3]?.(emergencyWords(figure.emergencies, room));
    const words = restWords(figure, room);
    for (const [i, part] of parts.entries()) write(part, words[i] ?? "");
  };
}

/** @param {HTMLElement} list @param {string} name @returns {(words: Words) => void} */
function mountKpi(list, name) {
  const nodes = {
    median: element("span", "kpi-median"), spread: element("span", "kpi-spread"),
    share: element("span", "kpi-share"), target: element("span", "kpi-target"), n: element("span", "kpi-n"),
  };
  list.append(element("li", "kpi", element("span", "kpi-name", name), ...Object.values(nodes)));
  return (words) => {
    for (const [key, node] of Object.entries(nodes)) write(node, words[/** @type {keyof Words} */ (key)]);
  };
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

/** @param {import("../feed/messages.js").Target[] | null} target shortest and longest promise @param {Pick<Room, "say" | "format">} room */
function targetWords(target, { say, format }) {
  const span = promiseWords(target, format);
  return span && say("at_most", { span });
}

/** @param {import("../feed/messages.js").Emergencies} emergencies @param {Room} room @returns {Words} */
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
