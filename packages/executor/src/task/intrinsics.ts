/**
 * A thread keeps what user code did to it: a method added to Array.prototype by one job would be seen by the next. Freezing the
 * intrinsics breaks user code silently, so they are compared instead, and a slot whose intrinsics changed is replaced between jobs.
 */

const NAMES = [
  "Object",
  "Function",
  "Array",
  "String",
  "Number",
  "Boolean",
  "Symbol",
  "BigInt",
  "Date",
  "RegExp",
  "Map",
  "Set",
  "WeakMap",
  "WeakSet",
  "Promise",
  "Proxy",
  "Reflect",
  "Math",
  "JSON",
  "Atomics",
  "Error",
  "TypeError",
  "RangeError",
  "SyntaxError",
  "ArrayBuffer",
  "SharedArrayBuffer",
  "DataView",
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
  "WeakRef",
  "Intl",
  "console",
  "process",
  "Buffer",
  "TextDecoder",
  "TextEncoder",
  "URL",
  "structuredClone",
  "queueMicrotask",
  "setImmediate",
  "setTimeout",
  "clearTimeout",
] as const;

/** Those that no global names, and that loops, spreads and typed arrays are made of. */
function hiddenIntrinsics(): readonly { readonly name: string; readonly object: object }[] {
  const { getPrototypeOf } = Object;
  const typedArray = getPrototypeOf(Int8Array) as { prototype: object };
  const arrayIterator = getPrototypeOf([][Symbol.iterator]()) as object;
  const generators = getPrototypeOf(function* () {}) as { prototype: object };
  return [
    { name: "%TypedArray%", object: typedArray },
    { name: "%TypedArray%.prototype", object: typedArray.prototype },
    { name: "%ArrayIterator%.prototype", object: arrayIterator },
    { name: "%Iterator%.prototype", object: getPrototypeOf(arrayIterator) as object },
    { name: "%MapIterator%.prototype", object: getPrototypeOf(new Map().entries()) as object },
    { name: "%SetIterator%.prototype", object: getPrototypeOf(new Set().values()) as object },
    { name: "%StringIterator%.prototype", object: getPrototypeOf(""[Symbol.iterator]()) as object },
    { name: "%Generator%.prototype", object: generators.prototype },
  ];
}

interface Snapshot {
  readonly name: string;
  readonly object: object;
  readonly keys: readonly PropertyKey[];
  readonly values: readonly unknown[];
}

const { ownKeys, getOwnPropertyDescriptor } = Reflect;
const isSame = Object.is;

/**
 * Answers the name of something that changed since this was called, or undefined. Takes some tens of microseconds. What it runs then is made of nothing that may have changed: no
 * iteration, no method but those that were taken before.
 */
export function watchIntrinsics(): () => string | undefined {
  const global = globalThis as unknown as Record<string, unknown>;
  const snapshots: Snapshot[] = [];
  const roots = NAMES.map((name) => ({ name, value: global[name] }));
  for (const { name, value } of roots) {
    if (name !== "process") snapshots.push(snapshot(name, value as object));
    const prototype = typeof value === "function" ? (value.prototype as object | undefined) : undefined;
    if (prototype !== undefined) snapshots.push(snapshot(`${name}.prototype`, prototype));
  }
  for (const { name, object } of hiddenIntrinsics()) snapshots.push(snapshot(name, object));
  return () => {
    for (let index = 0; index < roots.length; index++) {
      const { name, value } = roots[index] as (typeof roots)[number];
      if (global[name] !== value) return name;
    }
    for (let index = 0; index < snapshots.length; index++) {
      const changed = changeOf(snapshots[index] as Snapshot);
      if (changed !== undefined) return changed;
    }
    return undefined;
  };
}

function snapshot(name: string, object: object): Snapshot {
  const keys = ownKeys(object);
  return { name, object, keys, values: keys.map((key) => valueOf(object, key)) };
}

function valueOf(object: object, key: PropertyKey): unknown {
  const property = getOwnPropertyDescriptor(object, key);
  return property?.value ?? property?.get;
}

function changeOf(before: Snapshot): string | undefined {
  const keys = ownKeys(before.object);
  if (keys.length !== before.keys.length) return before.name;
  for (let index = 0; index < keys.length; index++) {
    const key = before.keys[index] as PropertyKey;
    if (!isSame(valueOf(before.object, key), before.values[index])) return `${before.name}.${String(key)}`;
  }
  return undefined;
}
