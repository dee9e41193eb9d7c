/**
 * Complaints as wall and desk show them: their ranking, their words, their pictures, and sums beside them.
 */
import { standing } from "../feed/clock.js";

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("../feed/cards.js").Cards} Cards */
/** @typedef {import("./picture.js").Room} Room */

// Ranking: the worst overdue complaints and those that run out next, out of any number of cards. A pass over all cards picks
// candidates; between passes the lists are rebuilt from candidates and what changed.

/** @typedef {{at: number, calendar: import("../feed/clock.js").Calendar, unacked: ReadonlySet<string>}} RankMoment */
/** @typedef {{card: Card, key: readonly number[]}} Ranked */
/** @typedef {{waiting: Ranked[], in_process: Ranked[]}} Columns */
/** @typedef {{late: Columns, open: Columns, soon: number}} Ranking */

/** More than any scene shows, so that a few changes do not run a list dry before the next pass. */
const KEPT = 40;
const SOON = 2 * 3600e3;
const CLASS = { critical: 0, urgent: 1, normal: 2 };

/** @returns {Ranking} */
export function emptyRanking() {
  return { late: { waiting: [], in_process: [] }, open: { waiting: [], in_process: [] }, soon: 0 };
}

/** @param {readonly number[]} a @param {readonly number[]} b */
function before(a, b) {
  for (let i = 0; i < a.length; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** @param {Ranked[]} list kept sorted @param {Card} card @param {readonly number[]} key smaller comes first */
function place(list, card, key) {
  const last = list[KEPT - 1];
  if (last && !before(key, last.key)) return;
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = list[middle];
    if (entry && before(key, entry.key)) high = middle;
    else low = middle + 1;
  }
  list.splice(low, 0, { card, key });
  if (list.length > KEPT) list.pop();
}

/** @param {Card} card @param {RankMoment} moment unacknowledged, then class, then percent of the limit */
function lateKey(card, { at, calendar, unacked }) {
  const used = standing(card, at, calendar)?.used ?? 1;
  return [unacked.has(card.id) ? 0 : 1, CLASS[card.priority ?? "normal"] ?? 2, -Math.round(used * 1e4), card.seq];
}

/** @param {Ranking} ranking changed in place @param {Card} card @param {RankMoment} moment */
export function consider(ranking, card, moment) {
  if (card.status !== "waiting" && card.status !== "in_process") return;
  if (card.overdue) {
    place(ranking.late[card.status], card, lateKey(card, moment));
    return;
  }
  const due = Date.parse(card.due_at ?? "");
  const runs = !card.paused && !Number.isNaN(due);
  if (runs && due - moment.at <= SOON) ranking.soon += 1;
  place(ranking.open[card.status], card, [runs ? 0 : 1, runs ? due : 0, card.seq]);
}

/** @param {Iterable<Card>} cards @param {RankMoment} moment @returns {Ranking} */
export function rank(cards, moment) {
  const ranking = emptyRanking();
  for (const card of cards) consider(ranking, card, moment);
  return ranking;
}

/** @param {Columns} columns @returns {Ranked[]} both colours in one order */
function merged({ waiting, in_process }) {
  return [...waiting, ...in_process].sort((a, b) => (before(a.key, b.key) ? -1 : 1));
}

/** @param {Ranking} ranking @returns {Ranked[]} the overdue, the worst first */
export function worst({ late }) {
  return merged(late);
}

/** @param {Ranking} ranking @returns {Ranked[]} what is not late, what runs out next first */
export function soonest({ open }) {
  return merged(open);
}

/** @param {Ranking} ranking @returns {string[]} */
function candidates(ranking) {
  const { late, open } = ranking;
  return [late.waiting, late.in_process, open.waiting, open.in_process].flat().map(({ card }) => card.id);
}

/**
 * @param {Ranking} old
 * @param {Cards} cards as they are now
 * @param {Iterable<string>} touched ids changed since the pass that made `old`
 * @param {RankMoment} moment
 * @returns {Ranking}
 */
export function refresh(old, cards, touched, moment) {
  const ranking = emptyRanking();
  for (const id of new Set([...candidates(old), ...touched])) {
    const card = cards.get(id);
    if (card) consider(ranking, card, moment);
  }
  return { ...ranking, soon: old.soon };
}

// Words of one complaint: what, where, how late or how long left, who must act. Only codes and names of the city; never a
// report's own text.

/** @typedef {{at: number | null, calendar: import("../feed/clock.js").Calendar}} Moment */

/** Longer names keep their first part alone. */
const LONG = 24;

/** Hebrew, Arabic and their kin, as they stand in names. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** @param {string} name @returns {string} a name that runs from the right by itself, so that it does not turn what stands beside it */
export function isolated(name) {
  return RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name;
}

/** @param {Card} card @param {Room} room the category, without what stands in brackets; short enough for a row */
export function whatWords(card, { city, say }) {
  const name = (city.category(card.category) ?? say("unknown_category")).replace(/ ?\([^)]*\)/g, "");
  return name.length > LONG ? (name.split(/[/,]/)[0] ?? name) : name;
}

/** @param {Card} card @param {Room} room kelurahan and kecamatan; once where both are the same place */
export function placeWords(card, { city, say }) {
  const area = city.area(card.area);
  if (area) return area.district === area.code ? isolated(area.name) : `${isolated(area.name)}, ${isolated(city.district(area.district))}`;
  if (card.area) return card.area;
  return say(card.lat === null || card.lat === undefined ? "unknown_place" : "outside_place");
}

