/**
 * The alarm band: how many, and the three that need somebody first; one banner during a flood.
 */
import { alarmWhat, alarmWhere, countAlarms, isOfLate, QUIET, SLOTS } from "../ui/alarms.js";
import { element, find, fit, mark, NARROW, show, write } from "../ui/dom.js";
import { setSymbol, symbol } from "../ui/symbols.js";
import { CAPTION, isEmergency, layoutOf, mountSlot, TITLE_WEIGHT } from "./alarm_slot.js";

/** @typedef {import("../ui/picture.js").Picture} Picture */
/** @typedef {import("../ui/picture.js").WallRoom} Room */
/** @typedef {import("./alarm_slot.js").Layout} Layout */
/** @typedef {import("../ui/alarms.js").Flood} Flood */

// The one banner of a flood: how many, where, since when, who has most of them. It hides nothing: the desk lists all.

const SHARES = 3;
const KINDS = /** @type {const} */ (["critical", "passed", "lost", "warned"]);

/** So large a part of a flood is of one kind that the banner is named after it. */
const MAIN_PART = 0.6;
/** Widths of the banner's number by its steps, units: the largest that fits; beside the shares of a television it has less. */
const NUMBER = { total: 870, beside: 790, weight: 600, steps: /** @type {const} */ ([168, 128, 96, 72]) };
/** For how long nobody has taken it, units: what that may take, by layout, and its steps. */
const AGE = { total: { fine: 1120, wide: 820, portrait: 1000, coarse: 980, coarse_halves: 1100, coarse_portrait: 1090 }, steps: /** @type {const} */ ([96, 72, 60, 48]) };
/** Ultra-wide it may take two cells where no emergency stands in the second. */
const WIDE_AGE = 1760;
/** The largest of those steps. */
const AGE_MOST = { fine: 72, wide: 72, portrait: 96, coarse: 60, coarse_halves: 60, coarse_portrait: 60 };
/** A share's line, units: what it may take, by layout, the air between its name and its number, its steps by how many there are, and those of a name. */
const SHARE = { total: { fine: 1080, wide: 520, portrait: 900, coarse: 420, coarse_halves: 1080, coarse_portrait: 0 }, air: 36, few: 96, many: 72, coarse: 60, steps: [96, 72, 60, 48] };

/** @param {Iterable<import("../feed/messages.js").Alarm>} alarms @returns {{category: string, n: number} | null} what most of the unacknowledged are about; null: of many things */
export function mainKind(alarms) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  let all = 0;
  for (const { state, category } of alarms) {
    if (state !== "unacked") continue;
    all += 1;
    if (category) counts.set(category, (counts.get(category) ?? 0) + 1);
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  return most && most[1] >= all * MAIN_PART ? { category: most[0], n: most[1] } : null;
}

