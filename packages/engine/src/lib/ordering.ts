/**
 * The default order of values: total over all keys, and 0 exactly where `keysEqual` holds.
 *
 * Within a type: numbers by size with NaN last, strings by UTF-16 code unit, false before true, bigints by size, Dates by time with invalid
 * ones last, arrays element by element and then by length, plain objects by their sorted entries. Between types by a fixed rank:
 * null, boolean, number, bigint, string, Date, array, object, undefined (and a hole before undefined).
 */
import { compositeKind, unsupportedKey } from "./key-kind.js";

const RANK_NULL = 0;
const RANK_BOOLEAN = 1;
const RANK_NUMBER = 2;
const RANK_BIGINT = 3;
const RANK_STRING = 4;
const RANK_DATE = 5;
const RANK_ARRAY = 6;
const RANK_OBJECT = 7;
const RANK_UNDEFINED = 8;

const COMPOSITE_RANKS = { date: RANK_DATE, array: RANK_ARRAY, object: RANK_OBJECT } as const;

/** Negative when `a` comes first, positive when `b` does, 0 when they are equal. Throws UNSUPPORTED_KEY for what has no order. */
export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return compareNumbers(a, b);
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  return compareAt(a, b, 0);
}

/** Numbers by size, NaN last, -0 equal to 0. */
export function compareNumbers(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return (a !== a ? 1 : 0) - (b !== b ? 1 : 0);
}

function compareAt(a: unknown, b: unknown, depth: number): number {
  const rank = rankOf(a, depth);
  const difference = rank - rankOf(b, depth);
  if (difference !== 0) return difference;
  switch (rank) {
    case RANK_NUMBER:
      return compareNumbers(a as number, b as number);
    case RANK_DATE:
      return compareNumbers((a as Date).getTime(), (b as Date).getTime());
    case RANK_ARRAY:
      return compareArrays(a as readonly unknown[], b as readonly unknown[], depth + 1);
    case RANK_OBJECT:
      return compareObjects(a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>, depth + 1);
    default:
      return (a as string) < (b as string) ? -1 : (a as string) > (b as string) ? 1 : 0; // strings, bigints, booleans, null, undefined
  }
}

function rankOf(value: unknown, depth: number): number {
  switch (typeof value) {
    case "number":
      return RANK_NUMBER;
    case "string":
      return RANK_STRING;
    case "boolean":
      return RANK_BOOLEAN;
    case "bigint":
      return RANK_BIGINT;
    case "undefined":
      return RANK_UNDEFINED;
    case "object":
      return value === null ? RANK_NULL : COMPOSITE_RANKS[compositeKind(value, depth)];
    default:
      throw unsupportedKey(`a ${typeof value}`);
  }
}

function compareArrays(a: readonly unknown[], b: readonly unknown[], depth: number): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const order = compareAt(a[i], b[i], depth);
    if (order !== 0) return order;
    if (a[i] === undefined && i in a !== i in b) return i in a ? 1 : -1;
  }
  return a.length - b.length;
}

function compareObjects(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
  depth: number,
): number {
  const aNames = Object.keys(a).sort();
  const bNames = Object.keys(b).sort();
  const shared = Math.min(aNames.length, bNames.length);
  for (let i = 0; i < shared; i++) {
    const aName = aNames[i] as string;
    const bName = bNames[i] as string;
    if (aName !== bName) return aName < bName ? -1 : 1;
    const order = compareAt(a[aName], b[bName], depth);
    if (order !== 0) return order;
  }
  return aNames.length - bNames.length;
}
