/**
 * Scene for guests. What has today brought? Finished, on time and how long it took; it says nothing of a single report.
 */
import { ageWords } from "../../feed/http.js";
import { asVisit } from "../../feed/messages.js";
import { olderWords } from "../../ui/complaints.js";
import { element, elementWith, find, mark, show, write, writeEnds } from "../../ui/dom.js";
import { symbol } from "../../ui/symbols.js";

/** @typedef {import("../../feed/cards.js").Cards} Cards */
/** @typedef {import("../../feed/messages.js").Shown} Shown */

// What was finished today, by kind, the most frequent first: what guests see where no pictures have been released. A kind that the
// city keeps private is counted with the rest and not named.

/** @typedef {{kinds: {name: string, n: number}[], rest: number}} Finished */

const ROWS = 7;
const LINE = { total: 1120, size: 60, weight: 400 };

/** @param {Cards} cards done ones were finished today: the feed sends no others @param {import("../../ui/city.js").City} city @returns {Finished} */
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

/** @param {HTMLElement} place @param {import("../../ui/picture.js").WallRoom} room @returns {(cards: Cards, shown: boolean) => void} */
function mountKinds(place, room) {
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

/** @param {HTMLElement} list @param {import("../../ui/picture.js").WallRoom} room @returns {(kind: Finished["kinds"][number] | null, most: number) => void} */
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

// The scene.

/** Results for guests: it comes by the address, or takes its turn while guests are here. */
export const visit = { name: /** @type {const} */ ("visit"), guests: true, markup, mount };

/** @param {HTMLElement} question its head */
function markup(question) {
  const figure = (/** @type {string} */ name) => element("figure", `visit-${name}`, elementWith("img", "", { alt: "" }),
    element("figcaption", "", element("span", "visit-caption"), element("span", "visit-when")));
  const word = (/** @type {string} */ name) => element("p", `visit-word visit-${name}`);
  return [
    question, element("p", "figures-age"),
    element("p", "visit-figure visit-finished", element("span", "visit-count", "–")), word("finished-word"), word("older"),
    element("p", "visit-figure visit-share", "–"), word("on-time-word"),
    element("p", "visit-figure visit-median", "–"), word("median-word"), word("median-note"),
    elementWith("div", "visit-shown", { "data-shown": "false" }, figure("before"), figure("after"), element("p", "visit-what"), element("p", "visit-took")),
    elementWith("div", "visit-kinds", { "data-shown": "false" }, element("p", "kinds-head"), element("ul", "kind-rows"), element("p", "kinds-rest")),
  ];
}

/** @param {HTMLElement} scene @param {import("../../ui/picture.js").WallRoom} room @returns {import("../../ui/picture.js").Paint} */
function mount(scene, room) {
  const { say, format } = room;
  const words = /** @type {const} */ ([[".question-line", "visit_question"], [".visit-on-time-word", "visit_on_time"], [".visit-median-word", "visit_median"], [".visit-median-note", "visit_median_note"]]);
  for (const [place, word] of words) write(find(scene, place), say(word));
  const [share, median, answer, old] = [find(scene, ".visit-share"), find(scene, ".visit-median"), find(scene, ".answer"), find(scene, ".figures-age")];
  const paintFinished = mountFinished(scene, room);
  const paintShown = mountShown(find(scene, ".visit-shown"), room);
  const paintKinds = mountKinds(find(scene, ".visit-kinds"), room);
  return ({ figure: kept, mono, state, beat }) => {
    const figure = asVisit(kept);
    paintFinished(state.counts, figure?.finished ?? null);
    write(share, figure?.on_time_share === null || !figure ? "–" : format.percent(figure.on_time_share));
    const options = { working: figure?.median?.clock === "working", dayMs: (figure?.working_day_s ?? 0) * 1000 };
    writeMedian(median, figure?.median ? format.span(figure.median.s * 1000, options) : "–", room);
    write(answer, figure ? (figure.welcome ?? "") : say("figures_none"));
    const shown = turnOf(figure?.shown ?? [], beat?.now);
    paintShown(shown);
    paintKinds(state.cards, shown === null);
    write(old, ageWords(kept, mono, room));
  };
}

/** Its place on the sheet; what is longer takes the next smaller step of the scale, or the one after. */
const MEDIAN = { total: 1180, size: 224, weight: 600, smaller: 0.75 };

/** @param {HTMLElement} median @param {string} words another language says it longer: then smaller, never into the next block @param {import("../../ui/picture.js").WallRoom} room */
function writeMedian(median, words, { width, type = 1 }) {
  write(median, words);
  const share = (MEDIAN.total * type) / width(words, MEDIAN.size, MEDIAN.weight);
  mark(median, "data-size", share >= 1 ? "whole" : share >= MEDIAN.smaller ? "smaller" : "small");
}

/** @param {HTMLElement} scene @param {import("../../ui/picture.js").WallRoom} room @returns {(counts: import("../../feed/messages.js").Counts | null, known: number | null) => void} the cards' own count where they have one */
function mountFinished(scene, room) {
  const tick = symbol("done");
  find(scene, ".visit-finished").append(tick);
  const [finished, word, older] = [find(scene, ".visit-count"), find(scene, ".visit-finished-word"), find(scene, ".visit-older")];
  return (counts, known) => {
    const n = counts?.flow?.done ?? known;
    const count = n === null ? "–" : room.format.number(n);
    write(finished, count);
    write(word, room.say("visit_finished", { n: count }));
    write(older, olderWords(counts, room));
    // In shares of the figure's own size, which is not the same on every wall and does not grow with the text.
    const end = room.width(count, 100, 600) / 100 / (room.type ?? 1);
    tick.style.transform = `translate(calc(${(end + 0.53).toFixed(3)}em - 50%), -50%)`;
  };
}

/** One pair of pictures after the other, the same on all screens. */
const SHOWN_MS = 15_000;

/** @param {readonly Shown[]} shown @param {string | undefined} now real time @returns {Shown | null} whose turn it is */
function turnOf(shown, now) {
  return shown[Math.floor((Date.parse(now ?? "") || 0) / SHOWN_MS) % Math.max(1, shown.length)] ?? null;
}

/** @param {HTMLElement} place @param {import("../../ui/picture.js").WallRoom} room @returns {(shown: Shown | null) => void} pictures a supervisor released, before above after */
function mountShown(place, { say, format, city }) {
  const sides = /** @type {const} */ (["before", "after"]).map((side) => ({ side, figure: find(place, `.visit-${side}`) }));
  for (const { side, figure } of sides) {
    write(find(figure, ".visit-caption"), say(`visit_${side}`));
    find(figure, "figcaption").prepend(symbol(side === "before" ? "waiting" : "done"));
  }
  return (shown) => {
    show(place, shown !== null);
    for (const { side, figure } of sides) {
      const address = shown?.[side] ?? null;
      const picture = /** @type {HTMLImageElement} */ (find(figure, "img"));
      mark(figure, "data-shown", String(address !== null));
      if (address === null) picture.removeAttribute("src");
      else mark(picture, "src", address);
      const ms = Date.parse((side === "before" ? shown?.received_at : shown?.closed_at) ?? "");
      write(find(figure, ".visit-when"), Number.isNaN(ms) ? "" : `${format.weekday(ms)} ${format.hour(ms)}`);
    }
    write(find(place, ".visit-what"), shown ? [city.category(shown.category) ?? "", city.area(shown.area)?.name ?? ""].filter(Boolean).join(", ") : "");
    const took = Date.parse(shown?.closed_at ?? "") - Date.parse(shown?.received_at ?? "");
    write(find(place, ".visit-took"), shown && took > 0 ? say("visit_took", { agency: city.agency(shown.agency) ?? "", span: format.span(took) }) : "");
  };
}
