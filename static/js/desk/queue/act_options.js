/**
 * Between what each question of the desk lets one choose, the suggested first. Pure.
 */
import { placeWords, whatWords } from "../../ui/complaints.js";

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("./chooser_match.js").Option} Option */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */
/** @typedef {{categories: string[], areas: {code: string, name: string, district: string}[], agencyNames: Record<string, string>}} Lists of the city, in the order of its pack */

const DAY_MS = 86_400_000;
const LATER = [1, 2, 3, 5, 10];
/** A hold may wait for money or for another body. */
export const HOLDS = [1, 3, 5, 10, 20];
const REASONS = /** @type {const} */ ({
  reject: ["reason_prank", "reason_empty", "reason_double", "reason_not_complaint"],
  send_back: ["reason_blurred", "reason_other_place", "reason_unfinished"],
  reopen: ["reason_not_solved", "reason_wrong_close"],
  hold: ["reason_budget", "reason_parts", "reason_elsewhere", "reason_weather"],
});

/** @param {Record<string, any>} raw what the page tells of the city @returns {Lists} */
export function readLists(raw) {
  const agencies = Object.entries(raw.agencies ?? {}).map(([key, one]) => [key, String(one?.name ?? key)]);
  return {
    categories: Object.keys(raw.categories ?? {}),
    areas: (Array.isArray(raw.areas) ? raw.areas : []).map(({ code, name, district }) => ({ code: String(code), name: String(name), district: String(district) })),
    agencyNames: Object.fromEntries(agencies),
  };
}

/** @param {readonly string[]} keys @param {readonly (string | null | undefined)[]} first suggested, best first @returns {string[]} those first */
function led(keys, first) {
  const known = first.filter((key) => typeof key === "string" && keys.includes(key));
  return [...new Set([.../** @type {string[]} */ (known), ...keys])];
}

/** @param {readonly string[]} keys @param {string | null} suggested @param {string | null} except who has it already @param {Lists} lists @param {QueueRoom} room @returns {Option[]} */
export function agencyOptions(keys, suggested, except, lists, { city, queue }) {
  const options = led(keys, [suggested]).filter((key) => key !== except);
  return options.map((key) => ({
    key, name: city.agency(key) ?? key, words: lists.agencyNames[key] ?? "",
    note: key === suggested ? `${lists.agencyNames[key] ?? ""} · ${queue("option_suggested")}` : (lists.agencyNames[key] ?? ""),
  }));
}

/** @param {Card} card @param {readonly import("./details.js").Suggested[]} suggested @param {Lists} lists @param {QueueRoom} room @returns {Option[]} */
export function categoryOptions(card, suggested, lists, { city, queue }) {
  const why = new Map(suggested.map(({ key, because }) => [key, because ?? []]));
  const keys = led(lists.categories, suggested.map(({ key }) => key)).filter((key) => key !== card.category);
  return keys.map((key) => ({ key, name: city.category(key) ?? key, note: why.get(key)?.length ? queue("because", { words: why.get(key)?.join(", ") ?? "" }) : "" }));
}

/** @param {Card} card @param {string | null} suggested @param {Lists} lists @param {QueueRoom} room @returns {Option[]} */
export function areaOptions(card, suggested, { areas }, { city, queue }) {
  const keys = led(areas.map(({ code }) => code), [suggested]).filter((code) => code !== card.area);
  return keys.map((code) => {
    const area = city.area(code);
    const district = area ? city.district(area.district) : "";
    return { key: code, name: area?.name ?? code, words: district, note: code === suggested ? `${district} · ${queue("option_suggested")}` : district };
  });
}

/** What ends the choosing of helpers. */
export const THESE = "=";

/** @param {readonly string[]} keys @param {string | null} lead @param {readonly string[]} helpers as chosen so far @param {boolean} changed whether that differs from now @param {Lists} lists @param {QueueRoom} room @returns {Option[]} each turns one on or off; the first sends them, once they differ */
export function helperOptions(keys, lead, helpers, changed, lists, room) {
  const { city, queue } = room;
  const named = helpers.map((key) => city.agency(key) ?? key).join(", ");
  const send = { key: THESE, name: named ? queue("helpers_send", { agencies: named }) : queue("helpers_none") };
  const options = agencyOptions(keys, null, lead, lists, room).map((one) => (helpers.includes(one.key) ? { ...one, note: queue("helps") } : one));
  return changed ? [send, ...options] : options;
}

/** @param {readonly string[]} ids of merged ones @param {(id: string) => Card | null} cards @param {QueueRoom} room @returns {Option[]} */
export function childOptions(ids, cards, room) {
  return ids.map((id) => {
    const card = cards(id);
    const number = card?.source_id ?? id.slice(0, 8);
    return card ? { key: id, name: `${whatWords(card, room)}, ${placeWords(card, room)}`, words: number, note: number } : { key: id, name: number };
  });
}

/** @param {keyof typeof REASONS} act @param {QueueRoom} room @returns {Option[]} ready reasons; the key is the reason itself */
export function reasonOptions(act, { queue }) {
  return REASONS[act].map((name) => ({ key: queue(name), name: queue(name) }));
}

/** @param {Card} card @param {QueueRoom} room @returns {Option[]} */
export function priorityOptions(card, { queue }) {
  const all = /** @type {const} */ (["critical", "urgent", "normal"]);
  return all.filter((one) => one !== (card.priority ?? "normal")).map((key) => ({ key, name: queue(key) }));
}

/** @param {readonly import("./details.js").Similar[]} similar @param {QueueRoom} room @returns {Option[]} */
export function similarOptions(similar, room) {
  return similar.map(({ id, card, metres, minutes }) => ({
    key: id, name: `${whatWords(card, room)}, ${placeWords(card, room)}`, words: card.source_id ?? "", note: [nearWords({ metres, minutes }, room), card.source_id].filter(Boolean).join(" · "),
  }));
}

/** @param {{metres?: number | undefined, minutes?: number | undefined}} apart @param {QueueRoom} room */
export function nearWords({ metres, minutes }, { queue, format }) {
  if (typeof metres !== "number") return "";
  return queue("near", { m: format.number(Math.round(metres)), span: format.span((minutes ?? 0) * 60_000) });
}

/** @param {string | null | undefined} end at present @param {number} at room time, ms @param {import("../../feed/clock.js").Calendar} calendar @param {QueueRoom} room @param {readonly number[]} [days] @returns {Option[]} so many working days beyond the later of now and that end */
export function laterOptions(end, at, calendar, { queue, moment }, days = LATER) {
  const from = Math.max(at, Date.parse(end ?? "") || at);
  return days.map((n) => {
    const due = addWorkingDays(from, n, calendar);
    return { key: new Date(due).toISOString(), name: queue("days_more", { n, until: moment(due, at) }) };
  });
}

/** @param {number} from ms @param {number} n @param {import("../../feed/clock.js").Calendar} calendar @returns {number} ms */
function addWorkingDays(from, n, calendar) {
  let at = from;
  for (let left = n, turns = 0; left > 0 && turns < 60; turns += 1) {
    at += DAY_MS;
    if (!calendar.known || calendar.work(at - DAY_MS / 2, at + DAY_MS / 2) > 0) left -= 1;
  }
  return at;
}
