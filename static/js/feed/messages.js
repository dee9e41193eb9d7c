/**
 * The messages of the feed and the answers of GET /feed/figures as types, checked at the door.
 * What is missing becomes null here, so that nothing behind the door has to ask twice.
 */

// Batches, beats and snapshots.

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
 * @property {number | null} [moves] how often it changed hands from agency to agency
 * @property {boolean} [drill]
 * @property {boolean} [sensor] for a wall alone: a gauge reported it
 * @property {string | null} [source_id] for a desk alone, as what follows
 * @property {string | null} [channel]
 * @property {string | null} [class]
 * @property {string | null} [claimed_by]
 * @property {string | null} [claimed_until]
 * @property {string | null} [due_stage] which promise due_at is; for desks
 * @property {boolean} [returned] back at the desk after an agency had it
 * @property {number} [merged] how many were merged into it; for a desk
 * @property {string | null} [answer_by] when the first open question about it is to be answered; for desk, leadership and agencies
 * @property {string[]} [allowed] commands that somebody at a desk, or at that agency, could give now; the role decides which of them
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
 * @property {string | null} [unpaged_at] when a supervisor was to be paged and none could be reached
 * @property {string | null} [rule]
 * @property {boolean} [chattering]
 * @property {Record<string, string[]>} [allowed] for a desk alone: by role, the commands that it could give now
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
 * @property {string} [by] who commanded it
 * @property {string} [at]
 * @property {string} [scene]
 * @property {string} [complaint] called out on the map
 * @property {string | null} [shift]
 * @property {string | null} [agency]
 * @property {string[]} [agencies] of a stuck way out that several are reached by
 */
/**
 * @typedef {object} Hazard a warning of a public service; its words are plain text of somebody else
 * @property {string} id
 * @property {string} [event] what of
 * @property {string} [headline]
 * @property {string} [severity] Extreme, Severe, Moderate, Minor or Unknown, as urgency and certainty of CAP 1.2
 * @property {string} [urgency]
 * @property {string} [certainty]
 * @property {string} [onset] room time, as expires
 * @property {string} expires
 * @property {string} [sender_name]
 * @property {string} [area] where, in the service's own words
 * @property {string[]} [areas] codes of the areas that it touches
 * @property {number[][][][]} [polygons] its shape near the city, a MultiPolygon of GeoJSON: longitude first
 * @property {string} [sent] for a desk alone, as what follows
 * @property {string} [sender]
 * @property {string} [source]
 * @property {string} [language]
 * @property {string} [description]
 * @property {string} [instruction]
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
 * @property {Hazard[] | null} [hazards] in force, the worst first
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
 * @property {unknown} [cities] how old what each followed city says is; cities.js reads it
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
 * @property {boolean} [recorded] it is of a past moment that was asked for
 * @property {number} [rows] so many cards are in the blocks that follow
 * @property {Alarm[] | null} [alarms]
 * @property {Counts | null} [counts]
 * @property {Source[] | null} [sources]
 * @property {Line[] | null} [lines]
 * @property {Hazard[] | null} [hazards] in force, the worst first
 */
/** @typedef {{epoch: string, seq: number, mark?: string, batches?: Batch[] | null, snapshot?: string | null, jitter_ms?: number, beat?: unknown, cities?: unknown}} Answer */

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

/** @param {unknown} value @returns {import("./store.js").Block} @throws {TypeError} when it is none */
export function asBlock(value) {
  if (!isObject(value) || !isPosition(value.rows) || ![value.all, value.of, value.each].every(isObject)) throw new TypeError("not a block");
  return /** @type {import("./store.js").Block} */ (/** @type {unknown} */ (value));
}

/** @param {unknown} value @returns {Answer | null} null when the server did not answer a resume */
export function asAnswer(value) {
  if (!isObject(value) || typeof value.epoch !== "string") return null;
  if (!Array.isArray(value.batches) && typeof value.snapshot !== "string") return null;
  return /** @type {Answer} */ (/** @type {unknown} */ (value));
}

// Figures of the scenes. Durations are whole seconds.

