/**
 * Entry of leadership's page: the numbers, live; the list behind each; the complaint behind each row; a question about it.
 */
import { AgencyDetails, mountReading } from "../agency/detail.js";
import { ComplaintCommands } from "../desk/commands.js";
import { commandWords } from "../desk/phrases.js";
import { clockAt } from "../feed/clock.js";
import { ageWords, createSender, Figures, getJson } from "../feed/http.js";
import { asLead, rowOf } from "../feed/messages.js";
import { fontReady } from "../screen/layout.js";
import { LivePage, mono } from "../screen/live.js";
import { moves, sidesOf } from "../ui/complaints.js";
import { element, find, mark, write } from "../ui/dom.js";
import { mountHead, tellState } from "../ui/picture.js";
import { Drafts, whoIn } from "../ui/user.js";
import { addressOf, LeadList, mountList, PastLists, readPlace } from "./list.js";
import { mountCity, mountReached, mountSum, seenBy } from "./summary.js";
import { mountReports } from "./reports.js";
import { countNow, lateOf, mountNumbers, NOBODY } from "./numbers.js";
import { leadRoomOf } from "../agency/room.js";

/** @typedef {import("../agency/room.js").LeadRoom} LeadRoom */
/** @typedef {import("../agency/room.js").LeadFacts} LeadFacts */
/** @typedef {import("../ui/complaints.js").Picture} Picture */
/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("./list.js").Place} Place */

// Head: whose numbers they are, the choice of an agency, and how old what is shown is.

/** @param {Document} page @param {LeadRoom} room @param {LeadFacts} facts @param {(agency: string) => void} choose @returns {(look: import("../ui/picture.js").HeadLook, agency: string, late: number, sum: string) => void} */
function mountScopedHead(page, room, facts, choose) {
  const { lead, format, city } = room;
  const select = mountScope(page, room, facts, choose);
  const own = city.agency(facts.agency);
  const paintHead = mountHead(page, room, facts.agency ? (own ?? facts.agency) : lead("title"));
  return (look, agency, late, sum) => {
    if (select.value !== agency) select.value = agency;
    paintHead(look, sum, `${late ? `(${format.number(late)}) ` : ""}${facts.agency ? (own ?? "") : lead("title")} · ${city.room}`);
  };
}

/** @param {Document} page @param {LeadRoom} room @param {LeadFacts} facts @param {(agency: string) => void} choose @returns {HTMLSelectElement} */
function mountScope(page, { lead, city }, facts, choose) {
  const select = /** @type {HTMLSelectElement} */ (find(page, ".scope select"));
  const named = facts.agencies.map((key) => /** @type {[string, string]} */ ([key, city.agency(key) ?? key])).sort((a, b) => a[1].localeCompare(b[1]));
  select.append(.../** @type {[string, string][]} */ ([["", lead("all")], ...named, [NOBODY, lead("nobody")]]).map(([key, name]) => {
    const option = /** @type {HTMLOptionElement} */ (element("option", "", name));
    option.value = key;
    return option;
  }));
  write(find(page, ".scope span"), lead("scope"));
  mark(find(page, ".scope"), "data-shown", String(facts.agency === ""));
  select.addEventListener("change", () => choose(select.value));
  return select;
}

// A question about the open complaint, with the time within which it is to be answered. Nothing of the complaint moves.

/** @typedef {(fields: {text: string, answer_by: string}, id: string) => Promise<boolean>} Send whether it was taken for that complaint */

const HOURS = /** @type {const} */ ([1, 4, 24, 72]);
const HOUR_MS = 3600e3;

/** @param {Document} page @param {LeadRoom} room @param {() => number | null} at room time, ms @param {Send} send @param {{drafts: import("../ui/user.js").Drafts, open: () => string}} about what was written and not taken yet, and the id of the open complaint @returns {{open: () => boolean, turnTo: (id: string) => unknown}} turnTo: another complaint, or "" for none, is open; a question about the one before is over */
function mountAsk(page, room, at, send, { drafts, open }) {
  const dialog = /** @type {HTMLDialogElement} */ (find(page, ".sheet"));
  const [text, fault] = [/** @type {HTMLTextAreaElement} */ (find(dialog, "textarea")), find(dialog, ".sheet-fault")];
  const choose = mountChoice(find(dialog, ".presets"), room, at);
  let id = "";
  const about = () => `question ${id}`;
  sayAll(dialog, room);
  mountButton(page, room, () => {
    id = open();
    choose();
    text.value = drafts.of(about());
    dialog.showModal();
    text.focus();
  });
  text.addEventListener("input", () => drafts.keep(about(), text.value));
  dialog.addEventListener("close", () => write(fault, ""));
  find(dialog, "form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const [said, now] = [text.value.trim(), at()];
    if (said === "" || now === null) return write(fault, room.lead("required"));
    dialog.close();
    await drafts.sent(about(), send({ text: said, answer_by: new Date(now + choose() * HOUR_MS).toISOString() }, id));
  });
  return { open: () => dialog.open, turnTo: (now) => now !== id && dialog.close() };
}

