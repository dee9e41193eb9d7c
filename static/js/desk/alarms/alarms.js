/**
 * Entry of the alarm desk: joins the feed as a desk, lists the alarms, and sends what the operator decides.
 */
import { createMeasure, fontReady } from "../../screen/layout.js";
import { LivePage, mono } from "../../screen/live.js";
import { countAlarms } from "../../ui/alarms.js";
import { cityOf } from "../../ui/city.js";
import { find, mark, show, write } from "../../ui/dom.js";
import { formatIn } from "../../ui/format.js";
import { mountSoundBadge, tellState } from "../../ui/picture.js";
import { languageOf, sayIn } from "../../ui/language.js";
import { keepNames, mountGuests } from "../guests.js";
import { Commands, RoomCommands } from "../commands.js";
import { mountAnnounce, mountDeskHead, mountExport, workerAt } from "../page.js";
import { mountActions, mountRoomControls } from "./actions.js";
import { flashingRows, keepChosen, listAlarms, mountDetail, Rows, VIEWS } from "./rows.js";

/** @typedef {import("../phrases.js").DeskRoom} DeskRoom */

// On a phone the chosen alarm lies over the list once its row is pressed, until it is left; a wide page shows both anyway.

/** @param {Document} page */
function mountSheet(page) {
  const root = page.documentElement;
  const back = find(page, ".detail-back");
  const leave = () => {
    if (root.dataset.reading !== "true") return;
    mark(root, "data-reading", "false");
    /** @type {HTMLElement | null} */ (page.querySelector('.alarm-row[data-chosen="true"] .alarm-open'))?.focus();
  };
  find(page, ".alarm-list").addEventListener("click", (event) => {
    if (!(/** @type {HTMLElement} */ (event.target).closest(".alarm-open"))) return;
    mark(root, "data-reading", "true");
    if (back.checkVisibility()) back.focus();
  });
  back.addEventListener("click", leave);
  page.addEventListener("keydown", ({ key }) => void (key === "Escape" && leave()));
}

// The head of the desk: how fresh, what time, how many of each, who sits here, a flood's line.

/** @param {Document} page @param {DeskRoom} room @param {import("../../screen/alertness.js").Notices} notices @returns {(look: Look) => void} */
function mountHeader(page, room, notices) {
  const { desk, format } = room;
  writeFixed(page, room);
  const paintBar = mountDeskHead(page, room, desk("person_first"));
  const paintTabs = mountTabs(page, room);
  const paintCalm = mountRoomControls(page, room, notices);
  return (look) => {
    paintBar(look);
    paintTabs(look);
    paintCalm(look);
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

// The page.

/**
 * @typedef {import("../../ui/picture.js").Picture & {
 *   list: import("./rows.js").List, view: import("./rows.js").View, chosen: string | null, commands: Commands,
 *   flashing: ReadonlySet<string>, roomCommands: RoomCommands, unheard: string, muted: number | null, fixed: boolean, person: import("../page.js").Person,
 * }} Look what one frame of the desk shows
 */

const PAINT_EVERY_MS = 100;
const TICK_MS = 250;

const page = document.documentElement;
const lang = languageOf(document);
const city = cityOf(document, lang);
const desk = sayIn(lang, "alarms");
const room = { lang, city, say: sayIn(lang, "ui"), desk, format: formatIn(lang, city), width: createMeasure() };
const facts = JSON.parse(find(document, "#desk").textContent ?? "{}");
const newId = () => crypto.randomUUID();
const person = workerAt(document, sessionStorage, newId);

/** @type {{view: import("./rows.js").View, chosen: import("./rows.js").Chosen, unheard: string}} */
const place = { view: "open", chosen: { id: null, state: "", at: 0 }, unheard: "" };

const live = new LivePage({
  audience: "desk", every: PAINT_EVERY_MS, paint, tickEvery: TICK_MS,
  // Only when nobody is in the middle of something.
  mayReload: () => !acts.busy(),
  tick: () => (commands.tick(), live.throttle.ask()),
  took: (next) => commands.confirm(next.alarms),
});
const alerts = live.alert("desk");
const { notices } = alerts.flash;
const sound = live.speak(alerts, mountSoundBadge(document, room));
const edge = { post: person.post, mono, newId, person: person.screen, changed: () => paint(), hidden: () => document.hidden };
const [commands, roomCommands] = [new Commands(edge), new RoomCommands(edge)];
document.addEventListener("visibilitychange", () => (commands.tick(), live.throttle.ask()));

/** @returns {Look} */
function look() {
  const picture = live.picture(city);
  const list = listAlarms(live.state, picture, place.view);
  place.chosen = keepChosen(list.rows, place.chosen, document.activeElement?.closest(".alarm-row") !== null && document.hasFocus());
  return {
    ...picture, list, commands,
    view: place.view, chosen: place.chosen.id, roomCommands, unheard: place.unheard, muted: sound.muteLeft(),
    flashing: flashingRows(list, picture.flood !== null),
    person: person.read(), fixed: person.fixed,
  };
}

const acts = mountActions(document, room, { look, place, commands, roomCommands, person, notices, sound, limits: facts.limits, paint: () => paint() });
const rows = new Rows(find(document, ".alarm-list"), room, acts.handlers);
const views = [mountHeader(document, room, notices), mountDetail(document, room, facts.records), mountAnnounce(document, room)];
acts.rows(rows);
mountSheet(document);
mountExport(document, person.fixed ? null : person.signature, () => ({ view: place.view }));
const guests = mountGuests(document, room, {
  lines: () => live.state.lines, serverNow: () => live.serverNow(), may: (name) => facts.commands[person.read().role].room.includes(name),
}, edge);

function paint() {
  guests();
  const seen = look();
  rows.paint(seen);
  for (const view of views) view(seen);
  tellState(page, seen, "alarms");
  alerts.presence.painted([]);
}

await fontReady();
live.start();
acts.begin();
keepNames({ get: person.get, changed: () => live.throttle.ask() });
