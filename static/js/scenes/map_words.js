/**
 * The words of the map: the answer in one sentence, beside the city and never on it, and what has no place there.
 */
import { NO_PLACE, OUTSIDE } from "../feed/cards.js";
import { surgesOf } from "../ui/alarms.js";
import { isolated } from "../ui/complaints.js";
import { find, fit, mark, write } from "../ui/dom.js";

/** @typedef {import("../ui/picture.js").Picture} Picture */
/** @typedef {import("../ui/picture.js").Room} Room */

/** Step of the answer's text, as in wall.css and coarse.css. */
const STEP = { fine: 60, coarse: 48 };

/** @param {HTMLElement} scene @param {Room} room @param {() => number} free width beside the city, units @returns {(picture: Picture, rows: Map<string, import("../feed/cards.js").Row>) => void} */
export function mountWords(scene, room, free) {
  const { say, format } = room;
  const step = STEP[scene.ownerDocument.documentElement.dataset.density === "coarse" ? "coarse" : "fine"];
  const answer = find(scene, ".answer");
  const placeless = find(scene, ".map-placeless");
  return (picture, rows) => {
    const sayings = picture.whole ? (surgeWords(picture, room) ?? answerWords(rows, room)) : [""];
    const fits = (/** @type {string} */ words) => fit(room.width(words, step, 400), free());
    const words = sayings.find((one) => fits(one) !== "cut") ?? sayings.at(-1) ?? "";
    write(answer, words);
    mark(answer, "data-fit", fits(words));
    const open = [["no_place", NO_PLACE], ["outside", OUTSIDE]].flatMap(([word, key]) => {
      const row = rows.get(/** @type {string} */ (key));
      const n = row ? row.waiting + row.in_process : 0;
      return n > 0 ? [say(/** @type {"no_place"} */ (word), { n: format.number(n) })] : [];
    });
    write(placeless, open.join(", "));
  };
}

/** @param {Picture} picture @param {Room} room @returns {string[] | null} the newest surge of complaints, said at length and shorter; null: none */
function surgeWords({ state }, { city, say, format }) {
  const surge = surgesOf(state).at(-1);
  if (!surge) return null;
  const names = [...new Set((surge.areas ?? []).map((area) => isolated(city.district(city.districtOf(area) ?? area))))].sort();
  const words = { what: within(city.category(surge.category) ?? say("unknown_category")), n: format.number(surge.n ?? 0) };
  const shorter = [say("surge_many", { ...words, places: format.number(names.length) }), say("surge_short", words)];
  if (names.length > 2) return shorter;
  return [say(names.length === 2 ? "surge_two" : "surge_one", { ...words, place: names[0] ?? "", other: names[1] ?? "" }), ...shorter];
}

/** @param {string} name @returns {string} as it stands within a line: an abbreviation keeps its capitals */
function within(name) {
  return /^\p{Lu}\p{Ll}/u.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}

/** @param {Map<string, import("../feed/cards.js").Row>} rows @param {Room} room @returns {string[]} said at length and shorter */
function answerWords(rows, { city, say, format }) {
  const waiting = [...rows].map(([code, row]) => ({ code, n: row.waiting }));
  const placed = waiting.filter(({ code }) => code !== NO_PLACE && code !== OUTSIDE);
  const all = waiting.reduce((total, { n }) => total + n, 0);
  const most = Math.max(0, ...placed.map(({ n }) => n));
  if (all === 0) return [say("map_empty")];
  if (most === 0) return [say("map_answer_nowhere", { n: format.number(all) })];
  const names = placed.filter(({ n }) => n === most).map(({ code }) => isolated(city.district(code))).sort();
  const [place = "", other = ""] = names;
  const n = format.number(most);
  if (names.length === 1) return [say("map_answer", { place, n })];
  const many = say("map_answer_many", { places: names.length, n });
  return names.length === 2 ? [say("map_answer_tie", { place, other, n }), many] : [many];
}
