/**
 * Entry of the page behind a signed link: one complaint, asked for again and again, and what is done with it.
 */
import { refusalOf } from "../desk/commands.js";
import { commandWords } from "../desk/phrases.js";
import { followCalendar, NO_CALENDAR } from "../feed/clock.js";
import { createSender, getJson } from "../feed/http.js";
import { fontReady } from "../screen/layout.js";
import { find, mark, write } from "../ui/dom.js";
import { Drafts } from "../ui/user.js";
import { mountActions, Proofs } from "./actions.js";
import { mountReading } from "./detail.js";
import { roomOf } from "./room.js";

/** @typedef {import("../desk/queue/detail.js").Detail & {now?: string, calendar?: string}} Detail */

const EVERY_MS = 10_000;
const STALE_MS = 30_000;
const NAME = "liveroom.name";
const ENDED = [401, 403, 404];

const page = document.documentElement;
const { room, facts } = roomOf(document);
const base = `/agency/c/${encodeURIComponent(facts.complaint ?? "")}`;
const send = createSender({ actor: facts.actor, name: "", role: facts.role, agency: facts.agency, csrf: facts.csrf ?? "" }, () => ({ actor: "", role: "" }));
const name = {
  read: () => localStorage.getItem(NAME) ?? "",
  keep: (/** @type {string} */ given) => localStorage.setItem(NAME, given.slice(0, 60)),
};

/** @type {Detail | null} */
let detail = null;
let calendar = NO_CALENDAR;
let heard = performance.now();
let heardAt = "";
let busy = false;
let ended = false;
let said = "";

const reading = mountReading(document, room);
const proofs = new Proofs(find(document, ".sheet-media"), room, () => ({ root: `${base}/uploads`, metadata: {} }), () => ({ "X-CSRF-Token": facts.csrf ?? "" }));
const acts = mountActions(document, room, give, proofs, new Drafts(() => facts.actor), name);

async function look() {
  if (ended) return;
  try {
    const { status, body } = await send("GET", `${base}/data`);
    if (status === 200) [detail, heard] = [body, performance.now()];
    heardAt = clock();
    await calendarIs(detail?.calendar);
    ended = ENDED.includes(status);
  } catch {
    // Said by the age of what is shown.
  }
  paint();
}

const calendarIs = followCalendar({ getJson, later: (ms, act) => setTimeout(act, ms) }, (read) => (calendar = read));

/** @param {import("./actions.js").Act} act @param {import("./actions.js").Fields} fields @returns {Promise<boolean>} whether the room took it */
async function give(act, fields) {
  const card = detail?.card;
  if (!card || busy) return false;
  busy = true;
  paint();
  const command = { command_id: crypto.randomUUID(), seen_seq: card.seq, ...fields, ...(name.read() ? { name: name.read() } : {}) };
  const reply = await send("POST", `${base}/${act}`, command).catch(() => null);
  busy = false;
  if (reply?.status === 200 && act === "submit_proof") proofs.used(card.id);
  if (reply?.status === 200) said = room.work(`done_${act}`);
  else said = commandWords({ seq: card.seq, since: 0, ...(reply ? { ...refusalOf(reply), told: reply.body } : { kind: "failed", why: "no_answer" }) }, { at: Date.parse(detail?.now ?? "") || null }, room);
  ended = act === "decline" && reply?.status === 200;
  if (ended && detail?.card) detail = { ...detail, allowed: [] };
  await look();
  paint();
  return reply?.status === 200;
}

/** @returns {string} the hour, as the room has it */
function clock() {
  const ms = Date.parse(detail?.now ?? "");
  return Number.isNaN(ms) ? "" : room.format.hour(ms);
}

function paint() {
  const stale = performance.now() - heard > STALE_MS;
  const at = Date.parse(detail?.now ?? "") || null;
  mark(page, "data-freshness", detail && !stale ? "live" : "lost");
  write(find(document, ".chip-word"), detail ? room.work("updated", { time: clock() }) : room.work("loading"));
  const lost = ended && said === "" ? room.work("link_ended") : stale ? room.work("link_lost", { time: heardAt || "–" }) : "";
  mark(find(document, ".agency-lost"), "data-shown", String(lost !== ""));
  write(find(document, ".agency-lost"), lost);
  reading({ card: detail?.card ?? null, detail, state: detail ? "there" : "loading", at, calendar, said });
  if (detail?.card) acts.paint(detail.card, ended ? [] : (detail.allowed ?? []), busy);
}

write(find(document, ".agency-name"), room.city.agency(facts.agency) ?? facts.agency);
write(find(document, ".drill-band"), page.dataset.drill === "true" ? room.work("drill") : "");
find(document, ".back").remove();
await fontReady();
await look();
setInterval(() => (document.hidden ? paint() : void look()), EVERY_MS);
document.addEventListener("visibilitychange", () => document.hidden || void look());
