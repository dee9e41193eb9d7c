/**
 * The words of the pages: one catalogue a language, in which every text has its user and every user its text.
 */
import { parse } from "acorn";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path/posix";
import { test } from "node:test";
import { formatIn } from "../../static/js/ui/format.js";
import { isSaid, languageOf, sayIn, use } from "../../static/js/ui/language.js";
import { CATALOGUES } from "./words.mjs";

const ROOT = new URL("../../", import.meta.url);
/** First parts of the keys that browsers say; the others are the server's. */
const SUBJECTS = ["wall", "desk", "alarms", "outbox", "people", "screens", "sources", "import", "agency", "lead", "citizen", "ui", "evaluation_page"];
/** Said by keys that come from the server, which may be newer than the page: states, events, codes of findings. */
const FROM_SERVER = ["desk.state", "desk.stage", "desk.event", "desk.event_done", "desk.deadline", "desk.finding"];
/** Parts of a page with a subject of their own. */
const PARTS = [...FROM_SERVER, "desk.proof", "agency.upload", "citizen.map", "ui.role", "ui.session", "ui.unit"];
/** Whose words `data-say` and `data-word` of each template are. */
const SAID_BY = /** @type {Record<string, string>} */ ({
  "desk.html data-say": "desk", "desk.html data-word": "alarms", "desk_alarms.html data-say": "alarms", "_desk_list_page.html data-say": "outbox",
  "desk_outbox.html data-say": "outbox", "desk_people.html data-say": "people", "desk_screens.html data-say": "screens",
  "desk_sources.html data-say": "sources", "desk_import.html data-say": "import", "evaluation.html data-say": "evaluation_page",
});

/** @typedef {string | Record<string, string>} Text */
const languages = Object.keys(CATALOGUES);
const read = (/** @type {string} */ path) => readFileSync(new URL(path, ROOT), "utf8");
const modules = /** @type {string[]} */ (readdirSync(new URL("static/js/", ROOT), { recursive: true })).filter((name) => name.endsWith(".js"));
const templates = readdirSync(new URL("templates/", ROOT)).filter((name) => name.endsWith(".html"));
const keys = Object.keys(CATALOGUES["id"] ?? {}).filter((key) => SUBJECTS.includes(String(key.split(".")[0])));

/** @param {Text} text @returns {string[]} its placeholders; the count may go unsaid where its form says it */
function gapsOf(text) {
  const all = typeof text === "string" ? [text] : Object.values(text);
  return [...new Set(all.flatMap((one) => [...one.matchAll(/\{(\w+)\}/g)].map(([, name]) => String(name))))].filter((name) => name !== "n" || typeof text === "string").sort();
}

/** @param {unknown} node of a syntax tree @param {(node: any) => void} look */
function walk(node, look) {
  if (Array.isArray(node)) return node.forEach((one) => walk(one, look));
  if (typeof node !== "object" || node === null) return;
  if ("type" in node) look(node);
  for (const part of Object.values(node)) walk(part, look);
}

const trees = modules.map((name) => ({ name, tree: parse(read(`static/js/${name}`), { ecmaVersion: "latest", sourceType: "module" }) }));

/** @param {string} text of a template, with places that the server fills @returns {RegExp | null} null: nothing of it stands fast */
function patternOf(text) {
  const fast = text.split(/\{\{[^}]*\}\}/);
  return fast.some(Boolean) ? new RegExp(`^${fast.map((part) => part.replace(/[^\w]/g, "\\$&")).join("\\w+")}$`) : null;
}

/** @param {any} node a template literal @returns {string[]} what it may be: one for each outcome where an expression chooses between two literals */
function textsOf({ quasis, expressions }) {
  const between = expressions.map((/** @type {any} */ one) => (one.consequent?.type === "Literal" && one.alternate?.type === "Literal" ? [one.consequent.value, one.alternate.value] : ["{{}}"]));
  return quasis.slice(1).reduce(
    (/** @type {string[]} */ texts, /** @type {any} */ quasi, /** @type {number} */ i) => texts.flatMap((text) => between[i].map((/** @type {string} */ one) => text + one + quasi.value.cooked)),
    [quasis[0].value.cooked],
  );
}

