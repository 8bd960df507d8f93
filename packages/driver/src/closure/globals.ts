/**
 * What every process has: names on globalThis, and the objects and functions below them by path. Whatever is found here travels by
 * reference. A global that the user's program has added is no such thing: its value is captured.
 */

import { INTRINSIC_NAMES, intrinsic } from "@volley/engine/closure/global-paths.js";

/** Of the language. */
const LANGUAGE = `AggregateError Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError
FinalizationRegistry Float32Array Float64Array Float16Array Function Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN Number
Object Promise Proxy RangeError ReferenceError Reflect RegExp Set SharedArrayBuffer String Symbol SyntaxError TypeError URIError
Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet WebAssembly SuppressedError DisposableStack AsyncDisposableStack
decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval globalThis isFinite isNaN parseFloat parseInt undefined unescape console`;

/** Of Node. */
const NODE = `Buffer URL URLSearchParams TextEncoder TextDecoder AbortController AbortSignal Event EventTarget DOMException MessageChannel
MessagePort MessageEvent BroadcastChannel Performance PerformanceEntry PerformanceMark PerformanceMeasure PerformanceObserver
PerformanceObserverEntryList PerformanceResourceTiming clearImmediate clearInterval clearTimeout global process queueMicrotask setImmediate
setInterval setTimeout structuredClone atob btoa performance`;

/** Loaded by Node when first touched: looked at only when nothing else explains a value. */
const LAZY = `fetch Headers Request Response FormData WebSocket EventSource CloseEvent Blob File crypto Crypto CryptoKey SubtleCrypto navigator
Navigator ReadableStream WritableStream TransformStream CompressionStream DecompressionStream TextDecoderStream TextEncoderStream
ByteLengthQueuingStrategy CountQueuingStrategy ReadableByteStreamController ReadableStreamBYOBReader ReadableStreamBYOBRequest
ReadableStreamDefaultController ReadableStreamDefaultReader TransformStreamDefaultController WritableStreamDefaultController
WritableStreamDefaultWriter CustomEvent Storage localStorage sessionStorage URLPattern`;

const words = (text: string): string[] => text.split(/\s+/);
const globalNames = new Set([...words(LANGUAGE), ...words(NODE), ...words(LAZY)]);

/** Names so settled that nobody binds them to something else. */
const SETTLED = new Set([
  "undefined",
  "NaN",
  "Infinity",
  "Math",
  "JSON",
  "parseInt",
  "parseFloat",
  "isNaN",
  "isFinite",
  "globalThis",
  "console",
]);

/** True for names that Node and the language give every process. */
export function isGlobalName(name: string): boolean {
  return globalNames.has(name);
}

export function isSettledName(name: string): boolean {
  return SETTLED.has(name);
}

let roots: Map<object, readonly string[]> | undefined;

/** The path of what a global name holds, and of `process.env`: no walk below the names, so it costs next to nothing. */
export function globalRoot(value: object): readonly string[] | undefined {
  if (roots === undefined) {
    roots = new Map();
    for (const name of [...words(LANGUAGE), ...words(NODE)]) {
      const held: unknown = (globalThis as Record<string, unknown>)[name];
      if ((typeof held === "object" || typeof held === "function") && held !== null && !roots.has(held)) {
        roots.set(held, [name === "global" ? "globalThis" : name]);
      }
    }
    roots.set(process.env, ["process", "env"]);
    for (const name of INTRINSIC_NAMES) {
      const held = intrinsic(name);
      if (held !== undefined) roots.set(held, [name]);
    }
  }
  return roots.get(value);
}

const DEPTH_MAX = 4;
const tables: Map<object, readonly string[]>[] = [];

/** The path of an object or function that every process has. */
export function globalPath(value: object, lookEverywhere: boolean): readonly string[] | undefined {
  if (tables.length === 0) tables.push(table([...words(LANGUAGE), ...words(NODE)], globalThis, true));
  const found = tables[0]?.get(value);
  if (found !== undefined || !lookEverywhere) return found;
  if (tables.length === 1)
    tables.push(
      table(
        words(LAZY).filter((name) => !/Storage$/i.test(name)),
        globalThis,
        false,
      ),
    );
  return tables[1]?.get(value);
}

