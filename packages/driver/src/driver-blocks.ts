import { type BlockId, blockName } from "@volley/engine/task/block-id.js";

type Content = Uint8Array | (() => Uint8Array);

/**
 * Blocks whose home is the driver: slices given to parallelize, broadcasts, definitions of classes. A block given as a function is
 * encoded each time an executor asks (an executor keeps what it got): its rows are there already, in the user's array.
 */
export class DriverBlocks {
  readonly #blocks = new Map<string, Content>();
  /** Slices by RDD: there may be many, and they go together. */
  readonly #sources = new Map<number, Map<number, Content>>();

  put(id: BlockId, content: Content): void {
    if (id.kind !== "source") {
      this.#blocks.set(blockName(id), content);
      return;
    }
    let slices = this.#sources.get(id.rddId);
    if (slices === undefined) {
      slices = new Map();
      this.#sources.set(id.rddId, slices);
    }
    slices.set(id.partition, content);
  }

  get(id: BlockId): Uint8Array | undefined {
    const found =
      id.kind === "source" ? this.#sources.get(id.rddId)?.get(id.partition) : this.#blocks.get(blockName(id));
    return typeof found === "function" ? found() : found;
  }

  delete(id: BlockId): void {
    if (id.kind === "source") this.#sources.get(id.rddId)?.delete(id.partition);
    else this.#blocks.delete(blockName(id));
  }

  deleteSource(rddId: number): boolean {
    return this.#sources.delete(rddId);
  }

  clear(): void {
    this.#blocks.clear();
    this.#sources.clear();
  }
}
