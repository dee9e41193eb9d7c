/**
 * What a page of import knows without its page: how a plan changes, why a row was refused, how far an import is.
 */

/** @typedef {import("../../ui/language.js").Say<"import">} ImportSay */
/** @typedef {Parameters<ImportSay>[0]} Word */
/** @typedef {{columns: Record<string, string>, dates: "dmy" | "mdy" | null, categories: Record<string, string>, encoding: string, turn: boolean, outside: "take" | "refuse"}} Plan */
/** @typedef {{name: string, samples: readonly string[], field: string, why: string}} Column */
/** @typedef {{text: string, rows: number, key: string | null, near: string | null}} Category */
/** @typedef {{field: string, message: string}} Fault */
/** @typedef {{line: number, fields: Record<string, string>, becomes: Record<string, string>, faults: readonly Fault[]}} Row */
/** @typedef {{accepted: number, known: number, rejected: number, turned: number, outside: number, comma: number, unmatched: readonly Category[], first: readonly [number, string, string][], began_at: string}} Tally */
/** @typedef {"trial" | "ready" | "running" | "done" | "cancelled" | "failed"} State */
/**
 * @typedef {object} Job
 * @property {string} id @property {State} state @property {string} name @property {string} source @property {string} actor
 * @property {string} created_at @property {string} changed_at @property {number} size bytes @property {number} read_bytes @property {number} read_rows
 * @property {boolean} rejects @property {string | null} fault @property {Record<string, string>} said @property {readonly string[]} questions @property {string} order @property {Tally} tally
 * @property {Plan} [plan] with what follows, of a file that is here @property {readonly Column[]} [columns] @property {readonly Category[]} [categories] @property {readonly Row[]} [preview] @property {number} [looked_at]
 */

/** What the server says of a cell or row, by how it goes on, and the word for it; its own words follow where there is none. */
const FAULTS = /** @type {const} */ ([
  [/is a date or a time that does not exist/, "fault_no_such_time"], [/may be day\/month/, "fault_either"], [/is no date|is a number and no date|names no month/, "fault_no_time"],
  [/is no number of degrees/, "fault_degrees"], [/no point$|is no point/, "fault_point"], [/is outside the city/, "fault_outside"], [/^is required/, "fault_required"],
  [/^is before/, "fault_before"], [/lies in the future/, "fault_future"], [/must be between/, "fault_range"], [/has \d+ cells where/, "fault_cells"],
  [/may have at most|too long|longer than/, "fault_long"], [/must be one of/, "fault_choice"], [/quote|cut off/, "fault_quote"],
  [/must not contain NUL|must be Unicode/, "fault_signs"],
]);

/** @param {Fault} fault @param {ImportSay} say @returns {{where: string, what: string}} the column, or else the field, and what is wrong there */
export function faultWords({ field, message }, say) {
  const column = /\(column '([^']*)'\)$/.exec(message)?.[1];
  const plain = message.replace(/ \(column '[^']*'\)$/, "");
  const cell = /^'((?:[^'\\]|\\.)*)' /.exec(plain)?.[1] ?? /^(-?[\d.]+, -?[\d.]+) is outside/.exec(plain)?.[1];
  const known = FAULTS.find(([says]) => says.test(plain));
  const what = known ? say(known[1]) : say("fault_other", { why: plain });
  return { where: column ?? (field || say("whole_row")), what: cell === undefined ? what : `${cell}: ${what}` };
}

/** @param {Plan} plan @param {readonly string[]} fields that there are @param {string} column @param {string} field that it becomes, "" for none @returns {Plan} every field said, so that nothing is guessed again */
export function withColumn(plan, fields, column, field) {
  const taken = Object.fromEntries(fields.map((one) => [one, plan.columns[one] ?? ""]));
  for (const one of fields) if (taken[one] === column) taken[one] = "";
  if (field) taken[field] = column;
  // A place stands in one cell or in two.
  if (field === "point") [taken.lat, taken.lon] = ["", ""];
  if (field === "lat" || field === "lon") taken.point = "";
  return { ...plan, columns: taken };
}

/** @param {Plan} plan @param {string} text of the file @param {string} key of the city, "" to leave it for triage @returns {Plan} */
export function withCategory(plan, text, key) {
  return { ...plan, categories: { ...plan.categories, [text]: key } };
}

/** Changes of a plan by a quick hand: one order at a time, made of what the one before left, so that none is lost and none undoes another. */
export class PlanChanges {
  /** @type {((plan: Plan) => Plan)[]} */
  #waiting = [];
  #answered = Promise.resolve();

  /** @param {() => Plan | undefined} current as it was answered last; undefined: there is no file any more @param {(plan: Plan) => Promise<void>} send ends when it was answered */
  constructor(current, send) {
    this.current = current;
    this.send = send;
  }

  /** @param {(plan: Plan) => Plan} alter gives the same however often it is made */
  add(alter) {
    this.#waiting.push(alter);
    this.#answered = this.#answered.then(() => this.#next());
  }

  /** @returns {Promise<void>} ends when everything that was changed is answered */
  answered() {
    return this.#answered;
  }

  /** @param {Plan} plan @returns {Plan} with the changes that have not gone out yet */
  on(plan) {
    return this.#waiting.reduce((sum, alter) => alter(sum), plan);
  }

  async #next() {
    const plan = this.current();
    const changed = plan && this.#waiting.length > 0 ? this.on(plan) : null;
    this.#waiting = [];
    if (changed) await this.send(changed);
  }
}

/** @param {Job} job @returns {number} how much of the file is read, 0 to 1 */
export function shareOf({ size, read_bytes: read, state }) {
  return state === "done" ? 1 : size > 0 ? Math.min(1, read / size) : 0;
}

/** @param {Job} job @param {number} now Unix ms @returns {{perSecond: number, leftMs: number} | null} null before it can be known */
export function paceOf(job, now) {
  const spent = now - Date.parse(job.tally.began_at || "");
  const share = shareOf(job);
  if (!(spent > 1000) || share <= 0 || job.read_rows === 0) return null;
  return { perSecond: Math.round((job.read_rows * 1000) / spent), leftMs: (spent * (1 - share)) / share };
}

/** @param {Job} job @returns {boolean} whether it is still worked on */
export function isMoving({ state }) {
  return state === "trial" || state === "running";
}

/** @typedef {Category & {chosen: string | null}} Asked chosen: the key that somebody said, "" for none of the city's, null while nobody did */

/** @param {Job} job what the trial or the first rows said @returns {readonly Asked[]} categories that the city does not know, most rows first; those that somebody answered for stand last, to be answered anew */
export function unmatchedOf({ tally, categories, read_rows: read, looked_at: seen, plan }) {
  const said = plan?.categories ?? {};
  const whole = read > (seen ?? 0) ? tally.unmatched : (categories ?? []).filter(({ key }) => key === null);
  const open = whole.filter(({ text }) => !Object.hasOwn(said, text)).map((one) => ({ ...one, chosen: null }));
  const answered = Object.entries(said).map(([text, key]) => ({ text, key, near: null, rows: categories?.find((one) => one.text === text)?.rows ?? 0, chosen: key }));
  return [...open.sort((a, b) => b.rows - a.rows), ...answered];
}
