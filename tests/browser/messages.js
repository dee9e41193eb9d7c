/**
 * The example messages of the wire, the same ones that the server's tests read, and the store they make.
 */
import { readFileSync } from "node:fs";
import { emptyState, reduce, unfoldAll } from "../../static/js/feed/store.js";

/** @param {string} name @returns {any} a fresh copy */
export function message(name) {
  return JSON.parse(readFileSync(new URL(`../display/feed/messages/${name}.json`, import.meta.url), "utf8"));
}

/** @param {any} body of a snapshot */
export function stateOf(body) {
  return reduce(emptyState(), unfoldAll(body));
}

/** @param {any} state @param {any} body of a batch */
export function after(state, body) {
  return reduce(state, { kind: "batch", body });
}

/** @param {any} state @returns {any} plain values to compare: everything that is shown, and where it stands */
export function contents({ epoch, seq, mark, at, cards, tally, alarms, counts, sources, lines, need, finished }) {
  const byId = [...cards.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const rows = Object.fromEntries(Object.entries(tally).map(([key, value]) => [key, value instanceof Map ? Object.fromEntries(value) : value]));
  return { epoch, seq, mark, at, size: cards.size, cards: byId, rows, alarms: [...alarms.values()], counts, sources, lines, need, finished };
}
