/** Volley: a Spark-like dataflow engine for TypeScript. `docs/` says more; everything public is exported here by name. */

export type { VolleyOptions } from "@volley/driver/volley-options.js";
export type { OperatorEmitter } from "@volley/engine/codegen/operator-emitter.js";
export type { RowRef } from "@volley/engine/codegen/row-ref.js";
export { defineOperator } from "@volley/engine/operators/define-operator.js";
export type { Operator } from "@volley/engine/operators/operator.js";
export {
  Accumulator,
  CollectionAccumulator,
  DoubleAccumulator,
  LongAccumulator,
} from "@volley/engine/rdd/accumulator.js";
export { type ApplyOptions, applyOperator } from "@volley/engine/rdd/apply-operator.js";
export type { AsyncOptions } from "@volley/engine/rdd/async.js";
export type { BoundedDouble } from "@volley/engine/rdd/bounds.js";
export { Broadcast } from "@volley/engine/rdd/broadcast.js";
export type { Partitioning } from "@volley/engine/rdd/default-partitioner.js";
export type { Dependency } from "@volley/engine/rdd/dependency.js";
export type { SortOptions } from "@volley/engine/rdd/ordering.js";
export { PartialResult } from "@volley/engine/rdd/partial-result.js";
export { HashPartitioner, Partitioner, RangePartitioner } from "@volley/engine/rdd/partitioner.js";
export type { Partition } from "@volley/engine/rdd/questions.js";
export { RDD } from "@volley/engine/rdd/rdd.js";
export type { RDDBarrier } from "@volley/engine/rdd/rdd-barrier.js";
export type { ActionOptions } from "@volley/engine/rdd/rdd-context.js";
export type { SaveTextOptions } from "@volley/engine/rdd/saving.js";
export { StatCounter } from "@volley/engine/rdd/stat-counter.js";
export { StorageLevel } from "@volley/engine/task/storage-level.js";
export type { ErrorCode, ErrorDetails } from "@volley/engine/wire/errors.js";
export { VolleyError } from "@volley/engine/wire/errors.js";
export { VolleyContext } from "./volley-context.js";
