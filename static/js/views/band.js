/**
 * The alarm band: how many, and the three that need somebody first; one banner during a flood.
 */
import { countAlarms, SLOTS } from "../ui/alarms.js";
import { setSymbol, symbol } from "../ui/symbols.js";
import { mountFlood } from "./flood_banner.js";
import { mountSlot } from "./slot.js";
import { element, find, mark, show, write } from "../ui/dom.js";

/** @typedef {import("../ui/picture.js").Room} Room */

/** @param {ParentNode} page @param {Room} room @returns {import("../ui/picture.js").Paint} */
export function mountBand(page, room) {
  const band = find(page, ".band");
  const { density, shape: wall } = band.ownerDocument.documentElement.dataset;
  const blocks = density === "coarse" && wall !== "wide" ? SLOTS - 1 : SLOTS;
  const slots = Array.from({ length: SLOTS }, () => mountSlot(find(band, ".band-slots"), room));
  const none = find(band, ".band-none");
  write(none, room.say("no_alarm"));
  const paintHead = mountHead(band, room);
  const paintGuests = mountGuests(find(band, ".band-guests"), room);
  const paintFlood = mountFlood(find(band, ".flood"), room);
  return (picture) => {
    const chosen = picture.guests ? [] : picture.attention;
    paintGuests(picture);
    mark(band, "data-flood", String(picture.flood !== null && !picture.guests));
    show(none, picture.whole && picture.attention.length === 0 && picture.flood === null);
    // During a flood the slots at the right are for what is critical, one by one; the banner says the rest (CR-26).
    const urgent = chosen.filter(({ alarm, acted }) => alarm?.priority === 1 && !acted).slice(0, blocks - 1);
    const places = picture.flood && !picture.guests ? [...Array(blocks - urgent.length).fill(null), ...urgent] : chosen;
    for (const [i, paint] of slots.entries()) paint(places[i] ?? null, picture);
    paintHead(picture);
    paintFlood(picture.guests ? { ...picture, flood: null } : picture, blocks - urgent.length);
  };
}

/**
 * @param {HTMLElement} line @param {Room} room
 * @returns {import("../ui/picture.js").Paint} one line while guests are here: that somebody must act and flashes, not what, where or who (CR-81)
 */
function mountGuests(line, room) {
  const shape = symbol("waiting");
  const words = element("span", "band-handled");
  line.append(shape, words);
  return ({ guests, attention, flood, state }) => {
    const first = attention.find(({ acted, card }) => !acted || card?.overdue) ?? null;
    const unacked = countAlarms(state.alarms.values()).unacked > 0;
    show(line, guests && (attention.length > 0 || flood !== null));
    setSymbol(shape, { status: first?.card?.status ?? "waiting", ring: unacked ? "strong" : "thin", flash: guests && unacked });
    write(words, guests ? room.say("handled_here") : "");
  };
}

/** @param {HTMLElement} band @param {Room} room @returns {import("../ui/picture.js").Paint} */
function mountHead(band, { say, format }) {
  const overdue = find(band, ".band-overdue");
  const unacked = find(band, ".band-unacked");
  const rest = find(band, ".band-rest");
  return ({ state, whole }) => {
    const alarms = countAlarms(state.alarms.values());
    const late = state.counts?.stock?.overdue ?? state.tally.total.overdue;
    write(overdue, say("overdue_n", { n: whole ? format.number(late) : "–" }));
    write(unacked, alarms.unacked > 0 ? say("unacked_n", { n: format.number(alarms.unacked) }) : "");
    const parts = [
      alarms.acked > 0 ? say("acked_n", { n: format.number(alarms.acked) }) : "",
      alarms.returned > 0 ? say("returned_n", { n: format.number(alarms.returned) }) : "",
    ];
    write(rest, parts.filter(Boolean).join(", "));
  };
}
