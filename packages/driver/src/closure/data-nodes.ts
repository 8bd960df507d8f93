/** How values of the language's own kinds are written: arrays, maps, dates, errors, typed arrays and plain objects. */

import { types } from "node:util";
import { ATTRIBUTE, ATTRIBUTE_PLAIN, CLOSED, NODE } from "@volley/engine/closure/envelope-format.js";
import type { NodeDescription, SpecialDescription } from "@volley/engine/closure/envelope-writer.js";
import { HOLE_MARK } from "@volley/engine/closure/envelope-writer.js";
import { foreignPath } from "./globals.js";
import type { Step } from "./graph.js";

/** Told of every value below the one that is described. */
export type Reach = (value: unknown, step: Step) => void;

/** The own part of a description, the prototype that this kind has by itself, and keys that the kind has made already. */
export interface Kind {
  readonly own: NodeDescription;
  readonly prototype: object | null;
  /** Own keys that are no properties to copy. */
  readonly skip?: (key: string) => boolean;
  /** All own keys that count, where listing them would list a million elements. */
  readonly keys?: readonly string[];
}

const BIG_ARRAY = 512;

/** The kind of an object that is no function, proxy or module. */
export function kindOf(value: object, reach: Reach, namedProperties: (value: object) => string[]): Kind {
  if (Object.getPrototypeOf(value) === Object.prototype && !types.isNativeError(value))
    return { own: { kind: NODE.object }, prototype: Object.prototype };
  if (Array.isArray(value)) return arrayKind(value as unknown[], reach, namedProperties);
  if (ArrayBuffer.isView(value)) return viewKind(value, reach, namedProperties);
  if (types.isDate(value))
    return { own: { kind: NODE.date, numbers: [Date.prototype.getTime.call(value)] }, prototype: Date.prototype };
  if (types.isRegExp(value)) return regexpKind(value, reach);
  if (types.isMap(value)) return mapKind(value, reach);
  if (types.isSet(value)) return setKind(value, reach);
  if (types.isNativeError(value)) return errorKind(value);
  if (types.isBoxedPrimitive(value)) return boxedKind(value, reach);
  if (types.isAnyArrayBuffer(value)) return bufferKind(value);
  if (value instanceof WeakRef) return weakRefKind(value as WeakRef<WeakKey>, reach);
  return constructKind(value) ?? { own: { kind: NODE.object }, prototype: Object.prototype };
}

function arrayKind(array: unknown[], reach: Reach, namedProperties: (value: object) => string[]): Kind {
  const { length } = array;
  const isIndex = (key: string): boolean => key === "length" || isArrayIndex(key);
  if (length > BIG_ARRAY) {
    const named = namedProperties(array).filter((key) => !isIndex(key));
    if (isSparse(array)) return { own: sparse(array, reach), prototype: Array.prototype, keys: named };
    const numbers = numbersOf(array);
    if (numbers !== undefined)
      return { own: { kind: NODE.numbers, bytes: numbers }, prototype: Array.prototype, keys: named };
    return { own: { kind: NODE.array, slots: elementsOf(array, reach) }, prototype: Array.prototype, keys: named };
  }
  return { own: { kind: NODE.array, slots: elementsOf(array, reach) }, prototype: Array.prototype, skip: isIndex };
}

/** The elements of an array of numbers alone, as float64s. A hole is no number. */
function numbersOf(array: readonly unknown[]): Uint8Array | undefined {
  const numbers = new Float64Array(array.length);
  for (let index = 0; index < array.length; index++) {
    const value = array[index];
    if (typeof value !== "number") return undefined;
    numbers[index] = value;
  }
  return new Uint8Array(numbers.buffer);
}

function isArrayIndex(key: string): boolean {
  const index = Number(key);
  return String(index) === key && index >= 0 && index < 2 ** 32 - 1 && Number.isInteger(index);
}

