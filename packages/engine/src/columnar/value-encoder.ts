/**
 * Any JavaScript value as bytes (value-tags.ts). Containers wait on a stack of their own, not on the call stack, so depth has no limit
 * but memory. Identity is kept within one value: what is shared or cyclic comes back so.
 */
import { isPlainObject } from "../lib/plain-object.js";
import { VolleyError } from "../wire/errors.js";
import { ByteSink } from "./byte-sink.js";
import { notTransferable, rowClassOf, subclassIdOf } from "./row-classes.js";
import type { ClassRegistry } from "./types.js";
import { ERROR_CLASSES, TAG, VIEW_BUFFER, VIEW_CLASSES } from "./value-tags.js";

/** A container whose contents are being written: elements of `items`, or the properties `names` of `items`. */
interface Frame {
  readonly items: Readonly<Record<string | number, unknown>>;
  readonly names: readonly string[] | undefined;
  readonly count: number;
  /** Next element; EXTRA_PENDING: the count of properties has yet to be written, after the base. */
  at: number;
  /** Are missing elements holes? (Otherwise `items` is a list of our own making.) */
  readonly isArray: boolean;
}

const EXTRA_PENDING = -1;
const LATIN1_ONLY = /^[\0-\xff]*$/;
/** A record cannot be larger than the offsets of a column can say. */
const VALUE_BYTES_MAX = 2 ** 31 - 1;

/** Properties of an Error that its encoding holds by itself. */
const ERROR_OWN = new Set(["message", "stack"]);

export class ValueEncoder {
  readonly sink: ByteSink;
  readonly #classes: ClassRegistry;
  readonly #numbers = new Map<object, number>();
  readonly #stack: Frame[] = [];

  constructor(classes: ClassRegistry, sink: ByteSink = new ByteSink()) {
    this.#classes = classes;
    this.sink = sink;
  }

  /** Appends one value to the sink. Throws ROW_NOT_TRANSFERABLE (with the path to what cannot travel) and RECORD_TOO_LARGE. */
  encode(value: unknown): void {
    const start = this.sink.length;
    try {
      this.#write(value);
      if (this.#stack.length > 0) this.#drain();
    } catch (error) {
      throw this.#withPath(error);
    } finally {
      this.#stack.length = 0;
      if (this.#numbers.size > 0) this.#numbers.clear();
    }
    if (this.sink.length - start > VALUE_BYTES_MAX)
      throw new VolleyError("RECORD_TOO_LARGE", "a record takes more than 2 GiB");
  }

  #drain(): void {
    const stack = this.#stack;
    while (stack.length > 0) {
      const frame = stack[stack.length - 1] as Frame;
      if (frame.at === EXTRA_PENDING) {
        this.sink.varint(frame.count);
        frame.at = 0;
      } else if (frame.at === frame.count) {
        stack.pop();
      } else if (frame.names === undefined) {
        this.#writeElement(frame);
      } else {
        const name = frame.names[frame.at++] as string;
        this.#name(name);
        this.#write(frame.items[name]);
      }
    }
  }

  #writeElement(frame: Frame): void {
    const index = frame.at++;
    const item = frame.items[index];
    if (item === undefined && frame.isArray && !(index in frame.items)) this.sink.byte(TAG.HOLE);
    else this.#write(item);
  }

