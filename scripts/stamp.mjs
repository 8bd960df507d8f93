/**
 * Is what was built older than what it was built from? A stamp is a hash over (path, size, modification time) of the inputs: reading some hundred
 * directory entries takes a few milliseconds, reading their contents would not.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const STAMPS = join(ROOT, "node_modules/.cache/volley");
const PACKAGES = ["engine", "driver", "executor", "volley"];

/** What each built thing is made of, and a file that must be there when it is fresh. */
const KINDS = {
  bundle: {
    inputs: [
      ...PACKAGES.map((name) => `packages/${name}/src`),
      "scripts/bundle.mjs",
      "scripts/bundle-trims.mjs",
      "scripts/loader",
      "package-lock.json",
    ],
    proof: "packages/volley/dist/THIRD_PARTY_LICENSES.txt",
  },
};

export function isStale(kind) {
  const stamp = join(STAMPS, kind);
  if (!existsSync(join(ROOT, KINDS[kind].proof)) || !existsSync(stamp)) return true;
  return readFileSync(stamp, "utf8") !== fingerprint(kind);
}

export function markBuilt(kind, value = fingerprint(kind)) {
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(join(STAMPS, kind), value);
}

export function fingerprint(kind) {
  const hash = createHash("sha256");
  for (const input of KINDS[kind].inputs) addPath(hash, join(ROOT, input));
  return hash.digest("hex");
}

function addPath(hash, path) {
  if (!existsSync(path)) return;
  const entry = statSync(path);
  if (entry.isDirectory()) {
    for (const name of readdirSync(path).sort()) addPath(hash, join(path, name));
    return;
  }
  if (path.endsWith(".test.ts")) return;
  hash.update(`${path}\0${entry.size}\0${entry.mtimeMs}\n`);
}