/** @param {Document} page @param {LeadRoom} room @param {() => void} act */
function mountButton(page, { lead }, act) {
  const button = element("button", "act first", lead("ask"));
  mark(button, "type", "button");
  mark(button, "data-act", "ask");
  button.addEventListener("click", act);
  find(page, ".acts").append(button);
}

/** @param {HTMLDialogElement} dialog @param {LeadRoom} room */
function sayAll(dialog, { lead }) {
  const words = { title: lead("ask_title"), note: lead("ask_note"), word: lead("ask_word"), leave: lead("cancel"), send: lead("send") };
  for (const [name, said] of Object.entries(words)) write(find(dialog, `.sheet-${name}`), said);
  find(dialog, ".sheet-leave").addEventListener("click", () => dialog.close());
}

/** @param {HTMLElement} box @param {LeadRoom} room @param {() => number | null} at @returns {(hours?: number) => number} chooses, and says what is chosen */
function mountChoice(box, { lead, moment }, at) {
  let chosen = 4;
  mark(box, "role", "group");
  mark(box, "aria-label", lead("ask_when"));
  const until = element("p", "ask-until");
  const buttons = HOURS.map((hours) => {
    const button = element("button", "preset", lead(`in_${hours}`));
    mark(button, "type", "button");
    button.addEventListener("click", () => choose(hours));
    return { hours, button };
  });
  const choose = (hours = chosen) => {
    chosen = hours;
    const now = at();
    for (const one of buttons) mark(one.button, "aria-pressed", String(one.hours === chosen));
    write(until, now === null ? "" : lead("ask_until", { t: moment(now + chosen * HOUR_MS, now) }));
    return chosen;
  };
  box.append(element("p", "ask-when", lead("ask_when")), ...buttons.map(({ button }) => button), until);
  return choose;
}

// Before and after, side by side: what the reporter sent and what proves the work; copies from which nothing betrays a person.

/** @param {HTMLElement} box @param {LeadRoom} room @returns {(detail: import("../desk/queue/detail.js").Detail | null) => void} made anew only when it differs */
function mountCompare(box, room) {
  let shown = "";
  return (detail) => {
    const { before, after, submitted } = sidesOf(/** @type {any} */ (detail));
    const any = before.length + after.length > 0 || submitted;
    const key = any ? JSON.stringify([before, after]) : "";
    mark(box, "data-shown", String(any));
    if (key === shown) return;
    shown = key;
    box.replaceChildren(...(any ? [side("before", before, room), side("after", after, room)] : []));
  };
}

/** @param {"before" | "after"} name @param {readonly Picture[]} pictures @param {LeadRoom} room */
function side(name, pictures, room) {
  const none = pictures.length === 0 ? [element("p", "compare-none", room.lead(`no_${name}`))] : [];
  const figures = pictures.map((one, i) => figure(one, room.lead(`${name}_alt`, { n: i + 1 }), room));
  return element("div", "compare-side", element("h3", "compare-title", room.lead(name)), ...figures, ...none);
}

/** @param {Picture} picture @param {string} alt @param {LeadRoom} room */
function figure(picture, alt, room) {
  const taken = Date.parse(picture.taken_at ?? picture.sent_at);
  const shown = moves(picture) ? film(picture, alt) : still(picture, alt);
  return element("figure", "compare-figure", shown, element("figcaption", "compare-when", room.moment(taken, null)));
}

/** @param {Picture} picture @param {string} alt */
function still({ clean }, alt) {
  const [image, link] = [element("img", "compare-shown"), element("a", "compare-link")];
  for (const [key, value] of Object.entries({ src: clean ?? "", alt, loading: "lazy" })) mark(image, key, value);
  for (const [key, value] of Object.entries({ href: clean ?? "", target: "_blank", rel: "noopener" })) mark(link, key, value);
  link.append(image);
  return link;
}

