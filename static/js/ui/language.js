/**
 * The words of a page, by key: what of its language's catalogue (static/lang/LANGUAGE.json) came with it.
 *
 * A key opens with the page or subject that says it: `desk.act_forward`. Where a count decides the form, the catalogue
 * holds one text for each plural category of CLDR, chosen by `{n}`. A city's own words (names, categories) are data, not here.
 */

/** @typedef {keyof typeof import("../../lang/id.json")} Key */
/** @typedef {string | Partial<Record<Intl.LDMLPluralRule, string>>} Text */
/** @typedef {Record<string, string | number>} Values */
/** @template K @template {string} S @typedef {K extends `${S}.${infer Rest}` ? Rest : never} Below */
/** @template {string} S @typedef {(key: Below<Key, S>, values?: Values) => string} Say a text of one of the subjects S, by the rest of its key */
/** @typedef {{texts: Readonly<Record<string, Text>>, form: (n: string | number | undefined) => Intl.LDMLPluralRule, strict: boolean}} Catalogue */

/** @type {Map<string, Catalogue>} by language, BCP 47 */
const catalogues = new Map();

/** @param {Readonly<Record<string, Text>>} texts by key @param {string} language BCP 47 @param {{strict?: boolean}} [options] strict: a text that is lacking throws */
export function use(texts, language, { strict = false } = {}) {
  catalogues.set(language, { texts, form: formsIn(language), strict });
}

/** @param {Document} page @returns {string} its language, BCP 47, whose words it brought in its block `words` */
export function languageOf(page) {
  const language = page.documentElement.lang;
  use(JSON.parse(page.getElementById("words")?.textContent || "{}"), language);
  return language;
}

/**
 * @template {string} S
 * @param {string} language BCP 47; its catalogue is in use @param {...S} subjects looked through in this order
 * @returns {(key: Below<Key, S>, values?: Values) => string} throws RangeError for a text that a strict catalogue lacks; else that is an error on the console, and the key is shown
 */
export function sayIn(language, ...subjects) {
  return (key, values = {}) => {
    const catalogue = catalogues.get(language);
    const text = subjects.map((subject) => catalogue?.texts[`${subject}.${key}`]).find((one) => one !== undefined);
    if (text === undefined) return missing(`${subjects.join("|")}.${key}`, language);
    return fill(typeof text === "string" ? text : (text[catalogue?.form(values["n"]) ?? "other"] ?? text.other ?? ""), values);
  };
}

/** @template {string} S @param {Document} page @param {...S} subjects @returns what `sayIn` does, in the page's language */
export function wordsOf(page, ...subjects) {
  return sayIn(languageOf(page), ...subjects);
}

/** @template {string} S @param {string} language @param {S} subject @param {string} key of the server's, perhaps newer than this page @returns {key is Below<Key, S>} whether there is a text for it */
export function isSaid(language, subject, key) {
  return Object.hasOwn(catalogues.get(language)?.texts ?? {}, `${subject}.${key}`);
}

/** @param {string} key @param {string} language @returns {string} what is shown instead: never a blank */
function missing(key, language) {
  if (catalogues.get(language)?.strict) throw new RangeError(`no text for ${key} in ${language}`);
  console.error(`no text for ${key} in ${language}`);
  return key;
}

/** @param {string} text @param {Values} values @returns {string} `{name}` by its value; one that is missing leaves its name to be seen */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** @param {string} language @returns {Catalogue["form"]} of a number, or of one as `format.number` and `format.decimal` write it, whatever the locale: `1.0` is no `1` in English */
function formsIn(language) {
  const [whole, decimal] = [new Intl.PluralRules(language), new Intl.PluralRules(language, { minimumFractionDigits: 1 })];
  return (n) => {
    if (typeof n === "number") return whole.select(n);
    // Groups have three digits at their end, and a decimal has one.
    const [, before = "", place] = /^(.*?)(?:\D(\d))?$/.exec(String(n)) ?? [];
    const digits = before.replace(/\D/g, "");
    if (digits === "") return "other";
    return place === undefined ? whole.select(Number(digits)) : decimal.select(Number(`${digits}.${place}`));
  };
}
