/**
 * Equality of keys by value, and a primitive that stands for a key in a JavaScript Map.
 *
 * Canonical forms: numbers, bigints, booleans, null, undefined and nearly all strings are their own (a Map's SameValueZero is then equality
 * by value). Composites become strings that begin with U+0000 and a letter; a real string that begins with U+0000 gets `\0s` before it, so
 * that no string collides with a composite.
 */
import { compositeKind, hashedKind, unsupportedPrimitive } from "./key-kind.js";

export type CanonicalKey = string | number | bigint | boolean | null | undefined;

/** A primitive that two keys share (in the sense of a Map) exactly when they are equal by value. Throws UNSUPPORTED_KEY. */
export function canonicalKey(value: unknown): CanonicalKey {
  switch (typeof value) {
    case "string":
      return value.charCodeAt(0) === 0 ? `\0s${value}` : value;
    case "number":
    case "boolean":
    case "bigint":
    case "undefined":
      return value;
    case "object":
      return value === null ? null : `\0${compositeText(value, 0)}`;
    default:
      throw unsupportedPrimitive(value);
  }
}

/** Are two keys the same by value? NaN equals NaN, -0 equals 0, 1 and 1n differ. Throws UNSUPPORTED_KEY for what is no key. */
export function keysEqual(a: unknown, b: unknown): boolean {
  return equalAt(a, b, 0, compositeKind);
}

/** The same for keys that have been hashed, and so are known to be keys. */
export function hashedKeysEqual(a: unknown, b: unknown): boolean {
  return equalAt(a, b, 0, hashedKind);
}

type KindOf = typeof compositeKind;

function equalAt(a: unknown, b: unknown, depth: number, kindOf: KindOf): boolean {
  if (a === b && (typeof a !== "object" || a === null)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a !== a && b !== b;
  const kind = kindOf(a, depth);
  if (kind !== kindOf(b, depth)) return false;
  if (kind === "array") return arraysEqual(a as readonly unknown[], b as readonly unknown[], depth + 1, kindOf);
  if (kind === "date") return Object.is((a as Date).getTime(), (b as Date).getTime());
  return objectsEqual(
    a as Readonly<Record<string, unknown>>,
    b as Readonly<Record<string, unknown>>,
    depth + 1,
    kindOf,
  );
}

function arraysEqual(a: readonly unknown[], b: readonly unknown[], depth: number, kindOf: KindOf): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (!equalAt(a[i], b[i], depth, kindOf)) return false;
    if (a[i] === undefined && i in a !== i in b) return false;
  }
  return true;
}

function objectsEqual(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
  depth: number,
  kindOf: KindOf,
): boolean {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  for (const name of names) {
    if (!Object.hasOwn(b, name) || !equalAt(a[name], b[name], depth, kindOf)) return false;
  }
  return true;
}

/** Text of a composite: each part says its type and where it ends, so different values have different texts. */
function compositeText(value: object, depth: number): string {
  const kind = compositeKind(value, depth);
  if (kind === "date") return `d${(value as Date).getTime()};`;
  if (kind === "array") {
    const items = value as readonly unknown[];
    let text = `a${items.length}:`;
    for (let i = 0; i < items.length; i++)
      text += items[i] === undefined && !(i in items) ? "h" : partText(items[i], depth + 1);
    return text;
  }
  const entries = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(entries).sort();
  let text = `o${names.length}:`;
  for (const name of names) text += `${name.length}:${name}${partText(entries[name], depth + 1)}`;
  return text;
}

function partText(value: unknown, depth: number): string {
  switch (typeof value) {
    case "string":
      return `s${value.length}:${value}`;
    case "number":
      return `n${value};`; // -0 prints as 0
    case "bigint":
      return `i${value};`;
    case "boolean":
      return value ? "t" : "f";
    case "undefined":
      return "u";
    case "object":
      return value === null ? "z" : compositeText(value, depth);
    default:
      throw unsupportedPrimitive(value);
  }
}
