/**
 * The picture of one frame as types, and the parts of every page that say how good it is: freshness, sound, state on <html>.
 */
import { countAlarms } from "./alarms.js";
import { find, fit, mark, show, write } from "./dom.js";

// What one frame shows: everything in it belongs to one position of the log.

/**
 * @typedef {object} Picture
 * @property {import("../feed/store.js").State} state
 * @property {boolean} whole false before the first snapshot
 * @property {number} mono monotonic ms of this frame
 * @property {number | null} at room time, ms: the wall's clock
 * @property {number} age seconds; Infinity before the first beat
 * @property {number} waited seconds since the page began to wait for its first data
 * @property {number} sinceBeat seconds since the beat that stands on the clock
 * @property {import("../feed/clock.js").Freshness | "recorded"} freshness recorded: it is of a past moment, and nothing about it is live
 * @property {import("../feed/messages.js").Beat | null} beat
 * @property {import("./complaints.js").Ranking} ranking
 * @property {import("../feed/clock.js").Calendar} calendar
 * @property {ReadonlySet<string>} unacked complaints with an unacknowledged alarm
 * @property {readonly import("./alarms.js").Attention[]} attention what the band names, and the map with it
 * @property {readonly import("./alarms.js").Attention[]} [slots] the same, and as many more as the band of this wall has room for
 * @property {import("./alarms.js").Flood | null} flood of alarms in force
 * @property {boolean} sceneFlashes whether unacknowledged marks of the scene flash too, not the band's alone
 * @property {ReadonlySet<string>} [quiet] sources that are late or lost: their marks are hatched
 * @property {import("../feed/http.js").Kept | null} figure what the scene needs beyond the cards; null before it has come
 * @property {boolean} guests whether it keeps back what is for those who work here
 * @property {readonly string[]} wrong totals that do not hold
 */
/**
 * @typedef {object} Room what views speak with
 * @property {import("./city.js").City} city
 * @property {string} lang
 * @property {string | null} [look] of the map: `incidents` or `districts`, else it chooses
 * @property {number} [panels] columns of panels that the whole wall has
 * @property {number} [type] by what the steps of text are larger than the sheet's
 * @property {import("./language.js").Say<"ui">} say
 * @property {import("./format.js").Format} format
 * @property {(words: string, size: number, weight: number) => number} width of words in units of the canvas
 */
/** @typedef {Room & {say: (key: import("./language.js").Below<import("./language.js").Key, "wall" | "ui">, values?: import("./language.js").Values) => string}} WallRoom it says what is only the wall's too */
/** @typedef {(picture: Picture) => void} Paint */

// The page tells its state on <html>, so that anyone can check what it shows and up to where. Written after painting: what it
// claims has been painted.

/** @param {HTMLElement} root @param {Pick<Picture, "state" | "freshness" | "whole">} picture @param {string} scene */
export function tellState(root, { state, freshness, whole }, scene) {
  const { waiting, in_process, done, overdue } = state.tally.total;
  const alarms = countAlarms(state.alarms.values()).unacked;
  const told = {
    "data-epoch": state.epoch, "data-seq": whole ? String(state.seq) : "", "data-freshness": freshness,
    "data-scene": scene, "data-waiting": waiting, "data-in-process": in_process, "data-done": done,
    "data-overdue": overdue, "data-alarms": alarms,
  };
  for (const [name, value] of Object.entries(told)) mark(root, name, String(value));
}

// The freshness chip: how old the data is, in a word and a number.

/** Seconds for which a page that has just been opened is joining, not lost. */
export const PATIENCE = 15;

/** @param {Picture} picture @param {Room} room @returns {[string, string]} word and age */
function words({ freshness, age, whole, waited }, { say, format }) {
  if (!whole && waited <= PATIENCE) return [say("joining"), ""];
  if (whole && !Number.isFinite(age)) return [say(freshness), ""];
  const shown = format.span((Number.isFinite(age) ? age : waited) * 1000);
  return [say(freshness), freshness === "lost" ? "" : shown];
}

/** What its words may take of the wall's chip, units. */
const CHIP = 396;

/** @param {ParentNode} page @param {Room} room @returns {Paint} */
export function mountChip(page, room) {
  const chip = find(page, ".chip");
  const word = find(chip, ".chip-word");
  const age = find(chip, ".chip-age");
  return (picture) => {
    const [name, span] = words(picture, room);
    mark(chip, "data-joining", String(!picture.whole && picture.waited <= PATIENCE));
    write(word, name);
    write(age, span);
    mark(chip, "data-fit", fit(room.width(name, 48, 600) + room.width(span, 48, 400), CHIP));
  };
}

// The badge that says this screen should sound and cannot (CR-95), or that it is the one that speaks (CR-94).

/** @param {ParentNode} page @param {{say: import("./language.js").Say<"ui">}} room @returns {(heard: boolean, speaks: boolean) => void} */
export function mountSoundBadge(page, { say }) {
  const badge = find(page, ".sound-badge");
  return (heard, speaks) => {
    show(badge, !heard || speaks);
    mark(badge, "data-speaks", String(heard && speaks));
    write(badge, say(heard && speaks ? "sound_here" : "sound_off"));
  };
}

// The head of an agency's page and of leadership's: how old what is shown is, since when the feed is lost, its sum, a drill's band.

/** The same for a page that somebody looks at from near. */
const SHORT_PATIENCE = 8;

/** @typedef {Pick<Picture, "freshness" | "whole" | "age" | "waited">} HeadLook */
/** @typedef {{work: (key: "drill" | "lost", values?: Record<string, string>) => string, say: import("./language.js").Say<"ui">, format: import("./format.js").Format}} HeadRoom */

/** @param {Document} page @param {HeadRoom} room @param {string} name whose page it is @returns {(look: HeadLook, sum: string, title: string) => void} */
export function mountHead(page, { work, say, format }, name) {
  const root = page.documentElement;
  const [chip, lost] = [find(page, ".chip"), find(page, ".agency-lost")];
  write(find(page, ".agency-name"), name);
  write(find(page, ".drill-band"), root.dataset.drill === "true" ? work("drill") : "");
  return ({ freshness, whole, age, waited }, sum, title) => {
    const joining = !whole && waited < SHORT_PATIENCE;
    mark(root, "data-freshness", freshness);
    mark(chip, "data-joining", String(joining));
    write(find(chip, ".chip-word"), joining ? say("joining") : say(freshness));
    write(find(chip, ".chip-age"), whole && Number.isFinite(age) && freshness !== "live" ? format.span(age * 1000) : "");
    write(find(page, ".agency-sum"), sum);
    const gone = freshness === "lost" && !joining;
    mark(lost, "data-shown", String(gone));
    write(lost, gone ? work("lost", { span: format.span((Number.isFinite(age) ? age : waited) * 1000) }) : "");
    if (page.title !== title) page.title = title;
  };
}
