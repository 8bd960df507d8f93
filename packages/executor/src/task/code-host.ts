/** What revived user code needs of a Node thread: modules as seen from the user's file, and text compiled under the user's file name. */

import { createRequire } from "node:module";
import { isAbsolute, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { constants, Script } from "node:vm";
import type { CodeHost } from "@volley/engine/task/stage-runner.js";
import { VolleyError } from "@volley/engine/wire/errors.js";

type Import = (specifier: string, options?: object) => Promise<unknown>;

/** Lets `import()` in compiled text resolve from the file it is named after. */
const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;

export function createCodeHost(): CodeHost {
  const fileToRequire = new Map<string, (specifier: string) => unknown>();
  const fileToImport = new Map<string, Import>();
  return {
    requireFrom: (file) => remembered(fileToRequire, file, () => requireFrom(pathOf(file))),
    importFrom: (file) => remembered(fileToImport, file, () => importFrom(pathOf(file))),
    resolveFrom: (file) => (specifier) => resolveAsUrl(specifier, pathOf(file)),
    compile,
  };
}

function remembered<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** Files are named by path or `file:` URL; what has neither (a REPL, a data: URL) resolves from the working directory. */
function pathOf(file: string): string {
  if (file.startsWith("file:")) return fileURLToPath(file);
  return isAbsolute(file) ? file : join(process.cwd(), "volley-eval.js");
}

function requireFrom(path: string): (specifier: string) => unknown {
  const require = createRequire(path);
  const required = (specifier: string): unknown => {
    try {
      return require(specifier);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException | undefined)?.code;
      // A package that exports itself to `import` alone: its file can be had by the rules of import.
      if (code === "ERR_PACKAGE_PATH_NOT_EXPORTED") return require(resolveAsImport(specifier, path));
      if (code === "ERR_REQUIRE_ASYNC_MODULE") {
        throw new VolleyError(
          "CLOSURE_CAPTURE",
          `${specifier} has top-level await; import it inside of an async function`,
          { cause: error },
        );
      }
      throw error;
    }
  };
  return Object.assign(required, { resolve: require.resolve, cache: require.cache, main: require.main });
}

function resolveAsImport(specifier: string, path: string): string {
  return fileURLToPath(resolveAsUrl(specifier, path));
}

/** `import.meta.resolve` from another file: slots run with Node's flag for the second argument. */
function resolveAsUrl(specifier: string, path: string): string {
  const resolve = import.meta.resolve as (specifier: string, parent: string) => string;
  return resolve(specifier, pathToFileURL(path).href);
}

function importFrom(path: string): Import {
  return new Script("(specifier, options) => import(specifier, options)", {
    filename: path,
    importModuleDynamically,
  } as ConstructorParameters<typeof Script>[1]).runInThisContext() as Import;
}

function compile(text: string, file: string, line: number, column: number): unknown {
  // The parenthesis makes any text an expression; it moves the first line by one column.
  const script = new Script(`(${text}\n)`, {
    filename: file,
    lineOffset: line,
    columnOffset: column - 1,
    importModuleDynamically,
  } as ConstructorParameters<typeof Script>[1]);
  return script.runInThisContext();
}
