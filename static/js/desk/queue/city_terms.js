/**
 * What a city calls its agencies, districts and areas, put where the desk would say its own word. Pure.
 */

/** @type {Readonly<Record<string, string>>} */
const TERMS = { all_agencies: "term.agency", suggest_agency: "term.agency", agency: "term.agency", all_districts: "term.district", area: "term.area" };
/** @type {Readonly<Record<string, string>>} */
const BY_TERMS = { by_agency: "term.agency", by_district: "term.district", by_area: "term.area" };

/**
 * @template {Record<string, string>} W
 * @param {W} words @param {unknown} city its own words, by interface key @param {string} lang @returns {W}
 */
export function withTerms(words, city, lang) {
  const own = /** @type {Record<string, string>} */ (city ?? {});
  const put = (/** @type {Readonly<Record<string, string>>} */ terms, /** @type {(term: string) => string} */ say) =>
    Object.fromEntries(Object.entries(terms).flatMap(([key, term]) => (own[term] ? [[key, say(own[term])]] : [])));
  return { ...words, ...put(TERMS, (term) => term), ...put(BY_TERMS, (term) => `${lang === "en" ? "By" : "Per"} ${inSentence(term)}`) };
}

/** @param {string} term @returns {string} small within a sentence, unless it is all capitals as OPD is */
function inSentence(term) {
  return term === term.toUpperCase() ? term : `${term.charAt(0).toLowerCase()}${term.slice(1)}`;
}
