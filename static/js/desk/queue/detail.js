/**
 * The chosen complaint of the duty desk: its facts, its history, what stands beside it, and the fetch of what no feed carries.
 */
import { ringOf } from "../../ui/alarms.js";
import { movesWords, placeWords, whatWords } from "../../ui/complaints.js";
import { element, find, mark, show, write } from "../../ui/dom.js";
import { sayIn } from "../../ui/language.js";
import { finishedWords, timesWords } from "../../ui/sign_words.js";
import { setSymbol, symbol } from "../../ui/symbols.js";
import { nameOf } from "../guests.js";
import { changedWords, claimOf, claimWords, deadlineWords, eventWords, commandWords, questionWords, rowTime, sentFacts, sourceWords, stageWords, whoWords } from "../phrases.js";
import { mountProof, proofFindings } from "./proof.js";
import { NEAR_M, nearWords } from "./questions.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("../phrases.js").Entry} Entry */
/** @typedef {import("../phrases.js").QueueRoom} QueueRoom */
/** @typedef {import("./queue.js").Look} Look */

// Details that the feed never carries, fetched for the complaint that is open: text, person, history, suggestions, its
// agency. A newer card makes them be asked for again; until they come the old ones stay.

/** @typedef {{id: string, card: Card, metres?: number, minutes?: number, score?: number, merge?: boolean}} Similar */
/** @typedef {{key: string, score?: number, because?: string[]}} Suggested */
/**
 * @typedef {object} Detail
 * @property {Card} [card]
 * @property {{description?: string | null, address?: string | null} | null} [text]
 * @property {{name?: string | null, phone?: string | null, email?: string | null} | null} [person]
 * @property {import("../../ui/complaints.js").Medium[]} [media] @property {import("../../ui/complaints.js").Picture[]} [pictures] @property {import("../../ui/complaints.js").Finding[]} [findings]
 * @property {import("../phrases.js").Entry[]} [history]
 * @property {import("../phrases.js").Deadline | null} [deadline]
 * @property {import("../phrases.js").Part[]} [agencies]
 * @property {Expected | null} [expected] by its agency's own record, where that carries it
 * @property {string[]} [children] merged into it
 * @property {string[]} [followers] done with it before it was reopened: their reporters go on reading
 * @property {Record<string, string>} [names] of those who may be named to whoever asked, by actor
 * @property {string[]} [allowed]
 */
/** @typedef {{p50_s: number, p80_s: number, tried: number, hit_rate: number}} Expected half were finished within p50_s, 80 of 100 within p80_s; of those it was tried on the share hit_rate */
/** @typedef {{categories?: Suggested[], agency?: string | {key: string} | null, area?: string | {key: string} | null, similar?: Similar[], times?: import("../../feed/messages.js").PlaceTimes | null}} Suggestions */
/** @typedef {{key: string, name?: string, phone?: string | null, on_call?: string | null, open?: number, overdue?: number, oldest?: string | null}} AgencyNow */
/** @typedef {{detail: Detail | null, suggestions: Suggestions | null, state: "none" | "loading" | "there" | "failed"}} Held */
/** @typedef {{getJson: (url: string) => Promise<unknown>, changed: () => void, mono: () => number}} Edge */

/** @type {Held} */
const NOTHING = Object.freeze({ detail: null, suggestions: null, state: "none" });
const AGENCY_KEPT_MS = 60_000;
const MOST_KEPT = 50;

export class Details {
  #edge;
  /** @type {Map<string, Held & {seq: number, asked: Card | null}>} */
  #held = new Map();
  /** @type {Map<string, {now: AgencyNow | null, at: number}>} */
  #agencies = new Map();

  /** @param {Edge} edge */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @param {string | null} id @returns {Held} */
  of(id) {
    return this.#held.get(id ?? "") ?? NOTHING;
  }

