/**
 * Handover of the shift: what is open goes with a note to a name, and whoever takes over confirms it.
 */
import { alarmLate, alarmWhat, alarmWhere } from "../../ui/alarms.js";
import { element, find, mark, show, write } from "../../ui/dom.js";
import { clearFaults, refuseForm } from "../dialogs.js";
import { nameOf } from "../guests.js";

/** @typedef {import("../../feed/messages.js").Alarm} Alarm */
/** @typedef {import("../phrases.js").QueueRoom} QueueRoom */
/** @typedef {import("../commands.js").Reply} Reply */

/** @typedef {{since: string | null, received: number, forwarded: number, finished: number, rang: number, untaken: number, holds: number, shelved: number}} Course */
/** @typedef {{by: string, at: string, note?: string | null, to?: string | null}} Offer */
/** @typedef {{state: "none" | "offered" | "confirmed", since?: string | null, on_duty?: string | null, offered?: Offer | null, alarms?: Alarm[], counts?: Record<string, number>, course?: Course, names?: Record<string, string>, colleagues?: {actor: string, name: string}[]}} Shift as the room tells it */
/** @typedef {{getJson: (url: string) => Promise<unknown>, post: (url: string, body: unknown) => Promise<Reply>, newId: () => string, say: (words: string) => void, look: () => import("./queue.js").Look, drafts: import("../../ui/user.js").Drafts}} Edge */

const DRAFT = "handover";
/** What stands until the room has told. @type {Shift} */
const ASKING = { state: "none" };

/** All are on the page that the dialog leads to. */
const MOST_ALARMS = 6;

/** @param {Document} page @param {QueueRoom} room @param {Edge} edge @returns {() => Promise<void>} opens the dialog */
export function mountHandover(page, room, edge) {
  const dialog = /** @type {HTMLDialogElement} */ (find(page, 'dialog[data-dialog="handover"]'));
  const form = /** @type {HTMLFormElement} */ (find(dialog, "form"));
  const note = /** @type {HTMLTextAreaElement} */ (find(dialog, "textarea"));
  note.addEventListener("input", () => edge.drafts.keep(DRAFT, note.value));
  takeEnter(dialog);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { submitter } = /** @type {SubmitEvent} */ (event);
    if (form.dataset.command !== "sending") void send(dialog, submitter?.getAttribute("value") === "confirm", room, edge);
  });
  return async () => {
    // The key pressed twice: what is being filled in stays.
    if (dialog.open) return;
    // It stands before the room has answered, so that what is typed meanwhile is the note and no command.
    form.reset();
    clearFaults(form);
    note.value = edge.drafts.of(DRAFT);
    paint(dialog, ASKING, room, edge.look());
    dialog.showModal();
    const shift = /** @type {Shift | null} */ (await edge.getJson("/api/v1/handover").catch(() => null));
    if (!dialog.open) return;
    paint(dialog, shift, room, edge.look());
    const confirm = /** @type {HTMLButtonElement} */ (find(dialog, ".handover-confirm"));
    if (!confirm.disabled && note.value === "") confirm.focus();
  };
}

/** While a browser lists colleagues below the field it keeps Enter to itself, and the shift would go to nobody. @param {HTMLDialogElement} dialog */
function takeEnter(dialog) {
  find(dialog, 'input[name="to"]').addEventListener("keydown", (event) => {
    if (/** @type {KeyboardEvent} */ (event).key !== "Enter") return;
    event.preventDefault();
    /** @type {HTMLElement | null} */ (dialog.querySelector("button.first:not([disabled])"))?.click();
  });
}

/** @param {HTMLDialogElement} dialog @param {boolean} confirms @param {QueueRoom} room @param {Edge} edge */
async function send(dialog, confirms, room, edge) {
  const form = /** @type {HTMLFormElement} */ (find(dialog, "form"));
  const said = Object.fromEntries([...new FormData(form)].map(([key, value]) => [key, String(value)]));
  mark(form, "data-command", "sending");
  const body = { command_id: edge.newId(), ...(confirms ? {} : offerOf(said)) };
  const reply = await edge.post(`/api/v1/room/${confirms ? "confirm_handover" : "handover"}`, body).catch(() => null);
  mark(form, "data-command", "");
  if (reply?.status !== 200) return refuseForm(form, reply, room, edge.say);
  if (!confirms) edge.drafts.forget(DRAFT);
  dialog.close();
  edge.say(room.queue(confirms ? "handover_taken" : "handover_done"));
}