/** @param {HTMLElement} banner @param {Room} room @param {Layout} layout @returns {(picture: Picture, blocks: number) => void} blocks of the wall it may take */
function mountFlood(banner, room, layout) {
  const shape = symbol("waiting");
  banner.prepend(shape);
  const [many, where, kinds] = [find(banner, ".flood-n"), find(banner, ".flood-where"), find(banner, ".flood-kinds")];
  const list = find(banner, ".flood-shares");
  const coarse = layout.startsWith("coarse");
  const shares = Array.from({ length: SHARES }, () => mountShare(list, SHARE.total[layout], coarse));
  const [age, who, rest] = [find(banner, ".flood-age"), find(banner, ".flood-who"), find(banner, ".flood-rest")];
  return (picture, blocks) => {
    const { flood } = picture;
    const most = coarse ? SHARE.coarse : (flood?.shares.length ?? 0) < SHARES ? SHARE.few : SHARE.many;
    for (const [i, paint] of shares.entries()) paint(flood?.shares[i] ?? null, most, room, picture);
    show(banner, flood !== null);
    mark(banner, "data-blocks", String(blocks));
    mark(list, "data-n", String(Math.min(SHARES, flood?.shares.length ?? 0)));
    setSymbol(shape, { ring: "strong", flash: flood !== null && flood.n > 0 });
    if (!flood) return [many, where, kinds, age, who, rest].forEach((words) => write(words, ""));
    const main = mainKind(picture.state.alarms.values());
    const what = main && room.city.category(main.category);
    const number = main && what ? room.say("flood_times", { n: room.format.number(main.n), what }) : room.say("flood_n", { n: room.format.number(flood.n) });
    write(many, number);
    mark(many, "data-step", String(NUMBER.steps.find((step) => room.width(number, step, NUMBER.weight) <= (layout === "coarse" ? NUMBER.beside : NUMBER.total)) ?? NUMBER.steps.at(-1)));
    write(where, whereWords(flood, picture, room));
    write(kinds, kindWords(flood, room));
    const space = layout === "wide" && blocks >= SLOTS ? WIDE_AGE : AGE.total[layout];
    const stands = room.say("flood_age", { span: oldestWords(picture, room) });
    write(age, stands);
    mark(age, "data-step", String(AGE.steps.find((step) => step <= AGE_MOST[layout] && room.width(stands, step, TITLE_WEIGHT) <= space) ?? CAPTION));
    const acts = whoWords(flood, room);
    const small = (/** @type {string} */ words) => NARROW * room.width(words, CAPTION, 400) <= space;
    const told = acts.find(small) ?? acts.at(-1) ?? "";
    write(who, told);
    mark(who, "data-step", room.width(told, 60, 400) <= space ? "60" : "48");
    write(rest, restWords(picture, room, flood.n - (main && what ? main.n : flood.n)));
  };
}

/**
 * @param {HTMLElement} list @param {number} total units of its line @param {boolean} first whether its number comes first, and the names begin below each other
 * @returns {(share: import("../ui/alarms.js").Share | null, most: number, room: Room, picture: Picture) => void} most: the largest step; a long name takes a smaller one
 */
