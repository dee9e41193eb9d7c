/**
 * The messages of the feed as types, and the check at the door.
 * What is missing becomes null here, so that nothing behind the door has to ask twice.
 */

/** @typedef {"waiting" | "in_process" | "done" | "elsewhere"} Status */
/**
 * @typedef {object} Card
 * @property {string} id
 * @property {number} seq
 * @property {Status} status
 * @property {string} [state]
 * @property {boolean} [overdue]
 * @property {"citizen" | "hold" | null} [paused]
 * @property {string | null} [source]
 * @property {string | null} [category]
 * @property {string | null} [agency]
 * @property {string[] | null} [agencies]
 * @property {string | null} [area]
 * @property {number | null} [lat]
 * @property {number | null} [lon]
 * @property {string | null} [received_at]
 * @property {string | null} [received_day]
 * @property {string | null} [closed_at]
 * @property {"forward" | "accept" | "finish" | null} [stage]
 * @property {string | null} [stage_from]
 * @property {"working" | "calendar" | null} [stage_clock]
 * @property {string | null} [due_at]
 * @property {"critical" | "urgent" | "normal" | null} [priority]
 * @property {number | null} [escalation]
 * @property {boolean} [drill]
 * @property {string | null} [source_id] for a desk alone, as what follows
 * @property {string | null} [channel]
 * @property {string | null} [class]
 * @property {string | null} [claimed_by]
 * @property {string | null} [claimed_until]
 * @property {string | null} [due_stage] which promise due_at is; for desks
 * @property {boolean} [returned] back at the desk after an agency had it
 * @property {string | null} [answer_by] when the first open question about it is to be answered; for desk, leadership and agencies
 * @property {boolean} [accepted] for an agency alone: whether it has accepted its part
 * @property {boolean} [proved] for an agency alone: whether it has submitted its proof
 */
/**
 * @typedef {object} Alarm
 * @property {string} id
 * @property {number} [seq]
 * @property {string} [kind]
 * @property {number} [priority]
 * @property {string} state
 * @property {string | null} [complaint]
 * @property {string | null} [source]
 * @property {string | null} [agency]
 * @property {string | null} [area]
 * @property {string | null} [category]
 * @property {number} [count] how many complaints a grouped one stands for
 * @property {boolean} [active] its condition is true
 * @property {number} [rearmed]
 * @property {string | null} [due_at]
 * @property {string | null} [stage]
 * @property {string | null} [raised_at]
 * @property {string | null} [activated_at] its last entry to unacked: a new one sounds again
 * @property {string | null} [acked_by]
 * @property {string | null} [acked_at]
 * @property {string | null} [expires_at]
 * @property {string | null} [owner]
 * @property {string | null} [shelved_by]
 * @property {string | null} [shelved_until]
 * @property {string | null} [suppressed_until]
 * @property {string | null} [review_at]
 * @property {string | null} [paged_at]
 * @property {string | null} [rule]
 * @property {boolean} [chattering]
 */
/** @typedef {{in: number, waiting: number, in_process: number, done: number, elsewhere: number}} Cohort */
/**
 * @typedef {object} Counts
 * @property {string | null} [day]
 * @property {Cohort} [cohort]
 * @property {{open: number, overdue: number}} [stock]
 * @property {{done: number}} [flow]
 */
/** @typedef {{id: string, name?: string, every_s?: number | null, state?: string}} Source */
/**
 * @typedef {object} Line
 * @property {string} id
 * @property {string} [kind]
 * @property {string} [category]
 * @property {string[]} [areas]
 * @property {number} [n]
 * @property {string} [since]
 * @property {string} [until] room time
 * @property {string} [until_real] real time
 * @property {string} [state]
 * @property {string} [by] who ordered it
 * @property {string} [at]
 * @property {string} [scene]
 * @property {string} [complaint] called out on the map
 * @property {string | null} [shift]
 * @property {string | null} [agency]
 * @property {string[]} [agencies] of a stuck way out that several are reached by
 */
