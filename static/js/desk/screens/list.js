/**
 * The list of the screens page: its words and a row for each screen.
 */
import { element, mark, write } from "../../ui/dom.js";
import { minutesLeft } from "../../ui/format.js";
import { fill } from "../../ui/words.js";
import { sceneNamed } from "../dialogs.js";

// Words, Indonesian first.

/** @typedef {keyof typeof ID} Word */
/** @typedef {(key: Word, values?: Record<string, string | number>) => string} ScreensSay */

const ID = {
  title: "Layar", drill: "LATIHAN, bukan kejadian nyata", pair: "Pasangkan layar", none: "Belum ada layar. Buka /wall di layar baru, lalu Pasangkan layar dengan kode yang tampil di sana.",
  unnamed: "Halaman tanpa nama", unnamed_why: "Terbuka di mesin server sendiri. Tidak menjadi alarm bila hilang.", ended: "Dicabut",
  sum: "{n} layar", sum_state: "{n} {state}", lost: "Server tidak menjawab sejak {span}. Daftar di bawah ini sudah lama.",
  ok: "baik", slow: "lambat", dark: "gelap", asleep: "tersembunyi", new: "belum terlihat", revoked: "dicabut",
  heard: "Terdengar", painted: "Terlukis", ago: "{span} lalu", never: "belum pernah", position: "Posisi", behind: "tertinggal {n}", level: "terkini",
  lag: "Jeda lukis", sound: "Suara", size: "Ukuran", version: "Versi", heap: "Memori", scene_now: "Adegan", since_revoked: "dicabut {time}",
  sound_off: "tidak diminta", sound_running: "menyala", sound_speaks: "menyala, berbicara", sound_suspended: "SUARA MATI",
  sound_interrupted: "SUARA MATI", sound_closed: "SUARA MATI", no_picture: "tanpa gambar", picture_of: "Yang tampak di {name}, {span} lalu",
  identify: "Kenali", reload: "Muat ulang", picture: "Gambar baru", change: "Atur", revoke: "Cabut",
  freeze: "Bekukan kedip", unfreeze: "Lepas kedip", frozen: "kedip beku {span}, data tetap berjalan",
  asked: "diminta", failed: "gagal: {why}", no_answer: "server tidak menjawab", role: "hanya kepala regu atau admin",
  code: "Kode pada layar", name: "Nama", place: "Tempat", shows: "Yang ditampilkan", scene: "Adegan", look: "Peta", tile: "Bagian dinding",
  speaks: "Bersuara", yes: "ya", no: "tidak", save: "Simpan", cancel: "Batal", confirm: "Lanjut",
  scene_all: "bergantian", scene_map: "peta", scene_board: "papan", scene_overdue: "terlambat", scene_agencies: "OPD", scene_trend: "tren", scene_visit: "kunjungan", scene_alarms: "meja alarm", scene_desk: "meja jaga",
  look_itself: "menurut ruang", look_districts: "per kecamatan", look_incidents: "setiap laporan",
  change_title: "Atur {name}", revoke_title: "Cabut {name}?",
  revoke_why: "Layar ini kehilangan kuncinya dalam 2 detik dan harus dipasangkan lagi.",
  person_first: "Siapa yang bertugas?", your_name: "Nama Anda", as_supervisor: "Layar diatur oleh kepala regu.", sitting: "{actor}, kepala regu",
  fault_code: "Tidak ada layar yang menunggu dengan kode itu.", fault_name: "Nama itu sudah dipakai layar lain.", fault: "Gagal: {why}",
};

/** @type {Record<Word, string>} */
const EN = {
  title: "Screens", drill: "DRILL, not a real event", pair: "Pair a screen", none: "No screen yet. Open /wall on the new screen, then Pair a screen with the code that it shows.",
  unnamed: "Pages without a name", unnamed_why: "Open on the server’s own machine. No alarm when they go.", ended: "Revoked",
  sum: "{n} {n|screen|screens}", sum_state: "{n} {state}", lost: "The server has not answered for {span}. The list below is old.",
  ok: "good", slow: "slow", dark: "dark", asleep: "hidden", new: "not seen yet", revoked: "revoked",
  heard: "Heard", painted: "Painted", ago: "{span} ago", never: "never", position: "Position", behind: "{n} behind", level: "current",
  lag: "Paint lag", sound: "Sound", size: "Size", version: "Version", heap: "Memory", scene_now: "Scene", since_revoked: "revoked {time}",
  sound_off: "not asked for", sound_running: "on", sound_speaks: "on, speaking", sound_suspended: "NO SOUND",
  sound_interrupted: "NO SOUND", sound_closed: "NO SOUND", no_picture: "no picture", picture_of: "What {name} shows, {span} ago",
  identify: "Identify", reload: "Reload", picture: "New picture", change: "Set up", revoke: "Revoke",
  freeze: "Freeze flashing", unfreeze: "Let it flash", frozen: "flashing frozen {span}, data goes on",
  asked: "asked", failed: "failed: {why}", no_answer: "the server does not answer", role: "supervisors and admins only",
  code: "Code on the screen", name: "Name", place: "Place", shows: "What it shows", scene: "Scene", look: "Map", tile: "Part of the wall",
  speaks: "Speaks", yes: "yes", no: "no", save: "Save", cancel: "Cancel", confirm: "Continue",
  scene_all: "in turn", scene_map: "map", scene_board: "board", scene_overdue: "overdue", scene_agencies: "agencies", scene_trend: "trend", scene_visit: "visit", scene_alarms: "alarm desk", scene_desk: "duty desk",
  look_itself: "as there is room", look_districts: "by district", look_incidents: "every complaint",
  change_title: "Set up {name}", revoke_title: "Revoke {name}?",
  revoke_why: "The screen loses its key within 2 seconds and has to be paired again.",
  person_first: "Who is on duty?", your_name: "Your name", as_supervisor: "Screens are set up by a supervisor.", sitting: "{actor}, supervisor",
  fault_code: "No screen waits under that code.", fault_name: "Another screen has that name.", fault: "Failed: {why}",
};

