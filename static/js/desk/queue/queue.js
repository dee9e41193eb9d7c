/**
 * Entry of the duty desk: joins the feed as a desk, lists what waits for it, and sends what the officer decides.
 */
import { Cards } from "../../feed/cards.js";
import { getJson } from "../../feed/http.js";
import { searchAt } from "../../feed/past.js";
import { createMeasure, fontReady } from "../../screen/layout.js";
import { LivePage, mono } from "../../screen/live.js";
import { countAlarms } from "../../ui/alarms.js";
import { cityOf } from "../../ui/city.js";
import { element, find, mark, show, write } from "../../ui/dom.js";
import { formatIn, minutesLeft } from "../../ui/format.js";
import { mountSoundBadge, tellState } from "../../ui/picture.js";
import { setSymbol, symbol } from "../../ui/symbols.js";
import { Drafts } from "../../ui/user.js";
import { languageOf, sayIn } from "../../ui/language.js";
import { Chooser } from "../dialogs.js";
import { keepNames, mountGuests } from "../guests.js";
import { ComplaintCommands, Commands, HeldActs } from "../commands.js";
import { aloneInBrowser, MassActs } from "../mass_acts.js";
import { mountAnnounce, mountDeskHead, mountExport, workerAt } from "../page.js";
import { momentIn, queueSayIn, statesIn } from "../phrases.js";
import { ACTIONS, keyWords, massWords, mountActionButtons } from "./actions.js";
import { Details, mountDetail, mountSide, timeOfEvent } from "./detail.js";
import { isListed, keepChosen, listComplaints, mountFilters, readPlace, Search } from "./list.js";
import { mountDeskMap } from "./map.js";
import { mountQueueInput } from "./navigation.js";
import { mountSigns } from "./signs.js";
import { otherCategories, readLists, similarNow, suggestedAgency, suggestedArea } from "./questions.js";
import { mountQueueAnnounce, mountScroll, QueueRows } from "./rows.js";

/** @typedef {import("../phrases.js").QueueRoom} QueueRoom */
/** @typedef {import("../../feed/messages.js").Card} Card */

// The head and foot of the duty desk: the sum of the day, how fresh, what time, who sits here, how many alarms nobody has.

const PARTS = /** @type {const} */ (["waiting", "in_process", "done", "elsewhere"]);

/** @param {Document} page @param {QueueRoom} room @returns {(look: Look) => void} */
function mountHead(page, room) {
  writeFixed(page, room);
  const paintBar = mountDeskHead(page, room, room.queue("person_first"));
  const alarms = find(page, ".alarm-n");
  const paintSum = mountSum(page, room);
  const past = find(page, ".to-past");
  const paintMute = mountMute(page, room);
  return (look) => {
    paintBar(look);
    paintSum(look);
    const unacked = countAlarms(look.state.alarms.values()).unacked;
    write(alarms, unacked > 0 ? room.format.number(unacked) : "");
    paintMute(look);
    if (look.at !== null) mark(past, "href", `/desk${searchAt(location.search, { at: Math.floor((look.at - BEFORE_MS) / 60_000) * 60_000 })}`);
  };
}

/** Whoever opens the recording most often asks what has just happened. */
const BEFORE_MS = 10 * 60_000;

/** @param {Document} page @param {QueueRoom} room @returns {(look: Look) => void} the sound of a lost feed can be silenced here, and here alone (CR-07) */
function mountMute(page, { queue, format }) {
  const [line, word] = [find(page, ".desk-mute"), find(page, ".mute-word")];
  return ({ whole, muted }) => {
    const left = muted ?? 0;
    show(line, muted !== null && whole);
    mark(find(line, "button"), "aria-pressed", String(left > 0));
    write(word, left > 0 ? queue("muted", { span: format.span(minutesLeft(left)) }) : queue("mute"));
  };
}

/** @param {Document} page @param {QueueRoom} room @returns {(look: Look) => void} today's sum, as on the wall */
function mountSum(page, { say, format }) {
  const parts = PARTS.map((name) => {
    const part = find(page, `[data-row="${name}"]`);
    const shape = symbol(name);
    setSymbol(shape, { status: name });
    find(part, ".sum-shape").append(shape);
    write(find(part, ".sum-word"), say(name));
    return { name, n: find(part, ".sum-n") };
  });
  const all = find(page, '[data-row="in"]');
  write(find(all, ".sum-word"), say("received_today"));
  return ({ state }) => {
    const cohort = state.counts?.cohort;
    for (const { name, n } of parts) write(n, cohort ? format.number(cohort[name]) : "–");
    write(find(all, ".sum-n"), cohort ? `= ${format.number(cohort.in)}` : "–");
  };
}