/**
 * @typedef {object} Batch
 * @property {string} epoch
 * @property {string} mark
 * @property {number} from
 * @property {number} to
 * @property {string} [now]
 * @property {string} [at]
 * @property {string} [logged_at]
 * @property {Card[] | null} [cards]
 * @property {string[] | null} [gone]
 * @property {Alarm[] | null} [alarms]
 * @property {Counts | null} [counts]
 * @property {Source[] | null} [sources]
 * @property {Line[] | null} [lines]
 */
/**
 * @typedef {object} Beat
 * @property {string} epoch
 * @property {number} seq
 * @property {string} [mark]
 * @property {string} now
 * @property {string} at
 * @property {number} [rate]
 * @property {string | null} [as_of]
 * @property {string | null} [due_to]
 * @property {string | null} [build]
 * @property {string | null} [calendar]
 * @property {Record<string, number | null> | null} [heard]
 */
/**
 * @typedef {object} Snapshot
 * @property {string} epoch
 * @property {number} seq
 * @property {string} mark
 * @property {string} [now]
 * @property {string} [at]
 * @property {string | null} [day]
 * @property {Record<string, unknown[]>} cards none when blocks follow
 * @property {number} [rows] so many cards are in the blocks that follow
 * @property {Alarm[] | null} [alarms]
 * @property {Counts | null} [counts]
 * @property {Source[] | null} [sources]
 * @property {Line[] | null} [lines]
 */
/** @typedef {{epoch: string, seq: number, mark?: string, batches?: Batch[] | null, snapshot?: string | null, jitter_ms?: number}} Answer */

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {unknown} value */
function isPosition(value) {
  return Number.isSafeInteger(value);
}

/** @param {unknown} value @returns {Batch | null} null when the message is not a batch */
export function asBatch(value) {
  if (!isObject(value) || typeof value.epoch !== "string") return null;
  if (!isPosition(value.from) || !isPosition(value.to)) return null;
  return /** @type {Batch} */ (/** @type {unknown} */ (value));
}

/** @param {unknown} value @returns {Beat | null} null when the message is not a beat */
export function asBeat(value) {
  if (!isObject(value) || typeof value.epoch !== "string" || !isPosition(value.seq)) return null;
  if (Number.isNaN(Date.parse(String(value.now))) || Number.isNaN(Date.parse(String(value.at)))) return null;
  return /** @type {Beat} */ (/** @type {unknown} */ (value));
}

/** @param {unknown} value @returns {Snapshot | null} null unless the columns are there and of equal length */
export function asSnapshot(value) {
  if (!isObject(value) || typeof value.epoch !== "string" || !isPosition(value.seq)) return null;
  if (!isObject(value.cards)) return null;
  const columns = Object.values(value.cards);
  if (columns.length > 0 && !Array.isArray(value.cards.id)) return null;
  const length = Array.isArray(value.cards.id) ? value.cards.id.length : 0;
  if (!columns.every((column) => Array.isArray(column) && column.length === length)) return null;
  return /** @type {Snapshot} */ (/** @type {unknown} */ (value));
}

/** @param {unknown} value @returns {import("./blocks.js").Block} @throws {TypeError} when it is none */
export function asBlock(value) {
  if (!isObject(value) || !isPosition(value.rows) || ![value.all, value.of, value.each].every(isObject)) throw new TypeError("not a block");
  return /** @type {import("./blocks.js").Block} */ (/** @type {unknown} */ (value));
}

/** @param {unknown} value @returns {Answer | null} null when the server did not answer a resume */
export function asAnswer(value) {
  if (!isObject(value) || typeof value.epoch !== "string") return null;
  if (!Array.isArray(value.batches) && typeof value.snapshot !== "string") return null;
  return /** @type {Answer} */ (/** @type {unknown} */ (value));
}
