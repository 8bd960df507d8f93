/** Where a cached partition may live. Names and meaning: Spark's StorageLevel; blocks are always serialized (Arrow bytes). */
export interface StorageLevel {
  /** As it is called in `StorageLevel`. */
  readonly name: string;
  /** Kept in shared memory. */
  readonly useMemory: boolean;
  /** Kept in files, or moved there when memory is short. */
  readonly useDisk: boolean;
  /** Copies on different executors. */
  readonly replication: number;
}

const level = (name: string, useMemory: boolean, useDisk: boolean, replication: number): StorageLevel =>
  Object.freeze({ name, useMemory, useDisk, replication });

export const StorageLevel = Object.freeze({
  NONE: level("NONE", false, false, 1),
  MEMORY_ONLY: level("MEMORY_ONLY", true, false, 1),
  MEMORY_ONLY_2: level("MEMORY_ONLY_2", true, false, 2),
  MEMORY_AND_DISK: level("MEMORY_AND_DISK", true, true, 1),
  MEMORY_AND_DISK_2: level("MEMORY_AND_DISK_2", true, true, 2),
  DISK_ONLY: level("DISK_ONLY", false, true, 1),
  DISK_ONLY_2: level("DISK_ONLY_2", false, true, 2),
});
