/**
 * What a test orders a fake room to do: one batch of cards, alarms, lines and sources, told to every screen at once.
 */

const OPEN = "019ac000-0000-7000-8000-";

/**
 * @typedef {object} Order
 * @property {Record<string, any>[]} [cards] fields of new complaints, or with `id` of known ones
 * @property {string[]} [gone]
 * @property {number} [skew] the totals that this batch tells are wrong by so many
 * @property {Record<string, any>[]} [alarms] with `id`; `of` names the complaint by its number, the newest is -1
 * @property {any[]} [lines] all that are in force from now on
 * @property {Record<string, {state: string, heard: number}>} [sources]
 */

/** @param {import("./fake_room.mjs").FakeRoom} room @param {Order} order @returns {any} the batch */
export function obey(room, { cards = [], gone = [], alarms = [], lines, sources, skew = 0 }) {
  const whole = cards.map((fields) => (fields.id ? { ...room.cards.get(fields.id), ...fields } : room.card(fields)));
  const batch = room.change(whole, gone);
  if (whole.length + gone.length === 0) room.seq = batch.to = batch.from + 1;
  if (alarms.length > 0) batch.alarms = alarms.map((fields) => raise(room, fields));
  if (lines) batch.lines = room.lines = lines;
  if (skew) batch.counts.cohort.in += skew;
  if (sources) batch.sources = room.sources = room.sources.map((one) => ({ ...one, ...sources[one.id] }));
  return Object.assign(batch, { mark: room.mark() });
}

/** @param {import("./fake_room.mjs").FakeRoom} room @param {Record<string, any>} fields @returns {any} the whole alarm, kept */
function raise(room, { of, ...fields }) {
  const known = room.alarms.find(({ id }) => id === fields.id);
  const ids = [...room.cards.keys()].filter((id) => id.startsWith(OPEN));
  const card = of === undefined ? null : room.cards.get(ids.at(of) ?? "");
  const now = room.stamp(0);
  const own = { complaint: card?.id ?? null, source: null, agency: card?.agency ?? null, area: card?.area ?? null, category: card?.category ?? null };
  const alarm = { kind: "passed", priority: 2, state: "unacked", active: true, raised_at: now, activated_at: now, ...own, ...known, ...fields, seq: room.seq };
  room.alarms = [...room.alarms.filter(({ id }) => id !== alarm.id), alarm];
  return alarm;
}
