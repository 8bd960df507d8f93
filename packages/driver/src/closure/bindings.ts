/** From the names that a function's text takes from outside to the values that travel with it. */

import { Module } from "node:module";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { NODE } from "@volley/engine/closure/envelope-format.js";
import { STAND_IN } from "@volley/engine/closure/factory-text.js";
import type { NameUse } from "@volley/engine/closure/name-use.js";
import type { CaptureRun } from "./capture-run.js";
import type { Binding, FunctionCapture, VariableScope } from "./function-capture.js";
import { isGlobalName } from "./globals.js";
import type { GraphNode } from "./graph.js";
import { isReferent } from "./graph.js";
import { captureModule } from "./module-nodes.js";
import { requirableSpecifier } from "./module-refs.js";
import { isModuleValue } from "./module-values.js";
import { scriptPath } from "./scripts.js";

interface Found {
  readonly value: unknown;
  readonly scope: VariableScope | undefined;
  /** It stands at the top of its script, where imports do. */
  readonly isTop: boolean;
}

/** Binds all free names of a function (or class). */
export function bindNames(run: CaptureRun, node: GraphNode, capture: FunctionCapture): void {
  const { free } = capture.analysis;
  if (free === undefined) return;
  const names = [...free.names.keys()].sort();
  for (const name of names) bindName(run, node, capture, name, free.names.get(name) ?? []);
  const { name: ownName } = capture.analysis.parsed?.node.id ?? { name: "" };
  if (capture.dropOwnName) bindName(run, node, capture, ownName, []);
  bindStandIns(run, node, capture);
}

function bindName(
  run: CaptureRun,
  node: GraphNode,
  capture: FunctionCapture,
  name: string,
  uses: readonly NameUse[],
): void {
  const found = ownNameAround(run, capture, name, uses) ?? findVariable(capture, name);
  if (found === undefined) return;
  const isAssigned = uses.some((use) => use.access !== "read");
  const value = travelling(run, node, capture, name, uses, found);
  capture.bindings.push({ name, value, scope: found.scope, isAssigned, isCell: false });
}

/** The global scope, and the function that Node puts around a CommonJS module. */
const TOP_HEIGHT = 2;

/** Undefined for names of every process and for names that nothing binds: they stay as they are in the text. */
export function findVariable(capture: FunctionCapture, name: string): Found | undefined {
  const scopes = capture.image?.scopes ?? [];
  for (const [index, image] of scopes.entries()) {
    if (image.description === "Global" || !Object.hasOwn(image.object, name)) continue;
    const height = scopes.length - index;
    const scriptId = capture.image?.location?.scriptId ?? "";
    return {
      value: readVariable(image.object, name),
      scope: { image, height, scriptId },
      isTop: image.description === "Module" || height <= TOP_HEIGHT + (capture.script?.imports.wrappers ?? 0),
    };
  }
  if (isGlobalName(name)) return undefined;
  // A function of another context has a global object of its own.
  const globals = scopes.find(({ description }) => description === "Global")?.object ?? {};
  const holder = [globalThis, globals].find((candidate) => Object.hasOwn(candidate, name));
  if (holder === undefined) return undefined;
  return { value: (holder as Record<string, unknown>)[name], scope: undefined, isTop: false };
}

/**
 * The name of a function expression around this function (`function retry(n) { return () => retry(n - 1) }`), which V8 lists in no scope
 * although it hides variables of that name further out. Read in a frame, where nothing else explains the name.
 */
function ownNameAround(
  run: CaptureRun,
  { fn, image, analysis, text }: FunctionCapture,
  name: string,
  uses: readonly NameUse[],
): Found | undefined {
  if (image === undefined || uses.length === 0) return undefined;
  const scopes = image.scopes.filter(({ description }) => description !== "Global");
  const holder = scopes.findIndex(({ object }) => Object.hasOwn(object, name));
  const around = scopes.findIndex(({ description }) => description === `Closure (${name})`);
  if (around < 0) {
    const isExplained = holder >= 0 || isGlobalName(name) || Object.hasOwn(globalThis, name);
    if (isExplained || uses.every((use) => use.inTypeof === true)) return undefined;
  } else if (holder >= 0) {
    const value = readVariable(scopes[holder]?.object ?? {}, name);
    if (holder <= around || isAround(value, name, text)) return undefined;
  }
  const expression = `typeof ${name}==="function"?${name}:undefined`;
  const { isGenerator, params } = analysis.facts;
  if (isGenerator && params.includes(undefined)) return undefined; // default values would run before the frame is there
  const [value] = run.inspector.inFrame(fn, expression, isGenerator ? ".next()" : "") ?? [];
  return typeof value === "function" ? { value, scope: undefined, isTop: false } : undefined;
}

/** The function around one of this text. Where names are short, another may bear its name further out. */
function isAround(value: unknown, name: string, text: string): boolean {
  return typeof value === "function" && value.name === name && Function.prototype.toString.call(value).includes(text);
}

