/**
 * Entry of the page of screens: asks for the list every two seconds and sends what a supervisor orders.
 */
import { cityOf } from "../../ui/city.js";
import { formatIn } from "../../ui/format.js";
import { createSender, getJson } from "../../feed/http.js";
import { whoIn } from "../../ui/user.js";
import { find, write } from "../../ui/dom.js";
import { asLang } from "../../ui/words.js";
import { mountDialogs } from "../desk_dialogs.js";
import { personAt } from "../desk_person.js";
import { mountHands } from "./screens_hands.js";
import { Rows } from "./screens_rows.js";
import { screensSayIn } from "./screens_words.js";

const EVERY_MS = 2000;
const TROUBLES = /** @type {const} */ (["dark", "slow", "asleep", "new"]);
/** Trouble first, then by name: what needs somebody stands at the top. */
const ORDER = ["dark", "slow", "asleep", "new", "ok"];
/** Who orders screens; whoever else is logged in looks at them. */
const HANDS = ["supervisor", "admin"];

const page = document.documentElement;
const lang = asLang(new URLSearchParams(location.search).get("lang") ?? page.lang);
const say = screensSayIn(lang);
const format = formatIn(lang, cityOf(document, lang));
const room = { say, format, now: () => Date.now() };
const who = whoIn(document);
const person = personAt(sessionStorage, () => crypto.randomUUID());
const send = createSender(who, () => ({ actor: person.read().actor, role: "supervisor" }));
let heardAt = performance.now();

for (const node of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-say]"))) {
  write(node, say(/** @type {import("./screens_words.js").Word} */ (node.dataset.say)));
}
mountDialogs(document);
const ordering = !who || HANDS.includes(who.role);
find(document, '[data-act="pair"]').hidden = !ordering;
/** @param {import("./screens_rows.js").Act[]} acts */
const given = (acts) => (ordering ? acts : []);
const hands = mountHands(document, { say, send, person, who, look });
const screens = new Rows(find(document, ".screens"), room, { acts: given(["identify", "reload", "picture", "freeze", "change", "revoke"]), hand: (row, act) => hands.give(row, act, screens) });
const pages = new Rows(find(document, ".pages"), room, { acts: given(["identify", "reload", "picture"]), hand: (row, act) => hands.give(row, act, pages) });

/** @param {{state: string, name?: string}} a @param {{state: string, name?: string}} b */
function compare(a, b) {
  return ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || (a.name ?? "").localeCompare(b.name ?? "", lang);
}

/** @param {import("./screens_rows.js").Row[]} rows of screens in use */
function sumOf(rows) {
  const counted = TROUBLES.map((state) => ({ state, n: rows.filter((row) => row.state === state).length })).filter(({ n }) => n > 0);
  const parts = counted.map(({ state, n }) => say("sum_state", { n: format.number(n), state: say(state) }));
  return [say("sum", { n: format.number(rows.length) }), ...parts].join(", ");
}

/** @param {any} list */
function paint({ screens: all, pages: nameless, guests }) {
  page.dataset.guests = String(guests);
  const used = all.filter((/** @type {any} */ row) => row.state !== "revoked").sort(compare);
  const ended = all.filter((/** @type {any} */ row) => row.state === "revoked");
  screens.paint(used);
  pages.paint(nameless);
  write(find(document, ".sum"), sumOf(used));
  find(document, ".none").hidden = used.length > 0;
  find(document, ".unnamed").hidden = nameless.length === 0;
  find(document, ".ended").hidden = ended.length === 0;
  find(document, ".revoked").replaceChildren(...ended.map((/** @type {any} */ row) => {
    const item = document.createElement("li");
    item.dataset.id = row.id;
    item.dataset.state = "revoked";
    write(item, [row.name, row.place, say("since_revoked", { time: `${format.date(Date.parse(row.revoked_at))}, ${format.hour(Date.parse(row.revoked_at))}` })].filter(Boolean).join(", "));
    return item;
  }));
  page.dataset.listed = "true";
}

async function look() {
  try {
    paint(await getJson("/api/v1/screens"));
    heardAt = performance.now();
  } catch {
    // The line above says since when; the next look comes by itself.
  }
  const silent = performance.now() - heardAt;
  const lost = find(document, ".lost");
  lost.hidden = silent < 3 * EVERY_MS;
  write(lost, lost.hidden ? "" : say("lost", { span: format.span(silent) }));
}

async function keepLooking() {
  await look();
  setTimeout(keepLooking, EVERY_MS);
}
void keepLooking();
