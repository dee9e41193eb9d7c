/**
 * What may be done with a complaint now, the button that stands first, and the sheet that asks for words.
 */
import { element, find, mark, show, write } from "../views/text.js";
import { isEnded } from "./agency_list.js";

/** @typedef {import("../wire.js").Card} Card */
/** @typedef {import("./agency_room.js").WorkRoom} WorkRoom */
/** @typedef {"accept" | "start" | "submit_proof" | "validate" | "answer" | "decline" | "ask" | "send_back" | "comment"} Act */

/** In this order; the first of these that is possible is the one that is offered large. */
export const ACTS = /** @type {readonly Act[]} */ (["accept", "answer", "start", "submit_proof", "validate", "send_back", "ask", "decline", "comment"]);
const LARGE = /** @type {readonly Act[]} */ (["accept", "answer", "start", "submit_proof", "validate"]);
/** The field that carries the words; required unless it may stay empty. @type {Readonly<Partial<Record<Act, {field: string, required: boolean}>>>} */
const WORDS = {
  decline: { field: "reason", required: true }, send_back: { field: "reason", required: true }, ask: { field: "text", required: true },
  comment: { field: "text", required: true }, answer: { field: "text", required: false }, submit_proof: { field: "note", required: false },
};
const ASKED = /** @type {readonly Act[]} */ (["decline", "send_back", "ask", "comment", "answer", "submit_proof", "validate"]);
const PRESETS = /** @type {const} */ (["preset_authority", "preset_place", "preset_done", "preset_double"]);

/** Until the room has said what is allowed, what the card alone lets expect. @param {Card} card @returns {Act[]} */
export function expected(card) {
  if (isEnded(card)) return ["comment"];
  if (card.paused) return card.paused === "citizen" ? ["answer", "comment"] : ["comment"];
  if (!card.accepted) return ["accept", "ask", "decline", "comment"];
  if (card.state === "proof_submitted") return ["ask", "comment"];
  return card.state === "accepted" ? ["start", "submit_proof", "ask", "decline", "comment"] : ["submit_proof", "ask", "decline", "comment"];
}

/** @param {Card} card @param {readonly string[] | null} allowed by the room, for this very card @returns {{first: Act | null, rest: Act[]}} */
export function actsOf(card, allowed) {
  const can = allowed === null ? expected(card) : ACTS.filter((name) => allowed.includes(name));
  const first = LARGE.find((name) => can.includes(name)) ?? null;
  // A proof that was sent may be sent anew, and one's own work declined to the end: never as the first thing.
  return { first, rest: can.filter((name) => name !== first) };
}

/**
 * @param {Document} page @param {WorkRoom} room
 * @param {(act: Act, fields: Record<string, string>) => void} send
 * @param {{read: () => string, keep: (name: string) => void} | null} name asked for where nobody is logged in
 */
export function mountActs(page, room, send, name = null) {
  const bar = find(page, ".acts");
  const sheet = mountSheet(page, room, send, name);
  let shown = "";
  mark(bar, "aria-label", room.lang === "en" ? "Actions" : "Tindakan");
  return {
    /** @param {Card} card @param {readonly string[] | null} allowed @param {boolean} busy */
    paint(card, allowed, busy) {
      const { first, rest } = actsOf(card, allowed);
      const key = [first, ...rest].join(" ");
      if (key !== shown) {
        shown = key;
        const focused = /** @type {HTMLElement | null} */ (bar.querySelector(":focus"))?.dataset.act;
        bar.replaceChildren(...[...(first ? [first] : []), ...rest].map((act) => button(act, act === first)));
        if (focused) /** @type {HTMLElement | null} */ (bar.querySelector(`[data-act="${focused}"]`) ?? bar.querySelector("button"))?.focus();
      }
      for (const one of bar.children) mark(one, "aria-disabled", String(busy));
    },
    open: () => sheet.isOpen(),
  };

  /** @param {Act} act @param {boolean} large */
  function button(act, large) {
    const made = element("button", large ? "act first" : "act", room.work(`act_${act}`));
    mark(made, "type", "button");
    mark(made, "data-act", act);
    made.addEventListener("click", () => {
      if (made.getAttribute("aria-disabled") === "true") return;
      if (ASKED.includes(act)) sheet.ask(act);
      else send(act, {});
    });
    return made;
  }
}

/** @param {Document} page @param {WorkRoom} room @param {(act: Act, fields: Record<string, string>) => void} send @param {{read: () => string, keep: (name: string) => void} | null} name */
function mountSheet(page, room, send, name) {
  const dialog = /** @type {HTMLDialogElement} */ (find(page, ".sheet"));
  const text = /** @type {HTMLTextAreaElement} */ (find(dialog, "textarea"));
  const who = /** @type {HTMLInputElement} */ (find(dialog, "input[name=name]"));
  const fault = find(dialog, ".sheet-fault");
  /** @type {Act} */
  let asked = "comment";
  write(find(dialog, ".sheet-leave"), room.work("cancel"));
  write(find(dialog, ".sheet-name-word"), room.work("name_hint"));
  find(dialog, ".sheet-leave").addEventListener("click", () => dialog.close());
  find(dialog, "form").addEventListener("submit", (event) => {
    event.preventDefault();
    const words = WORDS[asked];
    const said = text.value.trim();
    if (words?.required && said === "") {
      write(fault, room.work("required"));
      text.focus();
      return;
    }
    if (name && who.value.trim()) name.keep(who.value.trim());
    dialog.close();
    text.value = "";
    send(asked, words && said !== "" ? { [words.field]: said } : {});
  });
  const presets = find(dialog, ".presets");
  presets.replaceChildren(...PRESETS.map((key) => {
    const made = element("button", "preset", room.work(key));
    mark(made, "type", "button");
    made.addEventListener("click", () => {
      text.value = room.work(key);
      text.focus();
    });
    return made;
  }));
  return {
    isOpen: () => dialog.open,
    /** @param {Act} act */
    ask(act) {
      if (act !== asked) text.value = "";
      asked = act;
      write(fault, "");
      write(find(dialog, ".sheet-title"), room.work(/** @type {any} */ (`ask_${act}`)));
      write(find(dialog, ".sheet-note"), room.work(/** @type {any} */ (act === "ask" && room.stops ? "note_ask_stops" : `note_${act}`)));
      write(find(dialog, ".sheet-word"), room.work(/** @type {any} */ (`word_${act}`)));
      write(find(dialog, ".sheet-send"), act === "decline" || act === "submit_proof" || act === "validate" || act === "send_back" ? room.work(`act_${act}`) : room.work("send"));
      mark(find(dialog, ".sheet-label"), "data-shown", String(WORDS[act] !== undefined));
      mark(presets, "data-shown", String(act === "decline"));
      show(find(dialog, ".sheet-name"), name !== null && name.read() === "" && act !== "ask" && WORDS[act] !== undefined);
      mark(dialog, "data-asks", act);
      dialog.showModal();
      if (WORDS[act]) text.focus();
    },
  };
}
