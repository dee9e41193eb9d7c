/**
 * Scene of the overdue: a ladder. Who is late, how late, and whom has it reached? One row a complaint, by agency, its mark in
 * the column of whoever has been told by now.
 */
import { standing } from "../../feed/clock.js";
import { ageWords } from "../../feed/http.js";
import { asOverdue } from "../../feed/messages.js";
import { drawnAs } from "../../ui/alarms.js";
import { placeWords, timeWords, worst } from "../../ui/complaints.js";
import { NARROW, element, elementWith, find, fit, mark, moveTo, show, write } from "../../ui/dom.js";
import { setSymbol, symbol } from "../../ui/symbols.js";
import { along, coarseTop, commonSteps, districtsWords, folded, kindWords, linesOf, percentOf, prioritiesOf, scaleEnd, setMeasures, sinceWords, stack, writeFit } from "./lateness.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("../../ui/picture.js").Picture} Picture */
/** @typedef {import("../../ui/picture.js").WallRoom} Room */
/** @typedef {ReturnType<typeof asOverdue>} Figure */

// Which overdue complaints the scene shows, and how far each is beyond its limit.

/** @typedef {import("./lateness.js").Row & {percent: number, next?: boolean}} Late percent of the allowed time: 100 is the limit; next: not late yet */

/** So many rows there are at most, and so many of them are kept for the unacknowledged that are not among the worst. */
export const ROWS = { fine: { all: 9, unacked: 6 }, coarse: { all: 5, unacked: 3 } };

/**
 * @param {Picture} picture
 * @param {readonly {id: string, percent: number}[]} figure the server's worst, of every overdue complaint
 * @param {{all: number, unacked: number}} room for rows
 * @returns {Late[]} the unacknowledged first; those of one agency together, both by the furthest beyond its limit
 */
export function overdueRows(picture, figure, room) {
  return shared(ordered(picture, figure), room);
}

/** @typedef {{unacked: Late[], more: Late[], handled: Late[]}} Ordered unacked: in a flood one for what it repeats; more: what may follow them where there is room */

/** @param {Picture} picture @param {readonly {id: string, percent: number}[]} figure @returns {Ordered} each the furthest first; of many alarms it takes long, how many have room does not */
function ordered(picture, figure) {
  const known = new Map(figure.map(({ id, percent }) => [id, percent]));
  const ids = new Set([...worst(picture.ranking).map(({ card }) => card.id), ...known.keys(), ...(picture.flood ? picture.unacked : [])]);
  const rows = [...ids].flatMap((id) => {
    const card = picture.state.cards.get(id);
    return card?.overdue ? [{ card, percent: percentOf(card, picture, known.get(id) ?? 0), others: [] }] : [];
  }).sort(byPercent);
  const open = rows.filter(({ card }) => picture.unacked.has(card.id));
  const handled = rows.filter(({ card }) => !picture.unacked.has(card.id));
  return picture.flood ? { unacked: folded(open).sort(byPercent), more: [], handled } : { unacked: open, more: open, handled };
}

/** @param {Ordered} rows @param {{all: number, unacked: number}} room @returns {Late[]} */
function shared({ unacked, more, handled }, room) {
  const first = unacked.slice(0, room.unacked);
  const taken = handled.slice(0, room.all - first.length);
  return [...byAgency([...first, ...more.slice(first.length, room.all - taken.length)]), ...byAgency(taken)];
}

/** @param {Picture} picture while nobody is late @param {number} most @returns {Late[]} whose time runs out next, the soonest first */
export function nextRows({ ranking, at, calendar }, most) {
  if (at === null) return [];
  const cards = [...ranking.open.waiting, ...ranking.open.in_process].sort((a, b) => Date.parse(a.card.due_at ?? "") - Date.parse(b.card.due_at ?? ""));
  return cards.flatMap(({ card }) => {
    const stands = card.paused ? null : standing(card, at, calendar);
    return stands ? [{ card, percent: Math.min(100, Math.floor((stands.used ?? 0) * 100)), others: [], next: true }] : [];
  }).slice(0, most);
}

/** @param {Late} a @param {Late} b */
function byPercent(a, b) {
  return b.percent - a.percent || b.others.length - a.others.length || (a.card.id < b.card.id ? -1 : 1);
}

/** @param {readonly Late[]} rows the worst first @returns {Late[]} */
function byAgency(rows) {
  const agencies = [...new Set(rows.map(({ card }) => card.agency ?? ""))];
  return agencies.flatMap((agency) => rows.filter(({ card }) => (card.agency ?? "") === agency));
}

