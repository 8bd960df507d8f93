/** Where functions come from that use `super` or private names outside the class or object they were written in. */

import { analyzeFunction } from "@volley/engine/closure/facts.js";
import type { CaptureRun } from "./capture-run.js";
import type { FunctionCapture } from "./function-capture.js";
import { isReferent } from "./graph.js";
import { isNative } from "./unfit.js";

const toText = Function.prototype.toString;

/** An arrow with `super` stands in a method: of one of the objects in the chain of its `this`. */
export function homeOfArrow(capture: FunctionCapture): object | undefined {
  const { facts, free } = capture.analysis;
  if (facts.kind !== "arrow" || free === undefined || free.superUses.length === 0) return undefined;
  const self = capture.bindings.find((binding) => binding.name === "$ths")?.value;
  for (let at = self as object | null; isReferent(at); at = Object.getPrototypeOf(at) as object | null) {
    if (homeHolds(at, capture.text)) return at;
  }
  return undefined;
}

/** One of the object's methods, or the class that it is the prototype of (or is), contains the text. */
function homeHolds(home: object, text: string): boolean {
  if (typeof home === "function") return !isNative(home) && toText.call(home).includes(text);
  for (const key of Reflect.ownKeys(home)) {
    const descriptor = Object.getOwnPropertyDescriptor(home, key);
    for (const fn of [descriptor?.value, descriptor?.get, descriptor?.set] as unknown[]) {
      if (typeof fn !== "function" || isNative(fn) || !toText.call(fn).includes(text)) continue;
      if (analyzeFunction(toText.call(fn)).facts.kind !== "arrow") return true;
    }
  }
  return false;
}

/** The class whose text holds a function: of the chain of the function's `this`, or one that travels as well. */
export function classAround(run: CaptureRun, capture: FunctionCapture): Function | undefined {
  const holds = (fn: unknown): fn is Function =>
    typeof fn === "function" &&
    /^class\b/.test(toText.call(fn)) &&
    fn !== capture.fn &&
    toText.call(fn).includes(capture.text);
  const self =
    capture.bindings.find((binding) => binding.name === "$ths")?.value ??
    run.inspector.inFrame(capture.fn, "this")?.[0];
  for (let at: unknown = self; isReferent(at) && typeof at !== "symbol"; at = Object.getPrototypeOf(at)) {
    const constructor: unknown =
      typeof at === "function" ? at : Object.getOwnPropertyDescriptor(at, "constructor")?.value;
    if (holds(constructor)) return constructor;
  }
  for (const node of run.graph.nodes())
    if (node.fn?.isClass === true && holds(node.value)) return node.value as Function;
  for (const { object } of capture.image?.scopes ?? []) {
    const found = object === globalThis ? undefined : Object.values(object).find(holds);
    if (found !== undefined) return found;
  }
  return undefined;
}
