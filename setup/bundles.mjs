/**
 * Makes of the files of every page (display/pages/assets.json) one script and one sheet of styles in static/build, each
 * with a hash in its name, minified, and compressed beside it. static/build/manifest.json tells which are whose.
 */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const STATIC = join(ROOT, "static");
const BUILD = join(STATIC, "build");
const MANIFEST = join(BUILD, "manifest.json");
const PAGES = join(ROOT, "display", "pages", "assets.json");
/** A page that was opened before an update may still ask for its own files. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/** The page's files as one module each, in order; one that is for a medium alone stays so. */
function entryOf(kind, files) {
  if (kind === "script") return files.map((file) => `import ${JSON.stringify(join(STATIC, file))};`).join("\n");
  const sheets = files.map((file) => file.split(" "));
  return sheets.map(([file, medium]) => `@import ${JSON.stringify(join(STATIC, file))} ${medium ?? ""};`).join("\n");
}

async function bundle(page, kind, files) {
  const loader = kind === "script" ? "js" : "css";
  const made = await build({
    stdin: { contents: entryOf(kind, files), resolveDir: ROOT, loader },
    bundle: true,
    minify: true,
    format: kind === "script" ? "esm" : undefined,
    target: ["es2022"],
    outdir: BUILD,
    // Pages of one look share its file.
    entryNames: kind === "script" ? `${page}-[hash]` : "style-[hash]",
    assetNames: "[name]-[hash]",
    publicPath: "/static/build",
    loader: { ".png": "file" },
    external: ["/static/*"],
    alias: {
      idb: join(STATIC, "vendor/idb/build/index.js"),
      "socket.io-client": join(STATIC, "vendor/socket.io-client/socket.io.esm.min.js"),
    },
    metafile: true,
    write: true,
    logLevel: "warning",
  });
  const outputs = Object.entries(made.metafile.outputs).map(([path, { entryPoint }]) => ({ name: relative(BUILD, path), entryPoint }));
  return { name: outputs.find(({ entryPoint }) => entryPoint).name, all: outputs.map(({ name }) => name) };
}

function compress(name) {
  if (!/\.(js|css)$/.test(name)) return;
  const file = join(BUILD, name);
  const raw = readFileSync(file);
  writeFileSync(`${file}.gz`, gzipSync(raw, { level: 9 }));
  writeFileSync(`${file}.br`, brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: raw.length } }));
}

/** As display/pages/assets.py reckons it: whoever serves other sources than these must not serve these bundles. */
function sourcesHash() {
  const found = ["js", "css"].flatMap((folder) => readdirSync(join(STATIC, folder), { recursive: true }).map((name) => `static/${folder}/${name}`));
  const files = found.filter((name) => /\.(js|css)$/.test(name));
  const digest = createHash("sha256");
  for (const file of [...files, relative(ROOT, PAGES)].sort()) digest.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  return digest.digest("hex");
}

/** Files of the build before this one stay for a day after they were replaced. */
function sweep(now, files) {
  const present = new Set(files.flatMap((name) => [name, `${name}.gz`, `${name}.br`]).concat("manifest.json", ".setup"));
  for (const name of readdirSync(BUILD)) {
    if (!present.has(name) && now - statSync(join(BUILD, name)).mtimeMs > KEPT_MS) rmSync(join(BUILD, name));
  }
}

function filesOf(manifest) {
  return Object.values(manifest.files).flat();
}

process.chdir(ROOT);
const now = Date.now();
mkdirSync(BUILD, { recursive: true });
try {
  for (const name of filesOf(JSON.parse(readFileSync(MANIFEST, "utf8")))) {
    for (const end of ["", ".gz", ".br"]) {
      if (existsSync(join(BUILD, name + end))) utimesSync(join(BUILD, name + end), now / 1000, now / 1000);
    }
  }
} catch {
  // There is no build before this one, or not a whole one.
}
const pages = {};
const files = {};
for (const [page, { styles, scripts }] of Object.entries(JSON.parse(readFileSync(PAGES, "utf8")))) {
  const style = await bundle(page, "style", styles);
  const script = scripts.length ? await bundle(page, "script", scripts) : null;
  pages[page] = { style: style.name, script: script?.name ?? "" };
  files[page] = [...style.all, ...(script?.all ?? [])];
}
for (const name of new Set(filesOf({ files }))) compress(name);
writeFileSync(MANIFEST, JSON.stringify({ sources: sourcesHash(), pages, files }, null, 1));
sweep(now, filesOf({ files }));
