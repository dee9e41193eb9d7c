/**
 * Figures of an invented city for the fake feed: what /feed/figures would answer on the day of the sketches.
 */
import { percentOf } from "../../static/js/wall/scenes/lateness.js";

const USUAL_IN = [6, 4, 3, 3, 4, 8, 16, 28, 41, 48, 50, 46, 40, 44, 46, 42, 33, 26, 24, 22, 18, 14, 10, 7];
const USUAL_DONE = [0, 0, 1, 1, 1, 2, 5, 9, 17, 25, 29, 27, 12, 25, 27, 22, 13, 8, 7, 6, 4, 3, 2, 1];
const TODAY_IN = [6, 4, 3, 3, 4, 9, 18, 32, 48, 58, 62, 55, 49, 53];
const TODAY_DONE = [0, 0, 0, 1, 0, 2, 4, 9, 16, 22, 26, 24, 14, 26];
/** Agency, waiting, in process, queue in working days, the same a fortnight ago. The last ones have too few cases for a rank. */
const QUEUES = [["dpupr", 96, 214, 7.2, 5.1], ["dishub", 61, 148, 6.4, 6], ["dlh", 58, 121, 5.1, 5.9], ["disdukcapil", 22, 86, 4.3, 4.4], ["perkimtan", 19, 74, 4, 3.1], ["perumda_tb", 24, 41, 3.6, 3.8], ["disbudpar", 12, 33, 2.9, 2.2], ["satpolpp", 18, 30, 2.6, 2.9], ["dinkes", 14, 27, 2.4, 2.5], ["diskominfo", 8, 25, 2.2, 2.3], ["dinsos", 8, 22, 2, 2.1], ["bpbd", 9, 14, 1.8, 1.2], ["disdik", 6, 18, 1.7, 1.6], ["kec_benda", 1, 0, 9.6, 0], ["kec_periuk", 2, 1, 4.8, 4]];
const WORKED = 9.6;
const DAY_S = 27_000;

/** @param {number[]} usual @param {number[]} today @param {number} total @param {number} before the usual total at this minute */
function series(usual, today, total, before) {
  /** @param {number} share */
  const at = (share) => usual.map((n) => Math.round(n * share));
  const hours = { p10: at(0.86), p50: at(1), p90: at(1.12) };
  return {
    total, usual_total: before, change: total / before - 1,
    today: { cumulative: [], hours: [...today, 4], incomplete_hour: today.length },
    usual: { cumulative: hours, hours },
  };
}

/** @param {any} overdueOf how many overdue an agency has, by key @returns {any[]} */
function agencies(overdueOf) {
  return QUEUES.map(([agency, waiting, running, days, then]) => {
    const open = Number(waiting) + Number(running);
    const before = (open * Number(then)) / Number(days);
    return {
      agency, waiting, in_process: running, open, overdue: overdueOf(agency), finished: Math.round((open * WORKED) / Number(days)),
      queue_days: days, open_then: Array.from({ length: 14 }, (_, i) => Math.round(before + ((open - before) * i) / 13)),
    };
  });
}

/** @param {any} row @returns {any} */
function span({ clock, n, p50, p90, share, target }) {
  return { clock, n, p50_s: p50, p90_s: p90, cases_s: null, judged: n, within: Math.round(n * share), share, target };
}

const STAGES = {
  forward: [span({ clock: "calendar", n: 1204, p50: 780, p90: 2400, share: 0.914, target: [{ minutes: 2, clock: "calendar" }, { minutes: 30, clock: "calendar" }] })],
  accept: [span({ clock: "working", n: 1130, p50: 9000, p90: 24_000, share: 0.957, target: [{ days: 1, clock: "working" }, { days: 1, clock: "working" }] })],
  finish: [span({ clock: "working", n: 1077, p50: 2.6 * DAY_S, p90: 9.2 * DAY_S, share: 0.923, target: [{ days: 3, clock: "working" }, { days: 14, clock: "working" }] })],
};

