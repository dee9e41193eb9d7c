/**
 * Tells a screen reader of new alarms: P1 and P2 as alert, P3 as status, one sentence in a flood (CR-101).
 */
import { alarmWhat, alarmWhere } from "../ui/alarms.js";
import { find, write } from "../ui/dom.js";

/** @typedef {import("../feed/messages.js").Alarm} Alarm */
/** @typedef {import("../ui/picture.js").Picture} Look */

/** @param {Document} page @param {import("./desk_alarm_words.js").DeskRoom} room @returns {(look: Look) => void} */
export function mountAnnounce(page, room) {
  const [alert, status] = [find(page, ".announce-alert"), find(page, ".announce-status")];
  /** @type {Set<string> | null} null: what is there at first is not new */
  let known = null;
  let flooding = false;
  return (look) => {
    const now = [...look.state.alarms.values()].filter(({ state }) => state === "unacked");
    const lives = new Set(now.map(lifeOf));
    const before = known;
    known = lives;
    if (before === null) return;
    const fresh = now.filter((alarm) => !before.has(lifeOf(alarm)));
    const flood = look.flood;
    if (flood && !flooding) write(alert, room.desk("announce_flood", { n: room.format.number(flood.n) }));
    flooding = flood !== null;
    const said = flood ? fresh.filter(({ priority }) => priority === 1) : fresh;
    for (const alarm of said) write((alarm.priority ?? 3) < 3 ? alert : status, words(alarm, look, room));
  };
}

/** @param {Alarm} alarm */
function lifeOf({ id, activated_at: at }) {
  return `${id} ${at ?? ""}`;
}

/** @param {Alarm} alarm @param {Look} look @param {import("./desk_alarm_words.js").DeskRoom} room */
function words(alarm, look, room) {
  const named = { alarm, card: alarm.complaint ? look.state.cards.get(alarm.complaint) : null };
  return room.desk("announce", { p: alarm.priority ?? 3, what: alarmWhat(named, room), where: alarmWhere(named, look, room) });
}
