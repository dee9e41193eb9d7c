/**
 * The map while nobody waits: what was finished today as points of light, what is in hand as diamonds, and the words for it.
 */
import { fromLocalInput } from "../../feed/clock.js";
import { drawIncident, paletteOf, RecoverableCanvas } from "../../map/incident_layer.js";
import { isQuiet, olderWords, soonest } from "../../ui/complaints.js";
import { element, find, mark, write } from "../../ui/dom.js";
import { around } from "./map_placement.js";

/** @typedef {import("../../ui/picture.js").Picture} Picture */
/** @typedef {import("../../ui/picture.js").WallRoom} Room */
/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("./map_placement.js").Box} Box */

/** @param {Picture} picture @returns {boolean} whether the map says that nobody waits; in a flood it says where the alarms are */
export function nobodyWaits({ whole, state, flood }) {
  return whole && !flood && state.tally.total.waiting === 0;
}

// The answer: how many are in hand, and who of them is late or when the first one runs out.

const DAY_MS = 86_400_000;

/** @param {Picture} picture @param {Room} room @returns {string[]} said at length and shorter */
export function quietWords({ state, at, ranking }, { say, format }) {
  const { in_process: n, overdue } = state.tally.total;
  if (n === 0) return [say("quiet_all_done")];
  const said = { n: format.number(n) };
  if (overdue > 0) return [say("quiet_late", { ...said, late: format.number(overdue) }), say("quiet_open", said)];
  const [first] = soonest(ranking).filter(({ card: { paused, due_at: due } }) => !paused && due);
  const due = Date.parse(first?.card.due_at ?? "");
  if (Number.isNaN(due) || at === null) return [say("quiet_open", said)];
  const today = format.day(due) === format.day(at);
  const day = due - at < 6 * DAY_MS ? format.weekday(due) : format.day(due);
  return [say("quiet_from", { ...said, time: today ? format.hour(due) : `${day} ${format.hour(due)}` }), say("quiet_open", said)];
}

// What stands on the land: points and diamonds, by the cards alone, so that the same cards give the same picture.

/** Up to so many hours ago, and the radius of such a point, units: the younger, the larger. */
const LIGHTS = [{ hours: 1, radius: 17 }, { hours: 4, radius: 13 }, { hours: Infinity, radius: 9 }];
/** More diamonds than this would hide the city: then the bars under the names count them. */
const MOST_DIAMONDS = 60;
/** A diamond's height, and half of what it takes with its casing. */
const [DIAMOND, REACH] = [64, 52];

/** @typedef {{lat: number, lon: number, radius: number, quiet: boolean}} Light */
/** @typedef {{lights: Light[], diamonds: Card[]}} Quiet lights: the oldest first, so that the youngest lies on top */

/**
 * @param {import("../../feed/cards.js").Cards} cards @param {number} at room time, ms
 * @param {{quiet?: ReadonlySet<string>, unacked: ReadonlySet<string>}} seen
 * @returns {Quiet} diamonds: those in process that have no ring of their own; none: there are too many
 */
