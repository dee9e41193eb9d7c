/**
 * The whole catalogues of static/lang, strict: a test that lets a text be said which is not there fails.
 */
import { readdirSync, readFileSync } from "node:fs";
import { use } from "../../static/js/ui/language.js";

const FOLDER = new URL("../../static/lang/", import.meta.url);

/** @type {Record<string, Record<string, string | Record<string, string>>>} by language */
export const CATALOGUES = Object.fromEntries(
  readdirSync(FOLDER).filter((name) => name.endsWith(".json")).map((name) => [name.replace(".json", ""), JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"))]),
);

for (const [language, texts] of Object.entries(CATALOGUES)) use(texts, language, { strict: true });
