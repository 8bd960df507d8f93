/**
 * The hash of a key: a uint32 that is the same in every process and version (HASH_VERSION), by value. Placement of rows depends on it,
 * so a change of one bit here must raise HASH_VERSION.
 *
 * Columns compute the same hashes without making JavaScript values: numbers are hashed by value whatever the column's type (`hashInt32`,
 * `hashDouble`), strings as their UTF-16 code units, which for an ASCII column are its bytes (`hashAscii`).
 */
import { compositeKind, unsupportedPrimitive } from "./key-kind.js";

/** Raised whenever a key's hash changes; part of a partitioning's identity. */
export const HASH_VERSION = 1;

const HASH_UNDEFINED = 0x1f83d9ab;
const HASH_NULL = 0x5be0cd19;
const HASH_TRUE = 0x3c6ef372;
const HASH_FALSE = 0xa54ff53a;
/** A hole in an array: neither undefined nor null. */
const HASH_HOLE = 0x510e527f;
const HASH_NAN = 0x7ff80000;

const SEED_DOUBLE = 0x9b05688c;
const SEED_STRING = 0x6a09e667;
const SEED_BIGINT = 0xbb67ae85;
const SEED_DATE = 0x428a2f98;
const SEED_ARRAY = 0x71374491;
const SEED_OBJECT = 0xb5c0fbcf;

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

const scratchDouble = new Float64Array(1);
const scratchWords = new Uint32Array(scratchDouble.buffer);
/** Which word of a double is the low one: hashes do not depend on the machine's byte order. */
const LOW_WORD = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 0 : 1;
const HIGH_WORD = 1 - LOW_WORD;

/** Hash of a key, an integer from 0 to 2^32 - 1. Throws UNSUPPORTED_KEY for what is no key. */
export function hashKey(value: unknown): number {
  if (typeof value === "string") return hashString(value);
  if (typeof value === "number") return (value | 0) === value ? hashInt32(value) : hashDouble(value);
  return hashOther(value, 0) >>> 0;
}

/** Hash of a number that is an int32. */
export function hashInt32(value: number): number {
  return finalize(value) >>> 0;
}

/** Hash of any number. */
export function hashDouble(value: number): number {
  if ((value | 0) === value) return finalize(value) >>> 0;
  if (value !== value) return HASH_NAN;
  scratchDouble[0] = value;
  return (
    finalize(mixWord(mixWord(SEED_DOUBLE, scratchWords[LOW_WORD] as number), scratchWords[HIGH_WORD] as number)) >>> 0
  );
}

/** Hash of a string: murmur3 over its UTF-16 code units, two to a word. */
export function hashString(value: string): number {
  const length = value.length;
  const even = length & ~1;
  let hash = SEED_STRING;
  for (let i = 0; i < even; i += 2) {
    hash = mixWord(hash, value.charCodeAt(i) | (value.charCodeAt(i + 1) << 16));
  }
  if (even < length) hash ^= scramble(value.charCodeAt(even));
  return finalize(hash ^ length) >>> 0;
}

/** `hashString` of the ASCII text in bytes [start, end), without making the string. */
export function hashAscii(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  const even = start + (length & ~1);
  let hash = SEED_STRING;
  for (let i = start; i < even; i += 2) {
    hash = mixWord(hash, (bytes[i] as number) | ((bytes[i + 1] as number) << 16));
  }
  if (even < end) hash ^= scramble(bytes[even] as number);
  return finalize(hash ^ length) >>> 0;
}

function hashOther(value: unknown, depth: number): number {
  switch (typeof value) {
    case "boolean":
      return value ? HASH_TRUE : HASH_FALSE;
    case "undefined":
      return HASH_UNDEFINED;
    case "bigint":
      return hashBigint(value);
    case "object":
      return value === null ? HASH_NULL : hashComposite(value, depth);
    default:
      throw unsupportedPrimitive(value);
  }
}

function hashNested(value: unknown, depth: number): number {
  if (typeof value === "string") return hashString(value);
  if (typeof value === "number") return hashDouble(value);
  return hashOther(value, depth);
}

function hashBigint(value: bigint): number {
  if (value < INT64_MIN || value > INT64_MAX) return finalize(mixWord(SEED_BIGINT, hashString(value.toString(16))));
  const low = Number(BigInt.asUintN(32, value));
  const high = Number(BigInt.asUintN(32, value >> 32n));
  return finalize(mixWord(mixWord(SEED_BIGINT, low), high));
}

function hashComposite(value: object, depth: number): number {
  const kind = compositeKind(value, depth);
  if (kind === "array") return hashArray(value as readonly unknown[], depth + 1);
  if (kind === "object") return hashObject(value as Readonly<Record<string, unknown>>, depth + 1);
  return finalize(mixWord(SEED_DATE, hashDouble((value as Date).getTime())));
}

function hashArray(items: readonly unknown[], depth: number): number {
  let hash = SEED_ARRAY;
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    const isHole = item === undefined && !(i in items);
    hash = mixWord(hash, isHole ? HASH_HOLE : hashNested(item, depth));
  }
  return finalize(hash ^ items.length);
}

/** Entries are added up, so that their order does not matter. */
function hashObject(entries: Readonly<Record<string, unknown>>, depth: number): number {
  const names = Object.keys(entries);
  let sum = 0;
  for (const name of names) {
    sum = (sum + finalize(mixWord(hashString(name), hashNested(entries[name], depth)))) | 0;
  }
  return finalize(mixWord(SEED_OBJECT, sum) ^ names.length);
}

/** murmur3's scrambling of one word. */
function scramble(word: number): number {
  const multiplied = Math.imul(word, 0xcc9e2d51);
  return Math.imul((multiplied << 15) | (multiplied >>> 17), 0x1b873593);
}

/** murmur3's step: takes one word into the hash. */
function mixWord(hash: number, word: number): number {
  const mixed = hash ^ scramble(word);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

/** murmur3's finalizer: every bit of the input reaches every bit of the result. */
function finalize(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