/** Looks at some places of a long array: mostly holes? Reading all of a length of a thousand million would never end. */
export function isSparse(array: readonly unknown[]): boolean {
  if (array.length < 100_000) return false;
  let present = 0;
  for (let probe = 0; probe < 64; probe++) if (Math.floor((probe * array.length) / 64) in array) present++;
  return present < 16;
}

function sparse(array: readonly unknown[], reach: Reach): NodeDescription {
  const slots: unknown[] = [];
  for (const key of Object.keys(array)) {
    if (!isArrayIndex(key)) continue;
    const index = Number(key);
    slots.push(index, array[index]);
    reach(array[index], { kind: "element", index });
  }
  return { kind: NODE.sparseArray, numbers: [array.length], slots };
}

function elementsOf(array: readonly unknown[], reach: Reach): unknown[] {
  const slots: unknown[] = new Array(array.length);
  for (let index = 0; index < array.length; index++) {
    const value = array[index];
    if (value === undefined && !Object.hasOwn(array, index)) slots[index] = HOLE_MARK;
    else {
      slots[index] = value;
      if (typeof value === "object" || typeof value === "function" || typeof value === "symbol")
        reach(value, { kind: "element", index });
    }
  }
  return slots;
}

function viewKind(view: ArrayBufferView, reach: Reach, namedProperties: (value: object) => string[]): Kind {
  const isBuffer = Buffer.isBuffer(view);
  const name = types.isDataView(view) ? "DataView" : (typedArrayName.call(view) as string);
  const { buffer, byteOffset } = view;
  const isLong = name !== "DataView" && (view as Uint8Array).length > BIG_ARRAY;
  const own = isLong ? { keys: namedProperties(view).filter((key) => !isArrayIndex(key)) } : { skip: isArrayIndex };
  // A small buffer is a slice of Node's shared pool, which nobody means to capture.
  if (isBuffer && buffer.byteLength > view.byteLength) {
    const copy = new Uint8Array(view as Buffer).buffer;
    reach(copy, { kind: "silent" });
    return {
      own: { kind: NODE.view, texts: ["Buffer"], numbers: [0, view.byteLength], slots: [copy] },
      prototype: Buffer.prototype,
      ...own,
    };
  }
  reach(buffer, { kind: "silent" });
  const length = name === "DataView" ? view.byteLength : (view as Uint8Array).length;
  const constructor = (globalThis as unknown as Record<string, { prototype: object }>)[name] as { prototype: object };
  return {
    own: { kind: NODE.view, texts: [isBuffer ? "Buffer" : name], numbers: [byteOffset, length], slots: [buffer] },
    prototype: isBuffer ? Buffer.prototype : constructor.prototype,
    ...own,
  };
}

const typedArrayName = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
)?.get as (this: unknown) => unknown;

function regexpKind(pattern: RegExp, reach: Reach): Kind {
  reach(pattern.lastIndex, { kind: "property", key: "lastIndex" });
  return {
    own: { kind: NODE.regexp, texts: [pattern.source, pattern.flags], slots: [pattern.lastIndex] },
    prototype: RegExp.prototype,
    skip: (key) => key === "lastIndex",
  };
}

function mapKind(map: Map<unknown, unknown>, reach: Reach): Kind {
  const slots: unknown[] = [];
  Map.prototype.forEach.call(map, (value: unknown, key: unknown) => {
    slots.push(key, value);
    reach(key, { kind: "entry", key });
    reach(value, { kind: "entry", key });
  });
  return { own: { kind: NODE.map, slots }, prototype: Map.prototype };
}

function setKind(set: Set<unknown>, reach: Reach): Kind {
  const slots: unknown[] = [];
  Set.prototype.forEach.call(set, (value: unknown) => {
    slots.push(value);
    reach(value, { kind: "entry", key: value });
  });
  return { own: { kind: NODE.set, slots }, prototype: Set.prototype };
}

const ERROR_NAMES = [
  "TypeError",
  "RangeError",
  "SyntaxError",
  "ReferenceError",
  "EvalError",
  "URIError",
  "AggregateError",
] as const;

