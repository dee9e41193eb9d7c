/**
 * Entry of the evaluation page: what is asked for stands in the address; asks, and shows the answer as table, chart and lists.
 */
import { getJson } from "../feed/http.js";
import { cityOf } from "../ui/city.js";
import { element, find, mark, write } from "../ui/dom.js";
import { formatIn, localeIn } from "../ui/format.js";
import { languageOf, sayIn } from "../ui/language.js";
import { whoIn } from "../ui/user.js";
import { MEASURES, ranked, rowOf } from "./answer.js";
import { paintBehind, paintPanel } from "./panel.js";
import { isAhead, periodOf, periodsIn, rangeOf, readPeriod, stepped, UNITS } from "./period.js";
import { paintHead, paintTable } from "./table.js";

/** @typedef {import("./answer.js").Answer} Answer */
/** @typedef {import("./answer.js").Measure} Measure */
/** @typedef {import("./period.js").Period} Period */
/**
 * @typedef {object} EvaluationRoom
 * @property {import("../ui/language.js").Say<"evaluation_page">} say @property {import("../ui/format.js").Format} format
 * @property {import("../ui/city.js").City} city @property {ReturnType<typeof periodsIn>} periods @property {string} own the city, or the agency whose own page it is
 * @property {(by: string, value: string | null) => string} nameOf a row @property {(id: string) => string} openOf address of a complaint
 */
/** @typedef {{period: Period, by: string, row: string | null, what: Measure | null}} Place row: the value of the chosen one, null: the whole city; what: the number whose complaints are listed */
/** @typedef {{today: string, agency: string, opens: string, cuts: readonly string[], asks: Record<string, string>, classes: Record<string, string>, sources: Record<string, string>}} Facts opens: address of a complaint without its id; asks: who reads, while nobody is logged in */

// What the page shows, all of it in the address, so that a number can be sent to somebody.

/** @param {string} search @param {Facts} facts @returns {Place} */
function readPlace(search, { today, cuts }) {
  const said = new URLSearchParams(search);
  const by = cuts.find((one) => one === said.get("by")) ?? cuts[0] ?? "agency";
  return { period: readPeriod(said, today), by, row: said.get("row"), what: MEASURES.find((one) => one === said.get("what")) ?? null };
}

/** @param {Place} place @param {string} search what else it says, such as the language, stays @returns {string} */
function searchOf({ period, by, row, what }, search) {
  const said = new URLSearchParams(search);
  for (const [name, value] of Object.entries({ from: period.from, to: period.to, by, row, what })) {
    if (value === null) said.delete(name);
    else said.set(name, value);
  }
  return `?${said}`;
}

const page = document.documentElement;
const lang = languageOf(document);
const say = sayIn(lang, "evaluation_page");
const city = cityOf(document, lang);
const words = JSON.parse(find(document, "#city").textContent ?? "{}");
/** @type {Facts} */
const facts = JSON.parse(find(document, "#evaluation").textContent ?? "{}");
const who = whoIn(document);
const format = formatIn(lang, city);
/** @param {number} n 1 is Monday: 1970 began on a Thursday */
const weekdayOf = (n) => new Intl.DateTimeFormat(localeIn(lang, city.locale), { weekday: "long", timeZone: "UTC" }).format((3 + n) * 86_400_000);
/** @type {EvaluationRoom} */
const room = {
  say, format, city, periods: periodsIn(localeIn(lang, city.locale)), own: facts.agency ? (city.agency(facts.agency) ?? facts.agency) : words.city,
  nameOf, openOf: (id) => `${facts.opens}${encodeURIComponent(id)}&lang=${lang}`,
};

/** @param {string} by @param {string | null} value @returns {string} */
function nameOf(by, value) {
  if (value === null || value === "") return say(/** @type {"none_agency"} */ (`none_${by}`));
  switch (by) {
    case "agency": return city.agency(value) ?? value;
    case "category": return city.category(value) ?? value;
    case "area": return city.area(value)?.name ?? value;
    case "source": return words.sources?.[value] ?? facts.sources[value] ?? value;
    case "channel": return words.channels?.[value] ?? value;
    case "class": return facts.classes[value] ?? value;
    case "hour": return say("hour", { n: value.padStart(2, "0") });
    default: return weekdayOf(Number(value));
  }
}