function mountShare(list, total, first) {
  const [n, name] = [element("span", "share-n"), element("span", "share-name")];
  const item = element("li", "share", n, name);
  list.append(item);
  return (share, most, { format, say, city, width }, { state }) => {
    show(item, share !== null);
    if (!share) return [n, name].forEach((words) => write(words, ""));
    const [id, count] = [share.key.slice(1), format.number(share.n)];
    const whose = share.key.startsWith("@") ? (city.source(id) ?? state.sources.find((one) => one.id === id)?.name ?? id) : (city.agency(share.key) ?? say("no_agency"));
    const space = total - Math.max(width(count, most, TITLE_WEIGHT), first ? width("00", most, TITLE_WEIGHT) : 0) - SHARE.air;
    const fits = (/** @type {number} */ step) => fit(width(whose, step, TITLE_WEIGHT), space);
    const step = SHARE.steps.find((one) => one <= most && fits(one) !== "cut") ?? CAPTION;
    write(n, count);
    write(name, whose);
    mark(name, "data-step", String(step));
    mark(name, "data-fit", fits(step));
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
  const ranks = /** @type {const} */ ([1, 2, 3]).filter((p) => priorities[p] > 0);
  const ranked = ranks.length === 1 ? ranks.map((p) => say("flood_priority", { p })) : ranks.map((p) => `P${p} ${format.number(priorities[p])}`);
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

/** @param {Flood} flood @param {Room} room @returns {string[]} what has to be done, by the two agencies that have most of them, at length and shorter; a source does not act */
function whoWords({ shares }, { say, city }) {
  const names = shares.flatMap(({ key }) => (key.startsWith("@") ? [] : city.agency(key) ?? [])).slice(0, 2);
  const [agency, other] = names;
  return [
    ...(agency && other ? [say("flood_two", { agency, other })] : []), ...(agency ? [say("flood_one", { agency })] : []), say("flood_desk"),
  ];
}

/** @param {Picture} picture @param {Room} room @param {number} other unacknowledged that are not of the kind in the banner's name */
function restWords({ state }, { say, format }, other) {
  const { acked, returned } = countAlarms(state.alarms.values());
  const parts = other > 0 ? [say("other_n", { n: format.number(other) })] : [];
  if (acked > 0) parts.push(say("flood_acked", { n: format.number(acked) }));
  if (returned > 0) parts.push(say("returned_n", { n: format.number(returned) }));
  return parts.join(", ");
}

// The band.

/** @param {ParentNode} page @param {Room} room @returns {import("../ui/picture.js").Paint} */
export function mountBand(page, room) {
  const band = find(page, ".band");
  const layout = layoutOf(band.ownerDocument.documentElement.dataset);
  const blocks = layout === "wide" ? SLOTS + 1 : layout === "coarse_portrait" || room.panels === 2 ? SLOTS - 1 : SLOTS;
  const slots = Array.from({ length: blocks }, () => mountSlot(find(band, ".band-slots"), room, layout));
  const none = find(band, ".band-none");
  write(none, room.say("no_alarm"));
  const paintHead = mountHead(band, room, layout);
  const paintLast = mountLast(find(band, ".band-last"), room);
  const paintGuests = mountGuests(find(band, ".band-guests"), room);
  const paintFlood = mountFlood(find(band, ".flood"), room, layout);
  return (picture) => {
    const chosen = picture.guests ? [] : (picture.slots ?? picture.attention);
    paintGuests(picture);
    mark(band, "data-flood", String(picture.flood !== null && !picture.guests));
    // In a large city those that are late are known before the worst of them are.
    const calm = picture.whole && picture.attention.length === 0 && picture.flood === null && bandSum(picture.state).late === 0;
    show(none, calm);
    paintLast(picture, calm);
    // During a flood the slots at the right are for what is critical, one by one; the banner says the rest (CR-26).
    const urgent = chosen.filter(({ alarm, acted }) => alarm?.priority === 1 && !acted).slice(0, blocks - 1);
    const places = picture.flood && !picture.guests ? [...Array(blocks - urgent.length).fill(null), ...urgent] : chosen;
    const first = places.findIndex((place) => place && isEmergency(place));
    for (const [i, paint] of slots.entries()) paint(places[i] ?? null, picture, i === first);
    paintHead(picture);
    paintFlood(picture.guests ? { ...picture, flood: null } : picture, blocks - urgent.length);
  };
}

/** @param {HTMLElement} line @param {Room} room @returns {(picture: Picture, calm: boolean) => void} while there is none: the last one that this page has seen, when it was acknowledged, when it ended */
function mountLast(line, room) {
  const [what, when] = [element("span", "last-what"), element("span", "last-when")];
  line.append(what, when);
  /** @type {{epoch: string, what: string, acked: number, ended: number | null} | null} */
  let last = null;
  return (picture, calm) => {
    const { state: { epoch }, at, attention, whole, guests } = picture;
    if (!whole) return;
    if (last?.epoch !== epoch) last = null;
    const seen = attention.find(({ alarm, card }) => alarm && card);
    if (seen) last = { epoch, what: room.say("last_alarm", { what: alarmWhat(seen, room), place: alarmWhere(seen, picture, room) }), acked: Date.parse(seen.alarm?.acked_at ?? ""), ended: null };
    else if (calm && last) last.ended ??= at;
    const shown = calm && !guests ? last : null;
    write(what, shown?.what ?? "");
    const times = !shown ? [] : [
      Number.isNaN(shown.acked) ? "" : room.say("acked_at", { time: room.format.hour(shown.acked) }),
      shown.ended === null ? "" : room.say("last_ended", { time: room.format.hour(shown.ended) }),
    ];
    write(when, times.filter(Boolean).join(", "));
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

// The head: how many are late, and how many of those have an alarm that nobody has taken, that somebody has, or that is set aside.
// Nothing is said of a late one that has no such alarm. What is an alarm without being late is counted apart.

/**
 * @typedef {object} BandSum
 * @property {number} late complaints, of any day
 * @property {number} untaken of these
 * @property {number} aside of these: shelved, suppressed, out of service
 * @property {number | null} taken of these: acknowledged; null where the parts are more than the whole
 * @property {number} bare of these: the others, without an alarm that stands; 0 where that is not known
 * @property {number} other unacknowledged alarms of what is not late: emergencies, silent sources, pre-warnings
 * @property {number} returned
 */

/** @param {import("../feed/store.js").State} state @returns {BandSum} */
export function bandSum({ alarms, cards, counts, tally }) {
  const late = counts?.stock?.overdue ?? tally.total.overdue;
  /** @type {Record<"untaken" | "aside" | "taken" | "back", Map<string, number>>} complaints by id, else an alarm of many by its own; back: it has returned */
  const found = { untaken: new Map(), aside: new Map(), taken: new Map(), back: new Map() };
  let other = 0;
  let returned = 0;
  for (const alarm of alarms.values()) {
    const { id, state, complaint, count } = alarm;
    const isLate = isOfLate(alarm, { cards });
    if (state === "returned") returned += 1;
    else if (state === "unacked" && !isLate) other += 1;
    const part = !isLate ? null : state === "unacked" ? "untaken" : state === "acked" ? "taken" : QUIET.some((name) => name === state) ? "aside" : state === "returned" ? "back" : null;
    if (part) found[part].set(complaint ?? id, complaint ? 1 : (count ?? 1));
  }
  // A complaint with several alarms counts once: first by what nobody has taken.
  for (const id of found.untaken.keys()) found.aside.delete(id);
  for (const id of [...found.untaken.keys(), ...found.aside.keys()]) found.taken.delete(id);
  for (const id of [...found.untaken.keys(), ...found.aside.keys(), ...found.taken.keys()]) found.back.delete(id);
  const [untaken, aside, taken, back] = [sumOf(found.untaken), sumOf(found.aside), sumOf(found.taken), sumOf(found.back)];
  const bare = late - untaken - aside - taken - back;
  return { late, untaken, aside, taken: untaken + aside + taken > late ? null : taken, bare: Math.max(0, bare), other, returned };
}

/** @param {Map<string, number>} map */
function sumOf(map) {
  return [...map.values()].reduce((sum, n) => sum + n, 0);
}

/**
 * @param {BandSum} sum @param {Pick<Room, "say" | "format">} room
 * @returns {{unacked: string[], rest: string[], others: string, calm: boolean}} unacked: of the alarms, at length and shorter; calm: nobody has to take any; rest: of those late ones that are not unacknowledged, at length and shorter
 */
export function sumWords({ late, untaken, aside, taken, bare, other, returned }, { say, format }) {
  /** @param {"acked_n" | "unacked_n" | "unacked_short" | "shelved_n" | "no_alarm_n" | "other_n" | "returned_n"} key @param {number | null} n */
  const counted = (key, n) => (n ? say(key, { n: format.number(n) }) : "");
  // While nothing is late the alarm of one that was may still stand, and nothing else counts it.
  const open = late === 0 ? untaken + other : untaken;
  const left = late - untaken;
  const parts = [left > 0 && taken === left ? say("acked_all") : counted("acked_n", taken), counted("shelved_n", aside)].filter(Boolean);
  // What has no alarm is said where the others are counted, so that they add up.
  const others = [...new Set([[...parts, counted("no_alarm_n", bare)], parts].map((some) => some.filter(Boolean).join(", ")))];
  return {
    unacked: open > 0 ? [counted("unacked_n", open), counted("unacked_short", open)] : [parts.join(", ")],
    rest: open > 0 && left > 0 && parts.length > 0 ? others.map((what) => say("others_n", { n: format.number(left), what })) : [],
    others: [late === 0 ? "" : counted("other_n", other), counted("returned_n", returned)].filter(Boolean).join(", "),
    calm: open === 0,
  };
}

/**
 * What the head may take, by layout: how many are late and their alarms, in one line or below each other, and the rest at the right
 * end of the band, for over one alarm it would seem to be about that one. A coarse layout has no room for the rest. Units.
 */
const HEAD = {
  fine: { size: 60, total: 1120, stacked: false, rest: { size: 60, total: 1120 } },
  wide: { size: 72, total: 880, stacked: true, rest: { size: 60, total: 800 } },
  portrait: { size: 60, total: 1060, stacked: false, rest: { size: 48, total: 900 } },
  coarse: { size: 48, total: 746, stacked: false, rest: null },
  coarse_halves: { size: 48, total: 1120, stacked: false, rest: null },
  coarse_portrait: { size: 48, total: 1280, stacked: false, rest: null },
};
/** What the count of alarms may take while guests are here, by layout: the head is larger then, and alone with it; from its own place, or with what is late before it. Units. */
const GUESTS = {
  fine: { size: 72, total: 1200, alone: true }, wide: { size: 72, total: 600, alone: true }, portrait: { size: 72, total: 1200, alone: false },
  coarse: { size: 60, total: 1130, alone: false }, coarse_halves: { size: 60, total: 1130, alone: false }, coarse_portrait: { size: 60, total: 1130, alone: false },
};
/** Between the parts of the head, and what the word of a drill takes before them. */
const [HEAD_GAP, DRILL_TAG] = [48, 340];

/** @param {HTMLElement} band @param {Room} room @param {Layout} layout @returns {import("../ui/picture.js").Paint} */
function mountHead(band, room, layout) {
  const [overdue, unacked] = [find(band, ".band-overdue"), find(band, ".band-unacked")];
  const [head, rest, others] = [find(band, ".band-head"), find(band, ".band-rest"), find(band, ".band-other")];
  const { size, total, stacked, rest: end } = HEAD[layout];
  const tagged = !stacked && band.ownerDocument.documentElement.dataset.drill === "true" ? DRILL_TAG : 0;
  return ({ state, whole, guests }) => {
    const sum = bandSum(state);
    const words = sumWords(sum, room);
    const late = room.say("overdue_n", { n: whole ? room.format.number(sum.late) : "–" });
    const visit = GUESTS[layout];
    const line = guests ? { ...visit, total: visit.total - (visit.alone ? 0 : room.width(late, visit.size, TITLE_WEIGHT) + HEAD_GAP) } : { size, total: total - tagged - (stacked ? 0 : room.width(late, size, TITLE_WEIGHT) + HEAD_GAP) };
    const fits = (/** @type {string} */ one) => fit(room.width(one, line.size, TITLE_WEIGHT), line.total);
    // What somebody has may go unsaid.
    const said = words.unacked.find((one) => fits(one) !== "cut") ?? (words.calm ? "" : words.unacked.at(-1)) ?? "";
    write(overdue, late);
    write(unacked, said);
    mark(head, "data-fit", fits(said));
    mark(unacked, "data-calm", String(words.calm));
    // Upright both stand in one line.
    const left = !end ? 0 : layout === "portrait" && words.others ? end.total - room.width(words.others, CAPTION, TITLE_WEIGHT) : end.total;
    const ends = (/** @type {string} */ one) => (end ? fit(room.width(one, end.size, 400), left) : "cut");
    const short = layout === "portrait" ? (words.rest.find((one) => ends(one) !== "cut") ?? "") : (words.rest[0] ?? "");
    write(rest, short);
    mark(rest, "data-fit", ends(short));
    write(others, words.others);
    mark(others, "data-calm", String(sum.other === 0));
  };
}