function errorKind(error: Error): Kind {
  const name = ERROR_NAMES.find((candidate) => isOfClass(error, candidate)) ?? foreignErrorName(error);
  return {
    own: { kind: NODE.error, texts: [name] },
    prototype: ((globalThis as never)[name] as { prototype: object }).prototype,
  };
}

/** Errors of another context keep their class. */
function foreignErrorName(error: Error): string {
  const path = foreignPath(Object.getPrototypeOf(error) as object);
  return ERROR_NAMES.find((candidate) => candidate === path?.[0]) ?? "Error";
}

function isOfClass(error: Error, name: string): boolean {
  return error instanceof ((globalThis as never)[name] as new () => Error);
}

function boxedKind(value: object, reach: Reach): Kind {
  const primitive: unknown = types.isSymbolObject(value)
    ? Symbol.prototype.valueOf.call(value)
    : types.isBigIntObject(value)
      ? BigInt.prototype.valueOf.call(value)
      : types.isNumberObject(value)
        ? Number.prototype.valueOf.call(value)
        : types.isBooleanObject(value)
          ? Boolean.prototype.valueOf.call(value)
          : String.prototype.valueOf.call(value);
  reach(primitive, { kind: "silent" });
  const prototype = Object.getPrototypeOf(Object(primitive)) as object;
  return {
    own: { kind: NODE.boxed, slots: [primitive] },
    prototype,
    skip: (key) => key === "length" || isArrayIndex(key),
  };
}

function bufferKind(buffer: ArrayBufferLike): Kind {
  const isShared = types.isSharedArrayBuffer(buffer);
  const { resizable, growable, maxByteLength } = buffer as {
    resizable?: boolean;
    growable?: boolean;
    maxByteLength?: number;
  };
  const maximum = (resizable === true || growable === true) && maxByteLength !== undefined ? maxByteLength : -1;
  return {
    own: { kind: NODE.buffer, numbers: [isShared ? 1 : 0, maximum], bytes: new Uint8Array(buffer) },
    prototype: isShared ? SharedArrayBuffer.prototype : ArrayBuffer.prototype,
  };
}

function weakRefKind(ref: WeakRef<WeakKey>, reach: Reach): Kind {
  const target = ref.deref() ?? {};
  reach(target, { kind: "silent" });
  return { own: { kind: NODE.weakRef, slots: [target] }, prototype: WeakRef.prototype };
}

/** Objects of Node and Intl that are made again from what describes them. */
function constructKind(value: object): Kind | undefined {
  const made = constructed(value);
  if (made === undefined) return undefined;
  return {
    own: {
      kind: NODE.construct,
      texts: [...made.path, ...Object.keys(made.options ?? {})],
      numbers: [made.path.length],
      slots: [...made.args, ...Object.values(made.options ?? {})],
    },
    prototype: made.prototype,
    keys: [],
  };
}

/** Arguments are primitives; `options` are the properties of a last one. */
interface Constructed {
  readonly path: readonly string[];
  readonly args: readonly unknown[];
  readonly options?: object;
  readonly prototype: object;
}

function constructed(value: object): Constructed | undefined {
  if (value instanceof URL) return { path: ["URL"], args: [value.href], prototype: URL.prototype };
  if (value instanceof URLSearchParams)
    return { path: ["URLSearchParams"], args: [value.toString()], prototype: URLSearchParams.prototype };
  if (value instanceof TextEncoder) return { path: ["TextEncoder"], args: [], prototype: TextEncoder.prototype };
  if (value instanceof TextDecoder) {
    const { encoding, fatal, ignoreBOM } = value;
    return { path: ["TextDecoder"], args: [encoding], options: { fatal, ignoreBOM }, prototype: TextDecoder.prototype };
  }
  return headers(value) ?? intl(value);
}

