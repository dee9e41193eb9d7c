/**
 * A question about the open complaint, with the time within which it is to be answered. Nothing of the complaint moves.
 */
import { element, find, mark, write } from "../views/text.js";

/** @typedef {import("./lead_room.js").LeadRoom} LeadRoom */
/** @typedef {(fields: {text: string, answer_by: string}) => Promise<boolean>} Send whether it was taken */

const HOURS = /** @type {const} */ ([1, 4, 24, 72]);
const HOUR_MS = 3600e3;

/** @param {Document} page @param {LeadRoom} room @param {() => number | null} at room time, ms @param {Send} send @param {{drafts: import("../drafts.js").Drafts, about: () => string}} kept what was written of the open complaint and not taken yet */
export function mountAsk(page, room, at, send, { drafts, about }) {
  const dialog = /** @type {HTMLDialogElement} */ (find(page, ".sheet"));
  const text = /** @type {HTMLTextAreaElement} */ (find(dialog, "textarea"));
  const fault = find(dialog, ".sheet-fault");
  const choose = mountChoice(find(dialog, ".presets"), room, at);
  sayAll(dialog, room);
  mountButton(page, room, () => {
    write(fault, "");
    choose();
    text.value = drafts.of(about());
    dialog.showModal();
    text.focus();
  });
  text.addEventListener("input", () => drafts.keep(about(), text.value));
  find(dialog, "form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const [said, now, of] = [text.value.trim(), at(), about()];
    if (said === "" || now === null) return write(fault, room.lead("required"));
    dialog.close();
    if (await send({ text: said, answer_by: new Date(now + choose() * HOUR_MS).toISOString() })) drafts.forget(of);
  });
  return { open: () => dialog.open };
}

/** @param {Document} page @param {LeadRoom} room @param {() => void} act */
function mountButton(page, { lead }, act) {
  const button = element("button", "act first", lead("ask"));
  mark(button, "type", "button");
  mark(button, "data-act", "ask");
  button.addEventListener("click", act);
  find(page, ".acts").append(button);
}

/** @param {HTMLDialogElement} dialog @param {LeadRoom} room */
function sayAll(dialog, { lead }) {
  const words = { title: lead("ask_title"), note: lead("ask_note"), word: lead("ask_word"), leave: lead("cancel"), send: lead("send") };
  for (const [name, said] of Object.entries(words)) write(find(dialog, `.sheet-${name}`), said);
  find(dialog, ".sheet-leave").addEventListener("click", () => dialog.close());
}

/** @param {HTMLElement} box @param {LeadRoom} room @param {() => number | null} at @returns {(hours?: number) => number} chooses, and says what is chosen */
function mountChoice(box, { lead, moment }, at) {
  let chosen = 4;
  mark(box, "role", "group");
  mark(box, "aria-label", lead("ask_when"));
  const until = element("p", "ask-until");
  const buttons = HOURS.map((hours) => {
    const button = element("button", "preset", lead(`in_${hours}`));
    mark(button, "type", "button");
    button.addEventListener("click", () => choose(hours));
    return { hours, button };
  });
  const choose = (hours = chosen) => {
    chosen = hours;
    const now = at();
    for (const one of buttons) mark(one.button, "aria-pressed", String(one.hours === chosen));
    write(until, now === null ? "" : lead("ask_until", { t: moment(now + chosen * HOUR_MS, now) }));
    return chosen;
  };
  box.append(element("p", "ask-when", lead("ask_when")), ...buttons.map(({ button }) => button), until);
  return choose;
}
