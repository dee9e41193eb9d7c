/**
 * The chosen alarm in full: what it is, its record (cause, consequence, action, time, owner) and what happened to it.
 */
import { alarmLate, alarmWhat, alarmWhere, alarmWho, recordOf, slotRing } from "../ui/alarms.js";
import { setSymbol, symbol } from "../ui/symbols.js";
import { element, find, mark, show, write } from "../ui/dom.js";
import { heldWords, markWords, timeOf } from "./desk_alarm_words.js";
import { nameOf } from "./guests.js";

/** @typedef {import("../feed/messages.js").Alarm} Alarm */
/** @typedef {import("./alarm_desk.js").Look} Look */
/** @typedef {import("./desk_alarm_words.js").DeskRoom} DeskRoom */
/** @typedef {Record<string, {name: string, cause: string, consequence: string, action: string, respond: string, owner: string}>} Records */

const PARTS = /** @type {const} */ (["cause", "consequence", "action", "respond"]);
/** Which buttons stand below an alarm of each state, beside the first. @type {Readonly<Record<string, readonly string[]>>} */
const BUTTONS = {
  unacked: ["acknowledge", "owner", "shelve", "out", "suppress"], returned: ["acknowledge", "shelve", "out", "suppress"],
  acked: ["shelve", "out", "suppress"], shelved: ["back"], suppressed: ["back"], out_of_service: ["back"],
};

/** @param {Document} page @param {DeskRoom} room @param {Records} records @returns {(look: Look) => void} */
export function mountDetail(page, room, records) {
  const panel = find(page, ".detail");
  const shape = symbol("waiting");
  find(panel, ".detail-symbol").append(shape);
  const text = (/** @type {string} */ name) => find(panel, `.detail-${name}`);
  const paintRecord = mountRecord(find(panel, ".record"), room, records);
  return (look) => {
    const alarm = look.list.rows.find(({ id }) => id === look.chosen) ?? null;
    mark(panel, "data-empty", String(alarm === null));
    if (!alarm) return;
    const card = alarm.complaint ? look.state.cards.get(alarm.complaint) : null;
    const named = { alarm, card };
    const ring = slotRing({ id: alarm.id, card, alarm, source: alarm.source ?? null, acted: alarm.state !== "unacked" }, look);
    setSymbol(shape, { status: card?.status ?? (alarm.source ? "source" : "waiting"), ring, flash: false });
    write(text("what"), alarmWhat(named, room));
    write(text("where"), alarmWhere(named, look, room));
    write(text("late"), alarmLate(named, look, room));
    write(text("who"), alarmWho(named, room, nameOf));
    write(text("kind"), `P${alarm.priority ?? 3} ${records[recordOf(alarm)]?.name ?? ""}`);
    write(text("history"), historyWords(alarm, look.at, room));
    write(text("said"), markWords(look.orders.markOf(alarm.id), room));
    paintRecord(recordOf(alarm));
    paintButtons(panel, alarm, look);
  };
}

/** @param {HTMLElement} list @param {DeskRoom} room @param {Records} records @returns {(kind: string) => void} */
function mountRecord(list, room, records) {
  const parts = [...PARTS, /** @type {const} */ ("owner")].map((part) => {
    const words = element("dd", "record-words");
    list.append(element("dt", "record-name", room.desk(part === "owner" ? "responsible" : part)), words);
    return { part, words };
  });
  return (kind) => {
    for (const { part, words } of parts) write(words, records[kind]?.[part] ?? "");
  };
}

/** @param {HTMLElement} panel @param {Alarm} alarm @param {Look} look */
function paintButtons(panel, alarm, { supervisor }) {
  const wanted = BUTTONS[alarm.state] ?? [];
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (panel.querySelectorAll("[data-act]"))) {
    const act = button.dataset.act ?? "";
    const may = (act !== "out" && act !== "suppress" && !(act === "shelve" && alarm.priority === 1)) || supervisor;
    const fits = (act !== "suppress" || alarm.kind === "lost") && (act !== "owner" || alarm.kind !== "lost") && (act !== "back" || alarm.rule !== "redundant");
    show(button, wanted.includes(act) && may && fits);
  }
}

/** @param {Alarm} alarm @param {number | null} at @param {DeskRoom} room */
function historyWords(alarm, at, room) {
  const { desk } = room;
  return [
    `${desk("since")} ${timeOf(alarm.raised_at, room)}`,
    alarm.rearmed ? desk("again", { n: alarm.rearmed }) : "",
    alarm.chattering ? desk("chattering") : "",
    heldWords(alarm, at, room),
    alarm.state === "acked" && alarm.expires_at ? desk("expires", { time: timeOf(alarm.expires_at, room) }) : "",
  ].filter(Boolean).join(" · ");
}
