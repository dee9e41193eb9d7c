/**
 * Parts that several desk pages have: who sits there, single-letter keys, lines and announcements of what happened.
 */
import { createSender } from "../feed/http.js";
import { alarmWhat, alarmWhere } from "../ui/alarms.js";
import { find, mark, show, write } from "../ui/dom.js";
import { mountChip } from "../ui/picture.js";
import { setSymbol, symbol } from "../ui/symbols.js";
import { whoIn } from "../ui/user.js";
import { ask } from "./dialogs.js";
import { signedAs } from "./guests.js";
import { mountHazards } from "./hazards.js";

/** @typedef {import("../feed/messages.js").Alarm} Alarm */
/** @typedef {import("../ui/picture.js").Picture} Look */

// Who sits at this desk: name and role, kept for this tab alone until log-in exists; and the desk's own id.

/** @typedef {{actor: string, role: "duty" | "supervisor", screen: string}} Person */
/** @typedef {{complaint: readonly string[], room: readonly string[]}} Gives the commands that a role gives on complaints and on the room, as the server says in the page */

const KEY = "liveroom.person";
const SCREEN = "liveroom.desk";

/** @param {Pick<Storage, "getItem" | "setItem">} storage of the tab @param {() => string} newId */
export function personAt(storage, newId) {
  const screen = storage.getItem(SCREEN) ?? `desk-${newId().slice(0, 8)}`;
  storage.setItem(SCREEN, screen);
  /** @returns {Person} */
  const read = () => {
    /** @type {any} */
    let kept = null;
    try {
      kept = JSON.parse(storage.getItem(KEY) ?? "null");
    } catch {
      // What is not ours to read counts as nobody.
    }
    const actor = typeof kept?.actor === "string" ? kept.actor : "";
    return { actor, role: kept?.role === "supervisor" ? "supervisor" : "duty", screen };
  };
  return {
    read,
    /** @param {string} actor @param {string} role */
    sit(actor, role) {
      storage.setItem(KEY, JSON.stringify({ actor: actor.trim().slice(0, 128), role }));
    },
  };
}

// Who works at the duty desk: whoever is logged in, else the name and role chosen for this tab; and how requests say so.

/** @param {Document} page @param {Storage} storage of the tab @param {() => string} newId */
export function workerAt(page, storage, newId) {
  const who = whoIn(page);
  const kept = personAt(storage, newId);
  const read = () => /** @type {Person} */ (who ? { actor: who.actor, role: who.role === "duty" ? "duty" : "supervisor", screen: kept.read().screen } : kept.read());
  const send = createSender(who, () => ({ actor: read().actor, role: read().role }));
  return {
    read, sit: kept.sit, fixed: who !== null, screen: () => ({ screen: read().screen }),
    /** Who decides now: an act that waits is theirs, whoever sits there when it is sent. @returns {Record<string, string>} nothing while somebody is logged in */
    signature: () => (who ? {} : { actor: read().actor, role: read().role }),
    /** @param {string} url @param {unknown} body @param {boolean} [outlives] */
    post: (url, body, outlives) => send("POST", url, body, outlives),
    /** The room notes who reads; while nobody is logged in the request says who. @param {string} url @returns {Promise<unknown>} @throws {Error} when the answer is not 200 */
    async get(url) {
      const { actor, role } = read();
      const named = who || !actor ? url : `${url}${url.includes("?") ? "&" : "?"}${new URLSearchParams({ actor, role })}`;
      const { status, body } = await send("GET", named);
      if (status !== 200) throw new Error(`${status} for ${url}`);
      return body;
    },
  };
}

// Who sits at a page that a supervisor acts on: asked for before the first command, unless somebody is logged in.

/** @typedef {(key: "sitting" | "person_first", values?: Record<string, string>) => string} Say */
/** @typedef {{say: Say, person: ReturnType<typeof personAt>, who: import("../feed/http.js").Who | null}} Seat */

/** @param {Document} page @param {Seat} seat @returns {() => Promise<boolean>} whether somebody is there, asked if need be */
export function mountSeat(page, { say, person, who }) {
  const sitting = find(page, '[data-act="person"]');
  const paint = () => write(sitting, person.read().actor ? say("sitting", { actor: person.read().actor }) : say("person_first"));
  const sit = async () => {
    const given = await ask(page, "person");
    if (given?.actor) person.sit(given.actor, "supervisor");
    paint();
  };
  sitting.hidden = who !== null;
  paint();
  sitting.addEventListener("click", () => void sit());
  return async () => {
    if (who === null && !person.read().actor) await sit();
    return who !== null || person.read().actor !== "";
  };
}

// The list as a file: a link has what the page shows at the moment in which it is followed.

/**
 * @param {Document} page @param {(() => Record<string, string>) | null} person who reads, while nobody is logged in
 * @param {() => Record<string, string>} asked the view and the filters, as the list's own address has them
 */
