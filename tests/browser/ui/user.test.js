/**
 * Words that somebody is writing: kept until taken, in this tab and for this person alone.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Drafts, forgetDrafts } from "../../../static/js/ui/user.js";

/** @returns {Storage} */
function tab() {
  /** @type {Map<string, string>} */
  const kept = new Map();
  return /** @type {any} */ ({
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ words) => void kept.set(key, words),
    removeItem: (/** @type {string} */ key) => void kept.delete(key),
  });
}

test("what is written of one thing stands there again until it is taken, also after a reload", () => {
  const store = tab();
  new Drafts(() => "sari", store).keep("comment 1", "belum terkirim");
  const again = new Drafts(() => "sari", store);
  assert.equal(again.of("comment 1"), "belum terkirim");
  assert.equal(again.of("comment 2"), "");
  again.forget("comment 1");
  assert.equal(again.of("comment 1"), "");
});

test("whoever comes next finds nothing of it, and a log-out leaves nothing", () => {
  const store = tab();
  new Drafts(() => "sari", store).keep("reply 1", "untuk warga");
  const budi = new Drafts(() => "budi", store);
  assert.equal(budi.of("reply 1"), "");
  budi.keep("reply 2", "punya budi");
  assert.equal(new Drafts(() => "sari", store).of("reply 1"), "");
  forgetDrafts(store);
  assert.equal(budi.of("reply 2"), "");
});

test("the oldest go first, and a tab that keeps nothing or was tampered with stops nobody", () => {
  const store = tab();
  const drafts = new Drafts(() => "sari", store);
  for (let n = 0; n < 30; n += 1) drafts.keep(`comment ${n}`, "isi");
  assert.deepEqual([drafts.of("comment 0"), drafts.of("comment 29")], ["", "isi"]);
  store.setItem("liveroom.drafts", "{");
  assert.equal(drafts.of("comment 29"), "");
  store.setItem = () => {
    throw new Error("full");
  };
  drafts.keep("comment 1", "isi");
});

test("words on their way are offered to nobody, and stand there again only when the room did not take them", async () => {
  const drafts = new Drafts(() => "sari", tab());
  for (const [taken, kept] of /** @type {[boolean, string][]} */ ([[true, ""], [false, "untuk warga"]])) {
    drafts.keep("reply 1", "untuk warga");
    /** @type {(taken: boolean) => void} */
    let answer = () => undefined;
    const sent = drafts.sent("reply 1", new Promise((go) => (answer = go)));
    assert.equal(drafts.of("reply 1"), "");
    answer(taken);
    await sent;
    assert.equal(drafts.of("reply 1"), kept);
  }
  const later = drafts.sent("reply 1", Promise.resolve(false));
  drafts.keep("reply 1", "yang baru");
  await later;
  assert.equal(drafts.of("reply 1"), "yang baru");
});
