/**
 * One alarm of the band: its symbol, what it is and how late, where, who must act, and the word of an emergency.
 */
import { alarmLate, alarmWhat, alarmWhere, alarmWho, drawnAs, slotRing } from "../ui/alarms.js";
import { BETWEEN, element, mark, show, write } from "../ui/dom.js";
import { setSymbol, symbol } from "../ui/symbols.js";

/** @typedef {import("../ui/picture.js").Picture} Picture */
/** @typedef {import("../ui/picture.js").WallRoom} Room */
/** @typedef {import("../ui/alarms.js").Attention} Attention */

// An emergency that nobody has taken stands inverted, one at a time, and all of them under their word.

/**
 * The lines of a slot, by layout: steps of what it is and how late, on one line or below each other; what a line may take, units; where
 * the word of an emergency may stand, and its step. A coarse layout does not say who must act, and gives that word a line of its own
 * where it has room beside none.
 * @type {Record<Layout, {what: readonly number[], late: readonly number[], stacked: boolean, total: number, line: readonly number[], who: boolean, joined: boolean, tag: number, beside: readonly Line[]}>}
 */
const LINES = {
  fine: { what: [72, 60], late: [72, 60], stacked: false, total: 880, line: [60, 48], who: true, joined: false, tag: 60, beside: ["who", "where"] },
  wide: { what: [72, 60], late: [72, 60, 48], stacked: true, total: 634, line: [60, 48], who: true, joined: false, tag: 48, beside: ["late", "what", "where", "who"] },
  portrait: { what: [96, 72, 60], late: [96, 72, 60], stacked: false, total: 1740, line: [60, 48], who: true, joined: true, tag: 60, beside: [] },
  coarse: { what: [60, 48], late: [60, 48], stacked: true, total: 560, line: [48], who: false, joined: false, tag: 48, beside: ["late", "what", "where"] },
  coarse_halves: { what: [60, 48], late: [60, 48], stacked: true, total: 930, line: [48], who: false, joined: false, tag: 48, beside: ["late", "what", "where"] },
  coarse_portrait: { what: [60, 48], late: [60, 48], stacked: false, total: 1084, line: [48], who: false, joined: false, tag: 48, beside: ["where"] },
};
/** Of what stands in the first line. */
export const TITLE_WEIGHT = 600;
/** Air between words and the word that stands for the flash when nothing may move, or that of an emergency. */
const NEW_GAP = 24;
/** The smallest step, units. */
export const CAPTION = 48;
/** A white slot and a dark one with a white edge take turns, so that no panel ages unevenly (CR-69). */
const SWAP_EVERY_MS = 300_000;

/** @typedef {"fine" | "wide" | "portrait" | "coarse" | "coarse_halves" | "coarse_portrait"} Layout */
/** @typedef {"what" | "late" | "where" | "who"} Line of a slot */

/** @param {DOMStringMap} look of the page @returns {Layout} */
export function layoutOf({ density, shape, panels }) {
  if (density !== "coarse") return shape === "wide" || shape === "portrait" ? shape : "fine";
  if (shape === "portrait") return "coarse_portrait";
  return shape === "wide" || panels === "2" ? "coarse_halves" : "coarse";
}

/** @param {Attention} chosen @returns {boolean} first of all: a complaint of priority 1 that nobody has taken */
export function isEmergency({ alarm, acted }) {
  return alarm?.priority === 1 && !acted && !alarm.source;
}

/** @param {number} since @param {number} mono ms for which it has stood inverted, and now: real time, whatever the room's rate @returns {boolean} whether it has its turn as the dark one */
export function isSwapped(since, mono) {
  return Math.floor((mono - since) / SWAP_EVERY_MS) % 2 === 1;
}

// Room in a slot. Every word of it competes with the others for one width, and a language may have any of them long: so each may
// stand smaller and narrower, the word of an emergency stands beside the line that loses least by it, and nothing is cut while
// another way is left.

/** What of its width a line keeps, as the font has it; and what a browser's rounding of letters may add. */
const STRETCHES = /** @type {const} */ ([["whole", 1], ["narrow", 0.945], ["narrowest", 0.907]]);
const ROUNDING = 1.01;
/** What words are worth that say less. */
const SHORTER = 0.6;
/** A line that keeps so much of its value has lost little: of such the first is taken, so that the slots are alike. */
const LITTLE_LOST = 0.75;
/** @type {Record<number, string>} */
const STEPS = { 48: "caption", 60: "line", 72: "alarm", 96: "question" };

