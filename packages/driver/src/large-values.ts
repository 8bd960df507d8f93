/**
 * Large captured values as blocks of their own, named by what they hold: as long as a value does not change from job to job, its bytes
 * are sent to an executor once. Envelopes hold the blocks that they name. A block that no envelope holds stays for a while, since the next
 * job of a loop will capture the same value again.
 */

import { crc32 } from "node:zlib";
import type { Driver } from "./driver.js";

/** Smaller values ride in their envelope: a block costs a request of its own. */
const LARGE_BYTES_MIN = 1 << 20;
/** Bytes of blocks that no envelope holds; the last one stays whatever its size. Half of what a small driver process has to spare. */
const UNUSED_BYTES_MAX = 128 << 20;

interface LargeValue {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly key: string;
  holders: number;
}

export class LargeValues {
  readonly #driver: Pick<Driver, "putBlock" | "removeBroadcast">;
  readonly #nextId: () => number;
  /** By checksum and length; bytes are compared before two are taken for one. */
  readonly #byKey = new Map<string, LargeValue[]>();
  readonly #byId = new Map<number, LargeValue>();
  /** Longest unused first. */
  readonly #unused = new Set<LargeValue>();
  #unusedBytes = 0;

  readonly #unusedBytesMax: number;

  /** `nextId` gives numbers of broadcasts. */
  constructor(
    driver: Pick<Driver, "putBlock" | "removeBroadcast">,
    nextId: () => number,
    unusedBytesMax: number = UNUSED_BYTES_MAX,
  ) {
    this.#driver = driver;
    this.#nextId = nextId;
    this.#unusedBytesMax = unusedBytesMax;
  }

  /** The number of the block with these bytes, held once more; undefined for bytes that are not worth a block. They are copied where they are new. */
  hold(bytes: Uint8Array): number | undefined {
    if (bytes.length < LARGE_BYTES_MIN) return undefined;
    const key = `${crc32(bytes)} ${bytes.length}`;
    const alike = this.#byKey.get(key);
    const value = alike?.find((one) => Buffer.compare(one.bytes, bytes) === 0) ?? this.#add(key, bytes);
    if (value.holders++ === 0 && this.#unused.delete(value)) this.#unusedBytes -= bytes.length;
    return value.id;
  }

  #add(key: string, bytes: Uint8Array): LargeValue {
    const value = { id: this.#nextId(), bytes: bytes.slice(), key, holders: 0 };
    this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), value]);
    this.#byId.set(value.id, value);
    this.#driver.putBlock({ kind: "broadcast", broadcastId: value.id }, value.bytes);
    return value;
  }

  /** As often as `hold` gave the number. */
  release(ids: readonly number[]): void {
    for (const id of ids) {
      const value = this.#byId.get(id);
      if (value === undefined || --value.holders > 0) continue;
      this.#unused.add(value);
      this.#unusedBytes += value.bytes.length;
    }
    for (const value of this.#unused) {
      if (this.#unusedBytes <= this.#unusedBytesMax || this.#unused.size === 1) break;
      this.#remove(value);
    }
  }

  #remove(value: LargeValue): void {
    this.#unused.delete(value);
    this.#unusedBytes -= value.bytes.length;
    this.#byId.delete(value.id);
    const alike = (this.#byKey.get(value.key) ?? []).filter((one) => one !== value);
    if (alike.length > 0) this.#byKey.set(value.key, alike);
    else this.#byKey.delete(value.key);
    void this.#driver.removeBroadcast(value.id, true);
  }
}
