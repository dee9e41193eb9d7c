/**
 * Is today like a usual day? The change so far, then today's line on the band of the same weekday.
 */
import { asTrend } from "../feed/messages.js";
import { ageWords } from "../feed/http.js";
import { olderWords } from "../ui/complaints.js";
import { symbol } from "../ui/symbols.js";
import { element, find, show, write } from "../ui/dom.js";
import { hoursOf } from "./trend_hours.js";
import { FIELD, mountChart } from "./trend_chart.js";

/** @typedef {import("../ui/picture.js").Picture} Picture */
/** @typedef {import("../ui/picture.js").Room} Room */
/** @typedef {import("../feed/messages.js").Series} Series */
/** @typedef {NonNullable<ReturnType<typeof asTrend>>} Figure */

/** A difference below this share of a usual day is none. */
const SAME = 0.05;
const HOURS = [0, 3, 6, 9, 12, 15, 18, 21];

/** @param {ParentNode} page @param {Room} room @returns {import("../ui/picture.js").Paint} */
export function mountTrend(page, room) {
  const scene = find(page, ".scene-trend");
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
    const usual = figure && figure.history !== "none" ? room.say("usual_day", { day, weeks: figure.weeks }) : "";
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
 * @param {Figure | null} figure @param {import("../feed/messages.js").Counts | null} counts
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
