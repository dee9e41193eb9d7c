/**
 * Where the map of one place looks: at the point that a complaint names, else at its area, else nowhere.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf } from "../../../static/js/map/place_map.js";

const city = /** @type {any} */ ({ area: (/** @type {string} */ code) => (code === "k1" ? { code, name: "Sukasari", district: "d", lat: -6.2, lon: 106.6 } : null) });
const card = (/** @type {object} */ more) => /** @type {any} */ ({ id: "a", status: "waiting", overdue: false, lat: null, lon: null, area: null, ...more });

test("a point is marked, an area is only looked at, and without either there is no map", () => {
  const point = placeOf(card({ lat: -6.1, lon: 106.7, area: "k1", overdue: true }), city);
  assert.deepEqual([point?.lat, point?.lon, point?.exact, point?.area, point?.ring], [-6.1, 106.7, true, "k1", "strong"]);
  const area = placeOf(card({ area: "k1" }), city);
  assert.deepEqual([area?.lat, area?.lon, area?.exact, area?.area], [-6.2, 106.6, false, "k1"]);
  assert.deepEqual([placeOf(card({ area: "elsewhere" }), city), placeOf(card({ lat: -6.1 }), city)], [null, null]);
});