const realms = new WeakMap<object, Map<object, readonly string[]>>();

/** The path of another context's own object (tests often run in a `vm` context): it becomes the executor's object of that name. */
export function foreignPath(value: object): readonly string[] | undefined {
  const maker = (value as { constructor?: { constructor?: unknown } }).constructor?.constructor;
  if (
    typeof maker !== "function" ||
    maker === Function ||
    !/\{ \[native code\] \}$/.test(Function.prototype.toString.call(maker))
  )
    return undefined;
  const realm = (maker as (body: string) => () => object)("return globalThis")();
  let paths = realms.get(realm);
  if (paths === undefined) {
    paths = table(words(LANGUAGE), realm, false);
    realms.set(realm, paths);
  }
  return paths.get(value);
}

function table(names: readonly string[], realm: object, withIntrinsics: boolean): Map<object, readonly string[]> {
  const paths = new Map<object, readonly string[]>();
  const pending: { value: unknown; path: readonly string[] }[] = [];
  for (const name of names) {
    const value = name === "undefined" ? undefined : (realm as Record<string, unknown>)[name];
    pending.push({ value, path: [name === "global" ? "globalThis" : name] });
  }
  if (withIntrinsics) for (const name of INTRINSIC_NAMES) pending.push({ value: intrinsic(name), path: [name] });
  for (let at = 0; at < pending.length; at++) {
    const { value, path } = pending[at] as { value: unknown; path: readonly string[] };
    if ((typeof value !== "object" && typeof value !== "function") || value === null || paths.has(value)) continue;
    paths.set(value, path);
    if (path.length < DEPTH_MAX && value !== realm) addBelow(value, path, pending);
  }
  return paths;
}

function addBelow(
  value: object,
  path: readonly string[],
  pending: { value: unknown; path: readonly string[] }[],
): void {
  const isProcess = path[0] === "process";
  if (isProcess && path.length > 1 && typeof value !== "function") return;
  for (const key of Reflect.ownKeys(value)) {
    const step = typeof key === "string" ? key : wellKnownStep(key);
    const descriptor = step === undefined ? undefined : Object.getOwnPropertyDescriptor(value, key);
    if (step === undefined || descriptor === undefined) continue;
    if ("value" in descriptor) {
      // `process.stdout` and its like open handles, and its listeners are the user's; its functions and tables are wanted.
      if (
        !isProcess ||
        typeof descriptor.value === "function" ||
        ["env", "versions", "release", "config", "features"].includes(step)
      ) {
        pending.push({ value: descriptor.value, path: [...path, step] });
      }
    } else if (!isProcess && isStandIn(descriptor.get)) {
      pending.push({ value: descriptor.get.call(value), path: [...path, step] });
    } else if (!isProcess) {
      if (descriptor.get !== undefined) pending.push({ value: descriptor.get, path: [...path, `get ${step}`] });
      if (descriptor.set !== undefined) pending.push({ value: descriptor.set, path: [...path, `set ${step}`] });
    }
  }
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype !== null && !isProcess) pending.push({ value: prototype, path: [...path, "^"] });
}

/** Under --frozen-intrinsics each method stands behind a getter of Node's that only gives it. */
function isStandIn(get: (() => unknown) | undefined): get is () => unknown {
  return get !== undefined && Object.hasOwn(get, "value") && !isNativeText(get);
}

function isNativeText(fn: Function): boolean {
  return Function.prototype.toString.call(fn).endsWith("{ [native code] }");
}

function wellKnownStep(key: symbol): string | undefined {
  const text = key.description ?? "";
  const name = text.startsWith("Symbol.") ? text.slice(7) : "";
  return name !== "" && (Symbol as unknown as Record<string, unknown>)[name] === key ? `@@${name}` : undefined;
}
