/**
 * Entry of the screens page: asks for the list every two seconds and sends what a supervisor commands.
 */
import { createSender, getJson, readAs } from "../../feed/http.js";
import { cityOf } from "../../ui/city.js";
import { find, write } from "../../ui/dom.js";
import { formatIn } from "../../ui/format.js";
import { whoIn } from "../../ui/user.js";
import { languageOf, sayIn } from "../../ui/language.js";
import { ask, mountDialogs } from "../dialogs.js";
import { mountExport, mountSeat, personAt } from "../page.js";
import { commandOf, Rows } from "./list.js";

/** @typedef {import("./list.js").Row} Row */
/** @typedef {import("./list.js").Act} Act */

// Actions of a supervisor: each asks for what it needs and says what came of it.

/** @typedef {{say: import("../../ui/language.js").Say<"screens">, send: import("../../feed/http.js").Send, person: ReturnType<typeof import("../page.js").personAt>, who: import("../../feed/http.js").Who | null, look: () => Promise<void>}} Desk */

const SAID_MS = 4000;
const SETTINGS = /** @type {const} */ (["scene", "look", "tile", "sound"]);

/** @param {Document} page @param {Desk} desk */
function mountActions(page, desk) {
  const { say } = desk;
  const somebody = mountSeat(page, desk);
  find(page, '[data-act="pair"]').addEventListener("click", async () => (await somebody()) && asked(page, desk, "pair", null));
  return {
    /** @param {Row} row @param {Act} act @param {import("./list.js").Rows} rows */
    async give(row, act, rows) {
      if (!(await somebody())) return;
      if (act === "change" || act === "revoke") return asked(page, desk, act, row);
      const fault = await post(desk, `/api/v1/screens/${row.id}/${commandOf(act, row)}`, {});
      rows.tell(row.id, fault === null ? say("asked") : say("failed", { why: fault.why }));
      if (act === "freeze") void desk.look();
      setTimeout(() => rows.tell(row.id, ""), SAID_MS);
    },
  };
}

/** @param {Desk} desk @param {string} path @param {Record<string, unknown>} body @returns {Promise<{why: string, field: string} | null>} */
async function post({ send, say }, path, body) {
  try {
    const answer = await send("POST", path, { command_id: crypto.randomUUID(), ...body });
    if (answer.status === 200) return null;
    return { why: answer.status === 403 ? say("role") : String(answer.body?.message ?? answer.status), field: String(answer.body?.field ?? "") };
  } catch {
    return { why: say("no_answer"), field: "" };
  }
}

/**
 * Asks by a dialog until the command is taken or the dialog is left; a fault is said in it and what was typed stays.
 * @param {Document} page @param {Desk} desk @param {"pair" | "change" | "revoke"} act @param {Row | null} row
 */
async function asked(page, desk, act, row) {
  const { say } = desk;
  const fault = find(page, `dialog[data-dialog="${act}"] .fault`);
  fill(page, act, row);
  write(fault, "");
  for (;;) {
    const given = await ask(page, act, act === "pair" ? {} : { title: say(act === "change" ? "change_title" : "revoke_title", { name: row?.name ?? "" }) });
    if (given === null) return;
    const no = await post(desk, `/api/v1/screens/${row ? `${row.id}/` : ""}${act}`, act === "revoke" ? {} : bodyOf(given, row));
    if (no === null) return desk.look();
    write(fault, no.field === "code" ? say("fault_code") : no.field === "name" ? say("fault_name") : say("fault", { why: no.why }));
  }
}

/** @param {Document} page @param {string} act @param {Row | null} row what stands in the fields at first */
function fill(page, act, row) {
  const form = /** @type {HTMLFormElement} */ (find(page, `dialog[data-dialog="${act}"] form`));
  form.reset();
  const known = { name: row?.name ?? "", place: row?.place ?? "", ...Object.fromEntries(SETTINGS.map((key) => [key, row?.settings?.[key] ?? ""])) };
  for (const [name, value] of Object.entries(known)) {
    const field = /** @type {HTMLInputElement | null} */ (form.elements.namedItem(name));
    if (field) field.value = value;
  }
}

