/**
 * Beside the table: what one row's shares were for 13 weeks, the sum written out, its backlog by age, and every measure beside
 * the period before and the same of last year; or the complaints behind a number.
 */
import { element, elementWith, find, write } from "../ui/dom.js";
import { AGES } from "./answer.js";
import { chartOf } from "./chart.js";
import { numberLink, percentWords, spanWords } from "./table.js";

/** @typedef {import("./answer.js").Figures} Figures */
/** @typedef {import("./answer.js").Measure} Measure */
/** @typedef {import("./answer.js").Week} Week */
/** @typedef {import("./evaluation.js").EvaluationRoom} EvaluationRoom */
/** @typedef {{value: string | null, name: string, figures: Figures, before: Figures | null, lastYear: Figures | null, weeks: readonly Week[]}} Told of a row, or of the whole city; null: nothing is known of that time */
/** @typedef {{period: string, before: string, lastYear: string}} PeriodNames */

const PARTS = /** @type {const} */ (["on_time", "late", "overdue"]);
/** What comes in and goes on, in the order of a complaint's life. */
const FLOW = /** @type {const} */ (["received", "forwarded", "accepted", "finished", "elsewhere", "reopened", "declined", "sent_on", "sent_back", "ping_pong"]);

/** @param {HTMLElement} panel @param {Told} told @param {PeriodNames} names @param {EvaluationRoom} room @param {import("./table.js").AddressOf} addressOf */
export function paintPanel(panel, told, names, room, addressOf) {
  write(find(panel, ".panel-title"), room.say("weeks_title", { name: told.name, n: room.format.number(told.weeks.length) }));
  find(panel, ".panel-chart").replaceChildren(chartIn(told, room));
  find(panel, ".panel-sum").replaceChildren(...sumIn(told, names, room, addressOf));
  find(panel, ".panel-backlog").replaceChildren(...backlogIn(told, room, addressOf));
  find(panel, ".panel-between").replaceChildren(...betweenIn(told, room, addressOf));
  find(panel, ".panel-beside").replaceChildren(...besideIn(told, names, room, addressOf));
}

/** @param {Told} told @param {EvaluationRoom} room */
function chartIn({ weeks, name }, room) {
  const last = weeks.findLast(({ share }) => share !== null);
  if (!last) return element("p", "hint", room.say("weeks_none"));
  const [naive, share] = [room.say("chart_naive", { share: percentWords(last.naive, room) }), room.say("chart_share", { share: percentWords(last.share, room) })];
  const title = [name, ...weeks.map((week) => `${room.periods.day(week.from)}: ${percentWords(week.share, room)} (${percentWords(week.naive, room)})`)].join("; ");
  return chartOf(weeks, { title, naive, share, percent: (one) => percentWords(one, room), day: room.periods.day });
}

/** The sum, so that anybody can do it again. @param {Told} told @param {PeriodNames} names @param {EvaluationRoom} room @param {import("./table.js").AddressOf} addressOf */
function sumIn({ value, name, figures }, { period }, room, addressOf) {
  const { say, format } = room;
  const n = (/** @type {Measure} */ what) => format.number(figures[what]);
  const lines = PARTS.map((what) => element("p", "part", elementWith("i", "part-mark", { "data-part": what, "aria-hidden": "true" }), element("span", "", say(`part_${what}`)), numberLink(n(what), addressOf(value, what), `${name}, ${say(`part_${what}`)}`)));
  const written = figures.due > 0 ? `${n("on_time")} : (${n("on_time")} + ${n("late")} + ${n("overdue")}) = ` : say("nothing_due");
  return [element("h3", "", say("sum_title", { period })), ...lines, element("p", "written", written, element("b", "", figures.due > 0 ? percentWords(figures.share, room) : ""))];
}

/** @param {Told} told @param {EvaluationRoom} room @param {import("./table.js").AddressOf} addressOf */
function backlogIn({ value, name, figures }, { say, format }, addressOf) {
  const most = Math.max(1, ...AGES.map((age) => figures[age]));
  const lines = AGES.map((age) => {
    const bar = elementWith("i", "age-bar", { "data-age": age, "aria-hidden": "true" });
    bar.style.inlineSize = `${(figures[age] / most) * 100}%`;
    return element("p", "age", element("span", "", say(`age_${age}`)), element("span", "age-room", bar), numberLink(format.number(figures[age]), addressOf(value, age), `${name}, ${say(`age_${age}`)}`));
  });
  return [element("h3", "", say("backlog", { n: format.number(figures.open) })), ...lines];
}

