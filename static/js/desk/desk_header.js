/**
 * The head of the desk: how fresh, what time, how many of each, who sits here, a flood's line.
 */
import { countAlarms } from "../ui/alarms.js";
import { mountChip } from "../ui/picture.js";
import { find, mark, show, write } from "../ui/dom.js";
import { mountCalm } from "./desk_calm.js";
import { mountFloodLine } from "./desk_flood_line.js";
import { VIEWS } from "./desk_list.js";
import { signedAs } from "./guests.js";

/** @typedef {import("./alarm_desk.js").Look} Look */
/** @typedef {import("./desk_alarm_words.js").DeskRoom} DeskRoom */

/** @param {Document} page @param {DeskRoom} room @param {import("../screen/attention.js").Ordered} ordered @returns {(look: Look) => void} */
export function mountHeader(page, room, ordered) {
  const { desk, format, city } = room;
  writeFixed(page, room);
  const paintChip = mountChip(page, room);
  const [clock, person, lost] = [find(page, ".desk-clock"), find(page, ".desk-person"), find(page, ".desk-lost")];
  const paintFlood = mountFloodLine(page, room);
  const paintTabs = mountTabs(page, room);
  const paintCalm = mountCalm(page, room, ordered);
  return (look) => {
    paintChip(look);
    paintTabs(look);
    paintFlood(look);
    write(clock, look.at === null ? "––.––.––" : `${format.clock(look.at)} ${city.zoneLabel}`);
    show(/** @type {HTMLElement} */ (person.parentElement), !look.fixed);
    write(person, look.person.actor ? signedAs(look.person.actor, desk(look.person.role)) : desk("person_first"));
    paintCalm(look);
    const gone = look.freshness === "lost" && (look.whole || look.waited > 15);
    show(lost, gone);
    write(lost, gone ? desk("feed_lost", { span: format.span((Number.isFinite(look.age) ? look.age : look.waited) * 1000) }) : "");
    const empty = look.whole && look.list.rows.length === 0;
    show(find(page, ".list-empty"), empty);
    write(find(page, ".list-empty"), empty ? desk(`empty_${look.view}`) : "");
    write(find(page, ".list-more"), look.list.more > 0 ? desk("more_rows", { n: format.number(look.list.more) }) : "");
  };
}

/** @param {Document} page @param {DeskRoom} room what never changes */
function writeFixed(page, { desk, say, city }) {
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-say]"))) {
    write(node, desk(/** @type {"title"} */ (node.dataset.say)));
  }
  for (const node of page.querySelectorAll(".drill-words")) write(node, say("drill_line"));
  write(find(page, ".drill-tag"), say("drill"));
  write(find(page, ".room-name"), city.room);
}

/** @param {Document} page @param {DeskRoom} room @returns {(look: Look) => void} */
function mountTabs(page, { format }) {
  const tabs = /** @type {const} */ (["open", "quiet"]).map((view) => ({ view, tab: find(page, `[data-view="${view}"]`) }));
  return ({ state, view: current }) => {
    const counts = countAlarms(state.alarms.values());
    for (const { view, tab } of tabs) {
      mark(tab, "aria-pressed", String(view === current));
      write(find(tab, ".tab-count"), format.number(VIEWS[view].reduce((n, name) => n + counts[name], 0)));
    }
  };
}
