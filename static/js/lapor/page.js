/** The citizens' form with a script: photos, place, and reports that wait for a network. Without it the form works too. */

import { post, ripe, ticket } from "./deliver.js";
import { Photos } from "./photos.js";
import { Place, put, value } from "./place.js";
import { keep } from "./shelf.js";
import { Waiting } from "./waiting.js";
import { say } from "./words.js";

/** It may have been a moment without a network. */
const SOON_MS = 5000;
const OLD_MS = 600_000;

const form = /** @type {HTMLFormElement} */ (document.getElementById("report"));
const state = by("state");
const photos = new Photos(by("photo"), () => value(form, "ticket"), value(form, "files").split(",").filter(Boolean));
const place = new Place(by("place"), form);
const waiting = new Waiting(by("waiting"), by("sent"), giveBack, () => (state.textContent = ""));

/** When this page's ticket was given, at the latest: ms since 1970 by this telephone's own clock. */
let given = Date.now() - performance.now() + (navigation()?.responseStart ?? 0);

function navigation() {
  return /** @type {PerformanceNavigationTiming | undefined} */ (performance.getEntriesByType("navigation")[0]);
}

/** @param {string} id */
function by(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** @returns {Record<string, string>} the words of the form */
function fields() {
  return Object.fromEntries([...new FormData(form)].map(([name, said]) => [name, String(said)]));
}

/** @param {import("./shelf.js").Unsent} report what the room did not take: back into the form */
function giveBack(report) {
  for (const [name, text] of Object.entries(report.fields)) if (form.elements.namedItem(name) && name !== "ticket") put(form, name, text);
  photos.restore(report.photos);
  showChosen();
  state.textContent = say("refused");
}

function showChosen() {
  for (const group of form.querySelectorAll("details")) {
    const chosen = group.querySelector("input:checked + span")?.textContent ?? "";
    const mark = group.querySelector(".chosen");
    if (mark) mark.textContent = chosen;
  }
}

async function keepForLater() {
  const { ticket: own = "", files: _files, ...words } = fields();
  const ids = photos.there();
  // What is there already belongs to this page's ticket.
  const under = ids.length ? { ticket: own, given } : {};
  const label = form.querySelector(".kinds input:checked + span")?.textContent ?? "";
  try {
    await keep({ id: crypto.randomUUID(), at: Date.now(), label, fields: words, photos: photos.blobs(), ids: Object.fromEntries(ids.map((one, n) => [n - ids.length, one])), ...under });
  } catch {
    state.textContent = say("kept_not");
    return;
  }
  form.reset();
  photos.clear();
  place.clear();
  showChosen();
  state.textContent = say("kept");
  await waiting.show();
  by("waiting").scrollIntoView({ block: "center" });
  if (navigator.onLine) setTimeout(() => waiting.send(), SOON_MS);
}

async function send() {
  state.textContent = photos.count ? say("sending_photo") : say("sending");
  try {
    put(form, "files", (await photos.whole()).join(","));
    await ripe(given);
    state.textContent = say("sending");
    const answer = await post(fields());
    if (answer.status === 201) location.assign(`${answer.link}?new=1&lang=${document.documentElement.lang}`);
    // Everything else is a page in words: what is wrong, or what is reported already.
    else form.submit();
  } catch {
    await keepForLater();
  }
}

/** @param {string} fresh */
function renewed(fresh) {
  put(form, "ticket", fresh);
  given = Date.now();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!form.querySelector(".kinds input:checked")) {
    state.textContent = say("choose");
    form.querySelector("summary")?.focus();
    return;
  }
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button.first"));
  button.disabled = true;
  await send().finally(() => (button.disabled = false));
});
form.addEventListener("change", showChosen);
// A finger has chosen: the list makes room. Not for arrow keys, which choose on their way.
form.addEventListener("click", ({ target, detail }) => {
  const group = detail > 0 && target instanceof Element ? target.closest(".choice")?.closest("details") : null;
  if (group) setTimeout(() => group.removeAttribute("open"), 250);
});
showChosen();
// A page that was kept here has an old ticket, perhaps one that is over.
if (Math.abs(Date.now() - Number(form.dataset["given"]) * 1000) > OLD_MS) ticket().then(renewed, () => undefined);
waiting.show().then(() => waiting.send()).catch(() => undefined);
navigator.serviceWorker?.register("/lapor/worker.js", { scope: "/lapor" }).catch(() => undefined);
document.documentElement.dataset["ready"] = "true";
