/**
 * The lists of the duty desk, which the server makes anew for a file: both hold the same examples in the same order.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { listComplaints, NO_FILTER, PAGE } from "../../../static/js/desk/queue/list.js";

const { at, unacked, district_of: districts, cards, lists } = JSON.parse(readFileSync(new URL("queue_views.json", import.meta.url), "utf8"));
const moment = { at: Date.parse(at), unacked: new Set(unacked), districtOf: (code) => districts[code] ?? null };

for (const { view, filter, ids } of lists) {
  test(`${view} ${JSON.stringify(filter)} as the file has it`, () => {
    const { rows } = listComplaints(cards, { view, filter: { ...NO_FILTER, ...filter }, most: PAGE }, moment);
    assert.deepEqual(rows.map(({ id }) => id), ids);
  });
}
