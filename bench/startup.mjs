/**
 * `npm run bench:startup`: what an import costs over an empty Node, module by module, as installed (many files) and bundled (one file), then the front door,
 * then whole processes from start to exit. Runs are interleaved, so that a busy machine slows all of them alike; minimum and median are printed.
 *
 * `npm run bench:startup -- --runs 21` for quieter figures.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { ensureReady } from "../scripts/setup.mjs";

await ensureReady();
const { build } = await import("esbuild");
const { bundleOptions, DIST, ROOT } = await import("../scripts/bundle.mjs");

const RUNS = Number(process.argv[process.argv.indexOf("--runs") + 1]) || 9;
const MODULES = ["acorn", "zod", "undici", "fastify", "apache-arrow"];
/** CommonJS packages in an ES module need a `require`. */
const REQUIRE = `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`;
const FRONT_DOOR = join(DIST, "index.js");

/** A user's smallest whole script, and the one of the figure "create to the first collected answer". */
const SCRIPTS = {
  "import volley": `import "volley";`,
  "create, stop": `import { VolleyContext } from "volley"; const vc = await VolleyContext.create(); await vc.stop();`,
  "create, map, collect, stop": `import { VolleyContext } from "volley"; const vc = await VolleyContext.create();
const rows = await vc.parallelize([1, 2, 3, 4], 4).map((x) => x + 1).collect(); if (rows.join() !== "2,3,4,5") throw new Error(rows.join()); await vc.stop();`,
  "word count": `import { VolleyContext } from "volley"; const vc = await VolleyContext.create();
await vc.parallelize(["a b", "b c"]).flatMap((l) => l.split(" ")).map((w) => [w, 1]).reduceByKey((a, b) => a + b).collect(); await vc.stop();`,
};

// Below the root, so that packages resolve.
mkdirSync(join(ROOT, "node_modules/.cache"), { recursive: true });
const scratch = mkdtempSync(join(ROOT, "node_modules/.cache/startup-"));
try {
  const programs = await writePrograms();
  print(measure(programs));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function writePrograms() {
  const programs = [program("nothing", "")];
  const all = MODULES.map((name) => `import "${name}";`).join("\n");
  for (const [name, text] of [...MODULES.map((module) => [module, `import "${module}";`]), ["all of these", all]]) {
    programs.push(program(`${name}, installed`, text), await bundled(`${name}, bundled`, text));
  }
  if (existsSync(FRONT_DOOR)) for (const [name, text] of Object.entries(SCRIPTS)) programs.push(program(name, text));
  else console.error("startup: there is no front door yet; modules only");
  return programs;
}

function program(name, text) {
  const path = join(scratch, `${name.replace(/\W+/g, "-")}.mjs`);
  writeFileSync(path, text);
  return { name, path };
}

async function bundled(name, text) {
  const path = join(scratch, `${name.replace(/\W+/g, "-")}.mjs`);
  // `sideEffects: false` would drop an import whose value is not used.
  const contents = text.replace(
    /import "([^"]+)"/g,
    (_, module) =>
      `import * as m${module.replace(/\W/g, "")} from "${module}"; globalThis.kept = m${module.replace(/\W/g, "")}`,
  );
  await build({
    ...bundleOptions(),
    format: "esm",
    banner: { js: REQUIRE },
    stdin: { contents, resolveDir: ROOT },
    outfile: path,
  });
  return { name, path };
}

function measure(programs) {
  const times = new Map(programs.map(({ name }) => [name, []]));
  for (let run = 0; run < RUNS; run++) {
    for (const { name, path } of programs) {
      const start = performance.now();
      const done = spawnSync(process.execPath, [path], { stdio: ["ignore", "ignore", "pipe"], cwd: scratch });
      times.get(name).push(performance.now() - start);
      if (done.status !== 0) throw new Error(`${name} failed:\n${done.stderr}`);
    }
  }
  return times;
}

function print(times) {
  const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
  const base = median(times.get("nothing"));
  console.log(
    `Node ${process.version}, ${availableParallelism()} cores, ${RUNS} interleaved runs, whole process in ms\n`,
  );
  console.log(
    `${"program".padEnd(32)}${"min".padStart(6)}${"median".padStart(8)}${"over nothing".padStart(14)}${"ratio".padStart(7)}`,
  );
  for (const [name, list] of times) {
    const middle = median(list);
    const cells = [
      Math.min(...list)
        .toFixed(0)
        .padStart(6),
      middle.toFixed(0).padStart(8),
      (middle - base).toFixed(0).padStart(14),
      (middle / base).toFixed(1).padStart(7),
    ];
    console.log(name.padEnd(32) + cells.join(""));
  }
}
