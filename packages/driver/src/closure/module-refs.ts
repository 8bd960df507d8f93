/**
 * Values that come from Node's own modules and from packages: they travel as specifier + export and are required where they are needed.
 * The import table of the script that uses a name is asked first (`capture`), the identity of what modules export second (here).
 */

import { existsSync, readFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { scriptPath } from "./scripts.js";

export interface ModuleRef {
  readonly specifier: string;
  /** Of the file from which the specifier is resolved. */
  readonly file: string;
  readonly path: readonly string[];
}

const ownRequire = createRequire(import.meta.url);

/** Builtins whose loading warns, or that only repeat others. */
/** `process` and `module` lead to the user's own modules. */
const SKIPPED = /^(_|process$|punycode$|sys$|wasi$|internal\/|domain$|trace_events$|test$)/;

const DEPTH_MAX = 3;
const builtinRefs = new Map<object, ModuleRef>();
const scanned = new Set<string>();

/** An object or function of one of Node's modules. Only modules that the process has loaded are looked at. */
export function builtinRef(value: object): ModuleRef | undefined {
  const known = builtinRefs.get(value);
  if (known !== undefined) return known;
  for (const id of loadedBuiltins()) {
    if (scanned.has(id)) continue;
    scanned.add(id);
    addExports(builtinRefs, ownRequire(`node:${id}`), { specifier: `node:${id}`, file: "", path: [] });
  }
  return builtinRefs.get(value) ?? namespaceRef(value);
}

/** The function of a builtin module of which `util.promisify` gives this one, which no module exports. */
export function builtinPromisedBy(promised: Function): Function | undefined {
  builtinRef(promised);
  for (const value of builtinRefs.keys()) {
    if (typeof value !== "function") continue;
    if (Object.getOwnPropertyDescriptor(value, promisify.custom)?.value === promised) return value;
  }
  return undefined;
}

function loadedBuiltins(): string[] {
  const { moduleLoadList } = process as unknown as { moduleLoadList?: readonly string[] };
  const loaded = (moduleLoadList ?? [])
    .filter((entry) => entry.startsWith("NativeModule "))
    .map((entry) => entry.slice("NativeModule ".length));
  return loaded.filter((id) => !SKIPPED.test(id) && isBuiltin(`node:${id}`));
}

/** `import * as path from "node:path"` gives an object of its own around the exports. */
function namespaceRef(value: object): ModuleRef | undefined {
  const isNamespace = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === "Module";
  const inner: unknown = isNamespace ? (value as { default?: unknown }).default : undefined;
  if ((typeof inner !== "object" && typeof inner !== "function") || inner === null) return undefined;
  const ref = builtinRefs.get(inner);
  return ref?.path.length === 0 ? ref : undefined;
}

function addExports(refs: Map<object, ModuleRef>, exported: unknown, base: ModuleRef): void {
  const pending: { value: unknown; path: readonly string[] }[] = [{ value: exported, path: base.path }];
  for (let at = 0; at < pending.length; at++) {
    const { value, path } = pending[at] as { value: unknown; path: readonly string[] };
    if ((typeof value !== "object" && typeof value !== "function") || value === null || refs.has(value)) continue;
    refs.set(value, { ...base, path });
    if (path.length >= depthMax(base, path)) continue;
    for (const key of Object.getOwnPropertyNames(value)) {
      if (key.startsWith("_") && base.file === "") continue; // Node's internals, and the cache of the user's modules
      const descriptor = Object.getOwnPropertyDescriptor(value, key);
      // Getters of CommonJS exports are how compilers write live bindings; they only read a variable.
      const isExportGetter = path.length === base.path.length && descriptor?.get !== undefined && base.file !== "";
      const isPromises = base.file === "" && path.length === 0 && key === "promises";
      const member: unknown = isExportGetter || isPromises ? readQuietly(value, key) : descriptor?.value;
      if (member !== undefined) pending.push({ value: member, path: [...path, key] });
    }
  }
}

/** Of a package only exports and their members: what lies deeper may be state that another process does not have. */
function depthMax(base: ModuleRef, path: readonly string[]): number {
  return base.file === "" || path.at(-1) === "prototype" ? DEPTH_MAX : 2;
}

function readQuietly(object: object, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key];
  } catch {
    return undefined; // an export that is not ready yet is none that could have been captured
  }
}

export function isPackageFile(url: string): boolean {
  return /[\\/]node_modules[\\/]/.test(url);
}

const packageRefs = new Map<string, Map<object, ModuleRef>>();

/** A value that a package's CommonJS module exports, found by the file that defines it or, failing that, in the whole package. */
export function packageRef(value: object, url: string): ModuleRef | undefined {
  const file = scriptPath(url);
  if (file === "") return undefined;
  const own = refsOfFile(file)?.get(value);
  if (own !== undefined) return own;
  const root = packageRoot(file);
  for (const other of Object.keys(ownRequire.cache)) {
    if (!other.startsWith(root)) continue;
    const found = refsOfFile(other)?.get(value);
    if (found !== undefined) return found;
  }
  return esmRef(value, file);
}