  /** Once it has been opened it is kept up to date with its card. @param {Card} card @param {boolean} [again] after a failure */
  follow(card, again = false) {
    const held = this.#held.get(card.id);
    if (held?.asked && !again && !says(held.asked, card)) return void (held.asked = card);
    if (!held && this.#held.size >= MOST_KEPT) this.#held.delete(/** @type {string} */ (this.#held.keys().next().value));
    const fresh = held ?? { ...NOTHING, seq: -1, asked: null };
    this.#held.set(card.id, { ...fresh, asked: card, state: fresh.detail ? "there" : "loading" });
    this.#fetch(card);
    if (!held || again) this.#suggest(card.id);
  }

  forget() {
    this.#held.clear();
  }

  /** @param {string | null | undefined} key @returns {AgencyNow | null} asked for when it is not known or old */
  agency(key) {
    if (!key) return null;
    const kept = this.#agencies.get(key);
    const mono = this.#edge.mono();
    if (!kept || mono - kept.at > AGENCY_KEPT_MS) {
      this.#agencies.set(key, { now: kept?.now ?? null, at: mono });
      this.#take(`/api/v1/agencies/${encodeURIComponent(key)}`, (now) => this.#agencies.set(key, { now: /** @type {AgencyNow} */ (now), at: mono }));
    }
    return this.#agencies.get(key)?.now ?? null;
  }

  /** @param {Card} card */
  async #fetch({ id, seq }) {
    const went = await this.#take(`/api/v1/complaints/${encodeURIComponent(id)}`, (detail) => {
      const held = this.#held.get(id);
      if (held && seq >= held.seq) this.#held.set(id, { ...held, detail: /** @type {Detail} */ (detail), seq, state: "there" });
    });
    const held = this.#held.get(id);
    if (went || !held) return;
    this.#held.set(id, { ...held, state: held.detail ? "there" : "failed" });
    this.#edge.changed();
  }

  /** @param {string} id */
  #suggest(id) {
    return this.#take(`/api/v1/complaints/${encodeURIComponent(id)}/suggestions`, (suggestions) => {
      const held = this.#held.get(id);
      if (held) this.#held.set(id, { ...held, suggestions: /** @type {Suggestions} */ (suggestions) });
    });
  }

  /** @param {string} url @param {(body: unknown) => void} keep @returns {Promise<boolean>} whether it came */
  async #take(url, keep) {
    try {
      keep(await this.#edge.getJson(url));
    } catch {
      return false;
    }
    this.#edge.changed();
    return true;
  }
}

/** Each reading of a person is on record, so a colleague's name on it alone is no reason for another. @param {Card} before @param {Card} now @returns {boolean} */
function says(before, now) {
  const claim = before.claimed_by !== now.claimed_by || before.claimed_until !== now.claimed_until;
  if (!claim) return now.seq > before.seq;
  const rest = (/** @type {Card} */ card) => JSON.stringify({ ...card, seq: 0, claimed_by: null, claimed_until: null });
  return rest(before) !== rest(now);
}

/** @param {Detail | null} detail @param {{event?: string, changed_by?: string}} told by a refusal @returns {string | null} when that was, by the history */
export function timeOfEvent(detail, { event, changed_by: who }) {
  return detail?.history?.findLast(({ kind, actor }) => kind === event && actor === who)?.at ?? null;
}

// History, newest first: when, what, who, and the text that belongs to it. What the clock said of one stage is one line.

const MOST = 200;

/** @typedef {{entry: Entry, before: Entry[]}} Fold before: the milestones of the same stage that it goes beyond, or the same courtesy again, newest first */

/** @param {readonly Entry[]} history oldest first @returns {Fold[]} newest first, at most MOST */
export function foldHistory(history) {
  /** @type {Fold[]} */
  const folds = [];
  for (const entry of history) {
    const last = folds.at(-1);
    if (last && isSameMatter(last.entry, entry)) folds[folds.length - 1] = { entry, before: [last.entry, ...last.before] };
    else folds.push({ entry, before: [] });
  }
  return folds.slice(-MOST).reverse();
}

/** @param {Entry} last @param {Entry} next @returns {boolean} whether the later one says all that matters of both */
function isSameMatter(last, next) {
  const clock = (/** @type {Entry} */ { kind }) => kind.startsWith("deadline.");
  const courtesy = (/** @type {Entry} */ { kind }) => kind === "complaint.claimed" || kind === "complaint.unclaimed";
  if (clock(last) && clock(next)) return last.stage === next.stage;
  return courtesy(last) && courtesy(next) && last.actor === next.actor;
}
/** Machines: what they did names no person. */
const NOBODY = ["clock", "courier", "system", "source", ""];

