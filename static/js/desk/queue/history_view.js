/**
 * The history of the open complaint, oldest first: when, what, who, and the text that belongs to it.
 */
import { element, mark, write } from "../../ui/dom.js";
import { nameOf } from "../guests.js";
import { eventWords } from "./event_words.js";

/** @typedef {import("./event_words.js").Entry} Entry */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */

const MOST = 200;
/** Machines: what they did names no person. */
const NOBODY = ["clock", "courier", "system", "source", ""];

/** @param {HTMLElement} list @param {QueueRoom} room @returns {(history: readonly Entry[], look: {at: number | null}) => void} a line keeps its node */
export function mountHistory(list, room) {
  /** @type {Map<string, {node: HTMLElement, paint: (entry: Entry, at: number | null) => void}>} */
  const lines = new Map();
  return (history, { at }) => {
    const shown = history.slice(-MOST);
    const nodes = shown.map((entry, i) => {
      const key = `${entry.seq ?? i} ${entry.kind}`;
      const line = lines.get(key) ?? mountLine(room);
      lines.set(key, line);
      line.paint(entry, at);
      return line.node;
    });
    if (nodes.length === list.children.length && nodes.every((node, i) => list.children[i] === node)) return;
    list.replaceChildren(...nodes);
    for (const [key, { node }] of lines) if (!nodes.includes(node)) lines.delete(key);
  };
}

/** @param {QueueRoom} room */
function mountLine(room) {
  const [time, what, who, text] = ["history-time", "history-what", "history-who", "history-text"].map((name) => element("span", name));
  const node = element("li", "history-line", .../** @type {HTMLElement[]} */ ([time, what, who, text]));
  /** @param {Entry} entry @param {number | null} at */
  const paint = (entry, at) => {
    const words = eventWords(entry, room);
    const ms = Date.parse(entry.at ?? "");
    mark(node, "data-strong", String(words.strong));
    mark(node, "data-quiet", String(words.quiet));
    write(/** @type {HTMLElement} */ (time), Number.isNaN(ms) ? "" : room.moment(ms, at));
    write(/** @type {HTMLElement} */ (what), words.line);
    write(/** @type {HTMLElement} */ (who), NOBODY.includes(entry.actor ?? "") || entry.kind === "complaint.received" ? "" : nameOf(entry.actor));
    const said = [entry.text, entry.reason_text, entry.note_text].find((one) => typeof one === "string" && one !== "");
    write(/** @type {HTMLElement} */ (text), said ?? "");
  };
  return { node, paint };
}