/** @typedef {"working" | "calendar"} Clock */
/** @typedef {{minutes?: number, hours?: number, days?: number, clock?: Clock}} Target */
/**
 * @typedef {object} Span
 * @property {Clock} clock
 * @property {number} n
 * @property {number | null} p50_s
 * @property {number | null} p90_s null under 20 cases: then the cases themselves are there (CR-88)
 * @property {number[] | null} cases_s
 * @property {number} judged
 * @property {number} within
 * @property {number | null} share
 * @property {Target[] | null} target shortest and longest promise
 */
/**
 * @typedef {object} AgencyRow
 * @property {string | null} agency null: everybody together, or nobody yet
 * @property {number} open
 * @property {number} waiting
 * @property {number} in_process
 * @property {number} overdue
 * @property {number | null} overdue_share
 * @property {number} finished in the window
 * @property {number | null} queue_days in working days
 * @property {number[]} open_then of the last fourteen days
 * @property {{forward: Span[], accept: Span[], finish: Span[]}} stages
 * @property {{s: number, clock: Clock, n: number} | null} median received to done
 * @property {{id: string, received_at: string, age_s: number} | null} oldest
 * @property {{n: number, of: number, share: number | null}} reopened
 */
/** @typedef {{n: number, within: number, share: number | null, target_s: number, target_share: number, met: boolean | null}} Emergencies */
/** @typedef {{window: {from: string, working_days: number}, emergencies: Emergencies, room: AgencyRow, agencies: AgencyRow[]}} AgenciesFigure */
/** @typedef {{p10: number[], p50: number[], p90: number[]}} Usual */
/**
 * @typedef {object} Series
 * @property {number} total
 * @property {number | null} usual_total
 * @property {number | null} change
 * @property {{cumulative: number[], hours: number[], incomplete_hour: number}} today
 * @property {{cumulative: Usual, hours: Usual} | null} usual
 */
/** @typedef {{day: string, quarters?: number, weekday: number, weeks: number, history: "full" | "some" | "none", hour: number, in: Series, done: Series}} TrendFigure */
/** @typedef {{percent: number, key: string, to: {name: string, name_en?: string}[]}} Step */
/** @typedef {{overdue: number, told: Record<string, number>, steps: Step[], rows: {id: string, percent: number, late_s: number}[]}} OverdueFigure */
/**
 * @typedef {object} VisitFigure
 * @property {number} finished
 * @property {number} on_time
 * @property {number} overdue
 * @property {number | null} on_time_share
 * @property {{working_days: number, on_time_share: number | null}} [window] the same over the last days
 * @property {{s: number, clock: Clock, n: number} | null} median
 * @property {string | null} welcome
 * @property {Shown[]} shown
 */
/** @typedef {{complaint: string, category: string, area: string | null, agency: string | null, received_at: string, closed_at: string | null, before: string | null, after: string}} Shown before, after: addresses of pictures */
/** @typedef {{epoch: string, seq: number, at: string, scene: string, working_day_s: number}} Head */
/** @typedef {Head & Partial<AgenciesFigure & Omit<TrendFigure, "in"> & {in: Series} & OverdueFigure & VisitFigure>} Figure */

/** What an answer of each scene cannot be without. */
const NEEDED = {
  overdue: ["steps", "rows", "told"],
  agencies: ["agencies", "room", "window"],
  trend: ["in", "done"],
  visit: ["finished"],
  lead: ["agencies", "window", "asked"],
  signs: ["history", "unusual", "growing", "recurring"],
};

/** @typedef {keyof typeof NEEDED} FigureScene */

/** @param {string} scene @returns {scene is FigureScene} whether the server has a figure for it */
export function hasFigure(scene) {
  return Object.hasOwn(NEEDED, scene);
}

/** @param {unknown} value @param {FigureScene} scene @returns {Figure | null} null when it is not that scene's figure */
export function asFigure(value, scene) {
  if (typeof value !== "object" || value === null) return null;
  const body = /** @type {Record<string, unknown>} */ (value);
  if (typeof body.epoch !== "string" || body.scene !== scene) return null;
  if (NEEDED[scene].some((name) => body[name] === undefined || body[name] === null)) return null;
  return /** @type {Figure} */ (/** @type {unknown} */ (body));
}

