/**
 * One city on the province's wall: how fresh its figures are, its sum, where most wait, its worst alarm, and whom to call when it is silent.
 */
import { element, elementWith, find, mark, write } from "../ui/dom.js";
import { setSymbol, symbol } from "../ui/symbols.js";

/** @typedef {import("../feed/cities.js").City} City */
/** @typedef {import("../feed/cities.js").CityAlarm} CityAlarm */
/** @typedef {{say: (key: import("../ui/language.js").Below<import("../ui/language.js").Key, "province" | "ui">, values?: import("../ui/language.js").Values) => string, format: import("../ui/format.js").Format}} Room */
/** @typedef {{city: City, scale: number, rows: number, now: number | null}} Look scale: the most that wait in one district of any city; now: real time, ms */

const SUMS = /** @type {const} */ (["in_process", "done"]);
/** From so many on a headline stands on the next smaller step, as on the wall of one city. */
const LARGE = 100;
const HUGE = 10_000;

/** @param {City} city @returns {boolean} whether its figures are those of now */
export function isHeard({ hearing }) {
  return hearing === "live" || hearing === "delayed";
}

/** @param {City} city @returns {string} what it is called in our settings: none may call itself by another's name */
export function nameOf({ name }) {
  return name;
}

/** @param {City} city @param {number | null} now real time @param {Room} room @returns {string} of when its figures are, by our own clock */
export function momentOf({ age }, now, { say, format }) {
  return age === null || now === null ? "" : say("as_of", { time: format.clock(now - age * 1000) });
}

/** @param {City} city @param {Room} room @returns {string} whom to call while it is silent */
export function callWords(city, { say }) {
  const { phone } = city.block;
  return phone ? say("call_at", { name: nameOf(city), phone }) : say("call", { name: nameOf(city) });
}

/** @param {(city: City) => void} open @param {Room} room @returns {{node: HTMLElement, paint: (look: Look) => void}} */
export function cityBlock(open, room) {
  const { say } = room;
  const node = elementWith("section", "city", { tabindex: "0", role: "button" },
    element("p", "city-strip", element("span", "city-dot"), element("span", "city-state"), element("span", "city-drill", say("drill")), element("span", "city-age")),
    element("p", "city-head", element("bdi", "city-name"), element("span", "city-moment")),
    element("p", "city-waiting", symbol("waiting"), element("span", "city-n", "–"), element("span", "city-word", say("waiting"))),
    element("div", "city-sums", ...SUMS.map((status) => sumNode(status, room)), element("p", "city-sum", element("span", "city-sum-n", "–"), element("span", "city-sum-word"))),
    element("ul", "city-districts"),
    element("div", "city-band", element("p", "city-band-head", element("span", "city-late"), element("span", "city-unacked")), alarmNode()));
  /** @type {City | null} */
  let now = null;
  const act = () => now && open(now);
  node.addEventListener("click", act);
  node.addEventListener("keydown", (event) => (event.key === "Enter" || event.key === " ") && act());
  const [paintStrip, paintDistricts, paintAlarm] = [mountStrip(node, room), mountDistricts(node, room), mountAlarm(node, room)];
  return {
    node,
    paint(look) {
      now = look.city;
      paintStrip(look);
      paintSums(node, look.city, room);
      paintDistricts(look);
      paintAlarm(look);
    },
  };
}

/** @param {"in_process" | "done"} status @param {Room} room */
function sumNode(status, { say }) {
  const node = element("p", "city-sum", symbol(status), element("span", "city-sum-n", "–"), element("span", "city-sum-word", say(status)));
  mark(node, "data-status", status);
  return node;
}

function alarmNode() {
  return element("div", "city-alarm", symbol("waiting"), element("p", "city-alarm-head", element("bdi", "city-what"), element("span", "city-over")), element("p", "city-where"));
}

/** @param {HTMLElement} node @param {Room} room @returns {(look: Look) => void} */
function mountStrip(node, room) {
  const { say, format } = room;
  return ({ city, now }) => {
    const { hearing, age, fault, block } = city;
    mark(node, "data-hearing", hearing);
    mark(node, "data-drill", String(block.block?.drill === true));
    mark(node, "data-fault", fault ?? "");
    const state = hearing === "never" ? (fault === null ? say("joining") : say("lost")) : say(hearing);
    write(find(node, ".city-state"), state);
    write(find(node, ".city-age"), age === null ? "" : format.span(age * 1000));
    write(find(node, ".city-name"), nameOf(city));
    write(find(node, ".city-moment"), hearing === "lost" ? momentOf(city, now, room) : "");
    mark(node, "aria-label", `${nameOf(city)}: ${state}`);
  };
}

