/**
 * A digest of a set of keys, whatever their order: what can be said of a map output whose table of keys has spilled. When it spills depends on the
 * memory that others leave, and so do the order of its keys and the way their values were put together; the keys do not.
 */

/** Of the second sum, what fits into a safe integer beside the first. */
const LOW_BITS = 21;

export class KeyDigest {
  #first = 0;
  #second = 0;
  /** Keys that were added. */
  count = 0;

  /** A key by its hash; each key once. */
  add(hash: number): void {
    // Zero must count too.
    const salted = (hash + 0x9e3779b9) | 0;
    let mixed = Math.imul(salted ^ (salted >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    this.#first = (this.#first + mixed) | 0;
    this.#second = (this.#second + Math.imul(mixed ^ (mixed >>> 16), 0x9e3779b1)) | 0;
    this.count++;
  }

  /** A safe integer. Two sets of keys that differ have the same once in 2^53. */
  get value(): number {
    return (this.#first >>> 0) * 2 ** LOW_BITS + (this.#second >>> (32 - LOW_BITS));
  }
}
