/**
 * Acts on many complaints at once, on their way: kept by the browser from when they are decided until all of it is answered.
 * A page that closes, crashes or loses its server midway does the rest when it is opened again, under the same ids.
 */
import { partsOf, resultsOf } from "./commands.js";

/** @typedef {import("./commands.js").Subject} Subject */
/** @typedef {import("./commands.js").Reply} Reply */
/** @typedef {import("./commands.js").Part} Part */
/**
 * @typedef {object} MassAct
 * @property {string} id @property {string} by who decided it @property {string} act the button's name @property {string} command
 * @property {Record<string, unknown>} body what every part carries @property {Part[]} parts those that are not answered yet
 * @property {number} all complaints @property {number} done @property {number} refused of them
 * @property {number} at when it was decided, or somebody last said that it goes on; ms since 1970
 * @property {boolean} held it could still be taken back
 */
/** @typedef {"going" | "again" | "asks"} MassState again: there was no answer, and it is tried once more; asks: nothing more is sent before somebody says so */
/**
 * @typedef {object} MassEdge
 * @property {Pick<import("./commands.js").Commands, "group" | "expect" | "forgo">} commands
 * @property {Pick<Storage, "getItem" | "setItem" | "removeItem">} store of the browser @property {() => string} newId
 * @property {() => string} person who sits here, "" for nobody @property {() => Record<string, unknown>} signs what every command carries
 * @property {() => number} now ms since 1970 @property {(ms: number, act: () => void) => void} later
 * @property {(id: string, work: () => Promise<void>) => void} alone does the work unless another page of this browser has it
 * @property {() => void} changed @property {(act: MassAct) => void} finished
 */

const KEY = "liveroom.mass_acts";
/** So long it goes on by itself: whoever decided it still knows of it. */
export const FRESH_MS = 10 * 60_000;
/** And is then kept for whoever decided it, to be taken up or dropped. */
const KEPT_MS = 24 * 3_600_000;
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [2000, 30_000];
/** Answers that decide nothing: who asks is not known just now, or the server is not able to. */
const UNDECIDED = [401, 403, 408, 429];

export class MassActs {
  #edge;
  /** @type {Map<string, {act: MassAct, state: MassState, pause: number, sending: boolean, over: () => void}>} */
  #acts = new Map();

