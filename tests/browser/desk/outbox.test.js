/**
 * The address of the outbox's page: read, changed, asked by.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf, questionOf, searchOf } from "../../../static/js/desk/outbox/list.js";

test("an address is read, and what it cannot mean is the usual list", () => {
  assert.deepEqual(placeOf("?state=stuck&to=office-walikota&cursor=7"), { view: "stuck", to: "office-walikota", cursor: "7" });
  assert.deepEqual(placeOf("?state=lost"), { view: "waiting", to: "", cursor: "" });
});

test("a change keeps the language, says nothing that is usual, and asks for the same as the address", () => {
  const place = /** @type {const} */ ({ view: "waiting", to: "dlh", cursor: "" });
  assert.equal(searchOf(place, "?lang=en&state=sent&cursor=3"), "?lang=en&to=dlh");
  assert.equal(searchOf({ ...place, to: "" }, "?state=sent"), "");
  assert.equal(questionOf(place), "/api/v1/outbox?state=waiting&to=dlh");
  assert.equal(questionOf({ view: "all", to: "", cursor: "" }), "/api/v1/outbox");
  assert.deepEqual(placeOf(searchOf({ view: "all", to: "a b", cursor: "9" }, "")), { view: "all", to: "a b", cursor: "9" });
});
