/**
 * The quarantine of one source beside the list: what came as it came, what is wrong with it, its correction.
 */
import { element, find, mark, write } from "../../ui/dom.js";
import { ask } from "../dialogs.js";

/** @typedef {import("./list.js").Source} Source */
/** @typedef {{field: string, message: string, reason?: string}} Fault reason: which of the kinds that there are words for; none in a refusal of the room itself */
/** @typedef {{faults: readonly Fault[], becomes: Record<string, string>}} Trial */
/** @typedef {Trial & {id: string, field: string, number: string | null, at: string, times: number, state: string, raw: string, cut: number, draft: string, same: number}} Entry same: how many failed by the same field for the same reason, this one too */
/** @typedef {{say: import("./list.js").SourcesSay, format: import("../../ui/format.js").Format, send: import("../../feed/http.js").Send, named: (path: string) => string, somebody: () => Promise<boolean>, done: () => Promise<void>}} Desk named: a path as this person reads it */

const CHECK_MS = 400;

/** @param {Fault} fault @param {Desk["say"]} say @returns {[string, string]} its field and what is wrong with it */
export function faultWords({ field, message, reason = "other" }, say) {
  return [field || say("whole"), say(/** @type {"fault_other"} */ (`fault_${reason}`), { why: message })];
}

/** @param {string} text @returns {[string, string][]} the fields of what came, as text; none where it is no object */
export function fieldsOf(text) {
  try {
    const value = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
    return Object.entries(value).map(([key, one]) => [key, typeof one === "string" ? one : JSON.stringify(one)]);
  } catch {
    return [];
  }
}

