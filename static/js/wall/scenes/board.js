/**
 * Scene of the board: what has to be done now. A departure board on one line, "now": what is late hangs to its left, the time
 * that is left runs to its right. Most urgent first, what somebody has comes last, finished work is one line.
 */
import { countAlarms, drawnAs, inOrder } from "../../ui/alarms.js";
import { agencyWords, movesWords, olderWords, placeWords, shareLeft, soonest, timeWords, worst } from "../../ui/complaints.js";
import { BETWEEN, NARROW, element, elementWith, find, mark, moveTo, show, write } from "../../ui/dom.js";
import { setSymbol, symbol, toAndFro } from "../../ui/symbols.js";
import { along, coarseTop, commonSteps, districtsWords, folded, kindWords, linesOf, percentOf, prioritiesOf, setMeasures, stack, writeFit } from "./lateness.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("../../ui/picture.js").Picture} Picture */
/** @typedef {import("../../ui/picture.js").WallRoom} Room */

// Which complaints the board shows: unacknowledged, then what runs out next, then overdue in good hands.
// Never overdue alone: what can still be saved keeps its share of the rows.

/** In the order of the board. */
const GROUPS = /** @type {const} */ (["unacked", "running", "handled"]);
/** @typedef {typeof GROUPS[number]} Group */
/** @typedef {import("./lateness.js").Row & {group: Group}} Row */
/** @typedef {{ids: string, order: readonly string[], since: number}} Held */

/** So many rows there are at most. */
export const ROWS = 9;
/** Such a share of them at least is for others than the unacknowledged, and so many at most for what somebody has. */
const OTHERS = 0.45;
const HANDLED = 2;
/** Rows change places at most this often, ms; a row that comes, goes or is taken shows at once. */
const HOLD = 10_000;

/** @param {Pick<Picture, "state" | "at" | "calendar" | "flood">} picture @returns {Row[]} the most urgent first; in a flood what is no emergency is counted */
function unackedRows({ state, at, calendar, flood }) {
  /** @type {Map<string, Row>} */
  const rows = new Map();
  for (const { complaint, state: stands } of inOrder(state, { at, calendar })) {
    const card = stands === "unacked" && complaint ? state.cards.get(complaint) : null;
    if (card && !rows.has(card.id)) rows.set(card.id, { card, others: [], group: "unacked" });
  }
  const all = [...rows.values()];
  if (!flood) return all;
  const priorities = prioritiesOf(state);
  const isAlone = (/** @type {Row} */ { card }) => priorities.get(card.id) === 1;
  return [...all.filter(isAlone), ...folded(all.filter((row) => !isAlone(row))).sort((a, b) => b.others.length - a.others.length)];
}

/** @typedef {Pick<Picture, "state" | "at" | "calendar" | "flood" | "ranking" | "unacked">} Seen */

/** @param {Seen} picture @returns {Record<Group, Row[]>} each in its order; of many alarms it takes long, how many have room does not */
function ordered(picture) {
  const free = (/** @type {{card: Card}} */ { card }) => !picture.unacked.has(card.id);
  const rows = (/** @type {readonly {card: Card}[]} */ ranked, /** @type {Group} */ group) => ranked.filter(free).map(({ card }) => ({ card, others: [], group }));
  return { unacked: unackedRows(picture), running: rows(soonest(picture.ranking), "running"), handled: rows(worst(picture.ranking), "handled") };
}

/** @param {Seen} picture @param {number} [most] @returns {Row[]} in the order of the board */
export function boardRows(picture, most = ROWS) {
  return shared(ordered(picture), most);
}

/** @param {Record<Group, Row[]>} rows @param {number} most @returns {Row[]} each group's share of so many */
function shared({ unacked: urgent, running, handled }, most) {
  const first = Math.min(urgent.length, most - Math.min(Math.floor(most * OTHERS), running.length + handled.length));
  const rest = most - first;
  const last = Math.min(handled.length, Math.max(rest - running.length, Math.min(HANDLED, rest >> 1)));
  return [...urgent.slice(0, first), ...running.slice(0, rest - last), ...handled.slice(0, last)];
}

