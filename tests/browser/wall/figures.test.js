/**
 * Figures of the scenes: when they are asked for, and how targets, scales and names of lines stand.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Figures } from "../../../static/js/feed/http.js";
import { promiseWords, readCity } from "../../../static/js/ui/city.js";
import { formatIn } from "../../../static/js/ui/format.js";
import { sayIn } from "../../../static/js/ui/language.js";
import { answerWords, daysThen, placed } from "../../../static/js/wall/scenes/agencies.js";
import { bandPath, busySince, excessPath, meets, roundTop, scaleLines, todayPlace } from "../../../static/js/wall/scenes/trend.js";
import "../words.mjs";

const trend = (epoch) => ({ epoch, scene: "trend", seq: 1, in: {}, done: {} });

/** @param {(url: string) => unknown} answer */
function room(answer) {
  const asked = [];
  const clock = { now: 0 };
  const getJson = async (url) => {
    asked.push(url);
    return answer(url);
  };
  return { asked, clock, figures: new Figures({ getJson, now: () => clock.now, arrived: () => undefined }) };
}
const settle = () => new Promise((go) => setImmediate(go));

test("a figure is asked for when its scene shows, and then every ten seconds", async () => {
  const { asked, clock, figures } = room(() => trend("e"));
  for (const now of [0, 100, 9900, 10_000]) {
    clock.now = now;
    figures.want("trend", "e");
    await settle();
  }
  assert.equal(asked.length, 2);
  assert.equal(figures.of("trend", "e")?.heardAt, 10_000);
});

test("scenes that live on cards ask nothing, nor does a wall that knows no room yet", async () => {
  const { asked, figures } = room(() => trend("e"));
  figures.want("map", "e");
  figures.want("trend", "");
  await settle();
  assert.deepEqual(asked, []);
});

test("CR-76: a figure of another epoch is not shown", async () => {
  const { figures } = room(() => trend("old"));
  figures.want("trend", "new");
  await settle();
  assert.equal(figures.of("trend", "new"), null);
});

test("what is no figure changes nothing, and after a failure it is asked for again in five seconds", async () => {
  let broken = true;
  const { asked, clock, figures } = room(() => {
    if (broken) throw new Error("503");
    return { scene: "trend" };
  });
  figures.want("trend", "e");
  await settle();
  broken = false;
  clock.now = 5000;
  figures.want("trend", "e");
  await settle();
  assert.equal(asked.length, 2);
  assert.equal(figures.of("trend", "e"), null);
});

test("CR-91: a target is printed with its unit, a range once where units agree", () => {
  const format = formatIn("id", { zone: "Asia/Jakarta", locale: "id-ID" });
  const english = formatIn("en", { zone: "America/New_York", locale: "en-US" });
  assert.equal(promiseWords([{ days: 3, clock: "working" }, { days: 14, clock: "working" }], format), "3–14 hari kerja");
  assert.equal(promiseWords([{ minutes: 30, clock: "calendar" }, { minutes: 30, clock: "calendar" }], format), "30 mnt");
  assert.equal(promiseWords([{ minutes: 30 }, { hours: 2 }], format), "30 mnt–2 jam");
  assert.equal(promiseWords(null, format), "");
  const days = (/** @type {number[]} */ ...counts) => promiseWords(counts.map((n) => ({ days: n, clock: /** @type {const} */ ("working") })), english);
  assert.deepEqual([days(1, 1), days(1, 2), days(3, 11)], ["1 working day", "1–2 working days", "3–11 working days"]);
  assert.equal(promiseWords([{ minutes: 60, clock: "working" }, { minutes: 240, clock: "working" }], english), "60 working min–4 working hours");
});

test("a chart's scale ends on an even, round number, also when nothing happened", () => {
  assert.deepEqual([0, 1, 7, 62, 1000].map(roundTop), [2, 2, 8, 60, 1000]);
  assert.equal(bandPath([], []), "");
});