/** @param {Picture} picture @param {string} label */
function film({ clean, thumb }, label) {
  const made = element("video", "compare-shown");
  for (const [key, value] of Object.entries({ src: clean ?? "", poster: thumb ?? "", controls: "", preload: "none", playsinline: "", "aria-label": label })) mark(made, key, value);
  return made;
}

// The page.

const PAINT_EVERY_MS = 250;
const TICK_MS = 1000;
const SAID_MS = 8000;
const WIDE = matchMedia("(min-width: 900px)");

const page = document.documentElement;
const { room, facts } = leadRoomOf(document);
const who = whoIn(document);
const signed = { actor: facts.actor, role: facts.role, ...(facts.agency ? { actor_agency: facts.agency } : {}) };
const send = createSender(who, () => signed);

let place = readPlace(location.search, facts.agency);
/** @type {{words: string, until: number}} */
let said = { words: "", until: 0 };

const live = new LivePage({
  audience: facts.audience, every: PAINT_EVERY_MS, paint, tickEvery: TICK_MS,
  mayReload: () => !ask.open(),
  tick: () => (commands.tick(), changed()),
  took: (next) => commands.confirm(next.cards),
});
const changed = () => live.throttle.ask();
const asMine = (/** @type {string} */ url) => getJson(`${url}&audience=${encodeURIComponent(facts.audience)}`);
const commands = new ComplaintCommands({ post: (url, body) => send("POST", url, body), mono, newId: () => crypto.randomUUID(), person: () => ({}), changed });
const detailed = new AgencyDetails({ get: readDetail, mono, changed });
const figures = new Figures({ getJson: asMine, now: mono, arrived: changed });
const past = new PastLists({ getJson: asMine, mono, changed });
const list = mountList(document, room, new LeadList(past), changed);
const numbers = mountNumbers(document, room);
const summary = [mountReached(document, room, facts), mountCity(document, room), mountSum(document, room)];
const reading = mountReading(document, room);
mountReports(document, room, facts.agency && !who ? `&role=${facts.role}&actor_agency=${encodeURIComponent(facts.agency)}` : "");
const compare = mountCompare(comparing(), room);
const head = mountScopedHead(document, room, facts, (agency) => go({ ...place, agency, why: "" }));
const ask = mountAsk(document, room, () => clockAt(live.time), put, { drafts: new Drafts(() => facts.actor), open: () => place.open });

/** @returns {HTMLElement} where before and after stand, in place of one picture after the other */
function comparing() {
  const box = element("div", "compare");
  find(document, ".pictures").after(box);
  return box;
}

/** @param {string} path @returns {Promise<import("../desk/queue/detail.js").Detail>} as leadership reads it, whoever asks */
async function readDetail(path) {
  const own = path.replace("/api/v1/", "/api/v1/lead/");
  const { status, body } = await send("GET", facts.agency && !who ? `${own}?as=${encodeURIComponent(facts.agency)}` : own);
  if (status !== 200) throw new Error(`${status} for ${path}`);
  return body;
}

/** @param {Partial<Place>} next @returns {string} the address of a list or a complaint from here */
function to(next) {
  const base = "open" in next ? place : { ...place, why: "", open: "" };
  return addressOf({ ...base, ...next }, location.search, facts.agency);
}

/** @param {Place} next */
function go(next) {
  history.pushState({ here: true }, "", addressOf(next, location.search, facts.agency));
  turn();
}

function turn() {
  const before = place;
  place = readPlace(location.search, facts.agency);
  ask.turnTo(place.open);
  paint();
  if (place.open && place.open !== before.open) find(document, ".reading-what").focus({ preventScroll: true });
  else if (before.open && !place.open) list.rows.focus(before.open);
  else if (place.list !== before.list || place.why !== before.why) find(document, ".list-title").focus({ preventScroll: true });
  if (!WIDE.matches) scrollTo(0, 0);
}

function back() {
  if (history.state?.here) history.back();
  else go({ ...place, ...(place.open ? { open: "" } : { list: "", why: "" }) });
}

/** @param {{text: string, answer_by: string}} fields of a question @param {string} id of the complaint @returns {Promise<boolean>} whether the room took it */
async function put(fields, id) {
  const card = live.state.cards.get(id) ?? (longAgo?.id === id ? longAgo : null);
  if (!card) return false;
  const reply = await commands.one(card, "comment", fields);
  if (reply?.status === 200) said = { words: room.lead("asked_said", { t: room.moment(Date.parse(fields.answer_by), clockAt(live.time)) }), until: mono() + SAID_MS };
  paint();
  return reply?.status === 200;
}

