/**
 * Scene of the board: what has to be done now. Two columns of open work, worst first; finished work is one line.
 */
import { countAlarms, ringOf } from "../../ui/alarms.js";
import { agencyWords, isQuiet, olderWords, placeWords, shareLeft, timeWords, whatWords } from "../../ui/complaints.js";
import { BETWEEN, element, elementWith, find, fit, mark, moveTo, show, write, writeEnds } from "../../ui/dom.js";
import { setSymbol, symbol } from "../../ui/symbols.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("../../ui/complaints.js").Ranking} Ranking */
/** @typedef {import("../../ui/picture.js").Picture} Picture */
/** @typedef {import("../../ui/picture.js").WallRoom} Room */

// Which complaints a column of the board shows: unacknowledged, then what runs out next, then overdue in good hands.
// Never overdue alone: what can still be saved keeps its share of the rows.

/** @typedef {{ids: string, order: readonly string[], since: number}} Held */

const ROWS = 6;
/** So many rows at least are for others than the unacknowledged, and so many at most for what somebody has. */
const OTHERS = 3;
const HANDLED = 2;
/** Rows change places at most this often, ms; a row that comes or goes shows at once. */
const HOLD = 10_000;

/**
 * @param {Ranking} ranking @param {"waiting" | "in_process"} status
 * @param {(card: Card) => boolean} mustAct whether nobody has an overdue complaint yet
 * @returns {Card[]} at most ROWS
 */
export function columnCards({ late, open }, status, mustAct) {
  const overdue = late[status].map(({ card }) => card);
  const [urgent, handled] = [overdue.filter(mustAct), overdue.filter((card) => !mustAct(card))];
  const running = open[status].map(({ card }) => card);
  const first = Math.min(urgent.length, ROWS - Math.min(OTHERS, running.length + handled.length));
  const rest = ROWS - first;
  const last = Math.min(handled.length, Math.max(rest - running.length, Math.min(HANDLED, rest >> 1)));
  return [...urgent.slice(0, first), ...running.slice(0, rest - last), ...handled.slice(0, last)];
}

/**
 * @param {Held | null} held the order shown so far
 * @param {readonly Card[]} cards in their right order now
 * @param {number} mono ms
 * @returns {{held: Held, cards: Card[]}} the old order while it is young and holds the same cards
 */
export function holdOrder(held, cards, mono) {
  const order = cards.map((card) => card.id);
  const ids = [...order].sort().join(" ");
  const keep = held !== null && held.ids === ids && mono - held.since < HOLD;
  if (!keep) {
    const same = held !== null && held.order.join(" ") === order.join(" ");
    return { held: { ids, order, since: same ? held.since : mono }, cards: [...cards] };
  }
  const byId = new Map(cards.map((card) => [card.id, card]));
  return { held, cards: held.order.flatMap((id) => byId.get(id) ?? []) };
}

// The scene.

const HEAD = { total: 952, size: 72, weight: 600, gap: 22 };
const TITLE = { total: 952, size: 60, weight: 600 };
const CAPTION = { total: 952, size: 48, weight: 400 };

export const board = { name: /** @type {const} */ ("board"), markup, mount };

/** @param {HTMLElement} question its head */
function markup(question) {
  const column = (/** @type {string} */ status) => elementWith("div", "column", { "data-column": status },
    element("p", "column-head", element("span", "column-count", "–"), element("span", "column-word"), element("span", "column-left")),
    elementWith("p", "column-none", { "data-shown": "false" }),
    element("ul", "column-rows"));
  const word = element("span", "done-word", element("span", "done-said"), element("span", "done-older"));
  return [
    question, column("waiting"), column("in_process"),
    element("p", "board-done", element("span", "done-count", "–"), word, element("span", "done-what"), element("span", "done-when")),
  ];
}