test("a scale's lines are whole and round, and what exceeds the usual day is one field for each time it does", () => {
  assert.deepEqual([scaleLines(60, 4), scaleLines(100, 4), scaleLines(2, 4), scaleLines(40, 1)], [[0, 20, 40, 60], [0, 50, 100], [0, 1, 2], [0, 40]]);
  const edge = /** @type {[number, number][]} */ ([0, 1, 2, 3, 4].map((x) => [x, 10]));
  const line = (/** @type {number[]} */ ...heights) => /** @type {[number, number][]} */ (heights.map((y, x) => [x, y]));
  assert.equal(excessPath(line(10, 12, 14), edge), "");
  assert.equal(excessPath(line(12, 8, 12), edge), "M0.5 10.0L1.0 8.0L1.5 10.0L1.5 10.0L1.0 10.0L0.5 10.0Z");
  assert.equal(excessPath(line(8, 12, 8, 12), edge).match(/M/g)?.length, 2);
});

test("since when a day is busier is the first of the complete hours that all are", () => {
  const series = (/** @type {number[]} */ ...hours) => /** @type {any} */ ({ today: { hours, incomplete_hour: hours.length - 1 }, usual: { hours: { p50: [5, 5, 5, 5, 5] } } });
  assert.deepEqual([series(9, 4, 6, 7, 0), series(9, 9, 9, 5, 9), series(4, 4, 4, 9, 0)].map(busySince), [2, null, null]);
});

const row = (/** @type {any} */ one) => ({ agency: "dlh", open: 31, queue_days: null, finished: 0, ...one });

test("CR-88 no agency is ranked by one report, nor by few; what no agency has is counted beside them", () => {
  const rows = [
    row({ agency: "kec_benda", open: 1, finished: 1, queue_days: 9.6 }), row({ agency: "dishub", open: 25, finished: 30, queue_days: 8 }),
    row({ agency: "kec_periuk", open: 4, finished: 60, queue_days: 0.6 }), row({ agency: "dlh" }), row({ agency: "bpbd", open: 0 }), row({ agency: null, open: 7 }),
  ];
  const { ranked, few, unsent } = placed(rows);
  assert.deepEqual([ranked.map(({ agency }) => agency), few.map(({ agency }) => agency), unsent], [["dishub", "dlh"], ["kec_periuk", "kec_benda"], 7]);
});

test("what a queue was a fortnight ago is said at the pace of now, and of a room that was there", () => {
  const grown = row({ open: 30, queue_days: 6, open_then: [10, 30] });
  assert.equal(daysThen(grown, { working_days: 9.6 }), 2);
  assert.equal(daysThen(grown, { working_days: 3 }), null);
  assert.equal(daysThen(row({ open_then: [10] }), { working_days: 9.6 }), null);
});

test("CR-91 of an agency that has finished something the wall never says that it has finished none, nor days of too few cases", () => {
  const room = { city: readCity({ agencies: { dlh: { short: "DLH" } } }, "en"), say: sayIn("en", "wall", "ui"), format: formatIn("en", readCity({}, "en")) };
  const words = (/** @type {any} */ one) => answerWords({ ...placed([row(one)]), window: { working_days: 9.6 } }, room);
  assert.match(words({}), /finished none/);
  assert.doesNotMatch(words({ finished: 4 }), /none/);
  assert.match(words({ queue_days: 7.2, finished: 4 }), /7\.2 working days/);
  assert.match(words({ queue_days: 7.2, finished: 41, open_then: [21] }), /7\.2 working days, up 2\.3/);
  assert.match(words({ open: 1, queue_days: 1, finished: 1 }), /Too few/);
});

test("CR-68 the name of today's line stands clear of every bezel, at any hour, high or low, large or small", () => {
  const bezels = { columns: [480], rows: [298] };
  for (const wide of [160, 240]) {
    for (let x = 0; x <= 1604; x += 1604 / 23) {
      for (let y = 0; y <= 500; y += 10) {
        const [left, top] = todayPlace([x, y], { wide, high: 64 }, bezels, 1604);
        assert.ok(!meets(bezels.columns, left, left + wide) && !meets(bezels.rows, top, top + 64), `${x} ${y}`);
        assert.ok(left + wide <= 1604 || left < x);
      }
    }
  }
});
