/**
 * The list of the page of sources: which of them need somebody, in which order they stand, and a row for each.
 */
import { arrange, element, elementWith, mark, write } from "../../ui/dom.js";

/** @typedef {import("../../ui/language.js").Say<"sources">} SourcesSay */
/** @typedef {Parameters<SourcesSay>[0]} Word */
/**
 * @typedef {object} Source as the server lists it
 * @property {string} id @property {string} name @property {"ok" | "late" | "lost" | "paused"} state
 * @property {number | null} every_s @property {number | null} learned_s @property {string | null} heard_at @property {string | null} paused_at
 * @property {readonly number[]} hours reports by the hour, oldest first @property {number} per_hour @property {number | null} lag_s
 * @property {number} rejected in 24 hours @property {number} unsigned requests to its hook in 24 hours that did not prove to come from it @property {number} empty payloads of its hook in 24 hours in which nothing could be a report @property {number} open in quarantine @property {string | null} fault @property {string | null} fault_at @property {boolean} [partly] read, but for a part of it
 * @property {readonly {days: number, old: boolean, ends_at: string | null}[]} keys the current one last
 */
/** @typedef {{say: SourcesSay, format: import("../../ui/format.js").Format, now: () => number}} Room now: the server's, ms */

const SECOND = 1000;

/** @param {Source} source @returns {boolean} whether it is late or lost */
export function isSilent({ state }) {
  return state === "late" || state === "lost";
}

/** @param {Source} source @returns {boolean} whether somebody has to look after it */
export function needsSomebody(source) {
  return isSilent(source) || source.state === "paused" || source.open > 0 || source.fault !== null || source.keys.some(({ old, ends_at: ends }) => old && ends === null);
}

/** @param {Source} source @returns {number} reports in 24 hours */
export function dayOf({ hours }) {
  return hours.reduce((sum, n) => sum + n, 0);
}

/** @param {readonly Source[]} sources @returns {Source[]} those that need somebody first, then by how much comes of them */
export function ordered(sources) {
  return [...sources].sort((a, b) => Number(needsSomebody(b)) - Number(needsSomebody(a)) || dayOf(b) - dayOf(a) || a.name.localeCompare(b.name));
}

/** @param {Source} source @returns {"silent" | "rejecting" | "alive" | "busy" | "some"} how its square is filled */
export function squareOf(source) {
  if (isSilent(source) || source.state === "paused") return "silent";
  if (source.open > 0) return "rejecting";
  if (dayOf(source) === 0) return "alive";
  return source.per_hour > 1 ? "busy" : "some";
}

/** @param {Source} source @param {Room} room @returns {string} what stands beside its name */
export function noteOf(source, { say, format }) {
  const usual = source.every_s ?? source.learned_s;
  const span = usual === null ? "" : format.span(usual * SECOND);
  if (source.state === "paused") return say("note_paused", { time: format.hour(Date.parse(source.paused_at ?? "")) });
  if (source.fault && source.partly) return say("note_partly", { time: format.hour(Date.parse(source.fault_at ?? "")), why: source.fault });
  if (source.fault) return say("note_fault", { time: format.hour(Date.parse(source.fault_at ?? "")) });
  if (isSilent(source)) return source.heard_at ? say("note_silent", { time: format.hour(Date.parse(source.heard_at)), span }) : say("note_never", { span });
  if (source.unsigned > 0) return say("note_unsigned", { n: format.number(source.unsigned) });
  if (source.empty > 0) return say("note_empty", { n: format.number(source.empty) });
  if (source.every_s !== null) return say("note_given", { span });
  return source.learned_s === null ? "" : say("note_learned", { span });
}

/** @param {Source} source @param {Room} room @returns {string} */
function keyWords({ keys }, { say, format }) {
  const current = keys.at(-1);
  return current ? format.span(current.days * 24 * 3600 * SECOND) : say("no_key");
}