/** @param {HTMLElement} list @param {QueueRoom} room @returns {(history: readonly Entry[], look: {at: number | null}) => void} a line keeps its node */
export function mountHistory(list, room) {
  /** @type {Map<string, {node: HTMLElement, paint: (entry: Entry, before: readonly Entry[], at: number | null) => void}>} */
  const lines = new Map();
  return (history, { at }) => {
    const folds = foldHistory(history);
    const nodes = folds.map(({ entry, before }, i) => {
      // By its first entry, so that a line that grows stays the same line.
      const first = before.at(-1) ?? entry;
      const key = `${first.seq ?? folds.length - i} ${first.kind}`;
      const line = lines.get(key) ?? mountLine(room);
      lines.set(key, line);
      line.paint(entry, before, at);
      return line.node;
    });
    if (nodes.length === list.children.length && nodes.every((node, i) => list.children[i] === node)) return;
    list.replaceChildren(...nodes);
    for (const [key, { node }] of lines) if (!nodes.includes(node)) lines.delete(key);
  };
}

/** @param {QueueRoom} room */
function mountLine(room) {
  const [time, what, who, text] = ["history-time", "history-what", "history-who", "history-text"].map((name) => element("span", name));
  const node = element("li", "history-line", /** @type {HTMLElement} */ (time), element("span", "history-did", /** @type {HTMLElement} */ (what), " ", /** @type {HTMLElement} */ (who)), /** @type {HTMLElement} */ (text));
  /** @param {Entry} entry @param {readonly Entry[]} before @param {number | null} at */
  const paint = (entry, before, at) => {
    const words = eventWords(entry, room);
    const ms = Date.parse(entry.at ?? "");
    mark(node, "data-strong", String(words.strong));
    mark(node, "data-quiet", String(words.quiet));
    write(/** @type {HTMLElement} */ (time), Number.isNaN(ms) ? "" : room.moment(ms, at));
    write(/** @type {HTMLElement} */ (what), words.line);
    write(/** @type {HTMLElement} */ (who), NOBODY.includes(entry.actor ?? "") || entry.kind === "complaint.received" ? "" : nameOf(entry.actor));
    const said = [entry.text, entry.reason_text, entry.note_text].find((one) => typeof one === "string" && one !== "");
    write(/** @type {HTMLElement} */ (text), said ?? (words.quiet ? "" : before.map((one) => milestoneWords(one, at, room)).join(" · ")));
  };
  return { node, paint };
}

/** @param {Entry} entry @param {number | null} at @param {QueueRoom} room one that a later one goes beyond */
function milestoneWords(entry, at, room) {
  const ms = Date.parse(entry.at ?? "");
  const kind = entry.kind.replace("deadline.", "");
  const words = kind === "multiplied" ? `${entry.percent} %` : kind === "warned" || kind === "passed" ? room.queue(`milestone_${kind}`) : eventWords(entry, room).line;
  return `${words} ${Number.isNaN(ms) ? "" : room.moment(ms, at)}`.trim();
}

// The detail: at once what the feed knows; once it is open, its text, people, pictures and history too.

/** @param {Document} page @param {QueueRoom} room @returns {(look: Look) => void} */
export function mountDetail(page, room) {
  const panel = find(page, ".reading");
  const paintHead = mountHeading(panel, room);
  const paintFacts = mountFacts(find(panel, '[data-facts="place"]'), ["address", "reporter", "phone"].map((name) => room.queue(/** @type {"phone"} */ (name))));
  const paintProof = mountProof(page, room);
  const paintFindings = mountFindings(find(panel, ".acts-findings"), room);
  const paintHistory = mountHistory(find(panel, ".history"), room);
  return (look) => {
    const card = look.card;
    const opened = card !== null && look.open === card.id;
    mark(panel, "data-empty", String(card === null));
    mark(panel, "data-opened", String(opened));
    mark(document.documentElement, "data-reading", String(opened));
    if (!card) return;
    paintHead(card, look);
    const held = opened ? look.held : null;
    paintText(panel, held, room);
    paintFacts(placeFacts(held, room));
    paintProof(held?.detail ?? null);
    paintFindings(card, held?.detail ?? null);
    paintHistory(held?.detail?.history ?? [], look);
    show(find(panel, ".history-title"), opened && held?.detail !== null);
  };
}

