/**
 * Functions and classes that later tasks of the thread may have too, instead of a fresh copy. V8 learns about a class by its identity: code
 * that has met the copies of five tasks is compiled for none of them, and makes an object of such a class in 100 ns instead of 2.
 *
 * A copy is fresh for the sake of its state. So only what has none is kept: what captures nothing but primitives and other kept code, and
 * assigns to none of it. A task can give it state all the same (a property, another method), so it is looked at before it is given out again:
 * one that is not as it was made is let go.
 */

import type { Factory } from "./factories.js";

/** Longer captured texts would be held on to by what may never be asked for again. */
const TEXT_LENGTH_MAX = 1000;

interface Kept {
  readonly values: readonly unknown[];
  /** What the factory gave. */
  readonly made: unknown;
  /** The function or class in it. */
  readonly code: Function;
  /** Undefined until `settle`. */
  looks: readonly Look[] | undefined;
}

/** All that can be seen of an object from outside. */
interface Look {
  readonly object: object;
  readonly prototype: object | null;
  readonly keys: readonly PropertyKey[];
  readonly properties: readonly PropertyDescriptor[];
}

const factoryToKept = new WeakMap<Factory, Kept>();
const keptCode = new WeakSet<object>();

/** The kept code that one revival gives out: each once, since two functions of one text are two. */
export class KeptCode {
  readonly #given = new Set<Kept>();
  readonly #unseen: Kept[] = [];

  /** What the factory gave for the same values, unchanged; undefined when it must be called. */
  find(factory: Factory, values: readonly unknown[]): unknown {
    const kept = factoryToKept.get(factory);
    if (kept?.looks === undefined || this.#given.has(kept)) return undefined;
    if (values.length !== kept.values.length || values.some((value, index) => !Object.is(value, kept.values[index])))
      return undefined;
    if (!kept.looks.every(isAsItWas)) {
      factoryToKept.delete(factory);
      keptCode.delete(kept.code);
      return undefined;
    }
    this.#given.add(kept);
    return kept.made;
  }

  /** Says that `code`, in what the factory gave for these values, will have no properties but those of its text and primitives. */
  keep(factory: Factory, values: readonly unknown[], made: unknown, code: Function): void {
    // The one before it may be a sibling's: two functions of one text in the same task.
    if (!values.every(isStateless) || this.#given.has(factoryToKept.get(factory) as Kept)) return;
    const kept: Kept = { values: [...values], made, code, looks: undefined };
    factoryToKept.set(factory, kept);
    keptCode.add(code);
    this.#given.add(kept);
    this.#unseen.push(kept);
  }

  /** Everything has its properties now: this is how kept code must look when it is asked for again. */
  settle(): void {
    for (const kept of this.#unseen) kept.looks = looksOf(kept.code);
    this.#unseen.length = 0;
  }
}

function isStateless(value: unknown): boolean {
  if (typeof value === "string") return value.length <= TEXT_LENGTH_MAX;
  return typeof value === "function" ? keptCode.has(value) : typeof value !== "object" || value === null;
}

/** The code, the prototype of its instances, and the methods of both. */
function looksOf(code: Function): Look[] {
  const looks = [lookOf(code)];
  const seen = new Set<object>([code]);
  for (const { properties } of looks) {
    for (const { value, get, set } of properties) {
      for (const part of [value, get, set] as readonly unknown[]) {
        const isPart = typeof part === "function" || (typeof part === "object" && part !== null);
        if (!isPart || seen.has(part)) continue;
        seen.add(part);
        looks.push(lookOf(part));
      }
    }
  }
  return looks;
}

function lookOf(object: object): Look {
  const keys = Reflect.ownKeys(object);
  return {
    object,
    prototype: Object.getPrototypeOf(object) as object | null,
    keys,
    properties: keys.map((key) => Object.getOwnPropertyDescriptor(object, key) as PropertyDescriptor),
  };
}

function isAsItWas({ object, prototype, keys, properties }: Look): boolean {
  if (Object.getPrototypeOf(object) !== prototype || !Object.isExtensible(object)) return false;
  const present = Reflect.ownKeys(object);
  return (
    present.length === keys.length &&
    present.every(
      (key, index) =>
        key === keys[index] &&
        isSame(Object.getOwnPropertyDescriptor(object, key), properties[index] as PropertyDescriptor),
    )
  );
}

function isSame(a: PropertyDescriptor | undefined, b: PropertyDescriptor): boolean {
  return (
    a !== undefined &&
    Object.is(a.value, b.value) &&
    a.get === b.get &&
    a.set === b.set &&
    a.writable === b.writable &&
    a.enumerable === b.enumerable &&
    a.configurable === b.configurable
  );
}
