/**
 * A question about the open complaint, with the time within which it is to be answered. Nothing of the complaint moves.
 */
import { element, find, mark, write } from "../ui/dom.js";

/** @typedef {import("./lead_room.js").LeadRoom} LeadRoom */
/** @typedef {(fields: {text: string, answer_by: string}, id: string) => Promise<boolean>} Send whether it was taken for that complaint */

const HOURS = /** @type {const} */ ([1, 4, 24, 72]);
const HOUR_MS = 3600e3;

/** @param {Document} page @param {LeadRoom} room @param {() => number | null} at room time, ms @param {Send} send @param {{drafts: import("../ui/user.js").Drafts, open: () => string}} about what was written and not taken yet, and the id of the open complaint @returns {{open: () => boolean, turnTo: (id: string) => unknown}} turnTo: another complaint, or "" for none, is open; a question about the one before is over */
export function mountAsk(page, room, at, send, { drafts, open }) {
  const dialog = /** @type {HTMLDialogElement} */ (find(page, ".sheet"));
  const [text, fault] = [/** @type {HTMLTextAreaElement} */ (find(dialog, "textarea")), find(dialog, ".sheet-fault")];
  const choose = mountChoice(find(dialog, ".presets"), room, at);
  let id = "";
  const about = () => `question ${id}`;
  sayAll(dialog, room);
  mountButton(page, room, () => {
    id = open();
    choose();
    text.value = drafts.of(about());
    dialog.showModal();
    text.focus();
  });
  text.addEventListener("input", () => drafts.keep(about(), text.value));
  dialog.addEventListener("close", () => write(fault, ""));
  find(dialog, "form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const [said, now] = [text.value.trim(), at()];
    if (said === "" || now === null) return write(fault, room.lead("required"));
    dialog.close();
    await drafts.sent(about(), send({ text: said, answer_by: new Date(now + choose() * HOUR_MS).toISOString() }, id));
  });
  return { open: () => dialog.open, turnTo: (now) => now !== id && dialog.close() };
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