/**
 * @param {Held | null} held the order shown so far
 * @param {readonly Row[]} rows in their right order now
 * @param {number} mono ms
 * @returns {{held: Held, rows: Row[]}} the old order while it is young and holds the same rows
 */
export function holdOrder(held, rows, mono) {
  const order = rows.map(({ card, group }) => `${group} ${card.id}`);
  const ids = [...order].sort().join(" ");
  const keep = held !== null && held.ids === ids && mono - held.since < HOLD;
  if (!keep) {
    const same = held !== null && held.order.join(" ") === order.join(" ");
    return { held: { ids, order, since: same ? held.since : mono }, rows: [...rows] };
  }
  const byId = new Map(rows.map((row, i) => [order[i], row]));
  return { held, rows: held.order.flatMap((id) => byId.get(id) ?? []) };
}

// Where it stands on each layout, in units of the scene's own box.

/**
 * @typedef {object} Frame
 * @property {boolean} beside the time left stands between the line and the symbol, else below the kind
 * @property {{left: number, axis: number, track: number, symbol: number, kind: number, edge: number, foot: number}} measures track: where a full bar of time left ends
 * @property {number} top @property {number} bottom of the rows
 * @property {readonly number[]} bezels
 * @property {Record<Group, number>} pitch height of a row
 */

const PITCH = { unacked: 154, running: 128, handled: 118 };
/** Two lines and a bar to the right of the line. */
const PITCH_BELOW = { unacked: 152, running: 144, handled: 126 };
/** Of the line, above the first row and below the last. */
const OVER = 8;

/** @param {{shape?: string, density?: string, panels?: string}} screen as the page says it @param {number} under the question of a coarse screen @returns {Frame} */
export function boardFrame({ shape, density, panels }, under) {
  const split = Number(panels ?? 1) > 1;
  if (density === "coarse") {
    const edge = shape === "portrait" ? 1360 : 1200;
    return {
      beside: false, top: under, bottom: 1118, bezels: split ? [720] : [], pitch: PITCH_BELOW,
      measures: { left: 80, axis: 436, track: edge, symbol: 520, kind: 606, edge, foot: 1200 },
    };
  }
  if (shape === "portrait") {
    return { beside: true, top: 130, bottom: 1560, bezels: [], pitch: { unacked: 176, running: 148, handled: 136 }, measures: { left: 80, axis: 620, track: 1020, symbol: 1096, kind: 1200, edge: 2080, foot: 1636 } };
  }
  const [top, bottom, foot] = [420, 1640, 1722];
  if (shape === "wide") {
    return { beside: true, top, bottom, bezels: split ? [1080] : [], pitch: PITCH, measures: { left: 80, axis: 480, track: 770, symbol: 866, kind: 976, edge: 1840, foot } };
  }
  const measures = { left: 80, axis: 679, track: 1090, symbol: 1183, kind: 1360, edge: 2480, foot };
  if (!split) return { beside: true, top, bottom, bezels: [], pitch: PITCH, measures };
  return { beside: true, top: 408, bottom: 1694, bezels: [720, 1440], pitch: { unacked: 146, running: 124, handled: 116 }, measures: { ...measures, foot: 1748 } };
}

/** @param {Picture} picture @param {Frame} frame @param {number} type by what text is larger than the sheet's @returns {{rows: Row[], places: number[]}} as many as there is room for */
export function placedRows(picture, { pitch, top, bottom, bezels }, type) {
  const all = ordered(picture);
  for (let most = ROWS; most > 0; most -= 1) {
    const rows = shared(all, most);
    const places = stack(rows.map(({ group }) => ({ height: pitch[group] * type })), { top, bottom, bezels });
    if (places) return { rows, places };
  }
  return { rows: [], places: [] };
}

// The scene.

export const board = { name: /** @type {const} */ ("board"), markup, mount };

