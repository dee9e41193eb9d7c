/**
 * The list of the screens page: its words and a row for each screen.
 */
import { element, mark, write } from "../../ui/dom.js";
import { minutesLeft } from "../../ui/format.js";
import { sceneNamed } from "../dialogs.js";

/** @typedef {import("../../ui/language.js").Say<"screens">} ScreensSay */
/** @typedef {Parameters<ScreensSay>[0]} Word */

// Rows: one a screen, its figures in the same places, written only where they differ.

/**
 * @typedef {object} Said what a page last said of itself; all null for a screen that was never seen
 * @property {string | null} page
 * @property {string | null} [kind] wall or desk
 * @property {number} [heard_s] @property {number | null} [painted_s] @property {number | null} [seq] @property {number | null} [behind]
 * @property {number | null} [lag_ms] @property {string | null} [sound] @property {boolean} [speaks] @property {number} [width] @property {number} [height]
 * @property {string | null} [build] @property {number | null} [heap_mb] @property {string | null} [scene] @property {string | null} [pictured_at]
 */
/** @typedef {{id: string, state: string, name?: string, place?: string | null, settings?: Record<string, string>, revoked_at?: string | null, frozen_s?: number | null, allowed: readonly string[]} & Said} Row frozen_s: so much longer nothing flashes there; allowed: the commands that the reader could give on it now */
/** @typedef {{say: ScreensSay, format: import("../../ui/format.js").Format, now: () => number}} Room */
/** @typedef {"identify" | "reload" | "picture" | "freeze" | "change" | "revoke"} Act */
/** @typedef {(row: Row, act: Act) => void} Hand */

const ACTS = /** @type {const} */ (["identify", "reload", "picture", "freeze", "change", "revoke"]);

/** @param {Act} act @param {Row} row @returns {string} the command that it gives: what stands still is let go by the same button */
export function commandOf(act, { allowed }) {
  return act === "freeze" && allowed.includes("unfreeze") ? "unfreeze" : act;
}

const FIGURES = /** @type {const} */ (["heard", "painted", "position", "lag", "sound", "scene_now", "size", "version", "heap"]);

export class Rows {
  /** @type {Map<string, {item: HTMLElement, paint: (row: Row) => void}>} */
  #known = new Map();

  /** @param {HTMLElement} list @param {Room} room @param {Hand} hand */
  constructor(list, room, hand) {
    this.list = list;
    this.room = room;
    this.hand = hand;
  }

  /** @param {readonly Row[]} rows in their order */
  paint(rows) {
    const there = new Set(rows.map(({ id }) => id));
    for (const [id, { item }] of this.#known) if (!there.has(id)) (item.remove(), this.#known.delete(id));
    rows.forEach((row, place) => {
      const { item, paint } = this.#of(row);
      if (this.list.children[place] !== item) this.list.insertBefore(item, this.list.children[place] ?? null);
      paint(row);
    });
  }

  /** @param {string} id @param {string} words what came of a command */
  tell(id, words) {
    const said = this.#known.get(id)?.item.querySelector(".said");
    if (said) write(said, words);
  }

  /** @param {Row} row */
  #of(row) {
    const known = this.#known.get(row.id);
    if (known) return known;
    const made = rowOf(row, this.room, this.hand);
    this.#known.set(row.id, made);
    return made;
  }
}

