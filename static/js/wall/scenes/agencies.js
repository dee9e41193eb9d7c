/**
 * Scene of the agencies. Which one is swamped? One table on one scale of working days, and beneath it how promises are kept.
 */
import { ageWords } from "../../feed/http.js";
import { asAgencies, hasWorked } from "../../feed/messages.js";
import { isOfLate } from "../../ui/alarms.js";
import { promiseWords } from "../../ui/city.js";
import { BETWEEN, element, elementWith, find, fit, mark, NARROW, show, write } from "../../ui/dom.js";
import { setSymbol, symbol } from "../../ui/symbols.js";

/** @typedef {import("../../ui/picture.js").WallRoom} Room */
/** @typedef {import("../../ui/picture.js").Picture} Picture */
/** @typedef {import("../../feed/messages.js").Span} Span */
/** @typedef {import("../../feed/messages.js").AgencyRow} AgencyRow */
/** @typedef {import("../../feed/messages.js").AgenciesFigure & import("../../feed/messages.js").Head} Figure */

// Who is ranked: nobody by one report. An agency with few cases stands below, by what it has open and without days. Pure.

/** Fewer cases in the window, open ones among them, are one case's luck (CR-88); so is what few open ones would take. */
export const FEW = 20;
const LEAST_OPEN = 5;
/** A window of ten working days begins with the room where there are not so many: what was open before, nobody knows. */
const WHOLE_WINDOW = 9;
/** A queue that grew by more has grown, working days. */
const GREW = 0.5;
/** What a line beneath the table may take of its block, units. */
const LINE = 1120;

/** @param {AgencyRow} row @returns {boolean} */
function isRanked({ open, finished }) {
  return open >= LEAST_OPEN && open + (finished ?? 0) >= FEW;
}

/**
 * @param {readonly AgencyRow[]} rows longest queue first, as the figure has them
 * @returns {{ranked: AgencyRow[], few: AgencyRow[], unsent: number}} few: most open first; unsent: open ones that no agency has yet
 */
export function placed(rows) {
  const own = rows.filter(({ agency, open }) => agency !== null && open > 0);
  const few = own.filter((row) => !isRanked(row)).sort((a, b) => b.open - a.open);
  return { ranked: own.filter(isRanked), few, unsent: rows.find(({ agency }) => agency === null)?.open ?? 0 };
}

/** @param {AgencyRow} row @param {{working_days: number}} window @returns {number | null} working days of its queue a fortnight ago, at the pace of now */
export function daysThen({ open, queue_days: days, open_then: then }, { working_days: worked }) {
  const first = then?.[0];
  return days === null || !open || first === undefined || worked < WHOLE_WINDOW ? null : (days * first) / open;
}

/** @param {AgencyRow} row @param {{working_days: number}} window @returns {boolean} */
function hasGrown(row, window) {
  const then = daysThen(row, window);
  return then !== null && (row.queue_days ?? 0) - then > GREW;
}

// How long it takes and what share keeps its promise: value, target, window and number of cases, never a bare percentage.

const STAGES = /** @type {const} */ (["forward", "accept", "finish"]);
const NAMES = /** @type {const} */ (["kpi_forward", "kpi_accept", "kpi_finish", "kpi_emergency"]);
/** @typedef {{share: string, target: string, n: string, median: string, short: string}} Words median: with the p90, or the shortest and the longest case; short: where there is no room for those */
const NONE = Object.freeze({ share: "–", target: "", n: "", median: "", short: "" });
/** What each may take of its block, units; as in agencies.css. */
const COLUMNS = [490, 590, 640, 440];
/** Share of its width that a word keeps at the narrowest that the font has. */
const NARROWEST = 0.9;

/** @param {HTMLElement} scene @param {Room} room @returns {(figure: Figure | null) => void} */
function mountKept(scene, room) {
  const list = find(scene, ".kept-rows");
  const paints = NAMES.map((name, i) => mountColumn(list, room.say(name), COLUMNS[i] ?? 0, room));
  return (figure) => {
    show(list, figure !== null);
    if (!figure) return;
    const worked = hasWorked(figure.window);
    const over = worked ? room.say("kpi_window", { n: room.format.decimal(figure.window.working_days) }) : room.say("kpi_window_none");
    const dayMs = figure.working_day_s * 1000;
    for (const [i, stage] of STAGES.entries()) paints[i]?.(spanWords(figure.room.stages[stage]?.[0] ?? null, { dayMs, worked }, room));
    // It has no median of its own: there its column says of how many days all four speak.
    paints[3]?.({ ...emergencyWords(figure.emergencies, room), median: over, short: over });
  };
}

