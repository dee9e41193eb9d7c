/**
 * Entry of an agency's page: its own feed, its list, one complaint open, and what is done with it.
 */
import { ComplaintCommands } from "../desk/commands.js";
import { commandWords } from "../desk/phrases.js";
import { createSender } from "../feed/http.js";
import { fontReady } from "../screen/layout.js";
import { LivePage, mono } from "../screen/live.js";
import { createVoice } from "../screen/sound.js";
import { placeWords, whatWords } from "../ui/complaints.js";
import { find, mark, write } from "../ui/dom.js";
import { mountHead, tellState } from "../ui/picture.js";
import { Drafts, whoIn } from "../ui/user.js";
import { mountActions, Proofs } from "./actions.js";
import { AgencyDetails, mountReading } from "./detail.js";
import { listWork, newsIn, WorkRows } from "./list.js";
import { roomOf } from "./room.js";

/** @typedef {import("./room.js").WorkRoom} WorkRoom */
/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("./list.js").What} What */

// Head: whose work it is, how much, and how old what is shown is.

/** @param {Document} page @param {WorkRoom} room @returns {(look: import("../ui/picture.js").HeadLook, work: import("./list.js").Work, unseen: number) => void} */
function mountSum(page, room) {
  const { work, city, format, agency } = room;
  const name = city.agency(agency) ?? agency;
  const paintHead = mountHead(page, room, name);
  return (look, { fresh, open, late }, unseen) => {
    const sums = [work("sum_new", { n: format.number(fresh) }), work("sum_open", { n: format.number(open) }), ...(late ? [work("sum_late", { n: format.number(late) })] : [])];
    const count = fresh || unseen;
    mark(page.documentElement, "data-new", String(fresh));
    paintHead(look, look.whole ? sums.join(" · ") : "", `${count ? `(${count}) ` : ""}${work("title", { agency: name })}`);
  };
}

// News: what came and has not been looked at is heard once, counted in the title, marked in the list until it is opened.

const SAYS = /** @type {const} */ ({ arrived: "arrived", back: "arrived_back", answer: "arrived_answer" });

class News {
  /** @type {Map<string, What>} */
  unseen = new Map();
  /** @type {Map<string, Card> | null} null: what is there at first is no news */
  #before = null;
  #edge;

  /** @param {{tell: (news: [Card, What][]) => void}} edge */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @param {Iterable<Card>} cards a whole picture */
  take(cards) {
    const now = new Map([...cards].map((card) => [card.id, card]));
    const news = this.#before ? newsIn(now.values(), this.#before) : [];
    this.#before = now;
    for (const [card, what] of news) this.unseen.set(card.id, what);
    for (const id of this.unseen.keys()) if (!now.has(id)) this.unseen.delete(id);
    if (news.length > 0) this.#edge.tell(news);
  }

  /** @param {string} id somebody looks at it */
  seen(id) {
    this.unseen.delete(id);
  }
}

/** @param {Document} page @param {WorkRoom} room @returns {(news: [Card, What][]) => void} heard once the page has been touched, else the badge asks for it */
function mountBell(page, room) {
  const context = new AudioContext();
  const voice = createVoice(context);
  const badge = find(page, ".sound");
  const announce = find(page, ".announce");
  const look = () => mark(badge, "data-shown", String(context.state !== "running"));
  const wake = () => void context.resume().then(look, look);
  write(badge, room.work("sound_on"));
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => context.state === "running" || wake(), true);
  context.addEventListener("statechange", look);
  // A phone may have put it to sleep meanwhile.
  page.addEventListener("visibilitychange", look);
  look();
  return (news) => {
    const [first] = news;
    if (!first) return;
    const [card, what] = first;
    if (context.state === "running") voice.play(news.some(([one]) => one.priority === "critical") ? 1 : 3);
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(200);
    write(announce, room.work(SAYS[what], { what: whatWords(card, room), where: placeWords(card, room) }));
  };
}

// The page.

const PAINT_EVERY_MS = 100;
const TICK_MS = 500;
const SAID_MS = 8000;

const page = document.documentElement;
const { room, facts } = roomOf(document);
const who = whoIn(document);
const signed = { actor: facts.actor, role: facts.role, actor_agency: facts.agency };
const send = createSender(who, () => signed);

/** @type {string | null} */
let open = new URLSearchParams(location.search).get("open");
/** @type {{id: string | null, words: string, until: number}} */
let said = { id: null, words: "", until: 0 };