/** @param {HTMLElement} node @param {City} city @param {Room} room */
function paintSums(node, { block: { block } }, { say, format }) {
  const said = (/** @type {number | undefined} */ n) => (n === undefined ? "–" : format.number(n));
  write(find(node, ".city-n"), said(block?.waiting));
  const most = Math.max(block?.waiting ?? 0, (block?.in ?? 0) / 10);
  mark(node, "data-step", most >= HUGE ? "figure" : most >= LARGE ? "show" : "finale");
  const [process, done, came] = [...node.querySelectorAll(".city-sum")];
  for (const [part, n] of /** @type {const} */ ([[process, block?.in_process], [done, block?.done], [came, block?.in]])) if (part) write(find(part, ".city-sum-n"), said(n));
  if (came) write(find(came, ".city-sum-word"), block ? say("came", { n: said(block.elsewhere) }) : say("came_none"));
  setSymbol(find(node, ".city-waiting .symbol"), { zero: !block?.waiting });
}

/** @param {HTMLElement} node @param {Room} room @returns {(look: Look) => void} the districts with most, and the others in one row: together they are all that wait */
function mountDistricts(node, { say, format }) {
  const list = find(node, ".city-districts");
  return ({ city: { block: { block } }, scale, rows }) => {
    const top = (block?.districts ?? []).filter(([, n]) => n > 0).slice(0, rows);
    const rest = (block?.waiting ?? 0) - top.reduce((sum, [, n]) => sum + n, 0);
    const others = Math.max(0, (block?.districts.length ?? 0) - top.length);
    const lines = /** @type {[string, number, boolean][]} */ (top.map(([name, n]) => [name, n, true]));
    if (rest > 0 || (others > 0 && top.length > 0)) lines.push([others > 0 ? say("others", { n: others }) : say("no_district"), Math.max(0, rest), false]);
    while (list.children.length > lines.length) list.lastChild?.remove();
    while (list.children.length < lines.length) list.append(element("li", "district", element("bdi", "district-name"), element("span", "district-bar"), element("span", "district-n")));
    for (const [i, [name, n, bar]] of lines.entries()) {
      const row = /** @type {HTMLElement} */ (list.children[i]);
      mark(row, "data-rest", String(!bar));
      write(find(row, ".district-name"), name);
      write(find(row, ".district-n"), format.number(n));
      const share = bar ? (n / Math.max(1, scale)).toFixed(4) : "0";
      const line = find(row, ".district-bar");
      if (line.style.getPropertyValue("--share") !== share) line.style.setProperty("--share", share);
    }
  };
}

/** @param {HTMLElement} node @param {Room} room @returns {(look: Look) => void} */
function mountAlarm(node, room) {
  const { say, format } = room;
  const [box, picture] = [find(node, ".city-alarm"), find(node, ".city-alarm .symbol")];
  return ({ city, now }) => {
    const { block: { block }, hearing } = city;
    const alarm = block?.alarm ?? null;
    write(find(node, ".city-late"), block ? say("late", { n: format.number(block.overdue) }) : "");
    const lost = !isHeard(city);
    write(find(node, ".city-unacked"), lost ? momentOf(city, now, room) : block?.unacked ? say("unacked", { n: format.number(block.unacked) }) : "");
    mark(node, "data-untaken", String(Boolean(block?.unacked)));
    mark(box, "data-any", String(alarm !== null));
    setSymbol(picture, { status: alarm?.status ?? "waiting", ring: alarm && !alarm.acked ? "strong" : "thin" });
    write(find(box, ".city-what"), alarm ? whatWords(alarm, room) : block && !lost ? say("no_alarm") : "");
    write(find(box, ".city-over"), alarm ? overWords(alarm, city, room) : "");
    const where = alarm ? [alarm.agency, alarm.area].filter(Boolean).join(", ") : "";
    // Whoever was never heard may be only about to be.
    const call = lost && !city.cut && (hearing !== "never" || city.fault !== null);
    write(find(box, ".city-where"), call ? callWords(city, room) : where);
  };
}

/** @param {CityAlarm} alarm @param {Room} room @returns {string} */
function whatWords({ category, count, kind }, { say, format }) {
  if (count > 1) return say("many_late", { n: format.number(count) });
  if (category !== null) return category;
  return kind === "critical" ? say("kind_critical") : kind === "passed" ? say("kind_passed") : say("kind_warned");
}

/** @param {CityAlarm} alarm @param {City} city @param {Room} room @returns {string} how late it is by the city's own time, or what is left */
function overWords({ due_at: due, raised_at: raised }, { at }, { say, format }) {
  const [limit, since] = [Date.parse(due ?? ""), Date.parse(raised ?? "")];
  if (at === null) return "";
  if (!Number.isNaN(limit)) return at >= limit ? format.late(at - limit) : say("left", { span: format.span(limit - at) });
  return Number.isNaN(since) ? "" : format.span(Math.max(0, at - since));
}
