/**
 * Scene of the overdue. Who is late, how long, whom has it reached? Agency, length of the bar, then the marks it has crossed.
 */
import { standing } from "../../feed/clock.js";
import { ageWords } from "../../feed/http.js";
import { asOverdue } from "../../feed/messages.js";
import { ringOf } from "../../ui/alarms.js";
import { isQuiet, placeWords, timeWords, whatWords, worst } from "../../ui/complaints.js";
import { element, find, fit, mark, moveTo, show, write } from "../../ui/dom.js";
import { setSymbol, symbol } from "../../ui/symbols.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("../../ui/picture.js").Picture} Picture */
/** @typedef {import("../../ui/picture.js").WallRoom} Room */

// Which overdue complaints the scene shows, and how far each is beyond its limit. One percent scale for minutes and days.

/** @typedef {{card: Card, percent: number, others: readonly Card[], next?: boolean}} Late percent of the allowed time: 100 is the limit; others: of a flood, for whom this row stands too; next: not late yet */

/** So many rows there are, and so many of them at most are kept for the unacknowledged that are not among the worst. */
export const ROWS = { fine: { all: 9, unacked: 6 }, coarse: { all: 5, unacked: 3 } };
/** The scale ends where the last person is told. */
const PERCENTS = { from: 100, to: 300 };

/** @param {Card} card @param {Picture} picture @param {number} known percent by the server, 0 when it says none @returns {number} */
function percentOf(card, { at, calendar }, known) {
  const used = at === null ? null : (standing(card, at, calendar)?.used ?? null);
  return used === null ? Math.max(100, known) : Math.max(100, Math.floor(used * 100));
}

/**
 * @param {Picture} picture
 * @param {readonly {id: string, percent: number}[]} figure the server's worst, of every overdue complaint
 * @param {{all: number, unacked: number}} room for rows
 * @returns {Late[]} furthest beyond the limit first
 */
export function overdueRows(picture, figure, room) {
  const known = new Map(figure.map(({ id, percent }) => [id, percent]));
  const ids = new Set([...worst(picture.ranking).map(({ card }) => card.id), ...known.keys(), ...(picture.flood ? picture.unacked : [])]);
  const rows = [...ids].flatMap((id) => {
    const card = picture.state.cards.get(id);
    return card?.overdue ? [{ card, percent: percentOf(card, picture, known.get(id) ?? 0), others: [] }] : [];
  }).sort(byPercent);
  const open = rows.filter(({ card }) => picture.unacked.has(card.id));
  const unacked = (picture.flood ? folded(open) : open).slice(0, room.unacked);
  const rest = rows.filter((row) => !unacked.some(({ card }) => card === row.card) && !(picture.flood && open.includes(row)));
  return [...unacked, ...rest.slice(0, room.all - unacked.length)].sort(byPercent);
}

/** @param {Picture} picture while nobody is late @param {number} most @returns {Late[]} whose time runs out next, the soonest first */
export function nextRows({ ranking: { open }, at, calendar }, most) {
  if (at === null) return [];
  const cards = [...open.waiting, ...open.in_process].sort((a, b) => Date.parse(a.card.due_at ?? "") - Date.parse(b.card.due_at ?? ""));
  return cards.flatMap(({ card }) => {
    const stands = card.paused ? null : standing(card, at, calendar);
    return stands ? [{ card, percent: Math.min(100, Math.floor((stands.used ?? 0) * 100)), others: [], next: true }] : [];
  }).slice(0, most);
}

/** @param {readonly Late[]} rows the worst first @returns {Late[]} in a flood: one row for what one agency owes of one kind */
function folded(rows) {
  /** @type {Map<string, Late>} */
  const groups = new Map();
  for (const row of rows) {
    const key = `${row.card.agency ?? ""} ${row.card.category ?? ""}`;
    const group = groups.get(key);
    groups.set(key, group ? { ...group, others: [...group.others, row.card] } : row);
  }
  return [...groups.values()];
}

/** @param {Late} a @param {Late} b */
function byPercent(a, b) {
  return b.percent - a.percent || b.others.length - a.others.length || (a.card.id < b.card.id ? -1 : 1);
}

