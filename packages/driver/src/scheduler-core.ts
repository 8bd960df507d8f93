import type { CoreEvent, Instruction } from "./core/events.js";

/** Where one accepted map output lies. */
export interface MapOutputLocation {
  readonly mapPartition: number;
  readonly attempt: number;
  readonly executorId: string;
  /** numPartitions + 1 byte offsets into its block. */
  readonly offsets: readonly number[];
}

/** What the shell needs of the core: one step at a time, and questions that change nothing. */
export interface SchedulerCore {
  step(event: CoreEvent): readonly Instruction[];
  /** Accepted outputs only, by map partition. */
  mapOutputs(shuffleId: number): readonly MapOutputLocation[];
  isShuffleComplete(shuffleId: number): boolean;
  /** Was it complete at one time, and not released since? */
  wasShuffleWhole(shuffleId: number): boolean;
  /** Raised whenever an output of the shuffle is lost. */
  shuffleVersion(shuffleId: number): number;
  /** Executors that hold a cached block. */
  blockLocations(name: string): readonly string[];
}
