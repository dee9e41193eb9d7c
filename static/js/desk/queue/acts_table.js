/**
 * What may be done to a complaint from the duty desk: key, command, in which states and by whom. docs/commands.md is the rule. Pure.
 */

/** @typedef {import("../../wire.js").Card} Card */
/** @typedef {"forward" | "reject" | "merge" | "comment" | "reply" | "ask" | "validate" | "send_back" | "triage" | "area" | "priority" | "extend" | "refer" | "reopen" | "acknowledge" | "show"} ActName */
/** @typedef {{name: ActName, key: string, command: string, states: readonly string[], paused: boolean, supervisor?: true, bulk?: true}} Act */

const OPEN = ["received", "forwarded", "accepted", "working", "proof_submitted"];
const ENDED = ["done", "not_ours", "rejected"];
const EVER = [...OPEN, ...ENDED, "merged"];

/** In the order of the buttons. @type {readonly Act[]} */
export const ACTS = [
  { name: "acknowledge", key: "a", command: "acknowledge", states: EVER, paused: true },
  { name: "validate", key: "v", command: "validate", states: ["proof_submitted"], paused: false },
  { name: "send_back", key: "s", command: "send_back", states: ["proof_submitted"], paused: false },
  { name: "forward", key: "f", command: "forward", states: ["received", "forwarded", "accepted", "working"], paused: false, bulk: true },
  { name: "reject", key: "r", command: "reject", states: ["received", "forwarded"], paused: true, bulk: true },
  { name: "merge", key: "m", command: "merge", states: OPEN, paused: true, bulk: true },
  { name: "triage", key: "t", command: "triage", states: OPEN, paused: true, bulk: true },
  { name: "area", key: "w", command: "triage", states: OPEN, paused: true },
  { name: "priority", key: "p", command: "triage", states: OPEN, paused: true },
  { name: "reply", key: "b", command: "reply", states: EVER, paused: true },
  { name: "ask", key: "y", command: "ask", states: OPEN, paused: false },
  { name: "comment", key: "c", command: "comment", states: EVER, paused: true },
  { name: "refer", key: "u", command: "refer_outside", states: ["received", "forwarded", "accepted", "working"], paused: true },
  { name: "extend", key: "e", command: "extend", states: OPEN, paused: false, supervisor: true },
  { name: "reopen", key: "o", command: "reopen", states: ENDED, paused: true },
  { name: "show", key: "d", command: "show", states: EVER, paused: true, supervisor: true },
];

/** @param {ActName} name @returns {Act} */
export function actNamed(name) {
  return /** @type {Act} */ (ACTS.find((act) => act.name === name));
}

/** @param {Act} act @param {Card} card @param {{supervisor: boolean, unacked: boolean, placed?: boolean}} who unacked: it has an alarm nobody has @returns {boolean} */
export function isPossible({ name, states, paused, supervisor }, card, who) {
  if (!states.includes(card.state ?? "") || (card.paused && !paused)) return false;
  if (supervisor && !who.supervisor) return false;
  if (name === "acknowledge") return who.unacked;
  if (name === "show") return card.lat !== null && card.lat !== undefined;
  return true;
}

/** @param {Card} card @returns {ActName | null} what comes first here: the one light button */
export function firstAct({ state }) {
  if (state === "received") return "forward";
  return state === "proof_submitted" ? "validate" : null;
}
