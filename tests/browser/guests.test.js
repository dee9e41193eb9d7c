import assert from "node:assert/strict";
import { test } from "node:test";
import { Cards } from "../../static/js/feed/cards.js";
import { guestsHere, leftOf } from "../../static/js/feed/room_notices.js";
import { alarmWho } from "../../static/js/ui/alarms.js";
import { readCity } from "../../static/js/ui/city.js";
import { DWELL_MS, sceneAt, SCENES } from "../../static/js/wall/scenes/registry.js";
import { sayIn } from "../../static/js/ui/language.js";
import { Stage } from "../../static/js/wall/rotation.js";
import { finishedKinds } from "../../static/js/wall/scenes/visit.js";
import "./words.mjs";

const HOUR_MS = 3_600_000;
const visit = (/** @type {number} */ until) => [/** @type {any} */ ({ id: "visit", kind: "visit", until_real: new Date(until).toISOString() })];

test("CR-81 the day's results take their turn while guests are here, and only then", () => {
  const turns = (/** @type {boolean} */ guests) => Array.from({ length: SCENES.length }, (_, n) => sceneAt(null, n * DWELL_MS, guests));
  assert.deepEqual(turns(true), SCENES.map(({ name }) => name));
  assert.ok(!turns(false).includes("visit"));
  const state = (/** @type {number} */ until) => ({ lines: visit(until), alarms: new Map(), epoch: "e" });
  const now = (SCENES.length - 1) * DWELL_MS;
  assert.equal(new Stage().scene(state(now + 1), now), "visit");
  assert.notEqual(new Stage().scene(state(now), now), "visit");
});

test("CR-81 no line keeps guests here for longer than four hours", () => {
  assert.equal(leftOf(visit(9 * HOUR_MS), "visit", 0), 4 * HOUR_MS);
  assert.equal(leftOf(visit(HOUR_MS), "visit", 2 * HOUR_MS), 0);
});

test("CR-81 a wall keeps back what is for its operators until it knows that nobody is a guest", () => {
  const here = (/** @type {any[]} */ lines, /** @type {number | null} */ now = 0, scene = "map") => guestsHere({ epoch: "e", lines }, now, scene);
  assert.equal(here([]), false);
  assert.equal(here(visit(HOUR_MS)), true);
  assert.equal(here(visit(HOUR_MS), HOUR_MS), false);
  assert.equal(here(visit(HOUR_MS), null), true, "nobody knows what time it is");
  assert.equal(here([{ id: "visit", kind: "visit" }]), true, "nobody knows until when");
  assert.equal(here([], 0, "visit"), true, "the results are for guests, announced or not");
  assert.equal(guestsHere({ epoch: "", lines: [] }, 0, "map"), true, "nothing is known yet");
});

test("CR-81 guests read of which kind most was finished; what the city keeps private is counted and has no name, open ones neither", () => {
  const city = readCity({ categories: { road: { label: "Road" }, lamp: { label: "Lamp" }, violence: { label: "Violence", private: true } } }, "en");
  const many = (/** @type {string | null} */ category, /** @type {number} */ n, status = "done") => Array.from({ length: n }, (_, i) => /** @type {any} */ ({ id: `${category}-${status}-${i}`, status, category }));
  const { cards } = new Cards().with([...many("lamp", 2), ...many("road", 3), ...many("violence", 9), ...many(null, 1), ...many("lamp", 5, "waiting")], []);
  assert.deepEqual(finishedKinds(cards, city), { kinds: [{ name: "Road", n: 3 }, { name: "Lamp", n: 2 }], rest: 10 });
});

test("a wall says that an officer follows an alarm up, a desk who, and both name an agency", () => {
  const say = sayIn("en", "wall", "ui");
  const room = /** @type {any} */ ({ say, city: { agency: (/** @type {string} */ key) => (key === "dlh" ? "DLH" : undefined) } });
  const owned = (/** @type {string} */ owner) => /** @type {any} */ ({ alarm: { id: "critical:1", owner } });
  assert.match(alarmWho(owned("sekar.wangi"), room), /officer/);
  assert.doesNotMatch(alarmWho(owned("sekar.wangi"), room), /sekar/i);
  assert.match(alarmWho(owned("sekar.wangi"), room, () => "Sekar"), /Sekar/);
  assert.match(alarmWho(owned("dlh"), room), /DLH/);
});
