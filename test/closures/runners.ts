/** Ways in which people run JavaScript: each turns the fixtures into something to run with Node. */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, transformSync } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const fixtures = join(here, "fixtures");
export const out = join(here, ".out");
const require = createRequire(import.meta.url);

export interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface Runner {
  readonly name: string;
  /** It runs cases of its own: plain-cases.cjs. */
  readonly isPlain?: boolean;
  /** This Node cannot run so. */
  readonly isSkipped?: boolean;
  /** Makes what is to be run; gives Node's arguments. */
  prepare(): Promise<readonly string[]> | readonly string[];
}

const bundleOptions = {
  bundle: true,
  platform: "node",
  target: "node20",
  conditions: ["volley-source"],
  logLevel: "error",
} satisfies BuildOptions;

/** The capture and the child as plain files, built once. */
export async function buildTools(): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const entry = join(here, "../../packages/driver/src/closure/capture.ts");
  await build({
    ...bundleOptions,
    entryPoints: [entry],
    format: "esm",
    outfile: join(out, "capture.mjs"),
  });
  await build({
    ...bundleOptions,
    entryPoints: [join(fixtures, "child.ts")],
    format: "esm",
    outfile: join(out, "child.mjs"),
  });
}

/** Runs the fixtures in one way and revives them in another process. */
export async function runCases(runner: Runner): Promise<Outcome[]> {
  const args = await runner.prepare();
  const file = join(out, `${runner.name.replace(/\W+/g, "-")}.bin`);
  const ran = spawnSync(process.execPath, [...args, file, join(out, "capture.mjs")], {
    encoding: "utf8",
    cwd: here,
    env: cleanEnv(),
  });
  if (ran.status !== 0) throw new Error(`${runner.name} ended with ${ran.status}: ${ran.stderr}\n${ran.stdout}`);
  const complaints = ran.stderr
    .split("\n")
    .filter((line) => line !== "" && !/^(Debugger listening|For help)/.test(line));
  if (complaints.length > 0) throw new Error(`${runner.name} wrote to stderr: ${complaints.join()}`);
  return revive(file);
}

export function revive(file: string): Outcome[] {
  const text = execFileSync(process.execPath, [join(out, "child.mjs"), file], {
    encoding: "utf8",
    cwd: here,
    env: cleanEnv(),
  });
  return text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Outcome);
}

function cleanEnv(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, VITEST: _vitest, ...env } = process.env;
  return env;
}

const sources = readdirSync(fixtures).filter((name) => name.endsWith(".ts") && name !== "child.ts");

function folder(name: string, type: "module" | "commonjs"): string {
  const path = join(out, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "package.json"), JSON.stringify({ type }));
  return path;
}

/** Each file by itself, as a compiler without a bundler does. */
function transpiled(
  name: string,
  type: "module" | "commonjs",
  options: Parameters<typeof transformSync>[1],
): readonly string[] {
  const path = folder(name, type);
  for (const source of sources) {
    const { code } = transformSync(readFileSync(join(fixtures, source), "utf8"), {
      loader: "ts",
      sourcefile: source,
      ...options,
    });
    writeFileSync(join(path, source.replace(/\.ts$/, ".js")), code);
  }
  return [join(path, "main.js")];
}

/** TypeScript's own compiler. */
function compiled(name: string, type: "module" | "commonjs", args: readonly string[]): readonly string[] {
  const path = folder(name, type);
  const tsc = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
  copied(name, type);
  const given = sources.map((source) => join(path, source));
  const flags = [
    "--ignoreConfig",
    "--outDir",
    path,
    "--rootDir",
    path,
    "--skipLibCheck",
    "--noCheck",
    "--esModuleInterop",
    ...args,
  ];
  const ran = spawnSync(process.execPath, [tsc, ...flags, ...given], { encoding: "utf8", cwd: here });
  if (ran.status !== 0) throw new Error(ran.stdout + ran.stderr);
  return [join(path, "main.js")];
}

