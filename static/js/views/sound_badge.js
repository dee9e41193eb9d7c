/**
 * The badge that says this screen should sound and cannot (CR-95), or that it is the one that speaks (CR-94).
 */
import { find, mark, show, write } from "./text.js";

/** @param {ParentNode} page @param {{say: import("../words.js").Say}} room @returns {(heard: boolean, speaks: boolean) => void} */
export function mountSoundBadge(page, { say }) {
  const badge = find(page, ".sound-badge");
  return (heard, speaks) => {
    show(badge, !heard || speaks);
    mark(badge, "data-speaks", String(heard && speaks));
    write(badge, say(heard && speaks ? "sound_here" : "sound_off"));
  };
}