/** @param {string} lang @returns {ScreensSay} */
export function screensSayIn(lang) {
  const words = lang === "en" ? EN : ID;
  return (key, values = {}) => fill(words[key], values);
}

// Rows: one a screen, its figures in the same places, written only where they differ.

/**
 * @typedef {object} Said what a page last said of itself; all null for a screen that was never seen
 * @property {string | null} page
 * @property {number} [heard_s] @property {number | null} [painted_s] @property {number | null} [seq] @property {number | null} [behind]
 * @property {number | null} [lag_ms] @property {string | null} [sound] @property {boolean} [speaks] @property {number} [width] @property {number} [height]
 * @property {string | null} [build] @property {number | null} [heap_mb] @property {string | null} [scene] @property {string | null} [pictured_at]
 */
/** @typedef {{id: string, state: string, name?: string, place?: string | null, settings?: Record<string, string>, revoked_at?: string | null, frozen_s?: number | null} & Said} Row frozen_s: so much longer nothing flashes there */
/** @typedef {{say: ScreensSay, format: import("../../ui/format.js").Format, now: () => number}} Room */
/** @typedef {"identify" | "reload" | "picture" | "freeze" | "change" | "revoke"} Act */
/** @typedef {(row: Row, act: Act) => void} Hand */

const FIGURES = /** @type {const} */ (["heard", "painted", "position", "lag", "sound", "scene_now", "size", "version", "heap"]);

export class Rows {
  /** @type {Map<string, {item: HTMLElement, paint: (row: Row) => void}>} */
  #known = new Map();

  /** @param {HTMLElement} list @param {Room} room @param {{acts: readonly Act[], hand: Hand}} handlers */
  constructor(list, room, { acts, hand }) {
    Object.assign(this, { list, room, acts, hand });
    this.list = list;
    this.room = room;
    this.acts = acts;
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

  /** @param {string} id @param {string} words what came of an order */
  tell(id, words) {
    const said = this.#known.get(id)?.item.querySelector(".said");
    if (said) write(said, words);
  }

  /** @param {Row} row */
  #of(row) {
    const known = this.#known.get(row.id);
    if (known) return known;
    const made = rowOf(row, this.room, this.acts, this.hand);
    this.#known.set(row.id, made);
    return made;
  }
}

/** @param {Row} first @param {Room} room @param {readonly Act[]} acts @param {Hand} hand */
function rowOf(first, room, acts, hand) {
  let current = first;
  const { say } = room;
  const [name, place, state, still] = [element("h2", "name"), element("p", "place"), element("p", "state"), element("p", "still")];
  const figures = FIGURES.map((key) => ({ key, value: element("dd", "") }));
  const list = element("dl", "figures", ...figures.map(({ key, value }) => element("div", `figure figure-${key}`, element("dt", "", say(key)), value)));
  const picture = /** @type {HTMLImageElement} */ (element("img", "picture"));
  const frame = element("div", "frame", picture, element("span", "no-picture", say("no_picture")));
  const buttons = buttonsFor(acts, say, (act) => hand(current, act));
  const item = element("li", "screen", frame, element("div", "what", name, place, state, still), list, buttons);
  return { item, paint: (/** @type {Row} */ row) => {
    current = row;
    mark(item, "data-id", row.id);
    mark(item, "data-state", row.state);
    mark(item, "data-muted", String(isMute(row)));
    write(name, row.name ?? row.id.replace(/^page\//, ""));
    write(place, row.place ?? "");
    write(state, say(/** @type {"ok"} */ (row.state)));
    paintStill(item, still, row, room);
    for (const { key, value } of figures) write(value, figureOf(key, row, room));
    paintPicture(frame, picture, row, room);
  } };
}

/** @param {readonly Act[]} acts @param {Room["say"]} say @param {(act: Act) => void} press */
function buttonsFor(acts, say, press) {
  const buttons = acts.map((act) => {
    const button = element("button", `act-${act}`, say(act));
    button.setAttribute("type", "button");
    button.addEventListener("click", () => press(act));
    return button;
  });
  const said = element("span", "said");
  said.setAttribute("role", "status");
  return element("p", "acts", ...buttons, said);
}

/** For how long its flashing is ordered to stand; what it shows goes on. @param {HTMLElement} item @param {HTMLElement} still @param {Row} row @param {Room} room */
function paintStill(item, still, { frozen_s: left }, { say, format }) {
  mark(item, "data-frozen", String(Boolean(left)));
  write(still, left ? say("frozen", { span: format.span(minutesLeft(left * 1000)) }) : "");
  const button = item.querySelector(".act-freeze");
  if (button) write(button, say(left ? "unfreeze" : "freeze"));
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
  mark(picture, "alt", say("picture_of", { name: row.name ?? row.id, span: format.span(now() - Date.parse(at)) }));
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
    case "version": return row.build || "–";
    case "heap": return number(row.heap_mb, "MB");
  }
}

/** @param {string} scene of a wall, or the desk that the page is @param {ScreensSay} say */
function sceneOf(scene, say) {
  return ["alarms", "desk"].includes(scene) || sceneNamed(document, scene) ? say(/** @type {"scene_map"} */ (`scene_${scene}`)) : scene;
}