/** @param {HTMLElement} list @param {string} name @param {number} total units @param {Room} room @returns {(words: Words) => void} */
function mountColumn(list, name, total, room) {
  const [share, target, median] = [element("span", "kept-share"), element("span", "kept-target"), element("span", "kept-median")];
  list.append(element("li", "kept", element("span", "kept-what", share, element("span", "kept-name", name)), target, median));
  return (words) => {
    write(share, words.share);
    writeLongest(target, [[words.target, words.n].filter(Boolean).join(", "), words.n], total, room);
    writeLongest(median, [words.median, words.short], total, room);
  };
}

/** @param {HTMLElement} node @param {readonly string[]} said the first that has room stands there, else the last @param {number} total units @param {Pick<Room, "width">} room */
function writeLongest(node, said, total, { width }) {
  const words = said.find((one) => NARROWEST * width(one, 48, 400) <= total) ?? said.at(-1) ?? "";
  write(node, words);
  mark(node, "data-fit", fit(width(words, 48, 400), total));
}

/** @param {Span | null} span of the clock with more cases @param {{dayMs: number, worked: boolean}} days worked: of whom the room has seen a part @param {Room} room @returns {Words} */
function spanWords(span, { dayMs, worked }, { say, format }) {
  if (!span || span.n === 0 || (span.clock === "working" && !worked)) return NONE;
  const options = { working: span.clock === "working", dayMs };
  /** @param {number} s */
  const words = (s) => format.span(s * 1000, options);
  const median = span.p50_s === null ? "–" : words(span.p50_s);
  const far = span.p90_s === null ? null : words(span.p90_s);
  const [least, most] = [span.cases_s?.[0], span.cases_s?.at(-1)].map((s) => (s === undefined ? "" : words(s)));
  const cases = least !== most ? say("kpi_cases", { least: String(least), most: String(most) }) : "";
  // One unit is said once, at the end.
  const begins = far !== null && unitOf(far) === unitOf(median) ? String(median.split(" ")[0]) : median;
  const short = say("kpi_median", { span: median });
  return {
    share: span.share === null ? "–" : format.percent(span.share),
    target: targetWords(span.target, { say, format }),
    n: say("kpi_n", { n: format.number(span.judged) }),
    median: far === null ? [short, cases].filter(Boolean).join(", ") : [say("kpi_median", { span: begins }), say("kpi_p90", { span: far })].join(", "),
    short,
  };
}

/** @param {string} span as in "9 hari kerja" @returns {string} */
function unitOf(span) {
  return span.split(" ").slice(1).join(" ");
}

/** @param {import("../../feed/messages.js").Target[] | null} target shortest and longest promise @param {Pick<Room, "say" | "format">} room */
function targetWords(target, { say, format }) {
  const span = promiseWords(target, format);
  return span && say("at_most", { span });
}

/** @param {import("../../feed/messages.js").Emergencies} emergencies @param {Room} room @returns {Words} */
function emergencyWords({ n, share, target_s: s }, { say, format }) {
  if (n === 0 || share === null) return NONE;
  return { ...NONE, share: format.percent(share), target: say("at_most", { span: format.span(s * 1000) }), n: say("kpi_n", { n: format.number(n) }) };
}

/** @param {Figure} figure @param {Pick<Room, "say" | "format">} room late share, the oldest that waits, opened again @returns {string[]} */
function restWords({ room: all }, { say, format }) {
  return [
    all.overdue_share === null ? "" : say("rest_overdue", { share: format.percent(all.overdue_share) }),
    all.oldest ? say("rest_oldest", { span: format.span(all.oldest.age_s * 1000) }) : "",
    all.reopened.of > 0 ? say("rest_reopened", { n: format.number(all.reopened.n), of: format.number(all.reopened.of) }) : "",
  ].filter(Boolean);
}