/** @param {Row} first @param {Room} room @param {Hand} hand */
function rowOf(first, room, hand) {
  let current = first;
  const { say } = room;
  const [name, place, state, still] = [element("h2", "name"), element("p", "place"), element("p", "state"), element("p", "still")];
  const figures = FIGURES.map((key) => ({ key, value: element("dd", "") }));
  const list = element("dl", "figures", ...figures.map(({ key, value }) => element("div", `figure figure-${key}`, element("dt", "", say(key)), value)));
  const picture = /** @type {HTMLImageElement} */ (element("img", "picture"));
  const frame = element("div", "frame", picture, element("span", "no-picture", say("no_picture")));
  const buttons = ACTS.map((act) => buttonFor(act, say, () => hand(current, act)));
  const said = element("span", "said");
  said.setAttribute("role", "status");
  const item = element("li", "screen", frame, element("div", "what", name, place, state, still), list, element("p", "acts", ...buttons, said));
  return { item, paint: (/** @type {Row} */ row) => {
    current = row;
    mark(item, "data-id", row.id);
    mark(item, "data-state", row.state);
    mark(item, "data-muted", String(isMute(row)));
    write(name, nameOf(row, say));
    write(place, row.name === undefined ? row.id.replace(/^page\//, "").slice(0, ID_LETTERS) : (row.place ?? ""));
    write(state, say(/** @type {"ok"} */ (row.state)));
    paintStill(item, still, row, room);
    buttons.forEach((button, index) => (button.hidden = !row.allowed.includes(/** @type {Act} */ (ACTS[index]))));
    for (const { key, value } of figures) write(value, figureOf(key, row, room));
    paintPicture(frame, picture, row, room);
  } };
}

/** So many letters of a page's own id tell it from its neighbours. */
const ID_LETTERS = 4;

/** @param {Row} row @param {Room["say"]} say @returns {string} a page that nobody has named is called by what it is */
function nameOf({ name, kind }, say) {
  return name ?? say(kind === "desk" ? "nameless_desk" : "nameless_wall");
}

/** @param {Act} act @param {Room["say"]} say @param {() => void} press @returns {HTMLElement} */
function buttonFor(act, say, press) {
  const button = element("button", `act-${act}`, say(act));
  button.setAttribute("type", "button");
  button.addEventListener("click", press);
  return button;
}

/** For how long its flashing is frozen; what it shows goes on. @param {HTMLElement} item @param {HTMLElement} still @param {Row} row @param {Room} room */
function paintStill(item, still, row, { say, format }) {
  const { frozen_s: left } = row;
  mark(item, "data-frozen", String(Boolean(left)));
  write(still, left ? say("frozen", { span: format.span(minutesLeft(left * 1000)) }) : "");
  const button = item.querySelector(".act-freeze");
  if (button) write(button, say(/** @type {"freeze"} */ (commandOf("freeze", row))));
}

/** @param {Row} row @returns {boolean} whether it should be heard and is not */
function isMute({ sound }) {
  return Boolean(sound) && sound !== "off" && sound !== "running";
}

/** @param {HTMLElement} frame @param {HTMLImageElement} picture @param {Row} row @param {Room} room */
function paintPicture(frame, picture, row, { say, format, now }) {
  const at = row.pictured_at ?? "";
  mark(frame, "data-pictured", String(at !== ""));
  if (at === "") return;
  mark(picture, "src", `/api/v1/screens/${row.page}/picture?at=${encodeURIComponent(at)}`);
  mark(picture, "alt", say("picture_of", { name: nameOf(row, say), span: format.span(now() - Date.parse(at)) }));
}

/** @param {typeof FIGURES[number]} key @param {Row} row @param {Room} room @returns {string} */
function figureOf(key, row, { say, format }) {
  if (row.page === null) return key === "heard" ? say("never") : "–";
  const ago = (/** @type {number | null | undefined} */ s) => (s === null || s === undefined ? "–" : say("ago", { span: format.span(s * 1000) }));
  const number = (/** @type {number | null | undefined} */ n, /** @type {string} */ unit) => (n === null || n === undefined ? "–" : `${format.number(Math.round(n))} ${unit}`);
  switch (key) {
    case "heard": return ago(row.heard_s);
    case "painted": return ago(row.painted_s);
    case "position": return `${format.number(row.seq ?? 0)}, ${row.behind ? say("behind", { n: format.number(row.behind) }) : say("level")}`;
    case "lag": return number(row.lag_ms, "ms");
    case "sound": return say(row.speaks ? "sound_speaks" : /** @type {"sound_off"} */ (`sound_${row.sound ?? "off"}`));
    case "scene_now": return row.scene ? sceneOf(row.scene, say) : "–";
    case "size": return `${row.width} × ${row.height}`;
    case "version": return row.build ? say(row.build === document.documentElement.dataset.build ? "level" : "version_other") : "–";
    case "heap": return number(row.heap_mb, "MB");
  }
}

/** @param {string} scene of a wall, or the desk that the page is @param {ScreensSay} say */
function sceneOf(scene, say) {
  return ["alarms", "desk"].includes(scene) || sceneNamed(document, scene) ? say(/** @type {"scene_map"} */ (`scene_${scene}`)) : scene;
}