async function bundled(name: string, file: string, options: object): Promise<readonly string[]> {
  const outfile = join(folder(name, "module"), file);
  await build({ ...bundleOptions, entryPoints: [join(fixtures, "main.ts")], outfile, ...options });
  return [outfile];
}

const tsxCli = join(dirname(require.resolve("tsx/package.json")), "dist/cli.mjs");

/** The fixtures themselves, in a folder whose package says what they are. */
function copied(name: string, type: "module" | "commonjs"): string {
  const path = folder(name, type);
  for (const source of sources) writeFileSync(join(path, source), readFileSync(join(fixtures, source)));
  return join(path, "main.ts");
}

/** Node strips types from 22.18 on; enums and the like need its transform, which newer ones no longer have. */
const TRANSFORM = "--experimental-transform-types";
const transformsTypes =
  Boolean((process.features as { typescript?: unknown }).typescript) &&
  process.allowedNodeEnvironmentFlags.has(TRANSFORM);

/** Imports name the files as they are. Decorators are no JavaScript yet. */
function erasable(name: string): string {
  const main = copied(name, "module");
  for (const source of sources) {
    const path = join(dirname(main), source);
    const text = readFileSync(path, "utf8").replace(/from "(\.\/[\w-]+)\.js"/g, 'from "$1.ts"');
    writeFileSync(path, source === "decorated.ts" ? "export const decoratedCases = {};" : text);
  }
  return main;
}

export const RUNNERS: readonly Runner[] = [
  { name: "plain CommonJS", isPlain: true, prepare: () => [join(fixtures, "plain-main.cjs")] },
  { name: "worker thread", isPlain: true, prepare: () => [join(fixtures, "worker-main.cjs")] },
  {
    name: "type stripping",
    isSkipped: !transformsTypes,
    prepare: () => ["--disable-warning=ExperimentalWarning", TRANSFORM, erasable("stripped")],
  },
  { name: "plain ES modules", prepare: () => transpiled("esm", "module", { target: "node20", format: "esm" }) },
  {
    name: "plain ES modules under --inspect",
    prepare: () => ["--inspect=0", ...transpiled("esm-inspect", "module", { target: "node20", format: "esm" })],
  },
  {
    name: "plain ES modules with frozen intrinsics",
    prepare: () => [
      "--disable-warning=ExperimentalWarning",
      "--frozen-intrinsics",
      ...transpiled("esm-frozen", "module", { target: "node20", format: "esm" }),
    ],
  },
  { name: "esbuild to CommonJS", prepare: () => transpiled("cjs", "commonjs", { target: "es2022", format: "cjs" }) },
  { name: "esbuild to ES2020", prepare: () => transpiled("es2020", "module", { target: "es2020", format: "esm" }) },
  {
    name: "tsc to ES modules",
    prepare: () => compiled("tsc-esm", "module", ["--module", "nodenext", "--target", "es2022"]),
  },
  {
    name: "tsc to CommonJS",
    prepare: () => compiled("tsc-cjs", "commonjs", ["--module", "nodenext", "--target", "es2022"]),
  },
  {
    name: "tsc to CommonJS of ES2020",
    prepare: () => compiled("tsc-2020", "commonjs", ["--module", "nodenext", "--target", "es2020", "--importHelpers"]),
  },
  { name: "tsx, ES modules", prepare: () => [tsxCli, copied("tsx-esm", "module")] },
  { name: "tsx, CommonJS", prepare: () => [tsxCli, copied("tsx-cjs", "commonjs")] },
  { name: "bundle", prepare: () => bundled("bundle", "main.mjs", { format: "esm", packages: "external" }) },
  { name: "bundle as CommonJS", prepare: () => bundled("bundle-cjs", "main.cjs", { format: "cjs" }) },
  {
    name: "minified bundle",
    prepare: () => bundled("minified", "main.cjs", { format: "cjs", minify: true, keepNames: true }),
  },
  {
    name: "minified bundle without names",
    prepare: () => bundled("nameless", "main.mjs", { format: "esm", packages: "external", minify: true }),
  },
];
