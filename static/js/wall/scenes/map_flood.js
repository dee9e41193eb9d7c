/**
 * What a flood of alarms or a surge of complaints is on the map: its kind, how many in each area and district, and its words.
 */
import { Cards } from "../../feed/cards.js";
import { surgesOf } from "../../ui/alarms.js";
import { isolated } from "../../ui/complaints.js";
import { element, find, mark, moveTo, show, write } from "../../ui/dom.js";
import { symbol } from "../../ui/symbols.js";

/** @typedef {import("../../ui/picture.js").Picture} Picture */
/** @typedef {import("../../ui/picture.js").WallRoom} Room */
/** @typedef {import("../../feed/messages.js").Card} Card */

// A flood: alarms that nobody has acknowledged, by where they are. All of one kind where most of them are.

/** @typedef {{category: string | null, areas: Map<string, number>, districts: Map<string, number>, from: number, to: number}} Flooding from, to: when its first and last alarm came, ms */

/** Share of one kind from which a flood bears its name. */
const MOST_OF_IT = 0.5;

/** @param {Picture} picture @param {import("../../ui/city.js").City} city @returns {Flooding | null} null: none, or every alarm has been acknowledged */
export function floodingIn({ flood, state }, city) {
  if (!flood) return null;
  const told = [...state.alarms.values()].filter(({ state: standing, area }) => standing === "unacked" && city.area(area));
  const kinds = counted(told.map(({ complaint }) => state.cards.get(complaint ?? "")?.category ?? ""));
  const [kind = "", most = 0] = [...kinds].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0] ?? [];
  const category = kind !== "" && most > told.length * MOST_OF_IT ? kind : null;
  const areas = counted(told.map(({ area }) => area ?? ""));
  const times = told.map(({ activated_at: at, raised_at: raised }) => Date.parse(at ?? raised ?? "")).filter((at) => !Number.isNaN(at));
  if (told.length === 0) return null;
  let [from, to] = [Infinity, -Infinity];
  for (const at of times) [from, to] = [Math.min(from, at), Math.max(to, at)];
  return { category, areas, districts: districtsOf(areas, city), from, to };
}

/** @param {readonly string[]} keys @returns {Map<string, number>} */
function counted(keys) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** @param {Map<string, number>} areas @param {import("../../ui/city.js").City} city @returns {Map<string, number>} */
function districtsOf(areas, city) {
  /** @type {Map<string, number>} */
  const districts = new Map();
  for (const [area, n] of areas) {
    const code = city.districtOf(area) ?? area;
    districts.set(code, (districts.get(code) ?? 0) + n);
  }
  return districts;
}

/** @param {Flooding} flooding @param {Room} room @returns {{question: string, answers: string[]}} the answer at length and shorter */
export function floodWords({ category, districts, from, to }, { city, say, format }) {
  const what = category === null ? null : within(city.category(category) ?? say("unknown_category"));
  const place = say("districts_n", { n: format.number(districts.size) });
  const times = { from: format.hour(from), to: format.hour(to) };
  const spans = Number.isFinite(from) && times.from !== times.to ? [say("flood_map_answer", { place, ...times })] : [];
  return { question: what === null ? say("flood_map_question_any") : say("flood_map_question", { what }), answers: [...spans, place] };
}

// A surge of complaints: no alarm yet, so nothing rises, is white or has a ring.

/**
 * @typedef {object} Surging
 * @property {string} category
 * @property {number} waiting of its complaints
 * @property {Map<string, number>} areas
 * @property {Map<string, number>} districts
 * @property {number} due when the next of them must be handled, ms; Infinity where no limit is to come
 * @property {number[]} minutes how many of its kind came there in each of the last MINUTES, whatever became of them
 * @property {number} from the first of those minutes that is part of it
 * @property {number} until ms, the end of the last one
 */

/** Of so many minutes a surge shows the arrivals. */
export const MINUTES = 40;
const MINUTE_MS = 60_000;

/** @param {Map<string, number>} arrived ms by complaint, changed in place: what is older goes @param {number} until ms @returns {number[]} */
function minutesOf(arrived, until) {
  const start = until - MINUTES * MINUTE_MS;
  const minutes = new Array(MINUTES).fill(0);
  for (const [id, came] of arrived) {
    if (came < start) arrived.delete(id);
    else minutes[Math.min(MINUTES - 1, Math.floor((came - start) / MINUTE_MS))] += 1;
  }
  return minutes;
}

/**
 * Of the cards of this very picture, as the districts are, from which it is taken: what has changed in them is counted, no more.
 * @param {import("../../ui/city.js").City} city @returns {(picture: Picture) => Surging | null} the newest surge, by area; null: none, or nobody in it waits any more
 */
