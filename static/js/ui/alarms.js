/**
 * Alarms as wall and desk show them: counted by state, in one order, which of them the band names, floods, and their words.
 */
import { standing } from "../feed/clock.js";
import { isQuiet, owedWords, placeWords, timeWords, whatWords, worst } from "./complaints.js";

/** @typedef {import("../feed/messages.js").Alarm} Alarm */
/** @typedef {import("../feed/store.js").State} State */
/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {import("./picture.js").Room} Room */

// Counts by state, and the one order of wall and desk.

/** @typedef {{at: number | null, calendar: import("../feed/clock.js").Calendar}} Moment */
/** @typedef {"unacked" | "acked" | "returned" | "shelved" | "suppressed" | "out_of_service"} Standing */
/** @typedef {Record<Standing, number>} AlarmCounts */

/** All states that are not normal, in the order in which they need somebody. */
export const STATES = /** @type {const} */ (["unacked", "acked", "returned", "shelved", "suppressed", "out_of_service"]);
/** Set aside: counted on the wall, lists of their own at the desk (CR-22). */
export const QUIET = /** @type {const} */ (["shelved", "suppressed", "out_of_service"]);

/** @param {Iterable<Alarm>} alarms @returns {AlarmCounts} */
export function countAlarms(alarms) {
  /** @type {AlarmCounts} */
  const counts = { unacked: 0, acked: 0, returned: 0, shelved: 0, suppressed: 0, out_of_service: 0 };
  for (const { state } of alarms) if (Object.hasOwn(counts, state)) counts[/** @type {Standing} */ (state)] += 1;
  return counts;
}

/** @param {Alarm} alarm @returns {1 | 2 | 3} what says no priority is the least urgent */
export function priorityOf({ priority }) {
  return priority === 1 || priority === 2 ? priority : 3;
}

/**
 * Whether an alarm is about what is late: by its complaint, which an emergency or a pre-warning may have without being late. One
 * for many complaints, or for one that no feed carries, goes by its kind.
 * @param {Alarm} alarm @param {Pick<State, "cards">} state @returns {boolean}
 */
export function isOfLate({ kind, complaint, source }, { cards }) {
  const card = complaint ? cards.get(complaint) : null;
  return card ? card.overdue === true : kind === "passed" && !source;
}

/** @param {Alarm} alarm @param {State} state @param {Moment} moment @returns {number} share of the limit used; 0 where none runs */
function usedOf({ complaint }, { cards }, { at, calendar }) {
  const card = complaint ? cards.get(complaint) : null;
  return (card && at !== null && standing(card, at, calendar)?.used) || 0;
}

/**
 * Unacknowledged first, then priority, then percent of the limit, then age: the same for every screen.
 * @param {State} state @param {Moment} moment @returns {Alarm[]}
 */
export function inOrder(state, moment) {
  const keyed = [...state.alarms.values()].map((alarm) => ({
    alarm,
    key: [STATES.indexOf(/** @type {Standing} */ (alarm.state)), priorityOf(alarm), -usedOf(alarm, state, moment)],
    since: `${alarm.activated_at ?? alarm.raised_at ?? ""} ${alarm.id}`,
  }));
  return keyed.filter(({ key }) => (key[0] ?? -1) >= 0).sort(compare).map(({ alarm }) => alarm);
}

/** @typedef {{key: number[], since: string}} Keyed */

/** @param {Keyed} a @param {Keyed} b */
function compare(a, b) {
  const place = a.key.findIndex((value, i) => value !== b.key[i]);
  if (place >= 0) return (a.key[place] ?? 0) - (b.key[place] ?? 0);
  return a.since < b.since ? -1 : 1;
}

/** @param {Pick<State, "lines">} state @returns {import("../feed/messages.js").Line | null} the flood of alarms in force (CR-25) */
export function floodOf({ lines }) {
  return lines.find(({ kind }) => kind === "flood") ?? null;
}

/** @param {State} state @returns {import("../feed/messages.js").Line[]} surges of complaints in force, newest last */
export function surgesOf({ lines }) {
  return lines.filter(({ kind }) => kind === "surge");
}

// What the alarm band names: alarms in their order, then the worst overdue complaints that somebody has. The map lifts the
// same ones, so that both point at one thing.

/**
 * @typedef {object} Attention
 * @property {string} id of the complaint, else of the alarm
 * @property {Card | null} card
 * @property {Alarm | null} alarm null: overdue, and somebody follows it up
 * @property {string | null} source that is lost
 * @property {boolean} acted somebody has it already
 */

/** One for each block of the wall. */
export const SLOTS = 3;
/** A pre-warning that somebody has seen asks for less than an overdue complaint in good hands. */
const NAMED_ACKED = 2;

/** @param {State} state @returns {ReadonlySet<string>} complaints whose alarm nobody has acknowledged */
export function unackedComplaints(state) {
  /** @type {Set<string>} */
  const ids = new Set();
  for (const alarm of state.alarms.values()) if (alarm.state === "unacked" && alarm.complaint) ids.add(alarm.complaint);
  return ids;
}

