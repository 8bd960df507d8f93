/** Slots for keys by value, in the order in which keys are first seen. */

import { canonicalKey } from "../lib/canonical-key.js";

export class KeyIndex {
  readonly #canonicalToSlot = new Map<unknown, number>();
  readonly #keys: unknown[] = [];

  get size(): number {
    return this.#keys.length;
  }

  slotOf(key: unknown): number {
    const canonical = canonicalKey(key);
    let slot = this.#canonicalToSlot.get(canonical);
    if (slot === undefined) {
      slot = this.#keys.push(key) - 1;
      this.#canonicalToSlot.set(canonical, slot);
    }
    return slot;
  }

  keyAt(slot: number): unknown {
    return this.#keys[slot];
  }
}
