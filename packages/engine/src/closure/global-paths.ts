/**
 * Objects that every JavaScript process has, by name: `Math.sqrt` is `["Math", "sqrt"]`. Both ends agree on the names of roots; what has
 * no name on globalThis (the prototype of generators, the parent of typed arrays) is reached through a literal.
 *
 * A path's first step is a root; further steps are property names. A step `@@iterator` is a well-known symbol, `get x` and `set x` take
 * an accessor's function, and `^` the object's prototype.
 */

import { assert } from "../lib/assert.js";

const INTRINSICS: Readonly<Record<string, () => object>> = {
  "%GeneratorFunction%": () => function* () {}.constructor,
  "%AsyncFunction%": () => (async () => {}).constructor,
  "%AsyncGeneratorFunction%": () => async function* () {}.constructor,
  "%TypedArray%": () => Object.getPrototypeOf(Uint8Array) as object,
  "%IteratorPrototype%": () => Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object,
  "%AsyncIteratorPrototype%": () =>
    Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype)) as object,
  "%ArrayIteratorPrototype%": () => Object.getPrototypeOf([][Symbol.iterator]()) as object,
  "%MapIteratorPrototype%": () => Object.getPrototypeOf(new Map().entries()) as object,
  "%SetIteratorPrototype%": () => Object.getPrototypeOf(new Set().values()) as object,
  "%StringIteratorPrototype%": () => Object.getPrototypeOf(""[Symbol.iterator]()) as object,
  "%RegExpStringIteratorPrototype%": () => Object.getPrototypeOf("".matchAll(/x/g)) as object,
};

export const INTRINSIC_NAMES: readonly string[] = Object.keys(INTRINSICS);

export function intrinsic(name: string): object | undefined {
  return INTRINSICS[name]?.();
}

/** The symbol that `Symbol.<name>` holds, if there is one. */
export function wellKnownSymbol(name: string): symbol | undefined {
  const value = (Symbol as unknown as Record<string, unknown>)[name];
  return typeof value === "symbol" ? value : undefined;
}

/** What stands at a path; throws an assertion for a path that this process does not have. */
export function resolveGlobalPath(path: readonly string[]): unknown {
  const [root, ...steps] = path;
  assert(root !== undefined, "a global path has a root");
  let value: unknown = root.startsWith("%") ? intrinsic(root) : (globalThis as Record<string, unknown>)[root];
  for (const step of steps) value = follow(value, step, path);
  return value;
}

function follow(value: unknown, step: string, path: readonly string[]): unknown {
  assert(value !== undefined && value !== null, `${path.join(".")} exists in this process`);
  if (step === "^") return Object.getPrototypeOf(value);
  if (step.startsWith("get ") || step.startsWith("set ")) {
    const descriptor = Object.getOwnPropertyDescriptor(value, stepKey(step.slice(4)));
    return step.startsWith("get ") ? descriptor?.get : descriptor?.set;
  }
  return (value as Record<PropertyKey, unknown>)[stepKey(step)];
}

function stepKey(step: string): PropertyKey {
  if (!step.startsWith("@@")) return step;
  return wellKnownSymbol(step.slice(2)) ?? step;
}
