/**
 * Entry of the page of import: sends a file, shows what it is taken for, and follows its trial and its import, which go
 * on by themselves: whoever opens the page again finds them.
 */
import { createSender, readAs, sendFile } from "../../feed/http.js";
import { cityOf } from "../../ui/city.js";
import { element, find, mark, write } from "../../ui/dom.js";
import { formatIn } from "../../ui/format.js";
import { languageOf, sayIn } from "../../ui/language.js";
import { whoIn } from "../../ui/user.js";
import { ask, mountDialogs } from "../dialogs.js";
import { mountSeat, personAt } from "../page.js";
import { FileView, fileWords } from "./file.js";
import { faultWords, isMoving, PlanChanges } from "./plan.js";

/** @typedef {import("./plan.js").Job} Job */

const SOON_MS = 1000;
const EVERY_MS = 5000;
const ROLE = "supervisor";
const MIB = 1024 * 1024;
const API = "/api/v1/imports";

const page = document.documentElement;
const lang = languageOf(document);
const say = sayIn(lang, "import");
const city = cityOf(document, lang);
const format = formatIn(lang, city);
const who = whoIn(document);
const person = personAt(sessionStorage, () => crypto.randomUUID());
const send = createSender(who, () => ({ actor: person.read().actor, role: ROLE }));
/** @type {{job: Job | null, fields: readonly string[], encodings: readonly string[], most: number, heardAt: number, timer?: ReturnType<typeof setTimeout>}} */
const place = { job: null, fields: [], encodings: [], most: 0, heardAt: performance.now() };

for (const node of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-say]"))) {
  write(node, say(/** @type {import("./plan.js").Word} */ (node.dataset.say)));
}
mountDialogs(document);
const somebody = mountSeat(document, { say, person, who });
const [bring, both] = [find(document, ".bring"), find(document, ".both")];
const form = /** @type {HTMLFormElement} */ (find(bring, ".send"));
const chosen = /** @type {HTMLInputElement} */ (find(form, '[name="file"]'));
const sourceField = /** @type {HTMLInputElement} */ (find(form, '[name="source"]'));
const keys = Object.keys(JSON.parse(find(document, "#city").textContent ?? "{}").categories ?? {});
const categories = keys.map((key) => ({ key, name: city.category(key) ?? key })).sort((a, b) => a.name.localeCompare(b.name, lang));
const changes = new PlanChanges(() => place.job?.plan, (plan) => give("plan", { plan }));
const view = new FileView(both, { say, format, city, categories, fields: () => place.fields, encodings: () => place.encodings, change: (alter) => changes.add(alter), now: Date.now });

/** @param {string} path @returns {string} as this person reads it: what is taken is noted under a name */
function named(path) {
  const { actor } = person.read();
  const asked = readAs(path, who, ROLE);
  return who || !actor ? asked : `${asked}&actor=${encodeURIComponent(actor)}`;
}

/** @param {Job | null} job shown from now on; null: another file may come */
function show(job) {
  const other = place.job?.id !== job?.id;
  // What was chosen meanwhile stays chosen while it waits for the answer before it.
  if (job?.plan) job = { ...job, plan: changes.on(job.plan) };
  place.job = job;
  bring.hidden = job !== null;
  both.hidden = job === null;
  if (other) tell("");
  if (job === null) {
    write(find(document, ".sum"), "");
    history.replaceState(null, "", location.pathname + location.search);
    return;
  }
  history.replaceState(null, "", `#${job.id}`);
  write(find(document, ".sum"), [fileWords(job, say, format), say("to", { source: job.source, room: city.room })].join(" · "));
  view.paint(job);
  paintOrders(job);
  if (other && isMoving(job)) lookIn(SOON_MS);
}

/** @param {Job} job */
function paintOrders(job) {
  const open = ["trial", "ready", "running"].includes(job.state);
  const start = /** @type {HTMLButtonElement} */ (find(both, '[data-act="start"]'));
  start.hidden = !open || job.state === "running";
  start.disabled = job.questions.length > 0;
  write(start, job.questions.length > 0 ? job.questions.map((one) => say(/** @type {"question_dates"} */ (`question_${one}`))).join(" ") : say("start"));
  find(both, '[data-act="cancel"]').hidden = !open;
  find(both, '[data-act="another"]').hidden = open;
  const link = /** @type {HTMLAnchorElement} */ (find(both, ".rejects"));
  link.hidden = !job.rejects;
  link.href = named(`${API}/${job.id}/rejects.csv`);
}

/** @param {string} words */
function tell(words) {
  write(find(both, ".said"), words);
  write(find(form, ".said"), words);
}

/** @param {{status: number, body: any} | null} answer @returns {string} why it was refused */
function whyWords(answer) {
  if (!answer) return say("no_answer");
  if (answer.status === 403) return say("role");
  if (answer.status === 413) return say("too_large", { mb: format.number(Math.round(place.most / MIB)) });
  const message = String(answer.body?.message ?? "");
  return answer.status === 422 && message ? Object.values(faultWords({ field: String(answer.body.field ?? ""), message }, say)).join(": ") : message || say("no_answer");
}

