/**
 * What came and has not been looked at: heard once, counted in the title, marked in the list until it is opened.
 */
import { placeWords, whatWords } from "../ui/complaints.js";
import { createVoice } from "../screen/sound.js";
import { find, mark, write } from "../ui/dom.js";
import { newsIn } from "./agency_list.js";

/** @typedef {import("../feed/messages.js").Card} Card */
/** @typedef {import("./agency_list.js").What} What */
/** @typedef {import("./agency_room.js").WorkRoom} WorkRoom */

const SAYS = /** @type {const} */ ({ arrived: "arrived", back: "arrived_back", answer: "arrived_answer" });

export class News {
  /** @type {Map<string, What>} */
  unseen = new Map();
  /** @type {Map<string, Card> | null} null: what is there at first is no news */
  #before = null;
  #edge;

  /** @param {{tell: (news: [Card, What][]) => void}} edge */
  constructor(edge) {
    this.#edge = edge;
  }

  /** @param {Iterable<Card>} cards a whole picture */
  take(cards) {
    const now = new Map([...cards].map((card) => [card.id, card]));
    const news = this.#before ? newsIn(now.values(), this.#before) : [];
    this.#before = now;
    for (const [card, what] of news) this.unseen.set(card.id, what);
    for (const id of this.unseen.keys()) if (!now.has(id)) this.unseen.delete(id);
    if (news.length > 0) this.#edge.tell(news);
  }

  /** @param {string} id somebody looks at it */
  seen(id) {
    this.unseen.delete(id);
  }
}

/** @param {Document} page @param {WorkRoom} room @returns {(news: [Card, What][]) => void} heard once the page has been touched, else the badge asks for it */
export function mountBell(page, room) {
  const context = new AudioContext();
  const voice = createVoice(context);
  const badge = find(page, ".sound");
  const announce = find(page, ".announce");
  const look = () => mark(badge, "data-shown", String(context.state !== "running"));
  const wake = () => void context.resume().then(look, look);
  write(badge, room.work("sound_on"));
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => context.state === "running" || wake(), true);
  context.addEventListener("statechange", look);
  // A phone may have put it to sleep meanwhile.
  page.addEventListener("visibilitychange", look);
  look();
  return (news) => {
    const [first] = news;
    if (!first) return;
    const [card, what] = first;
    if (context.state === "running") voice.play(news.some(([one]) => one.priority === "critical") ? 1 : 3);
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(200);
    write(announce, room.work(SAYS[what], { what: whatWords(card, room), where: placeWords(card, room) }));
  };
}
