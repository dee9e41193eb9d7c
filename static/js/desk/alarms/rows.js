/**
 * The list of the alarm desk and its chosen alarm: which rows, in which order, which of them flash, and how they are drawn.
 */
import { MOST_FLASHING } from "../../screen/flash.js";
import { alarmLate, alarmWhat, alarmWhere, alarmWho, inOrder, recordOf, slotRing } from "../../ui/alarms.js";
import { arrange, element, find, mark, show, write } from "../../ui/dom.js";
import { setSymbol, symbol } from "../../ui/symbols.js";
import { nameOf } from "../guests.js";
import { heldWords, markWords, timeOf } from "../phrases.js";

/** @typedef {import("../../feed/messages.js").Alarm} Alarm */
/** @typedef {import("../../ui/alarms.js").Standing} Standing */
/** @typedef {import("./alarms.js").Look} Look */
/** @typedef {import("../phrases.js").DeskRoom} DeskRoom */

// What the desk lists, in groups and in order, and which row is chosen. Pure.

/** @typedef {"open" | "quiet"} View */
/** @typedef {{state: Standing, alarms: Alarm[], total: number}} Group alarms: those shown, of so many in all */
/** @typedef {{groups: Group[], rows: Alarm[], more: number}} List more: alarms beyond what is shown */

/** The lists of each view; the second is one key away (CR-22). @type {Readonly<Record<View, readonly Standing[]>>} */
export const VIEWS = { open: ["unacked", "acked", "returned"], quiet: ["shelved", "suppressed", "out_of_service"] };
/** A page holds so many rows; the first are those that need somebody. */
const MOST_ROWS = 300;

/** @param {import("../../feed/store.js").State} state @param {import("../../ui/alarms.js").Moment} moment @param {View} view @returns {List} */
export function listAlarms(state, moment, view) {
  const all = inOrder(state, moment).filter((alarm) => VIEWS[view].includes(/** @type {Standing} */ (alarm.state)));
  const rows = all.slice(0, MOST_ROWS);
  const groups = VIEWS[view].map((name) => ({
    state: name, alarms: rows.filter((alarm) => alarm.state === name), total: all.filter((alarm) => alarm.state === name).length,
  }));
  return { groups: groups.filter(({ total }) => total > 0), rows, more: all.length - rows.length };
}

// What may be done with an alarm: the alarm itself says what each role could give now, by the room's own table (docs/commands.md).

/** @typedef {"acknowledge" | "owner" | "shelve" | "out" | "suppress" | "back"} AlarmAct */
/** The commands of each act; when: beside the room's rules, whether it makes sense here. @type {Readonly<Record<AlarmAct, {commands: readonly string[], when?: (alarm: Alarm) => boolean}>>} */
const ACTS = {
  acknowledge: { commands: ["acknowledge"] },
  owner: { commands: ["acknowledge"], when: ({ state, kind }) => state === "unacked" && kind !== "lost" },
  shelve: { commands: ["shelve"] },
  out: { commands: ["out_of_service"] },
  suppress: { commands: ["suppress"], when: ({ kind }) => kind === "lost" },
  back: { commands: ["unshelve", "unsuppress", "in_service"] },
};

/** @param {AlarmAct} act @param {Alarm} alarm @param {string} role @returns {string | null} the command that it gives; null when that is not possible now */
export function commandOf(act, alarm, role) {
  const { commands, when } = ACTS[act];
  const allowed = alarm.allowed?.[role] ?? [];
  return (when?.(alarm) ?? true) ? (commands.find((name) => allowed.includes(name)) ?? null) : null;
}

/** @typedef {{id: string | null, state: string, at: number}} Chosen the row, the group it was chosen in, where it stood */

/**
 * The chosen row stays chosen while it stands in its group, or while it has the focus; else the one that took its place is.
 * @param {readonly Alarm[]} rows now @param {Chosen} chosen @param {boolean} focused @returns {Chosen}
 */
export function keepChosen(rows, { id, state, at }, focused) {
  const same = rows.findIndex((alarm) => alarm.id === id);
  const kept = same >= 0 && (focused || rows[same]?.state === state) ? same : Math.min(Math.max(0, at), rows.length - 1);
  const row = rows[kept];
  return row ? { id: row.id, state: row.state, at: kept } : { id: null, state: "", at: 0 };
}

/** @param {List} list @param {string} id just answered @param {string} role @returns {string} the next that needs an answer, itself when none does */
export function nextToAnswer({ rows }, id, role) {
  const open = rows.filter((alarm) => commandOf("acknowledge", alarm, role) !== null).map((alarm) => alarm.id);
  const at = open.indexOf(id);
  return open[at + 1] ?? open[at - 1] ?? id;
}

