/**
 * What was finished today, by kind, the most frequent first: what guests see where no pictures have been released. A kind that the
 * city keeps private is counted with the rest and not named.
 */
import { element, find, mark, show, write, writeEnds } from "../ui/dom.js";

/** @typedef {import("../feed/cards.js").Cards} Cards */
/** @typedef {{kinds: {name: string, n: number}[], rest: number}} Finished */

const ROWS = 7;
const LINE = { total: 1120, size: 60, weight: 400 };

/** @param {Cards} cards done ones were finished today: the feed sends no others @param {import("../ui/city.js").City} city @returns {Finished} */
export function finishedKinds(cards, city) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  let all = 0;
  cards.each(({ status, category }) => {
    if (status !== "done") return;
    all += 1;
    const name = city.isPrivate(category) ? null : city.category(category);
    if (name) counts.set(name, (counts.get(name) ?? 0) + 1);
  });
  const sorted = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const kinds = sorted.slice(0, ROWS).map(([name, n]) => ({ name, n }));
  return { kinds, rest: all - kinds.reduce((sum, { n }) => sum + n, 0) };
}

/** @param {HTMLElement} place @param {import("../ui/picture.js").Room} room @returns {(cards: Cards, shown: boolean) => void} */
export function mountKinds(place, room) {
  write(find(place, ".kinds-head"), room.say("visit_kinds"));
  const list = find(place, ".kind-rows");
  const rows = Array.from({ length: ROWS }, () => mountKind(list, room));
  const rest = find(place, ".kinds-rest");
  /** @type {Cards | null} */
  let counted = null;
  return (cards, shown) => {
    show(place, shown);
    if (!shown || cards === counted) return;
    counted = cards;
    const finished = finishedKinds(cards, room.city);
    mark(place, "data-any", String(finished.kinds.length > 0));
    for (const [i, paint] of rows.entries()) paint(finished.kinds[i] ?? null, finished.kinds[0]?.n ?? 1);
    write(rest, finished.rest > 0 ? room.say("visit_kinds_rest", { n: room.format.number(finished.rest) }) : "");
  };
}

/** @param {HTMLElement} list @param {import("../ui/picture.js").Room} room @returns {(kind: Finished["kinds"][number] | null, most: number) => void} */
function mountKind(list, { format, width }) {
  const [name, n, bar] = [element("span", "kind-name"), element("span", "kind-n"), element("span", "kind-bar")];
  const row = element("li", "kind", name, n, bar);
  list.append(row);
  return (kind, most) => {
    mark(row, "data-shown", String(kind !== null));
    if (!kind) return;
    writeEnds([name, kind.name], [n, format.number(kind.n)], { ...LINE, width });
    bar.style.transform = `scaleX(${(kind.n / most).toFixed(3)})`;
  };
}
