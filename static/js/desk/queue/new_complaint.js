/**
 * A complaint by telephone, WhatsApp or at the counter, by keyboard alone: the fields in the order in which a caller tells them.
 */
import { element, find, mark, show, write } from "../../views/text.js";
import { fillSelect } from "./queue_filters.js";

/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */
/** @typedef {import("../desk_orders.js").Reply} Reply */
/** @typedef {{lists: import("./act_options.js").Lists, post: (url: string, body: unknown) => Promise<Reply>, newId: () => string, saved: (id: string) => void}} Edge */

/** @param {Record<string, string>} fields as typed @returns {Record<string, unknown>} without what was left empty */
export function complaintOf({ channel, category, description, address, area, priority, name, phone }) {
  const said = Object.entries({ channel, category, description, address, area, priority }).map(([key, words]) => [key, (words ?? "").trim()]);
  const person = Object.fromEntries(Object.entries({ name, phone }).map(([key, words]) => [key, (words ?? "").trim()]).filter(([, words]) => words));
  return { ...Object.fromEntries(said.filter(([, words]) => words)), ...(Object.keys(person).length > 0 ? { person } : {}) };
}

/** @param {Document} page @param {QueueRoom} room @param {Edge} edge @returns {() => void} opens the form */
export function mountNewComplaint(page, room, edge) {
  const dialog = /** @type {HTMLDialogElement} */ (find(page, 'dialog[data-dialog="new"]'));
  const form = /** @type {HTMLFormElement} */ (find(dialog, "form"));
  const fault = find(dialog, ".new-fault");
  fill(dialog, room, edge.lists);
  // One id for one filled form: sent twice, it is kept once.
  let id = "";
  listen(form, async () => {
    mark(form, "data-order", "sending");
    write(fault, "");
    const fields = Object.fromEntries([...new FormData(form)].map(([key, value]) => [key, String(value)]));
    const reply = await edge.post("/api/v1/desk/complaints", { command_id: id, ...complaintOf(fields) }).catch(() => null);
    mark(form, "data-order", "");
    if (reply?.status !== 201) return refuse(form, fault, reply, room);
    dialog.close();
    edge.saved(String(reply.body?.id ?? ""));
  });
  return () => {
    id = edge.newId();
    form.reset();
    write(fault, "");
    dialog.showModal();
  };
}

/** @param {HTMLFormElement} form @param {() => unknown} save by its button or Ctrl+Enter, one at a time */
function listen(form, save) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.dataset.order !== "sending") save();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit();
  });
}

/** @param {HTMLFormElement} form @param {HTMLElement} fault @param {Reply | null} reply @param {QueueRoom} room */
function refuse(form, fault, reply, { queue, desk }) {
  const field = String(reply?.body?.field ?? "").split(".").pop();
  const input = field ? /** @type {HTMLElement | null} */ (form.querySelector(`[name="${CSS.escape(field)}"]`)) : null;
  for (const one of form.elements) mark(one, "aria-invalid", String(one === input));
  write(fault, queue("save_failed", { why: reply ? String(reply.body?.message ?? reply.status) : desk("no_answer") }));
  show(fault, true);
  input?.focus();
}

/** @param {HTMLElement} dialog @param {QueueRoom} room @param {import("./act_options.js").Lists} lists */
function fill(dialog, { city, queue }, lists) {
  const byName = (/** @type {{name: string}} */ a, /** @type {{name: string}} */ b) => a.name.localeCompare(b.name);
  const categories = lists.categories.map((key) => ({ key, name: city.category(key) ?? key })).sort(byName);
  fillSelect(/** @type {HTMLSelectElement} */ (find(dialog, '[name="category"]')), [{ key: "", name: queue("category_later") }, ...categories]);
  const area = find(dialog, '[name="area"]');
  const unknown = element("option", "", queue("area_unknown"));
  mark(unknown, "value", "");
  const districts = [...city.districts].sort(byName).map(({ code, name }) => {
    const group = element("optgroup", "");
    mark(group, "label", name);
    fillSelect(/** @type {any} */ (group), lists.areas.filter(({ district }) => district === code).map((one) => ({ key: one.code, name: one.name })).sort(byName));
    return group;
  });
  area.replaceChildren(unknown, ...districts);
}
