/**
 * Head of leadership's page: what has reached its reader and whom to call, the city as lit land, and the sum of today.
 */
import { timeWords, whatWords } from "../ui/complaints.js";
import { element, find, mark, show, write } from "../ui/dom.js";
import { setSymbol, symbol } from "../ui/symbols.js";
import { whoWords } from "./list.js";
import { holderOf, whyOf } from "./numbers.js";

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("../agency/room.js").LeadRoom} LeadRoom */
/** @typedef {import("../agency/room.js").LeadFacts} LeadFacts */
/** @typedef {import("./numbers.js").Look} Look */
/** @typedef {Look & {seen: Seen, at: number | null, calendar: import("../feed/clock.js").Calendar}} CityLook */

// What the head shows of the cards: what has been told to the reader's step of the escalation, what waits where, and what came in
// today. One pass over all of them. Pure.

/** @typedef {{waiting: number, in_process: number, done: number, elsewhere: number}} Today */
/**
 * @typedef {object} Seen
 * @property {Card[]} reached what has been told to the reader's step, furthest first
 * @property {{areas: Map<string, number>, districts: Map<string, number>}} waiting by code
 * @property {Today} today what came in today, by what became of it: the list `in`
 */

/**
 * @param {Iterable<Card>} cards
 * @param {{agency: string, day: string | null, reached: number, districtOf: (area: string) => string | null}} reader agency: "" for all; day: the city's, today;
 * reached: percent of the time allowed at which its step is told, 0 where nobody tells it
 * @returns {Seen}
 */
export function seenBy(cards, { agency, day, reached, districtOf }) {
  /** @type {Seen} */
  const seen = { reached: [], waiting: { areas: new Map(), districts: new Map() }, today: { waiting: 0, in_process: 0, done: 0, elsewhere: 0 } };
  const { areas, districts } = seen.waiting;
  for (const card of cards) {
    if (agency && holderOf(card) !== agency) continue;
    const { status, area } = card;
    if (day !== null && card.received_day === day) seen.today[status] += 1;
    const open = status === "waiting" || status === "in_process";
    if (open && card.overdue && reached > 0 && (card.escalation ?? 0) >= reached) seen.reached.push(card);
    if (status !== "waiting" || !area) continue;
    areas.set(area, (areas.get(area) ?? 0) + 1);
    const district = districtOf(area);
    if (district) districts.set(district, (districts.get(district) ?? 0) + 1);
  }
  const due = (/** @type {Card} */ { due_at: at }) => at ?? "~";
  seen.reached.sort((a, b) => (b.escalation ?? 0) - (a.escalation ?? 0) || (due(a) < due(b) ? -1 : 1));
  return seen;
}

/** @param {string | null | undefined} number as a pack has it @returns {string | null} as a telephone dials it; an extension of an exchange is not dialled from outside */
export function dialled(number) {
  const digits = (number ?? "").replace(/[^\d+]/g, "");
  return /^\+?\d{3}$|^\+?\d{6,}$/.test(digits) && !/[a-z]{3}/i.test(number ?? "") ? `tel:${digits}` : null;
}

// What has reached the reader, and one call.

const SHOWN = 3;

/** @param {Document} page @param {LeadRoom} room @param {LeadFacts} facts @returns {(look: CityLook) => void} */
export function mountReached(page, room, facts) {
  const { lead, format } = room;
  const root = find(page, ".reached");
  const [title, list, call, all] = [find(root, "h2"), find(root, ".reached-rows"), find(page, ".call"), find(page, ".call-all")];
  const rows = Array.from({ length: SHOWN }, () => mountRow(list));
  const more = find(root, ".reached-more");
  return (look) => {
    const found = look.seen.reached;
    const n = format.number(found.length);
    write(title, !look.known ? "" : found.length > 0 ? lead("reached", { n }) : lead("reached_none"));
    for (const [i, paint] of rows.entries()) paint(found[i] ?? null, look, room);
    write(more, found.length > SHOWN ? lead("reached_more", { n: format.number(found.length - SHOWN) }) : "");
    paintCall(call, found.find(({ state }) => state !== "received") ?? null, facts, room);
    show(all, look.now.late > 0);
    mark(all, "href", look.to({ list: "late" }));
    write(all, lead("all_late", { n: format.number(look.now.late) }));
  };
}

