/**
 * vitest's global set-up: bundles the entries when a source is newer than they are, since tests start executors from the built files, as users do.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { bundle, DIST } from "./bundle.mjs";
import { fingerprint, isStale, markBuilt } from "./stamp.mjs";

export default async function setup() {
  if (!isStale("bundle")) return;
  // Taken before: a source that changes meanwhile makes the bundle stale again.
  const stamp = fingerprint("bundle");
  try {
    const { built } = await bundle();
    if (built.length > 0) markBuilt("bundle", stamp);
  } catch (error) {
    // A source that does not parse fails its own tests; tests that start no process need not wait for it.
    console.error(
      `bundle: failed, ${existsSync(join(DIST, "entries")) ? "the entries are of an earlier build" : "there are no entries"}\n${error.message}`,
    );
  }
}