export function quietPlaces(cards, at, seen) {
  /** @type {Array<Light & {closed: number, id: string}>} */
  const lights = [];
  /** @type {Card[]} */
  const diamonds = [];
  cards.each((card) => {
    if (typeof card.lat !== "number" || typeof card.lon !== "number") return;
    if (card.status === "in_process" && !card.overdue && !seen.unacked.has(card.id)) diamonds.push(card);
    if (card.status !== "done") return;
    const closed = Date.parse(card.closed_at ?? "") || 0;
    const radius = LIGHTS.find(({ hours }) => at - closed <= hours * 3_600_000)?.radius ?? 0;
    lights.push({ id: card.id, lat: card.lat, lon: card.lon, radius, quiet: isQuiet(card, seen), closed });
  });
  lights.sort((a, b) => a.closed - b.closed || (a.id < b.id ? -1 : 1));
  return { lights, diamonds: diamonds.length > MOST_DIAMONDS ? [] : diamonds.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

// When today's complaints came, by the hour: those that the rail sums up, so that both say one number.

const HOUR_MS = 3_600_000;
/** Fewer than these are no picture of a day. */
const LEAST_ARRIVALS = 24;
/** The least height of an hour that is over, of the highest one, percent. */
const LEAST_HIGH = 3;

/**
 * @param {import("../../feed/cards.js").Cards} cards @param {string} day of the city @param {string} zone IANA name @param {number} at room time, ms
 * @returns {number[]} by hour since midnight, up to the running one
 */
export function arrivalsOf(cards, day, zone, at) {
  const midnight = fromLocalInput(`${day}T00:00`, zone);
  if (Number.isNaN(midnight) || at < midnight) return [];
  const hours = new Array(Math.floor((at - midnight) / HOUR_MS) + 1).fill(0);
  cards.each(({ received_at: received, received_day: of }) => {
    if (of !== day) return;
    const hour = Math.floor(((Date.parse(received ?? "") || midnight) - midnight) / HOUR_MS);
    hours[Math.min(hours.length - 1, Math.max(0, hour))] += 1;
  });
  return hours;
}

/** @returns {HTMLElement} */
export function arrivalsMarkup() {
  const bars = element("p", "arrival-bars", ...Array.from({ length: 24 }, () => element("i", "arrival-bar")));
  const axis = element("p", "arrival-hours", ...["00", "06", "12", "18"].map((hour) => element("span", "arrival-hour", hour)));
  return element("div", "legend-arrivals", element("p", "arrival-word"), bars, axis);
}

/** @param {HTMLElement} legend @param {Room} room @returns {(hours: readonly number[]) => void} */
function mountArrivals(legend, { say, format }) {
  const [word, bars] = [find(legend, ".arrival-word"), /** @type {NodeListOf<HTMLElement>} */ (legend.querySelectorAll(".arrival-bar"))];
  return (hours) => {
    const n = hours.reduce((total, one) => total + one, 0);
    const seen = n >= LEAST_ARRIVALS && hours.length <= bars.length;
    mark(legend, "data-seen", String(seen));
    if (!seen) return;
    const most = Math.max(...hours);
    write(word, say("quiet_arrivals", { n: format.number(n) }));
    for (const [hour, bar] of bars.entries()) {
      const high = hour < hours.length ? `${Math.max(LEAST_HIGH, Math.round((100 * (hours[hour] ?? 0)) / most))}%` : "0";
      if (bar.style.height !== high) bar.style.height = high;
      mark(bar, "data-now", String(hour === hours.length - 1));
    }
  };
}

// The layer on the map.

/** Units: how far the casing of a point reaches, and its line while data are lost. */
const [CASING, LINE] = [7, 4];
/** So long what was made of the cards may stand, ms. */
const MADE_EVERY = 1000;

/** @typedef {{boxes: Box[], bars: boolean}} Standing boxes: of the diamonds, which no word covers; bars: whether the bars under the names count what is in process */

/**
 * @param {HTMLElement} scene @param {import("../../map/base_map.js").BaseMap} base @param {{unit: () => number}} field
 * @param {Room} room @returns {(picture: Picture, on: boolean) => Standing}
 */
export function mountQuiet(scene, base, field, room) {
  const palette = paletteOf(scene);
  const words = find(scene, ".legend-lights-word");
  const paintArrivals = mountArrivals(find(scene, ".legend-arrivals"), room);
  /** @type {{cards: Picture["state"]["cards"] | null, at: number, made: Quiet}} */
  let kept = { cards: null, at: -Infinity, made: { lights: [], diamonds: [] } };
  /** @type {ReadonlySet<string>} */
  let silent = new Set();
  let stale = false;
  let shown = false;
  const canvas = new RecoverableCanvas(() => draw());
  base.leaflet?.getContainer().prepend(canvas.node);
  base.leaflet?.on("move zoom resize", () => shown && draw());

  function draw() {
    const map = base.leaflet;
    const { x: width, y: height } = map?.getSize() ?? { x: 1, y: 1 };
    const pen = canvas.pen(width, height);
    pen?.clearRect(0, 0, width, height);
    if (!pen || !map || !shown) return;
    const unit = field.unit();
    for (const light of kept.made.lights) drawLight(pen, light, { ...map.latLngToContainerPoint([light.lat, light.lon]), unit, palette, stale });
    for (const card of kept.made.diamonds) {
      const { x, y } = map.latLngToContainerPoint([Number(card.lat), Number(card.lon)]);
      const diamond = { id: card.id, size: DIAMOND, status: card.status, ring: /** @type {const} */ ("none"), quiet: isQuiet(card, { quiet: silent }) };
      drawIncident(pen, { ...diamond, latlng: [0, 0], shift: [0, 0], at: [0, 0], thread: false }, { palette, stale }, { x, y, unit });
    }
  }

  return (picture, on) => {
    const { state, mono, at } = picture;
    const before = shown;
    shown = on;
    if (!on) {
      if (before) draw();
      return { boxes: [], bars: true };
    }
    if (!before || (state.cards !== kept.cards && mono - kept.at >= MADE_EVERY)) {
      kept = { cards: state.cards, at: mono, made: quietPlaces(state.cards, at ?? 0, picture) };
      paintArrivals(arrivalsOf(state.cards, state.counts?.day ?? "", room.city.zone, at ?? 0));
    }
    [stale, silent] = [picture.freshness === "lost", picture.quiet ?? new Set()];
    draw();
    const { lights, diamonds } = kept.made;
    write(words, lights.length === 0 ? "" : [room.say("legend_lights", { n: room.format.number(lights.length) }), olderWords(state.counts, room)].filter(Boolean).join(", "));
    const boxes = diamonds.map(({ lat, lon }) => base.point(Number(lat), Number(lon))).map((place) => around(place, REACH));
    return { boxes, bars: diamonds.length === 0 };
  };
}

/**
 * @param {CanvasRenderingContext2D} pen @param {Light} light
 * @param {{x: number, y: number, unit: number, palette: import("../../map/incident_layer.js").Palette, stale: boolean}} at px
 */
function drawLight(pen, { radius, quiet }, { x, y, unit, palette, stale }) {
  const disc = (/** @type {string} */ colour, /** @type {number} */ reach) => {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.arc(x, y, reach * unit, 0, 2 * Math.PI);
    pen.fill();
  };
  disc(palette.ground, radius + CASING);
  disc(stale || quiet ? palette.stale : palette.done, radius);
  if (stale || quiet) disc(palette.ground, radius - LINE);
}