/** @param {HTMLElement} question its head */
function markup(question) {
  const captions = ["past", "left", "who"].map((name) => elementWith("p", `board-caption board-caption-${name}`, { "data-shown": "false" }));
  const word = element("span", "done-word", element("span", "done-said"), element("span", "done-older"));
  return [
    question, ...captions, element("div", "board-axis"), element("ul", "board-rows"), element("p", "board-shown"),
    element("p", "board-done", element("span", "done-count", "–"), word), element("p", "done-last"),
  ];
}

/** @param {HTMLElement} scene @param {Room} room @returns {import("../../ui/picture.js").Paint} */
function mount(scene, room) {
  const question = room.say("board_question");
  write(find(scene, ".question-line"), question);
  const [answer, axis] = [find(scene, ".answer"), find(scene, ".board-axis")];
  const captions = { past: room.say("board_past"), left: room.say("time_left"), who: room.say("board_who") };
  const heads = Object.entries(captions).map(([name, words]) => {
    const head = find(scene, `.board-caption-${name}`);
    write(head, words);
    return head;
  });
  const rows = GROUPS.map((group) => ({ group, places: Array.from({ length: ROWS }, () => mountRow(find(scene, ".board-rows"), group, room)) }));
  const paintFoot = mountFoot(scene, room);
  const type = room.type ?? 1;
  // Its question stands over the rows of a coarse screen, in as many lines as it takes.
  const lines = linesOf(question, 1120, (words) => room.width(words, 60, 600) * NARROW);
  const ends = 44 + lines * 60 * type * 1.15 + 24;
  /** @type {Held | null} */
  let order = null;
  return (picture) => {
    const screen = scene.ownerDocument.documentElement.dataset;
    const frame = boardFrame(screen, coarseTop(ends, screen, picture, type));
    setMeasures(scene, { ...frame.measures, top: frame.top });
    mark(scene, "data-times", frame.beside ? "beside" : "below");
    write(answer, picture.whole ? answerWords(picture, room) : "");
    const placed = placedRows(picture, frame, type);
    const { held, rows: shown } = holdOrder(order, placed.rows, picture.mono);
    order = held;
    const places = stack(shown.map(({ group }) => ({ height: frame.pitch[group] * type })), frame) ?? placed.places;
    const priorities = prioritiesOf(picture.state);
    const times = timeSteps(shown, { picture, frame }, room);
    const drawn = shown.map((row, i) => ({ row, y: places[i] ?? 0, priority: priorities.get(row.card.id) ?? 2 }));
    for (const { group, places: all } of rows) {
      const mine = drawn.filter(({ row }) => row.group === group);
      for (const [i, paint] of all.entries()) paint(mine[i] ?? null, { picture, frame, times: times[group] });
    }
    for (const head of heads) show(head, shown.length > 0);
    const end = (places.at(-1) ?? frame.top) + frame.pitch[shown.at(-1)?.group ?? "running"] * type;
    axis.style.transform = shown.length > 0 ? `scaleY(${((end - frame.top + 2 * OVER) / 1000).toFixed(3)})` : "scaleY(0)";
    paintFoot(picture, frame, shown.reduce((sum, { others }) => sum + 1 + others.length, 0));
  };
}

/** @param {Picture} picture @param {Room} room */
function answerWords({ state, ranking }, { say, format }) {
  const { unacked } = countAlarms(state.alarms.values());
  const { total } = state.tally;
  if (total.waiting + total.in_process === 0) return say("board_empty");
  const first = unacked > 0
    ? say("board_alarms", { n: format.number(unacked) })
    : total.overdue > 0 ? say("board_overdue", { n: format.number(total.overdue) }) : say("board_none_overdue");
  return ranking.soon > 0 ? `${first}, ${say("board_soon", { n: format.number(ranking.soon) })}` : first;
}

// One row. What must be done now is larger, what somebody has is thin; an emergency says so in a word.

/** @typedef {import("./lateness.js").Step} Step */
/** @typedef {{time: readonly Step[], kind: readonly Step[], who: readonly Step[]}} Steps */
/** @typedef {{row: Row, y: number, priority: 1 | 2 | 3}} Placed */
/** @typedef {{picture: Picture, frame: Frame, priority: 1 | 2 | 3, times: readonly Step[]}} Drawn times: what its group's times are set in */

