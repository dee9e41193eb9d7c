/**
 * The rail of the wall: clock, the sum of the day, and the sources.
 */
import { countAlarms, QUIET } from "../ui/alarms.js";
import { element, find, fit, mark, NARROW, show, write } from "../ui/dom.js";
import { setSymbol, symbol } from "../ui/symbols.js";

/** @typedef {import("../ui/picture.js").Picture} Picture */
/** @typedef {import("../ui/picture.js").WallRoom} Room */
/** @typedef {import("../feed/messages.js").Source} Source */

// The wall's clock: room time of the last beat, so it stands still when the data does (CR-45).

/** @param {ParentNode} page @param {import("../ui/picture.js").WallRoom} room @returns {import("../ui/picture.js").Paint} */
export function mountClock(page, { city, format }) {
  const time = find(page, ".clock-time");
  const weekday = find(page, ".clock-weekday");
  const date = find(page, ".clock-moment");
  write(find(page, ".clock-zone"), city.zoneLabel);
  return ({ at }) => {
    write(time, at === null ? "––.––.––" : format.clock(at));
    write(weekday, at === null ? "" : `${format.weekday(at)},`);
    write(date, at === null ? "–" : format.shortDate(at));
  };
}

// The sum on paper: waiting + in process + done + other = received today. Never adjusted to fit (CR-78). Who waits is the
// headline, and the same sum lies under it as one bar.

const STATUSES = /** @type {const} */ (["waiting", "in_process", "done", "elsewhere"]);
/** @typedef {typeof STATUSES[number]} Status */
/** A headline of so many digits needs the room of the next column; sums of five and six digits do too, and six a smaller step. */
const LARGEST = 100;
const BROAD = 1000;
const WIDE = 10_000;
const HUGE = 100_000;

/** @param {ParentNode} page @param {Room} room @returns {import("../ui/picture.js").Paint} */
export function mountLedger(page, room) {
  const ledger = find(page, ".ledger");
  const rows = STATUSES.map((status) => mountRow(ledger, status, room));
  const total = find(ledger, ".ledger-sum .figure");
  writeWord(find(ledger, ".ledger-sum .ledger-word"), room.say("received_today"), room, "left");
  const unequal = find(ledger, ".ledger-unequal");
  const paintBar = mountBar(find(ledger, ".ledger-bar"));
  const paintFoot = mountFoot(page, room);
  return (picture) => {
    const cohort = picture.state.counts?.cohort ?? null;
    for (const paint of rows) paint(cohort);
    paintBar(cohort);
    write(total, cohort ? room.format.number(cohort.in) : "–");
    mark(ledger, "data-headline", headlineOf(cohort?.waiting ?? 0));
    mark(ledger, "data-long", lengthOf(cohort?.in ?? 0, cohort?.waiting ?? 0));
    show(unequal, picture.wrong.length > 0);
    mark(unequal, "title", picture.wrong.join(" "));
    paintFoot(picture);
  };
}

/** @param {number} waiting @returns {"finale" | "show" | "figure"} the step on which the headline stands */
export function headlineOf(waiting) {
  if (waiting < LARGEST) return "finale";
  return waiting < WIDE ? "show" : "figure";
}

/** @param {number} total @param {number} waiting @returns {"no" | "wide" | "huge"} how much room the figures take */
export function lengthOf(total, waiting) {
  if (total >= HUGE) return "huge";
  return total >= WIDE || waiting >= BROAD ? "wide" : "no";
}

/** @param {HTMLElement} bar @returns {(cohort: import("../feed/messages.js").Cohort | null) => void} each status by its share */
function mountBar(bar) {
  const parts = STATUSES.map((status) => {
    const part = element("span", "bar-part");
    mark(part, "data-status", status);
    bar.append(part);
    return part;
  });
  return (cohort) => {
    for (const [i, part] of parts.entries()) {
      const n = cohort?.[/** @type {Status} */ (STATUSES[i])] ?? 0;
      show(part, n > 0);
      if (part.style.flexGrow !== String(n)) part.style.flexGrow = String(n);
    }
  };
}

/**
 * @param {HTMLElement} ledger @param {Status} status @param {Room} room
 * @returns {(cohort: import("../feed/messages.js").Cohort | null) => void}
 */
function mountRow(ledger, status, room) {
  const { say, format } = room;
  const row = find(ledger, `[data-row="${status}"]`);
  const shape = symbol(status);
  row.prepend(shape);
  const figure = find(row, ".figure");
  writeWord(find(row, ".ledger-word"), say(status), room, status === "waiting" ? "left" : "right");
  return (cohort) => {
    write(figure, cohort ? format.number(cohort[status]) : "–");
    setSymbol(shape, { zero: !cohort || cohort[status] === 0 });
  };
}

