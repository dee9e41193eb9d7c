/**
 * How a desk moves through a recording: day and hour, how fast it runs, the next alarm, the bar under the hand, and the link that shows
 * the same moment on a wall.
 */
import { fromLocalInput, toLocalInput } from "../../feed/clock.js";
import { momentOf, nextHappening, searchAt, SPEEDS } from "../../feed/past.js";
import { element, find, mark, write } from "../../ui/dom.js";

/** @typedef {import("../../feed/past.js").Day} Day */
/** @typedef {{city: import("../../ui/city.js").City, format: import("../../ui/format.js").Format, say: import("../../ui/language.js").Say<"recorded">}} TimeRoom */
/** @typedef {{at: number | null, seq: number | null, speed: number, day: Day | null, now: number | null}} TimeLook at: the moment that is shown or waited for, ms; seq: the position that was asked for in place of a time, as long as that is shown; now: of the room */
/** @typedef {{look: () => TimeLook, jump: (at: number) => void, play: (speed: number) => void, back: () => void, tell: (words: string) => void}} TimeHands */

/** @param {Document} page @param {TimeRoom} room @param {TimeHands} hands @returns {(look: TimeLook) => void} */
export function mountTimeControls(page, room, hands) {
  const paintChoice = mountChoice(page, room, hands);
  const paintSpeeds = mountSpeeds(page, room, hands);
  const paintWall = mountWallLink(page, room, hands);
  const paintSlider = mountSlider(find(page, ".time-bar"), room, hands);
  const steps = /** @type {const} */ ([["before", -1], ["after", 1]]);
  for (const [name, way] of steps) find(page, `[data-do="alarm-${name}"]`).addEventListener("click", () => step(hands, way, "alarm"));
  return (look) => {
    paintChoice(look);
    paintSpeeds(look);
    paintWall(look);
    paintSlider(look);
  };
}

/** @param {TimeHands} hands @param {1 | -1} way @param {import("../../feed/past.js").Kind} [kind] this alone */
export function step({ look, jump }, way, kind) {
  const { day, at } = look();
  const next = day && at !== null ? nextHappening(day, at, way, kind) : null;
  if (next) jump(momentOf(next));
}

/** @param {TimeHands} hands the space bar: it goes on as fast as it went, at first one minute a second */
export function playOrPause({ look, play }, before = 60) {
  const { speed } = look();
  play(speed > 0 ? 0 : before);
}

/** @param {Document} page @param {TimeRoom} room @param {TimeHands} hands @returns {(look: TimeLook) => void} day and hour, as the city's clock has them */
function mountChoice(page, { city, say }, { jump }) {
  const inputs = /** @type {HTMLInputElement[]} */ (["day", "hour"].map((name) => find(page, `input[name="${name}"]`)));
  const [day, hour] = inputs;
  if (!day || !hour) return () => {};
  mark(day, "aria-label", say("day"));
  mark(hour, "aria-label", say("hour"));
  const go = () => {
    const at = fromLocalInput(`${day.value}T${hour.value}`, city.zone);
    if (!Number.isNaN(at)) jump(at);
  };
  for (const input of inputs) input.addEventListener("change", go);
  return ({ at, now }) => {
    if (at === null || inputs.some((input) => input === page.activeElement)) return;
    const [date = "", time = ""] = toLocalInput(at, city.zone).split("T");
    if (day.value !== date) day.value = date;
    if (hour.value !== time) hour.value = time;
    if (now !== null) mark(day, "max", toLocalInput(now, city.zone).slice(0, 10));
  };
}

/** @param {Document} page @param {TimeRoom} room @param {TimeHands} hands @returns {(look: TimeLook) => void} */
function mountSpeeds(page, { format, say }, hands) {
  const [box, button] = [find(page, ".speeds"), find(page, '[data-do="play"]')];
  let last = 60;
  const speeds = SPEEDS.map((speed) => {
    const one = element("button", "speed", say("times", { n: format.number(speed) }));
    mark(one, "type", "button");
    one.addEventListener("click", () => hands.play((last = speed)));
    return { speed, one };
  });
  mark(box, "aria-label", say("speed"));
  box.append(...speeds.map(({ one }) => one));
  button.addEventListener("click", () => playOrPause(hands, last));
  return ({ speed }) => {
    if (speed > 0) last = speed;
    write(find(button, ".play-word"), say(speed > 0 ? "pause" : "play"));
    mark(button, "aria-pressed", String(speed > 0));
    for (const { speed: its, one } of speeds) mark(one, "aria-pressed", String(its === speed));
  };
}

/** @param {Document} page @param {TimeRoom} room @param {TimeHands} hands @returns {(look: TimeLook) => void} a link, so that it can be opened, sent on and put on a screen; who follows it needs the right to see a wall */
function mountWallLink(page, { say }, { tell }) {
  const link = /** @type {HTMLAnchorElement} */ (find(page, ".wall-link"));
  const language = new URLSearchParams({ lang: page.documentElement.lang }).toString();
  find(page, '[data-do="copy"]').addEventListener("click", async () => {
    // Where a browser gives no clipboard the link is said, and can be copied by hand.
    await navigator.clipboard?.writeText(link.href).catch(() => undefined);
    tell(say("copied", { url: link.href }));
  });
  return ({ at, seq, speed }) => {
    const address = `/wall${searchAt(`?${language}`, { at, seq, speed })}`;
    if (link.getAttribute("href") !== address) link.setAttribute("href", address);
  };
}

/** @param {HTMLElement} bar @param {TimeRoom} room @param {TimeHands} hands @returns {(look: TimeLook) => void} */
function mountSlider(bar, { format, say }, hands) {
  for (const [name, value] of Object.entries({ role: "slider", tabindex: "0", "aria-label": say("timeline") })) mark(bar, name, value);
  /** @param {PointerEvent} event never beyond now: what has not happened yet is not there */
  const take = ({ clientX }) => {
    const { day, now } = hands.look();
    const { left, width } = bar.getBoundingClientRect();
    if (!day || width === 0) return;
    const at = day.from + Math.min(1, Math.max(0, (clientX - left) / width)) * (day.to - day.from);
    hands.jump(Math.min(at, now ?? day.now));
  };
  bar.addEventListener("pointerdown", (event) => {
    bar.setPointerCapture(event.pointerId);
    hands.play(0);
    take(event);
  });
  bar.addEventListener("pointermove", (event) => bar.hasPointerCapture(event.pointerId) && take(event));
  return ({ day, at }) => {
    if (!day || at === null) return;
    const minute = (/** @type {number} */ ms) => Math.round((ms - day.from) / 60_000);
    for (const [name, value] of Object.entries({ "aria-valuemin": 0, "aria-valuemax": minute(day.to), "aria-valuenow": minute(at), "aria-valuetext": format.hour(at) })) mark(bar, name, String(value));
  };
}
