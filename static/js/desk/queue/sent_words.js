/**
 * Whether each agency of a complaint has what it is to have: through, under way, stuck, refused. Pure.
 */

/** @typedef {{key: string, lead?: boolean, state?: string, forwarded_at?: string | null, delivery?: {state: string, at: string, sent_at: string | null, tries: number, refused: string | null} | null}} Part of the detail's agencies */
/** @typedef {import("./row_words.js").QueueRoom} QueueRoom */
/** @typedef {{at: number | null, lines: readonly import("../../feed/messages.js").Line[]}} Now */
/** @typedef {[name: string, words: string, link?: string]} Fact */

/** @param {readonly Part[]} parts the lead first @param {Now} now @param {QueueRoom} room @returns {Fact[]} how many have it, where there are several; then each */
export function sentFacts(parts, now, room) {
  const owed = parts.filter(({ delivery }) => delivery);
  const through = owed.filter(({ delivery }) => delivery?.state === "sent").length;
  const { queue, format } = room;
  const all = through === owed.length ? queue("sent_all") : queue("sent_some", { n: format.number(through), of: format.number(owed.length) });
  const each = parts.map((part) => partFact(part, now, room));
  return owed.length > 1 ? [[queue("sending"), all], ...each] : each;
}

/** @param {Part} part @param {Now} now @param {QueueRoom} room @returns {Fact} */
function partFact(part, now, room) {
  const { queue, city } = room;
  const { words, stuck } = wayWords(part, now, room);
  const did = part.state === "accepted" ? queue("part_accepted") : part.state === "proved" ? queue("part_proved") : "";
  const said = [words, did].filter(Boolean).join(" · ");
  const name = city.agency(part.key) ?? part.key;
  return stuck ? [name, said, "/desk/outbox"] : [name, said];
}

/** @param {Part} part @param {Now} now @param {QueueRoom} room @returns {{words: string, stuck: boolean}} */
function wayWords({ key, delivery }, { at, lines }, { queue, moment, format }) {
  if (!delivery) return { words: "", stuck: false };
  const time = (/** @type {string | null | undefined} */ one) => moment(Date.parse(one ?? ""), at);
  if (delivery.state === "sent") return { words: queue("part_sent", { time: time(delivery.sent_at) }), stuck: false };
  if (delivery.refused) return { words: queue("part_refused", { code: delivery.refused }), stuck: true };
  const stuck = delivery.tries > 0 && lines.some((line) => line.kind === "stuck" && (line.agency === key || line.agencies?.includes(key)));
  if (stuck) return { words: queue("part_stuck", { time: time(delivery.at), n: format.number(delivery.tries) }), stuck };
  const later = at !== null && Date.parse(delivery.at) > at;
  return { words: queue(later ? "part_gathered" : "part_waiting", { time: time(delivery.at) }), stuck };
}
