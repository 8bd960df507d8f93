/** Values of the language's own classes, empty: elements and properties are filled in later. */

import { assert } from "../lib/assert.js";
import type { NodeKind } from "./envelope-format.js";
import { NODE } from "./envelope-format.js";
import type { NodeRecord, Slot } from "./envelope-reader.js";
import { resolveGlobalPath, wellKnownSymbol } from "./global-paths.js";
import { decodePlain } from "./plain-data.js";

type Resolve = (slot: Slot) => unknown;
type Constructor = new (...args: unknown[]) => object;

const MAKERS: Partial<Record<NodeKind, (record: NodeRecord, resolve: Resolve) => unknown>> = {
  [NODE.sparseArray]: ({ numbers }) => {
    const array: unknown[] = [];
    array.length = numbers[0] as number;
    return array;
  },
  [NODE.numbers]: ({ bytes }) => Array.from(new Float64Array((bytes as Uint8Array).slice().buffer)),
  [NODE.plain]: ({ bytes }) => decodePlain(bytes as Uint8Array),
  [NODE.part]: ({ numbers, slots }, resolve) => partOf(resolve(slots[0]), numbers[0] as number),
  [NODE.date]: ({ numbers }) => new Date(numbers[0] as number),
  [NODE.regexp]: ({ texts, slots }) => {
    const pattern = new RegExp(texts[0] as string, texts[1]);
    pattern.lastIndex = slots[0] as number;
    return pattern;
  },
  [NODE.map]: () => new Map(),
  [NODE.set]: () => new Set(),
  [NODE.weakMap]: () => new WeakMap(),
  [NODE.weakSet]: () => new WeakSet(),
  [NODE.error]: ({ texts }) => makeError(texts[0] as string),
  [NODE.boxed]: ({ slots }, resolve) => Object(resolve(slots[0])) as object,
  [NODE.buffer]: makeBuffer,
  [NODE.view]: makeView,
  [NODE.symbol]: ({ slots }) => Symbol(slots[0] as string | undefined),
  [NODE.symbolFor]: ({ texts }) => wellKnownOrShared(texts[0] as string),
  [NODE.weakRef]: ({ slots }, resolve) => new WeakRef(resolve(slots[0]) as WeakKey),
  [NODE.construct]: construct,
};

export function makeBuiltin(record: NodeRecord, resolve: Resolve): unknown {
  const make = MAKERS[record.kind];
  assert(make !== undefined, `kind ${record.kind} is known`);
  return make(record, resolve);
}

function partOf(plain: unknown, index: number): unknown {
  return index < 0 ? plain : (plain as readonly unknown[])[index];
}

/** A real error (with its brand); message, stack and the rest are properties that are filled in. */
function makeError(name: string): object {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error: object =
    name === "AggregateError" ? new AggregateError([]) : new ((globalThis as never)[name] as Constructor)();
  Error.stackTraceLimit = limit;
  for (const key of Reflect.ownKeys(error)) Reflect.deleteProperty(error, key);
  return error;
}

function makeBuffer({ bytes, numbers }: NodeRecord): ArrayBufferLike {
  const source = bytes as Uint8Array;
  const [shared, maxByteLength] = numbers as [number, number];
  const options = maxByteLength >= 0 ? { maxByteLength } : undefined;
  const Maker = (shared === 1 ? SharedArrayBuffer : ArrayBuffer) as new (
    length: number,
    options?: object,
  ) => ArrayBufferLike;
  const buffer = new Maker(source.length, options);
  new Uint8Array(buffer).set(source);
  return buffer;
}

function makeView({ texts, numbers, slots }: NodeRecord, resolve: Resolve): object {
  const name = texts[0] as string;
  const buffer = resolve(slots[0]) as ArrayBuffer;
  const [offset, length] = numbers as [number, number];
  const count = length < 0 ? undefined : length;
  if (name === "Buffer") return Buffer.from(buffer, offset, count);
  return new ((globalThis as never)[name] as Constructor)(buffer, offset, count);
}

function wellKnownOrShared(key: string): symbol {
  if (!key.startsWith("@@")) return Symbol.for(key.slice(1));
  const symbol = wellKnownSymbol(key.slice(2));
  assert(symbol !== undefined, `Symbol.${key.slice(2)} exists in this process`);
  return symbol;
}

function construct({ texts, numbers, slots }: NodeRecord): object {
  const path = texts.slice(0, numbers[0]);
  const keys = texts.slice(numbers[0]);
  const args = slots.slice(0, slots.length - keys.length);
  const options = keys.map((key, index) => [key, slots[args.length + index]] as const);
  const Maker = resolveGlobalPath(path) as Constructor;
  return options.length === 0 ? new Maker(...args) : new Maker(...args, Object.fromEntries(options));
}
