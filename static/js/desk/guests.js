/**
 * Names and guests at the desk: what people are called, and what is covered while guests are in the room (CR-81).
 */
import { leftOf } from "../feed/room_notices.js";
import { rolesIn, spell } from "../ui/city.js";
import { find, mark, show, write } from "../ui/dom.js";
import { minutesLeft } from "../ui/format.js";
import { languageOf } from "../ui/language.js";
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

/** How many people a drill plays of each role and agency. */
const PLAYED = [1, 2];

/**
 * What those are called who act without a log-in of their own: whoever plays an agency on this machine, the holder of a
 * link, the staff of a drill. Nobody reads `dpupr:agency`.
 * @param {Readonly<Record<string, string>>} agencies short name by key @param {Readonly<Record<string, string>>} roles in words
 * @returns {Record<string, string>} by key
 */
export function actorNames(agencies, roles) {
  /** @type {[string, string][]} */
  const names = [["latihan-1", roles["duty"] ?? ""]];
  for (const [key, name] of Object.entries(agencies)) {
    const of = (/** @type {string} */ role) => [name, roles[role]].filter(Boolean).join(", ");
    names.push([`link:${key}`, name], [`${key}:agency`, of("agency")], [`${key}:agency_head`, of("agency_head")]);
    for (const n of PLAYED) names.push([`drill-${key}-${n}`, name]);
  }
  for (const [role, word] of Object.entries(roles)) for (const n of PLAYED) names.push([`drill-${role}-${n}`, word]);
  return Object.fromEntries(names);
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
  const city = JSON.parse(find(document, "#city").textContent ?? "{}");
  const shorts = Object.entries(city.agencies ?? {}).map(([key, one]) => [key, /** @type {{short?: string}} */ (one).short ?? spell(key)]);
  addNames(actorNames(Object.fromEntries(shorts), rolesIn(languageOf(document))));
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

/** The same at a desk on which nobody can begin or end it. @param {Document} page @param {boolean} guests are here @param {string} role in words */
export function coverNames(page, guests, role) {
  [here, officer] = [guests, role];
  mark(page.documentElement, "data-guests", String(guests));
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
