/**
 * Upload of one file in pieces by the tus protocol, and the words for how far it is.
 */
import { sayIn } from "../ui/language.js";

// The upload: what the server has counts, a break is bridged, a reload goes on where it was. Nothing here knows whose file it is.

/** @typedef {"waiting" | "sending" | "broken" | "checking" | "ready" | "refused" | "ended"} Phase broken: no network, tried again by itself */
/** @typedef {{status: number, header: (name: string) => string | null, json: () => Promise<any>}} Answer */
/** @typedef {(method: string, path: string, headers: Record<string, string>, body?: Blob) => Promise<Answer>} Ask rejects when there is no answer */
/** @typedef {{getItem: (key: string) => string | null, setItem: (key: string, value: string) => void, removeItem: (key: string) => void}} Store */
/**
 * @typedef {object} Edge
 * @property {Ask} ask @property {Store} store @property {(ms: number) => Promise<void>} rest ends early when the network is back
 * @property {() => number} mono @property {() => void} changed
 */
/** @typedef {{root: string, metadata: Record<string, string>, key: string}} Where key: what the file is for, part of its fingerprint */

const PIECES = { least: 256 * 1024, most: 1024 * 1024 };
/** A piece that took longer than this is followed by a smaller one, one that took a quarter of it by a larger. */
const PIECE_MS = 4000;
const PAUSES_MS = [1000, 2000, 4000, 8000, 15_000, 30_000];
const LOOK_MS = [500, 1000, 1500, 2000, 3000];
const TUS = { "Tus-Resumable": "1.0.0" };
const OFFSET = "application/offset+octet-stream";
/** Worth trying again: nobody there, too many at once, another request on the same file, no room on the disk. */
const AGAIN = [408, 423, 429, 500, 502, 503, 504, 507];
const KEPT = "liveroom.upload.";

class Refused extends Error {
  /** @param {string} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

class Gone extends Error {}

/** The server is there and asks to come back. */
class Busy extends Error {}

export class FileUpload {
  /** @type {Phase} */
  phase = "waiting";
  /** Bytes that the server has said it has. */
  sent = 0;
  /** Why it was refused; while broken, the status of a server that asks to come back; while it is looked into, what that waits for. */
  code = "";
  /** What the server found, once it is ready. @type {any} */
  told = null;
  #edge;
  #where;
  #address = "";
  #piece = PIECES.least;
  #ended = false;

  /** @param {File} file @param {Where} where @param {Edge} edge */
  constructor(file, where, edge) {
    this.file = file;
    this.#where = where;
    this.#edge = edge;
  }

  get id() {
    return this.#address.split("/").pop() ?? "";
  }

  /** Sends until it is ready, refused or given up. */
  async run() {
    this.#address = this.#edge.store.getItem(this.#key) ?? "";
    for (let tries = 0; !this.#over; ) {
      const before = this.sent;
      try {
        await this.#go();
      } catch (error) {
        if (this.#ended) return;
        if (error instanceof Refused) return this.#refuse(error.code);
        if (error instanceof Gone) this.#forget();
        this.code = error instanceof Busy ? error.message : "";
        tries = this.sent > before ? 1 : tries + 1;
        this.#turn("broken");
        await this.#edge.rest(PAUSES_MS[Math.min(tries, PAUSES_MS.length) - 1] ?? 1000);
      }
    }
  }

  /** The sender gives up; the server drops what it has when it hears of it. */
  end() {
    const address = this.#address;
    this.#ended = true;
    this.#forget();
    if (this.phase !== "ready" && this.phase !== "refused" && address) this.#edge.ask("DELETE", address, TUS).catch(() => {});
    this.#turn("ended");
  }

  /** It was used, so that choosing the same file again is a new one. */
  used() {
    this.#forget();
  }

  get #over() {
    return this.#ended || this.phase === "ready" || this.phase === "refused";
  }

  get #key() {
    const { name, size, lastModified } = this.file;
    return `${KEPT}${this.#where.key} ${size} ${lastModified} ${name.slice(0, 80)}`;
  }

