/**
 * What the feed never carries, fetched for the complaint that is open: text, person, history, suggestions, its agency.
 * A newer card makes the details be asked for again; until they come the old ones stay.
 */

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {{id: string, card: Card, metres?: number, minutes?: number, score?: number, merge?: boolean}} Similar */
/** @typedef {{key: string, score?: number, because?: string[]}} Suggested */
/**
 * @typedef {object} Detail
 * @property {Card} [card]
 * @property {{description?: string | null, address?: string | null} | null} [text]
 * @property {{name?: string | null, phone?: string | null, email?: string | null} | null} [person]
 * @property {import("../../ui/complaints.js").Medium[]} [media] @property {import("../../ui/complaints.js").Picture[]} [pictures] @property {import("../../ui/complaints.js").Finding[]} [findings]
 * @property {import("./event_words.js").Entry[]} [history]
 * @property {import("./deadline_words.js").Deadline | null} [deadline]
 * @property {import("./sent_words.js").Part[]} [agencies]
 * @property {string[]} [children] merged into it
 * @property {string[]} [followers] done with it before it was reopened: their reporters go on reading
 * @property {Record<string, string>} [names] of those who may be named to whoever asked, by actor
 * @property {string[]} [allowed]
 */
/** @typedef {{categories?: Suggested[], agency?: string | {key: string} | null, area?: string | {key: string} | null, similar?: Similar[]}} Suggestions */
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