/** @returns {{literals: Set<string>, patterns: RegExp[]}} what the modules may say: whole, or with a part in the middle that is known only then */
function saidInModules() {
  const literals = new Set();
  const patterns = /** @type {RegExp[]} */ ([]);
  for (const { tree } of trees) {
    walk(tree, (node) => {
      if (node.type === "Literal" && typeof node.value === "string") literals.add(node.value);
      if (node.type === "Property" && !node.computed) literals.add(node.key.name ?? node.key.value);
      if (node.type !== "TemplateLiteral" || node.expressions.length === 0) return;
      for (const text of textsOf(node)) {
        const pattern = patternOf(text);
        if (pattern && /[a-z]_|_[a-z]/.test(text)) patterns.push(pattern);
      }
    });
  }
  return { literals, patterns };
}

/** @returns {{where: string, subject: string, key: string}[]} what stands in the templates to be said */
function saidInTemplates() {
  return templates.flatMap((name) => [...read(`templates/${name}`).matchAll(/(data-say|data-word)="([^"]+)"/g)].map(([, attribute, key]) => (
    { where: `${name}: ${key}`, subject: String(SAID_BY[`${name} ${attribute}`]), key: String(key) }
  )));
}

test("every language has every text, with the same gaps, in the forms that its numbers need", () => {
  assert.ok(languages.includes("id") && languages.includes("en"));
  for (const language of languages) {
    const texts = CATALOGUES[language] ?? {};
    assert.deepEqual(Object.keys(texts).filter((key) => !keys.includes(key) && SUBJECTS.includes(String(key.split(".")[0]))), []);
    for (const key of keys) {
      const [text, other] = [texts[key], CATALOGUES["id"]?.[key]];
      assert.ok(text !== undefined && other !== undefined, `${key} in ${language}`);
      const counted = [text, other].some((one) => typeof one !== "string");
      const gaps = [text, other].map((one) => gapsOf(one).filter((name) => !counted || name !== "n"));
      assert.deepEqual(gaps[0], gaps[1], `${key} in ${language}`);
      if (typeof text !== "string") assert.deepEqual(Object.keys(text).sort(), new Intl.PluralRules(language).resolvedOptions().pluralCategories.sort(), `${key} in ${language}`);
    }
  }
});

test("a catalogue is written so that two of them merge by key: sorted, a text a line; and none is empty", () => {
  for (const [language, texts] of Object.entries(CATALOGUES)) {
    assert.deepEqual(Object.keys(texts), Object.keys(texts).sort(), language);
    assert.equal(read(`static/lang/${language}.json`), `${JSON.stringify(texts, null, 2)}\n`, language);
    const empty = Object.entries(texts).filter(([, text]) => (typeof text === "string" ? [text] : Object.values(text)).some((one) => one.trim() === ""));
    assert.deepEqual(empty, [], language);
  }
});

test("every text has a user", () => {
  const { literals, patterns } = saidInModules();
  const written = saidInTemplates().map(({ subject, key }) => ({ subject, pattern: patternOf(key) }));
  const unused = keys.filter((key) => {
    const part = PARTS.find((one) => key.startsWith(`${one}.`)) ?? String(key.split(".")[0]);
    const rest = key.slice(part.length + 1);
    return !FROM_SERVER.includes(part) && !literals.has(rest) && !patterns.some((one) => one.test(rest)) && !written.some(({ subject, pattern }) => subject === part && pattern?.test(rest));
  });
  assert.deepEqual(unused, []);
});

test("what stands in a template to be said has a text", () => {
  for (const { where, subject, key } of saidInTemplates()) {
    const pattern = patternOf(key);
    if (pattern) assert.ok(keys.some((one) => one.startsWith(`${subject}.`) && pattern.test(one.slice(subject.length + 1))), where);
  }
});

