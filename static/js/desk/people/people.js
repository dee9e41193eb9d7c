/**
 * Entry of the people page: asks for the list every five seconds and sends what an admin commands.
 */
import { createSender, readAs } from "../../feed/http.js";
import { cityOf } from "../../ui/city.js";
import { find, mark, write } from "../../ui/dom.js";
import { formatIn } from "../../ui/format.js";
import { whoIn } from "../../ui/user.js";
import { languageOf, sayIn } from "../../ui/language.js";
import { ask, mountDialogs } from "../dialogs.js";
import { mountExport, mountSeat, personAt } from "../page.js";
import { faultWord, fits, Rows } from "./list.js";

/** @typedef {import("./list.js").Person} Person */
/** @typedef {import("./list.js").Act} Act */

// Actions of an admin: each asks for what it needs, and a fault is said at its field.

/** @typedef {{say: import("../../ui/language.js").Say<"people">, send: import("../../feed/http.js").Send, person: ReturnType<typeof import("../page.js").personAt>, who: import("../../feed/http.js").Who | null, look: () => Promise<void>}} Desk */
/** @typedef {{why: string, field: string, code: string}} No */
/** @typedef {{no: No | null, link: string | null}} Outcome */

const SAID_MS = 4000;

/** @param {Document} page @param {Desk} desk */
function mountActions(page, desk) {
  const { say } = desk;
  const somebody = mountSeat(page, desk);
  mountAgencies(page);
  mountCopy(page, say);
  find(page, '[data-act="add"]').addEventListener("click", async () => (await somebody()) && askChange(page, desk, "add", null));
  return {
    /** @param {Person} person @param {Act} act @param {import("./list.js").Rows} rows */
    async give(person, act, rows) {
      if (!(await somebody())) return;
      if (act !== "enable") return askChange(page, desk, act, person);
      const { no } = await post(desk, pathOf(person, act), {});
      rows.tell(person.actor, no === null ? say("done") : say("failed", { why: no.why }));
      setTimeout(() => rows.tell(person.actor, ""), SAID_MS);
      return desk.look();
    },
  };
}

/** @param {Person | null} person @param {Act | "add"} act */
function pathOf(person, act) {
  return person ? `/api/v1/people/${encodeURIComponent(person.actor)}/${act}` : "/api/v1/people/add";
}

/** @param {Desk} desk @param {string} path @param {Record<string, unknown>} body @returns {Promise<Outcome>} */
async function post({ send, say }, path, body) {
  try {
    const { status, body: answer } = await send("POST", path, { command_id: crypto.randomUUID(), ...body });
    if (status === 200) return { no: null, link: answer?.link ?? null };
    const code = String(answer?.code ?? "");
    return { no: { why: code === "role" ? say("only_admin") : String(answer?.message ?? status), field: String(answer?.field ?? ""), code }, link: null };
  } catch {
    return { no: { why: say("no_answer"), field: "", code: "" }, link: null };
  }
}

/**
 * Asks by a dialog until the command is taken or the dialog is left; what was typed stays, and a link is shown once.
 * @param {Document} page @param {Desk} desk @param {Act | "add"} act @param {Person | null} person
 */
async function askChange(page, desk, act, person) {
  const { say } = desk;
  const title = act === "add" ? null : say(/** @type {"change_title"} */ (`${act}_title`), { name: person?.name ?? "" });
  fill(page, act, person);
  /** @type {No | null} */
  let fault = null;
  for (;;) {
    const answer = ask(page, act, title ? { title } : {});
    tellFault(page, act, fault, say);
    const given = await answer;
    if (given === null) return;
    const { no, link } = await post(desk, pathOf(person, act), bodyOf(act, given));
    fault = no;
    if (no !== null) continue;
    void desk.look();
    if (act === "add" || act === "reset") await showLink(page, say, given.name || (person?.name ?? ""), link);
    return;
  }
}

/** @param {string} act @param {Record<string, string>} given @returns {Record<string, unknown>} an agency only where the role has one */
function bodyOf(act, { login = "", name = "", as_role: role = "", agency = "" }) {
  if (act !== "add" && act !== "change") return {};
  return { ...(act === "add" ? { login } : {}), name, as_role: role, agency: agency || null };
}

/** @param {Document} page @param {string} act @param {Person | null} person what stands in the fields at first */
function fill(page, act, person) {
  const form = /** @type {HTMLFormElement} */ (find(page, `dialog[data-dialog="${act}"] form`));
  form.reset();
  for (const [name, value] of Object.entries({ name: person?.name, as_role: person?.role, agency: person?.agency })) {
    const field = /** @type {HTMLInputElement | null} */ (form.elements.namedItem(name));
    if (field && value) field.value = value;
  }
  if (form.elements.namedItem("as_role")) showAgency(form);
}

/** @param {Document} page @param {string} act @param {No | null} no null: none yet @param {Desk["say"]} say */
function tellFault(page, act, no, say) {
  const dialog = find(page, `dialog[data-dialog="${act}"]`);
  const at = no && no.field ? dialog.querySelector(`.fault-of[data-field="${CSS.escape(no.field)}"]`) : null;
  const words = no === null ? "" : say(faultWord(no), { why: no.why });
  write(find(dialog, ".fault"), at ? "" : words);
  for (const node of dialog.querySelectorAll(".fault-of")) {
    const field = dialog.querySelector(`[name="${/** @type {HTMLElement} */ (node).dataset.field}"]`);
    write(node, node === at ? words : "");
    if (field) mark(field, "aria-invalid", String(node === at));
    if (field && node === at) /** @type {HTMLElement} */ (field).focus();
  }
}

