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
] as const;

interface Snapshot {
  readonly name: string;
  readonly object: object;
  readonly keys: readonly PropertyKey[];
  readonly values: readonly unknown[];
}

const { ownKeys, getOwnPropertyDescriptor } = Reflect;

/** Answers the name of something that changed since this was called, or undefined. Takes some tens of microseconds. */
export function watchIntrinsics(): () => string | undefined {
  const global = globalThis as unknown as Record<string, unknown>;
  const snapshots: Snapshot[] = [];
  const roots = NAMES.map((name) => ({ name, value: global[name] }));
  for (const { name, value } of roots) {
    if (name !== "process") snapshots.push(snapshot(name, value as object));
    const prototype = typeof value === "function" ? (value.prototype as object | undefined) : undefined;
    if (prototype !== undefined) snapshots.push(snapshot(`${name}.prototype`, prototype));
  }
  return () => {
    for (const { name, value } of roots) if (global[name] !== value) return name;
    for (const before of snapshots) {
      const changed = changeOf(before);
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
    if (!Object.is(valueOf(before.object, key), before.values[index])) return `${before.name}.${String(key)}`;
  }
  return undefined;
}
