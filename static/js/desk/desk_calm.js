/**
 * The foot of the desk: what is silenced, frozen or held on all screens, and how the sound test of the shift stands.
 */
import { pinned } from "../ui/scenes.js";
import { find, mark, show, write } from "../ui/dom.js";
import { minutesLeft } from "../ui/format.js";
import { nameOf } from "./guests.js";

/** @typedef {import("./alarm_desk.js").Look} Look */
/** @typedef {import("./desk_alarm_words.js").DeskRoom} DeskRoom */
/** @typedef {import("../screen/attention.js").Ordered} Ordered */

const CALM = /** @type {const} */ ({
  silence: { line: "silence", word: "silenced", orders: ["silence"] },
  freeze: { line: "freeze", word: "frozen", orders: ["freeze", "unfreeze"] },
  scene: { line: "scene", word: "held", orders: ["hold_scene", "release_scene"] },
});

/** @param {Document} page @param {DeskRoom} room @param {Ordered} ordered @returns {(look: Look) => void} */
export function mountCalm(page, room, ordered) {
  const names = /** @type {(keyof typeof CALM)[]} */ (Object.keys(CALM));
  const buttons = names.map((name) => ({ name, button: find(page, `[data-act="${name}"]`) }));
  const paintSound = mountSoundTest(page, room, ordered);
  return (look) => {
    for (const { name, button } of buttons) paintButton(button, name, look, room, ordered);
    paintSound(look);
  };
}

/** @param {HTMLElement} button @param {keyof typeof CALM} name @param {Look} look @param {DeskRoom} room @param {Ordered} ordered */
function paintButton(button, name, { roomOrders, hushed }, { desk, format }, ordered) {
  const { line, word, orders } = CALM[name];
  const left = Math.max(ordered.left(line), name === "silence" ? (hushed ?? 0) : 0);
  const order = roomOrders.markOf(...orders);
  const scene = pinned(ordered.line("scene")?.scene) ?? "map";
  const span = format.span(name === "silence" ? left + 999 : minutesLeft(left));
  mark(button, "aria-pressed", String(left > 0 || order === "sending"));
  mark(button, "data-order", order);
  const words = left > 0 ? desk(word, { span, scene: desk(`scene_${scene}`) }) : desk(name);
  write(find(button, ".act-word"), order === "failed" ? `${words}: ${desk("failed")}` : words);
}

/** @param {Document} page @param {DeskRoom} room @param {Ordered} ordered @returns {(look: Look) => void} */
function mountSoundTest(page, { desk, format, city }, ordered) {
  const [button, line] = [find(page, '[data-act="sound"]'), find(page, ".desk-sound")];
  return ({ unheard, roomOrders }) => {
    const test = ordered.line("sound_test");
    const said = { shift: city.shift(test?.shift) ?? "", who: nameOf(test?.by ?? ""), time: timeIn(format, test?.at), since: timeIn(format, test?.since) };
    const failed = roomOrders.markOf("test_sound", "confirm_sound") === "failed";
    const bad = unheard !== "" || failed || test?.state === "missed";
    mark(button, "data-heard", bad ? "false" : test?.state === "confirmed" ? "true" : "");
    const words = test?.state === "confirmed" ? desk("sound_good", said) : desk("sound_test");
    write(find(button, ".act-word"), failed ? `${desk("sound_test")}: ${desk("failed")}` : unheard ? desk("sound_bad", { time: unheard }) : words);
    const waits = test?.state === "asked" || test?.state === "missed";
    show(line, waits);
    mark(line, "data-state", test?.state ?? "");
    write(line, waits ? desk(test?.state === "asked" ? "sound_asked" : "sound_missed", said) : "");
  };
}

/** @param {import("../ui/format.js").Format} format @param {string | undefined} at */
function timeIn(format, at) {
  const ms = Date.parse(at ?? "");
  return Number.isNaN(ms) ? "" : format.hour(ms);
}
