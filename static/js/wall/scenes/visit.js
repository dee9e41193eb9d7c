/**
 * Scene for guests. What has today brought? Finished, on time and how long it took; it says nothing of a single report.
 */
import { ageWords } from "../../feed/http.js";
import { asVisit } from "../../feed/messages.js";
import { olderWords } from "../../ui/complaints.js";
import { element, elementWith, find, mark, NARROW, show, write, writeEnds } from "../../ui/dom.js";
import { symbol } from "../../ui/symbols.js";

/** @typedef {import("../../feed/cards.js").Cards} Cards */
/** @typedef {import("../../feed/messages.js").Shown} Shown */
/** @typedef {import("../../ui/picture.js").WallRoom} Room */

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

/** @param {HTMLElement} place @param {Room} room @returns {(cards: Cards, shown: boolean) => void} */
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

/** @param {HTMLElement} list @param {Room} room @returns {(kind: Finished["kinds"][number] | null, most: number) => void} */
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
    element("figcaption", "", element("span", "visit-caption", element("span", "visit-side"), element("span", "visit-when")), ...(name === "after" ? [element("span", "visit-took")] : [])));
  const word = (/** @type {string} */ name) => element("p", `visit-word visit-${name}`);
  return [
    question, element("p", "figures-age"),
    elementWith("div", "visit-results", {},
      element("p", "visit-figure visit-finished", element("span", "visit-count", "–")), word("finished-word"), word("older"),
      element("p", "visit-figure visit-share", "–"), word("on-time-word"), word("on-time-note"),
      element("p", "visit-figure visit-median", "–"), word("median-word"), word("median-note")),
    elementWith("div", "visit-shown", { "data-shown": "false" }, figure("before"), figure("after"), element("p", "visit-what")),
    elementWith("div", "visit-kinds", { "data-shown": "false" }, element("p", "kinds-head"), element("ul", "kind-rows"), element("p", "kinds-rest")),
  ];
}

/** @param {HTMLElement} scene @param {Room} room @returns {import("../../ui/picture.js").Paint} */
function mount(scene, room) {
  write(find(scene, ".question-line"), room.say("visit_question"));
  writeBeside(find(scene, ".visit-on-time-word"), room.say("visit_on_time"), WORD, room);
  writeBeside(find(scene, ".visit-median-word"), room.say("visit_median"), WORD, room);
  const [answer, old] = [find(scene, ".answer"), find(scene, ".figures-age")];
  const [paintFinished, paintKept] = [mountFinished(scene, room), mountKept(scene, room)];
  const paintShown = mountShown(find(scene, ".visit-shown"), room);
  const paintKinds = mountKinds(find(scene, ".visit-kinds"), room);
  return ({ figure: kept, mono, state, beat }) => {
    const figure = asVisit(kept);
    paintFinished(state.counts, figure?.finished ?? null);
    paintKept(figure);
    write(answer, figure ? (figure.welcome ?? "") : room.say("figures_none"));
    const shown = turnOf(figure?.shown ?? [], beat?.now);
    mark(scene, "data-pair", String(shown !== null));
    paintShown(shown);
    paintKinds(state.cards, shown === null);
    write(old, ageWords(kept, mono, room));
  };
}

/** What a figure may take of its place at its largest, units; what is longer takes the next smaller step, or the one after. */
const FIGURE = { total: 606, size: 168, weight: 600, smaller: 0.76 };

/** @param {HTMLElement} node @param {string} words another language says it longer: then smaller, never into the words beside it @param {Room} room */
function writeFigure(node, words, { width, type = 1 }) {
  write(node, words);
  const share = (FIGURE.total * type) / width(words, FIGURE.size, FIGURE.weight);
  mark(node, "data-size", share >= 1 ? "whole" : share >= FIGURE.smaller ? "smaller" : "small");
}

/** What words have beside their figure, units; and the share of their width that they keep at the narrowest that the font has. */
const BESIDE = 570;
/** And those beneath the largest figure, before the next block. */
const BENEATH = 1020;
const NARROWEST = 0.9;
const [WORD, NOTE] = [60, 48];

/** @param {HTMLElement} node @param {string} words narrow as they are; a longer language stands narrower still, then smaller or in two lines @param {number} size @param {Room} room @param {number} [total] */
function writeBeside(node, words, size, { width }, total = BESIDE) {
  const wide = width(words, size, 400);
  write(node, words);
  mark(node, "data-fit", NARROW * wide <= total ? "whole" : NARROWEST * wide <= total ? "narrow" : "cut");
}

