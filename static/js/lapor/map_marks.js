/** What the public map draws of a group: colour, shape and number of each status, and the same in words. */

import { all } from "./grouping.js";
import { say } from "./map_words.js";

/** @typedef {import("./grouping.js").Group} Group */
/** @typedef {import("./grouping.js").Tally} Tally */

const STATUSES = /** @type {const} */ (["waiting", "in_process", "done"]);
const SVG = "http://www.w3.org/2000/svg";
/** So many matters and areas of one group are told by name. */
const MATTERS = 8;
const AREAS = 3;

/** @param {string} status @param {boolean} [late] one of the shapes that the page holds */
function mark(status, late = false) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", late ? "mark late" : "mark");
  svg.setAttribute("data-status", status);
  svg.setAttribute("viewBox", late ? "-1.25 -1.25 2.5 2.5" : "-.75 -.75 1.5 1.5");
  svg.setAttribute("aria-hidden", "true");
  for (const name of late ? [status, "late"] : [status]) {
    if (!name) continue;
    const use = document.createElementNS(SVG, "use");
    use.setAttribute("href", `#${name}`);
    svg.append(use);
  }
  return svg;
}

/** @param {Node[]} into @param {SVGElement} shape @param {number} n @param {string} word that is heard alone: eyes have the shape */
function number(into, shape, n, word) {
  const [seen, heard] = [document.createElement("span"), document.createElement("span")];
  seen.textContent = String(n);
  heard.className = "unseen";
  heard.textContent = ` ${word}, `;
  into.push(shape, seen, heard);
}

/** @param {Group} group @returns {HTMLButtonElement} heard as "3 menunggu, 1 selesai" */
export function button({ tally }) {
  const made = document.createElement("button");
  made.type = "button";
  made.setAttribute("aria-pressed", "false");
  /** @type {Node[]} */
  const parts = [];
  for (const status of STATUSES) {
    if (tally[status]) number(parts, mark(status), tally[status], say(status));
  }
  if (tally.overdue) number(parts, mark("", true), tally.overdue, say("overdue"));
  made.append(...parts);
  return made;
}

/** @param {Group} group @param {readonly string[]} areas @param {readonly string[]} matters @returns {Node[]} what is there, in words */
export function details(group, areas, matters) {
  const title = document.createElement("h2");
  const names = [...group.areas].map((area) => areas[area] ?? "").sort();
  title.textContent = names.slice(0, AREAS).join(", ") + (names.length > AREAS ? ` ${say("others", { n: names.length - AREAS })}` : "");
  const list = document.createElement("ul");
  const most = [...group.matters].sort(([one, a], [other, b]) => all(b) - all(a) || one - other);
  list.append(...most.slice(0, MATTERS).map(([matter, tally]) => line(matters[matter] ?? "", tally)));
  const more = document.createElement("p");
  more.className = "note";
  more.textContent = most.length > MATTERS ? say("more", { n: most.length - MATTERS }) : "";
  return [title, list, more];
}

/** @param {string} matter @param {Tally} tally */
function line(matter, tally) {
  const item = document.createElement("li");
  const name = document.createElement("b");
  name.textContent = matter;
  item.append(name);
  for (const status of STATUSES) if (tally[status]) item.append(counted(mark(status), `${tally[status]} ${say(status)}`));
  if (tally.overdue) item.append(counted(mark("", true), `${tally.overdue} ${say("overdue")}`));
  return item;
}

/** @param {Element} drawn @param {string} words */
function counted(drawn, words) {
  const made = document.createElement("span");
  made.className = "how-many";
  made.append(drawn, words);
  return made;
}