// The ladder: one column for each step, from where it is told on. Positions are shares of the scale's length.

/** @typedef {{percent: number, from: number, to: number, words: string}} Column */

/** Before the figure has come: the steps, without a name. */
const STEPS = [150, 200, 300];
/** As many columns as have room for a mark. */
const COLUMNS = 6;

/** @param {Figure} figure @param {Pick<Room, "say" | "lang">} room @returns {{columns: Column[], to: number}} to: percent at its end */
export function ladderOf(figure, { say, lang }) {
  const steps = [...(figure?.steps ?? [])].sort((a, b) => a.percent - b.percent).slice(0, COLUMNS - 1);
  const told = [{ percent: 100, words: say("ladder_officer") }, ...(figure ? steps.map((step) => ({ percent: step.percent, words: nameOf(step, lang) })) : STEPS.map((percent) => ({ percent, words: "" })))];
  const to = scaleEnd(told);
  const columns = told.map(({ percent, words }, i) => ({ percent, words, from: along(percent, to), to: along(told[i + 1]?.percent ?? to, to) }));
  return { columns, to };
}

/** While nobody is late there is one column: what is used of the time allowed. @param {Pick<Room, "say">} room @returns {{columns: Column[], to: number}} */
function beforeLimit({ say }) {
  return { columns: [{ percent: 0, words: say("time_used"), from: 0, to: 1 }], to: 0 };
}

/**
 * Where a mark stands: by its percent, whole within the column of whoever has been told.
 * @param {number} percent @param {{columns: readonly Column[], to: number}} ladder @param {number} length of the scale @param {number} reach of the mark from its middle
 * @returns {number} units from the scale's beginning
 */
export function markAt(percent, { columns, to }, length, reach) {
  const column = columns.findLast((one) => one.percent <= percent) ?? columns[0];
  const at = (to === 0 ? percent / 100 : along(percent, to)) * length;
  const [from, end] = [(column?.from ?? 0) * length + reach, (column?.to ?? 1) * length - reach];
  return from > end ? (from + end) / 2 : Math.min(end, Math.max(from, at));
}

/** @param {import("../../feed/messages.js").Step} step @param {string} lang @returns {string} who is told */
function nameOf({ percent, to: [first] }, lang) {
  const names = /** @type {Record<string, string | undefined>} */ (first ?? {});
  return names[`name_${lang}`] ?? names["name"] ?? `${percent}%`;
}

// Where it stands on each layout, in units of the scene's own box.

const GROUPS = /** @type {const} */ (["unacked", "handled"]);
/** @typedef {typeof GROUPS[number]} Group */
/**
 * @typedef {object} Frame
 * @property {boolean} beside kind and agency stand beside the scale, else over each bar
 * @property {{agency: number, what: number, chart: number, end: number, top: number, bottom: number}} measures
 * @property {readonly number[]} bezels
 * @property {Record<Group | "head", number>} pitch
 */

const PITCH = { head: 80, unacked: 152, handled: 116 };
/** Of a row that is over its bar: its text, which grows with the type, and its mark, which does not. */
const OVER_TEXT = 42;
const OVER_MARK = 102;

/** @param {{shape?: string, density?: string, panels?: string}} screen as the page says it @param {{top: number, type: number}} coarse below question and answer of a coarse screen @returns {Frame} */
export function ladderFrame({ shape, density, panels }, { top: under, type }) {
  const split = Number(panels ?? 1) > 1;
  if (density === "coarse") {
    const end = shape === "portrait" ? 1360 : 1200;
    const row = OVER_TEXT + OVER_MARK / type;
    return { beside: false, bezels: split ? [720] : [], pitch: { head: 0, unacked: row, handled: row }, measures: { agency: 80, what: 80, chart: 80, end, top: under, bottom: 1126 } };
  }
  if (shape === "portrait") {
    return { beside: true, bezels: [], pitch: { head: 86, unacked: 164, handled: 132 }, measures: { agency: 80, what: 470, chart: 930, end: 2080, top: 48, bottom: 1636 } };
  }
  const [top, bottom] = [322, 1748];
  if (split && shape === "wide") return { beside: true, bezels: [1080], pitch: { head: 74, unacked: 150, handled: 114 }, measures: { agency: 80, what: 760, chart: 2000, end: 3760, top, bottom } };
  if (split) return { beside: true, bezels: [720, 1440], pitch: { head: 70, unacked: 146, handled: 108 }, measures: { agency: 80, what: 560, chart: 1360, end: 2480, top, bottom } };
  return { beside: true, bezels: [], pitch: PITCH, measures: { agency: 80, what: 460, chart: 951, end: 2470, top, bottom } };
}