/** @param {HTMLElement} panel @param {QueueRoom} room @returns {(card: Card, look: Look) => void} */
function mountHeading(panel, room) {
  const shape = symbol("waiting");
  find(panel, ".reading-symbol").append(shape);
  const text = (/** @type {string} */ name) => find(panel, `.reading-${name}`);
  return (card, look) => {
    setSymbol(shape, { status: card.status, ring: ringOf(card, look), flash: false });
    write(text("what"), room.city.category(card.category) ?? whatWords(card, room));
    write(text("late"), rowTime(card, look, room));
    write(text("where"), placeWords(card, room));
    write(text("who"), questionWords(card, look.at, room) || stageWords(card, room));
    // One's own name on it the row says.
    const claim = claimOf(card, look.at) === look.person.actor ? "" : claimWords(card, look.at, look.person.actor, room);
    const { queue } = room;
    const words = [room.states(card.state ?? ""), card.priority ? queue(card.priority) : "", whoWords(card, room, look.suggested.agency), movesWords(card, room), claim];
    write(text("state"), words.filter(Boolean).join(" · "));
    const received = Date.parse(card.received_at ?? "");
    const from = sourceWords(card, room);
    const came = from && !Number.isNaN(received) ? queue("came_from", { source: from, time: room.moment(received, look.at) }) : from;
    write(text("source"), [came, card.source_id ? `${queue("number")} ${card.source_id}` : ""].filter(Boolean).join(" · "));
    write(text("said"), saidWords(card, look, room));
  };
}

/** @param {Card} card @param {Look} look @param {QueueRoom} room what became of the last command, with what is different now */
function saidWords(card, look, room) {
  const command = look.markOf(card.id);
  if (!command || command.kind === "sending") return command ? commandWords(command, look, room) : "";
  const seen = look.seen.get(card.id);
  const changed = seen && command.told?.card ? changedWords(seen, command.told.card, room) : "";
  return [commandWords(command, look, room), changed].filter(Boolean).join(". ");
}

/** @param {HTMLElement} panel @param {Held | null} held @param {QueueRoom} room */
function paintText(panel, held, { queue }) {
  const load = find(panel, ".reading-load");
  const waits = held !== null && held.detail === null;
  show(load, waits);
  write(load, waits ? queue(held.state === "failed" ? "detail_failed" : "loading") : "");
  const text = held?.detail ? (held.detail.text?.description ?? "").trim() : "";
  write(find(panel, ".reading-text"), held?.detail ? text || queue("no_text") : "");
  mark(find(panel, ".reading-text"), "data-blank", String(text === ""));
}

/** @param {Held | null} held @param {QueueRoom} room @returns {[string, string, string?][]} name, words, and where a link leads */
function placeFacts(held, { queue, format }) {
  const detail = held?.detail;
  if (!detail) return [];
  const { person, text, children, followers } = detail;
  const phone = person?.phone ?? "";
  return /** @type {[string, string, string?][]} */ ([
    [queue("address"), text?.address ?? ""],
    [queue("reporter"), person ? [person.name || queue("no_reporter"), person.email].filter(Boolean).join(", ") : ""],
    [queue("phone"), phone, phone ? `tel:${phone.replace(/[^\d+]/g, "")}` : ""],
    ["", (children ?? []).length > 0 ? queue("children", { n: format.number((children ?? []).length) }) : ""],
    ["", (followers ?? []).length > 0 ? queue("followers", { n: format.number((followers ?? []).length) }) : ""],
  ]).filter(([, words]) => words !== "");
}