// The table: name, queue in working days with its bar, what waits and runs, what is late and whether somebody has to act on it.

/** @typedef {{unit: number, window: {working_days: number}, late: ReadonlyMap<string, Late>, names: {space: number, most: number}}} Scale unit = share of the longest bar for one working day; names: units for name and days together, and the largest step */
/** @typedef {{strong: boolean, status: "waiting" | "in_process"}} Late how the ring of an agency's late ones looks */

/** Rows: the steps of their names, largest first; how many of them a layout has is its own `--large-rows`, `--small-rows`. */
const LARGE = { most: 5, steps: [96, 72, 60, 48], className: "agency" };
const SMALL = { most: 9, steps: [60, 48], className: "agency small" };

/** @param {AgencyRow} row @param {Room} room */
function agencyName({ agency }, { city, say }) {
  return city.agency(agency) ?? say("no_agency");
}

/** @param {HTMLElement} list @param {typeof LARGE | typeof SMALL} size @param {Room} room @returns {(row: AgencyRow | null, scale: Scale) => void} */
function mountRow(list, { steps, className }, room) {
  const [name, days] = [element("span", "agency-name"), element("span", "agency-queue")];
  const [bar, then] = [element("span", "queue-bar"), element("span", "queue-then")];
  const parts = /** @type {const} */ (["waiting", "in_process"]).map((status) => ({ status, shape: symbol(status), figure: element("span", `agency-n agency-${status}`) }));
  const [ring, late] = [symbol("waiting"), element("span", "agency-n agency-late")];
  ring.classList.add("agency-ring");
  const node = element("li", className, name, days, bar, then, ...parts.flatMap(({ shape, figure }) => [shape, figure]), ring, late);
  for (const { status, shape } of parts) shape.classList.add(`of-${status}`);
  list.append(node);
  return (row, scale) => {
    show(node, row !== null);
    if (!row) return;
    const ranked = isRanked(row);
    const words = ranked && row.queue_days !== null ? room.format.decimal(row.queue_days) : "–";
    mark(node, "data-ranked", String(ranked));
    write(days, words);
    const sizes = steps.filter((size) => size <= scale.names.most);
    writeName(name, agencyName(row, room), scale.names.space - room.width(words, sizes[0] ?? 60, 600) - BETWEEN, { steps: sizes, room });
    paintBar({ bar, then }, row, ranked, scale);
    for (const { status, figure } of parts) write(figure, room.format.number(row[status]));
    paintLate({ ring, late }, row, scale.late.get(row.agency ?? ""), room);
  };
}

/** @param {HTMLElement} node @param {string} words @param {number} space units @param {{steps: readonly number[], room: Room}} type the largest step that has room, else the smallest, narrow */
function writeName(node, words, space, { steps, room }) {
  const step = steps.find((size) => NARROW * room.width(words, size, 600) <= space) ?? steps.at(-1) ?? 48;
  write(node, words);
  mark(node, "data-step", String(step));
  mark(node, "data-fit", fit(room.width(words, step, 600), space));
  const width = `calc(${Math.floor(space)} * var(--u))`;
  if (node.style.width !== width) node.style.width = width;
}

/** @param {{bar: HTMLElement, then: HTMLElement}} nodes @param {AgencyRow} row @param {boolean} ranked @param {Scale} scale */
function paintBar({ bar, then }, row, ranked, { unit, window }) {
  const days = ranked ? row.queue_days : null;
  const before = ranked ? daysThen(row, window) : null;
  show(bar, days !== null);
  mark(bar, "data-grown", String(hasGrown(row, window)));
  bar.style.transform = `scaleX(${((days ?? 0) * unit).toFixed(4)})`;
  show(then, before !== null);
  then.style.setProperty("--at", Math.min(1.06, (before ?? 0) * unit).toFixed(4));
}

/** @param {{ring: SVGElement, late: HTMLElement}} nodes @param {AgencyRow} row @param {Late | undefined} look @param {Room} room */
function paintLate({ ring, late }, { overdue }, look, { format }) {
  mark(ring, "data-shown", String(overdue > 0));
  setSymbol(ring, { status: look?.status ?? "in_process", ring: look?.strong ? "strong" : "thin" });
  mark(late, "data-late", overdue === 0 ? "none" : look?.strong ? "unacked" : "acked");
  write(late, overdue > 0 ? format.number(overdue) : "–");
}

