/**
 * The small line under a cluster's figure: overdue that do not stand alone, in process, done today.
 * In order of weight, so that what finds no room is what matters least.
 */
import { setSymbol, symbol } from "../ui/symbols.js";
import { CAPTION } from "./map_names.js";
import { element, mark, moveTo, write } from "../ui/dom.js";

/** @typedef {"late" | "in_process" | "done"} PartName */
/** @typedef {{name: PartName, n: number}} Part */

const NAMES = /** @type {const} */ (["late", "in_process", "done"]);
const SYMBOL = 36;
const BESIDE = 10;
const BETWEEN = 26;

/** @param {import("../feed/cards.js").Row} row @param {number} alone overdue that stand alone on the map @returns {Part[]} none that is zero */
export function splitParts({ overdue, in_process, done }, alone) {
  const counts = { late: Math.max(0, overdue - alone), in_process, done };
  return NAMES.map((name) => ({ name, n: counts[name] })).filter(({ n }) => n > 0);
}

/** @param {Part[]} parts @param {import("../ui/picture.js").Room} room @returns {number[]} width of the first one, of the first two … */
export function splitWidths(parts, { format, width }) {
  let total = -BETWEEN;
  return parts.map(({ n }) => (total += BETWEEN + SYMBOL + BESIDE + width(format.number(n), CAPTION, 400)));
}

/** @param {import("../ui/picture.js").Room} room */
export function mountSplit(room) {
  const parts = NAMES.map((name) => {
    const shape = name === "late" ? lateBadge() : symbol(name);
    const figure = element("span", "split-count");
    return { name, figure, part: element("span", "split-part", shape, figure) };
  });
  const node = element("p", "cluster-split", ...parts.map(({ part }) => part));
  return {
    node,
    /** @param {Part[]} shown */
    paint(shown) {
      const widths = splitWidths(shown, room);
      const whole = widths.at(-1) ?? 0;
      for (const { name, figure, part } of parts) {
        const place = shown.findIndex((one) => one.name === name);
        mark(part, "data-empty", String(place < 0));
        if (place < 0) continue;
        write(figure, room.format.number(shown[place]?.n ?? 0));
        moveTo(part, (place > 0 ? (widths[place - 1] ?? 0) + BETWEEN : 0) - whole / 2, 0);
      }
    },
  };
}

/** The badge of the overdue ring alone, as on the marks. */
function lateBadge() {
  const badge = symbol("waiting");
  setSymbol(badge, { ring: "strong" });
  badge.classList.add("badge-only");
  return badge;
}
