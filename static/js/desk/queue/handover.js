/**
 * Handing the shift over: what is open goes with a note to a name, and whoever takes over confirms it.
 */
import { element, find, show, write } from "../../views/text.js";
import { ask } from "../desk_dialogs.js";

/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */
/** @typedef {import("../desk_orders.js").Reply} Reply */
/** @typedef {{getJson: (url: string) => Promise<unknown>, post: (url: string, body: unknown) => Promise<Reply>, newId: () => string, say: (words: string) => void, at: () => number | null}} Edge */

/** @param {Document} page @param {QueueRoom} room @param {Edge} edge @returns {() => Promise<void>} opens the dialog, sends what it says */
export function mountHandover(page, room, edge) {
  const dialog = find(page, 'dialog[data-dialog="handover"]');
  return async () => {
    const now = /** @type {any} */ (await edge.getJson("/api/v1/handover").catch(() => null));
    paint(dialog, now, room, edge.at());
    const answer = await ask(page, "handover");
    if (!answer || !now) return;
    const confirms = answer.button === "confirm";
    const body = { command_id: edge.newId(), ...(confirms ? {} : { note: answer.note ?? "", to: answer.to ?? "" }) };
    const reply = await edge.post(`/api/v1/room/${confirms ? "confirm_handover" : "handover"}`, body).catch(() => null);
    const failed = room.queue("save_failed", { why: String(reply?.body?.message ?? reply?.status ?? "") });
    edge.say(reply?.status === 200 || reply?.status === 201 ? room.queue("handover_done") : failed);
  };
}

/** @param {HTMLElement} dialog @param {any} now what the room says of it; null: nothing @param {QueueRoom} room @param {number | null} at */
function paint(dialog, now, room, at) {
  const { queue, format, moment } = room;
  const since = Date.parse(now?.since ?? "");
  const alarms = Array.isArray(now?.alarms) ? now.alarms : [];
  const names = Array.isArray(now?.names) ? now.names.join(", ") : "";
  const words = [Number.isNaN(since) ? "" : queue("handover_since", { time: moment(since, at), names }), queue("handover_open", { n: format.number(alarms.length) })];
  write(find(dialog, ".handover-state"), now ? words.filter(Boolean).join(" · ") : queue("handover_none"));
  const notes = Array.isArray(now?.notes) ? now.notes : [];
  find(dialog, ".handover-list").replaceChildren(...notes.slice(0, 20).map((/** @type {any} */ note) => element("li", "", String(note?.text ?? note))));
  const pending = now?.pending ?? null;
  show(find(dialog, ".handover-confirm"), pending !== null);
  write(find(dialog, ".handover-confirm"), pending ? queue("handover_confirm", { who: String(pending.by ?? pending.actor ?? "") }) : "");
  show(find(dialog, ".handover-send"), now !== null);
}
