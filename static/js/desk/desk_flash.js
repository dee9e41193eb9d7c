/**
 * Which rows of the desk flash: all unacknowledged while they are few; else the critical ones, and in a flood its own line (CR-38).
 */
import { MOST } from "../screen/flash.js";
import { shownUnacked } from "./desk_list.js";

/** @param {import("./desk_list.js").List} list @param {boolean} flooding @returns {ReadonlySet<string>} ids, at most MOST with the flood's symbol */
export function flashingRows(list, flooding) {
  const unacked = shownUnacked(list);
  if (!flooding && unacked.length <= MOST) return new Set(unacked.map(({ id }) => id));
  const critical = unacked.filter(({ priority }) => priority === 1).slice(0, MOST - 1);
  return new Set((critical.length > 0 || flooding ? critical : unacked.slice(0, 1)).map(({ id }) => id));
}
