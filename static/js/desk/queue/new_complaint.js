/**
 * The form of a complaint by telephone, WhatsApp or at the counter, by keyboard alone: the fields in the order in which a caller
 * tells them.
 */
import { element, find, mark, write } from "../../ui/dom.js";
import { clearFaults, refuseForm } from "../dialogs.js";
import { fillSelect } from "./list.js";

/** @typedef {import("../phrases.js").QueueRoom} QueueRoom */
/** @typedef {import("../commands.js").Reply} Reply */

/** @typedef {{lists: import("./questions.js").Lists, post: (url: string, body: unknown) => Promise<Reply>, newId: () => string, say: (words: string) => void, saved: (id: string) => void, drafts: import("../../ui/user.js").Drafts}} Edge */

/** @typedef {{id: string, words: string}} Sent the words that were sent under that id */

const DRAFT = "new";
/** @type {Sent} */
const NOTHING = { id: "", words: "" };

/** @param {Record<string, string>} fields as typed @returns {Record<string, unknown>} without what was left empty */
export function complaintOf({ channel, category, description, address, area, priority, name, phone }) {
  const said = Object.entries({ channel, category, description, address, area, priority }).map(([key, words]) => [key, (words ?? "").trim()]);
  const person = Object.fromEntries(Object.entries({ name, phone }).map(([key, words]) => [key, (words ?? "").trim()]).filter(([, words]) => words));
  return { ...Object.fromEntries(said.filter(([, words]) => words)), ...(Object.keys(person).length > 0 ? { person } : {}) };
}

/** @param {Document} page @param {QueueRoom} room @param {Edge} edge @returns {() => void} opens the form */
export function mountNewComplaint(page, room, edge) {
  const made = new NewComplaint(/** @type {HTMLDialogElement} */ (find(page, 'dialog[data-dialog="new"]')), room, edge);
  return () => made.open();
}

class NewComplaint {
  /** One id for the same words: sent twice, they are kept once. */
  #sent = NOTHING;
  #dialog;
  #form;
  #room;
  #edge;

  /** @param {HTMLDialogElement} dialog @param {QueueRoom} room @param {Edge} edge */
  constructor(dialog, room, edge) {
    this.#dialog = dialog;
    this.#form = /** @type {HTMLFormElement} */ (find(dialog, "form"));
    this.#room = room;
    this.#edge = edge;
    fill(dialog, room, edge.lists);
    this.#form.addEventListener("input", () => this.#keep());
    find(dialog, "[data-leave]").addEventListener("click", () => edge.drafts.forget(DRAFT));
    listen(this.#form, () => this.#save());
  }

  open() {
    const draft = this.#edge.drafts.of(DRAFT);
    this.#form.reset();
    clearFaults(this.#form);
    this.#sent = refill(this.#form, draft);
    if (draft) write(find(this.#form, ".form-fault"), this.#room.queue("draft_again"));
    this.#dialog.showModal();
  }

  #keep() {
    this.#edge.drafts.keep(DRAFT, JSON.stringify({ fields: fieldsOf(this.#form), sent: this.#sent }));
  }

  async #save() {
    const complaint = complaintOf(fieldsOf(this.#form));
    const words = JSON.stringify(complaint);
    if (words !== this.#sent.words) this.#sent = { id: this.#edge.newId(), words };
    this.#keep();
    clearFaults(this.#form);
    mark(this.#form, "data-command", "sending");
    const reply = await this.#edge.post("/api/v1/desk/complaints", { command_id: this.#sent.id, ...complaint }).catch(() => null);
    mark(this.#form, "data-command", "");
    if (reply?.status !== 201) return refuseForm(this.#form, reply, this.#room, this.#edge.say);
    this.#edge.drafts.forget(DRAFT);
    this.#dialog.close();
    this.#edge.saved(String(reply.body?.id ?? ""));
  }
}

/** @param {HTMLFormElement} form @returns {Record<string, string>} as typed */
function fieldsOf(form) {
  return Object.fromEntries([...new FormData(form)].map(([key, value]) => [key, String(value)]));
}

/** @param {HTMLFormElement} form @param {string} draft what was typed before it was left by Escape, or by a log-in that ended @returns {Sent} what of it was sent */
function refill(form, draft) {
  const { fields = {}, sent = NOTHING } = /** @type {{fields?: Record<string, string>, sent?: Sent}} */ (JSON.parse(draft || "{}"));
  for (const [name, words] of Object.entries(fields)) {
    const input = /** @type {HTMLInputElement | null} */ (form.querySelector(`[name="${CSS.escape(name)}"]`));
    if (input) input.value = words;
  }
  return sent;
}

/** @param {HTMLFormElement} form @param {() => unknown} save by its button or Ctrl+Enter, one at a time */
function listen(form, save) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.dataset.command !== "sending") save();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit();
  });
}

/** @param {HTMLElement} dialog @param {QueueRoom} room @param {import("./questions.js").Lists} lists */
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
