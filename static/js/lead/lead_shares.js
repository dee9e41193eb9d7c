/**
 * On time, agency by agency, lowest first: share, cases, target and window always beside each other (CR-91); where the
 * cases are too few for a share, the cases themselves, each a link (CR-88).
 */
import { promiseWords } from "../ui/city.js";
import { element, find, mark, show, write } from "../ui/dom.js";
import { FEW, NOBODY, ranked, withLate } from "./lead_count.js";
import { windowWords, writeLink } from "./lead_numbers.js";

/** @typedef {import("./lead_numbers.js").Look} Look */
/** @typedef {import("./lead_room.js").LeadRoom} LeadRoom */
/** @typedef {import("../feed/messages.js").LeadRow} LeadRow */
/** @typedef {import("../feed/messages.js").LeadFigure} LeadFigure */

/** @param {Document} page @param {LeadRoom} room @returns {(look: Look) => void} */
export function mountShares(page, room) {
  const root = find(page, ".kept");
  const { lead } = room;
  const head = mountShare(room, "share-head");
  find(root, ".kept-head").append(head.node);
  const [shares, few] = [mountList(find(root, ".shares"), room), mountList(find(root, ".few"), room)];
  write(find(root, "h2"), lead("kept"));
  write(find(root, ".shares-title"), lead("lowest"));
  write(find(root, ".few-title"), lead("few", { few: FEW }));
  write(find(root, ".kept-how"), lead("kept_how", { few: FEW }));
  return (look) => {
    const { figure } = look;
    const row = look.row && lively(look.row, look.agency, look);
    show(head.node, row !== null);
    if (figure && row) head.paint(row, look, figure);
    const { shares: large, few: small } = ranked(look.agency ? [] : (figure?.agencies ?? []).map((one) => lively(one, one.agency ?? NOBODY, look)));
    for (const [list, rows, title] of /** @type {const} */ ([[shares, large, ".shares-title"], [few, small, ".few-title"]])) {
      show(find(root, title), rows.length > 0);
      if (figure) list(rows, look, figure);
    }
  };
}

/** @param {LeadRow} row @param {string} agency @param {Look} look @returns {LeadRow} with what is late now */
function lively(row, agency, { late }) {
  return { ...row, on_time: withLate(row.on_time, late.get(agency) ?? []) };
}

/** @param {HTMLElement} list @param {LeadRoom} room */
function mountList(list, room) {
  /** @type {Map<string, ReturnType<typeof mountShare>>} */
  const kept = new Map();
  /** @param {readonly LeadRow[]} rows @param {Look} look @param {LeadFigure} figure */
  return (rows, look, figure) => {
    const nodes = rows.map((row) => {
      const key = row.agency ?? NOBODY;
      const share = kept.get(key) ?? mountShare(room, "share-row");
      kept.set(key, share);
      share.paint(row, look, figure);
      return share.node;
    });
    if (nodes.length !== list.children.length || nodes.some((node, i) => list.children[i] !== node)) list.replaceChildren(...nodes);
  };
}

/** @param {LeadRoom} room @param {"share-head" | "share-row"} className the line of all together, or of one agency */
function mountShare(room, className) {
  const names = /** @type {const} */ (["share-name", "share-n", "share-of", "share-late"]);
  const [name, value, of, late] = names.map((one) => element("a", one));
  const [note, bar, cases] = [element("p", "note share-note"), element("span", "share-bar", element("span", "share-fill")), element("p", "cases")];
  const node = element(className === "share-row" ? "li" : "div", className, .../** @type {HTMLElement[]} */ ([name, value, bar, of, late, note, cases]));
  const parts = /** @type {Record<string, HTMLElement>} */ ({ node, name, value, of, late, note, bar, cases });
  return { node, paint: (/** @type {LeadRow} */ row, /** @type {Look} */ look, /** @type {LeadFigure} */ figure) => paintShare(parts, { row, look, figure }, room) };
}

/** @param {Record<string, any>} parts @param {{row: LeadRow, look: Look, figure: LeadFigure}} told @param {LeadRoom} room */
function paintShare(parts, { row, look, figure }, room) {
  const { lead, format, city } = room;
  const { share, within, n, overdue, cases } = row.on_time;
  const everybody = parts.node.matches(".share-head") && !look.agency;
  const agency = everybody ? "" : (row.agency ?? NOBODY);
  writeLink(parts.name, everybody ? lead("all") : row.agency ? (city.agency(row.agency) ?? row.agency) : lead("nobody"), { agency, list: "" }, look);
  writeLink(parts.value, share === null ? lead("of_cases", { n: within, of: n }) : format.percent(share), { agency, list: share === null ? "on_time" : "finished" }, look);
  writeLink(parts.of, lead("kept_of", { n: format.number(within), of: format.number(n) }), { agency, list: "on_time" }, look);
  show(parts.of, share !== null);
  writeLink(parts.late, overdue > 0 ? lead("kept_late", { n: format.number(overdue) }) : "", { agency, list: "late" }, look);
  show(parts.late, overdue > 0);
  write(parts.note, `${targetWords(row, room)} · ${windowWords(figure, room)}`);
  show(parts.bar, share !== null);
  parts.bar.firstChild.style.transform = `scaleX(${(share ?? 0).toFixed(3)})`;
  paintCases(parts.cases, cases ?? [], look, room);
}

/** @param {HTMLElement} box @param {readonly import("../feed/messages.js").Case[]} cases @param {Look} look @param {LeadRoom} room one mark a case */
function paintCases(box, cases, look, { lead }) {
  const key = JSON.stringify(cases.map(({ id, open, kept }) => [look.to({ open: id }), open, kept]));
  if (box.dataset.key === key) return;
  box.dataset.key = key;
  box.replaceChildren(...cases.map(({ id, open, kept }, i) => {
    const link = element("a", "case");
    const how = kept ? "kept" : open ? "open" : "late";
    mark(link, "data-case", how);
    mark(link, "href", look.to({ open: id }));
    mark(link, "aria-label", `${i + 1}: ${lead(`case_${how}`)}`);
    return link;
  }));
}

/** @param {LeadRow} row @param {LeadRoom} room shortest and longest promise: "target 1–14 hari kerja" */
function targetWords({ on_time: { target } }, { lead, format }) {
  const span = promiseWords(target, format);
  return span ? lead("target", { span }) : lead("target_kind");
}
