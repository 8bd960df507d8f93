/**
 * Bundles what runs, third-party code included: importing undici, fastify, zod, apache-arrow and acorn file by file costs three times as long as one bundle does,
 * and driver and executor both pay it. Types come from `tsc -b`.
 *
 * Each program is one file, `packages/volley/dist/code/<name>.cjs`, a function that `scripts/loader/load-code.ts` runs through V8's code cache; the entry beside it
 * (`dist/index.js`, `dist/entries/<name>.js`) is a small ES module around that. See docs/decisions/0001-start-up.md for what was measured.
 *
 * Output is written beside its place and renamed into it, code before entries: a process that starts meanwhile sees an old build or a new one, never half.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { trims } from "./bundle-trims.mjs";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
export const DIST = join(ROOT, "packages/volley/dist");

/** Where each program begins, and the entry that starts it, below `packages/volley/dist`. */
export const PROGRAMS = [
  { name: "volley", source: "packages/volley/src/index.ts", entry: "index.js" },
  { name: "cli", source: "packages/volley/src/cli/main.ts", entry: "entries/cli.js" },
  {
    name: "executor",
    source: "packages/executor/src/main.ts",
    entry: "entries/executor.js",
    // Of the HTTP parser (WebAssembly) V8 optimizes one huge function after a few requests, 60 ms of a thread: that pays for executors that live for a while.
    // In the driver, the user's process, V8's flags are not ours to set.
    flags: "--wasm-tiering-budget=100000000",
  },
  { name: "slot", source: "packages/executor/src/task/slot-worker.ts", entry: "entries/slot.js" },
  { name: "stage", source: "packages/executor/src/stage-process/main.ts", entry: "entries/stage.js" },
];

/** The function that load-code.ts calls. */
const TIMERS = "setTimeout,clearTimeout,setInterval,clearInterval,setImmediate,clearImmediate,queueMicrotask";
const HEAD = `(function (exports, require, module, __filename, __dirname, __entryMeta, __timersOf) { const {${TIMERS}} = __timersOf;`;
const TAIL = "})";

/** Options shared by every bundle; `bench/startup.mjs` measures with the same. */
export function bundleOptions() {
  return {
    absWorkingDir: ROOT,
    bundle: true,
    platform: "node",
    target: "node20",
    conditions: ["volley-source"],
    mainFields: ["module", "main"],
    charset: "ascii",
    legalComments: "none",
    // A debugger that is switched on hashes every script (closures are read through it): 2 MB instead of 3. Names stay, for stack traces; lines stay short, since
    // Node prints the line of an uncaught error.
    minifyWhitespace: true,
    lineLimit: 160,
    logLevel: "silent",
    define: { "process.env.NODE_ENV": '"production"' },
  };
}