/** @param {HTMLElement} list */
function mountRow(list) {
  const shape = symbol("waiting");
  const [what, who, left] = ["reached-what", "reached-who", "reached-left"].map((name) => element("span", name));
  const link = element("a", "reached-link", .../** @type {HTMLElement[]} */ ([what, who, left]));
  link.prepend(shape);
  const node = element("li", "reached-row", link);
  list.append(node);
  return (/** @type {Card | null} */ card, /** @type {CityLook} */ look, /** @type {LeadRoom} */ room) => {
    show(node, card !== null);
    if (!card) return;
    setSymbol(shape, { status: card.status, ring: card.state === "received" || card.state === "forwarded" ? "strong" : "thin" });
    mark(node, "data-strong", String(card.state === "received" || card.state === "forwarded"));
    write(/** @type {HTMLElement} */ (what), whatWords(card, room));
    const [holder, why] = [whoWords(card, room), room.lead(`why_${whyOf(card)}`)];
    // What was never sent is with the control room: its reason says so already.
    write(/** @type {HTMLElement} */ (who), card.state === "received" ? why : `${holder}, ${why}`);
    write(/** @type {HTMLElement} */ (left), timeWords(card, look, room));
    mark(link, "href", look.to({ open: card.id }));
  };
}

/** @param {HTMLElement} call @param {Card | null} card the first that has reached the reader and was sent @param {LeadFacts} facts @param {LeadRoom} room who has it, by telephone: dialled where the number can be */
function paintCall(call, card, { phones }, { lead, city }) {
  const agency = card?.agency ?? "";
  const number = phones[agency] ?? "";
  show(call, number !== "");
  const words = lead("call", { agency: city.agency(agency) ?? agency });
  const tel = dialled(number);
  write(call, tel ? words : `${words}: ${number}`);
  if (tel) mark(call, "href", tel);
  else call.removeAttribute("href");
}

// The city: land by how many wait, a triangle a district, a ring where what has reached the reader is.

/** @typedef {{code: string, path: string, at: [number, number]}} Outline at: where its mark stands */
/** @typedef {{width: number, height: number, areas: Outline[], districts: Outline[]}} Outlines */

const SVG = "http://www.w3.org/2000/svg";
/** Height of a triangle for one that waits, the highest, and from how many on it holds its figure at 16 px; units of the outlines. */
const TRIANGLE = { one: 34, most: 190, least: 64, figured: 5, holds: 104 };

/** 16 px on a telephone, where the city is as wide as its screen. */
const FIGURE = 48;