/** @param {readonly number[]} hours @returns {HTMLElement} a bar an hour, as high as its share of the highest */
function barsOf(hours) {
  const box = elementWith("span", "bars", { "aria-hidden": "true" });
  const most = Math.max(1, ...hours);
  box.append(...hours.map((n) => {
    const bar = element("i", n === 0 ? "zero" : "");
    bar.style.height = `${n === 0 ? 2 : Math.max(8, Math.round((100 * n) / most))}%`;
    return bar;
  }));
  return box;
}

/** The table: a row a source, in two groups, written only where they differ. */
export class Rows {
  /** @type {Map<string, {row: HTMLElement, paint: (source: Source, chosen: boolean) => void}>} */
  #known = new Map();

  /** @param {HTMLElement} attention @param {HTMLElement} others @param {Room} room @param {(id: string) => void} choose */
  constructor(attention, others, room, choose) {
    this.groups = [attention, others];
    this.room = room;
    this.choose = choose;
    this.heads = this.groups.map(() => {
      const cell = elementWith("th", "group", { colspan: "7", scope: "rowgroup" });
      return element("tr", "group-row", cell);
    });
  }

  /** @param {readonly Source[]} sources in their order @param {string | null} chosen */
  paint(sources, chosen) {
    const [first, second] = [sources.filter(needsSomebody), sources.filter((one) => !needsSomebody(one))];
    for (const [n, some] of [first, second].entries()) {
      const head = /** @type {HTMLElement} */ (this.heads[n]);
      write(/** @type {HTMLElement} */ (head.firstElementChild), this.room.say(n === 0 ? "group_attention" : "group_others", { n: this.room.format.number(some.length) }));
      const rows = some.map((source) => {
        const known = this.#of(source);
        known.paint(source, source.id === chosen);
        return known.row;
      });
      arrange(/** @type {HTMLElement} */ (this.groups[n]), some.length > 0 ? [head, ...rows] : []);
    }
  }

  /** @param {Source} source */
  #of(source) {
    const known = this.#known.get(source.id) ?? rowOf(source.id, this.room, this.choose);
    this.#known.set(source.id, known);
    return known;
  }
}

/** @param {string} id @param {Room} room @param {(id: string) => void} choose */
function rowOf(id, room, choose) {
  const { say, format } = room;
  const name = elementWith("button", "name", { type: "button" });
  const note = element("span", "note");
  const [heard, day, hour, lag, rejected, key] = ["heard", "day", "hour", "lag", "rejected", "key"].map((one) => element("td", one));
  const row = element("tr", "source", elementWith("th", "who", { scope: "row" }, name, " ", note), ...[heard, day, hour, lag, rejected, key].map((one) => /** @type {HTMLElement} */ (one)));
  row.addEventListener("click", () => choose(id));
  let shown = "";
  return { row, paint: (/** @type {Source} */ source, /** @type {boolean} */ chosen) => {
    mark(row, "data-id", id);
    mark(row, "data-state", source.state);
    mark(row, "data-open", String(source.open > 0));
    mark(name, "aria-pressed", String(chosen));
    mark(/** @type {HTMLElement} */ (key), "data-old", String(source.keys.at(-1)?.old ?? false));
    const since = source.heard_at === null ? say("never") : format.span(room.now() - Date.parse(source.heard_at));
    const words = [source.name, noteOf(source, room), since, format.number(source.per_hour), source.lag_s === null ? "–" : format.span(source.lag_s * SECOND), format.number(source.open), keyWords(source, room)];
    [name, note, heard, hour, lag, rejected, key].forEach((node, place) => write(/** @type {HTMLElement} */ (node), words[place] ?? ""));
    if (shown === source.hours.join()) return;
    shown = source.hours.join();
    /** @type {HTMLElement} */ (day).replaceChildren(barsOf(source.hours), element("span", "unseen", say("day_sum", { n: format.number(dayOf(source)) })));
  } };
}
