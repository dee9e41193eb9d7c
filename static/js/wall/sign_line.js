/**
 * The line on the wall that says what is unusual now against the city's own history: one, in the upper margin, where the line of
 * warnings stands. It is no alarm: it steps back for warnings, alarms, floods and surges, for guests, and while data is not live.
 */
import { asSigns } from "../feed/messages.js";
import { hazardsNow } from "../feed/room_notices.js";
import { find, fit, mark, show, write } from "../ui/dom.js";
import { growingWords, unusualWords } from "../ui/sign_words.js";
import { freeWidth, lineSpace, SIZE } from "./hazard_line.js";

/** @typedef {import("../ui/picture.js").WallRoom} Room */
/** @typedef {import("../ui/picture.js").Picture} Picture */

/** @param {Pick<Picture, "state" | "beat" | "sinceBeat" | "unacked" | "flood" | "guests" | "freshness" | "whole">} picture @returns {boolean} whether nothing more urgent is to be read */
export function mayShowSign({ state, beat, sinceBeat, unacked, flood, guests, freshness, whole }) {
  if (!whole || guests || freshness !== "live" || flood !== null || unacked.size > 0) return false;
  return !state.lines.some(({ kind }) => kind === "surge") && hazardsNow(state.hazards, { beat, sinceBeat }).length === 0;
}

/** @param {Picture} picture @param {import("../feed/http.js").Kept | null} kept @param {Room} room @returns {string[]} the first sign, at length and shorter; none when there is none or it may not show */
export function signSayings(picture, kept, room) {
  const signs = asSigns(kept);
  if (!signs || !mayShowSign(picture)) return [];
  const [unusual, growing] = [signs.unusual[0], signs.growing[0]];
  if (unusual) return unusualWords(unusual, room).map((words) => room.say("sign", { what: words }));
  return growing ? growingWords(growing, picture.at ?? 0, room).map((words) => room.say("sign", { what: words })) : [];
}

/** @param {Document} page @param {Room} room @returns {(picture: Picture, kept: import("../feed/http.js").Kept | null) => void} */
export function mountSignLine(page, room) {
  const root = page.documentElement;
  const line = find(page, ".sign-line");
  return (picture, kept) => {
    const sayings = signSayings(picture, kept, room);
    show(line, sayings.length > 0);
    mark(root, "data-sign", String(sayings.length > 0));
    if (sayings.length === 0) return;
    const free = freeWidth(root, room.panels ?? 1);
    const chosen = sayings.find((one) => fit(room.width(one, SIZE, 400), free) !== "cut") ?? sayings.at(-1) ?? "";
    write(find(line, ".sign-words"), chosen);
    mark(line, "data-fit", fit(room.width(chosen, SIZE, 400), free));
    lineSpace(line, free);
  };
}