/** @param {Document} page @param {Desk["say"]} say @param {string} name @param {string | null} link its path; null when the answer to the first try was lost */
async function showLink(page, say, name, link) {
  const field = /** @type {HTMLInputElement} */ (find(page, 'dialog[data-dialog="link"] [name="link"]'));
  field.value = link ? new URL(link, location.origin).href : say("link_lost");
  write(find(page, ".copied"), "");
  const closed = ask(page, "link", { title: say("link_title", { name }) });
  field.select();
  await closed;
  field.value = "";
}

/** @param {Document} page @param {Desk["say"]} say */
function mountCopy(page, say) {
  find(page, '[data-act="copy"]').addEventListener("click", async () => {
    const field = /** @type {HTMLInputElement} */ (find(page, 'dialog[data-dialog="link"] [name="link"]'));
    field.select();
    // Without https a browser has no clipboard for scripts.
    const done = await navigator.clipboard?.writeText(field.value).then(() => true, () => false);
    write(find(page, ".copied"), say(done ? "copied" : "not_copied"));
  });
}

/** @param {Document} page */
function mountAgencies(page) {
  for (const select of page.querySelectorAll('dialog [name="as_role"]')) {
    const form = /** @type {HTMLFormElement} */ (select.closest("form"));
    select.addEventListener("change", () => showAgency(form));
  }
}

/** @param {HTMLFormElement} form an agency is asked for where the role has one */
function showAgency(form) {
  const [role, agency] = ["as_role", "agency"].map((name) => /** @type {HTMLSelectElement} */ (form.elements.namedItem(name)));
  const has = role?.selectedOptions[0]?.dataset.ofAgency !== undefined;
  find(form, ".of-agency").hidden = !has;
  // What is disabled is not sent.
  if (agency) agency.disabled = !has;
}

// The page.

const EVERY_MS = 5000;
const UNCOVERED_MS = 60_000;
/** In which the page acts while nobody is logged in. */
const ROLE = "admin";
/** Who can log in first. */
const ORDER = ["active", "invited", "disabled"];

const page = document.documentElement;
const lang = languageOf(document);
const say = sayIn(lang, "people");
const city = cityOf(document, lang);
const format = formatIn(lang, city);
const who = whoIn(document);
const person = personAt(sessionStorage, () => crypto.randomUUID());
const send = createSender(who, () => ({ actor: person.read().actor, role: ROLE }));
let heardAt = performance.now();
let uncoveredAt = -Infinity;
/** @type {{people: Person[], guests: boolean, now: string} | null} */
let list = null;

for (const node of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-say]"))) {
  write(node, say(/** @type {import("./list.js").Word} */ (node.dataset.say)));
}
mountDialogs(document);
const actions = mountActions(document, { say, send, person, who, look });
const room = { say, format, agency: city.agency, now: () => Date.parse(list?.now ?? "") + (performance.now() - heardAt) };
const rows = new Rows(find(document, ".people"), room, (one, act) => void actions.give(one, act, rows));
const searchField = /** @type {HTMLInputElement} */ (find(document, '[name="find"]'));

function paint() {
  if (list === null) return;
  page.dataset.guests = String(list.guests);
  const covered = list.guests && performance.now() - uncoveredAt > UNCOVERED_MS;
  const found = list.people.filter((one) => fits(one, searchField.value.trim(), room));
  found.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.name.localeCompare(b.name, lang));
  rows.paint(covered ? [] : found);
  find(document, ".covered").hidden = !covered;
  const none = find(document, ".none");
  none.hidden = covered || found.length > 0;
  write(none, say(list.people.length > 0 ? "none_found" : "none"));
  write(find(document, ".sum"), sumOf(list.people));
  page.dataset.listed = "true";
}

/** @param {readonly Person[]} people */
function sumOf(people) {
  const n = (/** @type {Person["state"]} */ state) => people.filter((one) => one.state === state).length;
  const parts = /** @type {const} */ (["invited", "disabled"]).filter((state) => n(state) > 0);
  return [say("sum", { n: format.number(people.length) }), ...parts.map((state) => say(`sum_${state}`, { n: format.number(n(state)) }))].join(", ");
}

async function look() {
  try {
    const { status, body } = await send("GET", readAs("/api/v1/people", who, ROLE));
    if (status === 401 || status === 403) location.reload();
    if (status !== 200) throw new Error(String(status));
    list = body;
    heardAt = performance.now();
    paint();
  } catch {
    // The line above says since when; the next look comes by itself.
  }
  const silent = performance.now() - heardAt;
  const lost = find(document, ".lost");
  lost.hidden = silent < 3 * EVERY_MS;
  write(lost, lost.hidden ? "" : say("lost", { span: format.span(silent) }));
}

searchField.addEventListener("input", paint);
mountExport(document, who ? null : () => ({ actor: person.read().actor, role: ROLE }), () => ({ find: searchField.value.trim() }));
find(document, '[data-act="uncover"]').addEventListener("click", () => {
  uncoveredAt = performance.now();
  paint();
});
async function keepLooking() {
  await look();
  setTimeout(keepLooking, EVERY_MS);
}
void keepLooking();
