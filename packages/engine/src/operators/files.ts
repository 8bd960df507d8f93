/** Sources that read files other than line by line. All describe what to read; hosts open it. */

import type { OperatorEmitter } from "../codegen/operator-emitter.js";
import { valueRef } from "../codegen/row-ref.js";
import type { ListOptions } from "../plan/prepare.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import type { FileSplit } from "../task/task-io.js";
import { defineOperator } from "./define-operator.js";
import type { EmitNext, SourceOperator } from "./operator.js";

interface FilesParams {
  readonly paths: readonly string[];
  readonly minPartitions: number;
}

/** What a whole file costs beside its bytes when binaryFiles shares files out (Spark's spark.files.openCostInBytes). */
const OPEN_COST_BYTES = 4 * 1024 * 1024;

/** What all of them share: the splits are listed once, a partition is one group of them. */
function filesSource<P extends FilesParams>(
  list: Partial<ListOptions>,
): Omit<SourceOperator<P>, "kind" | "label" | "emit"> {
  return {
    shape: "source",
    countsAtRunTime: true,
    prepare: ({ params }, tools) =>
      tools.listFiles(params.paths, { minPartitions: params.minPartitions, combineSmall: false, ...list }),
    partitions: (node, facts) => facts.prepared<FileSplit[][]>(node).length,
    input: (node, partition, facts) => ({
      kind: "splits",
      splits: facts.prepared<FileSplit[][]>(node)[partition] as FileSplit[],
    }),
  };
}

function eachOf<P>(e: OperatorEmitter<P>, rows: string, next: EmitNext): void {
  const row = e.fresh("row");
  e.loop(`for (const ${row} of ${rows})`, () => next(valueRef(row)));
}

const wholeTextFilesOperator = defineOperator<FilesParams>({
  ...filesSource<FilesParams>({ combineSmall: true }),
  kind: "wholeTextFiles",
  label: "WholeTextFileRDD",
  emit: (e, next) => eachOf(e, `t.wholeTexts(${e.input()})`, next),
});

const binaryFilesOperator = defineOperator<FilesParams>({
  ...filesSource<FilesParams>({ combineSmall: true, openCostBytes: OPEN_COST_BYTES, raw: true }),
  kind: "binaryFiles",
  label: "BinaryFileRDD",
  emit: (e, next) => eachOf(e, `t.wholeFiles(${e.input()})`, next),
});

interface BinaryRecordsParams extends FilesParams {
  readonly recordLength: number;
}

const binaryRecordsOperator = defineOperator<BinaryRecordsParams>({
  ...filesSource<BinaryRecordsParams>({ raw: true }),
  kind: "binaryRecords",
  label: "NewHadoopRDD",
  bindings: ({ recordLength }) => [recordLength],
  emit: (e, next) => eachOf(e, `t.fixedRecords(${e.input()}, ${e.binding(0)})`, next),
});

interface ObjectFileParams extends FilesParams {
  /** Whether rows may be instances of the user's classes: true for checkpoints alone, which the application that reads them has written. */
  readonly keepsClasses: boolean;
}

const objectFileOperator = defineOperator<ObjectFileParams>({
  ...filesSource<ObjectFileParams>({ raw: true, minPartitions: 0 }),
  kind: "objectFile",
  label: "MapPartitionsRDD",
  emit: (e, next) => e.batches(`t.objectBatches(${e.input()}, ${e.params.keepsClasses})`, next),
});

/** `[path, text]` of each file. */
export function wholeTextFiles(make: NodeFactory, params: FilesParams): RddNode {
  return make(wholeTextFilesOperator.kind, [], params);
}

/** `[path, bytes]` of each file. */
export function binaryFiles(make: NodeFactory, params: FilesParams): RddNode {
  return make(binaryFilesOperator.kind, [], params);
}

/** A Uint8Array of `recordLength` bytes for each record; a file is a whole number of them. */
export function binaryRecords(make: NodeFactory, params: BinaryRecordsParams): RddNode {
  return make(binaryRecordsOperator.kind, [], params);
}

/** The rows of files that `saveAsObjectFile` or a checkpoint wrote, a file a partition. */
export function objectFile(make: NodeFactory, paths: readonly string[], keepsClasses = false): RddNode {
  return make(objectFileOperator.kind, [], { paths, minPartitions: 0, keepsClasses });
}
