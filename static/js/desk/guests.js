/**
 * Names and guests at the desk: what people are called, and what is covered while guests are in the room (CR-81).
 */
import { leftOf } from "../feed/room_notices.js";
import { find, mark, show, write } from "../ui/dom.js";
import { minutesLeft } from "../ui/format.js";
import { RoomCommands } from "./commands.js";

// Names: each is asked for once, when a desk first shows it; until then, and for whoever has no log-in, the key itself stands.

const AT_ONCE = 100;
const LOOK_EVERY_MS = 500;
const AGAIN_MS = 10_000;

/** By key; null while nobody has answered. @type {Map<string, string | null>} */
const known = new Map();
/** @type {Set<string>} */
const wanted = new Set();

/** @param {string} key of a person, or a name already @returns {string} */
export function displayName(key) {
  const name = known.get(key);
  if (name === undefined && key !== "" && key !== "–") {
    known.set(key, null);
    wanted.add(key);
  }
  return name ?? key;
}

/** What some keys are called here, told by the page itself. @param {Readonly<Record<string, string>>} names by key */
export function addNames(names) {
  for (const [key, name] of Object.entries(names)) known.set(key, name);
}

/** @param {{get: (url: string) => Promise<unknown>, changed: () => void}} edge @returns {Promise<boolean>} whether all that is wanted was answered */
export async function fetchNames({ get, changed }) {
  const keys = [...wanted].slice(0, AT_ONCE);
  if (keys.length === 0) return true;
  try {
    const query = new URLSearchParams(keys.map((key) => ["of", key]));
    const { names } = /** @type {{names: Record<string, string>}} */ (await get(`/api/v1/names?${query}`));
    for (const key of keys) {
      wanted.delete(key);
      known.set(key, Object.hasOwn(names, key) ? String(names[key]) : key);
    }
  } catch {
    return false;
  }
  changed();
  return wanted.size === 0;
}

/** @param {Parameters<typeof fetchNames>[0]} edge */
export function keepNames(edge) {
  const look = async () => {
    const answered = await fetchNames(edge);
    setTimeout(look, answered ? LOOK_EVERY_MS : AGAIN_MS);
  };
  setTimeout(look, LOOK_EVERY_MS);
}

// Guests: who works here is called by role, the reporter's data is covered, and a supervisor begins and ends it (CR-81).

/** @typedef {{say: import("../ui/language.js").Say<"ui">, format: import("../ui/format.js").Format}} Room */
/** @typedef {{lines: () => readonly import("../feed/messages.js").Line[], serverNow: () => number | null, may: (name: import("./commands.js").RoomName) => boolean}} Desk may: whether who sits here gives that command */
/** @typedef {{post: (url: string, body: unknown) => Promise<import("./commands.js").Reply>, mono: () => number, newId: () => string, person: () => object, changed: () => void}} Edge */

let here = false;
let officer = "";

/** @param {string} who by key or name @returns {string} whose work it is, by name or, while guests can read it, by role */
export function nameOf(who) {
  return here && who !== "" && who !== "–" ? officer : displayName(who);
}

/** @param {string} name @param {string} role in words @returns {string} who sits here */
export function signedAs(name, role) {
  return here ? role : `${name}, ${role}`;
}

/** @param {Document} page @param {Room} room @param {Desk} desk @param {Edge} edge @returns {() => void} paints what holds now */
export function mountGuests(page, { say, format }, desk, edge) {
  const [line, button] = [find(page, ".guests-mark"), find(page, ".guests-switch")];
  const dialog = /** @type {HTMLDialogElement} */ (find(page, ".guests-ask"));
  const commands = new RoomCommands(edge);
  const left = () => leftOf(desk.lines(), "visit", desk.serverNow());
  officer = say("officer");
  writeQuestion(dialog, say);
  button.addEventListener("click", () => (left() > 0 ? void commands.give("end_visit") : dialog.showModal()));
  dialog.addEventListener("close", () => {
    const welcome = /** @type {HTMLInputElement} */ (find(dialog, "input")).value.trim() || null;
    if (dialog.returnValue === "yes") void commands.give("begin_visit", { welcome });
    dialog.returnValue = "";
    button.focus();
  });
  return () => {
    const rest = left();
    here = rest > 0;
    mark(page.documentElement, "data-guests", String(here));
    show(line, here);
    write(line, here ? say("visit_mark_left", { span: format.span(minutesLeft(rest)) }) : "");
    button.hidden = !desk.may(here ? "end_visit" : "begin_visit");
    const failed = commands.markOf("begin_visit", "end_visit") === "failed";
    write(button, failed ? say("visit_failed") : say(here ? "visit_end" : "visit_begin"));
  };
}

/** @param {HTMLElement} dialog @param {import("../ui/language.js").Say<"ui">} say */
function writeQuestion(dialog, say) {
  const words = /** @type {const} */ ([[".guests-question", "visit_ask"], [".guests-what", "visit_what"], [".guests-welcome", "visit_welcome"], ["[value=yes]", "visit_begin"], ["[value=cancel]", "visit_cancel"]]);
  for (const [place, word] of words) write(find(dialog, place), say(word));
}