const CAPTION = /** @type {readonly Step[]} */ ([[48, 400]]);
const CAPTION_STRONG = /** @type {readonly Step[]} */ ([[48, 600]]);
/** @type {Record<Group | "thin", Steps>} thin: unacknowledged, and the least urgent */
const STEPS = {
  unacked: { time: [[96, 600], [72, 600], [60, 600], [48, 600]], kind: [[72, 600], [60, 600], [48, 600]], who: [[60, 600], [48, 600]] },
  thin: { time: [[96, 400], [72, 400], [60, 400], [48, 400]], kind: [[72, 400], [60, 400], [48, 400]], who: [[60, 400], [48, 400]] },
  running: { time: [[60, 600], [48, 600]], kind: [[60, 600], [48, 600]], who: [[60, 600], [48, 600]] },
  handled: { time: [[60, 400], [48, 400]], kind: [[60, 400], [48, 400]], who: [[60, 400], [48, 400]] },
};
/** Two lines in each row: no step is larger than that. */
const LARGEST_BELOW = 60;
/** Air beside the line, and beside the word in its box. */
const AIR = 24;
const TAG_AIR = 16;
/** The two arrows of what goes to and fro, with the air behind them. */
const HANDS_SHAPE = 60;
/** What a small screen's rounding of letters may add to a word. */
const ROUNDED = 8;

/** @param {Frame} frame @param {boolean} late @returns {number} what its time may take */
function timeSpace({ beside, measures: { left, axis, symbol: at, kind, edge } }, late) {
  if (late) return axis - left - AIR;
  return beside ? at - 76 - axis - AIR : edge - kind;
}

/** @param {readonly Row[]} rows @param {{picture: Picture, frame: Frame}} drawn @param {Room} room @returns {Record<Group, readonly Step[]>} one size for the times of a group */
function timeSteps(rows, { picture, frame }, room) {
  const of = (/** @type {Group} */ group) => {
    const steps = frame.beside || group !== "running" ? STEPS[group].time : CAPTION_STRONG;
    const late = (/** @type {boolean} */ is) => rows.filter((row) => row.group === group && (row.card.overdue === true) === is).map(({ card }) => timeWords(card, picture, room));
    const least = [true, false].map((is) => commonSteps(late(is), timeSpace(frame, is), steps, room)).sort((a, b) => a.length - b.length)[0];
    return frame.beside || group === "running" ? (least ?? steps) : (least ?? steps).filter(([size]) => size <= 72);
  };
  return { unacked: of("unacked"), running: of("running"), handled: of("handled") };
}

/** @param {HTMLElement} list @param {Group} group whose row it always is, so that nothing in it moves (CR-82) @param {Room} room @returns {(placed: Placed | null, painted: Omit<Drawn, "priority">) => void} */
function mountRow(list, group, room) {
  const shape = symbol("waiting");
  const [what, time] = [element("span", "row-what"), element("span", "row-time")];
  const [where, who] = [element("span", "row-where"), element("span", "row-who")];
  const tag = elementWith("span", "row-emergency", { "data-shown": "false" }, room.say("emergency"));
  const hands = elementWith("span", "row-hands", { "data-shown": "false" }, toAndFro(), element("span", "hands-words"));
  const fill = element("span", "row-fill");
  const [over, bar] = [element("span", "row-over"), element("span", "row-bar", fill)];
  const line = elementWith("li", "row", { "data-shown": "false", "data-group": group }, over, bar, shape, what, tag, time, where, hands, who);
  list.append(line);
  return (placed, painted) => {
    show(line, placed !== null);
    if (!placed) return void show(tag, false);
    const { row, y, priority } = placed;
    const { card } = row;
    const drawn = { ...painted, priority };
    const { picture } = painted;
    const looks = drawnAs(card, picture);
    mark(line, "data-id", card.id);
    mark(line, "data-thin", String(group === "unacked" && priority === 3));
    mark(line, "data-ring", looks.ring);
    moveTo(line, 0, y);
    setSymbol(shape, { ...looks, flash: looks.flash && picture.sceneFlashes });
    const share = shareLeft(card, picture);
    show(bar, share !== null);
    fill.style.transform = `scaleX(${(share ?? 0).toFixed(3)})`;
    show(over, card.overdue === true);
    over.style.transform = `scaleX(${Math.max(0.02, along(percentOf(card, picture))).toFixed(3)})`;
    const timed = writeTime(time, card, drawn, room);
    if (drawn.frame.beside) writeBeside({ what, where, who, tag, hands }, row, drawn, room);
    else writeBelow({ what, where, who, tag, hands }, row, { ...drawn, before: card.overdue ? 0 : timed + BETWEEN }, room);
  };
}

