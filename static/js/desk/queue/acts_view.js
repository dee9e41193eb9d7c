/**
 * The buttons of what may be done to the chosen complaint, each with its key; one of them comes first.
 */
import { element, find, mark, show, write } from "../../ui/dom.js";
import { ACTS, firstAct, isPossible, keyWords, toldBy } from "./acts_table.js";

/** @typedef {import("./queue_desk.js").Look} Look */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */

/** @param {Document} page @param {QueueRoom} room @param {(name: import("./acts_table.js").ActName) => void} act @returns {(look: Look) => void} */
export function mountActsView(page, room, act) {
  const box = find(page, ".reading-acts");
  const buttons = ACTS.map((one) => {
    const words = element("span", "");
    const node = element("button", "", words, " ", element("kbd", "", keyWords(one.key)));
    for (const [name, value] of Object.entries({ type: "button", "data-act": one.name })) mark(node, name, value);
    return { one, node, words };
  });
  box.append(...buttons.map(({ node }) => node));
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-act]"))) {
    node.addEventListener("click", () => act(/** @type {import("./acts_table.js").ActName} */ (node.dataset.act)));
  }
  return ({ card, unacked, supervisor, held }) => {
    if (!card) return;
    const first = firstAct(card);
    const who = { supervisor, unacked: unacked.has(card.id), ...toldBy(held.detail, card) };
    for (const { one, node, words } of buttons) {
      show(node, isPossible(one, card, who));
      node.classList.toggle("first", one.name === first);
      const has = one.name === "forward" && card.state !== "received";
      write(words, room.queue(has ? "act_reassign" : `act_${one.name}`));
    }
  };
}