/** @param {HTMLElement} list @param {readonly string[]} [covered] what guests at the desk do not read @returns {(facts: readonly [string, string, string?][]) => void} made anew only when they differ */
function mountFacts(list, covered = []) {
  let shown = "";
  return (facts) => {
    const now = JSON.stringify(facts);
    if (now === shown) return;
    shown = now;
    list.replaceChildren(...facts.map(([name, words, link]) => {
      const said = link ? element("a", "link", words) : words;
      if (link && typeof said !== "string") mark(said, "href", link);
      return element("div", "fact", element("dt", "", name), element("dd", covered.includes(name) ? "covered" : "", said));
    }));
  };
}

/** @param {HTMLElement} list @param {QueueRoom} room @returns {(card: Card, detail: Detail | null) => void} what was found in the proof, beside the button that judges it */
function mountFindings(list, room) {
  let shown = "";
  return (card, detail) => {
    const judged = card.state === "proof_submitted" && detail !== null;
    const found = judged ? proofFindings(detail, room) : [];
    const now = JSON.stringify([judged, found]);
    if (now === shown) return;
    shown = now;
    show(list, judged);
    const lines = found.map(({ code, words, grave }) => {
      const line = element("li", "acts-finding", words);
      mark(line, "data-code", code);
      mark(line, "data-grave", String(grave));
      return line;
    });
    list.replaceChildren(...(judged && lines.length === 0 ? [element("li", "acts-finding", sayIn(room.lang, "desk.proof")("clear"))] : lines));
  };
}

// Side: what is suggested, how the deadline came to be, whom to call, which reports are like it.

/** @typedef {{suggest: (number: number) => void, act: (name: "forward" | "area") => void, open: (id: string) => void}} Handlers */

/** @param {Document} page @param {QueueRoom} room @param {Handlers} handlers @returns {(look: Look) => void} */
export function mountSide(page, room, handlers) {
  const paintSuggested = mountSuggested(find(page, ".suggested"), room, handlers);
  const paintSimilar = mountSimilar(page, room, handlers);
  const paintTimes = mountTimes(find(page, ".times-here"), room);
  const paintAgency = mountFacts(find(page, '[data-facts="agency"]'));
  const paintSent = mountFacts(find(page, '[data-facts="sent"]'));
  const [deadline, expected] = [find(page, ".deadline"), find(page, ".expected")];
  for (const line of page.querySelectorAll(".attribution")) write(line, room.city.attribution);
  return (look) => {
    const { card } = look;
    if (!card) return;
    const opened = look.open === card.id;
    write(deadline, deadlineWords(look.held.detail?.deadline ?? {}, card, look.at, { ...room, calendar: look.calendar }));
    write(expected, opened ? expectedWords(look.held.detail?.expected ?? null, room) : "");
    paintSuggested(card, look, opened);
    paintSimilar(look, opened);
    paintTimes(opened ? (look.held.suggestions?.times ?? null) : null);
    paintAgency(opened && look.agency ? agencyFacts(look, room) : []);
    paintSent(opened ? sentFacts(look.held.detail?.agencies ?? [], { at: look.at, lines: look.state.lines }, room) : []);
  };
}

/** @param {Expected | null} expected @param {QueueRoom} room how long such a complaint takes there, and how often that held */
function expectedWords(expected, { queue, format }) {
  if (!expected) return "";
  const span = (/** @type {number} */ seconds) => format.span(seconds * 1000);
  return queue("expected", { half: span(expected.p50_s), most: span(expected.p80_s), hits: format.percent(Math.round(expected.hit_rate * 100) / 100), tried: format.number(expected.tried) });
}

/** @param {HTMLElement} line @param {QueueRoom} room @returns {(times: import("../../feed/messages.js").PlaceTimes | null) => void} how often the same was at this place before */
function mountTimes(line, room) {
  return (times) => {
    show(line, times !== null);
    write(line, times ? [timesWords(times, room), finishedWords(times, room)].filter((words) => words !== "").join(" · ") : "");
  };
}

