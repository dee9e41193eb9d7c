/**
 * What an agency has to do first, what is news to it, and which act is offered large.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { actionsOf } from "../../../static/js/agency/actions.js";
import { groupOf, listWork, newsIn } from "../../../static/js/agency/list.js";

/** @param {string} id @param {object} [more] */
const card = (id, more = {}) => ({ id, seq: 1, status: "waiting", state: "forwarded", accepted: false, priority: "normal", due_at: "2026-11-25T09:00:00Z", ...more });
const working = { status: "in_process", state: "working", accepted: true };
const map = (...cards) => new Map(cards.map((one) => [one.id, one]));

test("a report stands where something has to be done with it", () => {
  const groups = [
    [{}, "new"], [{ ...working }, "working"], [{ ...working, paused: "citizen" }, "waiting"], [{ ...working, state: "proof_submitted" }, "proof"],
    [{ status: "done", state: "done", accepted: true }, "ended"], [{ ...working, accepted: false }, "new"],
  ];
  for (const [more, group] of groups) assert.equal(groupOf(card("a", more)), group);
  assert.equal(groupOf(card("a", working), "back"), "back");
  assert.equal(groupOf(card("a", working), "answer"), "answered");
});

test("emergencies come first, then what runs out first; the numbers are those of the list", () => {
  const later = card("b", { due_at: "2026-11-26T09:00:00Z", overdue: true });
  const work = listWork([later, card("a"), card("c", { priority: "critical", due_at: null }), card("d", { ...working })], new Map());
  assert.deepEqual(work.groups[0].cards.map(({ id }) => id), ["c", "a", "b"]);
  assert.deepEqual([work.fresh, work.open, work.late], [3, 4, 1]);
});

test("news is work that came, came back or was answered; nothing else is", () => {
  const before = map(card("same"), card("proof", { ...working, state: "proof_submitted" }), card("asked", { ...working, paused: "citizen" }), card("held", { ...working, paused: "hold" }));
  const now = [card("same", { seq: 2 }), card("proof", working), card("asked", working), card("held", working), card("came"), card("done", { status: "done" })];
  assert.deepEqual(newsIn(now, before).map(([{ id }, what]) => [id, what]), [["proof", "back"], ["asked", "answer"], ["came", "arrived"]]);
});

test("the room says what is allowed; the first that leads on is offered large", () => {
  assert.deepEqual(actionsOf(["decline", "ask", "comment", "accept", "reply"]), { first: "accept", rest: ["ask", "decline", "comment"] });
  assert.equal(actionsOf(["comment", "answer"]).first, "answer");
  assert.deepEqual(actionsOf(["comment", "decline"]), { first: null, rest: ["decline", "comment"] });
  assert.deepEqual(actionsOf([]), { first: null, rest: [] });
});