/** @param {readonly Fault[]} faults @returns {ReadonlySet<string>} the outermost fields that are wrong */
export function wrongFields(faults) {
  return new Set(faults.map(({ field }) => (field.split(/[.[]/)[0] ?? "")));
}

export class Quarantine {
  /** @type {Source | null} */
  #source = null;
  /** @type {readonly {id: string}[]} */
  #items = [];
  #at = 0;
  /** @type {Entry | null} */
  #entry = null;
  #asked = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #covered = false;

  /** @param {HTMLElement} panel @param {Desk} desk */
  constructor(panel, desk) {
    this.panel = panel;
    this.desk = desk;
    this.text = /** @type {HTMLTextAreaElement} */ (find(panel, '[name="text"]'));
    this.text.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#check(), CHECK_MS);
    });
    for (const [act, work] of /** @type {const} */ ([["accept", () => this.#accept()], ["accept_same", () => this.#acceptSame()], ["drop", () => this.#drop()], ["previous", () => this.#step(-1)], ["next", () => this.#step(1)]])) {
      find(panel, `[data-act="${act}"]`).addEventListener("click", () => void work());
    }
    this.#paint();
  }

  /** @param {Source | null} source the chosen one, as last listed @param {boolean} covered guests are in the room */
  show(source, covered) {
    const other = source?.id !== this.#source?.id || covered !== this.#covered;
    const fresh = !other && source !== null && this.#items.length === 0 && source.open > 0;
    this.#source = source;
    this.#covered = covered;
    if (other || fresh) void this.#load();
  }

  async #load() {
    const { say, send, named } = this.desk;
    const asked = ++this.#asked;
    this.#items = [];
    this.#entry = null;
    this.#at = 0;
    if (this.#source && this.#source.open > 0 && !this.#covered) {
      const answer = await send("GET", named(`/api/v1/sources/quarantine?limit=100&source=${encodeURIComponent(this.#source.id)}`)).catch(() => null);
      if (asked !== this.#asked) return;
      if (answer?.status !== 200) this.#tell(say("no_answer"));
      this.#items = answer?.body?.items ?? [];
    }
    await this.#open();
  }

  async #open() {
    const { say, send, named, somebody } = this.desk;
    const asked = ++this.#asked;
    const item = this.#items[this.#at];
    this.#entry = null;
    this.#hold(true);
    if (item && (await somebody())) {
      const answer = await send("GET", named(`/api/v1/sources/quarantine/${item.id}`)).catch(() => null);
      if (asked !== this.#asked) return;
      if (answer?.status === 200) this.#entry = answer.body;
      else this.#tell(String(answer?.body?.message ?? say("no_answer")));
    }
    this.#paint();
  }

  #paint() {
    const { say, format } = this.desk;
    const [source, entry] = [this.#source, this.#entry];
    const name = source?.name ?? "";
    const title = !source ? say("choose") : this.#items.length > 0 ? say("entry_title", { name, n: format.number(this.#at + 1), all: format.number(Math.max(this.#items.length, source.open)) }) : say("entry_none", { name });
    write(find(this.panel, "h2"), this.#covered && source && source.open > 0 ? say("covered") : title);
    write(find(this.panel, ".came"), entry ? [say("came", { time: format.clock(Date.parse(entry.at)) }), entry.times > 1 ? say("times", { n: format.number(entry.times) }) : ""].filter(Boolean).join(", ") : "");
    find(this.panel, ".entry").hidden = entry === null;
    find(this.panel, ".faults").replaceChildren(...(entry?.faults ?? []).map((fault) => {
      const [field, words] = faultWords(fault, say);
      return element("li", "", element("b", "", `${field}: `), words);
    }));
    if (entry) this.#fill(entry);
  }

  /** Nothing can be decided about the next entry before it is seen. @param {boolean} held */
  #hold(held) {
    for (const act of ["accept", "accept_same", "drop"]) /** @type {HTMLButtonElement} */ (find(this.panel, `[data-act="${act}"]`)).disabled = held;
  }

  /** @param {Entry} entry */
  #fill(entry) {
    const { say, format } = this.desk;
    this.#hold(false);
    const [fields, wrong] = [fieldsOf(entry.raw), wrongFields(entry.faults)];
    find(this.panel, ".sent").replaceChildren(...fields.map(([key, value]) => {
      const row = element("div", "", element("dt", "", key), element("dd", "", value));
      mark(row, "data-wrong", String(wrong.has(key)));
      return row;
    }));
    const raw = find(this.panel, ".raw");
    raw.hidden = fields.length > 0;
    write(raw, fields.length > 0 ? "" : entry.raw);
    write(find(this.panel, ".cut"), entry.cut > 0 ? say("cut", { n: format.number(entry.cut) }) : "");
    this.text.value = entry.draft;
    const same = find(this.panel, '[data-act="accept_same"]');
    same.hidden = entry.same < 2;
    write(same, say("same_all", { n: format.number(entry.same) }));
    this.#tellTrial(entry);
    find(this.panel, '[data-act="previous"]').hidden = this.#at === 0;
    find(this.panel, '[data-act="next"]').hidden = this.#at + 1 >= this.#items.length;
  }

  /** @param {Trial} trial */
  #tellTrial({ faults, becomes }) {
    const { say } = this.desk;
    write(find(this.panel, ".still"), faults.length > 0 ? say("still", { fields: faults.map((fault) => faultWords(fault, say).join(": ")).join("; ") }) : say("right"));
    write(find(this.panel, ".becomes"), Object.entries(becomes).map(([what, key]) => `${say(/** @type {"becomes_class"} */ (`becomes_${what}`))} ${key}`).join(", "));
    for (const act of ["accept", "accept_same"]) /** @type {HTMLButtonElement} */ (find(this.panel, `[data-act="${act}"]`)).disabled = faults.length > 0;
    mark(this.text, "aria-invalid", String(faults.length > 0));
  }

  async #check() {
    const entry = this.#entry;
    if (!entry) return;
    const text = this.text.value;
    const answer = await this.desk.send("POST", `/api/v1/sources/quarantine/${entry.id}/try`, { text }).catch(() => null);
    if (answer?.status === 200 && entry === this.#entry && text === this.text.value) this.#tellTrial(answer.body);
  }

  async #accept() {
    if (this.#entry) await this.#decide(this.#entry, "accept", { text: this.text.value });
  }

  /** The correction of the field that is wrong, for all that failed so: each is checked by itself. */
  async #acceptSame() {
    const { say, format, send, somebody, done } = this.desk;
    const entry = this.#entry;
    if (!entry || !(await somebody())) return;
    if (!(await ask(document, "same", { title: say("same_title", { n: format.number(entry.same), field: entry.field }) }))) return;
    const answer = await send("POST", `/api/v1/sources/quarantine/${entry.id}/accept_same`, { text: this.text.value }).catch(() => null);
    if (answer?.status !== 200) return this.#tell(answer?.status === 422 ? faultWords(answer.body, say).join(": ") : String(answer?.body?.message ?? say("no_answer")));
    const { accepted, stay } = answer.body;
    this.#tell(say(stay > 0 ? "same_stay" : "same_done", { n: format.number(accepted), m: format.number(stay) }));
    await done();
    await this.#load();
  }

  async #drop() {
    const entry = this.#entry;
    if (entry && (await ask(document, "drop", { title: this.desk.say("drop_title", { number: entry.number ?? "–" }) }))) await this.#decide(entry, "drop", {});
  }

  /** @param {Entry} entry @param {"accept" | "drop"} act @param {Record<string, unknown>} body */
  async #decide(entry, act, body) {
    const { say, send, somebody, done } = this.desk;
    if (!(await somebody())) return;
    const answer = await send("POST", `/api/v1/sources/quarantine/${entry.id}/${act}`, body).catch(() => null);
    if (answer?.status !== 200 && answer?.body?.code !== "decided") {
      this.#tell(answer?.status === 422 ? faultWords(answer.body, say).join(": ") : String(answer?.body?.message ?? say("no_answer")));
      return;
    }
    this.#tell(answer.status === 200 ? say(act === "accept" ? "accepted" : "dropped") : say("decided"));
    this.#items = this.#items.filter(({ id }) => id !== entry.id);
    this.#at = Math.max(0, Math.min(this.#at, this.#items.length - 1));
    await done();
    await this.#open();
  }

  /** @param {number} by */
  async #step(by) {
    this.#at = Math.max(0, Math.min(this.#items.length - 1, this.#at + by));
    await this.#open();
  }

  /** @param {string} words */
  #tell(words) {
    write(find(this.panel, ".said"), words);
  }
}
