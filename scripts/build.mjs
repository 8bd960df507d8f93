/** `npm run build`: types, the declarations that are shipped, the bundles. After it `npm pack -w packages/volley` makes the package. */
import { spawnSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { ensureReady } from "./setup.mjs";

await ensureReady({ build: false });
const { bundle, ROOT } = await import("./bundle.mjs");
const { markBuilt, fingerprint } = await import("./stamp.mjs");
const { buildTypes } = await import("./build-types.mjs");

const typescript = join(ROOT, "node_modules/typescript/bin/tsc");
const checked = spawnSync(process.execPath, [typescript, "-b", "packages/volley"], { cwd: ROOT, stdio: "inherit" });
if (checked.status !== 0) process.exit(checked.status ?? 1);
console.log(`build: ${buildTypes()} declaration files`);
const stamp = fingerprint("bundle");
const { built } = await bundle();
markBuilt("bundle", stamp);
console.log(`build: ${built.map((program) => program.entry).join(", ")}`);
for (const name of ["LICENSE", "NOTICE", "README.md"])
  copyFileSync(join(ROOT, name), join(ROOT, "packages/volley", name));