/** @param {Document} page @param {QueueRoom} room what never changes */
function writeFixed(page, room) {
  const { queue, desk, say } = room;
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-say]"))) write(node, queue(/** @type {"title"} */ (node.dataset.say)));
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-word]"))) write(node, desk(/** @type {"name"} */ (node.dataset.word)));
  for (const node of page.querySelectorAll("[data-leave]")) write(node, queue("cancel"));
  for (const node of page.querySelectorAll(".drill-words")) write(node, say("drill_line"));
  mark(find(page, ".queue-list"), "aria-label", queue("title"));
  writeKeys(find(page, ".keys"), room);
}

/** What is done all day, in the order of a day. @type {readonly import("./actions.js").ActionName[]} */
const DAILY = ["acknowledge", "forward", "merge", "reject", "validate"];

/** @param {HTMLElement} box @param {QueueRoom} room every key with what it does: the daily eight first, then by what they are for */
function writeKeys(box, { queue }) {
  /** @typedef {[key: string, words: string]} Line */
  const lineOf = (/** @type {typeof ACTIONS[number]} */ { key, name }) => /** @type {Line} */ ([keyWords(key), queue(`act_${name}`)]);
  const daily = DAILY.flatMap((name) => ACTIONS.filter((one) => one.name === name)).map(lineOf);
  const others = ACTIONS.filter(({ name }) => !DAILY.includes(name)).map(lineOf);
  /** @type {[string, Line[]][]} */
  const groups = [
    [queue("keys_daily"), [[".", queue("key_urgent")], ["J K ↓ ↑", queue("key_move")], ["Enter", queue("key_open")], ...daily]],
    [queue("keys_report"), [...others, ["1 2 3", queue("key_number")]]],
    [queue("keys_list"), [["/", queue("key_search")], ["L", queue("key_list")], ["G", queue("key_map")], ["X", queue("key_select")], ["Shift+X", queue("key_select_all")], ["Z", queue("key_undo")], ["Esc", queue("key_back")]]],
    [queue("keys_shift"), [["N", queue("new_complaint")], ["H", queue("handover")], ["I", queue("overview")], ["?", queue("help")]]],
  ];
  for (const [title, lines] of groups) {
    const rows = lines.map(([key, words]) => element("div", "key-row", element("dt", "", element("kbd", "", key)), element("dd", "", words)));
    box.append(element("section", "key-group", element("h3", "key-title", title), element("dl", "", ...rows)));
  }
}

// The page.

/** @typedef {{place: import("./list.js").Place, chosen: import("./list.js").Chosen, selected: Set<string>, seen: Map<string, Card>}} Here seen: how a complaint looked when it was acted on */
/**
 * @typedef {import("../../ui/picture.js").Picture & {
 *   list: import("./list.js").List, place: import("./list.js").Place, chosen: string | null, open: string | null,
 *   card: Card | null, cards: (id: string) => Card | null, would: (card: Card) => string | null, selected: ReadonlySet<string>, seen: ReadonlyMap<string, Card>, failures: readonly [string, import("../commands.js").Mark][], markOf: (id: string) => import("../commands.js").Mark | null, waits: (id: string) => import("../commands.js").HeldAct | null, flashing: ReadonlySet<string>,
 *   held: import("./detail.js").Held, agency: import("./detail.js").AgencyNow | null, similar: import("./detail.js").Similar[], mapped: Cards,
 *   suggested: {agency: string | null, categories: import("./detail.js").Suggested[], area: string | null}, searchFailed: boolean,
 *   gives: import("../page.js").Gives, person: import("../page.js").Person, fixed: boolean, muted: number | null, timeOf: (told: any) => string | null,
 * }} Look what one frame of the desk shows; gives: the commands of the role that sits here
 */
/**
 * @typedef {object} Desk what the actions of the desk work with
 * @property {() => Look} look @property {Here} here @property {() => void} paint
 * @property {ComplaintCommands} commands @property {Commands} alarmCommands @property {HeldActs} held acts that can still be taken back @property {MassActs} mass acts on many at once
 * @property {(words: string) => void} say @property {QueueRoom["queue"]} words @property {Chooser} chooser @property {Drafts} drafts @property {Details} details
 * @property {ReturnType<typeof workerAt>} person @property {import("./questions.js").WhoHandles} handles @property {import("./questions.js").Lists} lists
 * @property {(id: string) => Card | null} card @property {() => Promise<boolean>} named @property {(card: Card) => void} claim @property {(card: Card) => void} release @property {(card: Card) => void} show @property {() => boolean} mute false while the feed is not lost
 * @property {(q: string) => void} search @property {() => void} toList @property {(card: Card) => import("./detail.js").Suggested[]} otherCategories
 */

