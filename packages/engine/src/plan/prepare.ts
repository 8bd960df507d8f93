/** What an operator's `prepare` may use: the driver's files, and jobs over its parents. */

import type { Sink } from "../operators/operator.js";
import type { RddNode } from "../rdd/node.js";
import type { FileSplit } from "../task/task-io.js";
import type { Facts } from "./facts.js";

export interface ListOptions {
  /** Cut uncompressed files in at least about this many parts in all. 0: do not cut. */
  readonly minPartitions: number;
  /** Whole files, of which small ones may share a partition (wholeTextFiles). Folders inside a folder are left out. */
  readonly combineSmall: boolean;
  /** With combineSmall: count partitions as Spark's binaryFiles does, each file costing this many bytes more (Spark: 4 MiB). */
  readonly openCostBytes?: number | undefined;
  /** Take the bytes as they lie: a name such as x.gz means no codec (binaryFiles, binaryRecords). */
  readonly raw?: boolean | undefined;
}

export interface PrepareTools {
  readonly facts: Facts;
  /** Finds out all about a node (which need not be in the lineage at hand) and gives its number of partitions. */
  prepared(node: RddNode): Promise<number>;
  /** Splits of the files that paths, globs and folders name, grouped by partition, in the order of names. Rejects with FILE_NOT_FOUND. */
  listFiles(paths: readonly string[], options: ListOptions): Promise<readonly (readonly FileSplit[])[]>;
  /** Runs a sink over some partitions (all by default) of a prepared node; the decoded rows of each partition's result. */
  run(node: RddNode, sink: Sink, partitions?: readonly number[]): Promise<readonly (readonly unknown[])[]>;
  /** Registers rows that the driver holds as source blocks of this node, one a partition. */
  putSource(node: RddNode, slices: readonly (readonly unknown[])[]): void;
}
