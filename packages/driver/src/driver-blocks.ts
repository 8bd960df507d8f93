import { type BlockId, blockName } from "@volley/engine/task/block-id.js";

/**
 * Blocks whose home is the driver: slices given to parallelize, broadcasts, definitions of classes. A block given as a function is
 * encoded each time an executor asks (an executor keeps what it got): its rows are there already, in the user's array.
 */
export class DriverBlocks {
  readonly #blocks = new Map<string, Uint8Array | (() => Uint8Array)>();

  put(id: BlockId, bytes: Uint8Array | (() => Uint8Array)): void {
    this.#blocks.set(blockName(id), bytes);
  }

  get(id: BlockId): Uint8Array | undefined {
    const found = this.#blocks.get(blockName(id));
    return typeof found === "function" ? found() : found;
  }

  delete(id: BlockId): void {
    this.#blocks.delete(blockName(id));
  }

  clear(): void {
    this.#blocks.clear();
  }

  get size(): number {
    return this.#blocks.size;
  }
}
