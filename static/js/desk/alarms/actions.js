/**
 * Actions of the alarm desk: its keys, what the operator does, and what is in force on all screens.
 */
import { element, find, mark, show, write } from "../../ui/dom.js";
import { minutesLeft } from "../../ui/format.js";
import { ask, asking, fillOwners, limitNumber, mountDialogs, offerGuests, sceneNamed } from "../dialogs.js";
import { nameOf } from "../guests.js";
import { mountLetters } from "../page.js";
import { alarmWhat, alarmWhere, priorityOf } from "../../ui/alarms.js";
import { commandOf, hiddenUnacked, moveChosen, nextToAnswer, shownUnacked } from "./rows.js";

/** @typedef {import("./alarms.js").Look} Look */
/** @typedef {import("../phrases.js").DeskRoom} DeskRoom */
/** @typedef {import("../../screen/alertness.js").Notices} Notices */
/** @typedef {import("../../feed/messages.js").Alarm} Alarm */

// Keys. Letters can be turned off; arrows, Enter and the buttons always work (CR-98).

/** @typedef {"down" | "up" | "acknowledge" | "owner" | "group" | "shelve" | "back" | "out" | "suppress" | "silence" | "freeze" | "scene" | "view" | "list" | "report" | "help"} Act */

/** @type {Readonly<Record<string, Act>>} */
const LETTERS = {
  j: "down", k: "up", a: "acknowledge", o: "owner", A: "group", s: "shelve", u: "back", n: "out", r: "suppress",
  d: "silence", f: "freeze", w: "scene", q: "view", l: "list", b: "report", "?": "help",
};
/** Only in the list itself: elsewhere these keys belong to what has the focus. @type {Readonly<Record<string, Act>>} */
const IN_LIST = { ArrowDown: "down", ArrowUp: "up", Enter: "acknowledge" };

/**
 * @param {{key: string, ctrlKey: boolean, altKey: boolean, metaKey: boolean}} event
 * @param {{letters: boolean, typing: boolean, inList: boolean, dialog: boolean}} where typing: in a field that takes text
 * @returns {Act | null}
 */
export function actOf({ key, ctrlKey, altKey, metaKey }, { letters, typing, inList, dialog }) {
  if (typing || dialog || ctrlKey || altKey || metaKey) return null;
  if (inList && IN_LIST[key]) return IN_LIST[key];
  if (!letters) return null;
  // With caps lock on, a letter alone still means the letter; only Shift+A is its own.
  return LETTERS[key] ?? null;
}

// The foot of the desk: what is silenced, frozen or held on all screens, and how the sound test of the shift stands.

const CONTROLS = /** @type {const} */ ({
  silence: { line: "silence", word: "silenced", commands: ["silence"] },
  freeze: { line: "freeze", word: "frozen", commands: ["freeze", "unfreeze"] },
  scene: { line: "scene", word: "held", commands: ["hold_scene", "release_scene"] },
});

/** @param {Document} page @param {DeskRoom} room @param {Notices} notices @returns {(look: Look) => void} */
export function mountRoomControls(page, room, notices) {
  const names = /** @type {(keyof typeof CONTROLS)[]} */ (Object.keys(CONTROLS));
  const buttons = names.map((name) => ({ name, button: find(page, `[data-act="${name}"]`) }));
  const paintSound = mountSoundTest(page, room, notices);
  return (look) => {
    for (const { name, button } of buttons) paintButton(button, name, look, room, notices);
    paintSound(look);
  };
}

/** @param {HTMLElement} button @param {keyof typeof CONTROLS} name @param {Look} look @param {DeskRoom} room @param {Notices} notices */
function paintButton(button, name, { roomCommands, muted }, { desk, format }, notices) {
  const { line, word, commands } = CONTROLS[name];
  const left = Math.max(notices.left(line), name === "silence" ? (muted ?? 0) : 0);
  const command = roomCommands.markOf(...commands);
  const scene = sceneNamed(button.ownerDocument, notices.line("scene")?.scene) ?? "map";
  const span = format.span(name === "silence" ? left + 999 : minutesLeft(left));
  mark(button, "aria-pressed", String(left > 0 || command === "sending"));
  mark(button, "data-command", command);
  const words = left > 0 ? desk(word, { span, scene: desk(/** @type {"scene_map"} */ (`scene_${scene}`)) }) : desk(name);
  write(find(button, ".act-word"), command === "failed" ? `${words}: ${desk("failed")}` : words);
}