const PAINT_EVERY_MS = 100;
const TICK_MS = 250;
/** The list is made anew at most so often when nobody acts, and rests ten times as long as it took. */
const LIST_EVERY_MS = 300;
const REST = 10;
const FLASHING = 8;
/** An alarm of a complaint is called by kind and complaint. */
const ALARMS = ["critical", "passed", "warned"];
/** An open complaint keeps the officer's name on it; the room logs that only now and then. */
const HOLD_EVERY_MS = 45_000;

const page = document.documentElement;
const lang = languageOf(document);
const city = cityOf(document, lang);
const raw = JSON.parse(find(document, "#city").textContent ?? "{}");
const format = formatIn(lang, city);
const facts = JSON.parse(find(document, "#desk").textContent ?? "{}");
/** @type {import("../phrases.js").QueueRoom} */
const room = {
  lang, city, format, say: sayIn(lang, "ui"), desk: sayIn(lang, "alarms"), queue: queueSayIn(lang, raw.words), width: createMeasure(),
  states: statesIn(raw.words, lang), moment: momentIn(city.zone, format), told: facts.told ?? {},
};
/** @type {import("./questions.js").WhoHandles} */
const handles = facts;
const newId = () => crypto.randomUUID();
const person = workerAt(document, sessionStorage, newId);

const first = readPlace(location.search);
/** @type {Here} */
const here = { place: first, chosen: { id: first.open, at: 0 }, selected: new Set(), seen: new Map() };

const live = new LivePage({
  audience: "desk", every: PAINT_EVERY_MS, paint, tickEvery: TICK_MS,
  // Only when nobody is in the middle of something.
  mayReload: () => !navigation.busy() && here.place.open === null && held.all.length === 0 && mass.idle,
  tick: () => (commands.tick(), alarmCommands.tick(), held.tick(), changed()),
  took(next) {
    commands.confirm(next.cards);
    alarmCommands.confirm(next.alarms);
    if (document.activeElement === document.body) requestAnimationFrame(doing.begin);
  },
});
const changed = () => live.throttle.ask();
const alerts = live.alert("desk");
const sound = live.speak(alerts, mountSoundBadge(document, room));
const edge = { post: person.post, mono, newId, person: person.screen, changed: () => paint(), hidden: () => document.hidden };
const [commands, alarmCommands] = [new ComplaintCommands(edge), new Commands(edge)];
const held = new HeldActs({ mono, changed: () => paint(), ends: () => document.querySelector(".session-warning:not([hidden])") !== null });
const mass = new MassActs({
  commands, store: localStorage, newId, person: () => person.read().actor, signs: person.screen, now: () => Date.now(), later: (ms, act) => void setTimeout(act, ms), alone: aloneInBrowser,
  changed: () => paint(), finished: (act) => doing.say(massWords(act, room)),
});
document.addEventListener("visibilitychange", () => (commands.tick(), alarmCommands.tick(), changed()));
const details = new Details({ getJson: person.get, mono, changed });
const search = new Search({ getJson: person.get, changed });
const drafts = new Drafts(() => person.read().actor);
const chooser = new Chooser(document, room, drafts);
/** @type {{list: import("./list.js").List, key: string, cards: Cards | null, at: number, rest: number}} */
let listed = { list: listComplaints([], first, { at: null, unacked: new Set(), districtOf: city.districtOf }), key: "", cards: null, at: -Infinity, rest: 0 };
/** @type {QueueRows | null} */
let rows = null;
/** @type {{from: Cards | null, key: string, cards: Cards}} */
let mapped = { from: null, key: "", cards: new Cards() };

/** @param {import("./list.js").Moment} moment @param {number} now mono ms @returns {import("./list.js").List} made anew when what it depends on did */
function listNow(moment, now) {
  const { cards } = live.state;
  const key = `${JSON.stringify(here.place)} ${search.q} ${search.far.length} ${[...moment.unacked].length}`;
  const due = listed.cards !== cards || now - listed.at > 5000;
  if (key === listed.key && (!due || now - listed.at < listed.rest)) return listed.list;
  const found = here.place.view === "found" || here.place.q ? search.found(cards, city) : [];
  const list = listComplaints(cards.values(), here.place, moment, found);
  listed = { list, key, cards, at: now, rest: Math.max(LIST_EVERY_MS, REST * (mono() - now)) };
  return listed.list;
}

/** @param {import("./list.js").Moment} moment @returns {Cards} what the large map shows: all of the list, however long it is */
function mappedNow(moment) {
  const { filter, map, view } = here.place;
  const { cards } = live.state;
  const key = `${view} ${JSON.stringify(filter)}`;
  if (!map || (mapped.from === cards && mapped.key === key)) return mapped.cards;
  const all = view === "found" ? search.found(cards, city) : [...cards.values()];
  mapped = { from: cards, key, cards: new Cards().with(all.filter((card) => isListed(card, view, filter, moment)), []).cards };
  return mapped.cards;
}