/** @typedef {{sayings: readonly string[], steps: readonly number[], weight: number}} Words sayings: at length first, then shorter */
/** @typedef {{words: string, size: number, stretch: string, wide: number, value: number}} Standing value: how well it is read */

/** @param {Words} line @param {Room["width"]} width @returns {Standing[]} all ways in which it may stand, best read first */
export function standingsOf({ sayings, steps, weight }, width) {
  const all = steps.flatMap((size) => sayings.flatMap((words, i) => STRETCHES.map(([stretch, keeps]) => (
    { words, size, stretch, wide: width(words, size, weight) * keeps * ROUNDING, value: size * keeps * (i === 0 ? 1 : SHORTER) }))));
  return all.sort((a, b) => b.value - a.value);
}

/** @param {readonly Standing[]} ways @param {number} space @returns {Standing | null} null: it has no room */
export function bestIn(ways, space) {
  return ways.find(({ wide }) => wide <= space) ?? null;
}

/** @param {readonly Standing[]} left @param {readonly Standing[]} right @param {number} space @returns {[Standing, Standing] | null} both ends of a line, so that the worse of them is read best */
export function bestPair(left, right, space) {
  /** @type {[Standing, Standing] | null} */
  let best = null;
  let most = 0;
  for (const one of right) {
    const other = bestIn(left, space - BETWEEN - one.wide);
    const value = other ? Math.min(other.value, one.value) + (other.value + one.value) / 1000 : 0;
    if (other && value > most) [best, most] = [[other, one], value];
  }
  return best;
}

/**
 * @param {Partial<Record<Line, readonly Standing[]>>} lines @param {readonly Line[]} beside @param {{total: number, tagged: number}} space tagged: what the word takes
 * @returns {Line | null} beside which the word of an emergency stands: that loses least by it; null: none has room
 */
export function besideLine(lines, beside, { total, tagged }) {
  /** @type {Line | null} */
  let best = null;
  let most = 0;
  for (const name of beside) {
    const ways = lines[name] ?? [];
    const kept = (bestIn(ways, total - tagged)?.value ?? 0) / (bestIn(ways, total)?.value ?? Infinity);
    if (kept >= LITTLE_LOST) return name;
    if (kept > most) [best, most] = [name, kept];
  }
  return best;
}

/** @param {HTMLElement} node @param {Standing | null | undefined} stands @param {number} space beyond which it is cut */
function stand(node, stands, space) {
  write(node, stands?.words ?? "");
  if (!stands) return;
  mark(node, "data-size", STEPS[stands.size] ?? "caption");
  mark(node, "data-stretch", stands.stretch);
  const box = `calc(${Math.max(0, Math.floor(space))} * var(--u))`;
  if (node.style.maxWidth !== box) node.style.maxWidth = box;
}

/** @param {HTMLElement} list @param {Room} room @param {Layout} layout @returns {(chosen: Attention | null, picture: Picture, first: boolean) => void} first: of the emergencies */
export function mountSlot(list, room, layout) {
  const shape = symbol("waiting");
  const [what, late] = [element("p", "slot-what"), element("p", "slot-late")];
  const [where, who, fresh, tag] = [element("p", "slot-where"), element("p", "slot-who"), element("p", "slot-new"), element("p", "slot-emergency")];
  write(fresh, room.say("new_alarm"));
  write(tag, room.say("emergency"));
  const slot = element("li", "slot", shape, element("div", "slot-head", what, late), where, who, fresh, tag);
  list.append(slot);
  const writeLines = mountLines(slot, { what, late, where, who }, room, layout);
  /** @type {{id: string, since: number} | null} */
  let inverted = null;
  return (chosen, picture, first) => {
    show(slot, chosen !== null);
    const emergency = chosen !== null && isEmergency(chosen);
    if (!emergency || !first) inverted = null;
    else if (inverted?.id !== chosen.id) inverted = { id: chosen.id, since: picture.mono };
    mark(slot, "data-emergency", String(emergency));
    mark(slot, "data-inverted", !inverted ? "no" : isSwapped(inverted.since, picture.mono) ? "swapped" : "yes");
    if (!chosen) {
      for (const words of [what, late, where, who]) write(words, "");
      mark(slot, "data-acted", "true");
      return setSymbol(shape, { flash: false });
    }
    const { card, alarm, id, acted } = chosen;
    mark(slot, "data-acted", String(acted));
    mark(slot, "data-id", id);
    mark(slot, "data-state", alarm?.state ?? "");
    mark(slot, "data-priority", String(alarm?.priority ?? ""));
    const drawn = card ? drawnAs(card, picture) : null;
    setSymbol(shape, { status: drawn?.status ?? (alarm?.source ? "source" : "waiting"), ring: slotRing(chosen, picture), flash: !acted, quiet: drawn?.quiet === true });
    const place = alarmWhere(chosen, picture, room);
    const owed = alarmWho(chosen, room);
    // A kelurahan is found without its kecamatan, and not by half of its name.
    const places = [...new Set([place, place.split(", ")[0] ?? place])];
    writeLines({ what: [alarmWhat(chosen, room)], late: [alarmLate(chosen, picture, room)], where: places, who: card?.sensor ? [`${owed} · ${room.say("sensor")}`, owed] : [owed] }, emergency, !acted && slot.ownerDocument.documentElement.dataset["flash"] === "steady");
  };
}