/** @param {string} name @param {Record<string, string>} attributes */
function drawn(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/** @param {Document} page @param {LeadRoom} room @returns {(look: CityLook) => void} */
export function mountCity(page, room) {
  const box = find(page, ".city-map");
  /** @type {Outlines} */
  const outlines = JSON.parse(find(page, "#outlines").textContent ?? "{}");
  const { width, height } = outlines;
  const slab = drawn("path", { class: "city-slab", d: outlines.areas.map(({ path }) => path).join(""), transform: "translate(0 9)" });
  const land = outlines.areas.map(({ code, path: d }) => ({ code, node: drawn("path", { class: "city-land", d, "data-waiting": "0" }) }));
  const seams = drawn("path", { class: "city-seams", d: outlines.districts.map(({ path }) => path).join("") });
  const marks = outlines.districts.map(({ code, at }) => ({ code, place: at, shape: drawn("path", { class: "city-triangle" }), figure: drawn("text", { class: "city-figure", "font-size": String(FIGURE) }) }));
  const picture = drawn("svg", { viewBox: `-10 -10 ${width + 20} ${height + 30}`, "aria-hidden": "true" });
  picture.append(slab, ...land.map(({ node }) => node), seams, ...marks.flatMap(({ shape, figure }) => [shape, figure]));
  const places = new Map(outlines.areas.map(({ code, at }) => [code, at]));
  const rings = Array.from({ length: SHOWN }, () => symbol("waiting"));
  box.append(picture, .../** @type {Element[]} */ (rings));
  return ({ seen: { waiting, reached } }) => {
    for (const { code, node } of land) mark(node, "data-waiting", String(Math.min(3, waiting.areas.get(code) ?? 0)));
    const most = Math.max(1, ...waiting.districts.values());
    for (const one of marks) paintMark(one, waiting.districts.get(one.code) ?? 0, most, room);
    paintRings(rings, reached, { places, width, height });
  };
}

/** @param {{place: number[], shape: Element, figure: Element}} mark_ @param {number} n @param {number} most @param {LeadRoom} room */
function paintMark({ place: [x = 0, y = 0], shape, figure }, n, most, { format }) {
  const one = Math.min(TRIANGLE.one, TRIANGLE.most / Math.sqrt(most));
  const figured = n >= TRIANGLE.figured;
  const high = Math.max(figured ? TRIANGLE.holds : TRIANGLE.least, one * Math.sqrt(n));
  mark(shape, "d", n === 0 ? "" : `M${x.toFixed(0)} ${(y - 0.667 * high).toFixed(0)}l${(0.57 * high).toFixed(0)} ${high.toFixed(0)}h${(-1.14 * high).toFixed(0)}Z`);
  write(figure, figured ? format.number(n) : "");
  mark(figure, "x", x.toFixed(0));
  mark(figure, "y", (y + 0.24 * high).toFixed(0));
}

/** @param {SVGElement[]} rings @param {readonly Card[]} found @param {{places: ReadonlyMap<string, readonly number[]>, width: number, height: number}} city */
function paintRings(rings, found, { places, width, height }) {
  const placed = found.filter(({ area }) => places.has(area ?? "")).slice(0, rings.length);
  for (const [i, ring] of rings.entries()) {
    const card = placed[i];
    mark(ring, "data-shown", String(card !== undefined));
    if (!card) continue;
    setSymbol(ring, { status: card.status, ring: card.state === "received" || card.state === "forwarded" ? "strong" : "thin" });
    const [x = 0, y = 0] = places.get(card.area ?? "") ?? [];
    ring.style.left = `${(((x + 10) / (width + 20)) * 100).toFixed(1)}%`;
    ring.style.top = `${(((y + 10) / (height + 30)) * 100).toFixed(1)}%`;
  }
}

// The sum of today: what came in, by what became of it, and the same as one bar.

const PARTS = /** @type {const} */ (["waiting", "in_process", "done", "elsewhere"]);

/** @param {Document} page @param {LeadRoom} room @returns {(look: CityLook) => void} */
export function mountSum(page, { lead, say, format }) {
  const root = find(page, ".city-sum");
  const figures = PARTS.slice(0, 3).map((status) => {
    const figure = element("span", "sum-n");
    const node = element("p", "sum-part", figure, element("span", "sum-word", say(status)));
    node.prepend(symbol(status));
    find(root, ".sum-parts").append(node);
    return { status, figure };
  });
  const bars = PARTS.map((status) => {
    const bar = element("span", "sum-bar");
    mark(bar, "data-status", status);
    find(root, ".sum-bars").append(bar);
    return { status, bar };
  });
  const line = find(root, ".sum-line");
  return (look) => {
    const { today } = look.seen;
    for (const { status, figure } of figures) write(figure, look.known ? format.number(today[status]) : "–");
    for (const { status, bar } of bars) bar.style.flexGrow = String(today[status]);
    write(line, look.known ? lead("sum_line", { other: format.number(today.elsewhere), n: format.number(PARTS.reduce((sum, status) => sum + today[status], 0)) }) : "");
  };
}