/** @param {Alarm} alarm @returns {boolean} whether the wall names it */
function named({ state, priority }) {
  if (state === "acked") return (priority ?? 3) <= NAMED_ACKED;
  return state === "unacked" || state === "returned";
}

/**
 * @param {{state: State, ranking: import("./complaints.js").Ranking} & Moment & {own?: Alarm | null, most?: number}} seen
 * @returns {Attention[]} at most so many; a complaint once, by its most urgent alarm. The page's own, of a lost feed, takes
 *   what is left: its large entry is the band over the scene, and nothing disappears for it (CR-46)
 */
export function attention({ state, ranking, at, calendar, own = null, most = SLOTS }) {
  /** @type {Map<string, Attention>} */
  const chosen = new Map();
  for (const alarm of inOrder(state, { at, calendar }).filter(named)) {
    const card = alarm.complaint ? state.cards.get(alarm.complaint) : null;
    const id = card?.id ?? alarm.id;
    const source = card ? null : (alarm.source ?? null);
    if (!chosen.has(id)) chosen.set(id, { id, card, alarm, source, acted: alarm.state !== "unacked" });
  }
  for (const { card } of worst(ranking)) {
    if (!chosen.has(card.id)) chosen.set(card.id, { id: card.id, card, alarm: null, source: null, acted: true });
  }
  const slots = [...chosen.values()].slice(0, most);
  if (own && slots.length < most) slots.push({ id: own.id, card: null, alarm: own, source: own.source ?? null, acted: false });
  return slots;
}

/**
 * The ring of a complaint, the same in band, board and map: strong where somebody must act now.
 * @param {Card} card @param {Pick<import("./picture.js").Picture, "unacked">} picture @returns {import("./symbols.js").Ring}
 */
export function ringOf(card, { unacked }) {
  const urgent = unacked.has(card.id);
  if (!card.overdue) return urgent ? "plain" : "none";
  return urgent ? "strong" : "thin";
}

/**
 * How a complaint is drawn, the same on the map, in the band and in every list: its status, the ring, whether it flashes, and
 * hatched where its source is late or lost. What flashes is never hatched: there the phase alone says filled or outlined.
 * @param {Card} card @param {Pick<import("./picture.js").Picture, "unacked" | "quiet">} picture
 * @returns {{status: import("../feed/messages.js").Status, ring: import("./symbols.js").Ring, flash: boolean, quiet: boolean}}
 */
export function drawnAs(card, picture) {
  const flash = picture.unacked.has(card.id);
  return { status: card.status, ring: ringOf(card, picture), flash, quiet: !flash && isQuiet(card, picture) };
}

/** By the alarm's own state: its complaint may have another alarm. @param {Attention} chosen @param {import("./picture.js").Picture} picture @returns {import("./symbols.js").Ring} */
export function slotRing({ card, alarm }, picture) {
  if (alarm?.source) return "none";
  if (alarm?.state === "returned") return "dashed";
  if (!alarm) return card ? ringOf(card, picture) : "none";
  if (alarm.state === "unacked") return card?.overdue ? "strong" : "plain";
  return card?.overdue ? "thin" : "none";
}

// What a flood of alarms is about: how many of each kind and priority, where, since when, and who has most of them.

/** @typedef {{key: string, n: number}} Share of the unacknowledged, by agency or source */
/**
 * @typedef {object} Flood
 * @property {number} n unacknowledged
 * @property {number | null} since ms, room time
 * @property {Record<1 | 2 | 3, number>} priorities
 * @property {Map<string, number>} kinds
 * @property {Set<string>} districts codes
 * @property {Share[]} shares largest first; agencies by key, sources with a leading @
 */

/** @param {Alarm} alarm */
function shareKey({ source, agency, complaint }) {
  if (source && !complaint) return `@${source}`;
  return agency ?? "";
}

/** @param {Map<string, number>} map @param {string} key */
function grow(map, key) {
  map.set(key, (map.get(key) ?? 0) + 1);
}

/** @param {import("../feed/store.js").State} state @param {import("./city.js").City} city @returns {Flood | null} null: no flood in force */
export function floodIn(state, city) {
  const line = floodOf(state);
  if (!line) return null;
  const flood = { n: 0, priorities: { 1: 0, 2: 0, 3: 0 }, kinds: new Map(), districts: new Set(), shares: new Map() };
  for (const alarm of state.alarms.values()) {
    if (alarm.state !== "unacked") continue;
    flood.n += 1;
    flood.priorities[priorityOf(alarm)] += 1;
    grow(flood.kinds, alarm.kind ?? "");
    grow(flood.shares, shareKey(alarm));
    const district = city.districtOf(alarm.area ?? "");
    if (district) flood.districts.add(district);
  }
  const since = Date.parse(line.since ?? "");
  const shares = [...flood.shares].map(([key, n]) => ({ key, n })).sort((a, b) => b.n - a.n || (a.key < b.key ? -1 : 1));
  return { ...flood, since: Number.isNaN(since) ? null : since, shares };
}

// Words of one alarm: what, how late, where, who must act. Codes and names of the city alone.

