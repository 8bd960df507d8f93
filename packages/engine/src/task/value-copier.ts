/** Copies of a zero value: each use gets its own, so that functions may write into it (Spark serializes the zero and reads it back). */

import { readBatches } from "../columnar/block-reader.js";
import { encodeRows } from "../columnar/block-writer.js";
import type { ClassRegistry } from "../columnar/types.js";
import { isPlainObject } from "../lib/plain-object.js";

/** Parts of a value that are copied one by one; larger ones go through the row format, which also keeps shared parts shared. */
const SIMPLE_PARTS_MAX = 64;

/** A function that gives a new copy at each call. Primitives and functions are themselves; what cannot be a row is ROW_NOT_TRANSFERABLE. */
export function valueCopier(value: unknown, classes: ClassRegistry): () => unknown {
  if (typeof value !== "object" || value === null) return () => value;
  if (isSimple(value, new Set())) return () => copySimple(value);
  const bytes = encodeRows([value], classes);
  return () => {
    for (const batch of readBatches(bytes, classes)) return batch.rows()[0];
    return undefined;
  };
}

/** A tree of few arrays, plain objects, Maps, Sets and Dates. */
function isSimple(value: unknown, seen: Set<object>): boolean {
  if (typeof value !== "object" || value === null) return typeof value !== "function" && typeof value !== "symbol";
  if (seen.has(value) || seen.size >= SIMPLE_PARTS_MAX) return false;
  seen.add(value);
  if (Array.isArray(value)) return isDense(value) && value.every((item) => isSimple(item, seen));
  if (isTypedArray(value)) return true;
  const prototype = Object.getPrototypeOf(value) as object;
  if (Object.getOwnPropertySymbols(value).length > 0) return false;
  if (prototype === Map.prototype)
    return (
      hasNoProperties(value) &&
      [...(value as Map<unknown, unknown>)].every(([k, v]) => isSimple(k, seen) && isSimple(v, seen))
    );
  if (prototype === Set.prototype)
    return hasNoProperties(value) && [...(value as Set<unknown>)].every((item) => isSimple(item, seen));
  if (prototype === Date.prototype) return hasNoProperties(value);
  if (!isPlainObject(value) || prototype !== Object.prototype) return false;
  return Object.values(Object.getOwnPropertyDescriptors(value)).every(
    (property) => property.enumerable === true && "value" in property && isSimple(property.value, seen),
  );
}

/** Numbers in memory of its own kind, and of nobody else's. */
function isTypedArray(value: object): value is Uint8Array {
  return (
    ArrayBuffer.isView(value) &&
    !(value instanceof DataView) &&
    Object.getPrototypeOf(Object.getPrototypeOf(value) as object) === TYPED_ARRAY
  );
}

const TYPED_ARRAY: unknown = Object.getPrototypeOf(Uint8Array.prototype);

function isDense(items: readonly unknown[]): boolean {
  return Object.keys(items).length === items.length;
}

function hasNoProperties(value: object): boolean {
  return Object.getOwnPropertyNames(value).length === 0;
}

function copySimple(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return copyArray(value);
  if (isTypedArray(value)) return value.slice();
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [copySimple(key), copySimple(item)]));
  if (value instanceof Set) return new Set([...value].map(copySimple));
  if (value instanceof Date) return new Date(value.getTime());
  // Spread and not assigned name by name: the copy has the hidden class of the original, and a field named __proto__ stays a field.
  const copy: Record<string, unknown> = { ...value };
  for (const name of Object.keys(copy)) {
    const part = copy[name];
    if (typeof part === "object") copy[name] = copySimple(part);
  }
  return copy;
}

function copyArray(items: readonly unknown[]): unknown[] {
  const copy = items.slice();
  for (let i = 0; i < copy.length; i++) {
    const part = copy[i];
    if (typeof part === "object") copy[i] = copySimple(part);
  }
  return copy;
}