/** @param {HTMLElement} scene @param {Room} room @returns {(figure: ReturnType<typeof asVisit>) => void} share on time beside that of the last days, and the median */
function mountKept(scene, room) {
  const [share, shareNote] = [find(scene, ".visit-share"), find(scene, ".visit-on-time-note")];
  const [median, medianNote] = [find(scene, ".visit-median"), find(scene, ".visit-median-note")];
  const { say, format } = room;
  return (figure) => {
    writeFigure(share, figure?.on_time_share === null || !figure ? "–" : format.percent(figure.on_time_share), room);
    const usual = figure?.window?.on_time_share ?? null;
    writeBeside(shareNote, usual === null ? say("visit_with_late") : say("visit_usual_share", { n: format.decimal(figure?.window?.working_days ?? 0), share: format.percent(usual) }), NOTE, room);
    const working = figure?.median?.clock === "working";
    writeFigure(median, figure?.median ? medianWords(figure.median.s, working ? figure.working_day_s : DAY_S, room) : "–", room);
    writeBeside(medianNote, say(working ? "visit_median_working" : "visit_median_note"), NOTE, room);
  };
}

const [MINUTE_S, HOUR_S, DAY_S] = [60, 3600, 86_400];

/** @param {number} s @param {number} dayS length of a day on its clock @param {Room} room @returns {string} one unit, with one place from hours on: 45 mnt, 3,4 jam */
function medianWords(s, dayS, { format }) {
  if (s < 100 * MINUTE_S) return format.amount(Math.floor(s / MINUTE_S), "minute").join(" ");
  const [unit, size] = s < 2 * (dayS || DAY_S) ? /** @type {const} */ (["hour", HOUR_S]) : /** @type {const} */ (["day", dayS || DAY_S]);
  return format.amount(Math.round((10 * s) / size) / 10, unit).join(" ");
}

/** @param {HTMLElement} scene @param {Room} room @returns {(counts: import("../../feed/messages.js").Counts | null, known: number | null) => void} the cards' own count where they have one */
function mountFinished(scene, room) {
  const tick = symbol("done");
  const box = find(scene, ".visit-finished");
  box.append(tick);
  const [finished, word, older] = [find(scene, ".visit-count"), find(scene, ".visit-finished-word"), find(scene, ".visit-older")];
  return (counts, known) => {
    const n = counts?.flow?.done ?? known;
    const count = n === null ? "–" : room.format.number(n);
    write(finished, count);
    writeBeside(word, room.say("visit_finished", { n: count }), WORD, room, BENEATH);
    write(older, olderWords(counts, room));
    mark(box, "data-long", String((n ?? 0) >= 1000));
    // In shares of the figure's own size, which is not the same on every wall and does not grow with the text.
    const end = room.width(count, 100, 600) / 100 / (room.type ?? 1);
    tick.style.transform = `translate(calc(${(end + 0.4).toFixed(3)}em - 50%), -50%)`;
  };
}

/** One pair of pictures after the other, the same on all screens. */
const SHOWN_MS = 15_000;

/** @param {readonly Shown[]} shown @param {string | undefined} now real time @returns {Shown | null} whose turn it is */
function turnOf(shown, now) {
  return shown[Math.floor((Date.parse(now ?? "") || 0) / SHOWN_MS) % Math.max(1, shown.length)] ?? null;
}

/** @param {HTMLElement} place @param {Room} room @returns {(shown: Shown | null) => void} pictures a supervisor released, before beside after */
function mountShown(place, { say, format, city }) {
  const sides = /** @type {const} */ (["before", "after"]).map((side) => ({ side, figure: find(place, `.visit-${side}`) }));
  for (const { side, figure } of sides) {
    write(find(figure, ".visit-side"), say(`visit_${side}`));
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
      const when = Number.isNaN(ms) ? [] : [`${format.weekday(ms)} ${format.hour(ms)}`];
      write(find(figure, ".visit-when"), when.map((words) => `, ${words}`).join(""));
    }
    const what = shown ? [city.category(shown.category), city.area(shown.area)?.name, city.agency(shown.agency)] : [];
    write(find(place, ".visit-what"), what.filter(Boolean).join(", "));
    const took = Date.parse(shown?.closed_at ?? "") - Date.parse(shown?.received_at ?? "");
    write(find(place, ".visit-took"), took > 0 ? format.span(took) : "");
  };
}