/** A variable in its dead zone reads as undefined; newer V8 throws instead. */
function readVariable(scope: Readonly<Record<string, unknown>>, name: string): unknown {
  try {
    return scope[name];
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

function travelling(
  run: CaptureRun,
  node: GraphNode,
  capture: FunctionCapture,
  name: string,
  uses: readonly NameUse[],
  found: Found,
): unknown {
  const { value } = found;
  const step = { kind: "variable", name } as const;
  const { script } = capture;
  const special = fileBound(run, node, capture, name, value);
  if (special !== undefined) return special;
  const isKnown = isReferent(value) && typeof value !== "symbol" && run.options.known(value) !== undefined;
  const imported = found.isTop && !isKnown ? script?.imports.names.get(name) : undefined;
  if (imported !== undefined && script !== undefined) {
    const specifier = requirableSpecifier(imported.specifier, script.url);
    const ref = specifier === undefined ? undefined : { specifier, file: script.url, path: imported.path };
    if (ref !== undefined && !imported.isModule) return run.refer(value, ref, node, step);
    if (isReferent(value) && typeof value === "object") return captureModule(run, node, name, value, uses, ref);
    if (ref !== undefined && isReferent(value)) return run.refer(value, ref, node, step);
  }
  if (
    typeof value === "object" &&
    value !== null &&
    !isKnown &&
    isModuleValue(name, value, found.isTop ? script : undefined)
  ) {
    return captureModule(run, node, name, value, uses, undefined);
  }
  run.graph.reach(value, node, step);
  return value;
}

/** `require`, vitest's `import()` and `import.meta`: they mean the file in which they stand. */
function fileBound(
  run: CaptureRun,
  node: GraphNode,
  capture: FunctionCapture,
  name: string,
  value: unknown,
): object | undefined {
  const file = capture.script?.url ?? capture.place.file;
  const step = { kind: "variable", name } as const;
  if (typeof value === "function" && isRequire(value))
    return run.graph.addMade({ kind: NODE.require, texts: [file] }, node, step);
  if (name === "__vite_ssr_dynamic_import__")
    return run.graph.addMade({ kind: NODE.importer, texts: [file] }, node, step);
  if (name === "__vite_ssr_import_meta__") return importMeta(run, node, file, (value as { env?: unknown }).env);
  return undefined;
}

/** Node's own, or one that a loader or `createRequire` made. */
function isRequire(value: Function): boolean {
  const candidate = value as { resolve?: unknown; cache?: unknown; extensions?: unknown };
  return (
    typeof candidate.resolve === "function" && candidate.cache === (Module as unknown as { _cache: unknown })._cache
  );
}

/** `env`: what a bundler's loader adds to Node's own. */
function importMeta(run: CaptureRun, node: GraphNode, file: string, env?: unknown): object {
  const path = scriptPath(file);
  const url = file.startsWith("file:") || path === "" ? file : pathToFileURL(path).href;
  const texts = [url, path, path === "" ? "" : dirname(path)];
  const copied = typeof env === "object" && env !== null ? { ...env } : undefined;
  if (copied !== undefined) run.graph.reach(copied, node, { kind: "property", key: "import.meta.env" });
  const own = copied === undefined ? {} : { keys: ["env"], values: [copied] };
  return run.graph.addMade({ kind: NODE.importMeta, texts, ...own }, node, { kind: "silent" });
}

function bindStandIns(run: CaptureRun, node: GraphNode, capture: FunctionCapture): void {
  const { free, facts } = capture.analysis;
  if (free === undefined) return;
  const add = (name: string, value: unknown): void => {
    capture.bindings.push({ name, value, scope: undefined, isAssigned: false, isCell: false } satisfies Binding);
  };
  const file = capture.script?.url ?? capture.place.file;
  if (free.dynamicImports.length > 0)
    add(STAND_IN.import, run.graph.addMade({ kind: NODE.importer, texts: [file] }, node, { kind: "silent" }));
  if (free.importMetas.length > 0) add(STAND_IN.importMeta, importMeta(run, node, file));
  if (facts.kind !== "arrow") return;
  const needsThis = free.thisUses.length > 0 || free.superUses.length > 0;
  const needsArguments = free.argumentsUses.length > 0;
  if (!needsThis && !needsArguments && free.newTargetUses.length === 0) return;
  const lexical = run.inspector.inFrame(
    capture.fn,
    `this,${needsArguments ? "arguments" : "undefined"},${free.newTargetUses.length > 0 ? "new.target" : "undefined"}`,
  );
  if (lexical === undefined) {
    throw run.refuse(node, {
      what: "an arrow function whose `this` cannot be read",
      cure: "Put `this` in a variable outside, and use that.",
    });
  }
  const reach = (name: string, shown: string, value: unknown): void => {
    run.graph.reach(value, node, { kind: "variable", name: shown });
    add(name, value);
  };
  if (needsThis) reach(STAND_IN.this, "this", lexical[0]);
  if (needsArguments) reach(STAND_IN.arguments, "arguments", Array.from(lexical[1] as ArrayLike<unknown>));
  if (free.newTargetUses.length > 0) reach(STAND_IN.newTarget, "new.target", lexical[2]);
}
