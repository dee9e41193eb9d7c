/**
 * The whole catalogues of static/lang, strict: a test that lets a text be said which is not there fails. And a pseudo-locale.
 */
import { readdirSync, readFileSync } from "node:fs";
import { use } from "../../static/js/ui/language.js";

/** @typedef {string | Record<string, string>} Text */
/** @typedef {Record<string, Text>} Texts by key */

const FOLDER = new URL("../../static/lang/", import.meta.url);
/** Indonesian with accents (region XA of CLDR), and longer by as much as a translation may be. */
export const PSEUDO = "id-XA";
const LONGER = 0.3;
const ACCENTS = /** @type {Record<string, string>} */ ({ a: "á", e: "ë", i: "î", o: "ö", u: "ü", n: "ñ", A: "Á", E: "Ë", I: "Î", O: "Ö", U: "Ü" });

/** @type {Record<string, Texts>} by language */
export const CATALOGUES = Object.fromEntries(
  readdirSync(FOLDER).filter((name) => name.endsWith(".json")).map((name) => [name.replace(".json", ""), JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"))]),
);

for (const [language, texts] of Object.entries(CATALOGUES)) use(texts, language, { strict: true });

/** @param {string} text @returns {string} its words with accents and more of each vowel at their ends; gaps, signs and capitals alone stay */
function pseudo(text) {
  return text.replace(/\{\w+\}|[A-Za-z]+/g, (word) => {
    if (word.startsWith("{") || word.length < 3) return word;
    const vowel = /[aeiou]/i.exec(word)?.[0].toLowerCase() ?? "";
    return [...word, ...vowel.repeat(Math.round(word.length * LONGER))].map((one) => ACCENTS[one] ?? one).join("");
  });
}

/** @param {string} language of ours, or PSEUDO @param {...string} subjects @returns {Texts} what the server puts into a page */
export function pageWords(language, ...subjects) {
  const made = (/** @type {Text} */ text) => (typeof text === "string" ? pseudo(text) : Object.fromEntries(Object.entries(text).map(([form, one]) => [form, pseudo(one)])));
  const texts = Object.entries(CATALOGUES[language === PSEUDO ? "id" : language] ?? {}).filter(([key]) => subjects.some((subject) => key.startsWith(`${subject}.`)));
  return Object.fromEntries(texts.map(([key, text]) => [key, language === PSEUDO && key !== "ui.locale" ? made(text) : text]));
}