/** @param {Look} look @param {QueueRoom} room whom to call about it @returns {[string, string, string?][]} */
function agencyFacts({ agency, at }, { city, queue, format }) {
  if (!agency) return [];
  const call = (/** @type {string | null | undefined} */ number) => (/^\+?[\d ()-]{5,}$/.test(number ?? "") ? `tel:${(number ?? "").replace(/[^\d+]/g, "")}` : "");
  const oldest = at === null ? NaN : at - Date.parse(agency.oldest ?? "");
  const load = typeof agency.open === "number" ? queue("agency_load", { open: format.number(agency.open), overdue: format.number(agency.overdue ?? 0) }) : "";
  return /** @type {[string, string, string?][]} */ ([
    [queue("agency"), [city.agency(agency.key), load, Number.isNaN(oldest) ? "" : queue("oldest", { span: format.span(oldest) })].filter(Boolean).join(" · ")],
    [queue("phone"), agency.phone ?? "", call(agency.phone)],
    [queue("on_call"), agency.on_call ?? "", call(agency.on_call)],
  ]).filter(([, words]) => words !== "");
}

/** @param {HTMLElement} box @param {QueueRoom} room @param {Handlers} handlers @returns {(card: Card, look: Look, opened: boolean) => void} made anew only when it differs */
function mountSuggested(box, room, handlers) {
  const { queue, city } = room;
  let shown = "";
  return (card, look, opened) => {
    const { agency, categories, area } = look.suggested;
    const now = opened ? JSON.stringify([card.state, agency, categories, area]) : "";
    if (now === shown) return;
    shown = now;
    const rows = [
      card.state === "received" && agency ? row(queue("suggest_agency"), [choice("F", city.agency(agency) ?? agency, "", () => handlers.act("forward"))]) : null,
      categories.length > 0 ? row(queue("suggest_category"), categories.map(({ key, because }, i) => choice(String(i + 1), city.category(key) ?? key, (because ?? []).join(", "), () => handlers.suggest(i + 1)))) : null,
      area ? row(queue("suggest_area"), [choice("W", city.area(area)?.name ?? area, "", () => handlers.act("area"))]) : null,
    ];
    box.replaceChildren(...(now === "" ? [] : rows.filter((one) => one !== null)));
  };
}

/** @param {string} name @param {readonly HTMLElement[]} choices */
function row(name, choices) {
  return element("div", "suggested-row", element("span", "suggested-name", name), ...choices);
}

/** @param {string} key @param {string} words @param {string} why @param {() => void} take */
function choice(key, words, why, take) {
  const button = element("button", "suggested-one", words, " ", element("kbd", "", key));
  mark(button, "type", "button");
  if (why) mark(button, "title", why);
  button.addEventListener("click", take);
  return button;
}

/** @param {Document} page @param {QueueRoom} room @param {Handlers} handlers @returns {(look: Look, opened: boolean) => void} */
function mountSimilar(page, room, handlers) {
  const list = find(page, ".similar");
  let shown = "";
  return ({ similar }, opened) => {
    const listed = opened ? similar : [];
    show(find(page, ".similar-title"), listed.length > 0);
    const near = listed.filter(({ metres }) => (metres ?? Infinity) <= NEAR_M).length;
    write(find(page, ".similar-title"), near > 0 ? room.queue("similar_near", { n: room.format.number(near), m: NEAR_M }) : room.queue("similar"));
    show(find(page, ".similar-none"), opened && listed.length === 0);
    const now = JSON.stringify(listed.map(({ id, metres, card }) => [id, metres, card.seq]));
    if (now === shown) return;
    shown = now;
    list.replaceChildren(...listed.map((one) => similarRow(one, room, handlers)));
  };
}

/** @param {Similar} similar @param {QueueRoom} room @param {Handlers} handlers */
function similarRow({ id, card, metres, minutes }, room, handlers) {
  const shape = symbol(card.status);
  setSymbol(shape, { status: card.status });
  const button = element("button", "similar-one", shape, element("span", "similar-what", `${whatWords(card, room)}, ${placeWords(card, room)}`), element("span", "similar-near", nearWords({ metres, minutes }, room)));
  mark(button, "type", "button");
  button.addEventListener("click", () => handlers.open(id));
  return element("li", "", button);
}
