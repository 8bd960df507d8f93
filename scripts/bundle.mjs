/**
 * Bundles what runs: the front door (`packages/volley/dist/index.js`) and the entries that it starts (`dist/entries/executor.js`,
 * `dist/entries/slot.js`), each with its third-party code inside. Importing undici, fastify, zod, apache-arrow and acorn file by file costs three times as
 * long as one bundle does, and driver and executor both pay it. Types come from `tsc -b`.
 *
 * Output is written beside its place and renamed into it, so that a process that starts meanwhile sees an old build or a new one, never half.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
export const DIST = join(ROOT, "packages/volley/dist");

/** Where each bundle begins, and where it ends up below `packages/volley/dist`. */
export const ENTRIES = [
  { source: "packages/volley/src/index.ts", output: "index" },
  { source: "packages/volley/src/cli/main.ts", output: "entries/cli" },
  { source: "packages/executor/src/main.ts", output: "entries/executor" },
  { source: "packages/executor/src/task/slot-worker.ts", output: "entries/slot" },
];

/** Chunks of an earlier build that a running process may still load lazily are kept this long. */
const STALE_CHUNK_MS = 10 * 60 * 1000;

/** CommonJS packages inside an ES module need a `require`; a plain function, so that no top-level await is needed. */
const BANNER = `import { createRequire as volleyCreateRequire } from "node:module";
const require = volleyCreateRequire(import.meta.url);`;

/** Options shared by every bundle; `bench/startup.mjs` measures with the same. */
export function bundleOptions() {
  return {
    absWorkingDir: ROOT,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["volley-source"],
    mainFields: ["module", "main"],
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    sourcemap: true,
    sourcesContent: true,
    minify: false,
    keepNames: false,
    legalComments: "none",
    metafile: true,
    logLevel: "silent",
    banner: { js: BANNER },
    define: { "process.env.NODE_ENV": '"production"' },
  };
}

/** Bundles every entry whose source exists. Answers `{ built, missing, metafile }`; throws esbuild's error when a source does not parse. */
export async function bundle() {
  const present = ENTRIES.filter((entry) => existsSync(join(ROOT, entry.source)));
  const missing = ENTRIES.filter((entry) => !present.includes(entry));
  if (present.length === 0) return { built: [], missing, metafile: undefined };
  const scratch = join(DIST, `.building-${process.pid}`);
  try {
    const result = await build({
      ...bundleOptions(),
      entryPoints: present.map((entry) => ({ in: join(ROOT, entry.source), out: entry.output })),
      outdir: scratch,
    });
    // The maps were written relative to the scratch folder, which is one level deeper than their place.
    moveIntoPlace(scratch);
    writeFileSync(join(DIST, "THIRD_PARTY_LICENSES.txt"), thirdPartyLicences(result.metafile));
    return { built: present, missing, metafile: result.metafile };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function moveIntoPlace(scratch) {
  const files = listFiles(scratch).map((path) => relative(scratch, path));
  // Chunks first: an entry is renamed when all that it names is there.
  files.sort((a, b) => Number(!a.startsWith("chunks/")) - Number(!b.startsWith("chunks/")));
  for (const file of files) {
    const from = join(scratch, file);
    const to = join(DIST, file);
    mkdirSync(dirname(to), { recursive: true });
    if (file.endsWith(".map")) shortenSourcePaths(from);
    renameSync(from, to);
  }
  const current = new Set(files);
  for (const path of listFiles(join(DIST, "chunks"))) {
    const old = Date.now() - statSync(path).mtimeMs > STALE_CHUNK_MS;
    if (old && !current.has(relative(DIST, path))) rmSync(path);
  }
}

function shortenSourcePaths(mapPath) {
  const map = JSON.parse(readFileSync(mapPath, "utf8"));
  map.sources = map.sources.map((source) => source.replace("../", ""));
  writeFileSync(mapPath, JSON.stringify(map));
}

function listFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The licence text of each package that esbuild put into a bundle. A package without one stops the build: it must not be shipped so. */
function thirdPartyLicences(metafile) {
  const folders = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) folders.add(found[1]);
  }
  const sections = [...folders].sort().map((folder) => {
    const manifest = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
    const texts = readdirSync(join(ROOT, folder)).filter((name) => /^(licen[cs]e|notice|copying)/i.test(name));
    if (texts.length === 0 && manifest.license === undefined) throw new Error(`${folder} has no licence`);
    const body = texts.map((name) => readFileSync(join(ROOT, folder, name), "utf8").trim()).join("\n\n");
    return `${manifest.name} ${manifest.version} (${manifest.license ?? "see below"})\n\n${body}\n`;
  });
  return `Volley's built files contain code of the packages below.\n\n${sections.join(`\n${"-".repeat(80)}\n\n`)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { built, missing } = await bundle();
  for (const entry of missing) console.log(`bundle: ${entry.source} is not there; ${entry.output}.js is left out`);
  console.log(`bundle: ${built.map((entry) => `${entry.output}.js`).join(", ") || "nothing"}`);
}
