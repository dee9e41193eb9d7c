/**
 * A room without rules or database: cards by hand or by chance, folded into the messages of the feed.
 */

const STATUSES = /** @type {const} */ (["waiting", "in_process", "done", "elsewhere"]);
const STATE = { waiting: "forwarded", in_process: "working", done: "done", elsewhere: "rejected" };
const STAGE = { waiting: "accept", in_process: "finish", done: null, elsewhere: null };

/** @param {number} seed @returns {() => number} the same numbers every time */
export function chance(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export class FakeRoom {
  cards = new Map();
  sources = [];
  alarms = [];
  /** @type {any[]} */
  lines = [];
  /** @type {any[]} */
  hazards = [];
  seq = 100;
  epoch = "fake-1";
  #batches = [];
  #names = 0;

  /** @param {{at: () => number, day: string, now?: () => number}} time at = room time, now = the server's own, ms */
  constructor({ at, day, now = Date.now }) {
    this.at = at;
    this.now = now;
    this.day = day;
  }

  /** @param {Record<string, any>} fields @returns {Record<string, any>} a whole card; what is not given is ordinary */
  card(fields) {
    this.#names += 1;
    const status = fields.status ?? "waiting";
    return {
      id: `019ac000-0000-7000-8000-${String(this.#names).padStart(12, "0")}`, seq: this.seq, state: STATE[status], status,
      overdue: false, paused: null, source: "laksa", category: "jalan_rusak", agency: "dpupr", agencies: ["dpupr"],
      area: null, lat: null, lon: null, received_at: this.stamp(-3600e3), received_day: this.day, closed_at: null, stage: STAGE[status],
      stage_from: this.stamp(-3600e3), stage_clock: "calendar", due_at: this.stamp(3600e3), priority: "normal",
      escalation: 0, drill: false, ...fields,
    };
  }

  /** @param {number} offset ms from room time @returns {string} */
  stamp(offset) {
    return new Date(this.at() + offset).toISOString();
  }

  /** @param {any[]} cards @param {string[]} [gone] @returns {any} the batch that carries them */
  change(cards, gone = []) {
    const from = this.seq;
    this.seq += cards.length + gone.length;
    for (const card of cards) this.cards.set(card.id, { ...card, seq: this.seq });
    for (const id of gone) this.cards.delete(id);
    const batch = {
      epoch: this.epoch, mark: this.mark(), from, to: this.seq, now: new Date(this.now()).toISOString(), at: this.stamp(0),
      cards: cards.map((card) => this.cards.get(card.id)), gone, counts: this.counts(),
    };
    this.#batches = [...this.#batches, batch].slice(-500);
    return batch;
  }

  mark() {
    return `m${this.seq}`;
  }

  counts() {
    const cohort = { in: 0, waiting: 0, in_process: 0, done: 0, elsewhere: 0 };
    const stock = { open: 0, overdue: 0 };
    const flow = { done: 0 };
    for (const { status, received_day: day, overdue } of this.cards.values()) {
      if (day === this.day) cohort[status] += 1;
      if (day === this.day) cohort.in += 1;
      if (status === "waiting" || status === "in_process") stock.open += 1;
      if (overdue) stock.overdue += 1;
      if (status === "done") flow.done += 1;
    }
    return { day: this.day, cohort, stock, flow };
  }

  /** @param {{epoch?: string, seq?: number}} asked @returns {any} batches from there, or where the snapshot is */
  resume({ epoch, seq }) {
    const { mark } = { mark: this.mark() };
    const from = this.#batches.findIndex((batch) => batch.from <= (seq ?? -1) && batch.to > (seq ?? -1));
    const here = { epoch: this.epoch, seq: this.seq, mark };
    if (epoch === this.epoch && seq === this.seq) return { ...here, batches: [] };
    if (epoch === this.epoch && from >= 0) return { ...here, batches: this.#batches.slice(from) };
    return { epoch: this.epoch, seq: this.seq, snapshot: "/feed/snapshot" };
  }

  snapshot() {
    const cards = [...this.cards.values()];
    const names = Object.keys(cards[0] ?? {});
    return {
      epoch: this.epoch, seq: this.seq, mark: this.mark(), now: new Date(this.now()).toISOString(), at: this.stamp(0), day: this.day,
      cards: Object.fromEntries(names.map((name) => [name, cards.map((card) => card[name] ?? null)])),
      alarms: this.alarms, counts: this.counts(), sources: this.sources, lines: this.lines, hazards: this.hazards,
    };
  }

  /** One thing happens and the room grows no larger: a complaint moves on, or a new one comes for one that goes. @param {() => number} random @param {any} city @returns {any} a batch */
  turnOver(random, city) {
    const ids = [...this.cards.keys()];
    const card = this.cards.get(ids[Math.floor(random() * ids.length)] ?? "");
    if (!card || random() < 0.3) return this.change([this.card(anywhere(random, city, this))], card ? [card.id] : []);
    const status = STATUSES[Math.floor(random() * STATUSES.length)] ?? "done";
    return this.change([{ ...card, status, state: STATE[status], stage: STAGE[status], overdue: status === "waiting" && random() < 0.2 }]);
  }

  /** One thing happens. @param {() => number} random @param {any} city @returns {any} a batch */
  happen(random, city) {
    const open = [...this.cards.values()].filter(({ status }) => status === "waiting" || status === "in_process");
    const card = open[Math.floor(random() * open.length)];
    if (!card || random() < 0.45) return this.change([this.card(anywhere(random, city, this))]);
    const status = STATUSES[STATUSES.indexOf(card.status) + 1];
    return this.change([{ ...card, status, state: STATE[status], stage: STAGE[status], overdue: false, paused: null, closed_at: status === "waiting" ? null : this.stamp(0) }]);
  }
}

/** @param {() => number} random @param {any} city @param {FakeRoom} room @returns {Record<string, any>} fields of a complaint somewhere */
export function anywhere(random, city, room) {
  /** @param {any[]} list */
  const pick = (list) => list[Math.floor(random() * list.length)];
  const area = pick(city.areas);
  const district = city.districts.find(({ code }) => code === area.district);
  return {
    area: area.code, category: pick(Object.keys(city.categories)), agency: pick(Object.keys(city.agencies)),
    lat: district.anchor[1] + (random() - 0.5) * 0.015, lon: district.anchor[0] + (random() - 0.5) * 0.02,
    stage_clock: pick(["working", "calendar"]), stage_from: room.stamp(-random() * 6 * 3600e3),
    due_at: room.stamp(random() * 48 * 3600e3), priority: pick(["normal", "normal", "urgent", "critical"]),
  };
}

/** @param {() => number} random @param {any} city @param {string} code of an area @returns {{lat: number, lon: number}} near its middle, where most of them are */
export function around(random, city, code) {
  const { lat, lon } = middleOf(city.areas.find((/** @type {any} */ area) => area.code === code), city);
  const spread = 0.004 + 0.008 * ((Number(code.replace(/\D/g, "")) % 7) / 6);
  const [far, turn] = [spread * Math.sqrt(-2 * Math.log(1 - random())), 2 * Math.PI * random()];
  return { lat: lat + 0.4 * far * Math.sin(turn), lon: lon + 0.4 * far * Math.cos(turn) };
}

/** @param {any} area @param {any} city @returns {{lat: number, lon: number}} */
function middleOf({ centroid, district }, city) {
  const [lon, lat] = centroid ?? city.districts.find((/** @type {any} */ one) => one.code === district).anchor;
  return { lat, lon };
}