/** How many went to and fro, and most of them between whom. @param {Told} told @param {EvaluationRoom} room @param {import("./table.js").AddressOf} addressOf */
function betweenIn({ value, name, figures: { ping_pong: n, between } }, { say, format, city }, addressOf) {
  if (n === 0) return [];
  const most = between[0];
  const words = most ? say("between_most", { n: format.number(most.n), one: city.agency(most.one) ?? most.one, other: city.agency(most.other) ?? most.other }) : "";
  return [numberLink(format.number(n), addressOf(value, "ping_pong"), `${name}, ${say("head_ping_pong")}`), ` ${say("between", { n: format.number(n) })} ${words}`];
}

/** @param {Told} told @param {PeriodNames} names @param {EvaluationRoom} room @param {import("./table.js").AddressOf} addressOf */
function besideIn({ value, name, figures, before, lastYear }, names, room, addressOf) {
  const { say, format } = room;
  const head = element("tr", "", element("td", ""), ...[names.period, names.before, names.lastYear].map((words) => elementWith("th", "", { scope: "col" }, words)));
  const line = (/** @type {string} */ words, /** @type {(figures: Figures) => string} */ read, /** @type {Measure | null} */ what) => {
    const now = read(figures);
    const cell = what && now !== "–" ? numberLink(now, addressOf(value, what), `${name}, ${words}`) : element("span", "", now);
    return element("tr", "", elementWith("th", "", { scope: "row" }, words), element("td", "", cell), ...[before, lastYear].map((one) => element("td", "", one === null ? "–" : read(one))));
  };
  const count = (/** @type {Measure} */ what) => (/** @type {Figures} */ one) => format.number(one[what]);
  const rows = [
    line(say("head_share"), ({ share }) => percentWords(share, room), "due"),
    line(say("head_naive"), ({ naive }) => percentWords(naive, room), null),
    ...FLOW.map((what) => line(say(`flow_${what}`), count(what), what)),
    line(say("flow_median"), ({ finish }) => spanWords(finish?.median_s ?? null, room), "finished"),
    line(say("flow_p90"), ({ finish }) => spanWords(finish?.p90_s ?? null, room), "finished"),
    line(say("flow_rating"), ({ rating }) => (rating.mean === null ? "–" : say("rating", { n: format.number(rating.n), mean: format.decimal(rating.mean) })), "rated"),
  ];
  return [element("h3", "", say("beside_title")), element("table", "beside", element("thead", "", head), element("tbody", "", ...rows))];
}

// The complaints behind a number, page by page.

/** @typedef {{items: readonly Item[], next: string | null}} Behind */
/** @typedef {{card: import("../feed/messages.js").Card, at: string}} Item at: the moment at which it counts */

/** @param {HTMLElement} panel @param {{title: string, behind: Behind | null, failed: boolean}} shown behind null: asked for @param {EvaluationRoom} room */
export function paintBehind(panel, { title, behind, failed }, room) {
  const { say, format } = room;
  write(find(panel, ".behind-title"), title);
  const n = behind?.items.length ?? 0;
  const more = behind?.next !== null && behind?.next !== undefined;
  write(find(panel, ".behind-said"), failed ? say("behind_failed") : behind === null ? say("loading") : say(more ? "behind_first" : "behind_n", { n: format.number(n) }));
  find(panel, ".behind-rows").replaceChildren(...(behind?.items ?? []).map((item) => itemOf(item, room)));
  find(panel, ".behind-more").hidden = !more;
}

/** @param {Item} item @param {EvaluationRoom} room */
function itemOf({ card, at }, room) {
  const { city, format } = room;
  const { id, source_id: number, category, area, agency } = card;
  const link = elementWith("a", "behind-link", { href: room.openOf(id) }, number || id.slice(0, 8));
  const what = [city.category(category) ?? room.say("no_category"), city.area(area)?.name, city.agency(agency)].filter(Boolean).join(", ");
  return element("li", "", link, element("span", "behind-when", format.shortDate(Date.parse(at))), element("span", "behind-what", what));
}
