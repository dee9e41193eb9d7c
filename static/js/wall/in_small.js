/**
 * The wall in small on the landing page. Who may see the wall has it in a frame, and the sentence beside it repeats what the
 * frame shows, only while that is live; everybody else looks through a recorded day of a drill, marked as a sample.
 */
import { mark, write } from "../ui/dom.js";

/** How often the frame is looked at, ms: the wall changes no figure more often than once a second. */
const LOOK_EVERY = 500;
/** How long a picture of the recorded day stands, ms. */
const PICTURE_STANDS = 6000;
const NOTHING = "–";

/** @param {HTMLIFrameElement} frame of this origin @returns {(name: string) => string} a figure of its sum, as it is written there; a dash while the wall is not live */
function figureOf(frame) {
  const wall = frame.contentDocument;
  if (wall?.documentElement.dataset.freshness !== "live") return () => NOTHING;
  return (name) => wall.querySelector(`${name === "received" ? ".ledger-sum" : `.ledger-row[data-row="${name}"]`} .figure`)?.textContent || NOTHING;
}

/** @param {HTMLIFrameElement} frame @param {Element} sentence */
function repeat(frame, sentence) {
  const places = [...sentence.querySelectorAll("[data-figure]")];
  setInterval(() => {
    const figure = figureOf(frame);
    mark(sentence, "data-live", String(figure("received") !== NOTHING));
    for (const place of places) write(place, figure(place.getAttribute("data-figure") ?? ""));
  }, LOOK_EVERY);
}

/** @param {HTMLImageElement} picture whose data-day names all pictures of the day, the first of which stands already */
function lookThrough(picture) {
  const day = (picture.dataset.day ?? "").split(" ").filter(Boolean);
  if (day.length < 2 || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  let stands = 0;
  setInterval(async () => {
    const next = new Image();
    next.src = day[(stands + 1) % day.length] ?? "";
    await next.decode().catch(() => undefined);
    // One that does not come is passed over; the one before stays up.
    stands += 1;
    if (next.naturalWidth > 0) picture.src = next.src;
  }, PICTURE_STANDS);
}

const small = document.querySelector(".small");
const sentence = document.querySelector(".today");
if (small instanceof HTMLIFrameElement && sentence) repeat(small, sentence);
if (small instanceof HTMLImageElement) lookThrough(small);