/** @param {number} percent @returns {number} 0 to 1 along the scale */
export function along(percent) {
  return Math.min(1, Math.max(0, (percent - PERCENTS.from) / (PERCENTS.to - PERCENTS.from)));
}

// The scene.

/** Length of the scale and the air after a bar, units. */
const SCALE_WIDTH = 1120;
const AIR = 28;
/** Off the line at the end of the scale. */
const INSET = 12;
const STEPS = [150, 200, 300];

export const overdue = { name: /** @type {const} */ ("overdue"), markup, mount };

/** @param {HTMLElement} question its head */
function markup(question) {
  return [question, element("p", "figures-age"), element("p", "late-shown"), element("div", "late-scale"), element("ul", "late-rows")];
}

/** @param {HTMLElement} scene @param {Room} room @returns {import("../../ui/picture.js").Paint} */
function mount(scene, room) {
  write(find(scene, ".question-line"), room.say("overdue_question"));
  const [answer, shownOf, old] = [find(scene, ".answer"), find(scene, ".late-shown"), find(scene, ".figures-age")];
  const paintMarks = mountMarks(scene, room);
  const places = ROWS[scene.ownerDocument.documentElement.dataset.density === "coarse" ? "coarse" : "fine"];
  const rows = Array.from({ length: places.all }, () => mountRow(find(scene, ".late-rows"), room));
  return (picture) => {
    const kept = picture.figure;
    const figure = asOverdue(kept);
    const total = picture.state.tally.total.overdue;
    const next = picture.whole && total === 0;
    const late = next ? nextRows(picture, places.unacked) : overdueRows(picture, figure?.rows ?? [], places);
    const seen = late.reduce((sum, { others }) => sum + 1 + others.length, 0);
    write(answer, picture.whole ? answerWords({ n: total, next: next && late.length > 0 }, figure, room) : "");
    // Without data the answer makes room for when it was read.
    if (next) write(shownOf, late.length > 0 && picture.freshness === "lost" ? room.say("overdue_next") : "");
    else write(shownOf, total > seen ? room.say("overdue_of", { shown: room.format.number(seen), n: room.format.number(total) }) : "");
    write(old, ageWords(kept, picture.mono, room));
    show(find(scene, ".late-scale"), late.length > 0);
    paintMarks(figure, next);
    for (const [i, paint] of rows.entries()) paint(late[i] ?? null, picture);
  };
}

/**
 * The furthest step that was reached, in words. What the rows are when nobody is late, it says itself:
 * a far wall has no other place for it.
 * @param {{n: number, next: boolean}} late n overdue; next: whether there are rows of those who are not yet
 * @param {ReturnType<typeof asOverdue>} figure @param {Pick<Room, "say" | "format" | "lang">} room
 */
export function answerWords({ n, next }, figure, { say, format, lang }) {
  if (n === 0) return say(next ? "overdue_none_next" : "overdue_empty");
  const reached = [...(figure?.steps ?? [])].sort((a, b) => b.percent - a.percent).find(({ percent }) => (figure?.told[percent] ?? 0) > 0);
  if (!figure || !reached) return say("overdue_plain", { n: format.number(n) });
  const told = say("overdue_told", { n: format.number(figure.told[reached.percent] ?? 0), whom: nameOf(reached, lang) });
  return say("overdue_answer", { n: format.number(n), told });
}

/** @param {import("../../feed/messages.js").Step} step @param {string} lang @returns {string} who is told */
function nameOf({ percent, to: [first] }, lang) {
  const names = /** @type {Record<string, string | undefined>} */ (first ?? {});
  return names[`name_${lang}`] ?? names["name"] ?? `${percent}%`;
}

/** @param {HTMLElement} scene @param {Room} room @returns {(figure: ReturnType<typeof asOverdue>, next: boolean) => void} the marks over the bars; before the limit it is their end */
function mountMarks(scene, { say, width, lang }) {
  const scale = find(scene, ".late-scale");
  const lines = [100, ...STEPS].map((percent) => {
    const [line, name] = [element("span", "late-mark"), element("span", "late-mark-name")];
    moveTo(line, along(percent) * SCALE_WIDTH, 0);
    mark(name, "data-percent", String(percent));
    scale.append(line, name);
    return { percent, line, name };
  });
  return (figure, next) => {
    for (const { percent, line, name } of lines) {
      const step = figure?.steps.find((one) => one.percent === percent);
      for (const node of [line, name]) show(node, !next || percent === 300);
      const words = percent === 100 || next ? say("limit") : step ? nameOf(step, lang) : `${percent}%`;
      write(name, words);
      mark(name, "data-fit", fit(width(words, 48, 400), 256));
      if (percent < 300) moveTo(name, along(percent) * SCALE_WIDTH, 0);
    }
  };
}

