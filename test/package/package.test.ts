import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../scripts/tidy.ts";

/** What an install may weigh, packed and unpacked. */
const INSTALLED_BYTES_MAX = 45 * 1024 * 1024;

const run = promisify(execFile);
const CONSUMERS = join(ROOT, "test/package/consumers");
const TYPES = join(ROOT, "node_modules/@types");
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");

interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** npm on its own: nothing of the npm that started this test is inherited. */
function npm(args: readonly string[], cwd: string): Promise<{ stdout: string; stderr: string }> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  return run("npm", [...args], { cwd, env });
}

/** npm answers a list or, in its newest versions, a record by package name. */
async function pack(packageName: string, destination: string, dryRun = false): Promise<Packed> {
  const flags = dryRun ? ["--dry-run"] : [];
  const { stdout } = await npm(
    ["pack", "--json", "--pack-destination", destination, ...flags],
    join(ROOT, "packages", packageName),
  );
  const [packed] = Object.values(JSON.parse(stdout) as Record<string, Packed>);
  if (packed === undefined) throw new Error("npm pack answered nothing");
  return packed;
}

const folder = mkdtempSync(join(tmpdir(), "volley-package-"));
let installed: string;
let packed: Packed;
let installWords: string;

beforeAll(async () => {
  await run(process.execPath, ["scripts/build.mjs"], { cwd: ROOT }).catch(
    (error: { stdout: string; stderr: string }) => {
      throw new Error(`the build failed:\n${error.stdout}${error.stderr}`);
    },
  );
  packed = await pack("volley", folder);
  const project = join(folder, "project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  const { stderr } = await npm(
    ["install", "--offline", "--no-audit", "--no-fund", join(folder, packed.filename)],
    project,
  );
  installWords = stderr;
  for (const name of readdirSync(CONSUMERS)) copyFileSync(join(CONSUMERS, name), join(project, name));
  installed = join(project, "node_modules/volley");
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const project = (): string => join(folder, "project");

describe("volley, packed and installed into an empty folder", () => {
  it("installs without a word, small, alone, and without scripts", () => {
    expect(installWords).toBe("");
    expect(packed.unpackedSize).toBeLessThan(INSTALLED_BYTES_MAX);
    expect(readdirSync(join(project(), "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["volley"]);
    const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
    expect(manifest.scripts).toBeUndefined();
    expect(manifest.dependencies).toBeUndefined();
  });

  it("holds what runs, its types, its licences, and no test or path of the machine it was built on", () => {
    const paths = packed.files.map((file) => file.path);
    expect(paths).toEqual(
      expect.arrayContaining([
        "LICENSE",
        "NOTICE",
        "README.md",
        "dist/THIRD_PARTY_LICENSES.txt",
        "dist/index.cjs",
        "dist/index.js",
        "dist/entries/executor.js",
        "dist/entries/slot.js",
        "dist/types/volley/index.d.ts",
      ]),
    );
    expect(paths.filter((path) => /\.test\.|tsbuildinfo|\.building/.test(path))).toEqual([]);
    for (const path of paths) expect(readFileSync(join(installed, path), "utf8").includes(ROOT), path).toBe(false);
  });

  for (const consumer of ["module.mjs", "common.cjs"]) {
    it(`runs a job from ${consumer}`, async () => {
      const { stdout, stderr } = await run(process.execPath, [consumer], { cwd: project() });
      expect(JSON.parse(stdout)).toEqual({
        rows: [
          ["even", 18],
          ["odd", 12],
        ],
        failed: "USER_FUNCTION_FAILED",
      });
      expect(stderr).toBe("");
    });
  }

  it.each(["esm", "cjs"] as const)("says that it is to be external, in a bundle to %s", async (format) => {
    const entry = join(project(), "bundled.mjs");
    writeFileSync(entry, `import { VolleyContext } from "volley"; console.log(typeof VolleyContext);`);
    const outfile = join(folder, `bundled.${format === "esm" ? "mjs" : "cjs"}`);
    await build({ entryPoints: [entry], outfile, bundle: true, platform: "node", format, logLevel: "silent" });
    await expect(run(process.execPath, [outfile])).rejects.toThrow(/mark "volley" as external/);
  });

  it("is one copy, imported or required, also in a context of its own as test runners give", async () => {
    const script = `import volley, { RDD, VolleyError } from "volley";
      import { createRequire } from "node:module";
      import { readFileSync } from "node:fs";
      import vm from "node:vm";
      const require = createRequire(process.cwd() + "/x.js");
      const language = vm.runInNewContext("Object.getOwnPropertyNames(globalThis)");
      const names = [...Object.getOwnPropertyNames(globalThis).filter((name) => !language.includes(name)), "Uint8Array", "ArrayBuffer"];
      const context = vm.createContext(Object.fromEntries(names.map((name) => [name, globalThis[name]])));
      const file = require.resolve("volley");
      const module = { exports: {} };
      vm.runInContext("(function(module, exports, require, __filename){" + readFileSync(file, "utf8") + "})", context)(module, module.exports, require, file);
      const vc = await module.exports.VolleyContext.create({ master: "local[1]" });
      vm.runInContext("globalThis.setTimeout = () => { throw new Error('faked') }", context);
      const rows = vm.runInContext("(vc) => vc.parallelize([new Date(5)]).map((row) => ({ at: row }))", context)(vc);
      const [row] = await rows.collect();
      const failed = await rows.map((row) => row.no.where).collect().catch((error) => error);
      await vc.stop();
      console.log(JSON.stringify({
        one: volley.RDD === RDD && require("volley").VolleyError === VolleyError,
        own: [row.at instanceof vm.runInContext("Date", context), failed instanceof vm.runInContext("Error", context)],
      }));`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], { cwd: project() });
    expect(JSON.parse(stdout)).toEqual({ one: true, own: [true, true] });
  });

  it.each([
    // With Node's types and no browser's, then with the compiler's default libraries and nothing else.
    { module: "nodenext", moduleResolution: "nodenext", lib: ["es2022"], types: ["node"], typeRoots: [TYPES] },
    { module: "esnext", moduleResolution: "bundler", types: [] },
    // A CommonJS project of a compiler that lets no `require` have an ES module.
    { module: "node16", moduleResolution: "node16", types: [], file: "typed.cts" },
  ])("has types that check without skipLibCheck: $moduleResolution", async ({ file = "typed.ts", ...resolution }) => {
    const options = { ...resolution, target: "es2022", strict: true, noEmit: true, skipLibCheck: false };
    const config = `tsconfig.${resolution.moduleResolution}.json`;
    copyFileSync(join(project(), "typed.ts"), join(project(), "typed.cts"));
    writeFileSync(join(project(), config), JSON.stringify({ compilerOptions: options, files: [file] }));
    const checked = await run(process.execPath, [TSC, "-p", config], { cwd: project() }).catch((error) => error);
    expect(checked.stdout).toBe("");
  });
});

describe("the packages that it is made of", () => {
  it.each(["engine", "driver", "executor"])(
    "%s can be packed: built files, types and sources, no tests",
    async (name) => {
      const { files } = await pack(name, folder, true);
      const paths = files.map((file) => file.path);
      expect(paths.some((path) => /^dist\/.*\.js$/.test(path))).toBe(true);
      expect(paths.some((path) => /^dist\/.*\.d\.ts$/.test(path))).toBe(true);
      expect(paths.some((path) => /^src\/.*\.ts$/.test(path))).toBe(true);
      expect(paths.filter((path) => /\.test\./.test(path))).toEqual([]);
    },
  );
});
