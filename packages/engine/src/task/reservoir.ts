import type { Prng } from "../lib/prng.js";

/** An even sample of at most `size` items from a stream of unknown length (Vitter's algorithm R). */
export class Reservoir {
  readonly items: unknown[] = [];
  seen = 0;
  readonly #size: number;
  readonly #random: Prng;

  constructor(size: number, random: Prng) {
    this.#size = size;
    this.#random = random;
  }

  add(item: unknown): void {
    this.seen++;
    if (this.items.length < this.#size) {
      this.items.push(item);
      return;
    }
    const place = Math.floor(this.#random.nextDouble() * this.seen);
    if (place < this.#size) this.items[place] = item;
  }
}