  async #go() {
    if (this.#address) await this.#look();
    else await this.#create();
    this.#turn("sending");
    while (this.sent < this.file.size) {
      await this.#send();
      if (this.#ended) return;
    }
    this.code = "";
    this.#turn("checking");
    await this.#wait();
  }

  async #create() {
    const metadata = Object.entries(this.#where.metadata).map(([name, value]) => `${name} ${btoa(value)}`).join(",");
    const answer = await this.#ask("POST", this.#where.root, { "Upload-Length": String(this.file.size), ...(metadata ? { "Upload-Metadata": metadata } : {}) });
    const address = answer.header("Location");
    if (answer.status !== 201 || !address) throw new Refused(await codeOf(answer));
    this.#address = address.replace(/^https?:\/\/[^/]+/, "");
    if (this.#ended) return this.end();
    this.#edge.store.setItem(this.#key, this.#address);
  }

  /** How much is there. */
  async #look() {
    const answer = await this.#ask("HEAD", this.#address, {});
    if (answer.status === 404) throw new Gone();
    // Refused: its state says why.
    if (answer.status === 410) this.sent = this.file.size;
    else if (answer.status === 200) this.sent = Number(answer.header("Upload-Offset"));
    else throw new Refused(String(answer.status));
    this.#edge.changed();
  }

  async #send() {
    const begun = this.#edge.mono();
    const piece = this.file.slice(this.sent, this.sent + this.#piece);
    const answer = await this.#ask("PATCH", this.#address, { "Upload-Offset": String(this.sent), "Content-Type": OFFSET }, piece);
    // It knows better how much it has.
    if (answer.status === 409 || answer.status === 410) return this.#look();
    if (answer.status === 404) throw new Gone();
    if (answer.status !== 204) throw new Refused(await codeOf(answer));
    this.sent = Number(answer.header("Upload-Offset"));
    const took = this.#edge.mono() - begun;
    const next = took > PIECE_MS ? this.#piece / 2 : took < PIECE_MS / 4 ? this.#piece * 2 : this.#piece;
    this.#piece = Math.min(PIECES.most, Math.max(PIECES.least, next));
    this.#edge.changed();
  }

  /** Until it was looked into. */
  async #wait() {
    for (let looks = 0; !this.#ended; looks += 1) {
      const answer = await this.#ask("GET", `${this.#address}/state`, {});
      if (answer.status === 404) throw new Gone();
      if (answer.status !== 200) throw new Refused(await codeOf(answer));
      const told = await answer.json();
      if (told.state === "refused" || told.state === "erased") throw new Refused(told.code ?? told.state);
      if (told.state === "ready") {
        this.told = told;
        return this.#turn("ready");
      }
      this.code = told.code ?? "";
      this.#edge.changed();
      await this.#edge.rest(LOOK_MS[Math.min(looks, LOOK_MS.length - 1)] ?? 3000);
    }
  }

  /** @param {string} method @param {string} path @param {Record<string, string>} headers @param {Blob} [body] @returns {Promise<Answer>} throws when it is worth another try */
  async #ask(method, path, headers, body) {
    const answer = await this.#edge.ask(method, path, { ...TUS, ...headers }, body);
    if (AGAIN.includes(answer.status)) throw new Busy(String(answer.status));
    return answer;
  }

  /** @param {string} code */
  #refuse(code) {
    this.code = code;
    this.#forget();
    this.#turn("refused");
  }

  #forget() {
    this.#edge.store.removeItem(this.#key);
    this.#address = this.phase === "ready" ? this.#address : "";
    if (this.phase !== "ready") this.sent = 0;
  }

  /** @param {Phase} phase */
  #turn(phase) {
    if (this.#ended && phase !== "ended") return;
    this.phase = phase;
    this.#edge.changed();
  }
}

/** @param {Answer} answer @returns {Promise<string>} the code of a problem document, else the status */
async function codeOf(answer) {
  const body = await answer.json().catch(() => null);
  return typeof body?.code === "string" ? body.code : String(answer.status);
}

/** @param {() => Record<string, string>} credentials headers of every request @param {() => void} changed @returns {Edge} that of a browser */
export function browserEdge(credentials, changed) {
  return {
    store: localStorage, mono: () => performance.now(), changed,
    async ask(method, path, headers, body) {
      const target = new URL(path, location.href);
      if (target.origin !== location.origin) throw new RangeError(`not ours: ${target.origin}`);
      const request = { method, headers: { ...headers, ...credentials() }, cache: /** @type {const} */ ("no-store"), signal: AbortSignal.timeout(60_000) };
      const answer = await fetch(target, body ? { ...request, body } : request);
      return { status: answer.status, header: (name) => answer.headers.get(name), json: () => answer.json() };
    },
    rest: (ms) => new Promise((go) => {
      const timer = setTimeout(go, ms);
      addEventListener("online", () => (clearTimeout(timer), go()), { once: true });
    }),
  };
}

// Words of a file on its way: how far it is, and why it is not taken.

/** @typedef {Parameters<import("../ui/language.js").Say<"agency.upload">>[0]} Word */

/** By code of the server. @type {Readonly<Record<string, Word>>} */
const WHY = {
  empty: "empty", form: "form", broken: "broken_file", lost: "broken_file", pixels: "pixels", bytes: "bytes", too_large: "bytes", length: "long", codec: "form", sandbox: "sandbox", too_many: "too_many",
  unauthorized: "session", csrf: "session", link_expired: "session", link_bad: "session", ticket: "session", not_your_complaint: "moved", unknown_complaint: "moved", role: "moved",
};

/** What is said instead while the server has said what it waits for. @type {Partial<Record<Phase, Word>>} */
const WAITS = { broken: "busy", checking: "kept" };

/** @param {string} lang @param {import("../ui/format.js").Format} format @returns {(upload: {phase: Phase, code: string, sent: number, file: {size: number}}) => string} */
export function uploadWordsIn(lang, format) {
  const say = sayIn(lang, "agency.upload");
  const mb = (/** @type {number} */ bytes) => format.decimal(bytes / 1_000_000);
  return ({ phase, code, sent, file }) => {
    if (phase === "refused") return say(Object.hasOwn(WHY, code) ? (WHY[code] ?? "other") : "other", { code });
    const shown = phase === "broken" && code === "507" ? "full" : code && Object.hasOwn(WAITS, phase) ? (WAITS[phase] ?? phase) : phase;
    return say(shown, { sent: mb(sent), size: mb(file.size) });
  };
}
