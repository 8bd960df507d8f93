/** Data made from a seed, for oracle tests: a failure names the seed and is had again by it. */

import { Prng } from "@volley/engine/lib/prng.js";

export type Pair = [string | number, number];

export class RandomData {
  readonly #random: Prng;

  constructor(seed: number) {
    this.#random = new Prng(seed);
  }

  int(below: number): number {
    return this.#random.nextInt(below);
  }

  /** Numbers with repeats, negatives, halves, -0 and NaN among them. */
  numbers(count: number): number[] {
    return Array.from({ length: count }, () => {
      const kind = this.int(12);
      if (kind === 0) return -0;
      if (kind === 1) return Number.NaN;
      return kind < 5 ? this.int(20) - 10 : this.int(2000) / 2 - 500;
    });
  }

  words(count: number): string[] {
    const letters = ["a", "b", "ö", "日", "😀", "", "zz", "a\u0000b"];
    return Array.from({ length: count }, () => (letters[this.int(letters.length)] as string) + this.int(7));
  }

  /** Pairs with few and many rows a key, keys of two types. */
  pairs(count: number): Pair[] {
    return Array.from({ length: count }, () => [this.int(3) === 0 ? `k${this.int(5)}` : this.int(6), this.int(100)]);
  }
}
