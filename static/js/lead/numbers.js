/**
 * Numbers of leadership's page: counted from the cards, shares by agency, and each a link to its list.
 */
import { hasWorked } from "../feed/messages.js";
import { promiseWords } from "../ui/city.js";
import { element, find, mark, show, write } from "../ui/dom.js";

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("../agency/room.js").LeadRoom} LeadRoom */
/** @typedef {import("../feed/messages.js").LeadFigure} LeadFigure */
/** @typedef {import("../feed/messages.js").LeadRow} LeadRow */

// What leadership counts and lists from the cards: what is open, what is late, and what it waits for. Pure.

/** @typedef {"unsent" | "accept" | "start" | "work" | "proof" | "citizen" | "held"} Why */
/** @typedef {"open" | "waiting" | "in_process" | "late" | "in" | "done"} NowList lists of what the feed carries */
/** @typedef {{open: number, waiting: number, in_process: number, late: number, in: number, done: number, whys: Map<Why, number>}} Now */

const WHYS = /** @type {const} */ (["unsent", "accept", "start", "work", "proof", "citizen", "held"]);
export const NOW_LISTS = /** @type {const} */ (["open", "waiting", "in_process", "late", "in", "done"]);
/** In an address: of no agency. */
export const NOBODY = "-";
/** Below this a share is one case's luck: the cases are shown (CR-88). */
const FEW = 20;
/** So many shares are listed, the lowest; the others are a touch away. */
const LOWEST = 6;
const BY_STATE = /** @type {Record<string, Why>} */ ({ received: "unsent", forwarded: "accept", accepted: "start", working: "work", proof_submitted: "proof" });

/** @param {Card} card @returns {Why} what it waits for: a pause before the stage it would be in */
export function whyOf({ paused, state }) {
  if (paused === "citizen") return "citizen";
  if (paused === "hold") return "held";
  return BY_STATE[state ?? ""] ?? "work";
}

/** @param {Card} card @returns {string} who has it: its lead agency once it was sent, else nobody */
export function holderOf({ state, agency }) {
  return state === "received" ? NOBODY : (agency ?? NOBODY);
}

/** @param {Card} card @param {NowList} list @param {string | null} day the city's, today @returns {boolean} */
function isIn(card, list, day) {
  const open = card.status === "waiting" || card.status === "in_process";
  switch (list) {
    case "open": return open;
    case "late": return open && card.overdue === true;
    case "in": return day !== null && card.received_day === day;
    case "done": return card.status === "done";
    default: return card.status === list;
  }
}

/** @param {Iterable<Card>} cards @param {string} agency "" for all @param {string | null} day @returns {Now} */
export function countNow(cards, agency, day) {
  /** @type {Now} */
  const now = { open: 0, waiting: 0, in_process: 0, late: 0, in: 0, done: 0, whys: new Map() };
  for (const card of cards) {
    if (agency && holderOf(card) !== agency) continue;
    for (const list of NOW_LISTS) if (isIn(card, list, day)) now[list] += 1;
    if (!isIn(card, "late", day)) continue;
    const why = whyOf(card);
    now.whys.set(why, (now.whys.get(why) ?? 0) + 1);
  }
  return now;
}

/** @param {Iterable<Card>} cards @param {{agency: string, list: NowList, why: string}} place @param {string | null} day @returns {Card[]} longest due first; what ended, last first */
export function listNow(cards, { agency, list, why }, day) {
  const found = [];
  for (const card of cards) {
    if (!isIn(card, list, day) || (agency && holderOf(card) !== agency)) continue;
    if (!why || whyOf(card) === why) found.push(card);
  }
  const key = list === "done" ? "closed_at" : list === "in" ? "received_at" : "due_at";
  const down = key === "due_at" ? 1 : -1;
  const value = (/** @type {Card} */ card) => card[key] ?? (key === "due_at" ? "~" : "");
  return found.sort((a, b) => (value(a) === value(b) ? (a.id < b.id ? -1 : 1) : value(a) < value(b) ? -down : down));
}

