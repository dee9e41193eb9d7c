/**
 * The wall tells its state on <html>, so that anyone can check what it shows and up to where.
 * Written after painting: what it claims has been painted.
 */
import { countAlarms } from "./alarms.js";
import { mark } from "./views/text.js";

/** @param {HTMLElement} root @param {import("./picture.js").Picture} picture @param {string} scene */
export function tellState(root, { state, freshness, whole }, scene) {
  const { waiting, in_process, done, overdue } = state.tally.total;
  const alarms = countAlarms(state.alarms.values()).unacked;
  const told = {
    "data-epoch": state.epoch, "data-seq": whole ? String(state.seq) : "", "data-freshness": freshness,
    "data-scene": scene, "data-waiting": waiting, "data-in-process": in_process, "data-done": done,
    "data-overdue": overdue, "data-alarms": alarms,
  };
  for (const [name, value] of Object.entries(told)) mark(root, name, String(value));
}
