/**
 * The drill-down: a table of what lies where, live while it is open; every number opens the queue that it counts.
 */
import { element, find, mark, write } from "../../views/text.js";
import { BY, loadsBy } from "./loads.js";
import { NO_FILTER, NOBODY } from "./queue_list.js";

/** @typedef {import("./queue_desk.js").Look} Look */
/** @typedef {import("./loads.js").By} By */
/** @typedef {import("./loads.js").Load} Load */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */
/** @typedef {(change: Partial<import("./queue_address.js").Place>) => void} Go */

const COLUMNS = /** @type {const} */ (["open", "waiting", "in_process", "overdue"]);
/** The list that each number counts. */
const LISTS = /** @type {const} */ ({
  open: { view: "open", status: "" }, waiting: { view: "open", status: "waiting" }, in_process: { view: "open", status: "in_process" }, overdue: { view: "late", status: "" },
});

/** @param {Document} page @param {QueueRoom} room @param {Go} go @returns {{open: () => void, paint: (look: Look) => void}} */
export function mountOverview(page, room, go) {
  const dialog = /** @type {HTMLDialogElement} */ (find(page, 'dialog[data-dialog="overview"]'));
  const body = find(dialog, "tbody");
  /** @type {By} */
  let by = "agency";
  /** @type {Look | null} */
  let last = null;
  /** @type {Map<string, ReturnType<typeof mountRow>>} */
  const rows = new Map();
  const leave = (/** @type {Partial<import("./queue_address.js").Place>} */ change) => (dialog.close(), go(change));
  const paint = () => {
    if (!dialog.open || !last) return;
    const loads = loadsBy(last.state.cards.values(), by, room.city.districtOf);
    const nodes = loads.map((load) => {
      const key = `${by} ${load.key}`;
      const row = rows.get(key) ?? mountRow(by, load.key, room, leave);
      rows.set(key, row);
      row.paint(load, last?.at ?? null);
      return row.node;
    });
    if (nodes.length !== body.children.length || nodes.some((node, i) => body.children[i] !== node)) body.replaceChildren(...nodes);
  };
  for (const tab of /** @type {NodeListOf<HTMLElement>} */ (dialog.querySelectorAll("[data-by]"))) {
    tab.addEventListener("click", () => {
      by = BY.find((one) => one === tab.dataset.by) ?? "agency";
      for (const one of /** @type {NodeListOf<HTMLElement>} */ (dialog.querySelectorAll("[data-by]"))) mark(one, "aria-pressed", String(one === tab));
      paint();
    });
  }
  return {
    open: () => (dialog.showModal(), paint()),
    // A row under somebody's hand does not move: the order is that of the opening while the table has the focus.
    paint: (look) => ((last = look), body.contains(document.activeElement) || paint()),
  };
}

/** @param {By} by @param {string} key @param {QueueRoom} room @param {Go} go */
function mountRow(by, key, room, go) {
  const { city, format, queue } = room;
  const names = { agency: city.agency(key), district: city.district(key), area: city.area(key)?.name, category: city.category(key) };
  const cells = COLUMNS.map((name) => {
    const button = element("button", "load-n");
    mark(button, "type", "button");
    button.addEventListener("click", () => go({ view: LISTS[name].view, q: "", filter: { ...NO_FILTER, status: LISTS[name].status, [by]: key || NOBODY } }));
    return { name, button };
  });
  const oldest = element("td", "load-oldest");
  const title = key ? (names[by] ?? key) : queue("nothing_named");
  const head = element("th", "load-name", title);
  mark(head, "scope", "row");
  const node = element("tr", "", head, ...cells.map(({ button }) => element("td", "", button)), oldest);
  /** @param {Load} load @param {number | null} at */
  const paint = (load, at) => {
    for (const { name, button } of cells) {
      write(button, format.number(load[name]));
      mark(button, "data-zero", String(load[name] === 0));
      mark(button, "aria-label", `${title}: ${format.number(load[name])} ${queue(`load_${name}`)}`);
    }
    const since = (at ?? NaN) - Date.parse(load.oldest);
    write(oldest, Number.isNaN(since) ? "" : format.span(since));
  };
  return { node, paint };
}
