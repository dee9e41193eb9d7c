/**
 * What one frame shows, as types: everything in it belongs to one position of the log.
 */

/**
 * @typedef {object} Picture
 * @property {import("./feed/store.js").State} state
 * @property {boolean} whole false before the first snapshot
 * @property {number} mono monotonic ms of this frame
 * @property {number | null} at room time, ms: the wall's clock
 * @property {number} age seconds; Infinity before the first beat
 * @property {number} waited seconds since the page began to wait for its first data
 * @property {number} sinceBeat seconds since the beat that stands on the clock
 * @property {import("./feed/clock.js").Freshness} freshness
 * @property {import("./feed/messages.js").Beat | null} beat
 * @property {import("./rank.js").Ranking} ranking
 * @property {import("./feed/clock.js").Calendar} calendar
 * @property {ReadonlySet<string>} unacked complaints with an unacknowledged alarm
 * @property {readonly import("./attention.js").Attention[]} attention what the band names
 * @property {import("./flood.js").Flood | null} flood of alarms in force
 * @property {boolean} sceneFlashes whether unacknowledged marks of the scene flash too, not the band's alone
 * @property {ReadonlySet<string>} [quiet] sources that are late or lost: their marks are hatched
 * @property {import("./feed/http.js").Kept | null} figure what the scene needs beyond the cards; null before it has come
 * @property {boolean} guests whether it keeps back what is for those who work here
 * @property {readonly string[]} wrong totals that do not hold
 */
/**
 * @typedef {object} Room what views speak with
 * @property {import("./city.js").City} city
 * @property {import("./words.js").Lang} lang
 * @property {string | null} [look] of the map: `incidents` or `districts`, else it chooses
 * @property {number} [panels] columns of panels that the whole wall has
 * @property {number} [type] by what the steps of text are larger than the sheet's
 * @property {import("./words.js").Say} say
 * @property {import("./format.js").Format} format
 * @property {(words: string, size: number, weight: number) => number} width of words in units of the canvas
 */
/** @typedef {(picture: Picture) => void} Paint */

export {};