/** @param {HTMLElement} slot @param {Record<Line, HTMLElement>} nodes @param {Room} room @param {Layout} layout @returns {(said: Record<Line, readonly string[]>, emergency: boolean, told: boolean) => void} told: that it is new is said by a word, since nothing may move */
function mountLines(slot, nodes, { say, width }, layout) {
  const { stacked, total, line, who, joined, tag, beside, ...head } = LINES[layout];
  const word = width(say("emergency"), tag, TITLE_WEIGHT) * (tag === CAPTION ? STRETCHES[2][1] : 1) * ROUNDING + NEW_GAP;
  // It follows who must act; elsewhere it has the end of another line.
  const fresh = layout === "fine" ? width(say("new_alarm"), 60, TITLE_WEIGHT) * ROUNDING + NEW_GAP : 0;
  const ways = (/** @type {readonly string[]} */ sayings, /** @type {readonly number[]} */ steps, /** @type {number} */ weight) => standingsOf({ sayings, steps, weight }, width);
  return (said, emergency, told) => {
    const lines = {
      what: ways(said.what, head.what, TITLE_WEIGHT), late: ways(said.late, head.late, TITLE_WEIGHT), where: ways(said.where, line, 400), who: who ? ways(said.who, line, 400) : [],
    };
    const tagged = emergency ? word : 0;
    // Where it has room beside none, who must act gives way, or the word has its own line.
    const chosen = !emergency || joined ? null : besideLine(lines, beside, { total, tagged }) ?? (who || !stacked ? (beside[0] ?? null) : null);
    mark(slot, "data-tag", !emergency ? "none" : (chosen ?? (joined ? "who" : "own")));
    slot.style.setProperty("--tag", tagged.toFixed(0));
    // Four lines are closer than three.
    const smallest = (/** @type {readonly Standing[]} */ all) => all.filter(({ size }) => size === CAPTION);
    if (emergency && !chosen && !joined) [lines.what, lines.late] = [smallest(lines.what), smallest(lines.late)];
    const space = (/** @type {Line} */ name) => total - (name === chosen ? tagged : 0) - (name === "who" && told && !emergency ? fresh : 0);
    const alone = (/** @type {Line} */ name) => stand(nodes[name], bestIn(lines[name], space(name)) ?? lines[name].at(-1), space(name));
    const together = (/** @type {Line} */ left, /** @type {Line} */ right, /** @type {number} */ whole) => {
      const pair = bestPair(lines[left], lines[right], whole) ?? [lines[left].at(-1), lines[right].at(-1)];
      stand(nodes[right], pair[1], whole);
      stand(nodes[left], pair[0], whole - BETWEEN - Math.min(whole, pair[1]?.wide ?? 0));
    };
    if (stacked) [/** @type {const} */ ("what"), /** @type {const} */ ("late")].forEach(alone);
    else together("what", "late", total);
    if (joined) together("where", "who", total - tagged);
    else [/** @type {const} */ ("where"), /** @type {const} */ ("who")].forEach(alone);
    const owner = Math.min(bestIn(lines.who, space("who"))?.wide ?? lines.who.at(-1)?.wide ?? 0, space("who"));
    slot.style.setProperty("--after-who", (owner + NEW_GAP).toFixed(0));
  };
}
