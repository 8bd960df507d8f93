/**
 * Volley's own functions and classes that user values may refer to or be instances of (partitioners, accumulators, ...). Both ends have
 * them, so they travel by name and never as source. Filled by the files that define them, when these are loaded.
 */

import { assert } from "../lib/assert.js";

const nameToValue = new Map<string, object>();
const valueToName = new WeakMap<object, string>();

/** Makes a function, class or object of Volley known under a name; returns it. */
export function defineKnown<T extends object>(name: string, value: T): T {
  assert(!nameToValue.has(name), `${name} is known once`);
  nameToValue.set(name, value);
  valueToName.set(value, name);
  return value;
}

export function knownName(value: object): string | undefined {
  return valueToName.get(value);
}

export function knownValue(name: string): object {
  const value = nameToValue.get(name);
  assert(value !== undefined, `${name} is known here`);
  return value;
}