/** @param {Iterable<Card>} cards @returns {Map<string, string[]>} ids of what is late, by who has it; "" has all */
export function lateOf(cards) {
  /** @type {Map<string, string[]>} */
  const found = new Map([["", []]]);
  for (const card of cards) {
    if (!isIn(card, "late", null)) continue;
    for (const key of ["", holderOf(card)]) {
      const ids = found.get(key);
      if (ids) ids.push(card.id);
      else found.set(key, [card.id]);
    }
  }
  return found;
}

/** @param {import("../feed/messages.js").OnTime} told @param {readonly string[]} late what is late now, which the cards know better @returns {import("../feed/messages.js").OnTime} */
export function withLate(told, late) {
  const n = told.judged + late.length;
  const few = n < FEW && told.cases !== null;
  const closed = (told.cases ?? []).filter(({ open }) => !open);
  const cases = few ? [...closed, ...late.map((id) => ({ id, open: true, kept: false }))] : null;
  return { ...told, overdue: late.length, n, share: few || n === 0 ? null : told.within / n, cases };
}

/** @template {{agency: string | null, on_time: {n: number, share: number | null}}} R @param {readonly R[]} rows @returns {{shares: R[], few: R[]}} lowest share first; those of too few cases for one, by number */
export function ranked(rows) {
  const shares = rows.filter(({ on_time: { share } }) => share !== null);
  const few = rows.filter(({ on_time: { share, n } }) => share === null && n > 0);
  const by = (/** @type {R} */ a, /** @type {R} */ b) => (a.on_time.share ?? 0) - (b.on_time.share ?? 0) || b.on_time.n - a.on_time.n;
  return { shares: shares.sort(by), few: few.sort((a, b) => b.on_time.n - a.on_time.n) };
}

// The page of numbers: what is late and what it waits for, what is asked, today against usual, how it ended.

/** @typedef {Partial<import("./list.js").Place>} Go */
/** @typedef {{now: Now, figure: LeadFigure | null, row: LeadRow | null, agency: string, asked: {n: number, over: number}, late: Map<string, string[]>, known: boolean, to: (go: Go) => string}} Look row: of the agency, or of all */

const ENDS = /** @type {const} */ (["finished", "unproved", "reopened", "median"]);

/** @param {HTMLElement} link @param {string} words @param {Go} go @param {Look} look a number that leads to its list; none leads nowhere */
function writeLink(link, words, go, look) {
  write(link, words);
  mark(link, "href", look.to(go));
}

/** @param {Document} page @param {LeadRoom} room @returns {(look: Look) => void} */
export function mountNumbers(page, room) {
  const parts = [mountLate, mountAsked, mountToday, mountHow].map((mount) => mount(page, room));
  const shares = mountShares(page, room);
  return (look) => {
    for (const paint of parts) paint(look);
    shares(look);
  };
}

/** @param {Document} page @param {LeadRoom} room @returns {(look: Look) => void} */
function mountLate(page, { lead, format }) {
  const root = find(page, ".late");
  const [figure, open] = [find(root, ".show"), find(root, ".beside")];
  write(find(root, "h2"), lead("late"));
  const rows = WHYS.map((why) => {
    const [n, name, bar] = [element("span", "why-n"), element("span", "why-name", lead(`why_${why}`)), element("span", "why-bar")];
    const link = element("a", "why-link", n, name, bar);
    return { why, n, bar, link, node: element("li", "why", link) };
  });
  find(root, ".whys").append(...rows.map(({ node }) => node));
  return (look) => {
    const { now } = look;
    writeLink(figure, look.known ? format.number(now.late) : "–", { list: "late" }, look);
    writeLink(open, lead("late_of", { n: look.known ? format.number(now.open) : "–" }), { list: "open" }, look);
    for (const { why, n, bar, link, node } of rows) {
      const number = now.whys.get(why) ?? 0;
      show(node, number > 0);
      write(n, format.number(number));
      mark(link, "href", look.to({ list: "late", why }));
      bar.style.transform = `scaleX(${(number / Math.max(1, now.late)).toFixed(3)})`;
    }
  };
}

