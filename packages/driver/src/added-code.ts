/**
 * Files and packages that the user's functions need on executors (Spark's addFile, addPyFile). Executors of local masters run on the
 * driver's machine and read its disk: what must be true there is that the thing exists, and that is checked at the call, not by a task.
 */

import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { VolleyError } from "@volley/engine/wire/errors.js";

export class AddedCode {
  readonly #files = new Set<string>();
  readonly #packages = new Set<string>();

  /** The absolute path under which functions on executors find the file. Throws FILE_NOT_FOUND or FILE_UNREADABLE. */
  addFile(path: string): string {
    if (typeof path !== "string" || path === "")
      throw new VolleyError("INVALID_ARGUMENT", "addFile takes a file's path");
    const absolute = path.startsWith("file:") ? fileURLToPath(path) : resolve(path);
    try {
      accessSync(absolute, constants.R_OK);
    } catch (cause) {
      const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
      const why = missing ? "there is no such file" : "the file cannot be read";
      throw new VolleyError(missing ? "FILE_NOT_FOUND" : "FILE_UNREADABLE", `addFile: ${absolute}: ${why}`, { cause });
    }
    this.#files.add(absolute);
    return absolute;
  }

  /** Throws INVALID_ARGUMENT when the package cannot be found from the working folder. */
  addPackage(specifier: string): void {
    if (typeof specifier !== "string" || specifier === "") {
      throw new VolleyError("INVALID_ARGUMENT", "addPackage takes a package's name");
    }
    const require = createRequire(join(process.cwd(), "volley-resolves-from-here.js"));
    const folders = require.resolve.paths(specifier) ?? [];
    const found = folders.some((folder) => exists(join(folder, specifier, "package.json")));
    if (!found) {
      throw new VolleyError(
        "INVALID_ARGUMENT",
        `addPackage: there is no package ${JSON.stringify(specifier)} in node_modules from ${process.cwd()} upwards; install it first`,
      );
    }
    this.#packages.add(specifier);
  }

  get files(): readonly string[] {
    return [...this.#files];
  }

  get packages(): readonly string[] {
    return [...this.#packages];
  }
}

function exists(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    // Not there is the answer, not a failure.
    return false;
  }
}
