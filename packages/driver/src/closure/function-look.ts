/** Where a function stands and in which mode it runs; the inspector is asked no more than needed. */

import type { FunctionAnalysis } from "@volley/engine/closure/facts.js";
import { findVariable } from "./bindings.js";
import type { CaptureRun } from "./capture-run.js";
import type { FunctionCapture } from "./function-capture.js";
import { noteText, trustedText } from "./function-texts.js";
import { isSettledName } from "./globals.js";
import type { FunctionImage } from "./inspector.js";
import { nearestPackage } from "./module-refs.js";
import type { Script, TextPlace } from "./scripts.js";
import { scriptOf } from "./scripts.js";

export function lookAt(
  run: CaptureRun,
  fn: Function,
  text: string,
  analysis: FunctionAnalysis,
): Pick<FunctionCapture, "image" | "script" | "place" | "strict"> {
  const isPlain = takesNothing(analysis);
  const trusted = isPlain ? trustedText(text) : undefined;
  if (trusted !== undefined)
    return { image: undefined, script: trusted.script, place: trusted.place, strict: trusted.strict };
  const image = run.inspector.functionImage(fn);
  const script = image.location === undefined ? undefined : scriptOf({ ...image.location, text }, run.inspector);
  const place = placeOf(image, script, text);
  const strict = isStrict(fn, image, script, analysis);
  const names = [...(analysis.free?.names.keys() ?? [])];
  const isBare =
    isPlain ||
    (analysis.facts.kind !== "class" && takesOnlyNames(analysis) && names.every((name) => !isBound(image, name)));
  if (isPlain || isBare) noteText(text, { place, script, strict });
  return { image, script, place, strict };
}

/** Nothing but its own text: the language's settled names apart. */
function takesNothing({ free, facts }: FunctionAnalysis): boolean {
  if (free === undefined || facts.kind === "class") return false;
  for (const name of free.names.keys()) if (!isSettledName(name)) return false;
  return takesOnlyNames({ free, facts, parsed: undefined });
}

function takesOnlyNames({ free, facts }: FunctionAnalysis): boolean {
  if (free === undefined || free.usesOwnName) return false;
  if (facts.kind === "arrow" && free.thisUses.length + free.argumentsUses.length + free.newTargetUses.length > 0)
    return false;
  return free.superUses.length + free.dynamicImports.length + free.importMetas.length + free.privateNames.size === 0;
}

function isBound(image: FunctionImage, name: string): boolean {
  return image.scopes.some((scope) => scope.description !== "Global" && Object.hasOwn(scope.object, name)) || false;
}

function placeOf(image: FunctionImage, script: Script | undefined, text: string): TextPlace {
  const { location } = image;
  if (location === undefined || script === undefined) return { file: "", line: 0, column: 0 };
  const start = script.startOf(text, location.line, location.column) ?? location;
  return { file: script.url, line: start.line, column: start.column };
}

function isStrict(
  fn: Function,
  image: FunctionImage,
  script: Script | undefined,
  { facts }: FunctionAnalysis,
): boolean {
  if (facts.kind === "class") return true;
  if (facts.kind === "function" && !facts.isAsync && !facts.isGenerator) return !showsCaller(fn);
  return (
    image.scopes.some((scope) => scope.description === "Module") ||
    script?.isStrict === true ||
    (script !== undefined && isModuleScript(script))
  );
}

/** Only sloppy code says who called it. Older V8s give each such function a property for that; newer ones one getter for all, which refuses strict code. */
function showsCaller(fn: Function): boolean {
  if (Object.hasOwn(fn, "caller")) return true;
  try {
    callerOf?.call(fn);
    return callerOf !== undefined;
  } catch {
    return false;
  }
}

const callerOf = Object.getOwnPropertyDescriptor(Function.prototype, "caller")?.get;

/** An ES module of whose variables no function captures any has no scope of its own in the list. */
function isModuleScript({ path, source }: Script): boolean {
  if (/\.m[jt]s$/.test(path)) return true;
  if (/\.c[jt]s$/.test(path)) return false;
  return /^\s*(import|export)\b/m.test(source) || (path !== "" && nearestPackage(path)?.["type"] === "module");
}

/**
 * `function f() { f() }`: a declaration's name means the outer variable, an expression's the function itself. They differ when the
 * variable was given another value (`f = memoize(f)`).
 */
export function ownNameIsAnother(capture: FunctionCapture): boolean {
  const { analysis, script, place } = capture;
  if (analysis.facts.kind !== "function" || analysis.free?.usesOwnName !== true) return false;
  const { name } = analysis.parsed?.node.id ?? { name: "" };
  const found = findVariable(capture, name);
  if (found === undefined || (found.value === capture.fn && !analysis.free.assignsOwnName)) return false;
  if (script === undefined) return false;
  const start = script.startOf(capture.text, place.line, place.column);
  const before =
    start === undefined ? "" : script.source.slice(Math.max(0, start.offset - 200), start.offset).trimEnd();
  return (
    before === "" ||
    (/[;{}]$|\*\/$|\b(export|default|else|do)$|[)\w"'`\]]$/.test(before) &&
      !/\b(return|typeof|await|yield|new|in|of|case|void|delete|throw)$/.test(before))
  );
}