/** @param {string} name of a template @returns {string} with what it includes */
function whole(name) {
  return read(`templates/${name}`).replace(/\{% include "([\w.]+)" %\}/g, (_, part) => whole(part));
}

/** @param {any} statement at the top of a module @returns {any[]} what it declares, each with an `id` */
function declaredBy(statement) {
  const declared = statement.declaration ?? statement;
  return declared.declarations ?? (declared.id ? [declared] : []);
}

/**
 * @param {string} module @param {string | null} name of what is imported of it; null: all @param {Set<string>} [seen]
 * @returns {string[]} subjects that this may say, with all that it calls by name
 */
function subjectsOf(module, name, seen = new Set()) {
  if (seen.has(`${module} ${name}`)) return [];
  seen.add(`${module} ${name}`);
  const body = /** @type {any} */ (trees.find((one) => one.name === module)?.tree)?.body ?? [];
  const found = /** @type {string[]} */ ([]);
  for (const statement of body) {
    const own = declaredBy(statement);
    const looked = statement.type === "ImportDeclaration" ? [] : own.length === 0 || name === null ? [statement] : own.filter((one) => one.id.name === name);
    walk(looked, (node) => {
      if (node.type === "CallExpression" && ["sayIn", "wordsOf", "isSaid"].includes(node.callee.name)) {
        found.push(...node.arguments.slice(1).flatMap((/** @type {any} */ one) => (one.type === "Literal" ? [String(one.value)] : [])));
      }
      if (node.type === "ImportExpression" && typeof node.source.value === "string") found.push(...subjectsOf(join(module, "..", node.source.value), null, seen));
      if (node.type === "Identifier") found.push(...subjectsNamed(module, body, node.name, seen));
    });
    if (statement.type === "ImportDeclaration" && name === null && statement.source.value.startsWith(".")) found.push(...subjectsOf(join(module, "..", statement.source.value), "", seen));
  }
  return found;
}

/** @param {string} module @param {any[]} body of it @param {string} name used in it @param {Set<string>} seen @returns {string[]} subjects of what is called so there, its own or imported */
function subjectsNamed(module, body, name, seen) {
  const imported = body.filter(({ type }) => type === "ImportDeclaration").flatMap(({ source, specifiers }) => specifiers.map((/** @type {any} */ one) => ({ from: source.value, one }))).find(({ one }) => one.local.name === name);
  if (imported) return imported.from.startsWith(".") ? subjectsOf(join(module, "..", imported.from), imported.one.imported?.name ?? null, seen) : [];
  return body.some((statement) => declaredBy(statement).some(({ id }) => id.name === name)) ? subjectsOf(module, name, seen) : [];
}

test("a page brings what its scripts say", () => {
  const pages = JSON.parse(read("display/pages/assets.json"));
  let looked = 0;
  for (const name of templates) {
    const text = whole(name);
    for (const list of text.includes("assets(name)") ? ["outbox", "people", "screens", "sources"] : [""]) {
      const [, page = list] = /assets\("(\w+)"\)|set files = "(\w+)"/.exec(text)?.filter((one) => one !== undefined) ?? [];
      const entries = (pages[page]?.scripts ?? []).map((/** @type {string} */ path) => path.replace("js/", ""));
      const said = new Set(entries.flatMap((entry) => subjectsOf(entry, null)));
      if (said.size === 0 || name === "_desk_header.html") continue;
      const [, asked = ""] = /page_words\(lang, ([^)]*)\)/.exec(text) ?? [];
      const brought = asked.split(", ").map((one) => (one === "name" ? list : one.replaceAll('"', "")));
      assert.deepEqual([...said].filter((subject) => !brought.some((one) => `${subject}.`.startsWith(`${one}.`))), [], `${name} ${list}`);
      looked += 1;
    }
  }
  assert.equal(looked, 18);
});

