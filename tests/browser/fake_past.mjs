/**
 * The past of a fake room: a day with something in each hour, the room as it stood at any moment of it, and what followed.
 */
import { applyGolden } from "./fake_golden.mjs";
import { chance, FakeRoom } from "./fake_room.mjs";
import { sceneCards, sceneSources } from "./fake_scenes.mjs";

const BUCKET_S = 600;
const LONGEST = 1000;

export class FakePast {
  #city;
  #now;
  #golden;
  /** @type {FakeRoom | null} */
  #then = null;
  #at = 0;
  #random = chance(11);

  /** @param {any} city @param {() => number} now room time, ms @param {any} golden state, or null */
  constructor(city, now, golden) {
    this.#city = city;
    this.#now = now;
    this.#golden = golden;
  }

  /** @param {URLSearchParams} asked @returns {any} the snapshot there; null where the log has nothing */
  snapshot(asked) {
    const at = asked.has("at") ? Date.parse(asked.get("at") ?? "") : this.#now() - Number(asked.get("seq")) * 1000;
    if (!(at <= this.#now())) return null;
    this.#at = at;
    const then = new FakeRoom({ at: () => this.#at, day: "2026-11-24", now: () => this.#at });
    then.epoch = "fake-past";
    then.sources = sceneSources();
    then.change(sceneCards(this.#golden?.room ?? "sketch", then, this.#city));
    if (this.#golden) applyGolden(this.#golden, then, this.#city);
    this.#then = then;
    return { ...then.snapshot(), recorded: true };
  }

  /** @param {URLSearchParams} asked @returns {any} what followed, a batch a step */
  batches(asked) {
    const [until, step] = [Math.min(this.#now(), Date.parse(asked.get("until") ?? "")), Number(asked.get("step_s") ?? 60) * 1000];
    const [then, from, batches] = [this.#then, Number(asked.get("from")), []];
    while (then && this.#at + step <= until && batches.length < LONGEST) {
      this.#at += step;
      batches.push(then.happen(this.#random, this.#city));
    }
    return { from, seq: then?.seq ?? from, at: new Date(this.#at).toISOString(), batches, ...(batches.length === LONGEST ? { more: true } : {}) };
  }

  /** @param {string} date @returns {any} */
  day(date) {
    const from = Date.parse(`${date}T00:00:00+07:00`);
    const [now, stamp] = [this.#now(), (/** @type {number} */ ms) => new Date(ms).toISOString()];
    const n = Math.max(0, Math.min(144, Math.ceil((now - from) / (BUCKET_S * 1000))));
    const hour = (/** @type {number} */ h) => stamp(from + h * 3600e3);
    const moments = [
      { at: hour(5.9), seq: 20, kind: "handover" }, { at: hour(10.5), seq: 60, kind: "unheard", until: stamp(from + 10.5 * 3600e3 + 240e3) },
      { at: hour(9.1), seq: 50, kind: "alarm", complaint: "a", category: "kecelakaan", area: null, late_s: 360 },
      { at: hour(12.8), seq: 80, kind: "alarm", complaint: "b", category: "pohon_tumbang", area: null, late_s: 0 },
      { at: hour(13.6), seq: 90, kind: "drill" },
    ].filter(({ at }) => Date.parse(at) <= now);
    const arrivals = Array.from({ length: n }, (_, i) => Math.round(1 + 12 * Math.max(0, Math.sin(((i - 24) / 120) * Math.PI)) + ((i * 7) % 5)));
    return { date, from: stamp(from), to: stamp(from + 86_400e3), now: stamp(now), first_at: stamp(from - 9 * 86_400e3), head_at: stamp(now), bucket_s: BUCKET_S, arrivals, moments };
  }
}