  #write(value: unknown): void {
    switch (typeof value) {
      case "string":
        return this.#string(value);
      case "number":
        return this.#number(value);
      case "boolean":
        return this.sink.byte(value ? TAG.TRUE : TAG.FALSE);
      case "undefined":
        return this.sink.byte(TAG.UNDEFINED);
      case "bigint":
        return this.#bigint(value);
      case "object":
        return value === null ? this.sink.byte(TAG.NULL) : this.#object(value);
      default:
        throw notTransferable(typeof value === "function" ? describeFunction(value) : `a ${typeof value}`);
    }
  }

  #number(value: number): void {
    if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
      this.sink.byte(TAG.INT);
      this.sink.varint(((value << 1) ^ (value >> 31)) >>> 0);
    } else {
      this.sink.byte(TAG.DOUBLE);
      this.sink.double(value);
    }
  }

  #string(text: string): void {
    const sink = this.sink;
    const start = sink.length;
    sink.byte(TAG.LATIN1);
    sink.varint(text.length);
    if (sink.shortLatin1(text)) return;
    if (LATIN1_ONLY.test(text)) return sink.latin1(text);
    sink.bytes[start] = TAG.UTF16;
    sink.utf16(text);
  }

  /** A property's name: length and width in one varint, then the units. */
  #name(name: string): void {
    const sink = this.sink;
    const start = sink.length;
    sink.varint(name.length * 2);
    if (sink.shortLatin1(name)) return;
    if (LATIN1_ONLY.test(name)) return sink.latin1(name);
    sink.length = start;
    sink.varint(name.length * 2 + 1);
    sink.utf16(name);
  }

  #bigint(value: bigint): void {
    this.sink.byte(TAG.BIGINT);
    this.sink.byte(value < 0n ? 1 : 0);
    const text = (value < 0n ? -value : value).toString(16);
    this.sink.varint(text.length);
    this.sink.latin1(text);
  }

  #object(value: object): void {
    const number = this.#numbers.get(value);
    if (number !== undefined) {
      this.sink.byte(TAG.BACK);
      return this.sink.varint(number);
    }
    this.#numbers.set(value, this.#numbers.size);
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === Object.prototype) return this.#properties(TAG.OBJECT, value);
    if (Array.isArray(value)) return this.#array(value, prototype);
    if (prototype === null) return this.#properties(TAG.BARE_OBJECT, value);
    if (this.#builtin(value, prototype)) return;
    if (isPlainObject(value)) return this.#properties(TAG.OBJECT, value);
    const { classId, privates } = rowClassOf(prototype, this.#classes);
    if (privates === undefined) this.#properties(TAG.INSTANCE, value, classId);
    else this.#stamped(value, classId, privates.read(value));
  }

  #properties(tag: number, value: object, classId?: number): void {
    refuseSymbols(value);
    const names = Object.keys(value);
    this.sink.byte(tag);
    if (classId !== undefined) this.sink.varint(classId);
    this.sink.varint(names.length);
    this.#push(value as Record<string, unknown>, names, names.length);
  }

  /** Private fields first, so that they lie above the properties on the stack. */
  #stamped(value: object, classId: number, fields: readonly unknown[]): void {
    refuseSymbols(value);
    const names = Object.keys(value);
    this.sink.byte(TAG.STAMPED);
    this.sink.varint(classId);
    this.sink.varint(fields.length);
    this.#push(value as Record<string, unknown>, names, names.length, false, EXTRA_PENDING);
    this.#push(fields as unknown as Record<number, unknown>, undefined, fields.length);
  }

  #push(
    items: Readonly<Record<string | number, unknown>>,
    names: readonly string[] | undefined,
    count: number,
    isArray = false,
    at = 0,
  ): void {
    if (count > 0 || at === EXTRA_PENDING) this.#stack.push({ items, names, count, at, isArray });
  }

  #array(value: readonly unknown[], prototype: object | null): void {
    const keys = Object.keys(value);
    const length = value.length;
    const isDense = keys.length === length && (length === 0 || keys[length - 1] === String(length - 1));
    const indices = isDense ? keys : keys.filter(isIndex);
    this.#extra(value, prototype, Array.prototype, isDense ? [] : keys.filter((key) => !isIndex(key)));
    if (indices.length * 2 + 64 < length) return this.#sparseArray(value, indices);
    this.sink.byte(TAG.ARRAY);
    this.sink.varint(length);
    this.#push(value as unknown as Record<number, unknown>, undefined, length, true);
  }

  #sparseArray(value: readonly unknown[], indices: readonly string[]): void {
    this.sink.byte(TAG.SPARSE_ARRAY);
    this.sink.varint(value.length);
    this.sink.varint(indices.length);
    this.#push(value as unknown as Record<string, unknown>, indices, indices.length);
  }

  /** Writes EXTRA before a built-in's own encoding when its class or its properties are more than the built-in's. */
  #extra(value: object, prototype: object | null, expected: object, names: readonly string[]): void {
    refuseSymbols(value);
    const isSubclass = prototype !== expected && prototype !== null && !isForeignBuiltin(prototype, expected);
    if (!isSubclass && names.length === 0) return;
    this.sink.byte(TAG.EXTRA);
    this.sink.varint(isSubclass ? subclassIdOf(prototype, this.#classes) + 1 : 0);
    this.#push(value as Record<string, unknown>, names, names.length, false, EXTRA_PENDING);
  }

  /** Built-in classes with an encoding of their own. False: `value` is none of these. */
  #builtin(value: object, prototype: object): boolean {
    if (value instanceof Date) this.#date(value, prototype);
    else if (ArrayBuffer.isView(value)) this.#view(value, prototype);
    else if (value instanceof Map) this.#map(value, prototype);
    else if (value instanceof Set) this.#set(value, prototype);
    else if (value instanceof Error) this.#error(value, prototype);
    else if (value instanceof RegExp) this.#regExp(value, prototype);
    else if (value instanceof ArrayBuffer) this.#arrayBuffer(value, prototype);
    else if (value instanceof Number || value instanceof String || value instanceof Boolean || value instanceof BigInt)
      this.#boxed(value, prototype);
    else if (value instanceof URL) this.#url(value, prototype);
    else return false;
    return true;
  }

  #date(value: Date, prototype: object): void {
    this.#extra(value, prototype, Date.prototype, Object.keys(value));
    this.sink.byte(TAG.DATE);
    this.sink.double(Date.prototype.getTime.call(value));
  }

  #view(value: ArrayBufferView, prototype: object): void {
    const isBuffer = value instanceof Buffer;
    const index = VIEW_CLASSES.findIndex((one) => value instanceof one);
    const expected = isBuffer ? Buffer.prototype : (VIEW_CLASSES[index]?.prototype as object);
    const isBare = prototype === expected && index !== VIEW_CLASSES.length - 1;
    if (!isBare) this.#extra(value, prototype, expected, ownNamesBesideElements(value));
    else refuseSymbols(value);
    this.sink.byte(TAG.VIEW);
    this.sink.byte(isBuffer ? VIEW_BUFFER : index);
    this.sink.varint(value.byteLength);
    this.sink.raw(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }

  #arrayBuffer(value: ArrayBuffer, prototype: object): void {
    this.#extra(value, prototype, ArrayBuffer.prototype, Object.keys(value));
    this.sink.byte(TAG.ARRAY_BUFFER);
    this.sink.varint(value.byteLength);
    this.sink.raw(new Uint8Array(value));
  }

  #map(value: ReadonlyMap<unknown, unknown>, prototype: object): void {
    this.#extra(value, prototype, Map.prototype, Object.keys(value));
    const flat: unknown[] = [];
    Map.prototype.forEach.call(value, (item, key) => {
      flat.push(key, item);
    });
    this.sink.byte(TAG.MAP);
    this.sink.varint(flat.length / 2);
    this.#push(flat as unknown as Record<number, unknown>, undefined, flat.length);
  }

  #set(value: ReadonlySet<unknown>, prototype: object): void {
    this.#extra(value, prototype, Set.prototype, Object.keys(value));
    const items: unknown[] = [];
    Set.prototype.forEach.call(value, (item) => {
      items.push(item);
    });
    this.sink.byte(TAG.SET);
    this.sink.varint(items.length);
    this.#push(items as unknown as Record<number, unknown>, undefined, items.length);
  }

  #error(value: Error, prototype: object): void {
    const names = Object.getOwnPropertyNames(value).filter((name) => !ERROR_OWN.has(name));
    const index = ERROR_CLASSES.findLastIndex((one) => value instanceof one);
    this.#extra(value, prototype, (ERROR_CLASSES[index] as ErrorConstructor).prototype, names);
    this.sink.byte(TAG.ERROR);
    this.sink.byte(index);
    this.#write(Object.hasOwn(value, "message") ? String(value.message) : undefined);
    this.#write(typeof value.stack === "string" ? value.stack : undefined);
  }

  #regExp(value: RegExp, prototype: object): void {
    this.#extra(value, prototype, RegExp.prototype, Object.keys(value));
    this.sink.byte(TAG.REGEXP);
    this.#name(value.source);
    this.#name(value.flags);
    this.sink.varint(Math.max(0, Math.trunc(value.lastIndex)) || 0);
  }

  #boxed(value: object, prototype: object): void {
    const primitive = unbox(value);
    const expected = (Object(primitive) as object).constructor.prototype as object;
    const names = Object.keys(value).filter((name) => typeof primitive !== "string" || !isIndex(name));
    this.#extra(value, prototype, expected, names);
    this.sink.byte(TAG.BOXED);
    this.#write(primitive);
  }

  #url(value: URL, prototype: object): void {
    if (prototype !== URL.prototype) throw notTransferable("an instance of a subclass of URL");
    this.sink.byte(TAG.URL);
    this.#name(value.href);
  }

  /** Adds to a refusal where in the row the thing stood. */
  #withPath(error: unknown): unknown {
    if (!VolleyError.is(error, "ROW_NOT_TRANSFERABLE")) return error;
    const path = this.#stack
      .map(({ names, at }) => (names === undefined ? `[${at - 1}]` : `.${names[at - 1] ?? "?"}`))
      .join("");
    if (path === "") return error;
    return new VolleyError("ROW_NOT_TRANSFERABLE", `${error.message} (at row${shorten(path)})`, {
      details: { ...error.details, path: shorten(path) },
    });
  }
}

