/** Small steps of filling what was made. */

import { assert } from "../lib/assert.js";
import { CLOSED } from "./envelope-format.js";
import type { ReviveHost } from "./types.js";

/** The language's own, whatever a subclass overrides: elements are set as they were, no user code runs. */
export function setEntry(this: Map<unknown, unknown> | WeakMap<WeakKey, unknown>, key: unknown, value: unknown): void {
  if (this instanceof WeakMap) WeakMap.prototype.set.call(this, key as WeakKey, value);
  else Map.prototype.set.call(this, key, value);
}

export function addElement(this: Set<unknown> | WeakSet<WeakKey>, value: unknown): void {
  if (this instanceof WeakSet) WeakSet.prototype.add.call(this, value as WeakKey);
  else Set.prototype.add.call(this, value);
}

export function close(value: unknown, closed: number): void {
  if (closed === CLOSED.notExtensible) Object.preventExtensions(value);
  else if (closed === CLOSED.sealed) Object.seal(value);
  else if (closed === CLOSED.frozen) Object.freeze(value);
}

export function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

export function memberOf(value: unknown, step: string, specifier: string): unknown {
  const object = value as Record<string, unknown>;
  // A CommonJS module seen by `import` has its exports under `default`; `require` gives them as they are.
  if (step === "default" && (typeof object !== "object" || !("default" in object))) return object;
  assert(object !== undefined && object !== null, `${specifier} has an export ${step}`);
  return object[step];
}

/** A file's `import.meta`, made for code of that file. */
export function importMeta([url = "", filename = "", dirname = ""]: readonly string[], host: ReviveHost): object {
  const resolve = host.resolveFrom(filename || url);
  return Object.assign(Object.create(null) as object, { url, filename, dirname, resolve });
}
