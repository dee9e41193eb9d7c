/**
 * The list of the people page: its words and a row for each person.
 */
import { element, mark, write } from "../../ui/dom.js";

/** @typedef {import("../../ui/language.js").Say<"people">} PeopleSay */
/** @typedef {Parameters<PeopleSay>[0]} Word */

/** The word for a fault of a field. @param {{field: string, code: string, why: string}} no @returns {Word} */
export function faultWord({ field, code }) {
  if (code === "last_admin") return "fault_last_admin";
  if (field === "login") return code === "field" ? "fault_login_taken" : "fault_login";
  if (field === "as_role") return code === "state" ? "fault_role_provider" : "fault_role";
  if (field === "name") return "fault_name";
  return field === "agency" ? "fault_agency" : "fault";
}

// Rows: one a person, written only where they differ.

/**
 * @typedef {object} Person as the server lists them
 * @property {string} actor @property {string} name @property {string} role @property {string | null} agency
 * @property {"active" | "invited" | "disabled"} state
 * @property {boolean} by_provider
 * @property {string | null} logged_in_at @property {number} sessions @property {string | null} seen_at @property {number} tokens
 * @property {string | null} link_until @property {boolean} second_factor
 * @property {readonly string[]} allowed the commands that the reader could give on them now
 */
/** @typedef {"change" | "reset" | "log_out" | "reset_factor" | "disable" | "enable"} Act */
/** @typedef {{say: PeopleSay, format: import("../../ui/format.js").Format, agency: (key: string | null) => string | null, now: () => number}} Room now: the server's, ms */

const ACTS = /** @type {const} */ (["change", "reset", "log_out", "reset_factor", "disable", "enable"]);

/** @param {Person} person @returns {readonly Act[]} what can be done about them now; of logging out the page asks that there be something to end */
function actsFor({ allowed, sessions, tokens }) {
  return ACTS.filter((act) => allowed.includes(act) && (act !== "log_out" || sessions + tokens > 0));
}

/** @param {Person} person @param {string} asked @param {Room} room @returns {boolean} */
export function fits(person, asked, { say, agency }) {
  const words = [person.actor, person.name, say(/** @type {"duty"} */ (person.role)), agency(person.agency) ?? ""].join(" ").toLowerCase();
  return asked.toLowerCase().split(/\s+/).every((part) => words.includes(part));
}

export class Rows {
  /** @type {Map<string, {item: HTMLElement, paint: (person: Person) => void}>} */
  #known = new Map();

  /** @param {HTMLElement} list @param {Room} room @param {(person: Person, act: Act) => void} hand */
  constructor(list, room, hand) {
    this.list = list;
    this.room = room;
    this.hand = hand;
  }

  /** @param {readonly Person[]} people in their order */
  paint(people) {
    const there = new Set(people.map(({ actor }) => actor));
    for (const [actor, { item }] of this.#known) if (!there.has(actor)) (item.remove(), this.#known.delete(actor));
    people.forEach((person, place) => {
      const { item, paint } = this.#of(person);
      if (this.list.children[place] !== item) this.list.insertBefore(item, this.list.children[place] ?? null);
      paint(person);
    });
  }

  /** @param {string} actor @param {string} words what came of a command */
  tell(actor, words) {
    const said = this.#known.get(actor)?.item.querySelector(".said");
    if (said) write(said, words);
  }

  /** @param {Person} person */
  #of(person) {
    const known = this.#known.get(person.actor) ?? rowOf(person, this.room, this.hand);
    this.#known.set(person.actor, known);
    return known;
  }
}

/** @param {Person} first @param {Room} room @param {(person: Person, act: Act) => void} hand */
function rowOf(first, room, hand) {
  let current = first;
  const { say } = room;
  const [name, login, role, place, state] = [element("h2", "name"), element("p", "login"), element("p", "role"), element("p", "place"), element("p", "state")];
  const [last, where] = [element("dd", ""), element("dd", "")];
  const figure = (/** @type {"last" | "where"} */ key, /** @type {HTMLElement} */ value) => element("dl", `figure-${key}`, element("div", "", element("dt", "", say(key)), value));
  const buttons = ACTS.map((act) => buttonFor(act, say, () => hand(current, act)));
  const said = element("span", "said");
  said.setAttribute("role", "status");
  const acts = element("p", "acts", ...buttons, said);
  const item = element("li", "person", element("div", "who", name, login), element("div", "as", role, place, state), figure("last", last), figure("where", where), acts);
  return { item, paint: (/** @type {Person} */ person) => {
    current = person;
    mark(item, "data-actor", person.actor);
    mark(item, "data-state", person.state);
    const words = wordsOf(person, room);
    for (const [node, text] of /** @type {const} */ ([[name, person.name], [login, person.actor], [role, words.role], [place, words.place], [state, words.state], [last, words.last], [where, words.where]])) write(node, text);
    const open = actsFor(person);
    buttons.forEach((button, index) => (button.hidden = !open.includes(/** @type {Act} */ (ACTS[index]))));
  } };
}

/** @param {Act} act @param {PeopleSay} say @param {() => void} press @returns {HTMLElement} */
function buttonFor(act, say, press) {
  const button = element("button", `act-${act}`, say(act));
  button.setAttribute("type", "button");
  button.addEventListener("click", press);
  return button;
}

/** @param {Person} person @param {Room} room */
function wordsOf(person, { say, format, agency, now }) {
  const span = (/** @type {string | null} */ at) => format.span(Math.abs(now() - Date.parse(at ?? "")));
  const state = person.state === "invited" && person.link_until ? say("invited_until", { span: span(person.link_until) }) : person.state === "active" ? "" : say(person.state);
  const here = person.sessions > 0 ? [say("sessions", { n: format.number(person.sessions), span: span(person.seen_at) })] : [];
  const programs = person.tokens > 0 ? [say("tokens", { n: format.number(person.tokens) })] : [];
  return {
    role: say(/** @type {"duty"} */ (person.role)),
    place: [agency(person.agency) ?? person.agency ?? "", person.by_provider ? say("provider") : "", person.second_factor ? say("second_factor") : ""].filter(Boolean).join(", "),
    state,
    last: person.logged_in_at ? say("ago", { span: span(person.logged_in_at) }) : say("never"),
    where: [...here, ...programs].join(", ") || say("nowhere"),
  };
}
