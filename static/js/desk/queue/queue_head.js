/**
 * The head and foot of the duty desk: the sum of the day, how fresh, what time, who sits here, how many alarms nobody has.
 */
import { countAlarms } from "../../ui/alarms.js";
import { setSymbol, symbol } from "../../ui/symbols.js";
import { mountChip } from "../../ui/picture.js";
import { minutesLeft } from "../../ui/format.js";
import { element, find, mark, show, write } from "../../ui/dom.js";
import { mountFloodLine } from "../desk_flood_line.js";
import { signedAs } from "../guests.js";
import { ACTS, keyWords } from "./acts_table.js";

/** @typedef {import("./queue_desk.js").Look} Look */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */

const PARTS = /** @type {const} */ (["waiting", "in_process", "done", "elsewhere"]);

/** @param {Document} page @param {QueueRoom} room @returns {(look: Look) => void} */
export function mountHead(page, room) {
  const { desk, format, city } = room;
  writeFixed(page, room);
  const paintChip = mountChip(page, room);
  const [clock, person, lost] = [find(page, ".desk-clock"), find(page, ".desk-person"), find(page, ".desk-lost")];
  const alarms = find(page, ".alarm-n");
  const paintFlood = mountFloodLine(page, room);
  const paintSum = mountSum(page, room);
  const paintHush = mountHush(page, room);
  return (look) => {
    paintChip(look);
    paintSum(look);
    paintFlood(look);
    const unacked = countAlarms(look.state.alarms.values()).unacked;
    write(alarms, unacked > 0 ? format.number(unacked) : "");
    write(clock, look.at === null ? "––.––.––" : `${format.clock(look.at)} ${city.zoneLabel}`);
    show(/** @type {HTMLElement} */ (person.parentElement), !look.fixed);
    write(person, look.person.actor ? signedAs(look.person.actor, desk(look.person.role)) : room.queue("person_first"));
    paintLost(lost, look, room);
    paintHush(look);
  };
}

/** @param {HTMLElement} line @param {Look} look @param {QueueRoom} room */
function paintLost(line, look, { desk, format }) {
  const gone = look.freshness === "lost" && (look.whole || look.waited > 15);
  show(line, gone);
  write(line, gone ? desk("feed_lost", { span: format.span((Number.isFinite(look.age) ? look.age : look.waited) * 1000) }) : "");
}

/** @param {Document} page @param {QueueRoom} room @returns {(look: Look) => void} the sound of a lost feed can be silenced here, and here alone (CR-07) */
function mountHush(page, { queue, format }) {
  const [line, word] = [find(page, ".desk-hush"), find(page, ".hush-word")];
  return ({ whole, hushed }) => {
    const left = hushed ?? 0;
    show(line, hushed !== null && whole);
    mark(find(line, "button"), "aria-pressed", String(left > 0));
    write(word, left > 0 ? queue("hushed", { span: format.span(minutesLeft(left)) }) : queue("hush"));
  };
}

/** @param {Document} page @param {QueueRoom} room @returns {(look: Look) => void} today's sum, as on the wall */
function mountSum(page, { say, format }) {
  const parts = PARTS.map((name) => {
    const part = find(page, `[data-row="${name}"]`);
    const shape = symbol(name);
    setSymbol(shape, { status: name });
    find(part, ".sum-shape").append(shape);
    write(find(part, ".sum-word"), say(name));
    return { name, n: find(part, ".sum-n") };
  });
  const all = find(page, '[data-row="in"]');
  write(find(all, ".sum-word"), say("received_today"));
  return ({ state }) => {
    const cohort = state.counts?.cohort;
    for (const { name, n } of parts) write(n, cohort ? format.number(cohort[name]) : "–");
    write(find(all, ".sum-n"), cohort ? `= ${format.number(cohort.in)}` : "–");
  };
}

/** @param {Document} page @param {QueueRoom} room what never changes */
function writeFixed(page, room) {
  const { queue, desk, say } = room;
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-say]"))) write(node, queue(/** @type {"title"} */ (node.dataset.say)));
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-word]"))) write(node, desk(/** @type {"name"} */ (node.dataset.word)));
  for (const node of page.querySelectorAll("[data-leave]")) write(node, queue("cancel"));
  for (const node of page.querySelectorAll(".drill-words")) write(node, say("drill_line"));
  mark(find(page, ".queue-list"), "aria-label", queue("title"));
  writeKeys(find(page, ".keys"), room);
}

/** @param {HTMLElement} list @param {QueueRoom} room every key with what it does */
function writeKeys(list, { queue }) {
  /** @type {[string, string][]} */
  const keys = [
    ["J K ↓ ↑", queue("key_move")], ["Enter", queue("key_open")], ...ACTS.map(({ key, name }) => /** @type {[string, string]} */ ([keyWords(key), queue(`act_${name}`)])),
    ["1 2 3", queue("key_number")], ["X", queue("key_select")], ["Shift+X", queue("key_select_all")], ["/", queue("key_search")], ["L", queue("key_list")],
    ["G", queue("key_map")], ["N", queue("new_complaint")], ["H", queue("handover")], ["I", queue("overview")], ["Esc", queue("key_back")], ["?", queue("help")],
  ];
  for (const [key, words] of keys) list.append(element("div", "key-row", element("dt", "", element("kbd", "", key)), element("dd", "", words)));
}