/** @param {Pick<Picture, "state" | "ranking">} picture @returns {Map<string, Late>} by agency: whether one of the alarms of its late ones is not acknowledged yet, and how far that complaint is */
export function lateBy({ state, ranking }) {
  /** @type {Map<string, Late>} */
  const found = new Map();
  for (const column of [ranking.late.in_process, ranking.late.waiting]) {
    for (const { card } of column) if (card.agency) found.set(card.agency, { strong: false, status: card.status === "waiting" ? "waiting" : "in_process" });
  }
  for (const alarm of state.alarms.values()) {
    const { agency, complaint, state: stands } = alarm;
    if (!agency || stands !== "unacked" || !isOfLate(alarm, state)) continue;
    const status = state.cards.get(complaint ?? "")?.status;
    // An alarm for many says of none of them how far it is.
    const known = status === "waiting" || status === "in_process" ? status : (found.get(agency)?.status ?? "waiting");
    found.set(agency, { strong: true, status: known });
  }
  return found;
}

// The scene.

const HEADS = /** @type {const} */ ([
  [".question-line", "agencies_question"], [".head-queue", "agencies_queue"], [".head-waiting", "waiting"],
  [".head-in_process", "agencies_running"], [".head-late", "agencies_late"], [".then-word", "fourteen_days_ago"], [".all-days", "open_all_days"],
]);

export const agencies = { name: /** @type {const} */ ("agencies"), markup, mount };

/** @param {HTMLElement} question its head */
function markup(question) {
  return [
    question, element("p", "figures-age"),
    ...["queue", "waiting", "in_process", "late"].map((part) => element("p", `agency-head head-${part}`)),
    element("ul", "agency-rows"), element("ul", "small-rows"),
    element("p", "agencies-more"), elementWith("p", "then-key", { "data-shown": "false" }, element("span", "then-mark"), element("span", "then-word")),
    element("p", "all-days"), element("p", "agencies-few"), element("p", "agencies-rest"),
    elementWith("ul", "kept-rows", { "data-shown": "false" }),
  ];
}

/** @param {HTMLElement} scene @param {Room} room @returns {import("../../ui/picture.js").Paint} */
function mount(scene, room) {
  for (const [place, word] of HEADS) write(find(scene, place), room.say(word));
  const [answer, old] = [find(scene, ".answer"), find(scene, ".figures-age")];
  const lists = [{ size: LARGE, list: find(scene, ".agency-rows"), name: "--large-rows" }, { size: SMALL, list: find(scene, ".small-rows"), name: "--small-rows" }]
    .map(({ size, list, name }) => ({ ...size, list, name, rows: Array.from({ length: size.most }, () => mountRow(list, size, room)) }));
  const [paintFoot, paintKept] = [mountFoot(scene, room), mountKept(scene, room)];
  return (picture) => {
    const figure = asAgencies(picture.figure);
    const { ranked, few, unsent } = placed(figure?.agencies ?? []);
    const rows = [...ranked, ...few];
    const window = figure?.window ?? { working_days: 0 };
    const longest = Math.max(0.1, ...ranked.map((row) => Math.max(row.queue_days ?? 0, daysThen(row, window) ?? 0)));
    // Asked each time: a window that changes may change the layout.
    const asked = (/** @type {string} */ name) => Number(getComputedStyle(scene).getPropertyValue(name)) || 0;
    const scale = { unit: 1 / longest, window, late: lateBy(picture), names: { space: asked("--days") - asked("--left"), most: asked("--name") } };
    write(answer, figure ? answerWords({ ranked, few, window }, room) : room.say("figures_none"));
    write(old, ageWords(picture.figure, picture.mono, room));
    for (const node of scene.querySelectorAll(".agency-head, .all-days")) show(/** @type {HTMLElement} */ (node), rows.length > 0);
    // Where columns are close a head that would meet the next goes: the shapes in its column say it.
    const { density } = scene.ownerDocument.documentElement.dataset;
    const apart = asked("--late-at") - asked("--waiting-at") - BETWEEN;
    if (density === "coarse" && NARROWEST * room.width(room.say("agencies_late"), 48, 400) > apart) show(find(scene, ".head-waiting"), false);
    setShapes(scene, rows, room);
    let listed = 0;
    for (const { list, name, rows: paints } of lists) {
      const places = Number(getComputedStyle(list).getPropertyValue(name)) || 0;
      for (const [i, paint] of paints.entries()) paint(i < places ? (rows[listed + i] ?? null) : null, scale);
      listed += Math.min(places, paints.length);
    }
    paintFoot({ figure, ranked, few, unsent, listed });
    paintKept(figure);
  };
}

