/**
 * Early signs in words: what came in more often than usual, what grows in one place, and how often a matter was at its place.
 */

/** @typedef {import("../feed/messages.js").UnusualCount} UnusualCount */
/** @typedef {import("../feed/messages.js").GrowingReports} GrowingReports */
/** @typedef {import("../feed/messages.js").PlaceTimes} PlaceTimes */
/** @typedef {Pick<import("./picture.js").Room, "city" | "say" | "format">} Speaker */

/** @param {UnusualCount} one @param {Speaker} room @returns {string[]} said at length and shorter */
export function unusualWords({ category, district, hours, n, low, high }, { city, say, format }) {
  const what = say("sign_count", { n: format.number(n), what: city.category(category) ?? category });
  const where = district === null ? say("sign_city") : (city.district(district) ?? district);
  const within = say("sign_hours", { n: format.number(hours) });
  const usual = say("sign_usual", { low: format.number(low), high: format.number(high) });
  return [[what, where, within, usual], [what, where, usual], [what, where]].map((parts) => parts.join(" · "));
}

/** @param {GrowingReports} one @param {number} now room time, ms @param {Speaker} room @returns {string[]} said at length and shorter */
export function growingWords({ category, area, n, since }, now, { city, say, format }) {
  const what = say("sign_alike", { n: format.number(n), what: city.category(category) ?? category });
  const where = area === null ? "" : (city.area(area)?.name ?? area);
  const from = say("sign_since", { at: momentWords(Date.parse(since), now, format) });
  return [[what, where, from], [what, where]].map((parts) => parts.filter((one) => one !== "").join(" · "));
}

/** @param {PlaceTimes} times @param {Speaker} room @returns {string} how many times here, since which day */
export function timesWords({ n, since }, { say, format }) {
  return say("sign_times", { n: format.number(n), since: format.shortDate(Date.parse(since)) });
}

/** @param {PlaceTimes} times @param {Speaker} room @returns {string} on which days it was finished; "" while it never was */
export function finishedWords({ times }, { say, format }) {
  const days = times.flatMap(({ finished_at: end }) => (end === null ? [] : [format.shortDate(Date.parse(end))]));
  return days.length > 0 ? say("sign_finished", { days: days.join(", ") }) : "";
}

/** @param {number} at ms @param {number} now ms @param {import("./format.js").Format} format @returns {string} the time of day, with the day where that is another one */
export function momentWords(at, now, format) {
  return format.shortDate(at) === format.shortDate(now) ? format.hour(at) : `${format.day(at)} ${format.hour(at)}`;
}
