/**
 * What a city promises, as a span: "30 mnt", "3–5 hari kerja", "30 mnt–3 hari kerja".
 */

/** @typedef {{minutes?: number, hours?: number, days?: number, clock?: "working" | "calendar"}} Promised one of the three is there */

/** @param {readonly Promised[] | null} targets shortest and longest @param {Pick<import("./format.js").Format, "amount">} format @returns {string} empty: none is known */
export function promiseWords(targets, format) {
  const [least, most] = (targets ?? []).map(measured);
  if (!least || !most) return "";
  const [short, long] = [format.amount(...least), format.amount(...most)];
  if (`${least}` === `${most}`) return long.join(" ");
  const same = least[1] === most[1] && least[2] === most[2];
  // One unit is said once, at the end, for the number that stands there.
  return `${same ? short[0] : short.join(" ")}–${long.join(" ")}`;
}

/** @param {Promised} target @returns {[number, import("./format.js").Unit, boolean]} */
function measured({ minutes = 0, hours, days, clock }) {
  const working = clock === "working";
  if (days !== undefined) return [days, "day", working];
  const whole = hours ?? wholeHours(minutes);
  return whole === null ? [minutes, "minute", working] : [whole, "hour", working];
}

/** @param {number} minutes @returns {number | null} as many hours, where a span would say hours too (CR-103) */
function wholeHours(minutes) {
  return minutes >= 100 && minutes % 60 === 0 ? minutes / 60 : null;
}
