/**
 * The wall's page for development: the product's own template, city and base map, without its server.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { pageWords } from "./words.mjs";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TYPES = { ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".png": "image/png" };
const NONCE = "for-development";
const POLICY = [
  "default-src 'none'", `script-src 'self' 'nonce-${NONCE}'`, `style-src 'self' 'nonce-${NONCE}'`,
  "img-src 'self' data:", "font-src 'self'", "connect-src 'self'", "worker-src 'self'",
].join("; ");

/** What the server gives the template, printed as JSON by the product's own modules. */
const PARTS = `
import json, sys
from pathlib import Path
from display.pages.assets import load_assets
from display.pages.map import base_map
from liveroom.city.pack import load_city
city = load_city(Path(sys.argv[1]), years=(2025, 2028))
drawn = base_map(city)
assets = load_assets(Path("static").resolve(), bundled=True)
heads = {page: assets.head(page, sys.argv[2]) for page in ("wall", "wall_recorded")}
print(json.dumps({"city": city.client_data(None), "map_id": drawn.map_id, "map_script": str(drawn.script), "heads": heads}))
`;

/**
 * @param {string} folder of a city pack
 * @param {string} kept folder for what was printed: Python takes longer to say it than a wall to show it. "": nowhere
 * @returns {{city: any, map_id: string, map_script: string, heads: Record<string, string>}}
 */
export function pageParts(folder, kept = "") {
  const file = kept && join(kept, `${basename(folder)}.json`);
  if (file && existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  const python = join(ROOT, ".venv/bin/python");
  const said = execFileSync(python, ["-c", PARTS, folder, NONCE], { cwd: ROOT, maxBuffer: 1 << 26, encoding: "utf8" });
  if (file) {
    // Another room may be reading there.
    writeFileSync(`${file}.${process.pid}`, said);
    renameSync(`${file}.${process.pid}`, file);
  }
  return JSON.parse(said);
}

/** @param {string} name @returns {string} with what it includes */
function template(name) {
  return readFileSync(join(ROOT, "templates", name), "utf8").replace(/\{% include "(\w+\.html)" %\}/g, (_, part) => template(part));
}

/** @param {unknown} value @returns {string} JSON that ends no script element */
function inScript(value) {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

/** @param {string} page `wall` or `wall_recorded` @param {Record<string, string>} values @param {boolean} drill @returns {string} the template with its few expressions filled */
function render(page, values, drill) {
  return template(`${page}.html`)
    .replace(/\{% with (\w+) = "([^"]*)" %\}(.*?)\{% endwith %\}/gs, (_, name, value, body) => body.replace(new RegExp(`\\{\\{ ${name}[^}]* \\}\\}`, "g"), value))
    .replace(/\{#.*?#\}/gs, "")
    .replace(/\{% if (\w+) %\}(.*?)\{% endif %\}/gs, (_, name, body) => (values[name] ? body : ""))
    .replace(/\{\{ 'true' if drill else 'false' \}\}/, String(drill))
    .replace(/\{\{ assets\([^)]*\) \}\}/, () => values["head"] ?? "")
    .replace(/\{\{ page_words\(lang, ([^)]*)\) \}\}/, (_, subjects) => inScript(pageWords(String(values["lang"]), ...JSON.parse(`[${subjects}]`))))
    .replace(/\{\{ (\w+)[^}]* \}\}/g, (_, name) => values[name] ?? "");
}

/** @param {string} path @returns {{body: Buffer | string, type: string} | null} */
function staticFile(path) {
  const file = normalize(join(ROOT, path));
  if (!file.startsWith(join(ROOT, "static"))) return null;
  try {
    return { body: readFileSync(file), type: TYPES[extname(file)] ?? "text/plain" };
  } catch {
    return null;
  }
}

/**
 * @param {ReturnType<typeof pageParts>} parts
 * @param {{noMap: boolean, build?: string}} options noMap leaves folium's script out, as if it had failed
 */
export function createPages(parts, { noMap, build = "1" }) {
  /** @param {URL} url @param {import("node:http").ServerResponse} response @returns {boolean} whether it was a page or a file */
  return (url, response) => {
    response.setHeader("Content-Security-Policy", POLICY);
    if (url.pathname === "/wall") {
      const page = ["at", "seq"].some((name) => url.searchParams.has(name)) ? "wall_recorded" : "wall";
      const values = {
        nonce: NONCE, lang: url.searchParams.get("lang") ?? parts.city.languages[0], map_id: parts.map_id,
        map_script: noMap ? "" : parts.map_script, head: parts.heads[page] ?? "", city_json: inScript(parts.city), build,
      };
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      response.end(render(page, values, url.searchParams.has("drill")));
      return true;
    }
    const file = url.pathname.startsWith("/static/") ? staticFile(url.pathname) : null;
    if (!file) return false;
    if (url.pathname === "/static/sw.js") response.setHeader("Service-Worker-Allowed", "/wall");
    response.setHeader("Content-Type", file.type);
    response.end(file.body);
    return true;
  };
}
