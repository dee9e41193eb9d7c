/**
 * What a supervisor does on the outbox's page: each order asks for what it needs and says what came of it.
 */
import { ask } from "../desk_dialogs.js";
import { mountSeat } from "../desk_seat.js";
import { element, find, mark, write } from "../../ui/dom.js";
import { handsOf, momentOf } from "../../feed/clock.js";

/** @typedef {import("./outbox_rows.js").Row} Row */
/** @typedef {{say: import("./outbox_words.js").OutboxSay, send: import("../../feed/http.js").Send, person: ReturnType<typeof import("../desk_person.js").personAt>, who: import("../../feed/http.js").Who | null, look: () => Promise<void>, now: () => number, zone: string, format: import("../../ui/format.js").Format}} Desk now: room time, ms */

const HOUR = 3_600_000;
/** How long somebody may know of it: at most seven days. */
const LONGEST = 7 * 24 * HOUR;
const SPANS = /** @type {const} */ ([["hours", 2], ["hours", 8], ["tomorrow", 24], ["days", 72], ["days", 168]]);

/** @param {Document} page @param {Desk} desk */
export function mountHands(page, desk) {
  const { say } = desk;
  const somebody = mountSeat(page, desk);
  mountSpans(page, desk);
  find(page, '[data-act="release"]').addEventListener("click", async () => (await somebody()) && asked(page, desk, "release", null));
  return {
    /** @param {Row} row @param {import("./outbox_rows.js").Act} act @param {import("./outbox_rows.js").Rows} rows */
    async give(row, act, rows) {
      if (!(await somebody())) return;
      if (act === "know") return asked(page, desk, "know", row);
      const no = await order(desk, `/api/v1/outbox/${row.id}/resend`, {});
      rows.tell(row.id, no === null ? say("asked") : say("failed", { why: no }));
      await desk.look();
    },
  };
}

/** The usual spans, each a button that fills in its moment. @param {Document} page @param {Desk} desk */
function mountSpans(page, desk) {
  const { say, now } = desk;
  find(page, ".spans").replaceChildren(...SPANS.map(([word, hours]) => {
    const button = element("button", "", say(word, { n: word === "days" ? hours / 24 : hours }));
    mark(button, "type", "button");
    button.addEventListener("click", () => setUntil(page, desk, now() + hours * HOUR));
    return button;
  }));
  untilIn(page).addEventListener("input", () => sayUntil(page, desk));
}

/** @param {Document} page @returns {HTMLInputElement} */
function untilIn(page) {
  return /** @type {HTMLInputElement} */ (/** @type {unknown} */ (find(page, '[name="until"]')));
}

/** @param {Document} page @param {Desk} desk */
function fillUntil(page, desk) {
  const { now, zone } = desk;
  const until = untilIn(page);
  until.min = handsOf(now(), zone);
  until.max = handsOf(now() + LONGEST, zone);
  setUntil(page, desk, now() + SPANS[0][1] * HOUR);
}

/** @param {Document} page @param {Desk} desk @param {number} ms */
function setUntil(page, desk, ms) {
  untilIn(page).value = handsOf(ms, desk.zone);
  sayUntil(page, desk);
}

/** In words beside the field, whose order of day and month is the browser's. @param {Document} page @param {Desk} desk */
function sayUntil(page, { zone, format }) {
  const ms = momentOf(untilIn(page).value, zone);
  write(find(page, ".until-words"), Number.isNaN(ms) ? "" : `${format.date(ms)}, ${format.hour(ms)}`);
}

/** @param {Desk} desk @param {string} path @param {Record<string, unknown>} body @returns {Promise<string | null>} why not */
async function order({ send, say }, path, body) {
  try {
    const answer = await send("POST", path, { command_id: crypto.randomUUID(), ...body });
    if (answer.status === 200) return null;
    return answer.status === 403 ? say("role") : String(answer.body?.message ?? answer.status);
  } catch {
    return say("no_answer");
  }
}

/**
 * Asks by a dialog until the order is taken or the dialog is left; a fault is said in it and what was typed stays.
 * @param {Document} page @param {Desk} desk @param {"know" | "release"} act @param {Row | null} row
 */
async function asked(page, desk, act, row) {
  const { say, zone } = desk;
  const fault = find(page, `dialog[data-dialog="${act}"] .fault`);
  write(fault, "");
  if (row) fillUntil(page, desk);
  for (;;) {
    const given = await ask(page, act, row ? { title: say("know_title", { name: row.name, number: row.number ?? row.to }) } : {});
    if (given === null) return;
    const until = row ? new Date(momentOf(given.until ?? "", zone)).toISOString() : "";
    const no = await order(desk, `/api/v1/outbox/${row ? `${row.id}/` : ""}${act}`, row ? { reason: given.reason, until } : {});
    if (no === null) return desk.look();
    write(fault, say("fault", { why: no }));
  }
}
