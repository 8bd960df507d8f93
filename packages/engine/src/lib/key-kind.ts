/**
 * The kinds of value that may be keys, and the refusal of all others. Hashing, comparing and canonical forms of keys walk composites
 * by recursion: a bound on depth turns cycles and absurd nesting into an error instead of a stack overflow.
 */
import { VolleyError } from "../wire/errors.js";
import { isDate, isPlainObject } from "./plain-object.js";

/** Deeper keys are refused: no real key nests so far, and a cyclic one nests without end. */
export const KEY_DEPTH_MAX = 200;

export type CompositeKind = "date" | "array" | "object";

/** What kind of composite key an object is. Throws UNSUPPORTED_KEY for objects that have no value of their own (instances, Maps, ...). */
export function compositeKind(value: object, depth: number): CompositeKind {
  const kind = hashedKind(value, depth);
  // Asked last: it takes longer than all the rest.
  if (kind === "object" && Object.getOwnPropertySymbols(value).length > 0)
    throw unsupportedKey("an object with symbol properties");
  return kind;
}

/** The same for a part of a key that has been hashed: an object with symbol properties was refused then. */
export function hashedKind(value: object, depth: number): CompositeKind {
  if (depth > KEY_DEPTH_MAX)
    throw new VolleyError("UNSUPPORTED_KEY", `a key nests deeper than ${KEY_DEPTH_MAX} levels, or contains itself`);
  if (Array.isArray(value)) return "array";
  if (isPlainObject(value)) return "object";
  if (isDate(value)) return "date";
  const name: unknown = value.constructor?.name;
  throw unsupportedKey(`an instance of ${typeof name === "string" && name !== "" ? name : "a class without a name"}`);
}

export function unsupportedKey(what: string): VolleyError {
  return new VolleyError(
    "UNSUPPORTED_KEY",
    `${what} cannot be a key: keys are primitives, Dates, and arrays and plain objects of these`,
  );
}

/** The refusal of a primitive or function that is no key. */
export function unsupportedPrimitive(value: unknown): VolleyError {
  return unsupportedKey(`a ${typeof value}`);
}
