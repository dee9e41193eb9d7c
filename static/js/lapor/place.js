/** Where it is: by the telephone's own location, or a touch on the map, which is loaded only then. */

import { say } from "./words.js";

const PATIENCE_MS = 20_000;
const DECIMALS = 5;

export class Place {
  #form;
  #said = document.createElement("p");
  #unpoint = button(say("unpoint"), () => this.clear());

  /** @param {HTMLElement} box @param {HTMLFormElement} form */
  constructor(box, form) {
    this.#form = form;
    this.#said.setAttribute("role", "status");
    const locate = button(say("locate"), () => this.#locate());
    const show = button(say("show_map"), () => this.#show(show));
    locate.hidden = !("geolocation" in navigator);
    box.append(locate, show, this.#said, this.#unpoint);
    box.hidden = false;
    const pointed = value(form, "lat") !== "";
    this.#unpoint.hidden = !pointed;
    if (pointed) this.#said.textContent = say("pointed");
  }

  clear() {
    put(this.#form, "lat", "");
    put(this.#form, "lon", "");
    this.#said.textContent = "";
    this.#unpoint.hidden = true;
  }

  #locate() {
    this.#said.textContent = say("locating");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => this.#set(coords.latitude, coords.longitude, say("located", { m: Math.max(5, Math.round(coords.accuracy)) })),
      () => (this.#said.textContent = say("no_place")),
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 60_000 },
    );
  }

  /** @param {HTMLButtonElement} show */
  async #show(show) {
    show.disabled = true;
    try {
      const { openMap } = await import("./map.js");
      await openMap(show, (lat, lon) => this.#set(lat, lon, say("pointed")));
      show.hidden = true;
    } catch {
      this.#said.textContent = say("no_place");
      show.disabled = false;
    }
  }

  /** @param {number} lat @param {number} lon @param {string} words */
  #set(lat, lon, words) {
    put(this.#form, "lat", lat.toFixed(DECIMALS));
    put(this.#form, "lon", lon.toFixed(DECIMALS));
    this.#said.textContent = words;
    this.#unpoint.hidden = false;
  }
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
export function value(form, name) {
  return field(form, name).value;
}

/** @param {HTMLFormElement} form @param {string} name @param {string} text */
export function put(form, name, text) {
  field(form, name).value = text;
}