function refsOfFile(file: string): Map<object, ModuleRef> | undefined {
  let refs = packageRefs.get(file);
  const loaded = ownRequire.cache[file];
  if (refs === undefined && loaded?.loaded === true) {
    refs = new Map();
    addExports(refs, loaded.exports, { specifier: file, file, path: [] });
    packageRefs.set(file, refs);
  }
  return refs;
}

/** An ES module that is loaded already is required without running again; what it exports is what `import` gave. */
function esmRef(value: object, file: string): ModuleRef | undefined {
  if (ownRequire.cache[file] !== undefined || !isEsm(file)) return undefined;
  let refs = packageRefs.get(file);
  if (refs === undefined) {
    refs = esmExports(file);
    packageRefs.set(file, refs);
  }
  return refs.get(value);
}

function esmExports(file: string): Map<object, ModuleRef> {
  const refs = new Map<object, ModuleRef>();
  try {
    const namespace = ownRequire(file) as Record<string, unknown>;
    for (const name of Object.keys(namespace)) {
      const member = namespace[name];
      if (typeof member !== "object" && typeof member !== "function") continue;
      addExports(refs, member, { specifier: file, file, path: [name] });
    }
  } catch (error) {
    // A module with top-level await, or a Node that cannot require it: its values are captured by other means.
    if (!(error instanceof Error) || !("code" in error)) throw error;
  }
  return refs;
}

function isEsm(file: string): boolean {
  if (file.endsWith(".mjs")) return true;
  return file.endsWith(".js") && nearestPackage(file)?.["type"] === "module";
}

/** `<...>/node_modules/<name>/` of a file inside it. */
function packageRoot(file: string): string {
  const at = file.lastIndexOf("node_modules");
  const [scope = "", name = ""] = file.slice(at + "node_modules".length + 1).split(/[\\/]/);
  return join(file.slice(0, at), "node_modules", scope.startsWith("@") ? join(scope, name) : scope) + "/";
}

const packages = new Map<string, Record<string, unknown> | undefined>();

/** The package.json that rules a file. */
export function nearestPackage(file: string): Record<string, unknown> | undefined {
  const start = dirname(file);
  if (!packages.has(start)) packages.set(start, findPackage(start));
  return packages.get(start);
}

function findPackage(start: string): Record<string, unknown> | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const path = join(folder, "package.json");
    if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    if (folder === dirname(folder)) return undefined;
  }
}

const resolved = new Map<string, string | undefined>();

/**
 * What a specifier that a user's file imports is to be required as, or undefined when it names a module of the user's own (which travels
 * by value). A package that only `import` may load is named by its file.
 */
export function requirableSpecifier(specifier: string, fromUrl: string): string | undefined {
  if (isBuiltin(specifier)) return specifier.startsWith("node:") ? specifier : `node:${specifier}`;
  const from = scriptPath(fromUrl);
  if (from === "") return undefined;
  const key = `${specifier}\n${dirname(from)}`;
  if (!resolved.has(key)) resolved.set(key, resolvePackage(specifier, from));
  return resolved.get(key);
}

function resolvePackage(specifier: string, from: string): string | undefined {
  if (specifier.startsWith("file:") || specifier.startsWith("/")) {
    const path = rootedPath(scriptPath(specifier), from);
    return isPackageFile(path) ? path : undefined;
  }
  if (specifier.startsWith(".")) return undefined;
  try {
    return isPackageFile(createRequire(from).resolve(specifier)) ? specifier : undefined;
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    return error.code === "ERR_PACKAGE_PATH_NOT_EXPORTED" ? importOnly(specifier, from) : undefined;
  }
}

/** Vite names files from its root, which is one of the folders above the importing file. */
function rootedPath(path: string, from: string): string {
  if (existsSync(path)) return path;
  for (let folder = dirname(from); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, path))) return join(folder, path);
  }
  return path;
}

/** The file that `import` takes for a package that does not let itself be required. */
function importOnly(specifier: string, from: string): string | undefined {
  const parts = specifier.split("/");
  const name = parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  const subpath = `.${specifier.slice(name.length)}`;
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const root = join(folder, "node_modules", name);
    if (existsSync(join(root, "package.json"))) {
      const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { exports?: unknown };
      const target = conditionTarget(subpathOf(exports, subpath));
      return target === undefined ? undefined : join(root, target);
    }
    if (folder === dirname(folder)) return undefined;
  }
}

function subpathOf(exports: unknown, subpath: string): unknown {
  if (typeof exports !== "object" || exports === null) return subpath === "." ? exports : undefined;
  const table = exports as Record<string, unknown>;
  if (!Object.keys(table).some((key) => key.startsWith("."))) return subpath === "." ? table : undefined;
  return table[subpath];
}

function conditionTarget(target: unknown): string | undefined {
  let current = target;
  while (typeof current === "object" && current !== null) {
    const table = current as Record<string, unknown>;
    current = table["node"] ?? table["import"] ?? table["default"];
  }
  return typeof current === "string" ? current : undefined;
}