/** @param {string} order @param {Record<string, unknown>} body */
async function give(order, body) {
  const job = place.job;
  if (!job || !(await somebody())) return;
  const answer = await send("POST", `${API}/${job.id}/${order}`, body).catch(() => null);
  if (answer?.status === 200) {
    tell("");
    show(answer.body);
    lookIn(SOON_MS);
  } else {
    tell(whyWords(answer));
    await open(job.id);
  }
}

/** Begins the import with everything that was chosen until now. */
async function start() {
  await changes.answered();
  await give("start", {});
}

async function cancel() {
  if (place.job && (await ask(document, "cancel", { title: say("cancel_title", { name: place.job.name }) }))) await give("cancel", {});
}

/** @param {File} file @param {string} source @returns {Promise<import("../../feed/http.js").Reply | null>} null: no answer */
function upload(file, source) {
  const bar = /** @type {HTMLProgressElement} */ (find(form, "progress"));
  bar.hidden = false;
  return sendFile(named(`${API}?${new URLSearchParams({ name: file.name, source })}`), file, who, (share) => (bar.value = share));
}

async function receive() {
  const file = chosen.files?.[0];
  if (!file || !(await somebody())) return;
  const button = /** @type {HTMLButtonElement} */ (find(form, "button"));
  button.disabled = true;
  tell(say("sending"));
  const answer = file.size > place.most ? { status: 413, body: null } : await upload(file, sourceField.value.trim());
  button.disabled = false;
  find(form, "progress").hidden = true;
  if (answer?.status !== 201) return tell(whyWords(answer));
  form.reset();
  show(answer.body);
}

/** @param {string} id */
async function open(id) {
  const answer = await send("GET", named(`${API}/${id}?whole=1`)).catch(() => null);
  if (answer?.status === 200) show(answer.body);
  else tell(whyWords(answer));
}

/** @param {readonly Job[]} jobs */
function paintLatest(jobs) {
  find(document, ".before .none").hidden = jobs.length > 0;
  const list = find(document, ".latest");
  const words = JSON.stringify(jobs.map(({ id, state }) => [id, state]));
  if (list.dataset.shown === words) return;
  list.dataset.shown = words;
  list.replaceChildren(...jobs.map((job) => {
    const sums = say("sums", { accepted: format.number(job.tally.accepted), known: format.number(job.tally.known), rejected: format.number(job.tally.rejected) });
    const button = element("button", "", job.name, element("small", "", [say(`state_${job.state}`), job.source, format.day(Date.parse(job.created_at)), job.state === "ready" || job.state === "trial" ? "" : sums].filter(Boolean).join(" · ")));
    mark(button, "type", "button");
    button.addEventListener("click", () => void open(job.id));
    return element("li", "", button);
  }));
}

async function look() {
  try {
    const { status, body } = await send("GET", readAs(API, who, ROLE));
    if (status === 401 || status === 403) location.reload();
    if (status !== 200) throw new Error(String(status));
    const first = place.most === 0;
    Object.assign(place, { fields: body.fields, encodings: body.encodings, most: body.most, heardAt: performance.now() });
    write(find(form, ".limits"), say("limits", { mb: format.number(Math.round(body.most / MIB)) }));
    /** @type {Job[]} */
    const jobs = body.items;
    page.dataset.guests = String(body.guests);
    paintLatest(jobs);
    const wanted = first ? (jobs.find(({ id }) => `#${id}` === location.hash) ?? jobs.find(({ state }) => state === "running")) : null;
    const now = jobs.find(({ id }) => id === place.job?.id);
    if (wanted) await open(wanted.id);
    else if (now) show({ ...place.job, ...now });
    page.dataset.listed = "true";
  } catch {
    // The line above says since when; the next look comes by itself.
  }
  const silent = performance.now() - place.heardAt;
  const lost = find(document, ".lost");
  lost.hidden = silent < 3 * EVERY_MS;
  write(lost, lost.hidden ? "" : say("lost", { span: format.span(silent) }));
}

async function keepLooking() {
  await look();
  lookIn(place.job && isMoving(place.job) ? SOON_MS : EVERY_MS);
}

/** @param {number} ms until the next look, instead of any that was to come */
function lookIn(ms) {
  clearTimeout(place.timer);
  place.timer = setTimeout(keepLooking, ms);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void receive();
});
for (const [act, work] of /** @type {const} */ ([["start", start], ["cancel", cancel], ["another", async () => show(null)]])) {
  find(both, `[data-act="${act}"]`).addEventListener("click", () => void work());
}
const drop = find(form, ".drop");
for (const [name, over] of /** @type {const} */ ([["dragover", true], ["dragleave", false], ["drop", false]])) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    mark(drop, "data-over", String(over));
    const files = /** @type {DragEvent} */ (event).dataTransfer?.files;
    if (name === "drop" && files?.length) chosen.files = files;
  });
}
mark(page, "data-listed", "false");
void keepLooking();
