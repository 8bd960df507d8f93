/**
 * From short strings to slot numbers. A string of up to 12 characters below U+0100 lies in the table itself, a byte a character, so that a
 * look-up touches one cache line: no stored string is followed to be compared. What does not fit is for StringTable.
 */
const BITS_MIN = 6;
/** Words of a place: three of characters, and slot + 1 (0: free). */
const PLACE_WORDS = 4;
export const SHORT_LENGTH_MAX = 12;
const LOAD_MAX = 0.6;
export const ABSENT = -2;

export class ShortStringTable {
  #places = new Int32Array(PLACE_WORDS << BITS_MIN);
  #shift = 32 - BITS_MIN;
  #size = 0;

  /** The slot of a key, `newSlot` for a key not seen before (which ABSENT leaves out), or -1 for a string that cannot stand here. */
  slotOf(key: string, newSlot: number): number {
    const length = key.length;
    if (length > SHORT_LENGTH_MAX) return -1;
    let first = 0;
    let second = 0;
    let third = 0;
    let beyond = 0;
    for (let i = 0; i < length; i++) {
      const code = key.charCodeAt(i);
      // Zero is what fills a shorter string up.
      beyond |= (code - 1) & ~0xff;
      if (i < 4) first |= code << (i << 3);
      else if (i < 8) second |= code << ((i - 4) << 3);
      else third |= code << ((i - 8) << 3);
    }
    if (beyond !== 0) return -1;
    const places = this.#places;
    const mask = places.length - 1;
    let at = (hashOf(first, second, third) >>> this.#shift) << 2;
    for (let slot = places[at + 3] as number; slot !== 0; slot = places[at + 3] as number) {
      if (places[at] === first && places[at + 1] === second && places[at + 2] === third) return slot - 1;
      at = (at + PLACE_WORDS) & mask;
    }
    if (newSlot === ABSENT) return ABSENT;
    places[at] = first;
    places[at + 1] = second;
    places[at + 2] = third;
    places[at + 3] = newSlot + 1;
    if (++this.#size * PLACE_WORDS > places.length * LOAD_MAX) this.#grow();
    return newSlot;
  }

  #grow(): void {
    const old = this.#places;
    const places = new Int32Array(old.length * 2);
    const mask = places.length - 1;
    this.#shift--;
    for (let from = 0; from < old.length; from += PLACE_WORDS) {
      if (old[from + 3] === 0) continue;
      let at = (hashOf(old[from] as number, old[from + 1] as number, old[from + 2] as number) >>> this.#shift) << 2;
      while (places[at + 3] !== 0) at = (at + PLACE_WORDS) & mask;
      for (let word = 0; word < PLACE_WORDS; word++) places[at + word] = old[from + word] as number;
    }
    this.#places = places;
  }
}

/** Of use in this table only: high bits count, and all characters reach them (murmur3's last steps). */
function hashOf(first: number, second: number, third: number): number {
  let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca77) ^ Math.imul(third, 0xc2b2ae3d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 13), 0x297a2d39);
  return hash ^ (hash >>> 16);
}
