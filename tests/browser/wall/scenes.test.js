/**
 * The list of scenes: the browser's is the server's, each has its words at the desks, and each figure its scene.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { hasFigure } from "../../../static/js/feed/messages.js";
import { pinned, SCENES } from "../../../static/js/wall/scenes/registry.js";

const read = (/** @type {string} */ path) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const names = SCENES.map(({ name }) => name);

test("the wall has the scenes that the room's commands and screens know, in the order of their turns", () => {
  const [, listed = ""] = /^SCENES = \(([^)]*)\)/m.exec(read("liveroom/domain/room.py")) ?? [];
  const [, guests = ""] = /^GUESTS_SCENE = "(\w+)"/m.exec(read("liveroom/domain/room.py")) ?? [];
  assert.deepEqual(names, listed.replace("GUESTS_SCENE", `"${guests}"`).match(/\w+/g));
  assert.deepEqual(SCENES.filter((scene) => "guests" in scene).map(({ name }) => name), [guests]);
  for (const name of names) assert.equal(pinned(name), name);
});

test("the styles of every scene are loaded", () => {
  const { wall } = JSON.parse(read("display/pages/assets.json"));
  assert.deepEqual(names.filter((name) => !wall.styles.includes(`css/${name}.css`)), []);
});

test("every figure but leadership's belongs to a scene, and the server builds it", () => {
  const built = [...read("display/figures/routes.py").matchAll(/^ {4}"(\w+)": lambda frame/gm)].map(([, name]) => String(name));
  assert.deepEqual(names.filter(hasFigure).sort(), built.sort());
});