/** @typedef {{kind: "head", group: Group, n: number} | {kind: "row", group: Group, late: Late}} Item */

/** @param {readonly Late[]} rows @param {ReadonlySet<string>} unacked @param {boolean} headed @returns {Item[]} with a head over each group */
function itemsOf(rows, unacked, headed) {
  /** @type {Item[]} */
  const items = [];
  for (const late of rows) {
    const group = unacked.has(late.card.id) ? "unacked" : "handled";
    const open = items.find((item) => item.kind === "head" && item.group === group);
    if (open?.kind === "head") open.n += 1 + late.others.length;
    else if (headed) items.push({ kind: "head", group, n: 1 + late.others.length });
    items.push({ kind: "row", group, late });
  }
  return items;
}

// The scene.

/** How far a mark with its casing reaches from its middle, the air beside a name and beside a mark, and between two columns, units. */
const REACH = { unacked: 80, handled: 64 };
const REACH_OVER = { unacked: 50, handled: 50 };
const AIR = 22;
const BESIDE = 18;
const SEAM = 8;
/** Two lines of a name at most stand over a column. */
const NAME_LINES = 2;

export const overdue = { name: /** @type {const} */ ("overdue"), markup, mount };

/** @param {HTMLElement} question its head */
function markup(question) {
  const heads = ["unacked", "handled"].map((group) => elementWith("p", "late-head", { "data-group": group, "data-shown": "false" }));
  return [question, element("p", "figures-age"), elementWith("div", "ladder", { "data-shown": "false" }), ...heads, element("ul", "late-rows")];
}

/** @param {HTMLElement} scene @param {Room} room @returns {import("../../ui/picture.js").Paint} */
function mount(scene, room) {
  const question = room.say("overdue_question");
  write(find(scene, ".question-line"), question);
  const [answer, old] = [find(scene, ".answer"), find(scene, ".figures-age")];
  const paintLadder = mountLadder(find(scene, ".ladder"), room);
  const heads = { unacked: find(scene, '.late-head[data-group="unacked"]'), handled: find(scene, '.late-head[data-group="handled"]') };
  const rows = GROUPS.map((group) => ({ group, all: Array.from({ length: ROWS.fine.all }, () => mountRow(find(scene, ".late-rows"), group, room)) }));
  const type = room.type ?? 1;
  return (picture) => {
    const screen = scene.ownerDocument.documentElement.dataset;
    const most = ROWS[screen.density === "coarse" ? "coarse" : "fine"];
    const figure = asOverdue(picture.figure);
    const total = picture.state.tally.total.overdue;
    const next = picture.whole && total === 0;
    const coarse = screen.density === "coarse";
    const words = picture.whole ? answerWords({ n: total, next: next && coarse && nextRows(picture, 1).length > 0 }, figure, room) : "";
    write(answer, words);
    write(old, ageWords(picture.figure, picture.mono, room));
    const ends = coarse ? headEnds([question, words], room, screen.shape === "portrait" ? 1280 : 1120) : 0;
    const frame = ladderFrame(screen, { top: coarseTop(ends, screen, picture, type), type });
    setMeasures(scene, frame.measures);
    mark(scene, "data-rows", frame.beside ? "beside" : "over");
    const ladder = next ? beforeLimit(room) : ladderOf(figure, room);
    const length = frame.measures.end - frame.measures.chart;
    const below = paintLadder(ladder, length, frame.beside);
    const top = frame.measures.top + (frame.beside ? Math.max(0, below - 60 * type) : below);
    const { items, places } = placed(picture, figure, { next, most, frame, type, top });
    show(find(scene, ".ladder"), items.length > 0);
    const counts = { ...overdueCounts(picture, total), next };
    for (const [group, head] of Object.entries(heads)) {
      const at = items.findIndex((item) => item.kind === "head" && item.group === group);
      const item = items[at];
      show(head, item !== undefined);
      if (item?.kind === "head") write(head, headWords(item, counts, room));
      moveTo(head, 0, places[at] ?? 0);
    }
    const drawn = items.flatMap((item, i) => (item.kind === "row" ? [{ ...item, y: places[i] ?? 0 }] : []));
    const priorities = prioritiesOf(picture.state);
    const owners = ownerSteps(drawn, frame, room);
    for (const { group, all } of rows) {
      const mine = drawn.filter((row) => row.group === group);
      for (const [i, paint] of all.entries()) {
        const row = mine[i];
        const again = row !== undefined && frame.beside && mine[i - 1]?.late.card.agency === row.late.card.agency && i > 0;
        paint(row ? { ...row, again, thin: priorities.get(row.late.card.id) === 3 } : null, { picture, ladder, frame, length, owners });
      }
    }
  };
}

