/**
 * The thin line from a mark that had to move to the place where it belongs. It never crosses words, figures or another
 * ring: it ends before the first of them.
 */

/** @typedef {import("./placement.js").Box} Box */
/** @typedef {import("./placement.js").Spot} Spot */

const STEP = 4;
const AIR = 10;
/** A shorter stump says nothing. */
const LEAST = 44;

/**
 * @param {Spot} from where the mark stands @param {Spot} to where it belongs @param {number} reach of its ring
 * @param {readonly Box[]} taken @returns {Spot | null} end of the line; null: there is no room for one
 */
export function leadLine(from, to, reach, taken) {
  const whole = Math.hypot(to.x - from.x, to.y - from.y);
  const [dx, dy] = [(to.x - from.x) / whole, (to.y - from.y) / whole];
  const others = taken.filter((box) => !holds(box, from, 0));
  let length = reach;
  while (length + STEP <= whole && !others.some((box) => holds(box, { x: from.x + dx * (length + STEP), y: from.y + dy * (length + STEP) }, AIR))) length += STEP;
  return length - reach < LEAST ? null : { x: from.x + dx * length, y: from.y + dy * length };
}

/** @param {Box} box @param {Spot} spot @param {number} air */
function holds({ x, y, w, h }, spot, air) {
  return w > 0 && spot.x > x - air && spot.x < x + w + air && spot.y > y - air && spot.y < y + h + air;
}
