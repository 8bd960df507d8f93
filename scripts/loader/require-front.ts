/** The front door for its ES module. Bundled into `dist/index.js` by `scripts/bundle.mjs`; only `node:` builtins. */
import { createRequire } from "node:module";
import { bundledError } from "./bundled-error.ts";

/** `url`: the ES module's `import.meta.url`, which a bundler to CommonJS leaves undefined. */
export function requireFront(url: string | undefined): Record<string, unknown> {
  try {
    return createRequire(url as string)("./index.cjs") as Record<string, unknown>;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "MODULE_NOT_FOUND" || code === "ERR_INVALID_ARG_VALUE") throw bundledError(error);
    throw error;
  }
}