/** @param {HTMLElement} time @param {Card} card @param {Drawn} drawn @param {Room} room @returns {number} how wide it stands */
function writeTime(time, card, { picture, frame, times }, room) {
  const late = card.overdue === true;
  mark(time, "data-side", late ? "late" : "left");
  const steps = late || frame.beside ? times : CAPTION_STRONG;
  return writeFit(time, timeWords(card, picture, room), { space: timeSpace(frame, late), steps, width: room.width });
}

/** @typedef {Record<"what" | "where" | "who" | "tag" | "hands", HTMLElement>} Words */

/** What it is, in an emergency with that word beside it. @param {Words} nodes @param {Row} row @param {{kind: number, space: number, least: number, steps: readonly Step[], emergency: boolean}} line least: the step that must have room beside the word @param {Room} room */
function writeKind({ what, tag }, row, { kind, space, least, steps, emergency }, room) {
  const words = kindWords(row, room);
  const tagged = room.width(room.say("emergency"), 48, 600) * (least < 60 ? NARROW : 1) + 2 * TAG_AIR + BETWEEN;
  const tells = emergency && room.width(words, least, 600) <= space - tagged;
  const wide = writeFit(what, words, { space: tells ? space - tagged : space, steps, width: room.width });
  show(tag, tells);
  moveTo(tag, kind + wide + BETWEEN, 0);
}

/** @param {Words} nodes @param {Row} row @param {Drawn} drawn @param {Room} room what and who in one line, where below */
function writeBeside(nodes, row, { frame: { measures: { kind, edge } }, priority }, room) {
  const steps = STEPS[row.group === "unacked" && priority === 3 ? "thin" : row.group];
  const space = edge - kind;
  const owner = writeFit(nodes.who, agencyWords(row.card, room), { space: space * 0.46, steps: steps.who, width: room.width });
  writeKind(nodes, row, { kind, space: space - owner - BETWEEN, least: 60, steps: steps.kind, emergency: row.group === "unacked" && priority === 1 }, room);
  // An agency that takes two lines stands beside the place too.
  const below = nodes.who.dataset["fit"] === "cut" ? space - owner - BETWEEN : space;
  const hands = handsWidth(row, room);
  const where = whereWords(row, room);
  // Where it is comes before how often it changed hands: of the two that one has the room that is left.
  const tells = hands > 0 && room.width(where, 48, 400) * NARROW + BETWEEN + hands <= below;
  const wide = writeFit(nodes.where, where, { space: tells ? below - BETWEEN - hands : below, steps: CAPTION, width: room.width });
  writeHands(nodes, row, tells ? kind + wide + BETWEEN : null, room);
}

/** @param {Row} row @param {Room} room @returns {number} what its mark takes that goes to and fro, 0 for none */
function handsWidth({ card, others }, room) {
  const words = others.length > 0 ? "" : movesWords(card, room);
  return words === "" ? 0 : HANDS_SHAPE + room.width(words, 48, 400);
}

/** @param {Words} nodes @param {Row} row @param {number | null} at null: it has no room here @param {Room} room */
function writeHands({ hands }, { card }, at, room) {
  show(hands, at !== null);
  write(find(hands, ".hands-words"), at === null ? "" : movesWords(card, room));
  if (at !== null) moveTo(hands, at, 0);
}

