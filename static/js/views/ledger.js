/**
 * The sum on paper: waiting + in process + done + other = received today. Never adjusted to fit (CR-78).
 */
import { countAlarms, QUIET } from "../ui/alarms.js";
import { setSymbol, symbol } from "../ui/symbols.js";
import { find, mark, show, write } from "../ui/dom.js";

/** @typedef {import("../ui/picture.js").Picture} Picture */
/** @typedef {import("../ui/picture.js").Room} Room */

const STATUSES = /** @type {const} */ (["waiting", "in_process", "done", "elsewhere"]);
/** Five digits stand narrower, six on the next smaller step (100.000 and more). */
const WIDE = 10_000;
const HUGE = 100_000;

/** @param {ParentNode} page @param {Room} room @returns {import("../ui/picture.js").Paint} */
export function mountLedger(page, room) {
  const ledger = find(page, ".ledger");
  const rows = STATUSES.map((status) => mountRow(ledger, status, room));
  const total = find(ledger, ".ledger-sum .figure");
  write(find(ledger, ".ledger-sum .ledger-word"), room.say("received_today"));
  const unequal = find(ledger, ".ledger-unequal");
  const paintFoot = mountFoot(page, room);
  return (picture) => {
    const cohort = picture.state.counts?.cohort ?? null;
    for (const paint of rows) paint(cohort);
    write(total, cohort ? room.format.number(cohort.in) : "–");
    mark(ledger, "data-long", lengthOf(cohort?.in ?? 0));
    show(unequal, picture.wrong.length > 0);
    mark(unequal, "title", picture.wrong.join(" "));
    paintFoot(picture);
  };
}

/** @param {number} n @returns {"no" | "wide" | "huge"} */
function lengthOf(n) {
  if (n < WIDE) return "no";
  return n < HUGE ? "wide" : "huge";
}

/**
 * @param {HTMLElement} ledger @param {typeof STATUSES[number]} status @param {Room} room
 * @returns {(cohort: import("../feed/messages.js").Cohort | null) => void}
 */
function mountRow(ledger, status, { say, format }) {
  const row = find(ledger, `[data-row="${status}"]`);
  const shape = symbol(status);
  row.prepend(shape);
  const figure = find(row, ".figure");
  write(find(row, ".ledger-word"), say(status));
  return (cohort) => {
    write(figure, cohort ? format.number(cohort[status]) : "–");
    setSymbol(shape, { zero: !cohort || cohort[status] === 0 });
  };
}

/** @param {ParentNode} page @param {Room} room @returns {import("../ui/picture.js").Paint} window, stock of earlier days, position */
function mountFoot(page, { say, format, city }) {
  const window_ = find(page, ".ledger-window");
  const older = find(page, ".ledger-older");
  const position = find(page, ".ledger-position");
  const quiet = find(page, ".ledger-quiet");
  return ({ state, at, whole, guests }) => {
    const { cohort, stock } = state.counts ?? {};
    write(window_, at === null ? say("window_unknown") : say("window", { time: format.hour(at), zone: city.zoneLabel }));
    const n = cohort && stock ? format.number(stock.open - cohort.waiting - cohort.in_process) : "–";
    write(older, say("older", { n }));
    const alarms = countAlarms(state.alarms.values());
    write(quiet, guests ? "" : QUIET.flatMap((name) => (alarms[name] > 0 ? [say(`${name}_n`, { n: format.number(alarms[name]) })] : [])).join(", "));
    write(position, say("position", { n: whole ? format.number(state.seq) : "–" }));
  };
}
