/**
 * Entry of the page of people: asks for the list every five seconds and sends what an admin orders.
 */
import { cityOf } from "../../ui/city.js";
import { formatIn } from "../../ui/format.js";
import { createSender } from "../../feed/http.js";
import { whoIn } from "../../ui/user.js";
import { find, write } from "../../ui/dom.js";
import { asLang } from "../../ui/words.js";
import { mountDialogs } from "../desk_dialogs.js";
import { personAt } from "../desk_person.js";
import { mountHands } from "./people_hands.js";
import { fits, Rows } from "./people_rows.js";
import { peopleSayIn } from "./people_words.js";

/** @typedef {import("./people_rows.js").Person} Person */

const EVERY_MS = 5000;
const UNCOVERED_MS = 60_000;
/** Who can log in first. */
const ORDER = ["active", "invited", "disabled"];

const page = document.documentElement;
const lang = asLang(new URLSearchParams(location.search).get("lang") ?? page.lang);
const say = peopleSayIn(lang);
const city = cityOf(document, lang);
const format = formatIn(lang, city);
const who = whoIn(document);
const person = personAt(sessionStorage, () => crypto.randomUUID());
const send = createSender(who, () => ({ actor: person.read().actor, role: "admin" }));
let heardAt = performance.now();
let uncoveredAt = -Infinity;
/** @type {{people: Person[], guests: boolean, now: string} | null} */
let list = null;

for (const node of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-say]"))) {
  write(node, say(/** @type {import("./people_words.js").Word} */ (node.dataset.say)));
}
mountDialogs(document);
const hands = mountHands(document, { say, send, person, who, look });
const room = { say, format, agency: city.agency, now: () => Date.parse(list?.now ?? "") + (performance.now() - heardAt), me: who?.actor ?? null };
const rows = new Rows(find(document, ".people"), room, (one, act) => void hands.give(one, act, rows));
const asked = /** @type {HTMLInputElement} */ (find(document, '[name="find"]'));

function paint() {
  if (list === null) return;
  page.dataset.guests = String(list.guests);
  const covered = list.guests && performance.now() - uncoveredAt > UNCOVERED_MS;
  const found = list.people.filter((one) => fits(one, asked.value.trim(), room));
  found.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.name.localeCompare(b.name, lang));
  rows.paint(covered ? [] : found);
  find(document, ".covered").hidden = !covered;
  const none = find(document, ".none");
  none.hidden = covered || found.length > 0;
  write(none, say(list.people.length > 0 ? "none_found" : "none"));
  write(find(document, ".sum"), sumOf(list.people));
  page.dataset.listed = "true";
}

/** @param {readonly Person[]} people */
function sumOf(people) {
  const n = (/** @type {Person["state"]} */ state) => people.filter((one) => one.state === state).length;
  const parts = /** @type {const} */ (["invited", "disabled"]).filter((state) => n(state) > 0);
  return [say("sum", { n: format.number(people.length) }), ...parts.map((state) => say(`sum_${state}`, { n: format.number(n(state)) }))].join(", ");
}

async function look() {
  try {
    const { status, body } = await send("GET", "/api/v1/people");
    if (status === 401 || status === 403) location.reload();
    if (status !== 200) throw new Error(String(status));
    list = body;
    heardAt = performance.now();
    paint();
  } catch {
    // The line above says since when; the next look comes by itself.
  }
  const silent = performance.now() - heardAt;
  const lost = find(document, ".lost");
  lost.hidden = silent < 3 * EVERY_MS;
  write(lost, lost.hidden ? "" : say("lost", { span: format.span(silent) }));
}

asked.addEventListener("input", paint);
find(document, '[data-act="uncover"]').addEventListener("click", () => {
  uncoveredAt = performance.now();
  paint();
});
async function keepLooking() {
  await look();
  setTimeout(keepLooking, EVERY_MS);
}
void keepLooking();