/** @param {readonly string[]} ids @param {string | null} chosen @param {number} by @returns {string | null} */
export function moveChosen(ids, chosen, by) {
  const at = chosen === null ? -1 : ids.indexOf(chosen);
  return ids[Math.min(ids.length - 1, Math.max(0, at + by))] ?? null;
}

/** @param {List} list @returns {Alarm[]} what a group acknowledgement takes: the unacknowledged that are shown, and no other (CR-12) */
export function shownUnacked({ rows }) {
  return rows.filter(({ state }) => state === "unacked");
}

/** @param {List} list @returns {number} unacknowledged beyond what is shown: a group acknowledgement leaves them alone */
export function hiddenUnacked({ groups }) {
  const group = groups.find(({ state }) => state === "unacked");
  return group ? group.total - group.alarms.length : 0;
}

// Which rows of the desk flash: all unacknowledged while they are few; else the critical ones, and in a flood its own line (CR-38).

/** @param {List} list @param {boolean} flooding @returns {ReadonlySet<string>} ids, at most MOST with the flood's symbol */
export function flashingRows(list, flooding) {
  const unacked = shownUnacked(list);
  if (!flooding && unacked.length <= MOST_FLASHING) return new Set(unacked.map(({ id }) => id));
  const critical = unacked.filter(({ priority }) => priority === 1).slice(0, MOST_FLASHING - 1);
  return new Set((critical.length > 0 || flooding ? critical : unacked.slice(0, 1)).map(({ id }) => id));
}

// The rows of the alarm list: one node an alarm for as long as it is listed, so that an update never takes the focus.

/** @typedef {{node: HTMLElement, paint: (alarm: Alarm, look: Look) => void}} Row */
/** @typedef {{choose: (id: string) => void, acknowledge: (id: string) => void, back: (id: string) => void}} Handlers */

export class Rows {
  /** @type {Map<string, Row>} */
  #rows = new Map();
  /** @type {Map<string, {node: HTMLElement, name: HTMLElement, count: HTMLElement}>} */
  #heads = new Map();
  #room;
  #handlers;
  #list;

  /** @param {HTMLElement} list @param {DeskRoom} room @param {Handlers} handlers */
  constructor(list, room, handlers) {
    this.#list = list;
    this.#room = room;
    this.#handlers = handlers;
  }

