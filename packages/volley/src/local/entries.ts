import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { VolleyError } from "@volley/engine/wire/errors.js";

/** This module stands in `dist/index.js` or a chunk beside it when it is bundled, in `src/local/` when tests import the sources. */
const CANDIDATES = ["./entries/executor.js", "../entries/executor.js", "../../dist/entries/executor.js"];

let found: string | undefined;

/** Path of the built program of an executor. */
export function executorEntry(): string {
  found ??= CANDIDATES.map((candidate) => fileURLToPath(new URL(candidate, import.meta.url))).find((path) =>
    existsSync(path),
  );
  if (found === undefined)
    throw new VolleyError("NO_EXECUTORS", "the built file entries/executor.js is missing: run `npm run build`");
  return found;
}
