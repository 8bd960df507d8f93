/**
 * Seeded random numbers, the same on every machine: xoshiro128** by Blackman and Vigna, seeded through splitmix32.
 * Sampling and placement depend on the sequence, so it must not change.
 */
import { assert } from "./assert.js";
import { hashDouble } from "./hash.js";

/** Above this mean Knuth's product of uniforms takes too long; the draw is split into parts whose sum has the same distribution. */
const POISSON_PART_MAX = 30;

/** One seed (uint32) out of any numbers: seed, partition, row number and the like. The order of the numbers matters. */
export function mixSeed(...parts: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const part of parts) state = splitmix(state ^ hashDouble(part));
  return state >>> 0;
}

function splitmix(state: number): number {
  let mixed = (state + 0x9e3779b9) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return mixed ^ (mixed >>> 15);
}

export class Prng {
  #s0: number;
  #s1: number;
  #s2: number;
  #s3: number;
  #spareGaussian: number | undefined;

  /** `seed`: any number; the same seed gives the same sequence. */
  constructor(seed: number) {
    const start = mixSeed(seed);
    this.#s0 = splitmix(start);
    this.#s1 = splitmix(start + 0x3c6ef372);
    this.#s2 = splitmix(start + 0x78dde6e4);
    this.#s3 = splitmix(start + 0xf1bbcdc8) | 1; // never all zero
  }

  /** A uint32. */
  nextUint32(): number {
    const times5 = Math.imul(this.#s1, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9);
    const shifted = this.#s1 << 9;
    this.#s2 ^= this.#s0;
    this.#s3 ^= this.#s1;
    this.#s1 ^= this.#s2;
    this.#s0 ^= this.#s3;
    this.#s2 ^= shifted;
    this.#s3 = (this.#s3 << 11) | (this.#s3 >>> 21);
    return result >>> 0;
  }

  /** A double in [0, 1) with 53 random bits. */
  nextDouble(): number {
    const high = this.nextUint32() >>> 5;
    const low = this.nextUint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** An integer from 0 to n - 1, each equally likely; 1 <= n <= 2^53. */
  nextInt(n: number): number {
    assert(Number.isSafeInteger(n - 1) && n >= 1, "nextInt takes an integer from 1 to 2^53");
    if (n > 4294967296) return Math.floor(this.nextDouble() * n);
    const unbiased = 4294967296 - (4294967296 % n);
    let drawn = this.nextUint32();
    while (drawn >= unbiased) drawn = this.nextUint32();
    return drawn % n;
  }

  /** A normal variate of mean 0 and variance 1 (Marsaglia's polar method). */
  nextGaussian(): number {
    const spare = this.#spareGaussian;
    if (spare !== undefined) {
      this.#spareGaussian = undefined;
      return spare;
    }
    for (;;) {
      const x = 2 * this.nextDouble() - 1;
      const y = 2 * this.nextDouble() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spareGaussian = y * scale;
      return x * scale;
    }
  }

  /** A Poisson variate: how many events of `mean` expected ones happen. Takes time in proportion to `mean`. */
  nextPoisson(mean: number): number {
    assert(mean >= 0 && mean < 1e9, "the mean of a Poisson variate is from 0 to 1e9");
    let events = 0;
    for (let rest = mean; rest > 0; rest -= POISSON_PART_MAX)
      events += this.#poissonPart(Math.min(rest, POISSON_PART_MAX));
    return events;
  }

  #poissonPart(mean: number): number {
    const limit = Math.exp(-mean);
    let product = this.nextDouble();
    let events = 0;
    while (product > limit) {
      product *= this.nextDouble();
      events++;
    }
    return events;
  }
}