/** @type {{place: Place, answer: Answer | null, further: boolean, behind: import("./panel.js").Behind | null, turn: number}} */
const now = { place: readPlace(location.search, facts), answer: null, further: false, behind: null, turn: 0 };

/** @param {string} path @param {Record<string, string>} query @returns {string} */
function asked(path, query) {
  const reader = who ? {} : facts.asks;
  return `${path}?${new URLSearchParams({ ...query, ...reader })}`;
}

/** @param {Place} place */
function questionOf({ period, by }) {
  return { from: period.from, to: period.to, by };
}

/** @param {Partial<Place>} change */
function go(change) {
  const before = now.place;
  now.place = { ...before, what: null, ...change };
  if (change.by && change.by !== before.by) Object.assign(now.place, { row: null });
  history.pushState(null, "", `${location.pathname}${searchOf(now.place, location.search)}`);
  arrive(before);
}

/** @param {Place | null} before */
function arrive(before) {
  paintChoices();
  const { place } = now;
  const same = before !== null && JSON.stringify(questionOf(before)) === JSON.stringify(questionOf(place));
  if (same && now.answer) paint();
  else void look();
  if (place.what) void list(null);
}

async function look() {
  const turn = (now.turn += 1);
  mark(page, "data-asking", "true");
  const said = find(document, ".said");
  const answer = /** @type {Answer | null} */ (await getJson(asked("/api/v1/evaluation", questionOf(now.place))).catch(() => null));
  if (turn !== now.turn) return;
  mark(page, "data-asking", "false");
  write(said, answer ? "" : say("failed"));
  if (!answer) return;
  Object.assign(now, { answer, further: false });
  paint();
}

/** The complaints behind the number that the address says. @param {string | null} after where the list goes on */
async function list(after) {
  const { place } = now;
  const { what, row } = place;
  if (!what) return;
  if (after === null) now.behind = null;
  const panel = find(document, ".panel");
  const title = say("behind_title", { name: row === null ? room.own : nameOf(place.by, row), what: say(/** @type {"what_late"} */ (`what_${what}`)) });
  paintBehind(panel, { title, behind: now.behind, failed: false }, room);
  const query = { ...questionOf(place), measure: what, ...(row === null ? {} : { value: row }), ...(after === null ? {} : { cursor: after }) };
  const more = /** @type {import("./panel.js").Behind | null} */ (await getJson(asked("/api/v1/evaluation/complaints", query)).catch(() => null));
  if (now.place !== place) return;
  if (more) now.behind = { items: [...(now.behind?.items ?? []), ...more.items], next: more.next };
  paintBehind(panel, { title, behind: now.behind, failed: more === null }, room);
}

function paint() {
  const { answer, place } = now;
  if (!answer) return;
  const hands = {
    chosen: place.row, further: now.further, choose: (/** @type {string | null} */ row) => go({ row }), addressOf,
    unfold: () => {
      now.further = !now.further;
      paint();
    },
  };
  paintHead(find(document, ".table thead"), room, answer.by);
  paintTable(find(document, ".table tbody"), answer, ranked(answer), room, hands);
  paintFrom(answer);
  const row = rowOf(answer, place.row);
  mark(page, "data-behind", String(place.what !== null));
  const figures = row ?? answer.city;
  const known = (/** @type {import("./answer.js").Days} */ days) => answer.first_receipt !== null && Date.parse(answer.first_receipt) <= Date.parse(days.judged_at);
  paintPanel(find(document, ".panel"), {
    value: row ? place.row : null, name: row && place.row !== null ? nameOf(answer.by, place.row) : room.own, figures: figures.figures, weeks: figures.weeks,
    before: known(answer.before) ? figures.before : null, lastYear: known(answer.last_year) ? figures.last_year : null,
  }, {
    period: periodName(answer.period), before: periodName(answer.before), lastYear: periodName(answer.last_year),
  }, room, addressOf);
  mark(page, "data-listed", "true");
}

