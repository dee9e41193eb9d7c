/**
 * What this screen knows: reduce(state, message) and nothing else. No network, no DOM, no clock.
 * A gap is a state that asks, never a guess.
 */
import { Cards } from "./cards.js";
import { adjust, emptyTally } from "./count.js";
import { laterFinished } from "./snapshot.js";

/** @typedef {import("./wire.js").Batch} Batch */
/** @typedef {import("./wire.js").Alarm} Alarm */
/** @typedef {import("./wire.js").Card} Card */
/** @typedef {import("./cards.js").Change} Change */
/** @typedef {import("./snapshot.js").Unfolded} Unfolded */
/**
 * @typedef {object} State
 * @property {string} epoch "" before the first snapshot
 * @property {number} seq
 * @property {string} mark
 * @property {string | null} at room time of the newest message applied
 * @property {Cards} cards
 * @property {import("./count.js").Tally} tally
 * @property {Map<string, Alarm>} alarms all that are not normal
 * @property {import("./wire.js").Counts | null} counts
 * @property {import("./wire.js").Source[]} sources
 * @property {import("./wire.js").Line[]} lines
 * @property {"snapshot" | "resume" | null} need what the feed must fetch before this state is whole
 * @property {readonly string[]} touched ids that the newest message changed
 * @property {Card | null} finished the complaint finished last
 */

/** @returns {State} */
export function emptyState() {
  return {
    epoch: "", seq: -1, mark: "", at: null, cards: new Cards(), tally: emptyTally(), alarms: new Map(),
    counts: null, sources: [], lines: [], need: "snapshot", touched: [], finished: null,
  };
}

/**
 * @param {State} state
 * @param {Unfolded | {kind: "batch", body: Batch}} message
 * @returns {State} the same object when the message changes nothing
 */
export function reduce(state, message) {
  if (message.kind === "snapshot") return fromSnapshot(message);
  const { body } = message;
  if (body.epoch !== state.epoch) return { ...state, need: "snapshot" };
  if (body.to <= state.seq) return state;
  if (body.from > state.seq) return { ...state, need: "resume" };
  return apply(state, body);
}

/** @param {Unfolded} message @returns {State} */
function fromSnapshot({ body, cards, tally, finished }) {
  const counts = body.counts ? { ...body.counts, day: body.counts.day ?? body.day ?? null } : null;
  return {
    ...emptyState(), cards, tally, counts, finished,
    epoch: body.epoch, seq: body.seq, mark: body.mark, at: body.at ?? null,
    alarms: mergeAlarms(new Map(), body.alarms),
    sources: body.sources ?? [], lines: body.lines ?? [], need: null,
  };
}

/** @param {State} state @param {Batch} body @returns {State} */
function apply(state, body) {
  const { cards, changes } = state.cards.with(body.cards ?? [], body.gone ?? []);
  return {
    ...state, cards, need: null,
    seq: body.to, mark: body.mark, at: body.at ?? state.at,
    tally: changes.length > 0 ? adjust(state.tally, changes) : state.tally,
    alarms: mergeAlarms(state.alarms, body.alarms),
    counts: body.counts ? { ...body.counts, day: body.counts.day ?? state.counts?.day ?? null } : state.counts,
    sources: body.sources ?? state.sources,
    lines: body.lines ?? state.lines,
    touched: changes.map(({ before, after }) => (after ?? before)?.id ?? ""),
    finished: lastFinished(changes) ?? state.finished,
  };
}

/** @param {Map<string, Alarm>} alarms @param {Alarm[] | null | undefined} changed */
function mergeAlarms(alarms, changed) {
  if (!changed || changed.length === 0) return alarms;
  const next = new Map(alarms);
  for (const alarm of changed) {
    if (alarm.state === "normal") next.delete(alarm.id);
    else next.set(alarm.id, alarm);
  }
  return next;
}

/** @param {readonly Change[]} changes @returns {Card | null} the newest of those that this batch finished */
function lastFinished(changes) {
  const done = changes.flatMap(({ before, after }) => (after?.status === "done" && before?.status !== "done" ? [after] : []));
  return done.reduce((/** @type {Card | null} */ last, card) => laterFinished(last, card), null);
}
