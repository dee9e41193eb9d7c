/**
 * The badge that says this screen should sound and cannot (CR-95).
 */
import { find, show, write } from "./text.js";

/** @param {ParentNode} page @param {{say: import("../words.js").Say}} room @returns {(heard: boolean) => void} */
export function mountSoundBadge(page, { say }) {
  const badge = find(page, ".sound-badge");
  write(badge, say("sound_off"));
  return (heard) => show(badge, !heard);
}
