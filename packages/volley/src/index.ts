/** Volley: a Spark-like dataflow engine for TypeScript. `docs/` says more; everything public is exported here by name. */

export { VolleyContext } from "./volley-context.js";
export type { VolleyOptions } from "@volley/driver/options.js";
export { RDD } from "@volley/engine/rdd/rdd.js";
export { Broadcast } from "@volley/engine/rdd/broadcast.js";
export { HashPartitioner, Partitioner, RangePartitioner } from "@volley/engine/rdd/partitioner.js";
export { StorageLevel } from "@volley/engine/task/storage-level.js";
export { VolleyError } from "@volley/engine/wire/errors.js";
export type { ErrorCode, ErrorDetails } from "@volley/engine/wire/errors.js";
