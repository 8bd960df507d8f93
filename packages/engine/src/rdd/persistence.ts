/** Keeping computed partitions: cache, persist, checkpoints. */

import { StorageLevel } from "../task/storage-level.js";
import { refuse } from "./arguments.js";
import type { RDD } from "./rdd.js";
import { RddBase } from "./rdd-base.js";

function requireLevel(level: unknown): asserts level is StorageLevel {
  const known = Object.values(StorageLevel);
  if (known.includes(level as StorageLevel)) return;
  refuse(`persist takes a StorageLevel: one of ${known.map(({ name }) => `StorageLevel.${name}`).join(", ")}`);
}

/** The level at which what cannot be computed again is kept. */
function withDisk(level: StorageLevel): StorageLevel {
  if (level.useDisk) return level;
  return level.replication > 1 ? StorageLevel.MEMORY_AND_DISK_2 : StorageLevel.MEMORY_AND_DISK;
}

export abstract class Persistence<T> extends RddBase {
  /**
   * Keeps the partitions in the executors' memory once an action has computed them: `persist(StorageLevel.MEMORY_ONLY)`. Returns this RDD.
   *
   * @example const links = lines.map(parse).cache()
   * @see Spark's RDD.cache
   */
  cache(): RDD<T> {
    return this.persist(StorageLevel.MEMORY_ONLY);
  }

  /**
   * Keeps the partitions at a storage level once an action has computed them. Returns this RDD.
   *
   * @example rows.persist(StorageLevel.MEMORY_AND_DISK)
   * @throws STORAGE_LEVEL_SET when another level is set: unpersist first
   * @see Spark's RDD.persist
   */
  persist(level: StorageLevel = StorageLevel.MEMORY_ONLY): RDD<T> {
    requireLevel(level);
    this.context.assertRunning();
    const settings = this.context.settingsOf(this.node);
    const self = this as unknown as RDD<T>;
    if (settings.storageLevel === level) return self;
    if (settings.storageLevel !== StorageLevel.NONE) {
      refuse(
        `the storage level of this RDD is ${settings.storageLevel.name} already; await unpersist() before ${level.name} is set`,
        "STORAGE_LEVEL_SET",
      );
    }
    settings.storageLevel = level;
    if (level !== StorageLevel.NONE) this.context.persisted(this.node, this);
    return self;
  }

  /**
   * Forgets the storage level and removes the kept partitions everywhere; resolves with this RDD when they are gone. A local checkpoint goes with
   * them: the RDD is computed from its parents again.
   *
   * @example await links.unpersist()
   * @see Spark's RDD.unpersist
   */
  async unpersist(): Promise<RDD<T>> {
    const settings = this.context.settingsOf(this.node);
    settings.storageLevel = StorageLevel.NONE;
    if (settings.checkpointWanted === "local") settings.checkpointWanted = "no";
    if (settings.checkpointed?.path === undefined) settings.checkpointed = undefined;
    await this.context.unpersist(this.node);
    return this as unknown as RDD<T>;
  }

  /**
   * The level set by `cache` or `persist`; StorageLevel.NONE otherwise.
   *
   * @example links.getStorageLevel() === StorageLevel.MEMORY_ONLY
   * @see Spark's RDD.getStorageLevel
   */
  getStorageLevel(): StorageLevel {
    return this.context.settingsOf(this.node).storageLevel;
  }

  /**
   * Asks for the rows to be written to the checkpoint folder after the next action on this RDD; from then on its lineage is cut there and it is read
   * from the files. Persist it too, or it is computed twice.
   *
   * @example vc.setCheckpointDir("checkpoints"); ranks.cache().checkpoint(); await ranks.count()
   * @throws CHECKPOINT_DIR_UNSET
   * @see Spark's RDD.checkpoint
   */
  checkpoint(): void {
    this.context.assertRunning();
    if (this.context.checkpointDir === undefined)
      refuse("call setCheckpointDir before checkpoint()", "CHECKPOINT_DIR_UNSET");
    const settings = this.context.settingsOf(this.node);
    if (settings.checkpointed !== undefined) return;
    settings.checkpointWanted = "reliable";
    this.context.checkpointAsked(this.node);
  }

  /**
   * Cuts the lineage at this RDD after the next action, with the rows kept by the executors themselves: faster than `checkpoint`, lost with an
   * executor. Returns this RDD. It is kept on disk where memory is short: a storage level of memory alone becomes one of memory and disk.
   *
   * @example ranks = ranks.localCheckpoint(); await ranks.count()
   * @see Spark's RDD.localCheckpoint
   */
  localCheckpoint(): RDD<T> {
    this.context.assertRunning();
    const settings = this.context.settingsOf(this.node);
    const level = withDisk(settings.storageLevel);
    let cleared: Promise<void> | undefined;
    if (settings.storageLevel !== level) {
      // What is there already was kept so that it may be dropped.
      if (settings.storageLevel !== StorageLevel.NONE) cleared = this.context.unpersist(this.node);
      settings.storageLevel = level;
      this.context.persisted(this.node, this);
    }
    if (settings.checkpointed === undefined) {
      settings.checkpointWanted = "local";
      this.context.checkpointAsked(this.node, cleared);
    }
    return this as unknown as RDD<T>;
  }

  /**
   * Whether a checkpoint has been written.
   *
   * @see Spark's RDD.isCheckpointed
   */
  get isCheckpointed(): boolean {
    return this.context.settingsOf(this.node).checkpointed !== undefined;
  }

  /**
   * The folder of the written checkpoint; undefined before, and for local ones.
   *
   * @example ranks.getCheckpointFile()
   * @see Spark's RDD.getCheckpointFile
   */
  getCheckpointFile(): string | undefined {
    return this.context.settingsOf(this.node).checkpointed?.path;
  }
}