const live = new LivePage({
  audience: `agency:${facts.agency}`, every: PAINT_EVERY_MS, paint, tickEvery: TICK_MS,
  mayReload: () => open === null && !acts.open() && !proofs.busy,
  tick: () => (commands.tick(), changed()),
  took(next) {
    if (next.epoch !== "") news.take(next.cards.values());
    if (open) news.seen(open);
    commands.confirm(next.cards);
  },
});
const changed = () => live.throttle.ask();
const commands = new ComplaintCommands({ post: (url, body) => send("POST", url, body), mono, newId: () => crypto.randomUUID(), person: () => ({}), changed });
const detailed = new AgencyDetails({ get: readDetail, mono, changed });
const news = new News({ tell: mountBell(document, room) });
const rows = new WorkRows(find(document, ".work-groups"), room, (id) => show(id));
const [head, reading] = [mountSum(document, room), mountReading(document, room)];
const proofs = new Proofs(find(document, ".sheet-media"), room, (complaint) => ({ root: "/api/v1/uploads", metadata: { complaint } }), () => (who ? { "X-CSRF-Token": who.csrf } : /** @type {Record<string, string>} */ ({})));
const acts = mountActions(document, room, give, proofs, new Drafts(() => facts.actor));

/** @param {string} path @returns {Promise<import("../desk/queue/detail.js").Detail>} */
async function readDetail(path) {
  const { status, body } = await send("GET", who ? path : `${path}?${new URLSearchParams(signed)}`);
  if (status !== 200) throw new Error(`${status} for ${path}`);
  return body;
}

/** @returns {Card | null} */
function openCard() {
  return open === null ? null : (live.state.cards.get(open) ?? null);
}

/** @param {string} id */
function show(id) {
  if (open !== id) history.pushState({ open: id }, "", address(id));
  turnTo(id);
  find(document, ".reading-what").focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** @param {string | null} id */
function turnTo(id) {
  const before = open;
  open = id;
  acts.turnTo(id);
  if (id) news.seen(id);
  paint();
  if (id === null && before) rows.focus(before);
}

/** @param {string | null} id */
function address(id) {
  const query = new URLSearchParams(location.search);
  if (id) query.set("open", id);
  else query.delete("open");
  return `${location.pathname}${query.size ? `?${query}` : ""}`;
}

/** @param {import("./actions.js").Act} act @param {import("./actions.js").Fields} fields @param {string} id @returns {Promise<boolean>} whether the room took it */
async function give(act, fields, id) {
  const card = live.state.cards.get(id);
  if (!card) return false;
  const reply = await commands.one(card, act, fields);
  if (reply?.status === 200 && act === "submit_proof") proofs.used(card.id);
  if (reply?.status === 200) say(act === "decline" ? null : card.id, room.work(`done_${act}`));
  paint();
  return reply?.status === 200;
}

/** @param {string | null} id of the complaint that it is about; null: of one that is gone @param {string} words */
function say(id, words) {
  said = { id, words, until: mono() + SAID_MS };
}

function paint() {
  const moment = live.moment();
  const { whole, at, calendar, mono: now } = moment;
  const work = listWork(live.state.cards.values(), news.unseen);
  const card = openCard();
  if (whole && open !== null && !card) leave();
  page.dataset.view = card ? "reading" : "list";
  head(moment, work, news.unseen.size);
  rows.paint(work, { at, calendar, open, news: news.unseen });
  mark(find(document, ".work-none"), "data-shown", String(work.groups.length === 0));
  write(find(document, ".work-none"), whole ? room.work("none") : room.work("loading"));
  const held = detailed.of(card);
  const mine = commands.markOf(card?.id ?? "");
  const words = mine ? commandWords(mine, { at }, room) : said.id === card?.id && said.until > now ? said.words : "";
  reading({ card, detail: held.detail, state: held.state, at, calendar, said: words });
  if (card) acts.paint(card, (card.allowed ?? []).filter((name) => facts.commands.includes(name)), mine?.kind === "sending");
  const gone = said.id === null && said.until > now ? said.words : "";
  mark(find(document, ".work-said"), "data-shown", String(gone !== ""));
  write(find(document, ".work-said"), gone);
  tellState(page, moment, "agency");
}

/** The complaint that is open has gone elsewhere: said, and back to the list. */
function leave() {
  if (said.until <= mono()) say(null, room.work("gone"));
  open = null;
  acts.turnTo(null);
  history.replaceState({ open: null }, "", address(null));
}

write(find(document, ".back"), room.work("back"));
write(find(document, ".reading-none"), room.work("choose"));
find(document, ".back").addEventListener("click", () => (history.state?.open ? history.back() : turnTo(null)));
addEventListener("popstate", () => turnTo(new URLSearchParams(location.search).get("open")));
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && open && !acts.open()) find(document, ".back").click();
});
await fontReady();
live.start();
