/**
 * How many different values there are, estimated from registers of fixed size: HyperLogLog (Flajolet and others, 2007) with linear counting for
 * few values, over the engine's 32-bit hash of keys. Registers are plain bytes, so that they travel as rows.
 */

import { hashKey } from "./hash.js";

/** 2^18 registers: a quarter of a MiB, an error of 0.2 %. */
const PRECISION_MAX = 18;
const PRECISION_MIN = 4;
/** Values of the hash. */
const HASHES = 2 ** 32;

/** Registers for a relative standard deviation of about `relativeSD`, Spark's rule: 2^p with p = ceil(2 log2(1.054 / relativeSD)). */
export function newRegisters(relativeSD: number): Uint8Array {
  const precision = Math.ceil(2 * Math.log2(1.054 / relativeSD));
  return new Uint8Array(2 ** Math.min(PRECISION_MAX, Math.max(PRECISION_MIN, precision)));
}

/** Adds a value, which is compared as keys are. Returns the registers. */
export function addToRegisters(registers: Uint8Array, value: unknown): Uint8Array {
  const hash = remix(hashKey(value));
  const precision = 31 - Math.clz32(registers.length);
  const register = hash >>> (32 - precision);
  // Zeros that lead the rest of the hash, and one more; a rest of nothing but zeros ends at its width.
  const rank = Math.min(Math.clz32(hash << precision), 32 - precision) + 1;
  if (rank > (registers[register] as number)) registers[register] = rank;
  return registers;
}

/** Joins what two sets of registers have seen, into the first. */
export function mergeRegisters(registers: Uint8Array, others: Uint8Array): Uint8Array {
  for (let index = 0; index < registers.length; index++) {
    if ((others[index] as number) > (registers[index] as number)) registers[index] = others[index] as number;
  }
  return registers;
}

/** The estimated number of different values, a whole number. */
export function estimateDistinct(registers: Uint8Array): number {
  const m = registers.length;
  let sum = 0;
  let zeros = 0;
  for (const register of registers) {
    sum += 2 ** -register;
    if (register === 0) zeros++;
  }
  const estimate = (alpha(m) * m * m) / sum;
  if (estimate <= 2.5 * m && zeros > 0) return Math.round(m * Math.log(m / zeros));
  // Many values share hashes once their number nears that of the hashes.
  if (estimate > HASHES / 30)
    return Math.round(-HASHES * Math.log(1 - Math.min(estimate / HASHES, 1 - Number.EPSILON)));
  return Math.round(estimate);
}

function alpha(m: number): number {
  if (m === 16) return 0.673;
  if (m === 32) return 0.697;
  return m === 64 ? 0.709 : 0.7213 / (1 + 1.079 / m);
}

/** Another mixing of the hash: rows of a partition share their hash's remainder, which must not show in the registers. */
function remix(hash: number): number {
  let mixed = (hash + 0x9e3779b9) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