/** Bundles every program whose source exists. Answers `{ built, missing }`; throws esbuild's error when a source does not parse. */
export async function bundle() {
  const built = PROGRAMS.filter((program) => existsSync(join(ROOT, program.source)));
  const missing = PROGRAMS.filter((program) => !built.includes(program));
  const scratch = join(DIST, `.building-${process.pid}`);
  try {
    const inputs = new Set();
    for (const program of built) for (const input of await bundleOne(program, scratch)) inputs.add(input);
    mkdirSync(scratch, { recursive: true });
    writeFileSync(join(scratch, "THIRD_PARTY_LICENSES.txt"), thirdPartyLicences(inputs));
    moveIntoPlace(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return { built, missing };
}

/** Writes a program's code, map and entry below `scratch`; answers the paths of the files in it. */
async function bundleOne(program, scratch) {
  const code = join(scratch, `code/${program.name}.cjs`);
  const { plugin, assertUsed } = trims();
  const { metafile } = await build({
    ...bundleOptions(),
    format: "cjs",
    entryPoints: [join(ROOT, program.source)],
    outfile: code,
    sourcemap: true,
    sourcesContent: true,
    metafile: true,
    plugins: [plugin],
    define: {
      ...bundleOptions().define,
      "import.meta.url": "__entryMeta.url",
      "import.meta.resolve": "__entryMeta.resolve",
    },
    // Code from V8's cache cannot `import()`: lazy parts lie in the same file, built-in modules come through `require`.
    supported: { "dynamic-import": false },
    banner: { js: HEAD },
    footer: { js: TAIL },
  });
  shortenSourcePaths(`${code}.map`);
  giveClassesTheirNames(code);
  await writeEntry(program, scratch, readFileSync(code, "latin1"));
  const inputs = Object.keys(metafile.inputs);
  assertUsed(inputs);
  return inputs;
}

/** A class that means itself inside is `var LongAccumulator=class _LongAccumulator` to esbuild, and messages and `console.log` would show that. */
function giveClassesTheirNames(code) {
  const text = readFileSync(code, "latin1");
  const names = [...text.matchAll(/\bvar ([A-Z]\w*)=class _\1\b/g)].map(([, name]) => name);
  const end = text.lastIndexOf(TAIL);
  // Classes inside a module that is run later are not to be seen here.
  const lines = names.map(
    (name) => `typeof ${name}==="function"&&Object.defineProperty(${name},"name",{value:"${name}"});\n`,
  );
  writeFileSync(code, text.slice(0, end) + lines.join("") + text.slice(end), "latin1");
}

/** The entry: `loadCode` bundled with the code's place and hash, and the program's exports by name. */
async function writeEntry(program, scratch, text) {
  const hash = createHash("sha256").update(text, "latin1").digest("hex").slice(0, 16);
  const path = `${program.entry.includes("/") ? "../" : "./"}code/${program.name}.cjs`;
  const names = exportedNames(text);
  if (program.entry === "index.js" && names.length === 0) throw new Error("bundle: the front door exports nothing");
  const loads = (meta) => [
    `import { loadCode } from "./scripts/loader/load-code.ts";`,
    ...(program.flags === undefined
      ? []
      : [`import { setFlagsFromString } from "node:v8";`, `setFlagsFromString(${JSON.stringify(program.flags)});`]),
    `const code = loadCode(${meta}, ${JSON.stringify(path)}, ${JSON.stringify(hash)}) as Record<string, unknown>;`,
  ];
  const exports = names.map((name) => `export const ${name} = code.${name};`);
  if (program.entry !== "index.js")
    return writeModule(join(scratch, program.entry), [...loads("import.meta"), ...exports], "esm");
  // The front door is CommonJS, for test runners and compilers that know no other `require`; its ES module is only that with names.
  const url = `{ url: pathToFileURL(__filename).href } as ImportMeta`;
  const front = [`import { pathToFileURL } from "node:url";`, ...loads(url), ...exports];
  await writeModule(join(scratch, "index.cjs"), front, "cjs");
  // By `require` and not by `import`, so that a bundler of the user's does not take it for something that it can take along.
  const required = [
    `import { requireFront } from "./scripts/loader/require-front.ts";`,
    `const code = requireFront(import.meta.url);`,
  ];
  await writeModule(join(scratch, "index.js"), [...required, ...exports, "export default code;"], "esm");
}

/** Bundles lines of an entry, but for what lies beside it. */
function writeModule(outfile, lines, format) {
  return build({
    absWorkingDir: ROOT,
    stdin: { contents: lines.join("\n"), loader: "ts", resolveDir: ROOT, sourcefile: basename(outfile) },
    bundle: true,
    external: ["./index.cjs"],
    platform: "node",
    target: "node20",
    format,
    logLevel: "silent",
    outfile,
  });
}

/** esbuild names a CommonJS file's exports in an assignment that never runs, for tools as this one; a program that exports nothing has none. */
function exportedNames(text) {
  const note = /\b0\s*&&\s*\(module\.exports\s*=\s*\{([^}]*)\}\)/.exec(text);
  return note === null ? [] : note[1].split(/[\s,]+/).filter((name) => name !== "");
}

function moveIntoPlace(scratch) {
  const files = listFiles(scratch).map((path) => relative(scratch, path));
  // Code first: an entry appears when the code with its hash is there.
  files.sort((a, b) => Number(!a.startsWith("code/")) - Number(!b.startsWith("code/")));
  for (const file of files) {
    const to = join(DIST, file);
    mkdirSync(dirname(to), { recursive: true });
    renameSync(join(scratch, file), to);
  }
}

/** The map was written in the scratch folder, one level deeper than its place. */
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
function thirdPartyLicences(inputs) {
  const folders = new Set();
  for (const input of inputs) {
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
  try {
    const { built, missing } = await bundle();
    for (const program of missing) console.log(`bundle: ${program.source} is not there; ${program.entry} is left out`);
    console.log(`bundle: ${built.map((program) => program.entry).join(", ") || "nothing"}`);
  } catch (error) {
    console.error(`bundle: ${error.message}`);
    process.exitCode = 1;
  }
}