/** @param {Record<string, string>} given @param {Row | null} row settings that have no field here stay */
function bodyOf({ code = "", name = "", place = "", ...rest }, row) {
  const settings = { ...row?.settings, ...Object.fromEntries(SETTINGS.map((key) => [key, rest[key] ?? ""])) };
  return { ...(row ? {} : { code }), name, place, settings };
}

// The page.

const EVERY_MS = 2000;
const TROUBLES = /** @type {const} */ (["dark", "slow", "asleep", "recorded", "new"]);
/** Trouble first, then by name: what needs somebody stands at the top. */
const ORDER = ["dark", "slow", "asleep", "recorded", "new", "ok"];
/** In which the page acts while nobody is logged in. */
const ROLE = "supervisor";

const page = document.documentElement;
const lang = languageOf(document);
const say = sayIn(lang, "screens");
const format = formatIn(lang, cityOf(document, lang));
const room = { say, format, now: () => Date.now() };
const who = whoIn(document);
const person = personAt(sessionStorage, () => crypto.randomUUID());
const send = createSender(who, () => ({ actor: person.read().actor, role: ROLE }));
let heardAt = performance.now();

for (const node of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-say]"))) {
  write(node, say(/** @type {import("./list.js").Word} */ (node.dataset.say)));
}
mountDialogs(document);
const actions = mountActions(document, { say, send, person, who, look });
const screens = new Rows(find(document, ".screens"), room, (row, act) => actions.give(row, act, screens));
const pages = new Rows(find(document, ".pages"), room, (row, act) => actions.give(row, act, pages));

/** @param {{state: string, name?: string}} a @param {{state: string, name?: string}} b */
function compare(a, b) {
  return ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || (a.name ?? "").localeCompare(b.name ?? "", lang);
}

/** @param {import("./list.js").Row[]} rows of screens in use */
function sumOf(rows) {
  const counted = TROUBLES.map((state) => ({ state, n: rows.filter((row) => row.state === state).length })).filter(({ n }) => n > 0);
  const parts = counted.map(({ state, n }) => say("sum_state", { n: format.number(n), state: say(state) }));
  return [say("sum", { n: format.number(rows.length) }), ...parts].join(", ");
}

/** @param {any} list */
function paint({ screens: all, pages: nameless, guests, allowed }) {
  page.dataset.guests = String(guests);
  find(document, '[data-act="pair"]').hidden = !allowed.includes("pair");
  const used = all.filter((/** @type {any} */ row) => row.state !== "revoked").sort(compare);
  const ended = all.filter((/** @type {any} */ row) => row.state === "revoked");
  screens.paint(used);
  pages.paint(nameless);
  write(find(document, ".sum"), sumOf(used));
  find(document, ".none").hidden = used.length > 0;
  find(document, ".unnamed").hidden = nameless.length === 0;
  find(document, ".ended").hidden = ended.length === 0;
  find(document, ".revoked").replaceChildren(...ended.map((/** @type {any} */ row) => {
    const item = document.createElement("li");
    item.dataset.id = row.id;
    item.dataset.state = "revoked";
    write(item, [row.name, row.place, say("since_revoked", { time: `${format.date(Date.parse(row.revoked_at))}, ${format.hour(Date.parse(row.revoked_at))}` })].filter(Boolean).join(", "));
    return item;
  }));
  page.dataset.listed = "true";
}

async function look() {
  try {
    paint(await getJson(readAs("/api/v1/screens", who, ROLE)));
    heardAt = performance.now();
  } catch {
    // The line above says since when; the next look comes by itself.
  }
  const silent = performance.now() - heardAt;
  const lost = find(document, ".lost");
  lost.hidden = silent < 3 * EVERY_MS;
  write(lost, lost.hidden ? "" : say("lost", { span: format.span(silent) }));
}

mountExport(document, who ? null : () => ({ actor: person.read().actor, role: ROLE }), () => ({}));
async function keepLooking() {
  await look();
  setTimeout(keepLooking, EVERY_MS);
}
void keepLooking();