/** @param {HTMLElement} scene @param {readonly AgencyRow[]} rows @param {Room} room each column's shapes stand one above the other, left of its longest number */
function setShapes(scene, rows, { width, format }) {
  for (const status of /** @type {const} */ (["waiting", "in_process", "overdue"])) {
    const most = Math.max(0, ...rows.map((row) => width(format.number(row[status]), 72, status === "overdue" ? 600 : 400)));
    scene.style.setProperty(`--${status}-shape`, String(Math.ceil(Math.max(most, 86)) + 56));
  }
}

/** @param {HTMLElement} scene @param {Room} room @returns {(shown: {figure: Figure | null, ranked: AgencyRow[], few: AgencyRow[], unsent: number, listed: number}) => void} whom the table leaves out, and what holds for all together */
function mountFoot(scene, room) {
  const { say, format } = room;
  const [more, fewLine, then] = [find(scene, ".agencies-more"), find(scene, ".agencies-few"), find(scene, ".then-key")];
  const rest = find(scene, ".agencies-rest");
  return ({ figure, ranked, few, unsent, listed }) => {
    const left = ranked.slice(listed);
    const most = Math.max(...left.map(({ queue_days: days }) => days ?? 0));
    const hidden = few.slice(Math.max(0, listed - ranked.length));
    const n = format.number(left.length);
    const others = left.length === 0 ? "" : Number.isFinite(most) && most > 0 ? say("agencies_others", { n, days: format.decimal(most) }) : say("agencies_more", { n });
    const few_ = few.length === 0 ? "" : hidden.length > 0
      ? say("agencies_few", { n: format.number(hidden.length), few: FEW, open: format.number(hidden.reduce((sum, { open }) => sum + open, 0)) })
      : say("agencies_few_shown", { few: FEW });
    const unsent_ = unsent > 0 ? say("agencies_unsent", { n: format.number(unsent) }) : "";
    const lines = [others, few_, unsent_].filter(Boolean);
    write(more, lines[0] ?? "");
    writeLongest(fewLine, [lines.slice(1).join(", "), lines.slice(1).at(-1) ?? "", hidden.length > 0 ? say("agencies_few_short", { n: format.number(hidden.length), few: FEW }) : ""], LINE, room);
    show(then, ranked.some((row) => figure !== null && daysThen(row, figure.window) !== null));
    // What is too long for one line is left out, the last first.
    const words = figure ? restWords(figure, { say, format }) : [];
    writeLongest(rest, words.map((_, i) => words.slice(0, words.length - i).join(", ")), LINE, room);
  };
}

/** @param {{ranked: AgencyRow[], few: AgencyRow[], window: {working_days: number}}} rows @param {Pick<Room, "say" | "format" | "city">} room @returns {string} it says "none finished" of nobody who has finished anything, and nothing of days where there are too few cases */
export function answerWords({ ranked: [first], few, window }, { say, format, city }) {
  if (!first) return few.length > 0 ? say("agencies_too_few") : say("agencies_empty");
  const agency = city.agency(first.agency) ?? say("no_agency");
  if (first.queue_days === null) return say((first.finished ?? 0) === 0 ? "agencies_unknown" : "agencies_young", { agency, n: format.number(first.open) });
  const then = daysThen(first, window);
  const by = then === null ? 0 : first.queue_days - then;
  const key = by > GREW ? "agencies_grew" : by < -GREW ? "agencies_shrank" : "agencies_answer";
  return say(key, { agency, n: format.decimal(first.queue_days), by: format.decimal(Math.abs(by)) });
}
