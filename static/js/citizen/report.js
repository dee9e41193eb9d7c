/**
 * Entry of the citizens' form with a script: photos, place, and reports that wait for a network. Without it the form works too.
 */
import { wordsOf } from "../ui/language.js";
import { keep } from "./device_store.js";
import { later, OfflineQueue, post, ripe, ticket } from "./offline.js";
import { Photos } from "./photos.js";
import { begin, expect, solution } from "./puzzle.js";

const say = wordsOf(document, "citizen");

// Where it is: by the telephone's own location, or a touch on the map, which is loaded only then.

const PATIENCE_MS = 20_000;
const DECIMALS = 5;

class Place {
  #form;
  #said = document.createElement("p");
  #unpoint = button(say("unpoint"), () => this.clear());
  /** @type {import("./ground.js").Mark} */
  #mark = () => undefined;
  /** @type {HTMLButtonElement} */
  #map;
  /** The kelurahan that the point chose; another that somebody chose by hand stays. */
  #chosen = "";

  /** @param {HTMLElement} box @param {HTMLFormElement} form */
  constructor(box, form) {
    this.#form = form;
    this.#said.setAttribute("role", "status");
    const locate = button(say("locate"), () => this.#locate());
    const show = this.#map = button(say("show_map"), () => this.#open(show));
    locate.hidden = !("geolocation" in navigator);
    box.append(locate, show, this.#said, this.#unpoint);
    box.hidden = false;
    this.read();
  }

  clear() {
    if (this.#chosen && value(this.#form, "area") === this.#chosen) put(this.#form, "area", "");
    this.#chosen = "";
    this.#put("", "");
  }

  /** What stands in the form, by whoever put it there. */
  read() {
    this.#show(value(this.#form, "lat") ? say("pointed") : "");
  }

  #locate() {
    this.#said.textContent = say("locating");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => this.#set(coords.latitude, coords.longitude, say("accurate", { m: Math.max(5, Math.round(coords.accuracy)) })),
      () => (this.#said.textContent = say("no_place")),
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 60_000 },
    );
  }

  /** @param {HTMLButtonElement} show */
  async #open(show) {
    show.disabled = true;
    try {
      const { openMap } = await import("./ground.js");
      this.#mark = await openMap(show, (lat, lon) => this.#set(lat, lon, say("on_map")));
      this.#mark(value(this.#form, "lat"), value(this.#form, "lon"));
      show.hidden = true;
    } catch {
      this.#said.textContent = say("no_place");
      show.disabled = false;
    }
  }