/** @param {Record<string, string>} answer @returns {Record<string, string>} without what was left empty */
function offerOf({ note = "", to = "" }) {
  return { ...(note.trim() ? { note: note.trim() } : {}), ...(to.trim() ? { to: to.trim() } : {}) };
}

/** @param {HTMLElement} dialog @param {Shift | null} shift null: the room does not answer @param {QueueRoom} room @param {import("./queue.js").Look} look */
function paint(dialog, shift, room, look) {
  const { queue, format } = room;
  const counts = shift?.counts ?? {};
  const named = (/** @type {string} */ actor) => nameOf(shift?.names?.[actor] ?? actor);
  const since = Date.parse(shift?.since ?? "");
  const duty = shift?.on_duty && !Number.isNaN(since) ? queue("handover_since", { who: named(shift.on_duty), time: room.moment(since, look.at) }) : "";
  const open = queue("handover_open", { open: format.number(counts.open ?? 0), overdue: format.number(counts.overdue ?? 0), n: format.number(counts.alarms ?? 0) });
  write(find(dialog, ".handover-state"), shift === ASKING ? queue("loading") : shift ? [duty, open].filter(Boolean).join(" · ") : queue("handover_none"));
  write(find(dialog, ".handover-course"), shift?.course ? courseWords(shift.course, room, look.at) : "");
  const offer = shift?.state === "offered" ? (shift.offered ?? null) : null;
  write(find(dialog, ".handover-offer"), offer ? offerWords(offer, named, room, look.at) : "");
  paintButtons(dialog, offer !== null && offer.by !== look.person.actor, shift !== null && shift !== ASKING);
  write(find(dialog, ".handover-confirm"), offer ? queue("handover_confirm", { who: named(offer.by) }) : "");
  paintColleagues(find(dialog, "datalist"), shift?.colleagues ?? [], look.person.actor);
  find(dialog, ".handover-list").replaceChildren(...alarmLines(shift?.alarms ?? [], room, look));
}

/**
 * What Enter does: a shift that is offered is taken; else one is offered. A button that is not
 * shown is off too, for a form is sent by its first one whether it can be seen or not.
 * @param {HTMLElement} dialog @param {boolean} takes @param {boolean} answers
 */
function paintButtons(dialog, takes, answers) {
  const confirm = /** @type {HTMLButtonElement} */ (find(dialog, ".handover-confirm"));
  const send = /** @type {HTMLButtonElement} */ (find(dialog, ".handover-send"));
  show(confirm, takes);
  confirm.disabled = !takes;
  show(send, answers);
  send.disabled = !answers;
  send.classList.toggle("first", !takes);
}

/** @param {HTMLElement} list @param {readonly {actor: string, name: string}[]} colleagues @param {string} own */
function paintColleagues(list, colleagues, own) {
  const others = colleagues.filter(({ actor }) => actor !== own);
  list.replaceChildren(...others.map(({ actor, name }) => Object.assign(document.createElement("option"), { value: actor, label: nameOf(name) })));
}

/** @param {Course} course what happened since the last shift was taken @param {QueueRoom} room @param {number | null} at */
function courseWords({ since, received, forwarded, finished, rang, untaken, holds, shelved }, { queue, format, moment }, at) {
  const numbers = Object.entries({ received, forwarded, finished, rang, untaken, ends: holds + shelved }).map(([name, n]) => [name, format.number(n)]);
  return queue("handover_course", { time: since ? moment(Date.parse(since), at) : "–", ...Object.fromEntries(numbers) });
}

/** @param {Offer} offer @param {(actor: string) => string} named @param {QueueRoom} room @param {number | null} at */
function offerWords({ by, to, note, at: since }, named, { queue, moment }, at) {
  const words = queue(to ? "handover_offered_to" : "handover_offered", { who: named(by), to: named(to ?? ""), time: moment(Date.parse(since), at) });
  return note ? `${words}: ${note}` : words;
}

/** @param {readonly Alarm[]} alarms @param {QueueRoom} room @param {import("./queue.js").Look} look */
function alarmLines(alarms, room, look) {
  const lines = alarms.slice(0, MOST_ALARMS).map((alarm) => {
    const named = { alarm, card: alarm.complaint ? look.cards(alarm.complaint) : null };
    return element("li", "", `P${alarm.priority ?? 3} ${alarmWhat(named, room)}, ${alarmWhere(named, look, room)}, ${alarmLate(named, look, room)}`);
  });
  const more = alarms.length - lines.length;
  return more > 0 ? [...lines, element("li", "", `+${room.format.number(more)}`)] : lines;
}