export function mountExport(page, person, asked) {
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (page.querySelectorAll("a[data-export]"))) {
    const path = new URL(link.href).pathname;
    const tell = () => {
      const query = { lang: page.documentElement.lang, ...person?.(), ...asked() };
      mark(link, "href", `${path}?${new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ""))}`);
    };
    for (const event of ["pointerenter", "focus", "click"]) link.addEventListener(event, tell);
  }
}

// Whether single letters are keys at this desk: a box at its foot, remembered by the browser (CR-98, WCAG 2.1.4).

const LETTERS = "liveroom.letters";

/** @param {Document} page @returns {() => boolean} whether single letters are keys here (CR-98) */
export function mountLetters(page) {
  const box = /** @type {HTMLInputElement} */ (/** @type {unknown} */ (find(page, ".letters-on")));
  box.checked = localStorage.getItem(LETTERS) !== "off";
  box.addEventListener("change", () => localStorage.setItem(LETTERS, box.checked ? "on" : "off"));
  return () => box.checked;
}

// One line over the foot for a while, for eyes and for screen readers: what became of something that leaves no row of its
// own behind (a shift handed over, a marker called out).

const SHOWN_MS = 8000;

/** @param {Document} page @returns {(words: string) => void} */
export function mountStatusLine(page) {
  const line = find(page, ".desk-told");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let ends;
  return (words) => {
    clearTimeout(ends);
    write(line, words);
    mark(line, "data-shown", "true");
    ends = setTimeout(() => {
      write(line, "");
      mark(line, "data-shown", "false");
    }, SHOWN_MS);
  };
}

// Tells a screen reader of new alarms: P1 and P2 as alert, P3 as status, one sentence in a flood (CR-101).

/** @param {Document} page @param {import("./phrases.js").DeskRoom} room @returns {(look: Look) => void} */
export function mountAnnounce(page, room) {
  const [alert, status] = [find(page, ".announce-alert"), find(page, ".announce-status")];
  /** @type {Set<string> | null} null: what is there at first is not new */
  let known = null;
  let flooding = false;
  return (look) => {
    const now = [...look.state.alarms.values()].filter(({ state }) => state === "unacked");
    const lives = new Set(now.map(lifeOf));
    const before = known;
    known = lives;
    if (before === null) return;
    const fresh = now.filter((alarm) => !before.has(lifeOf(alarm)));
    const flood = look.flood;
    if (flood && !flooding) write(alert, room.desk("announce_flood", { n: room.format.number(flood.n) }));
    flooding = flood !== null;
    const said = flood ? fresh.filter(({ priority }) => priority === 1) : fresh;
    for (const alarm of said) write((alarm.priority ?? 3) < 3 ? alert : status, words(alarm, look, room));
  };
}

/** @param {Alarm} alarm */
function lifeOf({ id, activated_at: at }) {
  return `${id} ${at ?? ""}`;
}

/** @param {Alarm} alarm @param {Look} look @param {import("./phrases.js").DeskRoom} room */
function words(alarm, look, room) {
  const named = { alarm, card: alarm.complaint ? look.state.cards.get(alarm.complaint) : null };
  return room.desk("announce", { p: alarm.priority ?? 3, what: alarmWhat(named, room), where: alarmWhere(named, look, room) });
}

// The head of a desk: how fresh, what time, who sits here, a flood of alarms, and since when the feed is lost.

/** @typedef {Look & {fixed: boolean, person: Person}} HeadLook fixed: whoever is logged in, whom the bar above names already */

/** @param {Document} page @param {import("./phrases.js").DeskRoom} room @param {string} nobody said while nobody sits here @returns {(look: HeadLook) => void} */
export function mountDeskHead(page, room, nobody) {
  const { desk, format, city } = room;
  const [paintChip, paintFlood, paintHazards] = [mountChip(page, room), mountFloodLine(page, room), mountHazards(page, room)];
  const [clock, person, lost] = [find(page, ".desk-clock"), find(page, ".desk-person"), find(page, ".desk-lost")];
  return (look) => {
    paintChip(look);
    paintFlood(look);
    paintHazards(look);
    write(clock, look.at === null ? "––.––.––" : `${format.clock(look.at)} ${city.zoneLabel}`);
    show(/** @type {HTMLElement} */ (person.parentElement), !look.fixed);
    write(person, look.person.actor ? signedAs(look.person.actor, desk(look.person.role)) : nobody);
    const gone = look.freshness === "lost" && (look.whole || look.waited > 15);
    show(lost, gone);
    write(lost, gone ? desk("feed_lost", { span: format.span((Number.isFinite(look.age) ? look.age : look.waited) * 1000) }) : "");
  };
}


/** @param {Document} page @param {import("./phrases.js").DeskRoom} room @returns {import("../ui/picture.js").Paint} */
function mountFloodLine(page, { desk, format }) {
  const line = find(page, ".desk-flood");
  const shape = symbol("waiting");
  find(line, ".flood-symbol").append(shape);
  return ({ flood, freshness }) => {
    show(line, flood !== null);
    setSymbol(shape, { ring: "strong", flash: flood !== null && flood.n > 0 && freshness !== "lost" });
    write(find(line, ".flood-words"), flood ? desk("announce_flood", { n: format.number(flood.n) }) : "");
  };
}
