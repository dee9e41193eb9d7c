/**
 * Finding complaints: at once among what this desk holds, then by the room, which also knows texts, places and older ones.
 */

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("../../ui/city.js").City} City */

const MOST = 100;

/** @param {Card} card @param {City} city @returns {string} by what it is found here */
function wordsOf(card, city) {
  const area = city.area(card.area);
  const words = [card.id.slice(0, 8), card.source_id, city.category(card.category), area?.name, area ? city.district(area.district) : "", city.agency(card.agency)];
  return words.filter(Boolean).join(" ").toLowerCase();
}

/** @param {Iterable<Card>} cards @param {string} q @param {City} city @returns {Card[]} those that hold every word, at most MOST */
export function findHere(cards, q, city) {
  const sought = q.toLowerCase().split(/\s+/).filter(Boolean);
  /** @type {Card[]} */
  const found = [];
  if (sought.length === 0) return found;
  for (const card of cards) {
    const words = wordsOf(card, city);
    if (sought.every((word) => words.includes(word) || card.id.startsWith(word))) found.push(card);
    if (found.length >= MOST) break;
  }
  return found;
}

export class Search {
  #edge;
  #turn = 0;
  q = "";
  /** What the room found. @type {Card[]} */
  far = [];
  failed = false;

  /** @param {{getJson: (url: string) => Promise<unknown>, changed: () => void}} edge */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @param {string} q */
  async ask(q) {
    const turn = (this.#turn += 1);
    Object.assign(this, { q, far: [], failed: false });
    if (q === "") return;
    try {
      const answer = /** @type {{items?: {card?: Card}[]} | null} */ (await this.#edge.getJson(`/api/v1/complaints?q=${encodeURIComponent(q)}&limit=${MOST}`));
      if (turn === this.#turn) this.far = (answer?.items ?? []).flatMap(({ card }) => (card ? [card] : []));
    } catch {
      if (turn === this.#turn) this.failed = true;
    }
    if (turn === this.#turn) this.#edge.changed();
  }

  /** @param {import("../../feed/cards.js").Cards} cards of the store: they are the newer ones @param {City} city @returns {Card[]} the room's order first */
  found(cards, city) {
    if (this.q === "") return [];
    const all = new Map(this.far.map((card) => [card.id, cards.get(card.id) ?? card]));
    for (const card of findHere(cards.values(), this.q, city)) all.set(card.id, card);
    return [...all.values()].slice(0, MOST);
  }
}