export function mountSurge(city) {
  let [key, cards] = ["", new Cards()];
  /** @type {Map<string, Card>} */
  const members = new Map();
  /** @type {Map<string, number>} */
  const arrived = new Map();
  return ({ state, at }) => {
    const line = surgesOf(state).at(-1) ?? null;
    const now = JSON.stringify(line);
    if (now !== key) {
      members.clear();
      arrived.clear();
      [key, cards] = [now, new Cards()];
    }
    if (!line?.areas?.length) return null;
    const [inIt, since] = [new Set(line.areas), Date.parse(line.since ?? "") || 0];
    const until = (Math.floor((at ?? 0) / MINUTE_MS) + 1) * MINUTE_MS;
    for (const { before, after } of state.cards.since(cards)) {
      if (before) [members, arrived].forEach((known) => known.delete(before.id));
      if (!after || after.category !== line.category || !inIt.has(after.area ?? "")) continue;
      const came = Date.parse(after.received_at ?? "");
      if (came >= until - MINUTES * MINUTE_MS) arrived.set(after.id, came);
      if (after.status === "waiting" && !(came < since)) members.set(after.id, after);
    }
    cards = state.cards;
    if (members.size === 0) return null;
    const areas = new Map(line.areas.map((area) => [area, 0]));
    let due = Infinity;
    for (const { area, due_at: limit } of members.values()) {
      areas.set(area ?? "", (areas.get(area ?? "") ?? 0) + 1);
      const ends = Date.parse(limit ?? "");
      if (ends > (at ?? -Infinity) && ends < due) due = ends;
    }
    const from = MINUTES - Math.ceil((until - since) / MINUTE_MS);
    return { category: line.category ?? "", waiting: members.size, areas, districts: districtsOf(areas, city), due, minutes: minutesOf(arrived, until), from, until };
  };
}

/** @param {Picture} picture @param {Room} room @returns {string[] | null} the newest surge of complaints, said at length and shorter; null: none */
export function surgeWords({ state }, { city, say, format }) {
  const surge = surgesOf(state).at(-1);
  if (!surge) return null;
  const names = [...new Set((surge.areas ?? []).map((area) => isolated(city.district(city.districtOf(area) ?? area))))].sort();
  const words = { what: within(city.category(surge.category) ?? say("unknown_category")), n: format.number(surge.n ?? 0) };
  const shorter = [say("surge_many", { ...words, districts: say("districts_n", { n: format.number(names.length) }) }), say("surge_short", words)];
  if (names.length > 2) return shorter;
  return [say(names.length === 2 ? "surge_two" : "surge_one", { ...words, place: names[0] ?? "", other: names[1] ?? "" }), ...shorter];
}

// Its number leaves the triangles of its districts and stands beside the city as one, on a thread to where most of it is.

/** @typedef {{x: number, y: number}} Spot */
/** @typedef {{x: number, y: number, w: number, h: number}} Box */
/** @typedef {{triangle: Box, words: Box}} SurgePlace */

/** Units: the highest triangle, its width by its height, air to its words, width of the smaller ones, their height, and steps. */
const OUTSIDE = { most: 320, width: 1.14, air: 44, note: 400, high: 230, kind: 96, figure: [168, 128, 96, 72, 60] };

/** @param {Surging} surge @param {Room} room @returns {{kind: string, note: string}} */
function outsideWords({ category, due }, { city, say, format }) {
  const kind = (city.category(category) ?? say("unknown_category")).replace(/ ?\([^)]*\)/g, "");
  return { kind, note: Number.isFinite(due) ? say("surge_limit", { time: format.hour(due) }) : say("surge_no_alarm") };
}

/**
 * @param {Surging} surge @param {number} growth height of a triangle by the root of its number @param {Spot} corner of where it may stand
 * @param {Room} room @returns {SurgePlace}
 */
export function surgePlace(surge, growth, { x, y }, room) {
  const size = Math.min(OUTSIDE.most, Math.round(growth * Math.sqrt(surge.waiting)));
  const triangle = { x, y, w: size * OUTSIDE.width, h: size };
  const w = Math.max(room.width(outsideWords(surge, room).kind, OUTSIDE.kind, 600), OUTSIDE.note * (room.type ?? 1));
  return { triangle, words: { x: x + triangle.w + OUTSIDE.air, y, w, h: OUTSIDE.high * (room.type ?? 1) } };
}

