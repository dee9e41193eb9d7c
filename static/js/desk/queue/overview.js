/**
 * Overview of the duty desk: how many open complaints lie where, live while it is open; every number opens the queue that it counts.
 */
import { element, find, mark, write } from "../../ui/dom.js";
import { isOpen, NO_FILTER, NOBODY } from "./list.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("./queue.js").Look} Look */
/** @typedef {import("../phrases.js").QueueRoom} QueueRoom */

// Loads: open complaints by agency, district, area or category, counted from the desk's own cards. Pure.

/** @typedef {"agency" | "district" | "area" | "category"} By */
/** @typedef {{key: string, open: number, waiting: number, in_process: number, overdue: number, oldest: string}} Load key "": of none */

const BY = /** @type {const} */ (["agency", "district", "area", "category"]);

/** @param {Card} card @param {By} by @param {(code: string) => string | null} districtOf @returns {string} */
function keyOf(card, by, districtOf) {
  // An agency that is only intended has nothing to do yet.
  if (by === "agency") return card.state === "received" ? "" : (card.agency ?? "");
  if (by === "district") return card.area ? (districtOf(card.area) ?? "") : "";
  return (by === "area" ? card.area : card.category) ?? "";
}

/** @param {Iterable<Card>} cards @param {By} by @param {(code: string) => string | null} districtOf @returns {Load[]} most overdue first, then most open */
function loadsBy(cards, by, districtOf) {
  /** @type {Map<string, Load>} */
  const loads = new Map();
  for (const card of cards) {
    if (!isOpen(card)) continue;
    const key = keyOf(card, by, districtOf);
    const load = loads.get(key) ?? { key, open: 0, waiting: 0, in_process: 0, overdue: 0, oldest: "~" };
    load.open += 1;
    load[card.status === "waiting" ? "waiting" : "in_process"] += 1;
    if (card.overdue) load.overdue += 1;
    if ((card.received_at ?? "~") < load.oldest) load.oldest = card.received_at ?? "~";
    loads.set(key, load);
  }
  return [...loads.values()].sort((a, b) => b.overdue - a.overdue || b.open - a.open || (a.key < b.key ? -1 : 1));
}

// The table.

/** @typedef {(change: Partial<import("./list.js").Place>) => void} Go */
/** @typedef {{node: HTMLElement, paint: (load: Load, at: number | null) => void}} Row */

const COLUMNS = /** @type {const} */ (["open", "waiting", "in_process", "overdue"]);
/** The list that each number counts. */
const LISTS = /** @type {const} */ ({
  open: { view: "open", status: "" }, waiting: { view: "open", status: "waiting" }, in_process: { view: "open", status: "in_process" }, overdue: { view: "late", status: "" },
});

export class Overview {
  /** @type {By} */
  #by = "agency";
  /** @type {Look | null} */
  #last = null;
  /** @type {Map<string, Row>} */
  #rows = new Map();
  #room;
  #go;
  #dialog;
  #body;

  /** @param {Document} page @param {QueueRoom} room @param {Go} go */
  constructor(page, room, go) {
    this.#room = room;
    this.#go = go;
    this.#dialog = /** @type {HTMLDialogElement} */ (find(page, 'dialog[data-dialog="overview"]'));
    this.#body = find(this.#dialog, "tbody");
    for (const tab of this.#tabs()) tab.addEventListener("click", () => this.#turn(tab));
  }

  open() {
    this.#dialog.showModal();
    this.#paint();
  }

  /** A row under somebody's hand does not move: the table stands still while it has the focus. @param {Look} look */
  look(look) {
    this.#last = look;
    if (this.#dialog.open && !this.#body.contains(document.activeElement)) this.#paint();
  }

  /** @returns {NodeListOf<HTMLElement>} */
  #tabs() {
    return this.#dialog.querySelectorAll("[data-by]");
  }

  /** @param {HTMLElement} tab */
  #turn(tab) {
    this.#by = BY.find((one) => one === tab.dataset.by) ?? "agency";
    for (const one of this.#tabs()) mark(one, "aria-pressed", String(one === tab));
    this.#paint();
  }

  #paint() {
    const look = this.#last;
    if (!look) return;
    const nodes = loadsBy(look.state.cards.values(), this.#by, this.#room.city.districtOf).map((load) => {
      const row = this.#row(load.key);
      row.paint(load, look.at);
      return row.node;
    });
    const body = this.#body;
    if (nodes.length !== body.children.length || nodes.some((node, i) => body.children[i] !== node)) body.replaceChildren(...nodes);
  }

  /** @param {string} key @returns {Row} */
  #row(key) {
    const by = this.#by;
    const row = this.#rows.get(`${by} ${key}`) ?? mountRow(nameOf(by, key, this.#room), this.#room, (name) => this.#leave(name, by, key));
    this.#rows.set(`${by} ${key}`, row);
    return row;
  }

  /** @param {typeof COLUMNS[number]} name @param {By} by @param {string} key */
  #leave(name, by, key) {
    this.#dialog.close();
    this.#go({ view: LISTS[name].view, q: "", filter: { ...NO_FILTER, status: LISTS[name].status, [by]: key || NOBODY } });
  }
}

/** @param {By} by @param {string} key @param {QueueRoom} room @returns {string} */
function nameOf(by, key, { city, queue }) {
  if (!key) return queue("nothing_named");
  const names = { agency: city.agency(key), district: city.district(key), area: city.area(key)?.name, category: city.category(key) };
  return names[by] ?? key;
}

/** @param {string} title @param {QueueRoom} room @param {(name: typeof COLUMNS[number]) => void} leave @returns {Row} */
function mountRow(title, { format, queue }, leave) {
  const cells = COLUMNS.map((name) => {
    const button = element("button", "load-n");
    mark(button, "type", "button");
    button.addEventListener("click", () => leave(name));
    return { name, button };
  });
  const [head, oldest] = [element("th", "load-name", title), element("td", "load-oldest")];
  mark(head, "scope", "row");
  /** @type {Row["paint"]} */
  const paint = (load, at) => {
    for (const { name, button } of cells) {
      write(button, format.number(load[name]));
      mark(button, "data-zero", String(load[name] === 0));
      mark(button, "aria-label", `${title}: ${format.number(load[name])} ${queue(`load_${name}`)}`);
    }
    const since = (at ?? NaN) - Date.parse(load.oldest);
    write(oldest, Number.isNaN(since) ? "" : format.span(since));
  };
  return { node: element("tr", "", head, ...cells.map(({ button }) => element("td", "", button)), oldest), paint };
}