/** @param {Document} page @param {DeskRoom} room @param {Notices} notices @returns {(look: Look) => void} */
function mountSoundTest(page, { desk, format, city }, notices) {
  const [button, line] = [find(page, '[data-act="sound"]'), find(page, ".desk-sound")];
  return ({ unheard, roomCommands }) => {
    const test = notices.line("sound_test");
    const said = { shift: city.shift(test?.shift) ?? "", who: nameOf(test?.by ?? ""), time: timeIn(format, test?.at), since: timeIn(format, test?.since) };
    const failed = roomCommands.markOf("test_sound", "confirm_sound") === "failed";
    const bad = unheard !== "" || failed || test?.state === "missed";
    mark(button, "data-heard", bad ? "false" : test?.state === "confirmed" ? "true" : "");
    const words = test?.state === "confirmed" ? desk("sound_good", said) : desk("sound_test");
    write(find(button, ".act-word"), failed ? `${desk("sound_test")}: ${desk("failed")}` : unheard ? desk("sound_bad", { time: unheard }) : words);
    const waits = test?.state === "asked" || test?.state === "missed";
    show(line, waits);
    mark(line, "data-state", test?.state ?? "");
    write(line, waits ? desk(test?.state === "asked" ? "sound_asked" : "sound_missed", said) : "");
  };
}

/** @param {import("../../ui/format.js").Format} format @param {string | undefined} at */
function timeIn(format, at) {
  const ms = Date.parse(at ?? "");
  return Number.isNaN(ms) ? "" : format.hour(ms);
}

// Actions by key or button, and the question each asks first.

/**
 * @typedef {object} Desk
 * @property {() => Look} look
 * @property {{view: import("./rows.js").View, chosen: import("./rows.js").Chosen, unheard: string}} place
 * @property {import("../commands.js").Commands} commands
 * @property {import("../commands.js").RoomCommands} roomCommands
 * @property {ReturnType<typeof import("../page.js").personAt>} person
 * @property {import("../../screen/alertness.js").Notices} notices
 * @property {import("../../screen/alertness.js").Sound} sound
 * @property {{shelve: Record<string, number>, days: number}} limits minutes by priority; days of a review or suppression
 * @property {() => void} paint
 */

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** A question about critical alarms names so many of them. */
const MOST_NAMED = 6;

class Acts {
  /** @type {import("./rows.js").Rows | null} */
  list = null;

  /** @param {Document} page @param {DeskRoom} room @param {Desk} desk */
  constructor(page, room, desk) {
    this.page = page;
    this.room = room;
    this.at = desk;
  }

  /** @returns {Alarm | null} */
  chosen() {
    return this.at.look().list.rows.find(({ id }) => id === this.at.place.chosen.id) ?? null;
  }

  /** @param {string} id */
  choose(id) {
    if (this.at.place.chosen.id === id) return;
    const { rows } = this.at.look().list;
    const at = rows.findIndex((alarm) => alarm.id === id);
    this.at.place.chosen = { id, state: rows[at]?.state ?? "", at };
    this.at.paint();
  }

  /** @param {number} by */
  move(by) {
    const ids = this.at.look().list.rows.map(({ id }) => id);
    this.choose(moveChosen(ids, this.at.place.chosen.id, by) ?? "");
    this.focus();
  }

  focus() {
    const target = this.list?.focusOf(this.at.place.chosen.id) ?? find(this.page, ".alarm-list");
    target.focus();
    target.scrollIntoView({ block: "nearest" });
  }

  /** @returns {Promise<boolean>} whether somebody has a name here; asks once */
  async named() {
    if (this.at.person.read().actor) return true;
    await this.sit();
    return this.at.person.read().actor !== "";
  }

  async sit() {
    const answer = await ask(this.page, "person");
    if (answer?.actor?.trim()) this.at.person.sit(answer.actor, answer.role ?? "duty");
    this.at.paint();
  }

  /** @param {import("./rows.js").AlarmAct} act @param {Alarm | null} alarm @returns {string | null} the command that who sits here gives by it; null when that is not possible now */
  possible(act, alarm) {
    return alarm && commandOf(act, alarm, this.at.person.read().role);
  }

  /** @param {Alarm | null} alarm @param {string} name @param {Record<string, unknown>} [fields] */
  async send(alarm, name, fields) {
    if (alarm && (await this.named())) await this.at.commands.one(alarm, name, fields);
  }

  /** @param {Alarm | null} alarm */
  async acknowledge(alarm) {
    if (!alarm || !this.possible("acknowledge", alarm) || !(await this.named())) return;
    const next = nextToAnswer(this.at.look().list, alarm.id, this.at.person.read().role);
    const sent = this.at.commands.one(alarm, "acknowledge");
    // The hand goes on to the next at once; the row that was left tells by itself what became of it.
    this.choose(next);
    this.focus();
    await sent;
  }

