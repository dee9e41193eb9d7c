/**
 * What desk pages have in common: how a screen reader is told of new alarms.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { mountAnnounce } from "../../../static/js/desk/page.js";
import { readCity } from "../../../static/js/ui/city.js";
import { formatIn } from "../../../static/js/ui/format.js";
import { sayIn } from "../../../static/js/ui/language.js";
import { stateOf } from "../messages.js";
import "../words.mjs";

const city = readCity({}, "en");
const room = /** @type {any} */ ({ city, lang: "en", desk: sayIn("en", "alarms"), say: sayIn("en", "wall", "ui"), format: formatIn("en", city) });

/** @returns {{tell: (alarms: any[], flood?: any) => void, said: Record<string, string[]>}} what each of both places was given to say */
function announcer() {
  const said = /** @type {Record<string, string[]>} */ ({});
  const place = (/** @type {string} */ name) => ({ get textContent() { return said[name]?.at(-1) ?? ""; }, set textContent(words) { (said[name] ??= []).push(words); } });
  const places = /** @type {Record<string, any>} */ ({ ".announce-alert": place("alert"), ".announce-status": place("status") });
  const look = mountAnnounce(/** @type {any} */ ({ querySelector: (/** @type {string} */ selector) => places[selector] }), room);
  return { said, tell: (alarms, flood = null) => look(/** @type {any} */ ({ state: stateOf({ epoch: "e", seq: 1, mark: "m", alarms, cards: {} }), flood })) };
}

const alarm = (/** @type {string} */ id, /** @type {number} */ priority) => ({ id, seq: 1, state: "unacked", kind: "lost", source: "whatsapp", priority, activated_at: "2026-11-24T06:00:00Z" });

test("CR-101 P1 and P2 are an alert, P3 is a status, and what is there at first is not new", () => {
  const { tell, said } = announcer();
  const first = [alarm("old", 1)];
  tell(first);
  assert.deepEqual(said, {});
  tell([...first, alarm("p1", 1)]);
  tell([...first, alarm("p1", 1), alarm("p2", 2)]);
  tell([...first, alarm("p1", 1), alarm("p2", 2), alarm("p3", 3)]);
  assert.deepEqual([said.alert?.length, said.status?.length], [2, 1]);
  for (const name of ["desk", "desk_alarms"]) {
    const page = readFileSync(new URL(`../../../templates/${name}.html`, import.meta.url), "utf8");
    assert.match(page, /announce-alert" role="alert"/);
    assert.match(page, /announce-status" role="status"/);
  }
});

test("CR-101 a flood is announced once, and in it what is critical alone", () => {
  const { tell, said } = announcer();
  tell([]);
  const many = Array.from({ length: 30 }, (_, n) => alarm(`n${n}`, 2 + (n % 2)));
  tell(many, { n: 30 });
  tell([...many, alarm("more", 2)], { n: 31 });
  assert.deepEqual([said.alert?.length, said.status], [1, undefined]);
  tell([...many, alarm("p1", 1)], { n: 32 });
  assert.equal(said.alert?.length, 2);
});
