/**
 * The puzzles of a form: solved as the room checks them, gone on with when more are asked, and never waited for in vain.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const SOURCE = readFileSync(new URL("../../../static/js/citizen/puzzle_worker.js", import.meta.url), "utf8");
const jobs = [];

/** The page's worker as a browser runs it, here at once and beside nothing. */
class FakeWorker extends EventTarget {
  constructor() {
    super();
    this.self = { postMessage: (data) => this.dispatchEvent(Object.assign(new Event("message"), { data })) };
    vm.runInNewContext(SOURCE, { self: this.self, TextEncoder });
  }
  postMessage(data) {
    jobs.push(data);
    this.self.onmessage({ data });
  }
}

/** As display/citizens/report.py looks at it, by another SHA-256. */
function fits(ticket, index, nonce) {
  const both = Buffer.alloc(8);
  both.writeUInt32BE(index, 0);
  both.writeUInt32BE(nonce, 4);
  const ground = createHash("sha256").update(`liveroom-puzzle:${ticket}`).digest();
  return createHash("sha256").update(ground).update(both).digest().readUInt32BE(0) >>> 18 === 0;
}

test("what the worker finds is right, whatever the length of the ticket", async () => {
  globalThis.Worker = FakeWorker;
  const { expect, solution } = await import("../../../static/js/citizen/puzzle.js");
  expect(1);
  for (const length of [1, 38, 39, 40, 47, 48, 49, 100, 103, 104, 512]) {
    const ticket = "t".repeat(length);
    const [nonce] = (await solution(ticket, 60_000)).split(".");
    assert.ok(fits(ticket, 0, parseInt(nonce, 36)), `a ticket of ${length}`);
  }
});

test("where more is asked it goes on from what it has, and asks nothing twice", async () => {
  const { expect, solution } = await import("../../../static/js/citizen/puzzle.js");
  jobs.length = 0;
  expect(2);
  const two = await solution("a ticket", 60_000);
  assert.equal(await solution("a ticket", 60_000), two);
  expect(4);
  const four = await solution("a ticket", 60_000);
  assert.equal(four.split(".").slice(0, 2).join("."), two);
  assert.ok(four.split(".").every((text, index) => fits("a ticket", index, parseInt(text, 36))));
  assert.deepEqual(jobs.map(({ from, to }) => [from, to]), [[0, 2], [2, 4]]);
});

test("without a ticket, and once the worker is gone, there is none and nobody waits", async () => {
  const { solution } = await import("../../../static/js/citizen/puzzle.js");
  assert.equal(await solution("", 60_000), "");
  globalThis.Worker = class { constructor() { throw new Error("no workers here"); } };
  const other = await import("../../../static/js/citizen/puzzle.js?none");
  other.expect(1);
  assert.equal(await other.solution("a ticket", 60_000), "");
  globalThis.Worker = class extends EventTarget { postMessage() { this.dispatchEvent(new Event("error")); } };
  const broken = await import("../../../static/js/citizen/puzzle.js?broken");
  broken.expect(1);
  assert.equal(await broken.solution("a ticket", 60_000), "");
});