  /** @param {Alarm | null} alarm */
  async owner(alarm) {
    if (!alarm || !this.possible("owner", alarm) || !(await this.named())) return;
    const { agencies } = JSON.parse(find(this.page, "#city").textContent ?? "{}");
    const choices = Object.entries(agencies ?? {}).map(([key, one]) => ({ key, name: /** @type {any} */ (one).short ?? key }));
    fillOwners(this.page, choices, alarm.agency ?? null);
    const answer = await ask(this.page, "owner");
    if (answer?.owner) await this.send(alarm, "acknowledge", { owner: answer.owner });
  }

  /** All that is shown by one answer; the critical ones by an answer of their own, for each of them may need somebody else. */
  async group() {
    const { list } = this.at.look();
    const alarms = shownUnacked(list);
    if (!(await this.named())) return;
    const critical = alarms.filter((alarm) => priorityOf(alarm) === 1);
    const rest = alarms.filter((alarm) => priorityOf(alarm) !== 1);
    const asked = rest.length > 0 || critical.length === 0;
    if (asked) {
      const question = this.groupQuestion(rest.length, hiddenUnacked(list), critical.length);
      if (!(await ask(this.page, "group", { question }))) return;
      if (rest.length > 0) void this.at.commands.many(rest, "acknowledge");
    }
    if (critical.length > 0 && (await this.agreed(critical, hiddenUnacked(list), asked))) await this.at.commands.many(critical, "acknowledge");
  }

  /** @param {number} shown @param {number} hidden @param {number} apart critical ones, which are asked for afterwards @returns {string} what is answered, and what is not */
  groupQuestion(shown, hidden, apart) {
    const { desk, format } = this.room;
    if (shown === 0) return desk("group_none");
    const [n, more] = [format.number(shown), format.number(hidden)];
    const question = hidden > 0 ? desk("group_part", { n, all: format.number(shown + apart + hidden), more }) : desk("group_question", { n });
    return apart > 0 ? `${question} ${desk("group_apart", { n: format.number(apart) })}` : question;
  }

  /** @param {readonly Alarm[]} critical @param {number} hidden @param {boolean} again a question was answered just before: the same key must not answer this one too @returns {Promise<boolean>} */
  async agreed(critical, hidden, again) {
    const { desk, format } = this.room;
    const dialog = find(this.page, 'dialog[data-dialog="group_critical"]');
    const look = this.at.look();
    const names = critical.slice(0, MOST_NAMED).map((alarm) => {
      const named = { alarm, card: look.state.cards.get(alarm.complaint ?? "") ?? null };
      return element("li", "", `${alarmWhat(named, this.room)}, ${alarmWhere(named, look, this.room)}`);
    });
    const left = critical.length - names.length;
    if (left > 0) names.push(element("li", "", desk("group_more", { n: format.number(left) })));
    find(dialog, ".ask-list").replaceChildren(...names);
    for (const [part, first] of /** @type {const} */ ([[".group-yes", !again], [".group-no", again]])) find(dialog, part).toggleAttribute("autofocus", first);
    const n = format.number(critical.length);
    const part = hidden > 0 && !again ? ` ${desk("group_hidden", { n: format.number(hidden) })}` : "";
    const answer = await ask(this.page, "group_critical", { question: `${desk("group_critical", { n })}${part}`, yes: desk("group_yes", { n }) });
    return answer !== null;
  }

  /** Goes to what the alarm is about. */
  report() {
    const link = /** @type {HTMLAnchorElement} */ (/** @type {unknown} */ (find(this.page, ".detail-report")));
    if (link.href) link.click();
  }

  /** @param {Alarm | null} alarm */
  async shelve(alarm) {
    // Who sits here is asked first: it may be a supervisor, who alone shelves what is critical.
    if (!alarm || !(await this.named()) || !this.possible("shelve", alarm)) return;
    const { desk, format } = this.room;
    const most = this.at.limits.shelve[String(alarm.priority ?? 3)] ?? 30;
    limitNumber(this.page, "shelve", { most, value: 30 });
    const limit = desk("limit_minutes", { n: format.number(most) });
    const answer = await ask(this.page, "shelve", { limit: alarm.allowed?.duty?.includes("shelve") ? limit : `${limit}, ${desk("supervisor_only")}` });
    if (answer) await this.send(alarm, "shelve", { reason: answer.reason, until: this.from(Number(answer.number) * MINUTE_MS) });
  }