/** @typedef {{alarm: Alarm | null, card: Card | null}} Named */
/** @typedef {{state: import("../feed/store.js").State} & Pick<Picture, "at" | "calendar" | "beat" | "sinceBeat">} FeedMoment */

/** What can be lost beside sources, as alarms name it; a screen by its id. */
const [FEED, SCREEN, OUTBOX] = ["feed", "screen:", "outbox:"];
const LOSSES = /** @type {const} */ ({
  lost: { what: "source_silent", who: "supervisor_calls" },
  screen: { what: "screen_dark", who: "supervisor_looks" },
  feed: { what: "feed_gone", who: "supervisor_technician" },
  outbox: { what: "outbox_stuck", who: "supervisor_telephones" },
});

/** @param {Alarm | null} alarm @returns {keyof typeof LOSSES} of a source, a screen, the feed or a way out */
function lossOf(alarm) {
  if (alarm?.source === FEED) return "feed";
  if (alarm?.source?.startsWith(OUTBOX)) return "outbox";
  return alarm?.source?.startsWith(SCREEN) ? "screen" : "lost";
}

/** @param {Alarm} alarm @returns {string} key of its record: cause, consequence, action (CR-05) */
export function recordOf(alarm) {
  return alarm.kind === "lost" ? lossOf(alarm) : (alarm.kind ?? "");
}

/** @param {Named} named @param {Room} room */
export function alarmWhat({ alarm, card }, room) {
  const { say, format } = room;
  if (card) return whatWords(card, room);
  if (!alarm || alarm.source) return say(LOSSES[lossOf(alarm)].what);
  if (alarm.complaint) return say(alarm.kind === "critical" ? "kind_critical" : alarm.kind === "warned" ? "kind_warned" : "kind_passed");
  const n = format.number(alarm.count ?? 1);
  return say(alarm.kind === "warned" ? "group_warned" : "group_passed", { n });
}

/** @param {Named} named @param {FeedMoment} moment @param {Room} room how late, or for how long it has stood so */
export function alarmLate({ alarm, card }, moment, room) {
  const { say, format } = room;
  if (alarm?.state === "returned") return say("returned");
  if (card) return timeWords(card, moment, room);
  const heard = alarm?.source ? moment.beat?.heard?.[alarm.source] : null;
  if (typeof heard === "number") return format.span((heard + moment.sinceBeat) * 1000);
  const since = (moment.at ?? NaN) - Date.parse(alarm?.raised_at ?? "");
  return Number.isNaN(since) ? "" : format.span(since);
}

/** @param {Named} named @param {FeedMoment} moment @param {Room} room */
export function alarmWhere({ alarm, card }, { state }, room) {
  const { city, say } = room;
  if (card) return placeWords(card, room);
  const { source } = alarm ?? {};
  if (source?.startsWith(SCREEN)) return source.slice(SCREEN.length);
  if (source === FEED) return say("every_screen");
  if (source?.startsWith(OUTBOX)) return stuckWords(source.slice(OUTBOX.length), state, room);
  if (source) return city.source(source) ?? state.sources.find(({ id }) => id === source)?.name ?? source;
  return city.agency(alarm?.agency) ?? say("no_agency");
}

/** @param {string} to @param {import("../feed/store.js").State} state @param {Room} room the receiver, and how many deliveries do not reach it */
function stuckWords(to, { lines }, { city, say, format }) {
  const name = wayName(to, city, say);
  const n = lines.find(({ id }) => id === `stuck:${to}`)?.n;
  return n ? say("stuck_count", { name, n: format.number(n) }) : name;
}

/** What many receivers share, and whom there is only one of, by the beginning of their name. */
const SHARED = /** @type {const} */ ([
  ["server-mail", "mail_server"], ["server-message", "message_gateway"], ["citizen", "citizens_mail"], ["phone", "citizens_messages"], ["supervisor", "supervisor_mail"],
]);

/** @param {string} to @param {Room["city"]} city @param {Room["say"]} say @returns {string} a way out by name: an agency, an office, a source, a server that many share */
export function wayName(to, city, say) {
  const shared = SHARED.find(([beginning]) => to === beginning || to.startsWith(`${beginning}-`));
  if (shared) return say(shared[1]);
  const [, kind, key = ""] = /^(office|source|subscriber|reader)-(.+)$/.exec(to) ?? [];
  if (kind === "subscriber") return key;
  return (kind === "office" ? city.office(key) : kind === "source" ? city.source(key) : null) ?? city.agency(key || to) ?? to;
}

/**
 * Who has not done what yet, or who follows it up.
 * @param {Named} named @param {Room} room
 * @param {(owner: string) => string} [person] what to call a person who follows it up; a wall names nobody
 */
export function alarmWho({ alarm, card }, room, person = () => room.say("officer")) {
  const { say, city } = room;
  if (alarm?.owner) return say("owned_by", { owner: city.agency(alarm.owner) ?? person(alarm.owner) });
  if (alarm?.source) return say(LOSSES[lossOf(alarm)].who);
  if (card) return owedWords(card, room);
  if (!alarm?.agency) return say("group_forward");
  return say(alarm.kind === "warned" ? "group_remind" : "group_call");
}
