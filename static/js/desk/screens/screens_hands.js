/**
 * What a supervisor does on the page of screens: each order asks for what it needs and says what came of it.
 */
import { ask } from "../desk_dialogs.js";
import { mountSeat } from "../desk_seat.js";
import { find, write } from "../../ui/dom.js";

/** @typedef {import("./screens_rows.js").Row} Row */
/** @typedef {import("./screens_rows.js").Act} Act */
/** @typedef {{say: import("./screens_words.js").ScreensSay, send: import("../../feed/http.js").Send, person: ReturnType<typeof import("../desk_person.js").personAt>, who: import("../../feed/http.js").Who | null, look: () => Promise<void>}} Desk */

const SAID_MS = 4000;
const SETTINGS = /** @type {const} */ (["scene", "look", "tile", "sound"]);

/** @param {Document} page @param {Desk} desk */
export function mountHands(page, desk) {
  const { say } = desk;
  const somebody = mountSeat(page, desk);
  find(page, '[data-act="pair"]').addEventListener("click", async () => (await somebody()) && asked(page, desk, "pair", null));
  return {
    /** @param {Row} row @param {Act} act @param {import("./screens_rows.js").Rows} rows */
    async give(row, act, rows) {
      if (!(await somebody())) return;
      if (act === "change" || act === "revoke") return asked(page, desk, act, row);
      const fault = await order(desk, `/api/v1/screens/${row.id}/${act === "freeze" && row.frozen_s ? "unfreeze" : act}`, {});
      rows.tell(row.id, fault === null ? say("asked") : say("failed", { why: fault.why }));
      if (act === "freeze") void desk.look();
      setTimeout(() => rows.tell(row.id, ""), SAID_MS);
    },
  };
}

/** @param {Desk} desk @param {string} path @param {Record<string, unknown>} body @returns {Promise<{why: string, field: string} | null>} */
async function order({ send, say }, path, body) {
  try {
    const answer = await send("POST", path, { command_id: crypto.randomUUID(), ...body });
    if (answer.status === 200) return null;
    return { why: answer.status === 403 ? say("role") : String(answer.body?.message ?? answer.status), field: String(answer.body?.field ?? "") };
  } catch {
    return { why: say("no_answer"), field: "" };
  }
}

/**
 * Asks by a dialog until the order is taken or the dialog is left; a fault is said in it and what was typed stays.
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
    const no = await order(desk, `/api/v1/screens/${row ? `${row.id}/` : ""}${act}`, act === "revoke" ? {} : bodyOf(given, row));
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