/** @param {Card} card @param {Moment} moment @param {Room} room time left, or over with a plus */
export function timeWords(card, { at, calendar }, { say, format }) {
  if (card.paused) return say(card.paused === "citizen" ? "paused_citizen" : "paused_hold");
  const stands = at === null ? null : standing(card, at, calendar);
  if (!stands) return say("no_deadline");
  const options = { working: stands.working, dayMs: calendar.dayMs };
  return card.overdue ? format.late(-stands.left, options) : format.span(stands.left, options);
}

/** @param {Card} card @param {Moment} moment @returns {number | null} share of the allowed time still left, 0 to 1 */
export function shareLeft(card, { at, calendar }) {
  if (card.overdue || card.paused || at === null) return null;
  const used = standing(card, at, calendar)?.used ?? null;
  return used === null ? null : Math.min(1, Math.max(0, 1 - used));
}

/** From this change of hands on a complaint goes to and fro (docs/measures.md). */
const TO_AND_FRO = 3;

/** @param {Card} card @param {Pick<Room, "say" | "format">} room how often it went from agency to agency, once that is often; else nothing */
export function movesWords({ moves: n }, { say, format }) {
  return (n ?? 0) >= TO_AND_FRO ? say("moves", { n: format.number(n ?? 0) }) : "";
}

/** @param {Card} card @param {Room} room */
export function agencyWords(card, { city, say }) {
  return city.agency(card.agency) ?? say("no_agency");
}

/** @param {Card} card @param {Room} room who has not done what yet */
export function owedWords(card, { city, say }) {
  const name = city.agency(card.agency);
  if (!name) return say("not_forwarded");
  const agency = isolated(name);
  if (card.stage === "forward") return say("forward_late", { agency });
  const accepting = card.stage === "accept" || (!card.stage && card.status === "waiting");
  return say(accepting ? "accept_late" : "finish_late", { agency });
}

// Pictures by what they show: before (the citizen's own) and after (what proves the work). Pure.

/** @typedef {{id: string, kind: string, state: string, form: string | null, sent_at: string, taken_at: string | null, width: number | null, height: number | null, seconds: number | null, thumb: string | null, clean: string | null}} Picture */
/** @typedef {{code: string, about: string | null, facts: Record<string, any>}} Finding */
/** @typedef {{id: string, kind?: string | null, url?: string | null}} Medium a row of the complaint: a link, or `upload:ID` */
/** @typedef {{pictures?: Picture[], media?: Medium[], findings?: Finding[], history?: {kind: string, media?: string[]}[]}} Told */
/** @typedef {{before: Picture[], after: Picture[], earlier: Picture[], links: URL[], findings: Finding[], submitted: boolean}} Sides earlier: of proofs before the last one */

const UPLOAD = "upload:";

/** @param {Told | null | undefined} told @returns {Sides} */
export function sidesOf(told) {
  const ready = (told?.pictures ?? []).filter(({ state, thumb }) => state === "ready" && thumb);
  const media = told?.media ?? [];
  const proof = told?.history?.findLast(({ kind }) => kind === "complaint.proof_submitted");
  const named = new Set(media.map(({ url }) => url ?? ""));
  const last = new Set(media.filter(({ id }) => proof?.media?.includes(id)).map(({ url }) => url ?? ""));
  const proofs = ready.filter(({ id, kind }) => kind !== "report" && named.has(UPLOAD + id));
  return {
    before: ready.filter(({ kind }) => kind === "report"), after: proofs.filter(({ id }) => last.has(UPLOAD + id)),
    earlier: proofs.filter(({ id }) => !last.has(UPLOAD + id)), links: media.flatMap(({ url }) => linkOf(url ?? "")),
    findings: told?.findings ?? [], submitted: proof !== undefined,
  };
}

/** @param {Sides} sides @param {string} id @returns {Finding[]} about one picture, the gravest first */
export function findingsAbout({ findings }, id) {
  return findings.filter(({ about }) => about === id);
}

/** @param {Picture} picture */
export function moves({ form }) {
  return form?.startsWith("video/") === true;
}

/** @param {string} url @returns {URL[]} a picture that lies elsewhere: told, never loaded */
function linkOf(url) {
  try {
    const address = new URL(url);
    return address.protocol === "https:" ? [address] : [];
  } catch {
    return [];
  }
}

// Sources that are late or lost: what they last said stays on the wall, hatched, and only theirs (CR-48).

/** @param {Pick<import("../feed/store.js").State, "sources">} state @returns {ReadonlySet<string>} ids */
export function quietSources({ sources }) {
  return new Set(sources.filter(({ state }) => state === "late" || state === "lost").map(({ id }) => id));
}

/** @param {import("../feed/messages.js").Card} card @param {{quiet?: ReadonlySet<string>}} picture */
export function isQuiet({ source }, { quiet }) {
  return quiet?.has(source ?? "") === true;
}

// What was finished today, whenever it came in, beside the sum of what came in today: two counts, so two words, and the
// difference said.

/**
 * @param {import("../feed/messages.js").Counts | null} counts
 * @param {Pick<import("./picture.js").Room, "say" | "format">} room
 * @returns {string} how many of them came in on an earlier day; empty when none did or nobody knows
 */
export function olderWords(counts, { say, format }) {
  const n = (counts?.flow?.done ?? 0) - (counts?.cohort?.done ?? Infinity);
  return n > 0 ? say("from_earlier", { n: format.number(n) }) : "";
}