  /** @param {Look} look */
  paint(look) {
    /** @type {Node[]} */
    const nodes = [];
    for (const { state, alarms, total } of look.list.groups) {
      nodes.push(this.#head(state, alarms.length, total));
      for (const alarm of alarms) {
        const row = this.#rows.get(alarm.id) ?? this.#make(alarm.id);
        row.paint(alarm, look);
        nodes.push(row.node);
      }
    }
    const listed = new Set(look.list.rows.map(({ id }) => id));
    for (const id of this.#rows.keys()) if (!listed.has(id)) this.#rows.delete(id);
    arrange(this.#list, nodes);
  }

  /** @param {string | null} id @returns {HTMLElement | null} what takes the focus for a row */
  focusOf(id) {
    return this.#rows.get(id ?? "")?.node.querySelector(".alarm-open") ?? null;
  }

  /** @param {import("../../ui/alarms.js").Standing} state @param {number} shown @param {number} total */
  #head(state, shown, total) {
    let head = this.#heads.get(state);
    if (!head) {
      const [name, count] = [element("h2", "group-name", this.#room.desk(state)), element("span", "group-count")];
      head = { node: element("li", "group-head", name, count), name, count };
      mark(head.node, "data-group", state);
      this.#heads.set(state, head);
    }
    const { desk, format } = this.#room;
    const n = format.number(total);
    write(head.count, shown < total ? desk("shown_of", { shown: format.number(shown), n }) : n);
    return head.node;
  }

  /** @param {string} id @returns {Row} */
  #make(id) {
    const row = mountRow(id, this.#room, this.#handlers);
    this.#rows.set(id, row);
    return row;
  }
}

/** @param {string} id @param {DeskRoom} room @param {Handlers} handlers @returns {Row} */
function mountRow(id, room, handlers) {
  const shape = symbol("waiting");
  const part = (/** @type {string} */ name) => element("span", name);
  const [what, where, who, held, late, said, rank] = ["what", "where", "who", "held", "late", "said", "rank"].map((name) => part(`alarm-${name}`));
  const open = element("button", "alarm-open", .../** @type {HTMLElement[]} */ ([rank, what, where, who, held, late, said]));
  const act = element("button", "alarm-act");
  for (const button of [open, act]) mark(button, "type", "button");
  const node = element("li", "alarm-row", shape, open, act);
  mark(node, "data-id", id);
  open.addEventListener("focus", () => handlers.choose(id));
  open.addEventListener("click", () => handlers.choose(id));
  act.addEventListener("click", () => (node.dataset.group === "open" ? handlers.acknowledge(id) : handlers.back(id)));
  const texts = /** @type {Record<string, HTMLElement>} */ ({ what, where, who, held, late, said, rank });
  return { node, paint: (alarm, look) => paintRow({ node, shape, open, act, texts }, alarm, look, room) };
}

/** @param {{node: HTMLElement, shape: SVGElement, open: HTMLElement, act: HTMLElement, texts: Record<string, any>}} parts @param {Alarm} alarm @param {Look} look @param {DeskRoom} room */
function paintRow({ node, shape, open, act, texts }, alarm, look, room) {
  const card = alarm.complaint ? look.state.cards.get(alarm.complaint) : null;
  const named = { alarm, card };
  const chosen = alarm.id === look.chosen;
  const given = look.commands.markOf(alarm.id);
  const said = { "data-state": alarm.state, "data-group": look.view, "data-chosen": String(chosen), "data-command": given?.kind ?? "" };
  for (const [name, value] of Object.entries(said)) mark(node, name, value);
  mark(open, "tabindex", chosen ? "0" : "-1");
  mark(open, "aria-current", String(chosen));
  const ring = slotRing({ id: alarm.id, card, alarm, source: alarm.source ?? null, acted: alarm.state !== "unacked" }, look);
  setSymbol(shape, { status: card?.status ?? (alarm.source ? "source" : "waiting"), ring, flash: look.flashing.has(alarm.id) && given?.kind !== "sending" });
  write(texts.rank, `P${alarm.priority ?? 3}`);
  write(texts.what, alarmWhat(named, room));
  write(texts.where, alarmWhere(named, look, room));
  write(texts.who, alarmWho(named, room, nameOf));
  write(texts.held, heldWords(alarm, look.at, room));
  write(texts.late, alarmLate(named, look, room));
  write(texts.said, markWords(given, room));
  const command = commandOf(look.view === "open" ? "acknowledge" : "back", alarm, look.person.role);
  write(act, command ? room.desk(/** @type {"acknowledge"} */ (command)) : "");
  mark(act, "tabindex", chosen ? "0" : "-1");
  mark(act, "aria-disabled", String(given?.kind === "sending"));
  show(act, command !== null);
}

// The chosen alarm in full: what it is, its record (cause, consequence, action, time, owner) and what happened to it.

/** @typedef {Record<string, {name: string, cause: string, consequence: string, action: string, respond: string, owner: string}>} Records */

const PARTS = /** @type {const} */ (["cause", "consequence", "action", "respond"]);

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
    write(text("said"), markWords(look.commands.markOf(alarm.id), room));
    paintRecord(recordOf(alarm));
    paintButtons(panel, alarm, look);
    paintReport(panel, alarm, room);
  };
}

/** @param {HTMLElement} list @param {DeskRoom} room @param {Records} records @returns {(kind: string) => void} */
function mountRecord(list, room, records) {
  const parts = [...PARTS, /** @type {const} */ ("owner")].map((part) => {
    const words = element("dd", "record-words");
    mark(words, "data-part", part);
    list.append(element("dt", "record-name", room.desk(part === "owner" ? "responsible" : part)), words);
    return { part, words };
  });
  return (kind) => {
    for (const { part, words } of parts) write(words, records[kind]?.[part] ?? "");
  };
}

/** @param {HTMLElement} panel @param {Alarm} alarm @param {Look} look */
function paintButtons(panel, alarm, { person }) {
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (panel.querySelectorAll("[data-act]"))) {
    show(button, commandOf(/** @type {AlarmAct} */ (button.dataset.act), alarm, person.role) !== null);
  }
}

/** Where what an alarm is about is read and worked on, by the page of it. @type {Readonly<Record<string, string>>} */
const PAGES = { screen: "/desk/screens", outbox: "/desk/outbox" };

/** @param {Alarm} alarm @returns {{key: "open_report" | "open_list" | "open_page", address: string} | null} null: a lost source or feed has no page of its own */
export function pageOf(alarm) {
  const { complaint, kind, agency } = alarm;
  if (complaint) return { key: "open_report", address: `/desk?${new URLSearchParams({ id: complaint })}` };
  const page = PAGES[recordOf(alarm)];
  if (page) return { key: "open_page", address: page };
  if (kind === "lost") return null;
  return { key: "open_list", address: `/desk?${new URLSearchParams({ list: kind === "warned" ? "soon" : "late", ...(agency ? { agency } : {}) })}` };
}

/** @param {HTMLElement} panel @param {Alarm} alarm @param {DeskRoom} room */
function paintReport(panel, alarm, { desk, lang }) {
  const link = find(panel, ".detail-report");
  const page = pageOf(alarm);
  show(link, page !== null);
  if (page === null) return link.removeAttribute("href");
  mark(link, "href", `${page.address}${page.address.includes("?") ? "&" : "?"}lang=${lang}`);
  write(find(link, ".report-word"), desk(page.key));
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
