/** Bundles an executor with scripted slots into a temporary folder, as scripts/bundle.mjs bundles the real ones. */

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const SOURCE = fileURLToPath(new URL("../", import.meta.url));
const BANNER =
  'import { createRequire as volleyCreateRequire } from "node:module";\nconst require = volleyCreateRequire(import.meta.url);';

/** Answers the path of the executor's entry; its folder is the caller's to remove. */
export async function buildEntries(slot = "testing/scripted-slot.ts"): Promise<{ folder: string; entry: string }> {
  const folder = mkdtempSync(join(tmpdir(), "volley-executor-test-"));
  await build({
    entryPoints: [
      { in: join(SOURCE, "main.ts"), out: "executor" },
      { in: join(SOURCE, slot), out: "slot" },
    ],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["volley-source"],
    mainFields: ["module", "main"],
    sourcemap: true,
    logLevel: "silent",
    banner: { js: BANNER },
    // Bundled files are plain .js in a folder without a package.json.
    outExtension: { ".js": ".js" },
  });
  return { folder, entry: join(folder, "executor.js") };
}