/** @param {Document} page @param {LeadRoom} room @returns {(look: Look) => void} */
function mountAsked(page, { lead, format }) {
  const root = find(page, ".asked");
  const [figure, words] = [find(root, ".show"), find(root, ".beside")];
  write(find(root, "h2"), lead("asked"));
  return (look) => {
    const { n, over } = look.asked;
    writeLink(figure, look.figure ? format.number(n) : "–", { list: "asked" }, look);
    mark(root, "data-over", String(over > 0));
    write(words, n === 0 ? lead("asked_none") : [lead("asked_open"), ...(over > 0 ? [`${format.number(over)} ${lead("asked_over")}`] : [])].join(" · "));
  };
}

/** @param {Document} page @param {LeadRoom} room @returns {(look: Look) => void} */
function mountToday(page, room) {
  const root = find(page, ".today");
  write(find(root, "h2"), room.lead("today"));
  const series = /** @type {const} */ ([["in", "received"], ["done", "done"]]).map(([list, line]) => {
    const [figure, name, usual] = [element("a", "mid"), element("span", "beside", room.lead(list)), element("p", "note")];
    find(root, ".pair").append(element("div", "pair-part", element("p", "pair-line", figure, name), usual));
    return { list, line, figure, usual };
  });
  const note = find(root, ".today-note");
  return (look) => {
    for (const { list, line, figure, usual } of series) {
      writeLink(figure, look.known ? room.format.number(look.now[list]) : "–", { list }, look);
      write(usual, usualWords(list, line, look, room));
    }
    write(note, usualNote(look, room));
  };
}

/** @param {"in" | "done"} list @param {"received" | "done"} line @param {Look} look @param {LeadRoom} room today is compared for all together; an agency with its own last days */
function usualWords(list, line, { figure, row, agency }, { lead, format }) {
  if (!figure) return "";
  if (agency || !figure.trend) {
    const days = row?.[line].slice(0, -1) ?? [];
    return days.length > 0 ? lead("usual_agency", { n: format.decimal(days.reduce((sum, n) => sum + n, 0) / days.length) }) : "";
  }
  const { usual_total: usual, change } = figure.trend[list];
  if (usual === null) return "";
  const words = lead("usual", { usual: format.number(usual) });
  return change === null ? words : `${format.change(change)}, ${words}`;
}

/** @param {Look} look @param {LeadRoom} room what both numbers of today are compared with, said once */
function usualNote({ figure, agency, row }, { lead, format }) {
  if (!figure) return "";
  if (agency || !figure.trend) return row ? lead("usual_mean") : "";
  const { weeks, day } = figure.trend;
  return figure.trend.in.usual_total === null && figure.trend.done.usual_total === null ? lead("no_usual") : lead("usual_of", { weekday: format.weekday(Date.parse(`${day}T12:00:00Z`)), n: weeks });
}

/** @param {Document} page @param {LeadRoom} room @returns {(look: Look) => void} */
function mountHow(page, room) {
  const { lead } = room;
  const root = find(page, ".how");
  write(find(root, "h2"), lead("how"));
  const rows = ENDS.map((name) => {
    const [figure, note] = [element(name === "median" ? "span" : "a", "mid"), element("span", "note")];
    find(root, ".hows").append(element("li", "how-row", figure, element("span", "how-name", lead(name)), note));
    return { name, figure, note };
  });
  return (look) => {
    write(find(root, ".window"), look.figure ? windowWords(look.figure, room) : "");
    for (const { name, figure, note } of rows) {
      const [words, beside] = look.row ? endWords(name, look.row, look, room) : ["–", ""];
      if (name === "median") write(figure, words);
      else writeLink(figure, words, { list: name }, look);
      write(note, beside);
    }
  };
}

/** @param {LeadFigure} figure @param {LeadRoom} room "10 hari kerja terakhir", or that no working time has run yet */
function windowWords({ window: past }, { lead, format }) {
  if (!hasWorked(past)) return lead("days_none");
  return past.working_days < 1 ? lead("since_morning") : lead("days", { n: format.decimal(past.working_days) });
}

