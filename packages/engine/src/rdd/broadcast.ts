/** A value sent to each executor once, in pieces, and read there by `value` (Spark's Broadcast). */

/** What a context does for the broadcasts it made. */
export interface BroadcastControl {
  unpersist(broadcastId: number): Promise<void>;
  destroy(broadcastId: number): Promise<void>;
}

/**
 * A value that each executor gets once, however many functions and tasks read it. Made by `VolleyContext.broadcast`.
 *
 * @example const table = vc.broadcast(new Map(entries)); orders.map((o) => [o.id, table.value.get(o.user)])
 * @see Spark's Broadcast
 */
export class Broadcast<T> {
  /** Unique in its context. */
  readonly id: number;
  readonly #read: () => T;
  readonly #control: BroadcastControl | undefined;

  /** @internal Made by `VolleyContext.broadcast`. */
  constructor(id: number, read: () => T, control?: BroadcastControl) {
    this.id = id;
    this.#read = read;
    this.#control = control;
  }

  /** The value. In a function that runs on executors: the executor's copy, fetched when first read. Not to be written to. */
  get value(): T {
    return this.#read();
  }

  /** Removes the copies on the executors; they are fetched again when next read. */
  async unpersist(): Promise<void> {
    await this.#control?.unpersist(this.id);
  }

  /** Removes it everywhere. Any use from then on is an error with code BROADCAST_DESTROYED. */
  async destroy(): Promise<void> {
    await this.#control?.destroy(this.id);
  }
}