/** What a figure counts, for which the rail has so much room: units; upright two of them stand at the left, with less. */
const WORD = { total: 424, upright: { left: 363, right: 420 }, coarse: 480, size: 72, line: 60, weight: 400 };

/** @param {HTMLElement} node @param {string} word @param {Room} room @param {"left" | "right"} side on which it stands upright */
function writeWord(node, word, { width }, side) {
  const { density, shape } = node.ownerDocument.documentElement.dataset;
  const total = density === "coarse" ? WORD.coarse : shape === "portrait" ? WORD.upright[side] : WORD.total;
  const line = width(word, WORD.line, WORD.weight) * NARROW;
  write(node, word);
  mark(node, "data-fit", line > total ? "small" : density === "coarse" ? "whole" : fit(width(word, WORD.size, WORD.weight), total));
}

/** @param {ParentNode} page @param {Room} room @returns {import("../ui/picture.js").Paint} window, all that is open where that is more than today's, position */
function mountFoot(page, { say, format, city }) {
  const window_ = find(page, ".ledger-window");
  const older = find(page, ".ledger-older");
  const position = find(page, ".ledger-position");
  const quiet = find(page, ".ledger-quiet");
  return ({ state, at, whole, guests }) => {
    const { cohort, stock } = state.counts ?? {};
    write(window_, at === null ? say("window_unknown") : say("window", { time: format.hour(at), zone: city.zoneLabel }));
    const earlier = cohort && stock ? stock.open - cohort.waiting - cohort.in_process : 0;
    write(older, stock && earlier > 0 ? say("older", { all: format.number(stock.open), n: format.number(earlier) }) : "");
    const alarms = countAlarms(state.alarms.values());
    write(quiet, guests ? "" : QUIET.flatMap((name) => (alarms[name] > 0 ? [say(`${name}_n`, { n: format.number(alarms[name]) })] : [])).join(", "));
    write(position, say("position", { n: whole ? format.number(state.seq) : "–" }));
  };
}

// The sources: each with its name, when it was last heard, and how that stands against its own rhythm. One that is late
// or lost also says how many open complaints are its own: that count may be wrong, and only that is hatched (CR-48).

/** Six places: what does not fit is counted in the last one. */
const PLACES = 6;
const URGENCY = { lost: 0, late: 1, ok: 2, closed: 3 };

/** @param {readonly Source[]} sources @returns {{shown: Source[], more: number}} none silent or late is ever left out for one that is not */
export function chooseSources(sources) {
  if (sources.length <= PLACES) return { shown: [...sources], more: 0 };
  /** @param {Source} source */
  const urgency = (source) => URGENCY[/** @type {keyof typeof URGENCY} */ (source.state ?? "ok")] ?? 2;
  const kept = new Set([...sources].sort((a, b) => urgency(a) - urgency(b)).slice(0, PLACES - 1));
  return { shown: sources.filter((source) => kept.has(source)), more: sources.length - kept.size };
}

/** @param {ParentNode} page @param {import("../ui/picture.js").WallRoom} room @returns {import("../ui/picture.js").Paint} */
export function mountSources(page, room) {
  const list = find(page, ".sources");
  const places = Array.from({ length: PLACES }, () => {
    const [square, name] = [element("span", "source-mark"), element("span", "source-name")];
    const [open, heard] = [element("span", "source-open"), element("span", "source-heard")];
    const place = element("li", "source", square, name, open, heard);
    list.append(place);
    return { place, name, open, heard };
  });
  return (picture) => {
    const { shown, more } = chooseSources(picture.state.sources);
    for (const [i, { place, name, open, heard }] of places.entries()) {
      const source = shown[i];
      const last = !source && more > 0 && i === shown.length;
      show(place, source !== undefined || last);
      mark(place, "data-state", source?.state ?? (last ? "more" : "none"));
      write(name, source ? (room.city.source(source.id) ?? source.name ?? source.id) : last ? room.say("more_sources", { n: room.format.number(more) }) : "");
      write(open, source && picture.quiet?.has(source.id) ? room.format.number(openOf(picture, source.id)) : "");
      write(heard, source ? heardWords(source, picture, room) : "");
    }
  };
}

/** @param {Picture} picture @param {string} id @returns {number} open complaints that this source told of */
function openOf({ state }, id) {
  const row = state.tally.sources.get(id);
  return row ? row.waiting + row.in_process : 0;
}

/** @param {Source} source @param {Picture} picture @param {import("../ui/picture.js").WallRoom} room */
function heardWords(source, { beat, sinceBeat }, { say, format }) {
  if (source.state === "closed") return say("closed");
  const seconds = beat?.heard?.[source.id];
  if (seconds === null || seconds === undefined) return "–";
  return format.span((seconds + sinceBeat) * 1000);
}