  /** @param {number} lat @param {number} lon @param {string} how exactly it is known */
  async #set(lat, lon, how) {
    const [north, east] = [lat.toFixed(DECIMALS), lon.toFixed(DECIMALS)];
    this.#put(north, east, say("pointed_so", { how }));
    const found = await areaAt(north, east);
    if (!found || value(this.#form, "lat") !== north || value(this.#form, "lon") !== east) return;
    put(this.#form, "area", found.area);
    this.#chosen = found.area;
    this.#show(say("found", { area: [found.name, found.district].filter(Boolean).join(", "), how }));
  }

  /** @param {string} lat @param {string} lon @param {string} [words] */
  #put(lat, lon, words = "") {
    put(this.#form, "lat", lat);
    put(this.#form, "lon", lon);
    this.#show(words);
  }

  /** Words, button and map say the same. @param {string} words */
  #show(words) {
    const lat = value(this.#form, "lat");
    this.#said.textContent = words;
    this.#unpoint.hidden = !lat;
    if (lat) this.#map.textContent = say("correct_on_map");
    this.#mark(lat, value(this.#form, "lon"));
  }
}

/** @param {string} lat @param {string} lon @returns {Promise<{area: string, name: string, district: string} | null>} the kelurahan there; null outside the city and without a network */
async function areaAt(lat, lon) {
  // In the body: where somebody stands belongs in no server's log of addresses.
  const answer = await fetch("/lapor/area", { method: "POST", body: new URLSearchParams({ lat, lon }), credentials: "omit" }).catch(() => null);
  return answer?.ok ? answer.json() : null;
}

/** @param {string} words @param {() => void} act */
function button(words, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

/** @param {HTMLFormElement} form @param {string} name */
function field(form, name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}

/** @param {HTMLFormElement} form @param {string} name */
function value(form, name) {
  return field(form, name).value;
}

/** @param {HTMLFormElement} form @param {string} name @param {string} text */
function put(form, name, text) {
  field(form, name).value = text;
}

// The page.

/** It may have been a moment without a network. */
const SOON_MS = 5000;
const OLD_MS = 600_000;

const form = /** @type {HTMLFormElement} */ (document.getElementById("report"));
const state = by("state");
const photos = new Photos(by("photo"), () => value(form, "ticket"), value(form, "files").split(",").filter(Boolean));
const place = new Place(by("place"), form);
const waiting = new OfflineQueue(by("waiting"), by("sent"), giveBack, () => (state.textContent = ""));
/** That this tab went from the form to what was sent with it. */
const SENT = "lapor-sent";
const WRITTEN = ["description", "address", "phone", "email"];

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

/** What the room did not take: back into the form. @param {import("./device_store.js").Unsent} report @returns {boolean} whether it is there now */
function giveBack(report) {
  const written = WRITTEN.some((name) => value(form, name));
  if (written && !confirm(say("replace"))) return false;
  photos.clear();
  for (const [name, text] of Object.entries(report.fields)) if (form.elements.namedItem(name) && name !== "ticket") put(form, name, text);
  place.read();
  photos.restore(report.photos);
  showChosen();
  showContact();
  state.textContent = say("refused");
  return true;
}

/** Words that came back are not hidden. */
function showContact() {
  if (value(form, "phone") || value(form, "email")) form.querySelector(".contact")?.setAttribute("open", "");
}

function showChosen() {
  for (const group of form.querySelectorAll("details")) {
    const chosen = group.querySelector("input:checked + span")?.textContent ?? "";
    const mark = group.querySelector(".chosen");
    if (mark) mark.textContent = chosen;
  }
}

/** @param {"kept" | "kept_busy"} why */
async function keepForLater(why) {
  const { ticket: own = "", files: _files, solution: _solution, ...words } = fields();
  const label = form.querySelector(".kinds input:checked + span")?.textContent ?? "";
  try {
    // Under the ticket of this page: what came through though its answer did not is taken once.
    const under = own ? { ticket: own, given } : {};
    await keep({ id: crypto.randomUUID(), at: Date.now(), label, fields: words, ...photos.kept(), ...under });
  } catch {
    state.textContent = say("kept_not");
    return;
  }
  anew();
  state.textContent = say(why);
  await waiting.show();
  by("waiting").scrollIntoView({ block: "center" });
  if (navigator.onLine) setTimeout(() => waiting.send(), SOON_MS);
}

/** An empty form; the ticket belongs to the report that was written in it. */
function anew() {
  form.reset();
  photos.clear();
  place.clear();
  for (const name of ["ticket", "files", "solution"]) put(form, name, "");
  showChosen();
  renew();
}

async function send() {
  state.textContent = photos.count ? say("sending_photo") : say("sending");
  try {
    if (!value(form, "ticket")) renewed(await ticket());
    put(form, "files", (await photos.whole()).join(","));
    await ripe(given);
    state.textContent = say("sending");
    const answer = await post(fields());
    if (answer.status === 201) {
      sessionStorage.setItem(SENT, answer.link);
      location.assign(`${answer.link}?new=1&lang=${document.documentElement.lang}`);
    } else if (later(answer)) await keepForLater("kept_busy");
    // Everything else is a page in words: what is wrong, or what is reported already.
    else {
      put(form, "solution", await solution(value(form, "ticket"), 0));
      form.submit();
    }
  } catch {
    await keepForLater("kept");
  }
}

/** @param {string} fresh */
function renewed(fresh) {
  put(form, "ticket", fresh);
  given = Date.now();
}

function renew() {
  ticket().then(renewed, () => undefined);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!form.querySelector(".kinds input:checked")) {
    state.textContent = say("choose");
    /** @type {HTMLElement | null} */ (form.querySelector(".kinds input"))?.focus();
    return;
  }
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button.first"));
  button.disabled = true;
  await send().finally(() => (button.disabled = false));
});
form.addEventListener("change", showChosen);
// Back from the report that was sent: what stands here still is no second one.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) state.textContent = "";
  if ((persisted || navigation()?.type === "back_forward") && sessionStorage.getItem(SENT)) anew();
  sessionStorage.removeItem(SENT);
});
// A finger has chosen: the list makes room. Not for arrow keys, which choose on their way.
form.addEventListener("click", ({ target, detail }) => {
  const chosen = detail > 0 && target instanceof Element ? target.closest(".choice") : null;
  if (chosen) setTimeout(() => form.querySelectorAll(".kinds details[open]").forEach((group) => group.removeAttribute("open")), 250);
});
showChosen();
by("promise").textContent = say("promise");
expect(Number(form.dataset["effort"]));
// A page that was kept here has an old ticket, perhaps one that is over.
if (Math.abs(Date.now() - Number(form.dataset["given"]) * 1000) > OLD_MS) renew();
else begin(value(form, "ticket"));
waiting.show().then(() => waiting.send()).catch(() => undefined);
navigator.serviceWorker?.register("/lapor/worker.js", { scope: "/lapor" }).catch(() => undefined);
document.documentElement.dataset["ready"] = "true";