/** @param {typeof ENDS[number]} name @param {LeadRow} row @param {Look} look @param {LeadRoom} room @returns {[string, string]} the number, and of what it is a part */
function endWords(name, { finished, unproved, reopened, median }, { figure }, { lead, format }) {
  const of = (/** @type {number} */ n) => lead("of_finished", { n: format.number(n) });
  switch (name) {
    case "finished": return [format.number(finished), ""];
    case "unproved": return [format.number(unproved), of(finished)];
    case "reopened": return [format.number(reopened.n), of(reopened.of)];
    default: {
      const options = { working: median?.clock === "working", dayMs: (figure?.working_day_s || 86_400) * 1000 };
      // Before any working time has run whatever was finished took none of it, which says nothing.
      if (median?.clock === "working" && figure && !hasWorked(figure.window)) return ["–", lead("median_n", { n: format.number(median.n) })];
      return median ? [format.span(median.s * 1000, options), lead("median_n", { n: format.number(median.n) })] : ["–", ""];
    }
  }
}

// On time, agency by agency, lowest first: share, cases, target and window always beside each other (CR-91); where the
// cases are too few for a share, the cases themselves, each a link (CR-88).

/** @param {Document} page @param {LeadRoom} room @returns {(look: Look) => void} */
function mountShares(page, room) {
  const root = find(page, ".kept");
  const { lead } = room;
  const head = mountShare(room, "share-head");
  find(root, ".kept-head").append(head.node);
  const [shares, further, few] = [".shares.lowest", ".shares.further", ".shares.few"].map((place) => mountList(find(root, place), room));
  write(find(root, "h2"), lead("kept"));
  write(find(root, ".shares-title"), lead("lowest"));
  write(find(root, ".kept-how"), lead("kept_how", { few: FEW }));
  return (look) => {
    const { figure } = look;
    const row = look.row && lively(look.row, look.agency, look);
    show(head.node, row !== null);
    if (figure && row) head.paint(row, look, figure);
    const { shares: large, few: small } = ranked(look.agency ? [] : (figure?.agencies ?? []).map((one) => lively(one, one.agency ?? NOBODY, look)));
    for (const [list, rows, place] of /** @type {const} */ ([[shares, large.slice(0, LOWEST), ".shares-title"], [further, large.slice(LOWEST), ".further-box"], [few, small, ".few-box"]])) {
      show(find(root, place), rows.length > 0);
      if (figure) list?.(rows, look, figure);
    }
    write(find(root, ".further-title"), lead("further", { n: large.length - LOWEST }));
    write(find(root, ".few-title"), fewWords(small, room));
  };
}

/** @param {readonly LeadRow[]} rows of too few cases for a share @param {LeadRoom} room how many agencies and cases they are together, and how many are late */
function fewWords(rows, { lead, format }) {
  const sum = (/** @type {(row: LeadRow) => number} */ of) => format.number(rows.reduce((n, row) => n + of(row), 0));
  const late = rows.reduce((n, { on_time: { overdue } }) => n + overdue, 0);
  const words = lead("few", { few: FEW, n: format.number(rows.length), cases: sum(({ on_time: { n } }) => n) });
  return late > 0 ? `${words}, ${lead("kept_late", { n: format.number(late) })}` : words;
}

/** @param {LeadRow} row @param {string} agency @param {Look} look @returns {LeadRow} with what is late now */
function lively(row, agency, { late }) {
  return { ...row, on_time: withLate(row.on_time, late.get(agency) ?? []) };
}