  /** @param {MassEdge} edge */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @returns {[MassAct, MassState][]} of this person, but those that can still be taken back: the desk shows them itself */
  get all() {
    return [...this.#acts.values()].filter(({ act, state }) => act.by === this.#edge.person() && (!act.held || state === "asks")).map(({ act, state }) => [act, state]);
  }

  /** @returns {boolean} whether the page may be loaded again without a word being late for it */
  get idle() {
    return [...this.#acts.values()].every(({ state }) => state === "asks");
  }

  /** What was decided is kept from now on. @param {{act: string, command: string, subjects: readonly Subject[], fields: Record<string, unknown>, held: boolean}} decided @returns {MassAct} */
  keep({ act, command, subjects, fields, held }) {
    const { newId, person, signs, now } = this.#edge;
    const body = { ...signs(), ...fields };
    const kept = { id: newId(), by: person(), act, command, body, parts: partsOf(subjects, newId), all: subjects.length, done: 0, refused: 0, at: now(), held };
    this.#save(kept);
    this.#own(kept);
    return kept;
  }

  /** Sends what is not answered yet, one part after the other. @param {MassAct} act @param {boolean} [outlives] the page closes: all parts at once, for there is no time @returns {Promise<void>} when it has no more to send, or stops */
  async send(act, outlives = false) {
    const own = this.#acts.get(act.id);
    if (!own) return;
    if (act.held) this.#save(Object.assign(act, { held: false }));
    own.state = "going";
    if (!outlives && own.sending) return;
    if (outlives) await Promise.all(act.parts.map((part) => this.#part(act, part, true)));
    else await this.#inTurn(own);
    if (act.parts.length > 0 && !own.sending && this.#acts.get(act.id) === own) this.#again(own);
  }

  /** @param {{act: MassAct, sending: boolean}} own */
  async #inTurn(own) {
    const { act } = own;
    own.sending = true;
    this.#edge.commands.expect(subjectsOf(act), act.command);
    for (let decided = true; decided && this.#acts.get(act.id) === own; ) {
      const [part] = act.parts;
      if (!part) break;
      decided = await this.#part(act, part, false);
    }
    own.sending = false;
  }

  /** The page closes. */
  flush() {
    for (const { act, state } of this.#acts.values()) if (!act.held && state !== "asks") void this.send(act, true);
  }

  /** Somebody has sat down: what they had decided at this browser goes on, or asks them whether it shall. */
  resume() {
    const kept = this.#read();
    // What is too old for anybody says what somebody wrote, and whoever sits here next is somebody else.
    this.#write(kept);
    for (const act of kept) {
      if (this.#acts.has(act.id) || act.by !== this.#edge.person()) continue;
      this.#edge.alone(act.id, async () => {
        // Another page may have finished it while this one waited for its turn.
        const [kept] = this.#read().filter(({ id }) => id === act.id);
        if (!kept || this.#acts.has(act.id)) return;
        const over = this.#own(kept, "asks");
        if (!kept.held && this.#isFresh(kept)) void this.send(kept);
        else this.#edge.changed();
        await over;
      });
    }
  }

  /** Somebody says that it goes on. @param {MassAct} act */
  goOn(act) {
    this.#save(Object.assign(act, { at: this.#edge.now(), held: false }));
    void this.send(act);
  }

  /** The rest will not be done. @param {MassAct} act */
  drop(act) {
    this.#edge.commands.forgo(subjectsOf(act).map(({ id }) => id));
    this.#end(act);
  }

  /** @param {MassAct} act @param {Part} part @param {boolean} outlives @returns {Promise<boolean>} whether it is decided */
  async #part(act, part, outlives) {
    const reply = await this.#edge.commands.group(act.command, { ...act.body, ...part }, outlives);
    if (!reply || reply.status >= 500 || UNDECIDED.includes(reply.status)) return false;
    // The page that was about to close may have sent it twice: it was done once.
    if (!act.parts.includes(part)) return true;
    const refused = resultsOf(reply)?.filter((one) => one?.error).length ?? part.items.length;
    Object.assign(act, { parts: act.parts.filter((one) => one !== part), done: act.done + part.items.length - refused, refused: act.refused + refused });
    const own = this.#acts.get(act.id);
    if (own) own.pause = FIRST_PAUSE_MS;
    if (act.parts.length === 0) {
      this.#end(act);
      this.#edge.finished(act);
    } else this.#save(act);
    this.#edge.changed();
    return true;
  }

  /** @param {{act: MassAct, state: MassState, pause: number}} own there was no answer */
  #again(own) {
    const { act, pause } = own;
    own.state = this.#isFresh(act) ? "again" : "asks";
    own.pause = Math.min(LONGEST_PAUSE_MS, 2 * pause);
    if (own.state === "again") this.#edge.later(pause, () => this.#acts.get(act.id)?.state === "again" && void this.send(act));
    else this.#edge.commands.forgo(subjectsOf(act).map(({ id }) => id));
    this.#edge.changed();
  }

  /** @param {MassAct} act @returns {boolean} */
  #isFresh({ at }) {
    return this.#edge.now() - at < FRESH_MS;
  }

  /** @param {MassAct} act @param {MassState} [state] @returns {Promise<void>} when it is over: so long no other page takes it up */
  #own(act, state = "going") {
    let over = () => {};
    const ended = /** @type {Promise<void>} */ (new Promise((resolve) => (over = resolve)));
    this.#acts.set(act.id, { act, state, pause: FIRST_PAUSE_MS, sending: false, over });
    if (state === "going") this.#edge.alone(act.id, () => ended);
    return ended;
  }

  /** @param {MassAct} act */
  #end(act) {
    this.#acts.get(act.id)?.over();
    this.#acts.delete(act.id);
    this.#write(this.#read().filter(({ id }) => id !== act.id));
    this.#edge.changed();
  }

  /** @param {MassAct} act as it stands now */
  #save(act) {
    this.#write([...this.#read().filter(({ id }) => id !== act.id), act]);
  }

  /** @returns {MassAct[]} of all who sit at this browser, without what is too old for anybody to remember */
  #read() {
    try {
      const kept = /** @type {MassAct[]} */ (JSON.parse(this.#edge.store.getItem(KEY) ?? "[]"));
      return kept.filter(({ at, parts }) => this.#edge.now() - at < KEPT_MS && parts.length > 0);
    } catch {
      return [];
    }
  }

  /** @param {MassAct[]} acts */
  #write(acts) {
    try {
      if (acts.length > 0) this.#edge.store.setItem(KEY, JSON.stringify(acts));
      else this.#edge.store.removeItem(KEY);
    } catch {
      // A browser that may keep nothing sends all the same; only a page that closes midway loses the rest.
    }
  }
}

/** @param {MassAct} act @returns {Subject[]} those that are not answered yet */
function subjectsOf({ parts }) {
  return parts.flatMap(({ items }) => items.map(({ id, seen_seq: seq }) => ({ id, seq })));
}

/** Where pages cannot ask each other, one that has just been decided is left to its own page for so long. */
const OTHERS_MS = 15_000;

/** @param {string} id @param {() => Promise<void>} work done by the one page of this browser that has the id */
export function aloneInBrowser(id, work) {
  // Only a secure context has locks; doing it twice would do no harm, since a command is done once.
  if (navigator.locks) void navigator.locks.request(`liveroom.mass.${id}`, { ifAvailable: true }, (lock) => (lock ? work() : undefined));
  else setTimeout(() => void work(), OTHERS_MS);
}
