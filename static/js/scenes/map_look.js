/**
 * Which of its two looks the map has: a readable cluster per district while each has room for one, else every incident
 * with clusters where they collide. Pinned by the address or the screen's settings. Pure.
 */

/** @typedef {"districts" | "incidents"} Look */

/** A cluster with its name, units at the sheet's size of text; and how much of the field a city's outline fills. */
const CLUSTER = { w: 240, h: 120 };
const FILLED = 0.6;

/**
 * @param {string | null | undefined} pinned
 * @param {{districts: number, field: {w: number, h: number}, type: number}} seen field of the map, units: a far seat has larger text and so fewer places
 * @returns {Look}
 */
export function lookOf(pinned, { districts, field, type }) {
  if (pinned === "incidents" || pinned === "districts") return pinned;
  const room = (field.w * field.h * FILLED) / Math.max(1, districts);
  return districts > 0 && room >= CLUSTER.w * CLUSTER.h * type ** 2 ? "districts" : "incidents";
}
