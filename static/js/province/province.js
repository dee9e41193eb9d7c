/**
 * Entry of the province's wall: a block for each city that the room follows, each with its own freshness; six at once, more in turns.
 */
import { citiesAt, sumOf } from "../feed/cities.js";
import { askedOf, createMeasure, fontReady, frameScreen, moveFrame, readScreen } from "../screen/layout.js";
import { LivePage, mono } from "../screen/live.js";
import { answerWatchdog, stayAwake } from "../screen/reload.js";
import { cityOf } from "../ui/city.js";
import { arrange, find, fit, mark, write } from "../ui/dom.js";
import { formatIn } from "../ui/format.js";
import { languageOf, sayIn } from "../ui/language.js";
import { tellState } from "../ui/picture.js";
import { cityBlock, isHeard, nameOf } from "./city_block.js";
import { mountDetail } from "./city_detail.js";

/** @typedef {import("../feed/cities.js").City} City */

const PAINT_EVERY_MS = 250;
const TICK_MS = 200;
/** So many cities stand at once, in large letters half of them; where there are more, each page of them stands so long, the same on every screen. */
const [MOST_AT_ONCE, MOST_LARGE] = [6, 3];
const PAGE_MS = 20_000;
/** Dark on white and white on dark change places this often, so that no panel ages unevenly (CR-69). */
const SWAP_MS = 300_000;

/** What the answer may take in one line of its usual size, units. */
const ANSWER = { landscape: 2280, portrait: 1900, wide: 4200 };

const page = document.documentElement;
const lang = languageOf(document);
const own = cityOf(document, lang);
const panel = readScreen(askedOf(page, location.search));
await fontReady();
const { type, shape } = frameScreen(page, panel);
const atOnce = page.dataset.density === "coarse" ? MOST_LARGE : MOST_AT_ONCE;
const width = createMeasure(type);
const room = { say: sayIn(lang, "province", "ui"), format: formatIn(lang, own) };
const { say, format } = room;
const blocks = find(document, ".cities");
const detail = mountDetail(document, room);
/** @type {Map<string, ReturnType<typeof cityBlock>>} */
const made = new Map();
let shown = "";

const live = new LivePage({ audience: "wall", every: PAINT_EVERY_MS, paint, tickEvery: TICK_MS, tick });
live.alert("wall", { steady: true });
write(find(document, ".question-line"), say("question"));

/** @returns {City[]} */
function citiesNow() {
  const { sinceBeat, freshness, beat } = live.moment();
  return citiesAt(live.cities, /** @type {{cities?: unknown} | null} */ (beat), { sinceBeat: beat ? sinceBeat : 0, freshness });
}

function paint() {
  const picture = live.picture(own);
  const [cities, now] = [citiesNow(), live.serverNow()];
  const part = pageOf(cities, now);
  const columns = columnsFor(part.length);
  const [down, compact] = [Math.ceil(part.length / columns), part.length > 3];
  const rows = compact || page.dataset.density === "coarse" ? 3 : 5;
  const scale = Math.max(1, ...cities.flatMap(({ block }) => block.block?.districts.slice(0, rows).map(([, n]) => n) ?? []));
  blocks.style.setProperty("--columns", String(columns));
  blocks.style.setProperty("--rows", String(Math.max(1, down)));
  mark(page, "data-compact", String(compact));
  mark(page, "data-swapped", String(Math.floor((now ?? 0) / SWAP_MS) % 2 === 1));
  const views = part.map((city) => ({ city, view: viewOf(city.name) }));
  arrange(blocks, views.map(({ view }) => view.node));
  for (const { city, view } of views) view.paint({ city, scale, rows, now });
  write(find(document, ".room-name"), say("room", { room: own.room, n: cities.length }));
  write(find(document, ".clock-time"), picture.at === null ? "––.––.––" : format.clock(picture.at));
  write(find(document, ".clock-day"), picture.at === null ? "" : `${format.weekday(picture.at)}, ${own.zoneLabel}`);
  const answer = answerWords(cities, picture.freshness === "lost" && picture.whole);
  write(find(document, ".answer"), answer);
  mark(find(document, ".answer"), "data-fit", fit(width(answer, 60, 400), ANSWER[shape]));
  write(find(document, ".cities-page"), cities.length > atOnce ? say("page", { n: pageNumber(cities.length, now) + 1, of: Math.ceil(cities.length / atOnce) }) : "");
  detail.paint(cities, now);
  moveFrame(page, panel, now, picture.at === null ? null : Number(format.hour(picture.at).slice(0, 2)));
  tellState(page, picture, "province");
  const sum = sumOf(cities);
  mark(page, "data-cities", cities.map(({ name, hearing }) => `${name}=${hearing}`).join(";"));
  mark(page, "data-cities-waiting", String(sum.waiting));
  shown = signature();
}

/** @param {string} name @returns {ReturnType<typeof cityBlock>} its block, made once */
function viewOf(name) {
  const found = made.get(name) ?? cityBlock((city) => { detail.open(city); live.throttle.now(); }, room);
  made.set(name, found);
  return found;
}

/** @param {number} n of blocks @returns {number} upright they lie below each other, or two beside each other */
function columnsFor(n) {
  if (shape === "portrait") return n > 3 ? 2 : 1;
  return Math.max(1, Math.min(3, n === 4 ? 2 : n));
}

/** @param {number} n of cities @param {number | null} now @returns {number} from 0 */
function pageNumber(n, now) {
  return Math.floor((now ?? 0) / PAGE_MS) % Math.max(1, Math.ceil(n / atOnce));
}

/** @param {readonly City[]} cities @param {number | null} now @returns {readonly City[]} whose turn it is; their order never changes */
function pageOf(cities, now) {
  const first = pageNumber(cities.length, now) * atOnce;
  return cities.slice(first, first + atOnce);
}

/** @param {readonly City[]} cities @param {boolean} cut this screen itself has lost its room @returns {string} the sum of what may be added, and what is not in it */
function answerWords(cities, cut) {
  if (cut) return say("answer_cut");
  if (cities.length === 0) return say("joining");
  const { waiting, heard, silent, drills } = sumOf(cities);
  const names = (/** @type {readonly City[]} */ some) => new Intl.ListFormat(lang, { type: "unit" }).format(some.map(nameOf));
  const parts = [];
  if (heard.length > 0) parts.push(say(silent.length > 0 ? "answer_heard" : "answer", { w: format.number(waiting), n: heard.length }));
  else if (silent.length > 0) parts.push(say("answer_none"));
  if (silent.length > 0) parts.push(say("answer_silent", { names: names(silent) }));
  if (drills.length > 0) parts.push(say("answer_drills", { names: names(drills), w: format.number(drills.filter(isHeard).reduce((n, { block }) => n + (block.block?.waiting ?? 0), 0)) }));
  return parts.join(", ");
}

/** @returns {string} what may change without a message: the second, how each city is heard, the page */
function signature() {
  const cities = citiesNow();
  const heard = cities.map(({ age, hearing, fault }) => `${Math.floor(age ?? -1)}${hearing}${fault}`);
  return [heard.join(), live.moment().freshness, pageNumber(cities.length, live.serverNow()), Math.floor(mono() / 1000)].join(" ");
}

function tick() {
  if (signature() !== shown) live.throttle.ask();
}

live.start();
stayAwake();
answerWatchdog();
