/** Where it is: by the telephone's own location, or a touch on the map, which is loaded only then. */

import { say } from "./words.js";

const PATIENCE_MS = 20_000;
const DECIMALS = 5;

export class Place {
  #form;
  #said = document.createElement("p");
  #unpoint = button(say("unpoint"), () => this.clear());
  /** @type {import("./map.js").Mark} */
  #mark = () => undefined;

  /** @param {HTMLElement} box @param {HTMLFormElement} form */
  constructor(box, form) {
    this.#form = form;
    this.#said.setAttribute("role", "status");
    const locate = button(say("locate"), () => this.#locate());
    const show = button(say("show_map"), () => this.#open(show));
    locate.hidden = !("geolocation" in navigator);
    box.append(locate, show, this.#said, this.#unpoint);
    box.hidden = false;
    this.read();
  }

  clear() {
    this.#put("", "");
  }

  /** What stands in the form, by whoever put it there. */
  read() {
    this.#show(value(this.#form, "lat") ? say("pointed") : "");
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
  async #open(show) {
    show.disabled = true;
    try {
      const { openMap } = await import("./map.js");
      this.#mark = await openMap(show, (lat, lon) => this.#set(lat, lon, say("pointed")));
      this.#mark(value(this.#form, "lat"), value(this.#form, "lon"));
      show.hidden = true;
    } catch {
      this.#said.textContent = say("no_place");
      show.disabled = false;
    }
  }

  /** @param {number} lat @param {number} lon @param {string} words */
  #set(lat, lon, words) {
    this.#put(lat.toFixed(DECIMALS), lon.toFixed(DECIMALS), words);
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
    this.#mark(lat, value(this.#form, "lon"));
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
