/**
 * One city by itself, over the whole wall: every district and every figure that it gives, why it is silent, and the way to its own wall.
 */
import { element, elementWith, find, mark, write } from "../ui/dom.js";
import { callWords, isHeard, momentOf, nameOf } from "./city_block.js";

/** @typedef {import("../feed/cities.js").City} City */
/** @typedef {import("./city_block.js").Room} Room */

/** Nobody who opened a city may leave the others unseen for longer. */
const OPEN_MS = 60_000;
const FIGURES = /** @type {const} */ (["waiting", "in_process", "done", "elsewhere", "in", "open", "overdue", "alarms", "unacked"]);
/** More districts than stand at full size. */
const MANY = 30;
/** The codes of docs/feed.md that have words here; any other is said as the code. */
const FAULTS = /** @type {const} */ (["away", "key", "garbage", "large", "old", "clock", "stopped", "inside", "secret"]);

/** @param {ParentNode} page @param {Room} room @returns {{open: (city: City) => void, paint: (cities: readonly City[], now: number | null) => void}} */
export function mountDetail(page, room) {
  const { say, format } = room;
  const box = find(page, ".city-detail");
  const rows = FIGURES.map((name) => {
    const row = element("p", "detail-figure", element("span", "detail-word", say(`figure_${name}`)), element("span", "detail-n"));
    return { name, row };
  });
  const link = /** @type {HTMLAnchorElement} */ (elementWith("a", "detail-wall", { target: "_blank", rel: "noopener noreferrer" }, say("its_wall")));
  const back = elementWith("button", "detail-back", { type: "button" }, say("back"));
  box.append(element("header", "detail-head", element("bdi", "detail-name"), element("span", "detail-state"), back, link),
    element("p", "detail-fault"), element("div", "detail-figures", ...rows.map(({ row }) => row)), element("ul", "detail-districts"));
  let name = "";
  let closeAt = 0;
  const close = () => {
    name = "";
    mark(box, "data-open", "false");
  };
  back.addEventListener("click", close);
  document.addEventListener("keydown", ({ key }) => key === "Escape" && close());
  const paint = (/** @type {readonly City[]} */ cities, /** @type {number | null} */ now) => {
    const city = cities.find((one) => one.name === name);
    if (!city || performance.now() > closeAt) return close();
    mark(box, "data-open", "true");
    mark(box, "data-hearing", city.hearing);
    write(find(box, ".detail-name"), nameOf(city));
    write(find(box, ".detail-state"), stateWords(city, now, room));
    write(find(box, ".detail-fault"), isHeard(city) || city.cut ? "" : [faultWords(city, room), callWords(city, room)].filter(Boolean).join(" · "));
    const { block } = city.block;
    for (const { name: figure, row } of rows) write(find(row, ".detail-n"), block ? format.number(block[figure]) : "–");
    writeDistricts(find(box, ".detail-districts"), block?.districts ?? [], format);
    mark(link, "data-shown", String(city.block.wall !== null));
    mark(link, "href", city.block.wall ?? "");
  };
  return {
    open(city) {
      name = city.name;
      closeAt = performance.now() + OPEN_MS;
      back.focus();
    },
    paint,
  };
}

/** @param {City} city @param {number | null} now @param {Room} room @returns {string} */
function stateWords(city, now, room) {
  const { say, format } = room;
  const { hearing, age } = city;
  const word = hearing === "never" ? say("never") : say(hearing);
  const span = age === null ? "" : format.span(age * 1000);
  return [city.block.block?.drill ? say("drill") : "", word, span, isHeard(city) ? "" : momentOf(city, now, room)].filter(Boolean).join(" · ");
}

/** @param {City} city @param {Room} room @returns {string} why it is not heard, for whoever has to mend it */
function faultWords({ fault }, { say }) {
  const known = FAULTS.find((one) => one === fault);
  return known ? say(`fault_${known}`) : (fault ?? "");
}

/** @param {HTMLElement} list @param {readonly (readonly [string, number])[]} districts @param {import("../ui/format.js").Format} format */
function writeDistricts(list, districts, format) {
  const most = Math.max(1, ...districts.map(([, n]) => n));
  // Sixty-six of them, the most that a city here has, stand closer.
  mark(list, "data-many", String(districts.length > MANY));
  while (list.children.length > districts.length) list.lastChild?.remove();
  while (list.children.length < districts.length) list.append(element("li", "district", element("bdi", "district-name"), element("span", "district-bar"), element("span", "district-n")));
  for (const [i, [name, n]] of districts.entries()) {
    const row = /** @type {HTMLElement} */ (list.children[i]);
    write(find(row, ".district-name"), name);
    write(find(row, ".district-n"), format.number(n));
    find(row, ".district-bar").style.setProperty("--share", (n / most).toFixed(4));
  }
}
