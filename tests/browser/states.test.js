/**
 * CR-09: what each state of an alarm looks and sounds like, the same at desk and wall.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { flashingRows, listAlarms } from "../../static/js/desk/alarms/rows.js";
import { NO_CALENDAR } from "../../static/js/feed/clock.js";
import { nextSound, noSound } from "../../static/js/screen/sound.js";
import { STATES, unackedComplaints } from "../../static/js/ui/alarms.js";
import { stateOf } from "./messages.js";

const AT = "2026-11-24T06:00:00Z";

for (const now of [...STATES, "normal"]) {
  test(`CR-09 ${now}: ${now === "unacked" ? "flashes and sounds" : "is steady and silent"}`, () => {
    const alarm = { id: "critical:c", complaint: "c", seq: 1, kind: "critical", priority: 1, state: now, activated_at: AT };
    const state = stateOf({ epoch: "e", seq: 1, mark: "m", cards: {}, alarms: [alarm] });
    const flashing = [...flashingRows(listAlarms(state, { at: Date.parse(AT), calendar: NO_CALENDAR }, "open"), false)];
    const heard = nextSound({ ...noSound(), begun: true }, { alarms: state.alarms.values(), flooding: false, silenced: false, mono: 0 }).play;
    const active = now === "unacked";
    assert.deepEqual(flashing, active ? ["critical:c"] : []);
    assert.deepEqual([...unackedComplaints(state)], active ? ["c"] : []);
    assert.equal(heard, active ? 1 : null);
    assert.equal(state.alarms.has("critical:c"), now !== "normal");
  });
}
