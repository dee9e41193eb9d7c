/**
 * Warnings of public services at a desk: the worst as one line under the head, and on demand each with all that its service says.
 */
import { hazardsNow } from "../feed/room_notices.js";
import { isolated } from "../ui/complaints.js";
import { element, find, show, write } from "../ui/dom.js";
import { hazardWords, placeWords, severityWords, timeWords } from "../ui/hazard_words.js";

/** @typedef {import("../feed/messages.js").Hazard} Hazard */
/** @typedef {import("./phrases.js").DeskRoom} Room */

/** @param {Document} page @param {Room} room @returns {import("../ui/picture.js").Paint} */
export function mountHazards(page, room) {
  const box = find(page, ".desk-hazards");
  const [line, list] = [find(box, "summary"), find(box, ".hazard-list")];
  let drawn = "";
  return (picture) => {
    const now = picture.at ?? 0;
    const hazards = hazardsNow(picture.state.hazards, picture);
    show(box, hazards.length > 0);
    const [words] = hazardWords(hazards, now, room);
    write(line, words ? room.desk("hazards", { what: words }) : "");
    // Whoever reads keeps the place: drawn anew only where it says something else.
    const said = JSON.stringify(hazards.map((hazard) => wordsOf(hazard, now, room)));
    if (said === drawn) return;
    drawn = said;
    list.replaceChildren(...hazards.map((hazard) => rowOf(wordsOf(hazard, now, room))));
  };
}

/** @param {Hazard} hazard @param {number} now @param {Room} room @returns {{head: string, about: string, texts: string[]}} */
function wordsOf(hazard, now, room) {
  const { headline = "", event = "", sender_name: sender = "", area = "", description = "", instruction = "" } = hazard;
  const about = [sender, severityWords(hazard, room), timeWords(hazard, now, room), placeWords(hazard, room)[0] ?? "", area];
  return {
    head: isolated(headline || event),
    about: about.filter((one) => one !== "").map(isolated).join(" · "),
    texts: [description, instruction].filter((one) => one !== ""),
  };
}

/** @param {ReturnType<typeof wordsOf>} words @returns {HTMLElement} */
function rowOf({ head, about, texts }) {
  const row = element("li", "hazard-row", element("strong", "hazard-head"), element("p", "hazard-about"), ...texts.map(() => element("p", "hazard-text")));
  write(find(row, ".hazard-head"), head);
  write(find(row, ".hazard-about"), about);
  for (const [n, paragraph] of [...row.querySelectorAll(".hazard-text")].entries()) write(paragraph, texts[n] ?? "");
  return row;
}