/** @param {string} id @returns {Card | null} */
function cardOf(id) {
  return live.state.cards.get(id) ?? search.far.find((card) => card.id === id) ?? details.of(id).detail?.card ?? null;
}

/** @param {string} id of a complaint @returns {import("../commands.js").Mark | null} of the command on it, else on one of its alarms */
function markOf(id) {
  return commands.markOf(id) ?? ALARMS.map((kind) => alarmCommands.markOf(`${kind}:${id}`)).find((one) => one !== null) ?? null;
}

/** @returns {Look} */
function look() {
  const picture = live.picture(city);
  const { at, unacked, flood } = picture;
  const moment = { at, unacked, districtOf: city.districtOf };
  const list = listNow(moment, picture.mono);
  const open = here.place.open;
  here.chosen = keepChosen(list.rows, here.chosen, here.chosen.id !== null && (here.chosen.id === open || chooser.asking || rows?.focusOf(here.chosen.id) === document.activeElement));
  return {
    ...picture, list, markOf, waits: (id) => held.of(id), failures: commands.failures(),
    place: here.place, chosen: here.chosen.id, open, cards: cardOf, would: (card) => suggestedAgency(card, null, handles), selected: here.selected, seen: here.seen,
    flashing: new Set(flood ? [] : list.rows.filter(({ id }) => unacked.has(id)).slice(0, FLASHING).map(({ id }) => id)),
    person: person.read(), fixed: person.fixed, gives: facts.commands[person.read().role], mapped: mappedNow(moment), searchFailed: search.failed, muted: sound.muteLeft(), ...reading(),
  };
}

/** @returns {Pick<Look, "card" | "held" | "agency" | "similar" | "suggested" | "timeOf">} what is known of the chosen one */
function reading() {
  const card = here.chosen.id === null ? null : cardOf(here.chosen.id);
  const held = details.of(card?.id ?? null);
  if (!card) return { card, held, agency: null, similar: [], suggested: { agency: null, categories: [], area: null }, timeOf: () => null };
  const isOpen = here.place.open === card.id;
  if (isOpen && held.state !== "failed") details.follow(card);
  const agency = suggestedAgency(card, held.suggestions, handles);
  return {
    card, held, agency: isOpen ? details.agency(card.agency ?? agency) : null,
    similar: isOpen ? similarNow(card, live.state.cards.values(), held.suggestions) : [],
    suggested: { agency, categories: otherCategories(card, held.suggestions), area: suggestedArea(card, held.suggestions) },
    timeOf: (told) => (told.card?.id === card.id ? timeOfEvent(held.detail, told) : null),
  };
}

const doing = mountQueueInput(document, room, {
  look, here, commands, alarmCommands, held, mass, chooser, drafts, details, person, handles, card: cardOf, post: person.post, getJson: person.get, newId, sound,
  lists: readLists(raw), paint: () => paint(), find: (q) => search.ask(q),
});
const { navigation } = doing;
rows = new QueueRows(find(document, ".queue-list"), room, { choose: (id) => navigation.choose(id), open: (id) => void navigation.open(cardOf(id)), select: (id) => navigation.select(id) });
navigation.list = rows;
const guests = mountGuests(document, room, {
  lines: () => live.state.lines, serverNow: () => live.serverNow(), may: (name) => facts.commands[person.read().role].room.includes(name),
}, edge);
mountExport(document, person.fixed ? null : person.signature, () => {
  const { filter, q, view } = here.place;
  const withPerson = /** @type {HTMLInputElement} */ (find(document, '.export-person input')).checked;
  return { ...filter, ...(q ? { q } : { list: view }), ...(withPerson ? { person: "true" } : {}) };
});
const views = [
  mountHead(document, room), mountFilters(document, room, doing.desk, navigation), mountScroll(document, room), mountDetail(document, room),
  mountSide(document, room, { suggest: doing.number, act: doing.act, open: (id) => void navigation.open(cardOf(id)) }),
  mountActionButtons(document, room, doing.act), mountDeskMap(document, room, (id) => void navigation.open(cardOf(id))), mountAnnounce(document, room), mountQueueAnnounce(document, room, doing.say), doing.paintOverview, doing.paintHeld,
  mountSigns(document, room, { getJson: (url) => getJson(`${url}&audience=desk`), mono, changed, go: (change) => navigation.go(change), open: (id) => void navigation.open(cardOf(id)) }),
];

function paint() {
  guests();
  const seen = look();
  page.dataset.view = here.place.map ? "map" : "list";
  rows?.paint(seen);
  for (const view of views) view(seen);
  tellState(page, seen, "desk");
  alerts.presence.painted([]);
}

await fontReady();
live.start();
doing.begin();
mass.resume();
if (first.q) search.ask(first.q);
setInterval(() => navigation.hold(), HOLD_EVERY_MS);
keepNames({ get: person.get, changed });