/** @param {string[]} said question and answer @param {Room} room @param {number} space @returns {number} where they end on a coarse screen, in as many lines as they take */
function headEnds([question = "", answer = ""], { width, type = 1 }, space) {
  const lines = linesOf(question, space, (words) => width(words, 60, 600) * NARROW);
  const more = answer === "" ? 0 : linesOf(answer, space, (words) => width(words, 48, 400) * NARROW);
  return 40 + (lines * 60 * 1.15 + more * 48 * 1.2) * type + 16;
}

/** @param {Picture} picture @param {Figure} figure @param {{next: boolean, most: {all: number, unacked: number}, frame: Frame, type: number, top: number}} wanted @returns {{items: Item[], places: number[]}} as many as there is room for */
function placed(picture, figure, { next, most, frame, type, top }) {
  const { measures: { bottom }, bezels, pitch } = frame;
  const soon = next ? nextRows(picture, most.unacked) : [];
  const late = next ? null : ordered(picture, figure?.rows ?? []);
  for (let all = most.all; all > 0; all -= 1) {
    const rows = late ? shared(late, { all, unacked: Math.min(most.unacked, all) }) : soon.slice(0, all);
    const items = itemsOf(rows, picture.unacked, frame.beside);
    const heights = items.map((item) => (item.kind === "head" ? { height: pitch.head * type, next: pitch[item.group] * type } : { height: pitch[item.group] * type }));
    const places = stack(heights, { top, bottom, bezels });
    if (places) return { items, places };
  }
  return { items: [], places: [] };
}

/** @param {Picture} picture @param {number} total overdue @returns {Record<Group, number>} */
function overdueCounts({ unacked, state: { cards } }, total) {
  const open = [...unacked].filter((id) => cards.get(id)?.overdue).length;
  return { unacked: open, handled: Math.max(0, total - open) };
}

/** @param {{group: Group, n: number}} head @param {Record<Group, number> & {next: boolean}} all @param {Room} room */
function headWords({ group, n }, all, { say, format }) {
  if (all.next) return say("overdue_next");
  const count = all[group] > n ? say("overdue_of", { shown: format.number(n), n: format.number(all[group]) }) : format.number(n);
  return say(group === "unacked" ? "ladder_unacked" : all.unacked === 0 ? "ladder_late" : "ladder_handled", { n: count });
}

/**
 * The furthest step that was reached, in words. What the rows are when nobody is late, it says itself:
 * a far wall has no other place for it.
 * @param {{n: number, next: boolean}} late n overdue; next: whether there are rows of those who are not yet
 * @param {Figure} figure @param {Pick<Room, "say" | "format" | "lang">} room
 */
export function answerWords({ n, next }, figure, { say, format, lang }) {
  if (n === 0) return say(next ? "overdue_none_next" : "overdue_empty");
  const reached = [...(figure?.steps ?? [])].sort((a, b) => b.percent - a.percent).find(({ percent }) => (figure?.told[percent] ?? 0) > 0);
  if (!figure || !reached) return say("overdue_plain", { n: format.number(n) });
  const told = say("overdue_told", { n: format.number(figure.told[reached.percent] ?? 0), whom: nameOf(reached, lang) });
  return say("overdue_answer", { n: format.number(n), told });
}