  /** @param {Alarm | null} alarm @param {"out" | "suppress"} what */
  async setAside(alarm, what) {
    if (!this.possible(what, alarm)) return;
    const most = this.at.limits.days;
    limitNumber(this.page, "aside", { most, value: 1 });
    const { desk } = this.room;
    const answer = await ask(this.page, "aside", { title: desk(what), limit: desk("limit_days", { n: most }) });
    const end = this.from(Number(answer?.number) * DAY_MS);
    if (!answer) return;
    if (what === "out") await this.send(alarm, "out_of_service", { reason: answer.reason, review_at: end });
    else await this.send(alarm, "suppress", { rule: "maintenance", reason: answer.reason, until: end });
  }

  /** @param {number} ms @returns {string} a moment of the room's time */
  from(ms) {
    return new Date((this.at.look().at ?? Date.now()) + ms).toISOString();
  }

  /** @param {Alarm | null} alarm */
  async back(alarm) {
    const name = this.possible("back", alarm);
    if (name) await this.send(alarm, name);
  }

  /** @param {import("./rows.js").View} view */
  show(view) {
    Object.assign(this.at.place, { view, chosen: { id: null, state: "", at: 0 } });
    this.at.paint();
    this.focus();
  }

  async soundTest() {
    if (!(await this.named())) return;
    this.at.sound.wake();
    void this.at.roomCommands.give("test_sound");
    const answer = await ask(this.page, "sound");
    if (!answer) return;
    const heard = answer.button === "heard";
    this.at.place.unheard = heard ? "" : this.room.format.hour(this.at.look().at ?? Date.now());
    if (heard) await this.at.roomCommands.give("confirm_sound");
    this.at.paint();
  }

  /** @param {string} act */
  do(act) {
    const alarm = this.chosen();
    switch (act) {
      case "down": return this.move(1);
      case "up": return this.move(-1);
      case "acknowledge": return this.acknowledge(alarm);
      case "owner": return this.owner(alarm);
      case "group": return this.group();
      case "shelve": return this.shelve(alarm);
      case "back": return this.back(alarm);
      case "out": case "suppress": return this.setAside(alarm, act);
      case "view": return this.show(this.at.place.view === "open" ? "quiet" : "open");
      case "list": return this.focus();
      case "report": return this.report();
      case "help": return ask(this.page, "help");
      case "person": return this.sit();
      case "sound": return this.soundTest();
      default: return this.control(act);
    }
  }

  /** @param {string} act what reaches every screen of the room */
  async control(act) {
    const { notices, roomCommands, sound } = this.at;
    // Without a server nobody but this desk can be asked for silence (CR-07).
    if (act === "silence" && sound.muteFeedLoss()) return this.at.paint();
    if (act === "silence") sound.mute();
    if (!(await this.named())) return;
    if (act === "silence") await roomCommands.give("silence");
    if (act === "freeze") await roomCommands.give(notices.left("freeze") > 0 ? "unfreeze" : "freeze");
    if (act === "scene") await this.hold();
  }

  /** One scene for all walls, until it is let go. */
  async hold() {
    if (this.at.notices.left("scene") > 0) return void (await this.at.roomCommands.give("release_scene"));
    offerGuests(this.page, this.at.notices.left("visit") > 0);
    const answer = await ask(this.page, "scene");
    if (answer?.scene) await this.at.roomCommands.give("hold_scene", { scene: answer.scene });
  }
}

/** @param {Document} page @param {DeskRoom} room @param {Desk} desk */
export function mountActions(page, room, desk) {
  const acts = new Acts(page, room, desk);
  mountDialogs(page);
  mountKeys(page, acts);
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-act]"))) {
    button.addEventListener("click", () => acts.do(button.dataset.act ?? ""));
  }
  for (const tab of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-view]"))) {
    tab.addEventListener("click", () => acts.show(tab.dataset.view === "quiet" ? "quiet" : "open"));
  }
  const byId = (/** @type {string} */ id) => desk.look().state.alarms.get(id) ?? null;
  return {
    handlers: {
      choose: (/** @type {string} */ id) => acts.choose(id),
      acknowledge: (/** @type {string} */ id) => void acts.acknowledge(byId(id)),
      back: (/** @type {string} */ id) => void acts.back(byId(id)),
    },
    busy: () => asking(page),
    rows: (/** @type {import("./rows.js").Rows} */ rows) => void (acts.list = rows),
    begin: () => find(page, ".alarm-list").focus(),
  };
}

/** @param {Document} page @param {Acts} acts */
function mountKeys(page, acts) {
  const letters = mountLetters(page);
  page.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const typing = target.matches("input:not([type=checkbox]), textarea, select");
    const inList = target.matches(".alarm-open, .alarm-list");
    const act = actOf(event, { letters: letters(), typing, inList, dialog: asking(page) });
    if (!act || (event.repeat && act !== "down" && act !== "up")) return;
    event.preventDefault();
    acts.do(act);
  });
}