/** @param {HTMLElement} root @param {Room} room @returns {(surge: Surging | null, place: SurgePlace | null, home: Spot | null) => void} home: where most of it is; null: nobody knows, and it has no thread */
export function mountSurgeMark(root, room) {
  const [thread, triangle, count] = [element("i", "surge-thread"), symbol("waiting"), element("p", "surge-count")];
  const [kind, note] = [element("p", "surge-kind"), element("p", "surge-note")];
  const node = element("div", "surge-mark", thread, count, kind, note);
  count.before(triangle);
  root.prepend(node);
  return (surge, place, home) => {
    show(node, place !== null);
    if (!surge || !place) return [count, kind, note].forEach((words) => write(words, ""));
    const { triangle: { x, y, w: wide, h: size }, words } = place;
    const said = outsideWords(surge, room);
    write(count, room.format.number(surge.waiting));
    write(kind, said.kind);
    write(note, said.note);
    triangle.style.setProperty("--z", String(size));
    moveTo(triangle, x + wide / 2, y + (size * 2) / 3, "middle");
    const step = OUTSIDE.figure.find((one) => room.width(count.textContent ?? "", one, 600) <= wide * 0.44) ?? 60;
    count.dataset.step = String(step);
    count.style.width = `calc(${wide.toFixed(1)} * var(--u))`;
    note.style.width = `calc(${words.w.toFixed(1)} * var(--u))`;
    moveTo(count, x, y + size * 0.88);
    moveTo(kind, words.x, words.y);
    moveTo(note, words.x, words.y + 110 * (room.type ?? 1));
    show(thread, home !== null);
    if (!home) return;
    const [right, down] = [home.x - (x + wide), home.y - (y + size)];
    thread.style.width = `calc(${Math.hypot(right, down).toFixed(1)} * var(--u))`;
    thread.style.transform = `translate(calc(${(x + wide).toFixed(1)} * var(--u)), calc(${(y + size).toFixed(1)} * var(--u))) rotate(${Math.atan2(down, right).toFixed(4)}rad)`;
  };
}

// When its complaints came, by the minute: lit from the moment at which it began. A chart is no line of words: it stands whole in a
// corner that the city leaves free, or nowhere.

/** Units: from the side of the scene, from the words above it, and below the first lines of a question, however many it has. */
const CORNER = { side: 80, air: 24, head: 210 };

/**
 * @param {import("./map_placement.js").Size} chart
 * @param {{scene: Box, question: Box, foot: Box, right: boolean}} words foot: what stands there; right: at the right
 * @returns {Box[]} where the chart may stand, best first: over the words at the foot, at the upper right, beneath the question
 */
export function chartCorners({ w, h }, { scene, question, foot, right }) {
  const end = scene.w - CORNER.side - w;
  return [
    { x: right ? end : CORNER.side, y: foot.y - CORNER.air - h, w, h },
    { x: end, y: Math.max(0, question.y + Math.min(question.h, CORNER.head)) + 3 * CORNER.air, w, h },
    { x: CORNER.side, y: Math.max(0, question.y + question.h) + 3 * CORNER.air, w, h },
  ];
}

/** @returns {HTMLElement} */
export function minutesMarkup() {
  const bars = element("p", "arrival-bars", ...Array.from({ length: MINUTES }, () => element("i", "arrival-bar")));
  const axis = element("p", "minutes-axis", element("span", "minutes-from"), element("span", "minutes-until"));
  return element("div", "surge-minutes", element("p", "minutes-word"), bars, axis);
}

/** @param {HTMLElement} scene @param {Room} room @returns {(surge: Surging | null) => void} */
export function mountMinutes(scene, { say, format }) {
  const chart = find(scene, ".surge-minutes");
  const [word, from, until] = [find(chart, ".minutes-word"), find(chart, ".minutes-from"), find(chart, ".minutes-until")];
  const bars = /** @type {NodeListOf<HTMLElement>} */ (chart.querySelectorAll(".arrival-bar"));
  return (surge) => {
    mark(scene, "data-surge", String(surge !== null));
    if (!surge) return;
    const most = Math.max(1, ...surge.minutes);
    write(word, say("surge_minutes", { n: format.number(most) }));
    write(from, format.hour(surge.until - MINUTES * MINUTE_MS));
    write(until, format.hour(surge.until - MINUTE_MS));
    for (const [minute, bar] of bars.entries()) {
      const high = `${Math.round((100 * (surge.minutes[minute] ?? 0)) / most)}%`;
      if (bar.style.height !== high) bar.style.height = high;
      mark(bar, "data-now", String(minute >= surge.from));
    }
  };
}

/** @param {string} name @returns {string} as it stands within a line: an abbreviation keeps its capitals, and what stands in brackets goes */
function within(name) {
  const plain = name.replace(/ ?\([^)]*\)/g, "");
  return /^\p{Lu}\p{Ll}/u.test(plain) ? plain.charAt(0).toLowerCase() + plain.slice(1) : plain;
}
