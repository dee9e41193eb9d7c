/**
 * What is suggested for a complaint: by the room where it was asked, else by who usually handles its category. Pure.
 */

/** @typedef {import("../../feed/messages.js").Card} Card */
/** @typedef {import("./details.js").Suggestions} Suggestions */
/** @typedef {{agencies: string[], outside: string[], usual: Record<string, string | null>, offices: Record<string, string>, may_be: Record<string, string[]>}} WhoHandles from the page */

/** @param {unknown} said a key, or an object that holds one @returns {string | null} */
function keyIn(said) {
  if (typeof said === "string") return said;
  const key = /** @type {{key?: unknown, code?: unknown} | null} */ (said)?.key ?? /** @type {any} */ (said)?.code;
  return typeof key === "string" ? key : null;
}

/** @param {string | null | undefined} category @param {string | null | undefined} area @param {WhoHandles} who @returns {string | null} */
export function usualAgency(category, area, { usual, offices }) {
  if (!category || !Object.hasOwn(usual, category)) return null;
  return usual[category] ?? (area ? (offices[area] ?? null) : null);
}

/** @param {Card} card @param {Suggestions | null} suggestions @param {WhoHandles} who @returns {string | null} to whom it would go */
export function suggestedAgency(card, suggestions, who) {
  const intended = card.state === "received" ? card.agency : null;
  const usual = usualAgency(card.category, card.area, who);
  // Who declined it is not asked again before anybody else.
  if (card.returned) return intended ?? keyIn(suggestions?.agency) ?? null;
  return intended ?? usual ?? keyIn(suggestions?.agency) ?? usualAgency(suggestions?.categories?.[0]?.key, card.area, who);
}

/** @param {Card} card @param {Suggestions | null} suggestions @returns {import("./details.js").Suggested[]} other categories that its words point at */
export function otherCategories(card, suggestions) {
  return (suggestions?.categories ?? []).filter(({ key }) => key !== card.category).slice(0, 3);
}

/** @param {Card} card @param {Suggestions | null} suggestions @returns {string | null} an area for one that has none */
export function suggestedArea(card, suggestions) {
  return card.area ? null : keyIn(suggestions?.area);
}