/** @param {HTMLElement} ladder @param {Room} room @returns {(ladder: {columns: Column[], to: number}, length: number, beside: boolean) => number} how high its heads are */
function mountLadder(ladder, room) {
  const { width, type = 1 } = room;
  const columns = Array.from({ length: COLUMNS }, () => {
    const [name, percent] = [element("span", "ladder-name"), element("span", "ladder-percent")];
    const column = elementWith("div", "ladder-column", { "data-shown": "false" }, name, percent);
    ladder.append(column);
    return { column, name, percent };
  });
  const ticks = [0, 1, 2].map(() => {
    const tick = elementWith("div", "ladder-tick", { "data-shown": "false" }, element("span", "ladder-percent"));
    ladder.append(tick);
    return tick;
  });
  return (given, length, beside) => {
    const names = given.columns.map(({ from, to, words }) => {
      const space = (to - from) * length - SEAM - AIR - 6;
      const narrow = (/** @type {string} */ one) => width(one, 48, 600) * NARROW;
      const lines = linesOf(words, space, narrow);
      // A name that has no room gives way to its percent: half a name is nobody.
      return lines <= NAME_LINES && words.split(" ").every((word) => narrow(word) <= space) ? { words, lines } : { words: "", lines: 0 };
    });
    const lines = Math.max(0, ...names.map((one) => one.lines));
    ladder.style.setProperty("--name-lines", String(lines));
    for (const [i, { column, name, percent }] of columns.entries()) {
      const one = given.columns[i];
      show(column, one !== undefined);
      if (!one) continue;
      mark(column, "data-tone", String(Math.min(3, given.to === 0 ? 1 : i)));
      moveTo(column, one.from * length, 0);
      column.style.width = `calc(${((one.to - one.from) * length - (i < given.columns.length - 1 ? SEAM : 0)).toFixed(1)} * var(--u))`;
      write(name, names[i]?.words ?? "");
      mark(name, "data-fit", fit(width(one.words, 48, 600), (one.to - one.from) * length - SEAM - AIR - 6));
      write(percent, beside || lines === 0 ? `${one.percent}%` : names[i]?.words ? "" : `${one.percent}%`);
    }
    const second = given.columns[1]?.percent ?? 0;
    const marks = given.to === 0 ? [25, 50, 75] : [Math.round((100 + second) / 2)];
    for (const [i, tick] of ticks.entries()) {
      const percent = marks[i];
      show(tick, percent !== undefined);
      if (percent === undefined) continue;
      const at = (given.to === 0 ? percent / 100 : along(percent, given.to)) * length;
      moveTo(tick, at, 0);
      const label = find(tick, ".ladder-percent");
      const words = `${percent}%`;
      const space = Math.min(at - AIR, (given.columns[0]?.to ?? 0) * length - at - AIR);
      write(label, beside && width(words, 48, 400) + AIR <= space ? words : "");
    }
    return (18 + lines * 52 + (beside ? 62 : 12)) * type;
  };
}

// One row: whose it is, what, where, its bar and its mark, and its lateness beside that.

/** @typedef {import("./lateness.js").Step} Step */
/** @typedef {{picture: Picture, ladder: {columns: Column[], to: number}, frame: Frame, length: number, owners: Record<Group, readonly Step[]>}} Drawn owners: what the agencies of a group are set in */

/** @type {Record<Group | "thin", {who: readonly Step[], what: readonly Step[], time: readonly Step[]}>} thin: unacknowledged, and the least urgent */
const SIZES = {
  unacked: { who: [[72, 600], [60, 600], [48, 600]], what: [[60, 600], [48, 600]], time: [[72, 600], [60, 600], [48, 600]] },
  thin: { who: [[72, 400], [60, 400], [48, 400]], what: [[60, 400], [48, 400]], time: [[72, 400], [60, 400], [48, 400]] },
  handled: { who: [[60, 600], [48, 600]], what: [[48, 400]], time: [[60, 600], [48, 600]] },
};
const OVER = { who: /** @type {readonly Step[]} */ ([[48, 600]]), what: /** @type {readonly Step[]} */ ([[48, 400]]), time: /** @type {readonly Step[]} */ ([[60, 600], [48, 600]]) };

/** @param {Card} card @param {Room} room */
function ownerWords({ agency }, { city, say }) {
  return city.agency(agency) ?? say("duty_desk");
}

/** @param {readonly {late: Late, group: Group}[]} rows @param {Frame} frame @param {Room} room @returns {Record<Group, readonly Step[]>} one size for the agencies of a group */
function ownerSteps(rows, { measures: { agency, what } }, room) {
  const of = (/** @type {Group} */ group) => commonSteps(rows.filter((row) => row.group === group).map(({ late }) => ownerWords(late.card, room)), what - agency - 20, SIZES[group].who, room);
  return { unacked: of("unacked"), handled: of("handled") };
}

