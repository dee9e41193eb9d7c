/**
 * The alarm band: how many are overdue, and the three that need somebody first. Steady; only symbols carry colour.
 */
import { alarmCounts, ringOf, SLOTS } from "../attention.js";
import { owedWords, placeWords, timeWords, whatWords } from "../complaint_words.js";
import { setSymbol, symbol } from "../symbols.js";
import { element, find, mark, show, write, writeEnds } from "./text.js";

/** @typedef {import("../picture.js").Picture} Picture */
/** @typedef {import("../picture.js").Room} Room */
/** @typedef {import("../attention.js").Attention} Attention */

const TITLE = { total: 924, size: 72, weight: 600 };

/** @param {ParentNode} page @param {Room} room @returns {import("../picture.js").Paint} */
export function mountBand(page, room) {
  const band = find(page, ".band");
  const slots = Array.from({ length: SLOTS }, () => mountSlot(find(band, ".band-slots"), room));
  const none = find(band, ".band-none");
  write(none, room.say("no_alarm"));
  const paintHead = mountHead(band, room);
  return (picture) => {
    const chosen = picture.attention;
    show(none, picture.whole && chosen.length === 0);
    for (const [i, paint] of slots.entries()) paint(chosen[i] ?? null, picture);
    paintHead(picture);
  };
}

/** @param {HTMLElement} band @param {Room} room @returns {import("../picture.js").Paint} */
function mountHead(band, { say, format }) {
  const overdue = find(band, ".band-overdue");
  const unacked = find(band, ".band-unacked");
  const rest = find(band, ".band-rest");
  return ({ state, whole }) => {
    const alarms = alarmCounts(state);
    const late = state.counts?.stock?.overdue ?? state.tally.total.overdue;
    write(overdue, say("overdue_n", { n: whole ? format.number(late) : "–" }));
    write(unacked, alarms.unacked > 0 ? say("unacked_n", { n: format.number(alarms.unacked) }) : "");
    const parts = [
      alarms.acked > 0 ? say("acked_n", { n: format.number(alarms.acked) }) : "",
      alarms.shelved > 0 ? say("shelved_n", { n: format.number(alarms.shelved) }) : "",
    ];
    write(rest, parts.filter(Boolean).join(", "));
  };
}

/** @param {HTMLElement} list @param {Room} room @returns {(chosen: Attention | null, picture: Picture) => void} */
function mountSlot(list, room) {
  const shape = symbol("waiting");
  const [what, late] = [element("p", "slot-what"), element("p", "slot-late")];
  const [where, who] = [element("p", "slot-where"), element("p", "slot-who")];
  const slot = element("li", "slot", shape, element("div", "slot-head", what, late), where, who);
  list.append(slot);
  return (chosen, picture) => {
    show(slot, chosen !== null);
    if (!chosen) return;
    const { card, source, acted } = chosen;
    mark(slot, "data-acted", String(acted));
    mark(slot, "data-id", card?.id ?? "");
    setSymbol(shape, { status: card?.status ?? "source", ring: card ? ringOf(card, picture) : "none" });
    const named = card ? whatWords(card, room) : room.say("source_silent");
    writeEnds([what, named], [late, card ? timeWords(card, picture, room) : ""], { ...TITLE, width: room.width });
    write(where, card ? placeWords(card, room) : sourceName(picture, source, room));
    write(who, card ? owedWords(card, room) : "");
  };
}

/** @param {Picture} picture @param {string | null} id @param {Room} room */
function sourceName({ state }, id, { city }) {
  return city.source(id ?? "") ?? state.sources.find((source) => source.id === id)?.name ?? id ?? "";
}