/** @returns {Card | null} from the feed, else as its detail tells it: long finished ones are in no feed */
function openCard() {
  if (!place.open) return null;
  return live.state.cards.get(place.open) ?? (longAgo?.id === place.open ? longAgo : null);
}

/** @type {Card | null} */
let longAgo = null;

/** @typedef {{cards: import("../feed/cards.js").Cards, agency: string, day: string | null}} Of */
/** @typedef {{now: import("./numbers.js").Now, late: Map<string, string[]>, seen: import("./summary.js").Seen}} Counted */

/** @type {Of & Counted | null} */
let kept = null;

/** @param {Of} of @returns {Counted} from all the cards; again only when they, the agency or the day are others */
function counted({ cards, agency, day }) {
  if (kept?.cards === cards && kept.agency === agency && kept.day === day) return kept;
  const all = [...cards.values()];
  const districtOf = (/** @type {string} */ area) => room.city.area(area)?.district ?? null;
  const seen = seenBy(all, { agency, day, reached: facts.reached, districtOf });
  kept = { cards, agency, day, now: countNow(all, agency, day), late: lateOf(all), seen };
  return kept;
}

function paint() {
  const moment = live.moment();
  const { state, whole, at, calendar, mono: now } = moment;
  figures.want("lead", state.epoch);
  const told = figures.of("lead", state.epoch);
  const [figure, day] = [asLead(told), state.counts?.day ?? null];
  const { now: sums, late, seen } = counted({ cards: state.cards, agency: place.agency, day });
  const asked = askedNow(figure, at);
  const shown = whole ? room.lead("sum", { open: room.format.number(sums.open), late: room.format.number(sums.late), n: room.format.number(asked.n) }) : "";
  head(moment, place.agency, sums.late, shown);
  const shownNow = { now: sums, figure, row: rowOf(figure, place.agency), agency: place.agency, asked, late, known: whole, to };
  numbers(shownNow);
  for (const paintPart of summary) paintPart({ ...shownNow, seen, at, calendar });
  write(find(document, ".numbers-old"), figure ? ageWords(told, now, room) : room.lead("numbers_wait"));
  const listed = place.list === "" && WIDE.matches && !place.open ? { ...place, list: "late" } : place;
  list.paint({ place: listed, cards: state.cards, day, known: whole, at, calendar, open: place.open, to: (id) => to({ list: listed.list, open: id }) });
  paintReading(moment);
  mark(page, "data-view", place.open ? "reading" : place.list ? "list" : "numbers");
  tellState(page, moment, "lead");
}

/** @param {import("../feed/messages.js").LeadFigure | null} figure @param {number | null} at @returns {{n: number, over: number}} open questions here: of the feed's cards, and of those that it does not carry */
function askedNow(figure, at) {
  const rows = figure?.asked.rows.filter(({ id }) => !place.agency || live.state.cards.get(id)?.agency === place.agency) ?? [];
  return { n: place.agency ? rows.length : (figure?.asked.n ?? 0), over: rows.filter(({ until }) => at !== null && Date.parse(until) < at).length };
}

/** @param {import("../screen/live.js").Moment} moment */
function paintReading({ at, calendar, mono: now }) {
  const card = openCard();
  // A complaint that is in no feed is read once by its id; its detail brings the card.
  const held = detailed.of(card ?? (place.open ? /** @type {Card} */ ({ id: place.open, seq: 0, status: "done" }) : null));
  if (!card && held.detail?.card?.id === place.open) longAgo = held.detail.card;
  const shown = openCard();
  const mine = commands.markOf(place.open);
  const words = mine ? commandWords(mine, { at }, room) : said.until > now ? said.words : "";
  reading({ card: shown, detail: held.detail, state: held.state, at, calendar, said: words });
  compare(shown ? held.detail : null);
  mark(find(document, ".acts-bar"), "data-shown", String(detailed.allowed(shown ?? /** @type {any} */ ({ id: "", seq: 0 }))?.includes("comment") === true));
}

for (const button of document.querySelectorAll(".back")) {
  write(button, room.lead("back"));
  button.addEventListener("click", back);
}
write(find(document, ".reading-none"), room.lead("choose"));
document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest("a");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || !link.getAttribute("href")?.startsWith("/lead")) return;
  if (link.closest(".desk-bar")) return;
  event.preventDefault();
  go(readPlace(new URL(link.href, location.href).search, facts.agency));
});
addEventListener("popstate", turn);
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && (place.open || place.list) && !ask.open()) back();
});
await fontReady();
live.start();
