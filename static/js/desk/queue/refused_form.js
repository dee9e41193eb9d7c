/**
 * A form that was not taken stays open, says why in the desk's own words, names the field and goes to it.
 */
import { find, mark, write } from "../../ui/dom.js";

/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */
/** @typedef {import("../desk_orders.js").Reply} Reply */

/** What a server says of itself or of the log-in, by its code. */
const PLAIN = /** @type {const} */ (["unauthorized", "unavailable", "role", "state", "stale"]);

/** @param {HTMLFormElement} form with a `.form-fault` @param {Reply | null} reply null: no answer @param {QueueRoom} room @param {(words: string) => void} say where nobody has the form open any more */
export function refuseForm(form, reply, room, say) {
  const field = String(reply?.body?.field ?? "").split(".").pop();
  const input = field ? /** @type {HTMLElement | null} */ (form.querySelector(`[name="${CSS.escape(field)}"]`)) : null;
  for (const one of form.elements) mark(one, "aria-invalid", String(one === input));
  const words = room.queue("save_failed", { why: whyWords(reply, input, room) });
  write(find(form, ".form-fault"), words);
  if (!form.closest("dialog")?.open) say(words);
  input?.focus();
}

/** @param {HTMLFormElement} form */
export function clearFaults(form) {
  for (const one of form.elements) mark(one, "aria-invalid", "false");
  write(find(form, ".form-fault"), "");
}

/** @param {Reply | null} reply @param {HTMLElement | null} input that it names @param {QueueRoom} room @returns {string} */
function whyWords(reply, input, { queue }) {
  if (!reply) return queue("why_no_answer");
  const code = PLAIN.find((one) => one === reply.body?.code);
  if (code) return queue(`why_${code}`);
  const message = String(reply.body?.message ?? reply.status);
  const name = input?.closest("label")?.querySelector("span")?.textContent ?? "";
  if (!name) return message;
  return queue(message === "is required" ? "why_required" : input?.getAttribute("name") === "to" ? "why_to" : "why_field", { field: name, why: message });
}