function shorten(path: string): string {
  return path.length <= 200 ? path : `${path.slice(0, 100)}…${path.slice(-100)}`;
}

function describeFunction(value: Function): string {
  return value.name === "" ? "a function" : `the function ${value.name.slice(0, 60)}`;
}

function refuseSymbols(value: object): void {
  const symbols = Object.getOwnPropertySymbols(value);
  if (symbols.some((symbol) => Object.prototype.propertyIsEnumerable.call(value, symbol)))
    throw notTransferable("an object with symbol properties");
}

/** Is `key` an array's index in canonical form? */
function isIndex(key: string): boolean {
  const index = Number(key) >>> 0;
  return String(index) === key && index !== 4294967295;
}

function ownNamesBesideElements(value: ArrayBufferView): string[] {
  return Object.keys(value).filter((name) => !isIndex(name));
}

/** The same built-in of another realm. */
function isForeignBuiltin(prototype: object, expected: object): boolean {
  const constructor = prototype.constructor as Function | undefined;
  const name = (expected as { constructor: Function }).constructor.name;
  return (
    typeof constructor === "function" &&
    constructor.name === name &&
    /\[native code\]/.test(Function.prototype.toString.call(constructor))
  );
}

function unbox(value: object): unknown {
  if (value instanceof Number) return Number.prototype.valueOf.call(value);
  if (value instanceof String) return String.prototype.valueOf.call(value);
  if (value instanceof Boolean) return Boolean.prototype.valueOf.call(value);
  return BigInt.prototype.valueOf.call(value as never);
}