/** Less than this rounds to none. */
const LEAST_DAYS = 0.05;

/** @param {{working_days: number}} window @returns {boolean} whether any working time has run in it: before that there is nothing to say of it */
export function hasWorked({ working_days: days }) {
  return days >= LEAST_DAYS;
}

/** @param {import("./http.js").Kept | null} kept @returns {AgenciesFigure & Head | null} */
export function asAgencies(kept) {
  return /** @type {any} */ (kept?.body ?? null);
}

/** @param {import("./http.js").Kept | null} kept @returns {TrendFigure & Head | null} */
export function asTrend(kept) {
  return /** @type {any} */ (kept?.body ?? null);
}

/** @param {import("./http.js").Kept | null} kept @returns {OverdueFigure & Head | null} */
export function asOverdue(kept) {
  return /** @type {any} */ (kept?.body ?? null);
}

/** @param {import("./http.js").Kept | null} kept @returns {VisitFigure & Head | null} */
export function asVisit(kept) {
  return /** @type {any} */ (kept?.body ?? null);
}

// Early signs, docs/figures.md: what is unusual against the city's own history. Never alarms.

/** @typedef {{category: string, district: string | null, hours: number, n: number, low: number, high: number, usual: number, since: string, noticed_at: string}} UnusualCount low to high: what is usual in so many hours; district null: in the whole city */
/** @typedef {{category: string, area: string | null, n: number, since: string, complaints?: string[]}} GrowingReports of one place in much the same words */
/** @typedef {{began: string, finished_at: string | null, complaints: string[]}} PlaceTime one time that a matter was there */
/** @typedef {{n: number, since: string, times: PlaceTime[]}} PlaceTimes */
/** @typedef {PlaceTimes & {complaint: string, category: string, area: string | null}} RecurringPlace */
/** @typedef {{weeks: number, weeks_needed: number, history: "young" | "enough", unusual: UnusualCount[], growing: GrowingReports[], recurring: RecurringPlace[]}} SignsFigure */

/** @param {import("./http.js").Kept | null} kept @returns {SignsFigure | null} */
export function asSigns(kept) {
  return /** @type {any} */ (kept?.body ?? null);
}

// Figure and lists of leadership, docs/figures.md.

/** @typedef {{id: string, open: boolean, kept: boolean}} Case */
/** @typedef {{within: number, judged: number, overdue: number, n: number, share: number | null, target: Target[] | null, cases: Case[] | null}} OnTime cases: under 20 the cases themselves (CR-88) */
/**
 * @typedef {object} LeadRow
 * @property {string | null} agency null: everybody together, or nobody yet
 * @property {number} finished in the window
 * @property {OnTime} on_time
 * @property {{s: number, clock: "working" | "calendar", n: number} | null} median
 * @property {number} unproved
 * @property {{n: number, of: number, share: number | null}} reopened
 * @property {number[]} received of each of the last fourteen days
 * @property {number[]} done
 */
/** @typedef {{total: number, usual_total: number | null, change: number | null}} Against */
/**
 * @typedef {object} LeadFigure
 * @property {number} working_day_s
 * @property {{from: string, working_days: number}} window
 * @property {{day: string, weeks: number, in: Against, done: Against} | null} trend null for an agency
 * @property {LeadRow | null} room null for an agency
 * @property {LeadRow[]} agencies
 * @property {{n: number, rows: {id: string, n: number, at: string, until: string}[]}} asked what is to be answered first, first
 */
/** @typedef {{n: number, items: Card[], next: number | null}} ListPage */

/** @param {import("./http.js").Kept | null} kept @returns {LeadFigure | null} */
export function asLead(kept) {
  return /** @type {any} */ (kept?.body ?? null);
}

/** @param {LeadFigure | null} figure @param {string} agency "" for all, NOBODY for none @returns {LeadRow | null} */
export function rowOf(figure, agency) {
  if (!figure) return null;
  return agency ? (figure.agencies.find((row) => (row.agency ?? "-") === agency) ?? null) : figure.room;
}
