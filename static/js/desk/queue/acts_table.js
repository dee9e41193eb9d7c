/**
 * What may be done to a complaint from the duty desk: key, command, in which states and by whom. docs/commands.md is the rule. Pure.
 */

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {"forward" | "reject" | "merge" | "comment" | "reply" | "ask" | "validate" | "send_back" | "triage" | "area" | "priority" | "extend" | "close" | "refer" | "reopen" | "hold" | "resume" | "answer" | "coordinate" | "split" | "acknowledge" | "show" | "release" | "withdraw"} ActName */
/** @typedef {{name: ActName, key: string, command: string, states: readonly string[], paused: boolean | "only" | "citizen", supervisor?: true, bulk?: true}} Act paused: whether it is possible while the complaint stands; "only": then alone; "citizen": while its reporter is asked */
/** @typedef {{supervisor: boolean, unacked: boolean, allowed?: readonly string[] | null, children?: number}} Standing unacked: it has an alarm nobody has; allowed: the commands that the room names, null where it was not asked */

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
  { name: "hold", key: "z", command: "hold", states: OPEN, paused: false, supervisor: true },
  { name: "resume", key: "z", command: "resume", states: OPEN, paused: "only" },
  { name: "answer", key: "Y", command: "answer", states: OPEN, paused: "citizen" },
  { name: "coordinate", key: "F", command: "coordinate", states: ["forwarded", "accepted", "working"], paused: false },
  { name: "split", key: "M", command: "split", states: [...OPEN, "merged"], paused: true },
  { name: "close", key: "q", command: "close", states: OPEN, paused: true, supervisor: true },
  { name: "reopen", key: "o", command: "reopen", states: ENDED, paused: true },
  { name: "release", key: "D", command: "release_proof", states: ["done"], paused: true, supervisor: true },
  { name: "withdraw", key: "W", command: "withdraw_proof", states: ["done"], paused: true, supervisor: true },
  { name: "show", key: "d", command: "show", states: EVER, paused: true, supervisor: true },
];

/** @param {ActName} name @returns {Act} */
export function actNamed(name) {
  return /** @type {Act} */ (ACTS.find((act) => act.name === name));
}

/** @param {ActName} name @returns {Act | null} the other one on the same key: never both are possible */
export function twinOf(name) {
  const { key } = actNamed(name);
  return ACTS.find((act) => act.key === key && act.name !== name) ?? null;
}

/** @param {string} key @returns {string} as it is written on a button */
export function keyWords(key) {
  return /[A-Z]/.test(key) ? `Shift+${key}` : key.toUpperCase();
}

/** @param {Act} act @param {Card} card @param {Standing} who @returns {boolean} */
export function isPossible({ name, command, states, paused, supervisor }, card, who) {
  if (!states.includes(card.state ?? "") || !fitsPause(paused, card.paused ?? null)) return false;
  if (supervisor && !who.supervisor) return false;
  if (name === "acknowledge") return who.unacked;
  if (name === "show") return card.lat !== null && card.lat !== undefined;
  if (name === "split" && card.state !== "merged" && !who.children) return false;
  return who.allowed?.includes(command) ?? true;
}

/** @param {Act["paused"]} may @param {string | null} paused why it stands */
function fitsPause(may, paused) {
  if (may === "only") return paused !== null;
  return may === "citizen" ? paused === "citizen" : may || paused === null;
}

/** @param {import("./details.js").Detail | null} detail @param {Card} card as it is now @returns {Pick<Standing, "allowed" | "children">} what the room says may be done, while the complaint stands as it did then */
export function toldBy(detail, card) {
  const then = detail?.card;
  const same = then && ["state", "paused", "agency"].every((name) => Reflect.get(then, name) === Reflect.get(card, name));
  return { allowed: same ? (detail.allowed ?? null) : null, children: detail?.children?.length ?? 0 };
}

/** @param {Card} card @returns {ActName | null} what comes first here: the one light button */
export function firstAct({ state }) {
  if (state === "received") return "forward";
  return state === "proof_submitted" ? "validate" : null;
}
