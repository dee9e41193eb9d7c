/**
 * What the outbox's page shows, as its address says it: which deliveries, to whom, from which one on. A link shows the same elsewhere.
 */

export const VIEWS = /** @type {const} */ (["waiting", "stuck", "refused", "known", "sent", "all"]);
/** @typedef {(typeof VIEWS)[number]} View */
/** @typedef {{view: View, to: string, cursor: string}} Place to: the receiver, empty for everybody; cursor: the last one of the page before */

/** @param {string} search of an address @returns {Place} */
export function placeOf(search) {
  const said = new URLSearchParams(search);
  const view = VIEWS.find((one) => one === said.get("state"));
  return { view: view ?? "waiting", to: said.get("to") ?? "", cursor: said.get("cursor") ?? "" };
}

/** @param {Place} place @param {string} search the address as it is, whose language and person stay @returns {string} the new one's query */
export function searchOf({ view, to, cursor }, search) {
  const said = new URLSearchParams(search);
  for (const [name, value] of [["state", view === "waiting" ? "" : view], ["to", to], ["cursor", cursor]]) {
    if (value) said.set(name ?? "", value);
    else said.delete(name ?? "");
  }
  return said.size > 0 ? `?${said}` : "";
}

/** @param {Place} place @returns {string} what is asked of the server */
export function questionOf({ view, to, cursor }) {
  const asked = new URLSearchParams({ ...(view === "all" ? {} : { state: view }), ...(to ? { to } : {}), ...(cursor ? { cursor } : {}) });
  return `/api/v1/outbox${asked.size > 0 ? `?${asked}` : ""}`;
}