/** @param {import("./answer.js").Days} days */
function periodName({ from, to }) {
  return room.periods.name(readPeriod(new URLSearchParams({ from, to }), facts.today), say);
}

/** @param {string | null} row @param {Measure} what */
function addressOf(row, what) {
  return searchOf({ ...now.place, row, what }, location.search);
}

/** From which part of the log it was computed, and until when. @param {Answer} answer */
function paintFrom({ seq, at, period }) {
  const when = format.clock(Date.parse(at));
  write(find(document, ".from"), say(period.running ? "from_log_running" : "from_log", { time: when, seq: format.number(seq) }));
}

function paintChoices() {
  const { period, by } = now.place;
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-unit]"))) mark(button, "aria-pressed", String(button.dataset.unit === period.unit));
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-by]"))) mark(button, "aria-pressed", String(button.dataset.by === by));
  write(find(document, ".days"), room.periods.days(period));
  write(find(document, ".period-name"), room.periods.name(period, say));
  /** @type {HTMLButtonElement} */ (find(document, '[data-step="1"]')).disabled = isAhead(stepped(period, 1), facts.today);
  for (const name of /** @type {const} */ (["from", "to"])) field(name).value = period[name];
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[data-form]"))) {
    mark(link, "href", asked(`/api/v1/evaluation.${link.dataset.form}`, { ...questionOf(now.place), lang }));
  }
}

/** @param {"from" | "to"} name @returns {HTMLInputElement} */
function field(name) {
  return find(document, `.range [name="${name}"]`);
}

/** @param {boolean} open */
function showRange(open) {
  find(document, ".range").hidden = !open;
  mark(find(document, ".days"), "aria-expanded", String(open));
  if (open) field("from").focus();
}

for (const node of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-say]"))) write(node, say(/** @type {"title"} */ (node.dataset.say)));
find(document, '[data-choose="unit"]').replaceChildren(...UNITS.map((unit) => choice(say(`unit_${unit}`), "data-unit", unit, () => go({ period: periodOf(unit, now.place.period.to > facts.today ? facts.today : now.place.period.to) }))));
find(document, '[data-choose="by"]').replaceChildren(...facts.cuts.map((by) => choice(say(/** @type {"by_agency"} */ (`by_${by}`)), "data-by", by, () => go({ by, row: null }))));

/** @param {string} words_ @param {string} name @param {string} value @param {() => void} act */
function choice(words_, name, value, act) {
  const button = element("button", "", words_);
  mark(button, "type", "button");
  mark(button, name, value);
  button.addEventListener("click", act);
  return button;
}

for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-step]"))) {
  button.addEventListener("click", () => go({ period: stepped(now.place.period, button.dataset.step === "1" ? 1 : -1) }));
}
find(document, ".days").addEventListener("click", () => showRange(find(document, ".range").hidden !== false));
find(document, ".range").addEventListener("submit", (event) => {
  event.preventDefault();
  const period = rangeOf(field("from").value, field("to").value);
  write(find(document, ".range .fault"), period ? "" : say("range_fault"));
  if (!period) return;
  showRange(false);
  go({ period: readPeriod(new URLSearchParams({ from: period.from, to: period.to }), facts.today) });
});
find(document, '[data-do="print"]').addEventListener("click", () => print());
find(document, ".behind-back").addEventListener("click", () => go({}));
find(document, ".behind-more").addEventListener("click", () => now.behind?.next && void list(now.behind.next));
// A number is a link to what the page then shows beside the table; opened elsewhere it is the same page there.
document.addEventListener("click", (event) => {
  const link = /** @type {HTMLElement} */ (event.target).closest("a.n");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  const { row, what } = readPlace(link.getAttribute("href") ?? "", facts);
  go({ row, what });
  find(document, ".behind-title").focus();
});
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  if (!find(document, ".range").hidden) showRange(false);
  else if (now.place.what) go({});
});
addEventListener("popstate", () => {
  const before = now.place;
  now.place = readPlace(location.search, facts);
  arrive(before);
});
arrive(null);
