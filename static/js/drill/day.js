/**
 * A drill day, recorded: the room at any second of it, drawn from the page's own data. It is written into the one file
 * that `run.py drill-recording` makes, imports nothing and asks nobody.
 */

/** @typedef {{code: string, name: string, path: string, at: [number, number]}} Place */
/** @typedef {{seconds: number, last: number, complaints: number[][], alarms: number[][], kinds: string[], priorities: number[], agencies: string[], width: number, height: number, areas: (Place & {district: number})[], districts: Place[], categories: string[], locale: string, words: Record<string, string>}} Day as ingest/drill/day_record.py writes it */
/** @typedef {{received: number, waiting: number, in_process: number, done: number, overdue: number}} Counts */
/** @typedef {{area: number, kind: number, category: number, agency: number, since: number}} Ringing an alarm that nobody has acknowledged */
/** @typedef {{counts: Counts, areas: {waiting: number, in_process: number, done: number}[], ringing: Ringing[]}} Moment */

const WAITING = 0, IN_PROCESS = 1, DONE = 2, UNACKED = 2;
/** Of a pre-warning, which has no ring and no mark on the bar. */
const LEAST = 3;
export const STEP_S = 600;

/** The room at one second of a day. Pure. @param {Day} day @param {number} second @returns {Moment} */
export function momentOf(day, second) {
  /** @type {Map<number, number[]>} */
  const now = new Map();
  /** @type {Set<number>} */
  const before = new Set();
  for (const row of day.complaints) {
    const [at = 0, number = 0] = row;
    if (at > second) break;
    if (at === 0) before.add(number);
    now.set(number, row);
  }
  const areas = day.areas.map(() => ({ waiting: 0, in_process: 0, done: 0 }));
  const counts = { received: 0, waiting: 0, in_process: 0, done: 0, overdue: 0 };
  for (const [number, [, , status = 0, overdue = 0, area = -1]] of now) {
    if (!before.has(number)) counts.received += 1;
    counts.overdue += overdue;
    const key = status === WAITING ? "waiting" : status === IN_PROCESS ? "in_process" : status === DONE ? "done" : null;
    if (key === null) continue;
    counts[key] += 1;
    const there = areas[area];
    if (there) there[key] += 1;
  }
  return { counts, areas, ringing: ringingAt(day, second) };
}

/** @param {Day} day @param {number} kind @returns {number} 1 is the most urgent */
const priorityOf = (day, kind) => day.priorities[kind] ?? LEAST;

/** @param {Day} day @param {number} second @returns {Ringing[]} the most urgent first, of those the oldest */
function ringingAt(day, second) {
  /** @type {Map<number, Ringing>} */
  const ringing = new Map();
  for (const [at = 0, number = 0, state = 0, kind = 0, area = -1, category = -1, agency = -1] of day.alarms) {
    if (at > second) break;
    if (state !== UNACKED) ringing.delete(number);
    else if (!ringing.has(number)) ringing.set(number, { area, kind, category, agency, since: at });
  }
  return [...ringing.values()].sort((one, other) => priorityOf(day, one.kind) - priorityOf(day, other.kind) || one.since - other.since);
}

/** How many complaints came in each ten minutes of the day. Pure. @param {Day} day @returns {number[]} */
export function arrivalsOf(day) {
  const bars = Array.from({ length: Math.ceil(day.seconds / STEP_S) }, () => 0);
  const seen = new Set();
  for (const [at = 0, number = 0] of day.complaints) {
    if (seen.has(number)) continue;
    seen.add(number);
    const bar = Math.floor(at / STEP_S);
    if (at > 0 && bars[bar] !== undefined) bars[bar] += 1;
  }
  return bars;
}

/** The seconds at which an alarm began to ring, pre-warnings aside, in order. Pure. @param {Day} day @returns {number[]} */
export function ringsOf(day) {
  /** @type {Map<number, number>} */
  const states = new Map();
  const rings = [];
  for (const [at = 0, number = 0, state = 0, kind = 0] of day.alarms) {
    if (state === UNACKED && priorityOf(day, kind) < LEAST && states.get(number) !== UNACKED) rings.push(at);
    states.set(number, state);
  }
  return rings;
}