/** @param {HTMLElement} list @param {Room} room @returns {(late: Late | null, picture: Picture) => void} */
function mountRow(list, room) {
  const shape = symbol("waiting");
  const [who, what] = [element("span", "late-who"), element("span", "late-what")];
  const [where, bar] = [element("span", "late-where"), element("span", "late-bar")];
  const [time, acted] = [element("span", "late-time"), element("span", "late-acted")];
  const row = element("li", "late-row", shape, who, what, where, bar, time, acted);
  list.append(row);
  const brief = getComputedStyle(where).display === "none";
  return (late, picture) => {
    show(row, late !== null);
    if (!late) return;
    const { card, percent } = late;
    const ring = ringOf(card, picture);
    mark(row, "data-id", card.id);
    mark(row, "data-ring", ring);
    setSymbol(shape, { status: card.status, ring, flash: picture.sceneFlashes && picture.unacked.has(card.id), quiet: isQuiet(card, picture) });
    const agency = room.city.agency(card.agency) ?? room.say("duty_desk");
    write(who, agency);
    mark(who, "data-fit", fit(room.width(agency, 60, 600), 370));
    write(what, brief && late.others.length > 0 ? timesWords(late, room) : whatWords(card, room));
    write(where, late.others.length > 0 ? manyWords(late, room) : placeWords(card, room));
    paintBar({ bar, time, acted }, late, picture, room);
    mark(row, "data-far", String(along(percent) > 0.62));
  };
}

/** @param {Late} late @param {Room} room where there is no line for where: "17 × Banjir" */
function timesWords({ card, others }, room) {
  return room.say("overdue_times", { n: room.format.number(others.length + 1), what: whatWords(card, room) });
}

/** @param {Late} late @param {Room} room how many it stands for, and in how many districts */
function manyWords({ card, others }, { city, say, format }) {
  const districts = new Set([card, ...others].flatMap(({ area }) => city.districtOf(area ?? "") ?? []));
  return say("overdue_many", { n: format.number(others.length + 1), districts: say("districts_n", { n: format.number(districts.size) }) });
}

/**
 * @param {Record<"bar" | "time" | "acted", HTMLElement>} nodes @param {Late} late @param {Picture} picture @param {Room} room
 * the lateness stands after its bar; where the bar leaves no room, below its end
 */
function paintBar({ bar, time, acted }, { card, percent, next = false }, picture, room) {
  const length = Math.max(8, (next ? percent / 100 : along(percent)) * SCALE_WIDTH);
  const words = timeWords(card, picture, room);
  const after = length + AIR;
  const wide = room.width(words, 60, picture.unacked.has(card.id) ? 600 : 400);
  bar.style.transform = `scaleX(${(length / SCALE_WIDTH).toFixed(4)})`;
  write(time, words);
  const below = after + wide > SCALE_WIDTH - INSET;
  mark(time, "data-below", String(below));
  moveTo(time, below ? SCALE_WIDTH - INSET - wide : after, below ? 72 : 0);
  write(acted, picture.guests || next ? "" : actedWords(card, picture, room));
}

/** @param {import("../../feed/messages.js").Card} card @param {Picture} picture @param {Room} room */
function actedWords(card, { state, unacked, at }, { say, format }) {
  if (unacked.has(card.id)) return say("not_acked");
  const alarm = [...state.alarms.values()].find((one) => one.complaint === card.id && one.state === "acked");
  const moment = Date.parse(alarm?.acked_at ?? "");
  if (Number.isNaN(moment)) return say("followed_up");
  const today = at !== null && format.date(moment) === format.date(at);
  return say("acked_at", { time: today ? format.hour(moment) : `${format.weekday(moment)} ${format.hour(moment)}` });
}
