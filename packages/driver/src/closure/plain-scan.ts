/**
 * Is a value plain data, and what objects stand right below it? Plain: data properties made by assignment on arrays, Maps, Sets, Dates,
 * small typed arrays and objects of `Object.prototype` or of none; all open to changes. No code of the user's runs here.
 */

import { types } from "node:util";
import { VIEW_CLASSES } from "@volley/engine/columnar/value-tags.js";
import { isSparse } from "./data-nodes.js";

/** Typed arrays of more bytes travel as nodes of their own, as they lie. */
const VIEW_BYTES_MAX = 1 << 16;
/** Listing all keys of a longer array costs more than asking the inspector. */
const LISTED_KEYS_MAX = 4096;

const viewPrototypes = new Set<object>([...VIEW_CLASSES.map((one) => one.prototype as object), Buffer.prototype]);

export type NamedProperties = (value: object) => readonly string[];

/** Undefined: not plain. Otherwise how many elements or properties there are; the objects right below were added to `parts`, Map keys too. */
export function scanPlain(value: object, parts: object[], named: NamedProperties): number | undefined {
  // Each of these kinds can have any prototype; a proxy of one would run the user's traps.
  if (types.isProxy(value)) return undefined;
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === Object.prototype) return scanObject(value, parts);
  if (prototype === null) return hasSlots(value) ? undefined : scanObject(value, parts);
  return isPlainBuiltin(value, prototype, parts, named) ? sizeOf(value) : undefined;
}

function isPlainBuiltin(value: object, prototype: object, parts: object[], named: NamedProperties): boolean {
  if (prototype === Array.prototype) return Array.isArray(value) && scanArray(value, parts, named);
  if (prototype === Map.prototype) return types.isMap(value) && scanMap(value, parts);
  if (prototype === Set.prototype) return types.isSet(value) && scanSet(value, parts);
  if (prototype === Date.prototype) return types.isDate(value) && isBare(value);
  if (prototype === ArrayBuffer.prototype) return isOwnBuffer(value);
  return viewPrototypes.has(prototype) && ArrayBuffer.isView(value) && scanView(value, prototype, parts);
}

function sizeOf(value: object): number {
  if (Array.isArray(value)) return value.length;
  return types.isMap(value) || types.isSet(value) ? value.size : 0;
}

function take(value: unknown, parts: object[]): boolean {
  switch (typeof value) {
    case "object":
      if (value !== null) parts.push(value);
      return true;
    case "function":
    case "symbol":
      return false;
    default:
      return true;
  }
}

/** Nothing of its own besides what its kind holds, and open to changes. */
function isBare(value: object): boolean {
  return Reflect.ownKeys(value).length === 0 && Object.isExtensible(value);
}

function scanObject(value: object, parts: object[]): number | undefined {
  if (!Object.isExtensible(value)) return undefined;
  const keys = Reflect.ownKeys(value);
  if (keys.length === 0 && types.isNativeError(value)) return undefined;
  for (const key of keys) {
    if (typeof key === "symbol") return undefined;
    const property = Reflect.getOwnPropertyDescriptor(value, key);
    // An accessor has no `writable`.
    if (property?.writable !== true || property.enumerable !== true || property.configurable !== true) return undefined;
    if (!take(property.value, parts)) return undefined;
  }
  return keys.length;
}

function scanArray(array: readonly unknown[], parts: object[], named: NamedProperties): boolean {
  if (!Object.isExtensible(array) || isSparse(array)) return false;
  const { length } = array;
  let count = 0;
  for (let index = 0; index < length; index++) {
    const value = array[index];
    if (value !== undefined || Object.hasOwn(array, index)) count++;
    if (!take(value, parts)) return false;
  }
  // Elements and `length`, nothing else.
  if (length <= LISTED_KEYS_MAX) return Reflect.ownKeys(array).length === count + 1;
  return named(array).every((key) => key === "length");
}

function scanMap(map: ReadonlyMap<unknown, unknown>, parts: object[]): boolean {
  let isPlain = isBare(map);
  if (isPlain) {
    Map.prototype.forEach.call(map, (value, key) => {
      isPlain &&= take(key, parts) && take(value, parts);
    });
  }
  return isPlain;
}

function scanSet(set: ReadonlySet<unknown>, parts: object[]): boolean {
  let isPlain = isBare(set);
  if (isPlain) {
    Set.prototype.forEach.call(set, (value) => {
      isPlain &&= take(value, parts);
    });
  }
  return isPlain;
}

/** A view that is all of its buffer; the buffer counts as a part, so that two views on one are seen to share it. */
function scanView(view: ArrayBufferView, prototype: object, parts: object[]): boolean {
  const { buffer, byteLength } = view;
  if (byteLength > VIEW_BYTES_MAX) return false;
  const count = types.isDataView(view) ? 0 : (view as Uint8Array).length;
  if (Reflect.ownKeys(view).length !== count) return false;
  // A small Buffer is a slice of Node's pool: it travels as a copy anyway.
  if (prototype === Buffer.prototype && buffer.byteLength > byteLength) return true;
  if (buffer.byteLength !== byteLength) return false;
  parts.push(buffer);
  return true;
}

/** A buffer that is its bytes and no more. */
function isOwnBuffer(buffer: object): boolean {
  return (
    types.isArrayBuffer(buffer) &&
    buffer.byteLength <= VIEW_BYTES_MAX &&
    (buffer as { resizable?: boolean }).resizable !== true &&
    isBare(buffer)
  );
}

/** More than its properties, whatever its prototype. */
function hasSlots(value: object): boolean {
  return (
    Array.isArray(value) ||
    ArrayBuffer.isView(value) ||
    types.isMap(value) ||
    types.isSet(value) ||
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isNativeError(value) ||
    types.isBoxedPrimitive(value) ||
    types.isAnyArrayBuffer(value) ||
    types.isPromise(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isGeneratorObject(value) ||
    types.isMapIterator(value) ||
    types.isSetIterator(value) ||
    types.isExternal(value) ||
    types.isModuleNamespaceObject(value)
  );
}
