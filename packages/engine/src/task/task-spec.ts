/**
 * A task as data: which program, over which inputs. It is what the driver plans and a slot runs; it holds no rows and no code.
 */

import type { BlockId } from "./block-id.js";
import type { FileSplit } from "./task-io.js";

/**
 * What a leaf of a pipeline reads for one task. A task's inputs are one flat table; entries name each other by index into it, so that
 * deeply nested pipelines are no deep JSON, and an entry that is used twice stands once.
 */
export type TaskInput =
  /** Nothing but the partition's number (range, shuffle reads, ...). */
  | { readonly kind: "partition"; readonly partition: number }
  | { readonly kind: "block"; readonly block: BlockId }
  | { readonly kind: "splits"; readonly splits: readonly FileSplit[] }
  /** A pipeline of the same stage run as a source of rows: what lies before a cut, a cached partition, a side of a zip. */
  | {
      readonly kind: "pipeline";
      readonly pipeline: number;
      readonly partition: number;
      readonly inputs: readonly number[];
    }
  /** A reduce partition of a shuffle. */
  | { readonly kind: "shuffle"; readonly shuffleId: number; readonly partition: number }
  /** A persisted partition: the block if somebody has it, otherwise the pipeline of entry `compute`, whose rows are then kept at `level`. */
  | { readonly kind: "cached"; readonly block: BlockId; readonly level: string; readonly compute: number }
  /** Entries one after the other (coalesce). */
  | { readonly kind: "list"; readonly items: readonly number[] };

export interface PipelineSpec {
  /** Key of the source text in `StageSpec.sources`. */
  readonly source: number;
  /** Indices into the stage's `bindings`: what the source's `b[0]`, `b[1]`, ... are. */
  readonly bindings: readonly number[];
  /** Number of this pipeline's first site among the stage's. */
  readonly firstSite: number;
}

/**
 * A stage as an executor needs it. Its bindings (user functions, constants) travel beside it in closure envelopes: one for all
 * functions of a job, captured when the action was called, others for values found later (range bounds).
 */
export interface StageSpec {
  /** Unique in the application; a stage that is run again under other bindings has another key. */
  readonly stageKey: number;
  readonly sources: readonly string[];
  readonly pipelines: readonly PipelineSpec[];
  /** [envelopeId, index of the root in that envelope]. */
  readonly bindings: readonly (readonly [number, number])[];
  /** Set on map stages. */
  readonly shuffleId?: number | undefined;
}

export interface TaskSpec {
  readonly taskId: number;
  readonly jobId: number;
  readonly stageId: number;
  readonly stageKey: number;
  readonly partition: number;
  readonly attempt: number;
  /** The pipeline that makes the task's result. */
  readonly pipeline: number;
  /** Entries of `inputs` that are its own. */
  readonly roots: readonly number[];
  readonly inputs: readonly TaskInput[];
  /** Seeds Math.random: the same for every attempt. */
  readonly seed: number;
}