/** @param {HTMLElement} scene @param {Room} room @returns {import("../../ui/picture.js").Paint} */
function mount(scene, room) {
  write(find(scene, ".question-line"), room.say("board_question"));
  const answer = find(scene, ".answer");
  const columns = [
    mountColumn(find(scene, '[data-column="waiting"]'), "waiting", room),
    mountColumn(find(scene, '[data-column="in_process"]'), "in_process", room),
  ];
  const paintFinished = mountFinished(find(scene, ".board-done"), room);
  return (picture) => {
    write(answer, picture.whole ? answerWords(picture, room) : "");
    for (const paint of columns) paint(picture);
    paintFinished(picture);
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

/** @param {HTMLElement} column @param {"waiting" | "in_process"} status @param {Room} room @returns {import("../../ui/picture.js").Paint} */
function mountColumn(column, status, room) {
  const head = symbol(status);
  find(column, ".column-head").prepend(head);
  const word = find(column, ".column-word");
  write(word, room.say(status));
  write(find(column, ".column-left"), room.say("time_left"));
  const count = find(column, ".column-count");
  const none = find(column, ".column-none");
  write(none, room.say(status === "waiting" ? "none_waiting" : "none_in_process"));
  const rows = Array.from({ length: ROWS }, () => mountRow(find(column, ".column-rows"), room));
  /** @type {Held | null} */
  let order = null;
  return (picture) => {
    const { held, cards } = holdOrder(order, columnCards(picture.ranking, status, mustAct(picture)), picture.mono);
    order = held;
    const figure = picture.whole ? room.format.number(picture.state.tally.total[status]) : "–";
    writeCount([count, word], figure, room);
    const left = room.width(figure, HEAD.size, HEAD.weight) + HEAD.gap + BETWEEN + room.width(room.say("time_left"), CAPTION.size, CAPTION.weight);
    mark(word, "data-fit", fit(room.width(room.say(status), HEAD.size, CAPTION.weight), HEAD.total - left));
    setSymbol(head, { zero: picture.state.tally.total[status] === 0 });
    show(none, picture.whole && picture.state.tally.total[status] === 0);
    for (const [i, paint] of rows.entries()) paint(cards[i] ?? null, picture);
  };
}

/** @param {[HTMLElement, HTMLElement]} nodes the figure and the word that follows it @param {string} figure @param {Room} room */
function writeCount([count, word], figure, { width }) {
  write(count, figure);
  moveTo(word, width(figure, HEAD.size, HEAD.weight) + HEAD.gap, 0);
}

/** @param {Picture} picture @returns {(card: Card) => boolean} */
function mustAct({ unacked }) {
  return (card) => unacked.has(card.id);
}

/** @param {HTMLElement} list @param {Room} room @returns {(card: Card | null, picture: Picture) => void} */
function mountRow(list, room) {
  const shape = symbol("waiting");
  const [what, time] = [element("span", "row-what"), element("span", "row-time")];
  const [where, who] = [element("span", "row-where"), element("span", "row-who")];
  const fill = element("span", "row-fill");
  const bar = element("span", "row-bar", fill);
  const row = element("li", "row", shape, what, time, where, who, bar);
  list.append(row);
  return (card, picture) => {
    show(row, card !== null);
    if (!card) return;
    mark(row, "data-id", card.id);
    const ring = ringOf(card, picture);
    mark(row, "data-ring", ring);
    setSymbol(shape, { status: card.status, ring, flash: picture.sceneFlashes && picture.unacked.has(card.id), quiet: isQuiet(card, picture) });
    writeEnds([what, whatWords(card, room)], [time, timeWords(card, picture, room)], { ...TITLE, width: room.width });
    writeEnds([where, placeWords(card, room)], [who, agencyWords(card, room)], { ...CAPTION, width: room.width });
    const share = shareLeft(card, picture);
    show(bar, share !== null);
    fill.style.transform = `scaleX(${(share ?? 0).toFixed(3)})`;
  };
}

/** @param {HTMLElement} line @param {Room} room @returns {import("../../ui/picture.js").Paint} */
function mountFinished(line, room) {
  const shape = symbol("done");
  line.prepend(shape);
  const count = find(line, ".done-count");
  const [what, when] = [find(line, ".done-what"), find(line, ".done-when")];
  const [word, older] = [find(line, ".done-word"), find(line, ".done-older")];
  write(find(line, ".done-said"), room.say("finished_today"));
  return (picture) => {
    const { counts, tally, finished } = picture.state;
    const n = counts?.flow?.done ?? tally.total.done;
    write(older, olderWords(counts, room));
    writeCount([count, word], picture.whole ? room.format.number(n) : "–", room);
    setSymbol(shape, { zero: n === 0 });
    const ends = finished ? [agoWords(finished.closed_at, picture, room), agencyWords(finished, room)] : [];
    const named = finished ? whatWords(finished, room) : "";
    writeEnds([what, named], [when, ends.filter(Boolean).join(", ")], { ...CAPTION, width: room.width });
  };
}

/** @param {string | null | undefined} at @param {Picture} picture @param {Room} room */
function agoWords(at, picture, { say, format }) {
  const ms = (picture.at ?? 0) - Date.parse(at ?? "");
  if (Number.isNaN(ms)) return "";
  return ms >= 60_000 ? say("ago", { span: format.span(ms) }) : say("just_now");
}