/** @param {Words} nodes @param {Row} row @param {Drawn & {before: number}} drawn before: taken by the time that is left @param {Room} room what in one line, where and who below */
function writeBelow(nodes, row, { frame: { measures: { kind, edge } }, priority, before }, room) {
  const { width } = room;
  const steps = STEPS[row.group === "unacked" && priority === 3 ? "thin" : row.group].kind.filter(([size]) => size <= LARGEST_BELOW);
  writeKind(nodes, row, { kind, space: edge - kind, least: 48, steps, emergency: row.group === "unacked" && priority === 1 }, room);
  const [place, agency] = [whereWords(row, room), agencyWords(row.card, room)];
  const [space, owner] = [edge - kind - before, width(agency, 48, 400)];
  const short = place.split(", ")[0] ?? place;
  // Of a place and an agency that have no room beside each other the agency stays: somebody must be called.
  const both = [place, short].find((one) => (width(one, 48, 400) + owner) * NARROW + BETWEEN <= space);
  const alone = both === undefined && owner * NARROW > space;
  const narrow = (width(both ?? "", 48, 400) + owner) + BETWEEN > space ? NARROW : 1;
  writeFit(nodes.who, alone ? "" : agency, { space: both === undefined ? space : owner * narrow + ROUNDED, steps: CAPTION, width });
  const wide = writeFit(nodes.where, both ?? (alone ? short : ""), { space: both === undefined ? space : space - owner * narrow - BETWEEN, steps: CAPTION, width });
  moveTo(nodes.where, before, 0);
  const hands = handsWidth(row, room);
  const left = space - wide - 2 * BETWEEN - owner * narrow - ROUNDED;
  writeHands(nodes, row, hands > 0 && both !== undefined && hands <= left ? kind + before + wide + BETWEEN : null, room);
}

/** @param {Row} row @param {Room} room */
function whereWords(row, room) {
  return row.others.length > 0 ? districtsWords(row, room) : placeWords(row.card, room);
}

/** @param {HTMLElement} scene @param {Room} room @returns {(picture: Picture, frame: Frame, seen: number) => void} how many of the open are seen, and what was finished today */
function mountFoot(scene, room) {
  const { say, format, width } = room;
  const shape = symbol("done");
  find(scene, ".board-done").prepend(shape);
  const [shown, count, older, last] = [find(scene, ".board-shown"), find(scene, ".done-count"), find(scene, ".done-older"), find(scene, ".done-last")];
  const today = say("finished_today");
  write(find(scene, ".done-said"), today);
  return ({ state: { counts, tally, finished }, whole, at: now }, { measures: { left, symbol: at, kind, edge } }, seen) => {
    const { waiting, in_process, done } = tally.total;
    const open = { shown: format.number(seen), n: format.number(waiting + in_process) };
    const space = at - 60 - left;
    const told = [say("board_of", open), say("overdue_of", open)].find((words) => width(words, 48, 400) <= space);
    write(shown, whole && seen > 0 ? (told ?? "") : "");
    const n = counts?.flow?.done ?? done;
    const figure = whole ? format.number(n) : "–";
    write(count, figure);
    setSymbol(shape, { zero: n === 0 });
    // Of the rest of the line as much as it holds: how many came in earlier, then what was last.
    const free = edge - kind - width(figure, 60, 600) - BETWEEN - width(today, 48, 400);
    const earlier = olderWords(counts, room);
    const wide = earlier ? width(`, ${earlier}`, 48, 400) : 0;
    write(older, wide <= free ? earlier : "");
    const ends = finished ? [agencyWords(finished, room), agoWords(finished.closed_at, now, room)].filter(Boolean).join(", ") : "";
    const ended = ends && say("board_last", { last: ends });
    write(last, ended && width(ended, 48, 400) + wide + 2 * BETWEEN <= free ? ended : "");
  };
}

/** @param {string | null | undefined} at @param {number | null} now @param {Room} room */
function agoWords(at, now, { say, format }) {
  const ms = (now ?? 0) - Date.parse(at ?? "");
  if (Number.isNaN(ms)) return "";
  return ms >= 60_000 ? say("ago", { span: format.span(ms) }) : say("just_now");
}