/** @param {HTMLElement} list @param {Group} group whose row it always is, so that nothing in it moves (CR-82) @param {Room} room @returns {(row: {late: Late, y: number, again: boolean, thin: boolean} | null, drawn: Drawn) => void} */
function mountRow(list, group, room) {
  const { width } = room;
  const shape = symbol("waiting");
  const [who, what, where] = [element("span", "late-who"), element("span", "late-what"), element("span", "late-where")];
  const [bar, time, acted] = [element("span", "late-bar"), element("span", "late-time"), element("span", "late-acted")];
  const row = elementWith("li", "late-row", { "data-shown": "false", "data-group": group }, who, what, where, bar, shape, time, acted);
  list.append(row);
  return (given, { picture, ladder, frame, length, owners }) => {
    show(row, given !== null);
    if (!given) return void write(acted, "");
    const { late, y, again, thin } = given;
    const { card, percent } = late;
    const looks = drawnAs(card, picture);
    const ring = late.next ? "none" : looks.ring;
    mark(row, "data-id", card.id);
    mark(row, "data-ring", ring);
    moveTo(row, 0, y);
    setSymbol(shape, { ...looks, ring, flash: looks.flash && picture.sceneFlashes });
    const sizes = frame.beside ? SIZES[group === "unacked" && thin ? "thin" : group] : OVER;
    const { agency, what: second, chart } = frame.measures;
    const name = again ? "" : ownerWords(card, room);
    const place = late.others.length > 0 ? districtsWords(late, room) : placeWords(card, room);
    if (frame.beside) {
      const space = chart - 28 - second;
      writeFit(who, name, { space: second - agency - 20, steps: thin ? sizes.who : owners[group], width });
      writeFit(what, kindWords(late, room), { space, steps: sizes.what, width });
      writeFit(where, place.split(", ")[0] ?? place, { space, steps: [[48, 400]], width });
      moveTo(what, 0, 0);
    } else {
      const space = length - 2 * AIR;
      const taken = writeFit(who, name, { space: space * 0.5, steps: sizes.who, width }) + AIR;
      writeFit(what, kindWords(late, room), { space: space - taken, steps: sizes.what, width });
      moveTo(what, taken, 0);
      write(where, "");
    }
    const reach = (frame.beside ? REACH : REACH_OVER)[group];
    const at = markAt(percent, ladder, length, reach);
    moveTo(shape, at, 0);
    write(acted, "");
    drawTime({ bar, time, acted }, { late, at, reach, length, steps: sizes.time }, frame, picture, room);
  };
}

/**
 * The lateness stands after its mark; where the scale ends before that, before it, and the bar ends there.
 * @param {Record<"bar" | "time" | "acted", HTMLElement>} nodes
 * @param {{late: Late, at: number, reach: number, length: number, steps: readonly Step[]}} given
 * @param {Frame} frame @param {Picture} picture @param {Room} room
 */
function drawTime({ bar, time, acted }, { late: { card, next }, at, reach, length, steps }, frame, picture, room) {
  const { width } = room;
  const words = timeWords(card, picture, room);
  const [after, before] = [length - at - reach - BESIDE - AIR, at - reach - BESIDE - AIR];
  const first = steps[0] ?? [48, 400];
  const behind = width(words, ...first) > after && before > after;
  const wide = writeFit(time, words, { space: behind ? before : after, steps, width, tight: true });
  moveTo(time, behind ? at - reach - BESIDE - wide : at + reach + BESIDE, 0);
  const end = behind ? at - reach - BESIDE - wide - AIR : at;
  bar.style.transform = `scaleX(${(Math.max(0, end) / length).toFixed(4)})`;
  if (next || behind || !frame.beside) return;
  const left = after - wide - AIR;
  const tail = tailWords(card, picture, room).find((one) => width(one, 48, 400) <= left) ?? "";
  write(acted, tail);
  moveTo(acted, at + reach + BESIDE + wide + AIR, 0);
}

/** @param {Card} card @param {Picture} picture @param {Room} room @returns {string[]} what else is worth telling, the longest first: since when, and when somebody took it */
function tailWords(card, picture, room) {
  const since = sinceWords(card, picture, room);
  const acked = picture.guests ? "" : ackedWords(card, picture, room);
  return [[since, acked].filter(Boolean).join(", "), since, acked].filter(Boolean);
}

/** @param {Card} card @param {Picture} picture @param {Room} room */
function ackedWords(card, { state, unacked, at }, { say, format }) {
  if (unacked.has(card.id)) return "";
  const alarm = [...state.alarms.values()].find((one) => one.complaint === card.id && one.state === "acked");
  const moment = Date.parse(alarm?.acked_at ?? "");
  if (Number.isNaN(moment)) return "";
  const today = at !== null && format.date(moment) === format.date(at);
  return say("acked_at", { time: today ? format.hour(moment) : `${format.weekday(moment)} ${format.hour(moment)}` });
}