/** Whom a complaint has reached at so much of the time allowed, percent. */
const STEPS = [["agency_head", "Kepala OPD", 150], ["secretary", "Sekda", 200], ["mayor", "Wali Kota", 300]];

/**
 * @param {string | null} scene @param {import("./fake_room.mjs").FakeRoom} room
 * @param {import("../../static/js/feed/clock.js").Calendar} calendar by which the wall judges too, so that both say one number @returns {any}
 */
export function fakeFigure(scene, room, calendar) {
  const head = { epoch: room.epoch, seq: room.seq, at: room.stamp(0), scene, working_day_s: DAY_S };
  const late = [...room.cards.values()].filter(({ overdue }) => overdue);
  /** @param {string} key */
  const overdueOf = (key) => late.filter(({ agency }) => agency === key).length;
  const all = { agency: null, overdue_share: 0.031, stages: STAGES, oldest: { id: "x", received_at: room.stamp(0), age_s: 8 * 86_400 }, reopened: { n: 21, of: 1077, share: 0.019 } };
  const at = Date.parse(room.stamp(0));
  const told = Object.fromEntries(STEPS.map(([, , percent]) => [percent, late.filter((card) => percentOf(card, { at, calendar }) >= Number(percent)).length]));
  const done = room.counts().flow.done;
  /** @param {number[]} hours */
  const grown = (hours) => hours.map((n) => Math.round((n * done) / 148));
  const figures = {
    trend: { day: room.day, weekday: 2, weeks: 8, history: "full", hour: 14, in: series(USUAL_IN, TODAY_IN, 412, 349), done: series(grown(USUAL_DONE), grown(TODAY_DONE), done, Math.max(1, Math.round(done * 1.06))) },
    agencies: { window: { from: room.stamp(-14 * 86_400e3), working_days: WORKED }, emergencies: { n: 20, within: 19, share: 0.95, target_s: 60, target_share: 0.9, met: true }, room: all, agencies: agencies(overdueOf) },
    overdue: { overdue: late.length, shown: 0, told, rows: [], steps: STEPS.map(([key, name, percent]) => ({ percent, key, to: [{ key, name, name_en: name }] })) },
    visit: { day: room.day, finished: done, on_time: 144, overdue: 9, on_time_share: 0.917, window: { working_days: WORKED, on_time_share: 0.884 }, median: { s: 12_240, clock: "working", n: 148 }, ...guestsOf(room) },
  };
  return { ...head, ...figures[/** @type {keyof typeof figures} */ (scene ?? "")] };
}

/** @param {string} heap what lies there @returns {string} a drawn photo of one place, as an address of its own */
function drawn(heap) {
  const wall = '<rect width="960" height="540" fill="#39424d"/><rect y="250" width="960" height="12" fill="#596676"/><rect y="262" width="960" height="278" fill="#242c35"/><rect x="760" width="16" height="330" fill="#4a5664"/>';
  return `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 540" preserveAspectRatio="xMidYMid slice">${wall}${heap}</svg>`)}`;
}

const HEAP = '<g fill="#7d8794"><circle cx="180" cy="400" r="70"/><circle cx="300" cy="360" r="90"/><circle cx="430" cy="390" r="84"/><circle cx="540" cy="410" r="60"/></g><g fill="#8f9aa7"><circle cx="250" cy="410" r="64"/><circle cx="380" cy="430" r="74"/></g>';

/** @param {import("./fake_room.mjs").FakeRoom} room @returns {{welcome?: string, shown: any[]}} with guests: their welcome, and one pair of pictures */
function guestsOf(room) {
  const visit = room.lines.find((/** @type {any} */ { kind }) => kind === "visit");
  if (!visit) return { shown: [] };
  if (visit.plain) return { welcome: visit.welcome, shown: [] };
  const hours = (/** @type {number} */ n) => room.stamp(-n * 3600e3);
  const pair = { complaint: "c", category: "sampah", area: [...room.cards.values()][0]?.area ?? null, agency: "dlh", received_at: hours(30), closed_at: hours(3) };
  return { welcome: visit.welcome, shown: [{ ...pair, before: drawn(HEAP), after: drawn("") }] };
}
