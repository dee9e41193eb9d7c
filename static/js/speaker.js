/**
 * Whether this page is the one that speaks for the room, and whether it can be heard at all (CR-94, CR-95).
 * The server elects one page of all machines. While there is no server to ask, a lock of the browser elects one of its
 * pages: held by one, passed on the moment that page is gone or falls silent.
 */

/**
 * @typedef {object} Edge what a test replaces
 * @property {AudioContext} context
 * @property {LockManager | undefined} locks missing where the page is not served securely: then every page that was asked speaks
 * @property {(ms: number, act: () => void) => void} every
 * @property {(heard: boolean, speaks: boolean) => void} tell whether sound can be heard from this page, and is this page's to make
 * @property {() => boolean | null} [floor] whether the server gave this page the floor; null while there is none to ask
 */

export const LOCK = "liveroom-sound";
const CHECK_MS = 1000;
/** As long as this after the start a context may still be waking. */
const GRACE_CHECKS = 1;

export class Speaker {
  #edge;
  #elected;
  #asking = false;
  #checks = 0;
  /** @type {(() => void) | null} */
  #letGo = null;

  /** @param {Edge} edge */
  constructor(edge) {
    this.#edge = edge;
    this.#elected = edge.locks === undefined;
    this.#check();
    edge.every(CHECK_MS, () => this.#check());
  }

  /** Whether this page is the one that speaks, and can. */
  get leads() {
    return this.#running && (this.#edge.floor?.() ?? this.#elected);
  }

  /** Tries to be heard: allowed once somebody has touched the page. */
  wake() {
    void this.#edge.context.resume().then(() => this.#check(), () => {});
  }

  get #running() {
    return this.#edge.context.state === "running";
  }

  #check() {
    const running = this.#running;
    if (running) this.#stand();
    // One that cannot be heard must not keep the floor.
    else this.#letGo?.();
    this.#checks += 1;
    if (running || this.#checks > GRACE_CHECKS) this.#edge.tell(running, this.leads);
  }

  async #stand() {
    if (this.#asking || !this.#edge.locks) return;
    this.#asking = true;
    await this.#edge.locks.request(LOCK, () => {
      this.#elected = true;
      return new Promise((go) => (this.#letGo = () => go(null)));
    }).catch(() => {});
    this.#elected = false;
    this.#asking = false;
  }
}
