/**
 * What wall and desk say about one alarm: what, how late, where, who must act. Codes and names of the city alone.
 */
import { owedWords, placeWords, timeWords, whatWords } from "./complaint_words.js";

/** @typedef {import("./feed/messages.js").Alarm} Alarm */
/** @typedef {import("./feed/messages.js").Card} Card */
/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {import("./picture.js").Room} Room */
/** @typedef {{alarm: Alarm | null, card: Card | null}} Named */
/** @typedef {{state: import("./feed/store.js").State} & Pick<Picture, "at" | "calendar" | "beat" | "sinceBeat">} Moment */

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

/** @param {Named} named @param {Moment} moment @param {Room} room how late, or for how long it has stood so */
export function alarmLate({ alarm, card }, moment, room) {
  const { say, format } = room;
  if (alarm?.state === "returned") return say("returned");
  if (card) return timeWords(card, moment, room);
  const heard = alarm?.source ? moment.beat?.heard?.[alarm.source] : null;
  if (typeof heard === "number") return format.span((heard + moment.sinceBeat) * 1000);
  const since = (moment.at ?? NaN) - Date.parse(alarm?.raised_at ?? "");
  return Number.isNaN(since) ? "" : format.span(since);
}

/** @param {Named} named @param {Moment} moment @param {Room} room */
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

/** @param {string} to @param {import("./feed/store.js").State} state @param {Room} room the receiver, and how many deliveries do not reach it */
function stuckWords(to, { lines }, { city, say, format }) {
  const name = wayName(to, city, say);
  const n = lines.find(({ id }) => id === `stuck:${to}`)?.n;
  return n ? say("stuck_count", { name, n: format.number(n) }) : name;
}

/** @param {string} to @param {Room["city"]} city @param {Room["say"]} say @returns {string} a way out by name: an agency, a server that many share, or what it is called */
export function wayName(to, city, say) {
  const shared = { "server-mail": "mail_server", "server-message": "message_gateway", citizen: "citizens_mail", phone: "citizens_messages" }[to];
  return shared ? say(/** @type {"mail_server"} */ (shared)) : city.agency(to) ?? to;
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