/** @param {HTMLElement} list @param {LeadRoom} room */
function mountList(list, room) {
  /** @type {Map<string, ReturnType<typeof mountShare>>} */
  const kept = new Map();
  /** @param {readonly LeadRow[]} rows @param {Look} look @param {LeadFigure} figure */
  return (rows, look, figure) => {
    const nodes = rows.map((row) => {
      const key = row.agency ?? NOBODY;
      const share = kept.get(key) ?? mountShare(room, "share-row");
      kept.set(key, share);
      share.paint(row, look, figure);
      return share.node;
    });
    if (nodes.length !== list.children.length || nodes.some((node, i) => list.children[i] !== node)) list.replaceChildren(...nodes);
  };
}

/** @param {LeadRoom} room @param {"share-head" | "share-row"} className the line of all together, or of one agency */
function mountShare(room, className) {
  const names = /** @type {const} */ (["share-name", "share-n", "share-of", "share-late"]);
  const [name, value, of, late] = names.map((one) => element("a", one));
  const [note, bar, cases] = [element("p", "note share-note"), element("span", "share-bar", element("span", "share-fill")), element("p", "cases")];
  const node = element(className === "share-row" ? "li" : "div", className, .../** @type {HTMLElement[]} */ ([name, value, bar, of, late, note, cases]));
  const parts = /** @type {Record<string, HTMLElement>} */ ({ node, name, value, of, late, note, bar, cases });
  return { node, paint: (/** @type {LeadRow} */ row, /** @type {Look} */ look, /** @type {LeadFigure} */ figure) => paintShare(parts, { row, look, figure }, room) };
}

/** @param {Record<string, any>} parts @param {{row: LeadRow, look: Look, figure: LeadFigure}} told @param {LeadRoom} room */
function paintShare(parts, { row, look, figure }, room) {
  const { lead, format, city } = room;
  const { share, within, n, overdue, cases } = row.on_time;
  const everybody = parts.node.matches(".share-head") && !look.agency;
  const agency = everybody ? "" : (row.agency ?? NOBODY);
  writeLink(parts.name, everybody ? lead("all") : row.agency ? (city.agency(row.agency) ?? row.agency) : lead("nobody"), { agency, list: "" }, look);
  writeLink(parts.value, share === null ? lead("of_cases", { n: within, of: n }) : format.percent(share), { agency, list: share === null ? "on_time" : "finished" }, look);
  const head = parts.node.matches(".share-head");
  // The window is the same for all of them and said once, with the sum.
  const kept = [lead("kept_of", { n: format.number(within), of: format.number(n) }), ...(head ? [] : [targetWords(row, room)])].join(", ");
  writeLink(parts.of, kept, { agency, list: "on_time" }, look);
  show(parts.of, share !== null);
  writeLink(parts.late, overdue > 0 ? lead("kept_late", { n: format.number(overdue) }) : "", { agency, list: "late" }, look);
  show(parts.late, overdue > 0);
  write(parts.note, head ? `${targetWords(row, room)} · ${windowWords(figure, room)}` : share === null ? targetWords(row, room) : "");
  show(parts.bar, share !== null);
  parts.bar.firstChild.style.transform = `scaleX(${(share ?? 0).toFixed(3)})`;
  paintCases(parts.cases, cases ?? [], look, room);
}

/** @param {HTMLElement} box @param {readonly import("../feed/messages.js").Case[]} cases @param {Look} look @param {LeadRoom} room one mark a case */
function paintCases(box, cases, look, { lead }) {
  const key = JSON.stringify(cases.map(({ id, open, kept }) => [look.to({ open: id }), open, kept]));
  if (box.dataset.key === key) return;
  box.dataset.key = key;
  box.replaceChildren(...cases.map(({ id, open, kept }, i) => {
    const link = element("a", "case");
    const how = kept ? "kept" : open ? "open" : "late";
    mark(link, "data-case", how);
    mark(link, "href", look.to({ open: id }));
    mark(link, "aria-label", `${i + 1}: ${lead(`case_${how}`)}`);
    return link;
  }));
}

/** @param {LeadRow} row @param {LeadRoom} room shortest and longest promise: "target 1–14 hari kerja" */
function targetWords({ on_time: { target } }, { lead, format }) {
  const span = promiseWords(target, format);
  return span ? lead("target", { span }) : lead("target_kind");
}