/** Asked by name first: a look at the global loads all of `fetch`. Several cookies are no object's properties. */
function headers(value: object): Constructed | undefined {
  const prototype = Object.getPrototypeOf(value) as { readonly constructor?: Function } | null;
  if (prototype?.constructor?.name !== "Headers" || prototype !== Headers.prototype) return undefined;
  const own = value as Headers;
  if (own.getSetCookie().length > 1) return undefined;
  return { path: ["Headers"], args: [], options: Object.fromEntries(own.entries()), prototype };
}

function intl(value: object): Constructed | undefined {
  const tag = Object.getPrototypeOf(value) as { [Symbol.toStringTag]?: string } | null;
  const name = tag?.[Symbol.toStringTag];
  if (name === undefined || !name.startsWith("Intl.")) return undefined;
  const constructor = (Intl as unknown as Record<string, { prototype: object } | undefined>)[name.slice(5)];
  if (constructor === undefined || Object.getPrototypeOf(value) !== constructor.prototype) return undefined;
  const described = value as { resolvedOptions?: () => { locale: string } };
  if (described.resolvedOptions === undefined)
    return { path: ["Intl", name.slice(5)], args: [String(value)], prototype: constructor.prototype };
  const { locale, ...resolved } = described.resolvedOptions();
  const options = Object.fromEntries(Object.entries(resolved).filter(([, option]) => typeof option !== "object"));
  return { path: ["Intl", name.slice(5)], args: [locale], options, prototype: constructor.prototype };
}

export interface OwnProperties {
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  readonly special?: readonly SpecialDescription[];
}

/** Own properties: plain ones as two lists where all are, otherwise each with its attributes, in their order. */
export function ownProperties(
  value: object,
  reach: Reach,
  skip: (key: string | symbol) => boolean,
  ownKeys: readonly (string | symbol)[] = Reflect.ownKeys(value),
): OwnProperties {
  const keys: string[] = [];
  const values: unknown[] = [];
  const special: SpecialDescription[] = [];
  let isPlain = true;
  for (const key of ownKeys) {
    if (skip(key)) continue;
    const property = specialOf(value, key);
    if (property === undefined) continue;
    if (typeof key === "symbol") reach(key, { kind: "silent" });
    reach(property.value, { kind: "property", key });
    if (property.set !== undefined) reach(property.set, { kind: "property", key });
    special.push(property);
    if (property.attributes !== ATTRIBUTE_PLAIN || typeof key === "symbol") isPlain = false;
    else {
      keys.push(key);
      values.push(property.value);
    }
  }
  if (special.length === 0) return {};
  return isPlain ? { keys, values } : { special };
}

function specialOf(value: object, key: string | symbol): SpecialDescription | undefined {
  const descriptor = Object.getOwnPropertyDescriptor(value, key);
  if (descriptor === undefined) return undefined;
  let attributes =
    (descriptor.enumerable === true ? ATTRIBUTE.enumerable : 0) |
    (descriptor.configurable === true ? ATTRIBUTE.configurable : 0);
  if (descriptor.get !== undefined || descriptor.set !== undefined) {
    if (key === "stack" && types.isNativeError(value))
      return {
        key,
        attributes: ATTRIBUTE_PLAIN & ~ATTRIBUTE.enumerable,
        value: String((value as Error).stack),
        set: undefined,
      };
    attributes |= ATTRIBUTE.accessor;
    return { key, attributes, value: descriptor.get, set: descriptor.set };
  }
  if (descriptor.writable === true) attributes |= ATTRIBUTE.writable;
  return { key, attributes, value: descriptor.value as unknown, set: undefined };
}

/** How an object is closed to changes: a value of CLOSED, undefined for one that is open. */
export function closedness(value: object): number | undefined {
  if (ArrayBuffer.isView(value) || Object.isExtensible(value)) return undefined;
  return Object.isFrozen(value) ? CLOSED.frozen : Object.isSealed(value) ? CLOSED.sealed : CLOSED.notExtensible;
}
