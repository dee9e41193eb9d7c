/**
 * Moments as the hands of a clock in the city's zone, for fields of date and time; summer time is the zone's own.
 */

/** @param {number} ms @param {string} zone IANA name @returns {string} `2026-11-25T14:05`, as an input of date and time has it */
export function handsOf(ms, zone) {
  const options = /** @type {const} */ ({ timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-US", options).formatToParts(ms).map(({ type, value }) => [type, value]));
  return `${(parts.year ?? "").padStart(4, "0")}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

/**
 * @param {string} hands as handsOf makes them @param {string} zone @returns {number} ms, NaN for what is none; of an hour that the zone has twice the
 * first, of one that it leaves out as if the clock had not been put forward
 */
export function momentOf(hands, zone) {
  const plain = Date.parse(`${hands}Z`);
  if (Number.isNaN(plain)) return Number.NaN;
  const away = (/** @type {number} */ ms) => Date.parse(`${handsOf(ms, zone)}Z`) - Math.floor(ms / 60_000) * 60_000;
  const tries = [plain - away(plain - 86_400_000), plain - away(plain + 86_400_000)];
  return tries.find((ms) => handsOf(ms, zone) === hands) ?? /** @type {number} */ (tries[0]);
}