test("no word stands in code, and no code asks which language it is", () => {
  for (const { name, tree } of trees) {
    walk(tree, (node) => {
      if (node.type === "ObjectExpression") {
        const named = node.properties.map((/** @type {any} */ one) => one.key?.name ?? one.key?.value);
        assert.ok(!(named.includes("id") && named.includes("en")), `${name} holds words`);
      }
      if (node.type !== "BinaryExpression") return;
      assert.ok(![node.left, node.right].some((/** @type {any} */ side) => languages.includes(side.value)), `${name} asks which language it is`);
    });
  }
});

test("a number chooses the form, however it is written", () => {
  const [en, id] = [sayIn("en", "wall"), sayIn("id", "wall", "ui")];
  const days = (/** @type {string | number} */ n) => en("kpi_window", { n });
  assert.deepEqual([days(1), days("1"), days(2), days("0"), days("1.0"), days("1,001"), days("–")], ["in 1 working day", "in 1 working day", "in 2 working days", "in 0 working days", "in 1.0 working days", "in 1,001 working days", "in – working days"]);
  assert.equal(id("kpi_window", { n: "1" }), "dalam 1 hari kerja");
  assert.equal(id("from_earlier", { n: formatIn("id", { zone: "Asia/Jakarta", locale: "id-ID" }).number(1042) }), "1.042 dari hari lalu");
  use({ "x.days": { one: "{n} день", few: "{n} дня", many: "{n} дней", other: "{n} дня" } }, "ru", { strict: true });
  const ru = /** @type {any} */ (sayIn("ru", "x"));
  assert.deepEqual(["1", "3", "5", "21", "1\u00a0000", "1,5"].map((n) => ru("days", { n })), ["1 день", "3 дня", "5 дней", "21 день", "1\u00a0000 дней", "1,5 дня"]);
});

test("a gap without a value is seen, and so is a text that is lacking", (context) => {
  assert.equal(sayIn("id", "wall")("ago"), "{span} lalu");
  const unknown = /** @type {any} */ ("unknown");
  assert.throws(() => sayIn("id", "wall", "ui")(unknown), /wall\|ui\.unknown in id/);
  const told = context.mock.method(console, "error", () => undefined);
  use({}, "xx");
  assert.equal(sayIn("xx", "wall")("ago"), "wall.ago");
  assert.equal(told.mock.callCount(), 1);
  assert.deepEqual([isSaid("en", "desk.event", "received"), isSaid("en", "desk.event", "toString"), isSaid("yy", "desk.event", "received")], [true, false, false]);
});

test("a page says what it brought, in its language", () => {
  const page = (/** @type {string} */ lang, /** @type {string | null} */ words) => /** @type {any} */ ({ documentElement: { lang }, getElementById: () => (words === null ? null : { textContent: words }) });
  assert.equal(languageOf(page("qq", '{"ui.live": "QQ"}')), "qq");
  assert.equal(sayIn("qq", "ui")("live"), "QQ");
  assert.equal(languageOf(page("qr", null)), "qr");
});

test("a third language is a file: numbers and dates need nothing else", () => {
  use({ ...CATALOGUES["en"], "ui.locale": "fr-FR" }, "fr", { strict: true });
  const french = formatIn("fr", { zone: "Asia/Jakarta", locale: "id-ID" });
  assert.deepEqual([french.decimal(7.25), french.date(Date.parse("2026-11-24T07:00:00Z"))], ["7,3", "mardi 24 novembre 2026"]);
});

test("a language is written as the city does where the city speaks it, else as its file says", () => {
  const written = ["id-ID", "es-AR", "est-EE"].map((locale) => formatIn("es", { zone: "UTC", locale }));
  assert.deepEqual(written.map(({ decimal }) => decimal(1234.5)), ["1,234.5", "1.234,5", "1,234.5"]);
  const days = (/** @type {string} */ n) => sayIn("es", "wall")("kpi_window", { n });
  assert.deepEqual(["1.0", "1,0", "1,000", "2"].map(days), ["en 1.0 día hábil", "en 1,0 día hábil", "en 1,000 días hábiles", "en 2 días hábiles"]);
});
