/**
 * The alarm band: how many, and the three that need somebody first; one banner during a flood.
 */
import { alarmLate, alarmWhat, alarmWhere, alarmWho, countAlarms, slotRing, SLOTS } from "../ui/alarms.js";
import { element, find, mark, show, write, writeEnds } from "../ui/dom.js";
import { setSymbol, symbol } from "../ui/symbols.js";

/** @typedef {import("../ui/picture.js").Picture} Picture */
/** @typedef {import("../ui/picture.js").WallRoom} Room */
/** @typedef {import("../ui/alarms.js").Attention} Attention */
/** @typedef {import("../ui/alarms.js").Flood} Flood */

// One alarm of the band: symbol, what and how late, where, who must act.

const TITLE = { total: 924, size: 72, weight: 600 };
/** Air between what it is and the word that stands for the flash when nothing may move. */
const NEW_GAP = 24;

/** @param {HTMLElement} list @param {Room} room @returns {(chosen: Attention | null, picture: Picture) => void} */
function mountSlot(list, room) {
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

// The one banner of a flood: how many, where, since when, who has most of them. It hides nothing: the desk lists all.

const SHARES = 4;
const KINDS = /** @type {const} */ (["critical", "passed", "lost", "warned"]);

/** @param {HTMLElement} banner @param {Room} room @returns {(picture: Picture, blocks: number) => void} blocks of the wall it may take */
function mountFlood(banner, room) {
  const shape = symbol("waiting");
  banner.prepend(shape);
  const [many, where, kinds] = [find(banner, ".flood-n"), find(banner, ".flood-where"), find(banner, ".flood-kinds")];
  const shares = Array.from({ length: SHARES }, () => mountShare(find(banner, ".flood-shares")));
  const [age, who, rest] = [find(banner, ".flood-age"), find(banner, ".flood-who"), find(banner, ".flood-rest")];
  return (picture, blocks) => {
    const { flood } = picture;
    for (const [i, paint] of shares.entries()) paint(flood?.shares[i] ?? null, room, picture);
    show(banner, flood !== null);
    mark(banner, "data-blocks", String(blocks));
    setSymbol(shape, { ring: "strong", flash: flood !== null && flood.n > 0 });
    if (!flood) return [many, where, kinds, age, who, rest].forEach((words) => write(words, ""));
    write(many, room.say("flood_n", { n: room.format.number(flood.n) }));
    write(where, whereWords(flood, picture, room));
    write(kinds, kindWords(flood, room));
    write(age, room.say("flood_age", { span: oldestWords(picture, room) }));
    write(who, whoWords(flood, room));
    write(rest, restWords(picture, room));
  };
}

/** @param {HTMLElement} list @returns {(share: import("../ui/alarms.js").Share | null, room: Room, picture: Picture) => void} */
function mountShare(list) {
  const [n, name] = [element("span", "share-n"), element("span", "share-name")];
  const item = element("li", "share", n, name);
  list.append(item);
  return (share, { format, say, city }, { state }) => {
    show(item, share !== null);
    if (!share) return [n, name].forEach((words) => write(words, ""));
    write(n, format.number(share.n));
    const id = share.key.slice(1);
    if (share.key.startsWith("@")) write(name, city.source(id) ?? state.sources.find((one) => one.id === id)?.name ?? id);
    else write(name, city.agency(share.key) ?? say("no_agency"));
  };
}

/** @param {Flood} flood @param {Picture} picture @param {Room} room */
function whereWords({ districts, since }, { at }, { say, format }) {
  const span = at === null || since === null ? "–" : format.span(at - since);
  if (districts.size === 0) return say("flood_since", { span });
  return say("flood_where", { n: format.number(districts.size), span });
}

/** @param {Flood} flood @param {Room} room by class and by priority (CR-26) */
function kindWords({ kinds, priorities }, { say, format }) {
  const named = KINDS.flatMap((kind) => {
    const n = kinds.get(kind) ?? 0;
    return n > 0 ? [say(`flood_${kind}`, { n: format.number(n) })] : [];
  });
  const ranked = /** @type {const} */ ([1, 2, 3]).flatMap((p) => (priorities[p] > 0 ? [`P${p} ${format.number(priorities[p])}`] : []));
  return [...named, ...ranked].join(", ");
}

/** @param {Picture} picture @param {Room} room for how long the oldest has waited */
function oldestWords({ state, at }, { format }) {
  const times = [...state.alarms.values()].flatMap((alarm) => {
    const since = Date.parse(alarm.activated_at ?? alarm.raised_at ?? "");
    return alarm.state === "unacked" && !Number.isNaN(since) ? [since] : [];
  });
  return at === null || times.length === 0 ? "–" : format.span(at - Math.min(...times));
}

/** @param {Flood} flood @param {Room} room the two agencies that have most of them; a source does not act */
function whoWords({ shares }, { say, city }) {
  const names = shares.flatMap(({ key }) => (key.startsWith("@") ? [] : city.agency(key) ?? [])).slice(0, 2);
  if (names.length === 0) return say("flood_desk");
  return names.length === 1 ? say("flood_one", { agency: names[0] ?? "" }) : say("flood_two", { agency: names[0] ?? "", other: names[1] ?? "" });
}

/** @param {Picture} picture @param {Room} room */
function restWords({ state }, { say, format }) {
  const { acked, returned } = countAlarms(state.alarms.values());
  const late = state.counts?.stock?.overdue ?? state.tally.total.overdue;
  const parts = [say("overdue_n", { n: format.number(late) })];
  if (acked > 0) parts.push(say("acked_n", { n: format.number(acked) }));
  if (returned > 0) parts.push(say("returned_n", { n: format.number(returned) }));
  return parts.join(", ");
}

// The band.

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
