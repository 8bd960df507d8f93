/** What RDD handles ask of their context. The driver's context is one; tests have small ones. Everything a handle does goes through here. */

import type { Sink } from "../operators/operator.js";
import type { StorageLevel } from "../task/storage-level.js";
import type { CallSite } from "./call-site.js";
import type { NodeFactory, RddNode } from "./node.js";

/** What every action takes last. */
export interface ActionOptions {
  /** Aborting it cancels the job on the executors; the action rejects with CANCELLED. */
  readonly signal?: AbortSignal | undefined;
}

export interface JobRequest {
  readonly node: RddNode;
  readonly sink: Sink;
  /** Undefined: all. A function gets the number of partitions, which may be known only when the job starts. */
  readonly partitions?: readonly number[] | ((numPartitions: number) => readonly number[]) | undefined;
  /** The action's call site. */
  readonly site: CallSite;
  readonly options?: ActionOptions | undefined;
  /**
   * Jobs of one action (take's rounds, an iterator's partitions) name one object here: captured variables are read when the first of
   * them is submitted, and the later ones use the same.
   */
  readonly action?: object | undefined;
  /** What must be there before the job does anything (an output folder); captured variables are read at once all the same. */
  readonly after?: Promise<unknown> | undefined;
}

/** What a user may set on an RDD after it was made. Lives in the context, beside the frozen node. */
export interface RddSettings {
  name: string | undefined;
  storageLevel: StorageLevel;
  /** Asked for by checkpoint() or localCheckpoint(), not yet done. */
  checkpointWanted: "no" | "reliable" | "local";
  /** The node that reads the checkpoint, once written, and the folder it lies in. */
  checkpointed: { readonly node: RddNode; readonly path: string | undefined } | undefined;
}

export interface RddContext {
  readonly defaultParallelism: number;
  /** Spark's min(defaultParallelism, 2). */
  readonly defaultMinPartitions: number;
  /** A factory whose nodes all carry this call site: a public method takes the site once, whatever it is made of. */
  makeAt(site: CallSite): NodeFactory;
  settingsOf(node: RddNode): RddSettings;
  /** The number of partitions where that is known without looking at files or rows. */
  knownPartitions(node: RddNode): number | undefined;
  /** A copy of a value as if it had travelled to an executor and back: what a zero value is cloned by. */
  cloneValue<T>(value: T): T;
  /** Calls back after some milliseconds; returns what cancels that. */
  after(milliseconds: number, call: () => void): () => void;
  /** A seed for a sample whose caller gave none. */
  nextSeed(): number;
  /** Runs a job; resolves with the decoded rows of each partition's result, in the order of the partitions asked for. */
  runJob(request: JobRequest): Promise<readonly (readonly unknown[])[]>;
  /** The same, each partition handed over as soon as it is there, in order of arrival. */
  runJobEach(request: JobRequest, onResult: (partition: number, rows: readonly unknown[]) => void): Promise<void>;
  /** The bytes of each partition's result block, undecoded (toArrow). */
  runJobBlocks(request: JobRequest): Promise<readonly Uint8Array[]>;
  /** Finds out what planning needs (files, ranges) and gives the number of partitions. */
  numPartitions(node: RddNode, options?: ActionOptions): Promise<number>;
  /** Hosts or executors where a partition would best be computed. */
  preferredLocations(node: RddNode, partition: number): Promise<readonly string[]>;
  /** Removes cached blocks of an RDD everywhere; resolves when they are gone. */
  unpersist(node: RddNode): Promise<void>;
  /** Called when a level is set, so that getPersistentRDDs lists it. */
  persisted(node: RddNode, rdd: object): void;
  toDebugString(node: RddNode): Promise<string>;
  explain(node: RddNode): Promise<string>;
  /** Said when `checkpointWanted` was set, so that the next job over this node looks for it. `cleared`: when what was kept of it before is gone. */
  checkpointAsked(node: RddNode, cleared?: Promise<void>): void;
  /** Folder for reliable checkpoints; undefined when unset. */
  readonly checkpointDir: string | undefined;
  /** Runs `sink`-made output tasks and commits their files as `path` by the two-step protocol; rejects with OUTPUT_EXISTS before any task runs. */
  saveOutput(request: SaveRequest): Promise<void>;
  /** Rejects or throws CONTEXT_STOPPED. */
  assertRunning(): void;
}

export interface SaveRequest {
  readonly node: RddNode;
  readonly path: string;
  /** Makes the sink for the folder that tasks write to; each task's result is one row `[file name, bytes, crc32, rows]`, the file as `attemptOutputName` has it. */
  readonly sink: (folder: string) => Sink;
  readonly site: CallSite;
  readonly options?: ActionOptions | undefined;
}
