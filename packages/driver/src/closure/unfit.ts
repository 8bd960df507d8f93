/** Objects that belong to this process and cannot be copied, by kind; each with what to do instead. */

import { types } from "node:util";
import { globalPath, globalRoot } from "./globals.js";
import { builtinRef } from "./module-refs.js";
import type { Refused } from "./refusal.js";

const OPEN_THERE = "Open it where it is used: inside mapPartitions, once for each partition.";
const COLLECT = "Collect it into an array first, and capture that.";

/** Classes of Node's modules whose instances are plain data. */
const PLAIN_BUILTINS = new Set(["EventEmitter", "AssertionError", "Console"]);

/** What is unfit to travel about an object, or undefined. `isHandled`: capture has a way to copy its kind. */
export function unfit(value: object): Refused | undefined {
  if (types.isPromise(value)) return { what: "a promise", cure: "Await it first, and capture what it resolves to." };
  if (types.isGeneratorObject(value)) return { what: "a running generator", cure: COLLECT };
  if (types.isExternal(value)) return { what: "a native handle", cure: OPEN_THERE };
  if (types.isKeyObject?.(value) || types.isCryptoKey?.(value)) {
    return {
      what: "a key object of this process",
      cure: "Export the key, capture the bytes, and import them where they are used.",
    };
  }
  return unfitClass(value);
}

/** The language's own iterators hold a place that nobody can read; an object of the user's with a `next` of its own does not. */
function isBuiltinIterator(prototype: object): boolean {
  const next: unknown = Object.getOwnPropertyDescriptor(prototype, "next")?.value;
  return typeof next === "function" && isNative(next);
}

/** Kinds that capture copies itself. */
const COPIED = new Set(
  `Object Array Function Error Map Set WeakMap WeakSet WeakRef Date RegExp ArrayBuffer SharedArrayBuffer DataView Buffer Number String Boolean
  BigInt Symbol AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError SuppressedError %TypedArray% URL URLSearchParams
  TextEncoder TextDecoder Intl`.split(/\s+/),
);

function unfitClass(value: object): Refused | undefined {
  for (
    let prototype = Object.getPrototypeOf(value) as object | null;
    prototype !== null;
    prototype = Object.getPrototypeOf(prototype) as object | null
  ) {
    if (prototype === Object.prototype || prototype === Array.prototype) return undefined;
    if (isBuiltinIterator(prototype)) return { what: "an iterator", cure: COLLECT };
    const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
    const path = typeof constructor === "function" ? globalRoot(constructor) : globalPath(prototype, false);
    if (path === undefined) continue;
    const name = path[0] as string;
    if (name.includes("Iterator")) return undefined;
    if (COPIED.has(name) || name.endsWith("Array")) return undefined;
    return instanceOf(name);
  }
  return undefined;
}

function instanceOf(name: string, from = ""): Refused {
  const isAbort = name === "AbortSignal" || name === "AbortController";
  const what = `${/^[AEIOU]/i.test(name) ? "an" : "a"} ${name}${from}`;
  return { what, cure: isAbort ? "Give the signal to the action instead." : OPEN_THERE };
}

/** An instance of a class that Node itself defines (sockets, streams, timers, ...), or undefined where such instances are plain data. */
export function unfitInstance(constructor: Function): Refused | undefined {
  if (PLAIN_BUILTINS.has(constructor.name)) return undefined;
  const ref = builtinRef(constructor);
  return instanceOf(constructor.name || "object", ref === undefined ? " of Node" : ` (of ${ref.specifier})`);
}

/** What is unfit about a function, whatever its text says. */
export function unfitFunction(fn: Function): Refused | undefined {
  if (types.isProxy(fn)) return { what: "a Proxy around a function", cure: "Capture the function behind it." };
  const { getMockImplementation, mock } = fn as { getMockImplementation?: unknown; mock?: unknown };
  if (typeof getMockImplementation !== "function" || typeof mock !== "object") return undefined;
  return {
    what: "a mock function, whose calls on executors the test would not see,",
    cure: "Give the RDD a plain function, and look at the rows that come back.",
  };
}

export function isNative(fn: Function): boolean {
  return Function.prototype.toString.call(fn).endsWith("{ [native code] }");
}
