/**
 * One alarm of the band: symbol, what and how late, where, who must act.
 */
import { alarmLate, alarmWhat, alarmWhere, alarmWho, slotRing } from "../ui/alarms.js";
import { setSymbol, symbol } from "../ui/symbols.js";
import { element, mark, show, write, writeEnds } from "../ui/dom.js";

/** @typedef {import("../ui/picture.js").Picture} Picture */
/** @typedef {import("../ui/picture.js").Room} Room */
/** @typedef {import("../ui/alarms.js").Attention} Attention */

const TITLE = { total: 924, size: 72, weight: 600 };
/** Air between what it is and the word that stands for the flash when nothing may move. */
const NEW_GAP = 24;

/** @param {HTMLElement} list @param {Room} room @returns {(chosen: Attention | null, picture: Picture) => void} */
export function mountSlot(list, room) {
  const shape = symbol("waiting");
  const [what, late] = [element("p", "slot-what"), element("p", "slot-late")];
  const [where, who, fresh] = [element("p", "slot-where"), element("p", "slot-who"), element("p", "slot-new")];
  write(fresh, room.say("new_alarm"));
  const slot = element("li", "slot", shape, element("div", "slot-head", what, late), where, who, fresh);
  list.append(slot);
  return (chosen, picture) => {
    show(slot, chosen !== null);
    if (!chosen) {
      for (const words of [what, late, where, who]) write(words, "");
      return setSymbol(shape, { flash: false });
    }
    const { card, alarm, id, acted } = chosen;
    mark(slot, "data-acted", String(acted));
    mark(slot, "data-id", id);
    mark(slot, "data-state", alarm?.state ?? "");
    mark(slot, "data-priority", String(alarm?.priority ?? ""));
    setSymbol(shape, { status: card?.status ?? (alarm?.source ? "source" : "waiting"), ring: slotRing(chosen, picture), flash: !acted });
    writeEnds([what, alarmWhat(chosen, room)], [late, alarmLate(chosen, picture, room)], { ...TITLE, width: room.width });
    write(where, alarmWhere(chosen, picture, room));
    write(who, alarmWho(chosen, room));
    fresh.style.left = `calc(${196 + NEW_GAP + room.width(alarmWho(chosen, room), 48, 400)} * var(--u))`;
  };
}
