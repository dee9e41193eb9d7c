/**
 * The table of an evaluation: one row each of what it is cut by, every number a link to the complaints behind it.
 */
import { element, elementWith, mark } from "../ui/dom.js";
import { AGES } from "./answer.js";

/** @typedef {import("./answer.js").Row} Row */
/** @typedef {import("./answer.js").Figures} Figures */
/** @typedef {import("./answer.js").Measure} Measure */
/** @typedef {import("./evaluation.js").EvaluationRoom} EvaluationRoom */
/** @typedef {(value: string | null, what: Measure) => string} AddressOf of the list behind a number of the row with this value; null: the whole city */
/** @typedef {{chosen: string | null, further: boolean, addressOf: AddressOf, choose: (value: string | null) => void, unfold: () => void}} TableHands chosen: the value of the row of which the panel tells, null: the whole city */

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;

/** @param {number | null} seconds @param {EvaluationRoom} room @returns {string} in one unit; whole, or with one decimal where it is few days */
export function spanWords(seconds, { format }) {
  if (seconds === null) return "–";
  const days = seconds / DAY_S;
  if (seconds < 2 * DAY_S) return format.span(seconds * 1000);
  const [, unit] = format.amount(Math.round(days), "day");
  return `${days < 100 ? format.decimal(days) : format.number(Math.round(days))} ${unit}`;
}

/** @param {number | null} share @param {EvaluationRoom} room @returns {string} whole percent */
export function percentWords(share, { format }) {
  return share === null ? "–" : format.percent(Math.round(share * 100) / 100);
}

/** @param {string} words @param {string} href @param {string} said what the number is, for who does not see its column */
export function numberLink(words, href, said) {
  return elementWith("a", "n", { href, "aria-label": `${said}: ${words}` }, words);
}

/** @param {import("./answer.js").OnTime} counts @returns {HTMLElement} closed on time, closed late, open and late, as parts of one bar */
export function barOf(counts) {
  const bar = elementWith("span", "bar", { "aria-hidden": "true" });
  for (const name of /** @type {const} */ (["on_time", "late", "overdue"])) {
    const part = elementWith("i", "", { "data-part": name });
    part.style.flexGrow = String(counts[name]);
    if (counts[name] > 0) bar.append(part);
  }
  return bar;
}

/** @param {Figures} figures @returns {HTMLElement} four columns by age, on a scale of the row's own */
function agesOf(figures) {
  const most = Math.max(1, ...AGES.map((name) => figures[name]));
  const box = elementWith("span", "ages", { "aria-hidden": "true" });
  for (const name of AGES) {
    const column = elementWith("i", "", { "data-age": name });
    column.style.blockSize = `${(figures[name] / most) * 100}%`;
    box.append(column);
  }
  return box;
}

/** @param {HTMLElement} head of the table @param {EvaluationRoom} room @param {string} by */
export function paintHead(head, { say }, by) {
  const names = /** @type {const} */ (["share_parts", "share", "naive", "due", "median", "p90", "open", "ages", "ping_pong"]);
  head.replaceChildren(element("tr", "", ...["", ...names].map((name, i) => {
    const cell = elementWith("th", i === 0 ? "row-name" : `c-${name}`, { scope: "col" }, i === 0 ? say(/** @type {"by_agency"} */ (`by_${by}`)) : say(/** @type {"head_share"} */ (`head_${name}`)));
    if (name === "ages") cell.append(element("span", "age-names", ...["1", "3", "7", ">7"].map((word) => element("b", "", word))));
    return cell;
  })));
}

/** @param {{value: string | null, name: string, figures: Figures}} row @param {EvaluationRoom} room @param {TableHands} hands @param {string} kind total, row or rest */
function lineOf({ value, name, figures }, room, hands, kind) {
  const { say, format } = room;
  const { finish } = figures;
  const linked = kind !== "rest";
  const link = (/** @type {Measure} */ what, /** @type {string} */ words, /** @type {string} */ said) => (
    linked && words !== "–" ? numberLink(words, hands.addressOf(value, what), `${name}, ${said}`) : element("span", "n-plain", words));
  const n = (/** @type {Measure} */ what) => (Number.isNaN(figures[what]) ? "–" : format.number(figures[what]));
  const title = elementWith("button", "row-title", { type: "button" }, name);
  title.addEventListener("click", () => (kind === "rest" ? hands.unfold() : hands.choose(value)));
  mark(title, kind === "rest" ? "aria-expanded" : "aria-pressed", String(kind === "rest" ? hands.further : hands.chosen === value));
  /** On a telephone a cell says its own name. @param {"share" | "naive" | "due" | "median" | "p90" | "open" | "ages" | "ping_pong"} column @param {...Node | string} held */
  const cell = (column, ...held) => elementWith("td", `c-${column}`, { "data-name": say(`head_${column}`) }, ...held);
  const cells = [
    elementWith("th", "row-name", { scope: "row" }, title),
    element("td", "c-share_parts", barOf(figures)),
    cell("share", link("due", percentWords(figures.share, room), say("head_share"))),
    cell("naive", percentWords(figures.naive, room)),
    cell("due", link("due", n("due"), say("head_due"))),
    cell("median", link("finished", spanWords(finish?.median_s ?? null, room), say("head_median"))),
    cell("p90", link("finished", spanWords(finish?.p90_s ?? null, room), say("head_p90"))),
    cell("open", link("open", n("open"), say("head_open"))),
    cell("ages", agesOf(figures), element("span", "unseen", AGES.map((age) => `${say(`age_${age}`)}: ${n(age)}`).join(", "))),
    cell("ping_pong", link("ping_pong", n("ping_pong"), say("head_ping_pong"))),
  ];
  return elementWith("tr", "", { "data-kind": kind, "data-value": kind === "rest" ? "*" : (value ?? "@"), "data-chosen": String(linked && hands.chosen === value) }, ...cells);
}

/**
 * @param {HTMLElement} body of the table @param {import("./answer.js").Answer} answer @param {import("./answer.js").Ranked} ranked
 * @param {EvaluationRoom} room @param {TableHands} hands
 */
export function paintTable(body, answer, { rows, few, sum }, room, hands) {
  const focused = document.activeElement?.closest("tr")?.getAttribute("data-value");
  const total = lineOf({ value: null, name: room.own, figures: answer.city.figures }, room, hands, "total");
  const named = (/** @type {Row} */ row) => lineOf({ value: row.value ?? "", name: room.nameOf(answer.by, row.value), figures: row.figures }, room, hands, "row");
  const lines = [total, ...rows.map(named)];
  if (few.length === 1 && few[0]) lines.push(named(few[0]));
  else if (sum) {
    lines.push(lineOf({ value: null, name: room.say("others", { n: room.format.number(few.length) }), figures: sum }, room, hands, "rest"));
    if (hands.further) lines.push(...few.map(named));
  }
  body.replaceChildren(...lines);
  if (focused !== null && focused !== undefined) /** @type {HTMLElement | undefined} */ (lines.find((line) => line.dataset.value === focused)?.querySelector(".row-title") ?? undefined)?.focus({ preventScroll: true });
}
