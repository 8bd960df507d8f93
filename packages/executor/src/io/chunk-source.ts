/** The main thread's end of a stream that a slot reads. */
export interface ChunkSource {
  /** Resolves when there is something: chunks, the end, or both. Rejects with the error to be thrown in the slot. */
  next(): Promise<{ readonly chunks: readonly Uint8Array[]; readonly done: boolean }>;
  /** Stops whatever fills it. Safe to call twice. */
  close(): void;
}