/** ``14.05``, of the day's own clock. Pure. @param {number} second @returns {string} */
export function clockOf(second) {
  const minute = Math.floor(second / 60);
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}.${String(minute % 60).padStart(2, "0")}`;
}

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} name @param {Record<string, string | number>} [given] @param {string} [said] @returns {SVGElement} */
function shape(name, given = {}, said = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(given)) made.setAttribute(key, String(value));
  if (said) made.textContent = said;
  return made;
}

/** @param {number} x @param {number} y @param {number} high @returns {string} the points of a triangle about a place */
const triangle = (x, y, high) => `${x},${y - high * 0.6} ${x + high * 0.58},${y + high * 0.4} ${x - high * 0.58},${y + high * 0.4}`;

/** At most so many alarms have a ring on the map; all are in the list. */
const MOST_RINGS = 3, MOST_LISTED = 6;

/** Draws a day into its page. */
class DayPage {
  /** @param {Document} page @param {Day} day */
  constructor(page, day) {
    this.day = day;
    this.find = (/** @type {string} */ one) => /** @type {HTMLElement} */ (page.querySelector(one));
    this.page = page;
    this.number = new Intl.NumberFormat(day.locale);
    this.range = /** @type {HTMLInputElement} */ (this.find("#second"));
    this.range.max = String(day.seconds - 1);
    this.marks = shape("g");
    this.land = day.areas.map(({ path }) => shape("path", { d: path, class: "area" }));
    const map = this.find("#map");
    map.setAttribute("viewBox", `-20 -40 ${day.width + 40} ${day.height + 90}`);
    map.append(...this.land, ...day.districts.map(({ path }) => shape("path", { d: path, class: "district" })), this.marks);
    this.bars = arrivalsOf(day);
    this.drawBars();
    /** @type {number | null} */
    this.playing = null;
  }

  drawBars() {
    const { bars, day } = this, bar = this.find("#bars"), most = Math.max(1, ...bars);
    bar.setAttribute("viewBox", `0 0 ${bars.length * 10} 100`);
    this.columns = bars.map((n, place) => shape("rect", { x: place * 10 + 1, y: 100 - (n / most) * 84, width: 8, height: (n / most) * 84 }));
    const rings = ringsOf(day).map((at) => shape("path", { class: "ring-mark", d: `M${(at / STEP_S) * 10} 0v10` }));
    bar.append(...this.columns, ...rings);
    this.hand = shape("path", { class: "hand" });
    bar.append(this.hand);
  }

  /** @param {number} second */
  show(second) {
    const { day } = this, { counts, areas, ringing } = momentOf(day, second);
    this.page.documentElement.dataset["second"] = String(second);
    this.range.value = String(second);
    for (const one of this.page.querySelectorAll(".clock")) one.textContent = clockOf(second);
    this.range.setAttribute("aria-valuetext", clockOf(second));
    for (const [name, n] of Object.entries(counts)) this.find(`[data-count="${name}"]`).textContent = this.number.format(n);
    areas.forEach(({ waiting }, place) => this.land[place]?.setAttribute("data-waiting", String(Math.min(3, waiting))));
    this.marks.replaceChildren(...this.districtMarks(areas), ...this.ringMarks(ringing));
    this.list(ringing, second);
    const x = (second / STEP_S) * 10;
    this.hand?.setAttribute("d", `M${x} 0v100`);
    this.columns?.forEach((column, place) => column.setAttribute("data-past", String(place * STEP_S < second)));
  }

  /** @param {Moment["areas"]} areas @returns {SVGElement[]} a triangle as large as what waits in each district, its number in it; below, what is at work and done */
  districtMarks(areas) {
    const sums = this.day.districts.map(() => ({ waiting: 0, in_process: 0, done: 0 }));
    areas.forEach((one, place) => {
      const sum = sums[this.day.areas[place]?.district ?? -1];
      if (sum) for (const key of /** @type {const} */ (["waiting", "in_process", "done"])) sum[key] += one[key];
    });
    return sums.flatMap(({ waiting, in_process, done }, place) => {
      const { at: [x, y], name } = /** @type {Place} */ (this.day.districts[place]);
      const high = Math.min(120, 54 + 9 * Math.sqrt(waiting));
      const mark = waiting > 0 ? [shape("polygon", { points: triangle(x, y, high), class: "waiting" }), shape("text", { x, y: y + high * 0.29, class: "n" }, this.number.format(waiting))] : [];
      const below = y + (waiting > 0 ? high * 0.4 : 0) + 22, bar = below + 8;
      const [work, over] = [in_process, done].map((n) => Math.min(40, 2 * n));
      return [
        ...mark, shape("text", { x, y: below, class: "name" }, name),
        ...(work ? [shape("rect", { x: x - work - 1, y: bar, width: work, height: 8, class: "in-process" })] : []),
        ...(over ? [shape("rect", { x: x + 1, y: bar, width: over, height: 8, class: "done" })] : []),
      ];
    });
  }

  /** @param {Ringing[]} ringing @returns {SVGElement[]} */
  ringMarks(ringing) {
    const shown = ringing.filter(({ area, kind }) => area >= 0 && priorityOf(this.day, kind) < LEAST).slice(0, MOST_RINGS);
    this.land.forEach((one, place) => one.setAttribute("data-ringing", String(shown.some(({ area }) => area === place))));
    return shown.map(({ area }) => {
      const [x, y] = this.day.areas[area]?.at ?? [0, 0];
      return shape("circle", { cx: x, cy: y, r: 34, class: "ring" });
    });
  }

  /** @param {Ringing[]} ringing @param {number} second */
  list(ringing, second) {
    const { day } = this, told = ringing.slice(0, MOST_LISTED).map(({ kind, category, area, agency, since }) => {
      const line = this.page.createElement("li"), what = this.page.createElement("b");
      what.textContent = day.kinds[kind] ?? "";
      const about = [day.categories[category], day.areas[area]?.name].filter(Boolean).join(", ") || day.agencies[agency] || "";
      line.append(what, ` ${about} +${this.number.format(Math.floor((second - since) / 60))} ${day.words["minutes"] ?? ""}`);
      return line;
    });
    if (ringing.length > MOST_LISTED) told.push(Object.assign(this.page.createElement("li"), { textContent: `+${this.number.format(ringing.length - MOST_LISTED)}` }));
    this.find("#alarms").replaceChildren(...told);
    this.find("#ringing").textContent = this.number.format(ringing.length);
  }

  /** Run on from here at the chosen speed until the day is over, or stand. */
  toggle() {
    const button = this.find("#play");
    if (this.playing !== null) {
      cancelAnimationFrame(this.playing);
      this.playing = null;
    } else {
      let before = performance.now(), exact = Number(this.range.value);
      if (exact >= this.day.last) exact = 0;
      const step = (/** @type {number} */ time) => {
        exact = Math.min(this.day.seconds - 1, exact + ((time - before) / 1000) * Number(/** @type {HTMLSelectElement} */ (this.find("#speed")).value));
        before = time;
        this.show(Math.floor(exact));
        if (exact >= this.day.last) this.toggle();
        else this.playing = requestAnimationFrame(step);
      };
      this.playing = requestAnimationFrame(step);
    }
    button.textContent = this.day.words[this.playing === null ? "play" : "stop"] ?? "";
  }

  begin() {
    this.range.addEventListener("input", () => this.show(Number(this.range.value)));
    this.find("#play").addEventListener("click", () => this.toggle());
    this.find("#next").addEventListener("click", () => this.show(ringsOf(this.day).find((at) => at > Number(this.range.value)) ?? this.day.last));
    this.show(Math.min(this.day.last, Math.floor(this.day.seconds / 2)));
  }
}

if (typeof document !== "undefined") {
  const data = document.querySelector("#day");
  if (data !== null) new DayPage(document, /** @type {Day} */ (JSON.parse(data.textContent ?? ""))).begin();
}
